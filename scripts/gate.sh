#!/usr/bin/env bash
# Puts gvp check to the test on this machine, with the ten benchmarks of its
# self-test: how often it finds a regression where there is none, how often it finds
# slowdowns of 5 % and 10 % in one of them, whether swapped sides are mirrored, and
# what it says when other programs take all CPUs from the middle of a check on, of
# equal sides and of one that is slower.
#
#	make build && scripts/gate.sh
#
# Each check adds a line to log.txt in the folder OUT (default results/gate). What
# that has already is not done again, so that a campaign that was cut off goes on
# where it was. At the end, or with SUMMARY=only at once, summary.txt there says what
# came of it, beside what gvp simulate makes of the noise that some of the checks
# have recorded (noise/), and whether what is wanted was reached: exit status 1 if not.
# SAME, SLOWED, SWAPPED and HOGGED set the numbers of checks (default 200, 50 of each
# slowdown, 50, and 10 of each), SAMPLE the time of a sample (default
# 20ms). On two idle cores it takes one to two hours.
set -eu
cd "$(dirname "$0")/.."

same=${SAME:-200} slowed=${SLOWED:-50} swapped=${SWAPPED:-50} hogged=${HOGGED:-10} sample=${SAMPLE:-20ms}
out=${OUT:-results/gate}
gvp=$PWD/bin/gvp
[ -x "$gvp" ] || { echo "gate.sh: there is no bin/gvp: run make build first" >&2; exit 2; }
mkdir -p "$out/noise"
out=$(cd "$out" && pwd)
log=$out/log.txt

