#!/usr/bin/env bash
# Puts gvp check to the test on this machine, with the ten benchmarks of its
# self-test: how often it finds a regression where there is none, how often it finds
# slowdowns of 5 % and 10 % in one of them, whether swapped sides are mirrored, and
# what it says with another program on the CPUs from the middle of a check on. A
# line for each check and a summary go to standard output. Takes hours. Needs make
# build. SAME, SLOWED, SWAPPED and HOGGED set the numbers of checks (default 200,
# 50, 10 and 10), SAMPLE the time of a sample (default 20ms).
set -eu
cd "$(dirname "$0")/.."

same=${SAME:-200} slowed=${SLOWED:-50} swapped=${SWAPPED:-10} hogged=${HOGGED:-10} sample=${SAMPLE:-20ms}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# kernels SLOWER builds the benchmarks with Kernel3 slower by that share.
kernels() {
	local dir=$tmp/by-$1
	mkdir "$dir"
	cp cmd/gvp/selftest/kernels_test.go.txt "$dir/kernels_test.go"
	printf 'module selftest\n\ngo 1.24\n' >"$dir/go.mod"
	printf 'package selftest\n\nconst slower = %s\n' "$1" >"$dir/slower_test.go"
	(cd "$dir" && go test -c -trimpath -o kernels.test .)
}
for by in 0 0.05 0.10; do kernels $by; done

# check KIND N BASE HEAD checks the two sides N times, and says how each ended.
check() {
	local kind=$1 n=$2 base=$tmp/by-$3/kernels.test head=$tmp/by-$4/kernels.test status
	for ((i = 1; i <= n; i++)); do
		status=0
		bin/gvp check --base "$base" --head "$head" --sample-time "$sample" --no-profile --quiet \
			--out "$tmp/checks" --format csv >"$tmp/out" 2>/dev/null || status=$?
		# benchmark,unit,…,verdict: those that regressed
		printf '%s %d status %d regressed %s\n' "$kind" "$i" "$status" \
			"$(awk -F, 'NR > 1 && /,regressed,/ { printf "%s%s", n++ ? "," : "", $1 } END { if (!n) printf "-" }' "$tmp/out")"
		rm -rf "$tmp/checks"
	done
}

# hog keeps all CPUs busy from three seconds on.
hog() {
	sleep 3
	for ((c = $(nproc); c > 0; c--)); do (while :; do :; done) & done
	wait
}

{
	echo "machine: $(uname -sm), $(nproc) CPUs, $(go env GOVERSION), $(date +%Y-%m-%d), samples of $sample"
	check same "$same" 0 0
	check slower-5 "$slowed" 0 0.05
	check slower-10 "$slowed" 0 0.10
	check swapped-10 "$swapped" 0.10 0
	for ((h = 1; h <= hogged; h++)); do
		hog &
		check hogged 1 0 0
		kill -- "$!" 2>/dev/null || true
		pkill -P "$!" 2>/dev/null || true
	done
} | tee "$tmp/log"

awk '
/^machine/ { next }
{ n[$1]++; s[$1, $4]++; if ($6 != "-") any[$1]++; if ($6 ~ /Kernel3/) right[$1]++; if ($6 != "-" && $6 != "Kernel3") wrong[$1]++ }
END {
	print ""
	kinds = split("same slower-5 slower-10 swapped-10 hogged", kind)
	for (i = 1; i <= kinds; i++) if (k = n[kind[i]]) {
		c = kind[i]
		printf "%-10s %4d checks: %d fine, %d regressed, %d inconclusive, %d could not measure; Kernel3 found in %d, another one in %d\n",
			c, k, s[c, 0], s[c, 1], s[c, 3], s[c, 4], right[c], wrong[c]
	}
}' "$tmp/log"
