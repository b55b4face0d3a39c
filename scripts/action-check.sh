#!/usr/bin/env bash
# A step of action.yml: runs gvp check, which itself writes the annotations and the
# step's summary, and tells what came of it in GITHUB_OUTPUT.
set -eu

results=$RUNNER_TEMP/gvp/checks
report=$RUNNER_TEMP/gvp/check.json
args=(--base "$BASE_REVISION" --margin "$INPUT_MARGIN" --inconclusive "$INPUT_INCONCLUSIVE" --out "$results" --report "json=$report")

# given FLAG VALUE adds a flag if it has a value.
given() { [ -z "$2" ] || args+=("$1" "$2"); }
given --head "$HEAD_REVISION"
given --bench "$INPUT_BENCH"
given --max-time "$INPUT_MAX_TIME"
given --history "$INPUT_HISTORY"
given --report "${INPUT_JUNIT:+junit=$INPUT_JUNIT}"
given --report "${INPUT_SARIF:+sarif=$INPUT_SARIF}"
while read -r flag; do
	[ -z "$flag" ] || args+=("$flag")
done <<<"$INPUT_FLAGS"
read -r -d '' -a packages <<<"$INPUT_PACKAGES" || true # it ends at the end of the text

rm -f "$report"
status=0
"$RUNNER_TEMP/gvp/bin/gvp" check "${args[@]}" -- ${packages[@]+"${packages[@]}"} || status=$?

verdict='could not measure'
if [ -f "$report" ]; then # the first is that of the whole
	verdict=$(sed -n '/^  "verdict": /{s/^  "verdict": "\(.*\)",$/\1/p;q;}' "$report")
fi
printf 'verdict=%s\nstatus=%d\nresults=%s\n' "$verdict" "$status" "$results" >>"$GITHUB_OUTPUT"
exit "$status"
