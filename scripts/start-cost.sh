#!/usr/bin/env bash
# Prints what starting a bench binary costs (bin/gvp-bench, from start to end of
# a line of help, and of its self-description) beside an empty Go program and
# /bin/true: median wall time, peak memory and their ratios to the empty
# program's. Aim: at most 1.5.
# Needs Go; make build. START_RUNS sets the number of runs (default 200).
set -eu
cd "$(dirname "$0")/.."

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

printf 'package main\n\nfunc main() {}\n' >"$tmp/empty.go"
go build -trimpath -o "$tmp/empty-linked" "$tmp/empty.go"
go build -o "$tmp/sidebyside" ./scripts/sidebyside
# What the linker has just written lies in the page cache in small pieces, and is
# mapped piece by piece. Copies are as a file is that was installed, or read.
cp "$tmp/empty-linked" "$tmp/empty"
cp bin/gvp-bench "$tmp/gvp-bench"

"$tmp/sidebyside" -n "${START_RUNS:-200}" \
	/bin/true /bin/true -- \
	'gvp-bench --help' "$tmp/gvp-bench" --help -- \
	'gvp-bench describe' "$tmp/gvp-bench" describe -- \
	'empty Go program' "$tmp/empty"
