#!/usr/bin/env bash
# A step of action.yml: finds the revisions that gvp check compares, fetches them if
# the clone lacks them, as a shallow one does, and writes them to GITHUB_OUTPUT.
# What cannot be had is written as it is: gvp check says what is wrong with it.
set -eu

has() { git rev-parse --verify --quiet "$1^{commit}" >/dev/null; }

# commit REVISION prints the commit that it means.
commit() {
	local revision=$1 depth=()
	case ${revision#origin/} in -* | +* | *:*) # no revision, but it would mean something to git fetch
		printf '%s\n' "$revision"
		return
		;;
	esac
	if ! has "$revision"; then
		# By --depth a whole clone would become a shallow one.
		[ "$(git rev-parse --is-shallow-repository)" = false ] || depth=(--depth=1)
		if git fetch --quiet --no-tags ${depth[@]+"${depth[@]}"} -- origin "${revision#origin/}" >&2; then
			revision=FETCH_HEAD
		elif [ ${#depth[@]} -gt 0 ]; then # main~3, say
			git fetch --quiet --tags --unshallow origin '+refs/heads/*:refs/remotes/origin/*' >&2 || true
		fi
	fi
	git rev-parse --verify --quiet --short=12 "$revision^{commit}" || printf '%s\n' "$revision"
}

# before prints what the head is compared with if nobody says.
before() {
	local parents
	case $GITHUB_EVENT_NAME in
	pull_request | pull_request_target)
		# GitHub checks out the request as merged, unless the workflow has it do
		# otherwise: what it is merged into is the first of two parents. A commit
		# names them also where they are cut off.
		parents=$(git cat-file commit HEAD | sed -n '/^$/q; s/^parent //p')
		if [ "$GITHUB_EVENT_NAME" = pull_request ] && [ "$(git rev-parse HEAD)" = "${GITHUB_SHA-}" ] && [ "$(wc -w <<<"$parents")" -eq 2 ]; then
			head -n 1 <<<"$parents"
		else
			printf 'origin/%s\n' "$GITHUB_BASE_REF"
		fi
		return
		;;
	push)
		case $BEFORE in
		*[!0]*)
			printf '%s\n' "$BEFORE"
			return
			;;
		esac # a new branch replaces nothing
		;;
	esac
	printf 'origin/%s\n' "$DEFAULT_BRANCH"
}

base=${INPUT_BASE:-$(before)}
base=$(commit "$base")
head=
[ -z "$INPUT_HEAD" ] || head=$(commit "$INPUT_HEAD")
# A line each, whatever was given.
printf 'base=%s\nhead=%s\n' "${base//[$'\r\n']/}" "${head//[$'\r\n']/}" >>"$GITHUB_OUTPUT"
