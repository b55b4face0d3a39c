#!/usr/bin/env bash
# Prints the speed of SHA-256 over blocks of 64 KiB in the hash workload and in
# openssl, on one thread, each by the wall clock: median MB/s of alternating
# runs, and their ratio. Aim: at least 0.95. Needs Go and openssl. HASH_RUNS sets
# the number of runs of each (default 7), of about a second.
set -euo pipefail
cd "$(dirname "$0")/.."

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

gvp() { # the column before "MB/s"
	"$tmp/workloads.test" -test.run '^$' -test.bench '^BenchmarkHash$' -test.benchtime 1s -test.cpu 1 |
		awk '/^Benchmark/ { for (i = 2; i <= NF; i++) if ($i == "MB/s") print $(i - 1) }'
}

openssl_mb() { # the last line ends in thousands of bytes per second: 1684930.56k
	openssl speed -elapsed -evp sha256 -bytes 65536 -seconds 1 2>/dev/null |
		awk 'tolower($1) == "sha256" { sub(/k$/, "", $NF); print $NF / 1000 }'
}

median() {
	sort -g "$1" | awk '{ v[NR] = $1 } END { if (!NR) { print "nothing was measured" >"/dev/stderr"; exit 1 }; print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

command -v openssl >/dev/null || { echo "$0: openssl is missing: apt-get install openssl" >&2; exit 1; }
go test -c -o "$tmp/workloads.test" ./workloads

for _ in $(seq "${HASH_RUNS:-7}"); do
	gvp >>"$tmp/gvp"
	openssl_mb >>"$tmp/openssl"
done

ours=$(median "$tmp/gvp")
theirs=$(median "$tmp/openssl")
awk -v ours="$ours" -v theirs="$theirs" 'BEGIN {
	printf "gvp hash   %7.1f MB/s\nopenssl    %7.1f MB/s\nratio      %7.3f (aim: at least 0.95)\n", ours, theirs, ours / theirs
}'
