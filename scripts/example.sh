#!/usr/bin/env bash
# Measures the example again, results/example, on this machine, and reports on it:
# a run of all workloads, one of tasks of all sizes in every mode, handed out as by
# default and one by one, one for the map of which mode suits which tasks, and the
# primitives beside Python's. Takes half an hour of an otherwise idle machine. Needs
# make build. ROUNDS sets how often the primitives are measured (default 6).
set -eu
cd "$(dirname "$0")/.."

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# measure NAME COMMAND... has gvp measure into a folder of that name.
measure() {
	local name=$1
	shift
	echo "example: $name" >&2
	bin/gvp "$@" --quiet --seed 1 --out "$tmp/out" >/dev/null
	mv "$tmp"/out/* "$tmp/$name"
}

measure example run --workers 1,2,4 --rounds 6
measure granularity granularity
measure one-by-one granularity --chunk 1
measure decision decide
scripts/peers.sh >/dev/null

rm -rf results/example
mv "$tmp/example" results/example
mv "$tmp/granularity" "$tmp/one-by-one" "$tmp/decision" results/example/
cp results/runs/primitives.txt results/example/
scripts/example-report.sh
