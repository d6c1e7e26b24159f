// SPDX-License-Identifier: MIT
/* Runs a Lua script with one global more: gcstats(on) starts or stops the collector's own clock and returns what it has measured. Linked with the
 * runtime's static libraries, since this is no part of the C API.
 */
#include <stdio.h>

#include "gc/gc.h"
#include "lauxlib.h"
#include "lualib.h"

static void put(lua_State *L, const char *name, double value) {
    lua_pushnumber(L, value);
    lua_setfield(L, -2, name);
}

static int gcstats(lua_State *L) {
    GCStats s;
    gc_stats(L, &s, lua_toboolean(L, 1));
    lua_newtable(L);
    put(L, "collector_s", (double)s.nanoseconds / 1e9);
    put(L, "longest_step_ms", (double)s.longest / 1e6);
    put(L, "longest_atomic_ms", (double)s.longest_atomic / 1e6);
    put(L, "cycles", (double)s.cycles);
    put(L, "minors", (double)s.minors);
    return 1;
}

static void set_arguments(lua_State *L, int argc, char **argv) {
    lua_createtable(L, argc, 1);
    for (int i = 1; i < argc; i++) {
        lua_pushstring(L, argv[i]);
        lua_rawseti(L, -2, i - 1);
    }
    lua_setglobal(L, "arg");
}

int main(int argc, char **argv) {
    lua_State *L = luaL_newstate();
    if (L == NULL || argc < 2) return 2;
    luaL_openlibs(L);
    lua_register(L, "gcstats", gcstats);
    set_arguments(L, argc, argv);
    int failed = luaL_loadfile(L, argv[1]) || lua_pcall(L, 0, 0, 0);
    if (failed) fprintf(stderr, "%s\n", lua_tostring(L, -1));
    lua_close(L);
    return failed;
}
