#!/usr/bin/env bash
# Writes the baseline of gvp's own benchmarks, those of check.sh, on this machine:
# scripts/baseline.sh [REVISION], where the revision (default HEAD) is measured in
# turn with HEAD. Into results/baseline go HEAD's samples with the machine that they
# are of, and a line more of the history. Wants a quiet machine. Needs make build.
#
# What the baseline is: samples.txt is good for a comparison on the same machine with
# the same Go alone, and gvp refuses any other. The history holds for whatever
# machines have added to it: trends are told for each by itself. Either is weaker than
# two revisions measured in turn, which is what make check BASE=REVISION does.
set -eu
cd "$(dirname "$0")/.."

dir=results/baseline
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

mkdir -p "$dir"
status=0
scripts/check.sh --base "${1:-HEAD}" --head HEAD --no-profile --out "$tmp" --history "$dir/gvp.history.jsonl" || status=$?
[ "$status" -ne 2 ] && [ "$status" -ne 4 ] || exit "$status"
cp "$tmp"/*/head.txt "$dir/samples.txt"
echo "written: $dir/samples.txt, and a line of $dir/gvp.history.jsonl" >&2
