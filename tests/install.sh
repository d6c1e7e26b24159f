#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What `meson install` puts down is enough for hosts: install.sh BUILD
#
# Installs into an empty directory and builds hosts in C and C++ with nothing but pkg-config's answers, against the shared library and
# against the archive; each runs, also one that loads a C module. Prints a line for each failure and "N passed, N failed" at the end.
# Environment: CC, CXX (a compiler that is missing skips its hosts).
[ $# = 1 ] || { sed -n '4,8p' "$0"; exit 2; }
build=$(realpath "$1")
root=$(mktemp -d); trap 'rm -rf "$root"' EXIT
cd "$root" || exit 2
passed=0 failed=0
cc=${CC:-cc} cxx=${CXX:-c++}

check() { # NAME COMMAND...
    if "${@:2}" >log 2>&1; then passed=$((passed + 1)); else
        failed=$((failed + 1)); echo "FAIL $1"; tail -12 log | sed 's/^/    /'
    fi
}
result() { echo "$passed passed, $failed failed"; [ "$failed" = 0 ]; exit; }

check "meson install" env DESTDIR="$root" meson install -C "$build" --no-rebuild --quiet
pc=$(find "$root" -name perigee.pc)
check "perigee.pc" test -n "$pc"
[ -n "$pc" ] || result
export PKG_CONFIG_LIBDIR=${pc%/*} PKG_CONFIG_SYSROOT_DIR=$root
unset PKG_CONFIG_PATH LUA_INIT LUA_INIT_5_4 LUA_PATH LUA_PATH_5_4 LUA_CPATH LUA_CPATH_5_4
libdir=$root$(PKG_CONFIG_SYSROOT_DIR= pkg-config --variable=libdir perigee)
prefix=$root$(PKG_CONFIG_SYSROOT_DIR= pkg-config --variable=prefix perigee)
cflags=$(pkg-config --cflags perigee)
shared=$(pkg-config --libs perigee)
private=$(pkg-config --static --libs-only-l perigee | sed 's/-lperigee//')
for file in perigee/{lua,luaconf,lualib,lauxlib}.h perigee/lua.hpp; do check "$file" test -f "$prefix/include/$file"; done
check "manual page" test -f "$prefix/share/man/man1/perigee.1"
check "annotations for editors" test -f "$prefix/share/perigee/library/jit.lua"
check "the command" test "$("$prefix/bin/perigee" -e 'print(6 * 7)')" = 42
check "SONAME" sh -c "readelf -d '$libdir/libperigee.so' | grep -q 'SONAME.*\\[libperigee\\.so\\.0\\]'"

cat >host.c <<'EOT'
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
int main(int argc, char **argv) {
    lua_State *L = luaL_newstate();
    if (L == NULL) return 2;
    luaL_openlibs(L);
    lua_pushfstring(L, "./%s.so", argc > 1 ? argv[1] : "none");
    lua_setglobal(L, "file");
    int status = luaL_dostring(L, "local load = assert(package.loadlib(file, 'luaopen_twice')) print(load()(21), _VERSION)");
    if (argc == 1) status = luaL_dostring(L, "print(#('ab'):rep(21), _VERSION)");
    if (status != LUA_OK) fprintf(stderr, "%s\n", lua_tostring(L, -1));
    lua_close(L);
    return status;
}
EOT
cat >module.c <<'EOT'
#include <lua.h>
static int twice(lua_State *L) {
    lua_pushinteger(L, 2 * lua_tointeger(L, 1));
    return 1;
}
int luaopen_twice(lua_State *L) {
    lua_pushcfunction(L, twice);
    return 1;
}
EOT
cat >host.cpp <<'EOT'
#include <iostream>
#include <lua.hpp>
#include <memory>
#include <perigee.h>
#include <string>
int main() {
    std::unique_ptr<lua_State, void (*)(lua_State *)> L(luaL_newstate(), lua_close);
    luaL_openlibs(L.get());
    if (perigee_cap(L.get(), nullptr, PERIGEE_INTERPRETER) != PERIGEE_OK) return 1;
    lua_pushcfunction(L.get(), [](lua_State *S) -> int { return luaL_error(S, "from %s", "C++"); });
    if (lua_pcall(L.get(), 0, 0, 0) != LUA_ERRRUN) return 1;
    std::cout << std::string(lua_tostring(L.get(), -1)) << std::endl;
}
EOT
prints() { # OUTPUT COMMAND...
    local out
    out=$("${@:2}") || return
    [ "$out" = "$1" ] || { echo "printed: $out"; return 1; }
}
run_shared() { LD_LIBRARY_PATH=$libdir "$@"; }

hosts() { # COMPILER SOURCE OUTPUT
    command -v "$1" >/dev/null || { echo "skipped: $2 (no $1)"; return; }
    check "$2 builds with the shared library" "$1" $cflags "$2" -o shared $shared
    check "$2 runs with the shared library" prints "$3" run_shared ./shared
    check "$2 names the library by its SONAME" sh -c 'readelf -d shared | grep -q "NEEDED.*libperigee\.so\.0"'
    check "$2 builds with the archive" "$1" $cflags "$2" -o static "$libdir/libperigee.a" $private
    check "$2 runs with the archive" prints "$3" ./static
    check "$2 needs no library then" sh -c '! readelf -d static | grep -q perigee'
}
hosts "$cc" host.c "42	Lua 5.4"
hosts "$cxx" host.cpp "from C++"

# A C module finds the functions in the library, or in the host that holds all of it and exports it.
if command -v "$cc" >/dev/null; then
    check "a module builds" "$cc" -shared -fPIC $cflags module.c -o module.so
    check "a host with the shared library for modules" "$cc" $cflags host.c -o shared $shared
    check "a module with the shared library" prints "42	Lua 5.4" run_shared ./shared module
    check "a host with the archive for modules" "$cc" $cflags host.c -o static -rdynamic \
        -Wl,--whole-archive "$libdir/libperigee.a" -Wl,--no-whole-archive $private
    check "a module with the archive" prints "42	Lua 5.4" ./static module
fi
result
