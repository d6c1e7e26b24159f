#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What `meson install` puts down is enough for hosts: install.sh BUILD
#
# Installs into an empty directory and builds hosts in C and C++ with nothing but the answers of pkg-config, or of CMake, against the shared library
# and against the archive; each runs, also one that loads a C module; the hosts print statistics of the tiers. The programs of examples/embed are built
# and run too, and what docs/embedding.md quotes of them is compared. Prints a line for each failure and "N passed, N failed" at the end.
# Environment: CC, CXX (a compiler that is missing skips its hosts, so does cmake).
[ $# = 1 ] || { sed -n '4,9p' "$0"; exit 2; }
build=$(realpath "$1") source=$(realpath "$(dirname "$0")/..")
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
for file in perigee/{lua,luaconf,lualib,lauxlib,perigee}.h perigee/lua.hpp; do check "$file" test -f "$prefix/include/$file"; done
check "manual page" test -f "$prefix/share/man/man1/perigee.1"
check "annotations for editors" test -f "$prefix/share/perigee/library/jit.lua"
check "the command" test "$("$prefix/bin/perigee" -e 'print(6 * 7)')" = 42
check "SONAME" sh -c "readelf -d '$libdir/libperigee.so' | grep -q 'SONAME.*\\[libperigee\\.so\\.0\\]'"
check "perigee.h declares what the library exports" diff \
    <(grep -o '(perigee_[a-z]*)' "$prefix/include/perigee/perigee.h" | tr -d '()' | sort -u) \
    <(nm -D --defined-only "$libdir/libperigee.so" | sed -n 's/.* \(perigee_[a-z]*\)$/\1/p' | sort -u)

cat >host.c <<'EOT'
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <perigee.h>
#include <stdio.h>
static int compiles(lua_State *L) {
    perigee_Stats s = {.size = sizeof s};
    perigee_Status status = perigee_stats(L, &s);
    if (status != PERIGEE_OK) return printf("no statistics: %s\n", perigee_statusname(status));
    if (s.unavailable != NULL) return printf("no compilers: %s\n", s.unavailable);
    return printf("baseline %s, optimizing %s\n", s.compiled[PERIGEE_BASELINE] ? "yes" : "no", s.compiled[PERIGEE_OPTIMIZING] ? "yes" : "no");
}
int main(int argc, char **argv) {
    lua_State *L = luaL_newstate();
    if (L == NULL) return 2;
    luaL_openlibs(L);
    lua_pushfstring(L, "./%s.so", argc > 1 ? argv[1] : "none");
    lua_setglobal(L, "file");
    int status = luaL_dostring(L, "local load = assert(package.loadlib(file, 'luaopen_twice')) print(load()(21), _VERSION)");
    if (argc == 1) {
        status = luaL_dostring(L, "local function f(i) return i % 7 end local s = 0 for i = 1, 5000 do s = s + f(i) end print(#('ab'):rep(21), _VERSION)");
        fflush(stdout);
        compiles(L);
    }
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
#include <perigee.h>
#include <string>
extern "C" { static double half(double x) { return x / 2; } }
int main() {
    std::unique_ptr<lua_State, void (*)(lua_State *)> L(luaL_newstate(), lua_close);
    luaL_openlibs(L.get());
    if (perigee_cap(L.get(), nullptr, PERIGEE_INTERPRETER) != PERIGEE_OK) return 1;
    lua_pushcfunction(L.get(), [](lua_State *S) -> int { return luaL_error(S, "from %s", "C++"); });
    if (lua_pcall(L.get(), 0, 0, 0) != LUA_ERRRUN) return 1;
    std::cout << std::string(lua_tostring(L.get(), -1)) << std::endl;
    const perigee_Typed typed[] = {PERIGEE_TYPED("half", "d(d)", half), PERIGEE_TYPED_END};
    lua_pushglobaltable(L.get());
    if (perigee_settyped(L.get(), typed) != LUA_OK || luaL_dostring(L.get(), "print(half(5))") != LUA_OK) return 1;
    perigee_Stats s{};
    s.size = sizeof s;
    return perigee_stats(L.get(), &s) != PERIGEE_OK;
}
EOT
prints() { # OUTPUT COMMAND...
    local out
    out=$("${@:2}") || return
    [ "$out" = "$1" ] || { echo "printed: $out"; return 1; }
}
export PERIGEE_OPTIONS="thresholds=5,50 jit-sync"
run_shared() { LD_LIBRARY_PATH=$libdir "$@"; }
# The archive's host finds the compilers beside it or where the package was configured for; mostly by the variable here, which stands for the latter.
run_static() { PERIGEE_JIT=$prefix/lib/perigee/libperigee-jit.so "$@"; }
tiers="baseline yes, optimizing yes"
[ -f "$prefix/lib/perigee/libperigee-jit.so" ] || tiers=
of_host="42	Lua 5.4${tiers:+$'\n'$tiers}" of_cpp="from C++"$'\n'"2.5"

replace_place() { # HOST COPY PLACE
    python3 - "$@" <<'EOT'
import os, re, sys
host, copy, place = sys.argv[1:]
with open(host, "rb") as f:
    data = f.read()
found = set(re.findall(rb"/[^\0]*/perigee/libperigee-jit\.so(?=\0)", data))
assert len(found) == 1, found
old = found.pop()
assert len(place) <= len(old), old
with open(copy, "wb") as f:
    f.write(data.replace(old + b"\0", os.fsencode(place).ljust(len(old) + 1, b"\0")))
os.chmod(copy, 0o755)
EOT
}

hosts() { # COMPILER SOURCE OUTPUT
    command -v "$1" >/dev/null || { echo "skipped: $2 (no $1)"; return; }
    check "$2 builds with the shared library" "$1" $cflags "$2" -o shared $shared
    check "$2 runs with the shared library" prints "$3" run_shared ./shared
    check "$2 names the library by its SONAME" sh -c 'readelf -d shared | grep -q "NEEDED.*libperigee\.so\.0"'
    check "$2 builds with the archive" "$1" $cflags "$2" -o static "$libdir/libperigee.a" $private
    check "$2 runs with the archive" prints "$3" run_static ./static
    check "$2 needs no library then" sh -c '! readelf -d static | grep -q perigee'
}
hosts "$cc" host.c "$of_host"
hosts "$cxx" host.cpp "$of_cpp"
if command -v "$cc" >/dev/null && [ -n "$tiers" ]; then
    cp static "$prefix/bin/static-host" && "$cc" $cflags host.c -o "$prefix/bin/static-host" "$libdir/libperigee.a" $private
    check "a host with the archive finds the compilers near it" prints "$of_host" "$prefix/bin/static-host"
    mv "$prefix/bin/static-host" c-host
    # Where it was configured for: that place is a constant of the host, and a copy of it gets another one (no longer, so a relative one).
    ln -s "$prefix/lib/perigee/libperigee-jit.so" elsewhere.so
    check "a host with the archive names the place of installation" replace_place c-host moved ./elsewhere.so
    check "a host with the archive finds the compilers where they were installed" prints "$of_host" env -u PERIGEE_JIT ./moved
    rm elsewhere.so
    check "and tells if they are not there" sh -c './moved | grep -q "no compilers: plugin libperigee-jit.so not found near"'
fi

# CMake, C and C++, shared and static
with_cmake() {
    mkdir cmake && cp host.c host.cpp cmake/
    cat >cmake/CMakeLists.txt <<'EOT'
cmake_minimum_required(VERSION 3.16)
project(hosts C CXX)
find_package(Perigee 0.1 REQUIRED)
add_executable(c_shared host.c)
add_executable(c_static host.c)
add_executable(cpp_shared host.cpp)
add_executable(cpp_static host.cpp)
target_link_libraries(c_shared PRIVATE Perigee::perigee)
target_link_libraries(cpp_shared PRIVATE Perigee::perigee)
target_link_libraries(c_static PRIVATE Perigee::perigee_static)
target_link_libraries(cpp_static PRIVATE Perigee::perigee_static)
EOT
    check "cmake finds the package" env CC="$cc" CXX="$cxx" cmake -S cmake -B cmake/build -DCMAKE_PREFIX_PATH="$prefix"
    check "cmake builds the hosts" cmake --build cmake/build
    check "cmake: C, shared" prints "$of_host" cmake/build/c_shared
    check "cmake: C, static" prints "$of_host" run_static cmake/build/c_static
    check "cmake: C++, shared" prints "$of_cpp" cmake/build/cpp_shared
    check "cmake: C++, static" prints "$of_cpp" run_static cmake/build/cpp_static
    sed -i 's/Perigee 0.1/Perigee 0.2/' cmake/CMakeLists.txt
    check "cmake refuses another version" sh -c "! CC='$cc' CXX='$cxx' cmake -S cmake -B cmake/other -DCMAKE_PREFIX_PATH='$prefix'"
}
if ! command -v cmake >/dev/null; then echo "skipped: CMake"; elif command -v "$cc" >/dev/null && command -v "$cxx" >/dev/null; then with_cmake; fi

# Shell completion: the files load, and know what the command has.
complete_bash() { # EXPECTED WORD...
    local expected=$1; shift
    [ "$(bash -c '. "$0"; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _perigee; echo "${COMPREPLY[*]}"' "$prefix/share/bash-completion/completions/perigee" "$@")" = "$expected" ]
}
check "completion in bash: options" complete_bash "--tier= --tier-stats" perigee --ti
check "completion in bash: values" complete_bash "interp baseline opt" perigee --tier =
check "completion in bash: a value" complete_bash json perigee --tier-stats = j
for option in $("$prefix/bin/perigee" --help | grep -o '^  --[a-z-]*[a-z]'); do
    for file in bash-completion/completions/perigee zsh/site-functions/_perigee; do
        check "completion of $option in $file" grep -q -e "$option[ =\[']" "$prefix/share/$file"
    done
    check "completion of $option in fish" grep -q -e " -l ${option#--} " "$prefix/share/fish/vendor_completions.d/perigee.fish"
done
if command -v zsh >/dev/null; then check "completion in zsh loads" zsh -n "$prefix/share/zsh/site-functions/_perigee"; else echo "skipped: zsh"; fi
if command -v fish >/dev/null; then check "completion in fish loads" fish -n "$prefix/share/fish/vendor_completions.d/perigee.fish"; else echo "skipped: fish"; fi

# The examples, in the tier they come to and in the interpreter; and the quotations of the documentation.
examples() {
    local name options
    for file in "$source"/examples/embed/*.c; do
        name=$(basename "$file" .c)
        check "example $name builds" "$cc" -Wall -Wextra -Werror -O2 -pthread $cflags "$file" -o "$name" $shared
        for options in "" "tier=interp" "thresholds=2,5 jit-sync"; do
            check "example $name with '$options'" env PERIGEE_OPTIONS="$options" bash -c "LD_LIBRARY_PATH='$libdir' './$name' | diff - '${file%.c}.out'"
        done
    done
    check "quotations in docs/embedding.md" python3 "$source/tests/quotations.py" "$source"
}
if command -v "$cc" >/dev/null; then examples; fi

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
