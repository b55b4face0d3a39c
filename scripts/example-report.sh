#!/usr/bin/env bash
# Reports on the committed example, results/example, as scripts/example.sh does when
# it has measured it. Needs make build.
set -eu
cd "$(dirname "$0")/.."

example=results/example
bin/gvp report --out $example $example \
	granularity=$example/granularity one-by-one=$example/one-by-one decision=$example/decision primitives=$example/primitives.txt
