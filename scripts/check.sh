#!/usr/bin/env bash
# Judges gvp's own benchmarks by gvp check: scripts/check.sh --base BASE [FLAGS].
# BASE is a revision, or a file of results that was measured on this machine, such
# as results/baseline/samples.txt: then the working tree is measured first, in turn
# with itself. The flags are those of gvp check. Needs make build.
set -eu
cd "$(dirname "$0")/.."

# These compute, in one goroutine and in microseconds, and so have little noise
# of their own. Those in bench/ and of the pools, pipes and starts are left out:
# they time processes, sockets and the scheduler, which differ between two runs by
# more than any margin worth having; gvp run is for them. Of the others, sleep,
# file and mixed wait for timers and the disk, 10^9 primes take seconds and charts
# are many for what they tell.
benchmarks='Unit/=(hash|primes|spin)$|Codec/./=(letter|strings|tree)$|Message$|Null/n=30$'
packages=(./workloads ./runner/multiproc/internal/codec ./runner/multiproc/internal/ring ./report/verdict)

# Samples of 50 ms spread no more than longer ones do, but for a few far out, and
# those the test expects. So all thirty rounds take a minute on two CPUs.
measure() {
	bin/gvp check --bench "$benchmarks" --sample-time 50ms --max-time 3m --out results/runs/checks "$@" "${packages[@]}"
}

if [ "${1-}" != --base ] || [ -z "${2-}" ]; then
	echo "what is to be compared with? Give a revision, or results of this machine: make check BASE=origin/main, make check BASE=results/baseline/samples.txt" >&2
	exit 2
fi
if [ ! -f "$2" ]; then
	measure "$@"
	exit
fi

base=$2
shift 2
for flag; do
	case $flag in
	--rounds* | --sample-time* | --max-time* | --timeout* | --seed* | --out* | --cache* | --layouts* | --no-profile*)
		echo "$flag says how to measure, and $base is measured already" >&2
		exit 2
		;;
	esac
done
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
echo "measuring the working tree, to be compared with $base" >&2
# What it says of HEAD is not asked for here; what it could not measure is.
status=0
measure --base HEAD --no-profile --out "$tmp" --format csv >/dev/null || status=$?
case $status in
0 | 1 | 3) ;;
*) exit "$status" ;;
esac
bin/gvp check --base "$base" --head "$(echo "$tmp"/*/head.txt)" "$@"
