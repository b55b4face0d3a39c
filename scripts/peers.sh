#!/usr/bin/env bash
# Measures what each primitive charges: in goroutines, in processes, and in
# Python's multiprocessing if there is python3. The figures go to
# results/runs/primitives.txt, in Go's benchmark format, and are shown side by
# side, with a page in results/runs/primitives. Needs bin/gvp (make build). ROUNDS
# sets how often each is measured (default 6: fewer give no 95 % interval).
set -eu
cd "$(dirname "$0")/.."

rounds=${ROUNDS:-6}
out=results/runs/primitives.txt
mkdir -p results/runs
trap 'rm -f "$out.part"' EXIT

echo "peers: measuring goroutines and processes, $rounds rounds" >&2
go test -run '^$' -bench '^Benchmark(StartJoin|RoundTrip|Throughput|Lock|Turn|Counter|Map|Dispatch|IdleWorker)$' \
	-benchtime 200ms -count "$rounds" ./bench >"$out.part"
if command -v python3 >/dev/null; then
	echo "peers: measuring Python, $rounds rounds" >&2
	python3 scripts/peers/primitives.py "$rounds" >>"$out.part"
else
	echo "peers: without Python, as there is no python3" >&2
fi
mv "$out.part" "$out"
bin/gvp report --out results/runs/primitives --col /by "$out"
echo "peers: the figures are in $out" >&2
