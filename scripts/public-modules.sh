#!/usr/bin/env bash
# Runs gvp check on public modules as in somebody else's repository: two released
# versions of each come from the module proxy (go mod download) and become two
# commits, with a tag each, of a git repository in a temporary folder. Prints what
# each check says, and a summary. Takes up to MAX_TIME (default 90s) for measuring
# each module, and some minutes in all. Needs make build.
set -euo pipefail
cd "$(dirname "$0")/.."

gvp=$PWD/bin/gvp
max=${MAX_TIME:-90s} sample=${SAMPLE:-50ms}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Git knows nothing of the user's settings here.
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=gvp GIT_AUTHOR_EMAIL=gvp@example.org GIT_COMMITTER_NAME=gvp GIT_COMMITTER_EMAIL=gvp@example.org

# commit MODULE VERSION makes the version the next commit of the repository here.
commit() {
	local dir
	dir=$(cd "$tmp" && go mod download -json "$1@$2" | sed -n 's/^\t"Dir": "\(.*\)",\{0,1\}$/\1/p')
	[ -n "$dir" ] || { echo "no $1@$2 to be had" >&2 && return 1; }
	git rm -rqf --ignore-unmatch .
	cp -R "$dir/." . && chmod -R u+w .
	git add -A --force
	git commit -q -m "$1 $2" && git tag "$2"
}

summary=()

# module MODULE BASE HEAD BENCH PACKAGES... checks two versions of a module.
module() {
	local path=$1 base=$2 head=$3 bench=$4 repo status=0 began=$SECONDS verdict
	shift 4
	repo=$tmp/$(basename "${path%/v[0-9]*}")
	printf '\n== %s, %s and %s\n' "$path" "$base" "$head"
	mkdir "$repo" && cd "$repo" && git init -q -b main
	commit "$path" "$base"
	commit "$path" "$head"
	set -- check --base "$base" --head "$head" --bench "$bench" --sample-time "$sample" --max-time "$max" "$@"
	# as it is typed: what the shell takes for itself in quotes
	{ printf '$ gvp' && for word; do case $word in *[!A-Za-z0-9_./=-]*) printf " '%s'" "$word" ;; *) printf ' %s' "$word" ;; esac; done && echo; }
	"$gvp" "$@" 2>&1 | tee "$tmp/out" || status=$?
	verdict=$(tail -n 1 "$tmp/out")
	[ -z "$(git status --porcelain)" ] || verdict+=' (and the check has left something in the working tree)'
	[ "$(git worktree list | wc -l)" -eq 1 ] || verdict+=' (and the check has left a worktree)'
	summary+=("$(printf '%-28s %8s to %-8s status %d, %3d s: %s' "$path" "$base" "$head" "$status" $((SECONDS - began)) "$verdict")")
	cd - >/dev/null
}

printf 'machine: %s, %s CPUs, %s, %s\n' "$(uname -sm)" "$(getconf _NPROCESSORS_ONLN)" "$(go env GOVERSION)" "$(date +%Y-%m-%d)"
module github.com/google/uuid v1.3.0 v1.6.0 'Parse$|ParseBytes$|UUID_String|UUID_URN'
module github.com/cespare/xxhash/v2 v2.2.0 v2.3.0 'Sum64/(16|100|4KB)|DigestBytes/(100|4KB)'
module github.com/tidwall/gjson v1.14.4 v1.18.0 .
# Between these, differences are found in another way, which takes longer.
module github.com/google/go-cmp v0.4.0 v0.7.0 'Bytes/^4KiB/.*Filter[04]' ./cmp
module golang.org/x/text v0.14.0 v0.21.0 'Parse$|Match|NormalizeAscii' ./language ./unicode/norm

printf '\n== Summary\n'
printf '%s\n' "${summary[@]}"
