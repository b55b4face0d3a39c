#!/usr/bin/env bash
# Prints what processes charge through multiproc beside what the system itself
# charges (a small C program, if there is a compiler), what goroutines do, and
# what Python's multiprocessing does (if there is python3), with the ratio that
# is aimed at. Needs Go. ROUNDS sets the number of rounds (default 11).
set -eu
cd "$(dirname "$0")/.."

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

args=(-rounds "${ROUNDS:-11}")
if command -v cc >/dev/null; then
	cc -O2 -std=c11 -o "$tmp/peer" scripts/limits/peers/peer.c
	args+=(-c "$tmp/peer")
fi
if command -v python3 >/dev/null; then
	args+=(-python scripts/limits/peers/peer.py)
fi
printf 'package main\n\nfunc main() {}\n' >"$tmp/empty.go"
go build -trimpath -o "$tmp/empty" "$tmp/empty.go"
go build -trimpath -o "$tmp/limits" ./scripts/limits
go build -trimpath -o "$tmp/" ./cmd/...
"$tmp/limits" "${args[@]}" -empty "$tmp/empty" -gvp "$tmp/gvp" "$@"
