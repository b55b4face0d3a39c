#!/bin/sh
# Show that nothing grows: start and join CYCLES children (10000), one after the
# other, then keep a pool busy with all kinds of work, failures included, for
# SECONDS_OF_WORK (300). Prints what the process holds as it goes, and fails if
# it holds more at the end than near the beginning. Linux only.
set -eu
cd "$(dirname "$0")/.."

cycles=${CYCLES:-10000}
seconds=${SECONDS_OF_WORK:-300}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

${GO:-go} test -c -o "$dir/soak" ./runner/multiproc
cd "$dir"
GVP_SOAK_CYCLES=$cycles GVP_SOAK_SECONDS=$seconds ./soak -test.run '^TestSoak' -test.v -test.timeout 0
