module example.com/mybench

go 1.26.0

require github.com/gvp-bench/gvp v0.0.0

require (
	github.com/HdrHistogram/hdrhistogram-go v1.4.0 // indirect
	github.com/aclements/go-moremath v0.0.0-20210112150236-f10218a38794 // indirect
	github.com/fxamacker/cbor/v2 v2.10.0 // indirect
	github.com/x448/float16 v0.8.4 // indirect
	golang.org/x/perf v0.0.0-20260908200009-22c9c6c9d4da // indirect
)

// Outside gvp's own source tree, leave this line out and name a version above.
replace github.com/gvp-bench/gvp => ../../../..
