package profiles

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/google/pprof/profile"
)

// maxSize is the largest decompressed profile that is read, in bytes. It has room
// for some 100,000 different stacks; a merged profile of gvp's stays under a
// megabyte. Decoding hostile bytes takes up to a hundred times their size in
// memory.
const maxSize = 8 << 20

// errEmpty is the error of a file without a byte.
var errEmpty = errors.New("empty: its process ended before writing it")

// Read reads the CPU profile in the named file, as [Parse] does.
func Read(path string) (*profile.Profile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	// Opening is not enough to know: reading a pipe would wait for ever.
	if info, err := f.Stat(); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file", path)
	}
	p, err := Parse(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// Parse reads a CPU profile as Go programs write it: gzip around
// https://github.com/google/pprof/blob/main/proto/profile.proto, its samples
// counted and in nanoseconds of CPU time. Anything else is an error, and so is a
// profile of more than 8 MiB when decompressed.
func Parse(r io.Reader) (*profile.Profile, error) {
	z, err := gzip.NewReader(r)
	if errors.Is(err, io.EOF) {
		return nil, errEmpty
	}
	if err != nil {
		return nil, fmt.Errorf("not a compressed profile: %w", err)
	}
	var data bytes.Buffer
	n, err := data.ReadFrom(io.LimitReader(z, maxSize+1))
	if err != nil {
		return nil, fmt.Errorf("decompressing the profile: %w", err)
	}
	if n > maxSize {
		return nil, fmt.Errorf("profile larger than %d MiB: take one over a shorter time", maxSize>>20)
	}
	return decode(data.Bytes())
}

// decode parses and checks a decompressed profile.
func decode(data []byte) (p *profile.Profile, err error) {
	defer func() { // the decoder is not ours, nor is what it decodes
		if r := recover(); r != nil {
			p, err = nil, fmt.Errorf("malformed profile: %v", r)
		}
	}()
	if p, err = profile.ParseUncompressed(data); err != nil {
		return nil, fmt.Errorf("malformed profile: %w", err)
	}
	if err := p.CheckValid(); err != nil {
		return nil, fmt.Errorf("malformed profile: %w", err)
	}
	if !isCPU(p) {
		return nil, errors.New("not a CPU profile of a Go program")
	}
	return p, nil
}

// isCPU reports whether p counts what runtime/pprof.StartCPUProfile counts.
func isCPU(p *profile.Profile) bool {
	is := func(v *profile.ValueType, typ, unit string) bool {
		return v != nil && v.Type == typ && v.Unit == unit
	}
	return len(p.SampleType) == 2 && is(p.SampleType[0], "samples", "count") &&
		is(p.SampleType[1], "cpu", "nanoseconds") && is(p.PeriodType, "cpu", "nanoseconds")
}
