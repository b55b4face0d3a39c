#!/usr/bin/env bash
# Measures hash, primes and sleep in every mode with two workers, in one run,
# and prints the speedups over serial (ratios of medians) beside their targets:
# on an idle machine with two CPUs, hash and primes reach 1.9 where two workers
# compute at once and 0.95 to 1.05 under GOMAXPROCS=1; sleep reaches 1.9 in
# every mode. Starting is the cost of spawn's units: it has no target where a unit
# takes less than that, which is all but the longer of the two sleeps.
# Needs make build. SPEEDUP_ROUNDS sets the number of rounds (default 10).
set -eu
cd "$(dirname "$0")/.."

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

bin/gvp run -w hash,primes,sleep -j 2 --param sleep.duration=10ms,500ms --rounds "${SPEEDUP_ROUNDS:-10}" --sample-time 250ms --no-profile --out "$tmp" >/dev/null

awk '
function target(workload, mode) {
	if (workload == "sleep 500ms" || workload == "sleep 10ms" && mode != "spawn") return "1.90"
	if (workload ~ /^sleep/) return ""
	if (mode == "gomaxprocs1") return "0.95 to 1.05"
	return mode == "spawn" ? "" : "1.90"
}
function reached(speedup, goal) {
	if (goal == "") return ""
	if (goal == "1.90") return speedup >= 1.9 ? "reached" : "missed"
	return speedup >= 0.95 && speedup <= 1.05 ? "reached" : "missed"
}
function median(cell,    n, i, j, v, x) {
	n = count[cell]
	for (i = 1; i <= n; i++) { # insertion sort: there are ten or so
		x = sample[cell, i]
		for (j = i; j > 1 && v[j - 1] > x; j--) v[j] = v[j - 1]
		v[j] = x
	}
	return (v[int((n + 1) / 2)] + v[int(n / 2) + 1]) / 2
}
/^BenchmarkWorkload\// {
	workload = mode = ""
	parts = split($1, part, "/")
	for (i = 1; i <= parts; i++) {
		if (part[i] ~ /^workload=/) workload = substr(part[i], 10)
		if (part[i] ~ /^duration=/) workload = workload " " substr(part[i], 10)
		if (part[i] ~ /^mode=/) mode = substr(part[i], 6)
	}
	for (i = 4; i <= NF; i++) if ($i == "sec/op") sample[workload " " mode, ++count[workload " " mode]] = $(i - 1)
}
END {
	modes = split("goroutine gomaxprocs1 thread process spawn hybrid", mode_of)
	workloads = split("hash,primes,sleep 10ms,sleep 500ms", workload_of, ",")
	printf "%-12s %-12s %8s   %s\n", "workload", "mode", "speedup", "target"
	for (w = 1; w <= workloads; w++) for (m = 1; m <= modes; m++) {
		cell = workload_of[w] " " mode_of[m]; base = workload_of[w] " serial"
		if (!count[cell] || !count[base]) { printf "%-12s %-12s %8s\n", workload_of[w], mode_of[m], "absent"; continue }
		speedup = median(base) / median(cell)
		goal = target(workload_of[w], mode_of[m])
		printf "%-12s %-12s %8.3f   %-12s %s\n", workload_of[w], mode_of[m], speedup, goal, reached(speedup, goal)
	}
}' "$tmp"/*/samples.txt
