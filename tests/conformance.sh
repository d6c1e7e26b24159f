#!/bin/bash
# SPDX-License-Identifier: MIT
#
# How close to the original: tests/conformance.sh BUILD
#
#   official   the test suite of lua.org, folder "testes" of tag v5.4.8, named by LUA_TESTES; nothing of it is in the tree.
#              Every file runs in a process of its own, then all.lua once, in a scratch copy.
#   interface  build/dropin/liblua5.4.so.0 against the installed one: soname, names with versions, layouts of the headers
#   modules    compiled modules of the distribution (tests/modules)
#   dropin     programs of the distribution linked to the library (tests/dropin.sh)
#
# What is not there is skipped with a message. Prints a line for each failure, "N passed, N failed" at the end.
# Environment: CONFORMANCE, words of the list above (default: all); LUA_TESTES_TIMEOUT, seconds a file (default 300).
[ $# = 1 ] || { sed -n '4,14p' "$0"; exit 2; }
cd "$(dirname "$0")/.." || exit 2
build=$(realpath "$1") include=$PWD/include tests=$PWD/tests
work=$(mktemp -d); trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cc=${CC:-cc}
passed=0 failed=0

verdict() { # NAME STATUS [OUTPUT]: a failure shows the end of its output
    if [ "$2" = 0 ]; then passed=$((passed + 1)); return; fi
    failed=$((failed + 1)); echo "FAIL $1"
    [ -z "${3-}" ] || tail -12 "$3" | sed 's/^/    /'
}
# Runs a script that ends with "N passed, N failed" and adds its count.
count_of() { # NAME COMMAND...
    local name=$1 line
    "${@:2}" >"$work/log" 2>&1
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$work/log" | tail -1)
    [ -n "$line" ] || { verdict "$name: no result" 1 "$work/log"; return; }
    grep -v '^[0-9]* passed' "$work/log"
    passed=$((passed + ${line%% passed*})); line=${line#*, }; failed=$((failed + ${line%% failed*}))
}

# ---- The official suite ----------------------------------------------------------------------

# The C modules that attrib.lua and main.lua load, against our headers. lib22.c makes the versioned lib2.
build_libs() {
    local source name
    mkdir -p libs/P1
    for source in libs/lib*.c; do
        name=$(basename "$source" .c)
        [ "$name" != lib22 ] || name=lib2-v2
        "$cc" -O2 -shared -fPIC -I"$include" "$source" -o "libs/$name.so" || return
    done
}

# main.lua starts `perigee … & echo $!` and takes the first line it reads for the process id. Nothing orders the two
# writers, and whoever schedules the child first fails the test with any Lua ("pid 12", "pid 15"). Then it is run again.
lost_race() { grep -qE 'background, pid 1[25]\)' "$1"; }

official_file() { # NAME
    local attempt status group
    # each file leaves its own trace in what it returns or prints; all.lua checks these values, so do we
    cat >driver.lua <<'EOF'
local name = ...
local results = { attrib = 27, locals = 5, events = 12, verybig = 10 }
arg = { [-1] = arg[-1], [0] = name .. ".lua" }
local main = assert(loadfile(name .. ".lua"))
if name == "big" then -- it yields once
  main = coroutine.wrap(main)
  assert(main() == "b")
  results.big = "a"
end
local result = main()
assert(not results[name] or result == results[name], "unexpected result of the file")
EOF
    for attempt in $(seq 30); do
        # files.lua wants a standard input that cannot seek
        if [ "$1" = all ]; then exec timeout -k 5 "$limit" "$build/perigee" -W all.lua; else
            exec timeout -k 5 "$limit" "$build/perigee" driver.lua "$1"; fi >"$work/log" 2>&1 < <(:) &
        group=$! # timeout makes itself the leader of a process group
        wait $group
        status=$?
        kill -KILL -- -$group 2>/dev/null # a lost race leaves an endless loop behind
        [ $status != 0 ] && lost_race "$work/log" || break
    done
    [ "$attempt" = 1 ] || echo "note: $1 ran $attempt times (race in its test of Ctrl-C)"
    verdict "official $1" $status "$work/log"
}

official() {
    local name limit=${LUA_TESTES_TIMEOUT:-300}
    if [ ! -f "${LUA_TESTES:-}/all.lua" ]; then echo "skipped: official suite (LUA_TESTES names no folder with all.lua)"; return; fi
    cp -r "$LUA_TESTES/." "$work/testes"; cd "$work/testes" || return
    build_libs >"$work/log" 2>&1; verdict 'official libs' $? "$work/log"
    ulimit -S -s 1100 # as the suite's own script sets it: deep recursion in C must end in a Lua error
    for name in *.lua; do
        case ${name%.lua} in all | driver | heavy | bwcoercion | tracegc) ;; *) official_file "${name%.lua}" ;; esac
    done
    official_file all
}