tmp=$(mktemp -d)
running=() # processes that must not outlive this one
end() {
	if [ ${#running[@]} -gt 0 ]; then
		kill "${running[@]}" 2>/dev/null || true
		wait "${running[@]}" 2>/dev/null || true
	fi
	rm -rf "$tmp"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# kernels SLOWER builds the benchmarks with Kernel3 slower by that share.
kernels() {
	local dir=$tmp/by-$1
	mkdir "$dir"
	cp cmd/gvp/selftest/kernels_test.go.txt "$dir/kernels_test.go"
	printf 'module selftest\n\ngo 1.24\n' >"$dir/go.mod"
	printf 'package selftest\n\nconst slower = %s\n' "$1" >"$dir/slower_test.go"
	(cd "$dir" && go test -c -trimpath -o kernels.test .)
}

# setting is what has to be the same in all of a log.
setting() {
	echo "machine: $(uname -sm), $(awk -F': *' '/^model name/ { print $2; exit }' /proc/cpuinfo 2>/dev/null), $(nproc) CPUs, $(go env GOVERSION), samples of $sample"
}

# plan writes the checks in their order, KIND NUMBER a line, all kinds spread evenly
# over the whole: what the machine does in the meantime strikes all alike.
plan() {
	local kind n i
	while read -r kind n; do
		for ((i = 1; i <= n; i++)); do
			echo "$(((2 * i - 1) * 1000000 / (2 * n))) $kind $i"
		done
	done <<-EOF | sort -s -n | cut -d' ' -f2-
		same $same
		slower-5 $slowed
		slower-10 $slowed
		swapped-10 $swapped
		hogged $hogged
		hogged-10 $hogged
	EOF
}

# half returns half of the seconds that checks of equal sides take here, or two.
half() { awk '$1 == "same" { s += $6; n++ } END { printf "%.1f", n ? s / n / 2 : 2 }' "$log"; }

# hog keeps a CPU busy as long as this script lives.
hog() {
	trap - EXIT INT TERM
	while kill -0 $$ 2>/dev/null; do for ((k = 0; k < 1000000; k++)); do :; done; done
}

# check KIND NUMBER does one check and writes its line.
check() {
	local kind=$1 number=$2 base=0 head=0 status=0 began ended c hogs=() note=
	case $kind in
	slower-5) head=0.05 ;;
	slower-10 | hogged-10) head=0.10 ;;
	swapped-10) base=0.10 ;;
	esac
	began=$EPOCHREALTIME
	# In its folder, so that what is recorded names no place of this machine.
	(cd "$tmp" && exec "$gvp" check --base "by-$base/kernels.test" --head "by-$head/kernels.test" --sample-time "$sample" \
		--no-profile --quiet --out checks --format csv --report json=check.json >check.csv 2>check.err) &
	running=($!)
	if [[ $kind == hogged* ]]; then
		sleep "$(half)"
		if kill -0 "${running[0]}" 2>/dev/null; then
			for ((c = $(nproc); c > 0; c--)); do
				hog &
				hogs+=($!)
			done
			running+=("${hogs[@]}")
		else
			note=" no-hog" # it had ended already
		fi
	fi
	wait "${running[0]}" || status=$?
	ended=$EPOCHREALTIME
	if [ ${#hogs[@]} -gt 0 ]; then
		kill "${hogs[@]}"
		wait "${hogs[@]}" 2>/dev/null || true
	fi
	running=()
	if [ "$status" -eq 2 ] || [ "$status" -gt 4 ]; then
		cat "$tmp/check.err" >&2
		echo "gate.sh: gvp ended with status $status: this is no verdict" >&2
		exit 1
	fi
	line "$kind" "$number" "$status" "$began" "$ended" "$note" >>"$log"
	tail -n 1 "$log"
	# The noise of every twentieth, spread over the whole.
	if [ "$kind" = same ] && [ $((number % 20)) -eq $((same < 20)) ]; then
		rm -rf "$out/noise/$number"
		mkdir "$out/noise/$number"
		cp "$tmp"/checks/*/check.json "$tmp"/checks/*/log.jsonl "$out/noise/$number"
	fi
	rm -rf "$tmp"/check*
}

# line says what a check came to, in words of which each has its place.
line() {
	local control=well
	grep -q '"noisy": true' "$tmp/check.json" && control=noisy
	grep -q '"moved": true' "$tmp/check.json" && control=moved
	# benchmark,unit,verdict,base,head,ratio,…,improved,note
	awk -F, -v kind="$1" -v number="$2" -v status="$3" -v seconds="$(awk "BEGIN { print $5 - $4 }")" -v note="$6" -v control="$control" '
		NR > 1 && $3 == "regressed" { regressed = regressed (regressed == "" ? "" : ",") $1 ":" $2 }
		NR > 1 && $3 == "inconclusive" { open = open (open == "" ? "" : ",") $1 ":" $2 }
		$1 == "Kernel3" && $2 == "sec/op" { kernel3 = $3 == "fine" && $15 == "true" ? "improved" : $3; change = ($6 - 1) * 100 }
		END {
			printf "%s %d status %d seconds %.1f regressed %s open %s Kernel3 %s %+.1f%% control %s%s\n", kind, number, status, seconds,
				regressed == "" ? "-" : regressed, open == "" ? "-" : open, kernel3 == "" ? "-" : kernel3, change, control, note
		}' "$tmp/check.csv"
}

# simulate plays ten thousand checks with the noise that was recorded.
simulate() {
	echo "\$ gvp simulate --runs 10000 --effect 5,10 $*"
	"$gvp" simulate --runs 10000 --effect 5,10 "$@"
}

# summarise says what the log comes to.
summarise() {
	local power=
	if compgen -G "$out/noise/*" >/dev/null; then
		(cd "$out" && simulate noise/*) >"$tmp/simulated"
		power=$(sed -n 's/^A change of +5.* is found in \([0-9.]*\).*/\1/p' "$tmp/simulated")
	fi
	grep '^# machine' "$log" | head -n 1 | cut -c3-
	# The longest times: sorted, so that the middle one is the median.
	grep -v '^#' "$log" | sort -s -k6,6n | awk -v power="$power" -v left="$left" '
		{
			n[$1]++; status[$1, $4]++; seconds[++all] = $6
			if ($8 != "-") any[$1]++
			if ($8 ~ /(^|,)Kernel3:sec\/op(,|$)/) found[$1]++
			others = "," $8; sub(/,Kernel3:sec\/op/, "", others)
			if ($8 != "-" && others != "" ) wrong[$1]++
			# A control that moved takes back what is fine; this was written down before.
			kernel3[$1, $15 == "moved" && $12 == "improved" ? "inconclusive" : $12]++
			if ($15 != "well") doubted[$1]++
			if ($16 == "no-hog") calm[$1]++
		}
		function verdicts(k) {
			return sprintf("%d fine, %d regressed, %d inconclusive, %d could not measure; the control cast doubt on %d",
				status[k, 0], status[k, 1], status[k, 3], status[k, 4], doubted[k]) (calm[k] ? "; " calm[k] " had ended before the middle" : "")
		}
		# aim says whether something wanted was reached.
		function aim(reached, wanted) {
			if (!reached) missed++
			return sprintf("wanted: %s: %s", wanted, reached ? "reached" : "missed")
		}
		END {
			if (k = n["same"]) {
				printf "\nequal sides: %d checks: %s\n", k, verdicts("same")
				printf "  false regressions in %d; %s\n", any["same"], aim(any["same"] <= 15 * k / 200, "at most 15 in 200")
			}
			if (k = n["slower-5"]) {
				printf "\nKernel3 slower by 5 %%: %d checks: %s\n", k, verdicts("slower-5")
				printf "  found in %d = %.0f %%; a false regression of another one in %d", found["slower-5"], 100 * found["slower-5"] / k, wrong["slower-5"]
				if (power != "") printf "; %s", aim(100 * found["slower-5"] / k >= power, "the power below, " power " %")
				printf "\n"
			}
			if (k = n["slower-10"]) {
				printf "\nKernel3 slower by 10 %%: %d checks: %s\n", k, verdicts("slower-10")
				printf "  found in %d = %.0f %%; a false regression of another one in %d; %s\n", found["slower-10"], 100 * found["slower-10"] / k, wrong["slower-10"],
					aim(found["slower-10"] >= 45 * k / 50, "at least 45 in 50")
			}
			if (k = n["swapped-10"]) {
				printf "\nsides of that swapped: %d checks: %s\n", k, verdicts("swapped-10")
				printf "  mirrored: Kernel3 improved in %d, fine without that in %d, open in %d, regressed in %d; a false regression of another one in %d; %s\n",
					kernel3["swapped-10", "improved"], kernel3["swapped-10", "fine"], kernel3["swapped-10", "inconclusive"], found["swapped-10"], wrong["swapped-10"],
					aim(found["swapped-10"] == 0, "never regressed")
			}
			if (k = n["hogged"]) {
				printf "\nequal sides, all CPUs taken from the middle on: %d checks: %s\n", k, verdicts("hogged")
				printf "  false regressions in %d; %s\n", any["hogged"], aim(!any["hogged"], "none")
			}
			if (k = n["hogged-10"]) {
				printf "\nKernel3 slower by 10 %%, all CPUs taken from the middle on: %d checks: %s\n", k, verdicts("hogged-10")
				printf "  Kernel3 regressed in %d, open in %d, fine in %d; a false regression of another one in %d; %s\n", found["hogged-10"],
					kernel3["hogged-10", "inconclusive"], kernel3["hogged-10", "fine"] + kernel3["hogged-10", "improved"], wrong["hogged-10"],
					aim(kernel3["hogged-10", "fine"] + kernel3["hogged-10", "improved"] + wrong["hogged-10"] == 0, "regressed or open")
			}
			if (!all) exit 1
			printf "\nseconds for a check of ten benchmarks: median %.1f, most %.1f; %s\n", seconds[int((all + 1) / 2)], seconds[all], aim(seconds[all] < 180, "less than 180")
			if (left > 0) printf "%d of the checks are still to be done\n", left
			if (missed + left > 0) printf "missed: %d\n", missed + left
		}'
	if [ -e "$tmp/simulated" ]; then
		printf '\n'
		cat "$tmp/simulated"
	fi
}

if [ "${SUMMARY:-}" != only ]; then
	[ -e "$log" ] || printf '# %s\n# each line: kind number status N seconds N regressed … open … Kernel3 verdict change control …\n' "$(setting)" >"$log"
	if [ "$(head -n 1 "$log")" != "# $(setting)" ]; then
		echo "gate.sh: $log was begun with another setting: move it away, or give OUT another folder" >&2
		diff <(head -n 1 "$log") <(echo "# $(setting)") >&2 || true
		exit 2
	fi
	# What was cut off within a line is done again.
	if [ -n "$(tail -c 1 "$log")" ]; then
		sed -i '$d' "$log"
	fi
	echo "# $(date -u +%Y-%m-%dT%H:%MZ): $("$gvp" version | head -n 1), sources of $(git rev-parse --short HEAD 2>/dev/null || echo unknown), load $(cut -d' ' -f1-3 /proc/loadavg)" >>"$log"
	for by in 0 0.05 0.10; do kernels $by; done
	plan | while read -r kind number; do
		grep -q "^$kind $number " "$log" || echo "$kind $number"
	done >"$tmp/todo"
	while read -r -u 3 kind number; do check "$kind" "$number"; done 3<"$tmp/todo"
fi
left=$(plan | while read -r kind number; do grep -q "^$kind $number " "$log" || echo "$kind $number"; done | wc -l)
summarise >"$out/summary.txt"
cat "$out/summary.txt"
! grep -q '^missed: ' "$out/summary.txt"
