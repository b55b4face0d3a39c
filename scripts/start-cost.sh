#!/usr/bin/env bash
# Prints what starting a bench binary costs (bin/gvp-bench, from start to end of
# its self-description) beside an empty Go program and /bin/true: median wall
# time, peak memory and their ratios to the empty program's. Aim: at most 1.5.
# Needs Go; make build. START_RUNS sets the number of runs (default 200).
set -eu
cd "$(dirname "$0")/.."

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

printf 'package main\n\nfunc main() {}\n' >"$tmp/empty.go"
go build -trimpath -o "$tmp/empty" "$tmp/empty.go"
go build -o "$tmp/sidebyside" ./scripts/sidebyside

"$tmp/sidebyside" -n "${START_RUNS:-200}" \
	/bin/true /bin/true -- \
	'gvp-bench describe' bin/gvp-bench describe -- \
	'empty Go program' "$tmp/empty"