# ---- The binary interface --------------------------------------------------------------------

soname() { readelf -d "$1" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p'; }
# Exported symbols: kind, name and version, without addresses.
exports() { nm -D --defined-only "$1" | sed 's/^[0-9a-f]* *//' | sed 's/^[TWi] /function /; s/^A /version /; s/^[BDR] /data /' | sort; }

layout_program='
#include <stddef.h>
#include <stdio.h>
#include "lua.h"
#include "lauxlib.h"
#include "lualib.h"
#define NUMBER(x) printf("%s %lld\n", #x, (long long)(x));
#define FIELD(type, f) printf("%s.%s %zu %zu\n", #type, #f, offsetof(type, f), sizeof(((type *)0)->f));
int main(void) {
    NUMBER(sizeof(lua_Integer)) NUMBER(sizeof(lua_Unsigned)) NUMBER(sizeof(lua_Number)) NUMBER(sizeof(lua_KContext))
    NUMBER(sizeof(lua_Debug)) NUMBER(sizeof(luaL_Buffer)) NUMBER(sizeof(luaL_Stream)) NUMBER(sizeof(luaL_Reg))
    FIELD(lua_Debug, event) FIELD(lua_Debug, name) FIELD(lua_Debug, namewhat) FIELD(lua_Debug, what)
    FIELD(lua_Debug, source) FIELD(lua_Debug, srclen) FIELD(lua_Debug, currentline) FIELD(lua_Debug, linedefined)
    FIELD(lua_Debug, lastlinedefined) FIELD(lua_Debug, nups) FIELD(lua_Debug, nparams) FIELD(lua_Debug, isvararg)
    FIELD(lua_Debug, istailcall) FIELD(lua_Debug, ftransfer) FIELD(lua_Debug, ntransfer) FIELD(lua_Debug, short_src)
    FIELD(lua_Debug, i_ci) FIELD(luaL_Buffer, b) FIELD(luaL_Buffer, size) FIELD(luaL_Buffer, n) FIELD(luaL_Buffer, L)
    FIELD(luaL_Buffer, init) FIELD(luaL_Stream, f) FIELD(luaL_Stream, closef) FIELD(luaL_Reg, name) FIELD(luaL_Reg, func)
    NUMBER(LUA_VERSION_NUM) NUMBER(LUAL_NUMSIZES) NUMBER(LUAI_MAXSTACK) NUMBER(LUA_REGISTRYINDEX) NUMBER(lua_upvalueindex(1))
    NUMBER(LUA_EXTRASPACE) NUMBER(LUA_IDSIZE) NUMBER(LUAL_BUFFERSIZE) NUMBER(LUA_MINSTACK) NUMBER(LUA_RIDX_MAINTHREAD)
    NUMBER(LUA_RIDX_GLOBALS) NUMBER(LUA_NOREF) NUMBER(LUA_REFNIL) NUMBER(LUA_MULTRET) NUMBER(LUA_NUMTYPES)
    NUMBER(LUA_OK) NUMBER(LUA_YIELD) NUMBER(LUA_ERRRUN) NUMBER(LUA_ERRSYNTAX) NUMBER(LUA_ERRMEM) NUMBER(LUA_ERRERR) NUMBER(LUA_ERRFILE)
    NUMBER(LUA_TNONE) NUMBER(LUA_TNIL) NUMBER(LUA_TBOOLEAN) NUMBER(LUA_TLIGHTUSERDATA) NUMBER(LUA_TNUMBER) NUMBER(LUA_TSTRING)
    NUMBER(LUA_TTABLE) NUMBER(LUA_TFUNCTION) NUMBER(LUA_TUSERDATA) NUMBER(LUA_TTHREAD)
    NUMBER(LUA_OPADD) NUMBER(LUA_OPSHR) NUMBER(LUA_OPUNM) NUMBER(LUA_OPBNOT) NUMBER(LUA_OPEQ) NUMBER(LUA_OPLT) NUMBER(LUA_OPLE)
    NUMBER(LUA_GCSTOP) NUMBER(LUA_GCCOUNTB) NUMBER(LUA_GCSTEP) NUMBER(LUA_GCISRUNNING) NUMBER(LUA_GCGEN) NUMBER(LUA_GCINC)
    NUMBER(LUA_HOOKCALL) NUMBER(LUA_HOOKRET) NUMBER(LUA_HOOKLINE) NUMBER(LUA_HOOKCOUNT) NUMBER(LUA_HOOKTAILCALL)
    NUMBER(LUA_MASKCALL) NUMBER(LUA_MASKRET) NUMBER(LUA_MASKLINE) NUMBER(LUA_MASKCOUNT)
    printf("%s %s %s %s\n", LUA_FILEHANDLE, LUA_LOADED_TABLE, LUA_PRELOAD_TABLE, LUA_SIGNATURE + 1);
}'
layouts() { # HEADERS PROGRAM
    echo "$layout_program" >"$work/layout.c"
    "$cc" -w -I"$1" "$work/layout.c" -o "$work/layout" && "$work/layout"
}

same() { # NAME EXPECTED ACTUAL
    diff "$2" "$3" >"$work/log"; verdict "$1" $? "$work/log"
}

interface() {
    local library=$build/dropin/liblua5.4.so.0 original headers
    original=$(ldconfig -p 2>/dev/null | sed -n 's/.*liblua5\.4\.so\.0 .*=> //p' | head -1)
    [ -f "$original" ] || { echo "skipped: interface (no liblua5.4.so.0 installed to compare with)"; return; }
    same 'interface soname' <(soname "$original") <(soname "$library")
    exports "$original" >"$work/expected"; exports "$library" >"$work/actual"
    comm -23 "$work/expected" "$work/actual" >"$work/missing"
    same 'interface: everything exported, with its version' /dev/null "$work/missing"
    awk '{sub(/@.*/, "", $2); print $2}' "$work/actual" | grep -v '^lua' | grep -v '^LUA_5.4$' >"$work/foreign"
    same 'interface: nothing foreign exported' /dev/null "$work/foreign"
    nm -D --undefined-only "$library" | grep ' lua' >"$work/open"
    same 'interface: nothing of Lua left undefined' /dev/null "$work/open"
    # C modules find the functions in the command as they do in lua5.4's, without a version
    exports "$library" | awk '$1 != "version" {sub(/@.*/, "", $2); print $2}' | sort >"$work/expected"
    exports "$build/perigee" | awk '{print $2}' | sort >"$work/actual"
    comm -23 "$work/expected" "$work/actual" >"$work/missing"
    same 'interface: the command exports it too' /dev/null "$work/missing"
    for headers in /usr/include/lua5.4 /usr/local/include/lua5.4; do [ ! -f $headers/lua.h ] || break; done
    [ -f $headers/lua.h ] || { echo "skipped: header layouts (no headers of Lua 5.4 installed)"; return; }
    layouts $headers >"$work/expected"; layouts "$include" >"$work/actual"
    [ -s "$work/expected" ]; verdict 'interface: the layout program runs' $?
    same 'interface: header layouts' "$work/expected" "$work/actual"
}

modules() { count_of modules bash "$tests/modules/run.sh" "$build/perigee"; }
dropin() { count_of dropin bash "$tests/dropin.sh" "$build/dropin"; }

for part in ${CONFORMANCE:-interface modules dropin official}; do (
    "$part"; echo "$passed passed, $failed failed" >"$work/part.$part"
); done
awk '{p += $1; f += $3} END {printf "%d passed, %d failed\n", p, f; exit f != 0}' "$work"/part.*
