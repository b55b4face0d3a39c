#!/usr/bin/env bash
# Runs the tests of multiproc as Windows programs, under Wine. On Debian and its
# like it installs what is missing (wine64 and mingw-w64, by apt); elsewhere it
# says what is missing and does nothing. Arguments are handed to go test.
set -euo pipefail
cd "$(dirname "$0")/.."

export WINEDEBUG=-all WINEPREFIX=${WINEPREFIX:-${XDG_CACHE_HOME:-$HOME/.cache}/gvp-wine}
compiler=x86_64-w64-mingw32-gcc

# wine prints the path of the 64-bit loader.
wine() {
	local candidate
	for candidate in /usr/lib/wine/wine64 "$(command -v wine64 || true)" "$(command -v wine || true)"; do
		if [ -x "$candidate" ]; then
			echo "$candidate"
			return
		fi
	done
	return 1
}

if ! wine >/dev/null || ! command -v $compiler >/dev/null; then
	root=()
	[ "$(id -u)" -eq 0 ] || root=(sudo -n)
	if ! command -v apt-get >/dev/null || ! "${root[@]}" true 2>/dev/null; then
		echo "skipped: wine64 and $compiler are missing, and apt is not usable here"
		exit 0
	fi
	apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive timeout 400 apt-get -q -y -o Acquire::Retries=1)
	"${apt[@]}" update >/dev/null || echo "apt-get update failed: trying with the lists that are there"
	if ! "${apt[@]}" install --no-install-recommends wine64 gcc-mingw-w64-x86-64-win32 >/dev/null; then
		echo "skipped: wine64 and mingw-w64 could not be installed"
		exit 0
	fi
fi
wine=$(wine)

mkdir -p "$(dirname "$WINEPREFIX")"
system="$WINEPREFIX/drive_c/windows/system32"
[ -d "$system" ] || "$wine" wineboot -i >/dev/null 2>&1 || true
dll="$system/bcryptprimitives.dll"
[ -f "$dll" ] || $compiler -shared -O2 -o "$dll" scripts/wine/bcryptprimitives.c -ladvapi32

# What runs under Wine first starts its services, and they hold its standard
# output for as long as anything runs there. So that is no test, whose output go
# test waits for, but a program that waits for this script to end.
exec 9> >(exec "$wine" cmd /c 'set /p wait=' >/dev/null 2>&1)

[ $# -gt 0 ] || set -- -short ./runner/multiproc/...
tests() {
	GOOS=windows go test -timeout 480s -exec "$wine" "$@"
}
said=$(mktemp)
trap 'rm -f "$said"' EXIT
if tests "$@" 2>&1 | tee "$said"; then
	exit 0
fi

# Wine at times cannot start a process ("Internal error"), or starts one that
# never comes to run. So the tests that failed, if that was all, have to pass once;
# where one came to no end, all of them have to, as those after it did not run.
if grep -q '^panic: test timed out' "$said"; then
	echo "windows-tests: one came to no end: all of them once more"
	tests -count=1 "$@"
	exit
fi
failed=$(sed -n 's/^--- FAIL: \([A-Za-z0-9_]*\) .*/\1/p' "$said" | sort -u | paste -s -d '|')
# What has come to its end says FAIL by itself before go test says of which package;
# where it panicked, or was not built, it does not.
whole=$(awk '/^FAIL\t/ && before != "FAIL" { cut = 1 } { before = $0 } END { print cut ? "no" : "yes" }' "$said")
if [ -z "$failed" ] || [ "$whole" = no ]; then
	exit 1
fi
echo "windows-tests: once more, by themselves: $failed"
tests -count=1 -run "^($failed)\$" "$@"
