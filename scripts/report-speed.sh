#!/usr/bin/env bash
# Prints what `gvp report` on a million sample lines costs beside benchstat on
# the same file: as it is called by default, with tables and findings; with
# nothing but benchstat's tables; and, for what the charts add, with the page.
# It prints median wall time, peak memory and their ratios to benchstat's. Aim
# for the first two: at most 1 each. Needs Go and make build. REPORT_RUNS sets
# the number of runs (default 5), REPORT_LINES that of sample lines.
set -eu
cd "$(dirname "$0")/.."

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/page"

# A run as gvp writes it, only much longer: 6 workloads in 7 modes with 1 to 4
# workers, interleaved, with four metrics in each line.
awk -v lines="${REPORT_LINES:-1000000}" 'BEGIN {
	srand(1)
	split("hash primes spin sleep file mixed", workload)
	split("serial goroutine gomaxprocs1 thread process spawn hybrid", mode)
	print "goos: linux\ngoarch: amd64"
	print "Unit sec/op better=lower\nUnit B/s better=higher"
	print "Unit user-sec/op better=lower\nUnit peak-PSS-B better=lower\n"
	for (i = 0; i < lines; i++) {
		w = i % 6; m = int(i / 6) % 7; n = int(i / 42) % 4
		sec = 1e-4 * (1 + w) / (1 + n * (m != 0)) * (1 + 0.1 * rand())
		printf "BenchmarkWorkload/workload=%s/size=64KiB/mode=%s/workers=%d 2500 %.6g sec/op %.6g B/s %.6g user-sec/op %d peak-PSS-B\n",
			workload[w + 1], mode[m + 1], n + 1, sec, 65536 / sec, sec * 0.9, 4e6 * (1 + 0.01 * rand())
	}
}' >"$tmp/samples.txt"
printf '%s sample lines, %s bytes\n' "$(grep -c ^Benchmark "$tmp/samples.txt")" "$(wc -c <"$tmp/samples.txt")"

go build -trimpath -o "$tmp/benchstat" golang.org/x/perf/cmd/benchstat
go build -o "$tmp/sidebyside" ./scripts/sidebyside

"$tmp/sidebyside" -n "${REPORT_RUNS:-5}" \
	'gvp report' bin/gvp report "$tmp/samples.txt" -- \
	'gvp report, tables' bin/gvp report --all --format csv --col /mode "$tmp/samples.txt" -- \
	'gvp report, page' bin/gvp report --out "$tmp/page" "$tmp/samples.txt" -- \
	benchstat "$tmp/benchstat" -format csv -col /mode "$tmp/samples.txt"
