#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Modules compiled for another Lua 5.4 load and behave the same: run.sh PERIGEE [REFERENCE] [NAME...]
#
# Each NAME.lua runs with both commands (REFERENCE: lua5.4) in an empty directory; output and exit status must agree.
# Its first line `-- needs: MODULE... (PACKAGE...)` says what must be loadable in the reference; otherwise it is skipped.
# Prints "N passed, N failed" at the end, before it a line for each difference and each script skipped.
[ $# -ge 1 ] || { sed -n 4,8p "$0"; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
perigee=$(realpath "$1") reference=$(command -v "${2:-lua5.4}")
shift $(($# < 2 ? $# : 2))
[ -n "$reference" ] || { echo "skipped: no lua5.4 to compare with"; echo "0 passed, 0 failed"; exit; }
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
mkdir "$work/empty"
passed=0 failed=0
unset LUA_INIT LUA_INIT_5_4 LUA_PATH LUA_PATH_5_4 LUA_CPATH LUA_CPATH_5_4

run() { # COMMAND SCRIPT OUTPUT: under one program name, as messages begin with it
    (cd "$work/empty" && exec -a lua timeout 120 "$1" "$2") >"$3" 2>&1
    echo "status $?" >>"$3"
    sed -i "s|$1: |lua: |" "$3" # timeout starts it under its path
}
loadable() { # MODULE...
    local m
    for m; do (cd "$work/empty" && "$reference" -e "require '$m'" >/dev/null 2>&1) || return 1; done
}

for script in "$here"/*.lua; do
    name=$(basename "$script" .lua)
    [ $# = 0 ] || case " $* " in *" $name "*) ;; *) continue ;; esac
    needs=$(sed -n '1s/^-- needs: *//p' "$script")
    loadable ${needs%%(*} || { echo "skipped: $name, which needs ${needs#*\(}" | tr -d ')'; continue; }
    run "$reference" "$script" "$work/expected"
    run "$perigee" "$script" "$work/actual"
    if diff "$work/expected" "$work/actual" >"$work/diff"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAIL $name"
        head -12 "$work/diff" | sed 's/^/    /'
    fi
    [ -z "${SHOW-}" ] || cat "$work/expected"
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
