#!/usr/bin/env bash
# Prints the time that counting the primes below 1e9 takes in the primes
# workload and in primesieve, on one thread, each by its own clock: median
# seconds of alternating runs, and their ratio. Aim: at most 3. Needs Go;
# primesieve is installed with apt if it is missing. PRIMES_RUNS sets the number
# of runs of each (default 9).
set -euo pipefail
cd "$(dirname "$0")/.."

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

gvp() { # the column before "ns/op"
	"$tmp/workloads.test" -test.run '^$' -test.bench '^BenchmarkPrimes1e9$' -test.benchtime 1x -test.cpu 1 |
		awk '/^Benchmark/ { for (i = 2; i <= NF; i++) if ($i == "ns/op") print $(i - 1) / 1e9 }'
}

primesieve_sec() {
	primesieve 1e9 -t1 --no-status | awk '$1 == "Seconds:" { print $2 }'
}

median() {
	sort -g "$1" | awk '{ v[NR] = $1 } END { if (!NR) { print "nothing was measured" >"/dev/stderr"; exit 1 }; print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

if ! command -v primesieve >/dev/null; then
	root=()
	[ "$(id -u)" -eq 0 ] || root=(sudo)
	"${root[@]}" apt-get -q -y install primesieve >&2
fi
go test -c -o "$tmp/workloads.test" ./workloads

for _ in $(seq "${PRIMES_RUNS:-9}"); do
	gvp >>"$tmp/gvp"
	primesieve_sec >>"$tmp/primesieve"
done

ours=$(median "$tmp/gvp")
theirs=$(median "$tmp/primesieve")
awk -v ours="$ours" -v theirs="$theirs" 'BEGIN {
	printf "gvp primes   %.3f s\nprimesieve   %.3f s\nratio        %.2f (aim: at most 3)\n", ours, theirs, ours / theirs
}'
