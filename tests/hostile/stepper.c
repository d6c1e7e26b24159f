// SPDX-License-Identifier: MIT
/* Stops a program at given steps and prints where it is.
 *
 *      hostile_steps SCRIPT N...
 *
 * For each N the script runs in a new state under a limit of N instructions. Where the limit stops it, a message
 * handler prints, for each frame of the running coroutine, the function, index of the instruction, line, and every
 * local variable and temporary by type and value; then come the counts. Addresses are left out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"
#include "perigee.h"
#include "state/frame.h"

static FILE *out;

static void print_value(lua_State *L, int idx) {
    size_t len;
    const char *s;
    switch (lua_type(L, idx)) {
        case LUA_TNIL: fputs("nil", out); break;
        case LUA_TBOOLEAN: fputs(lua_toboolean(L, idx) ? "true" : "false", out); break;
        case LUA_TNUMBER:
            if (lua_isinteger(L, idx)) fprintf(out, "%lld", (long long)lua_tointeger(L, idx));
            else fprintf(out, "%a", lua_tonumber(L, idx));
            break;
        case LUA_TSTRING:
            s = lua_tolstring(L, idx, &len);
            fprintf(out, "%zu:", len);
            if (strstr(s, "0x") == NULL) fwrite(s, 1, len < 40 ? len : 40, out); /* not the text of an address */
            break;
        case LUA_TTABLE: fprintf(out, "table[%llu]", (unsigned long long)lua_rawlen(L, idx)); break;
        default: fputs(luaL_typename(L, idx), out); break;
    }
}

/* What the debug library would show; a temporary may hold what a tier has left of a dead value, so of these only those that
 * have names count. */
static void print_frame(lua_State *L, lua_Debug *ar) {
    lua_getinfo(L, "nSl", ar);
    const CallInfo *ci = ar->i_ci;
    fprintf(out, " %s:%d at %d line %d %s", ar->short_src, ar->linedefined, frame_is_lua(ci) ? frame_pc(ci) : -1, ar->currentline,
            ar->name != NULL ? ar->name : "?");
    const char *name;
    for (int n = 1; frame_is_lua(ci) && (name = lua_getlocal(L, ar, n)) != NULL; n++) {
        if (name[0] != '(') {
            fprintf(out, " %s=", name);
            print_value(L, -1);
        }
        lua_pop(L, 1);
    }
    for (int n = -1; frame_is_lua(ci) && lua_getlocal(L, ar, n) != NULL; n--) {
        fputs(" ...=", out);
        print_value(L, -1);
        lua_pop(L, 1);
    }
    fputc('\n', out);
}

static int dump(lua_State *L) {
    lua_Debug ar;
    fprintf(out, "%s\n", luaL_tolstring(L, 1, NULL));
    lua_pop(L, 1);
    for (int level = 1; lua_getstack(L, level, &ar) && level < 300; level++) print_frame(L, &ar);
    return 1;
}

static int nothing(lua_State *L) {
    (void)L;
    return 0;
}

/* The same in every run: no clock, no randomness, no output. */
static void make_deterministic(lua_State *L) {
    static const char code[] = "math.randomseed(42) math.randomseed = function() end\n"
                               "os.time = function() return 0 end os.clock = function() return 0 end\n"
                               "collectgarbage('stop') collectgarbage = function() return 0 end\n" /* when finalizers run is the collector's */
                               "os.exit = function() error('exit') end";
    if (luaL_dostring(L, code) != LUA_OK) abort();
    lua_register(L, "print", nothing);
    lua_getglobal(L, "io");
    lua_pushcfunction(L, nothing);
    lua_setfield(L, -2, "write");
    lua_settop(L, 0);
}

static void stop_at(const char *script, unsigned long long n) {
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    make_deterministic(L);
    lua_newtable(L);
    lua_setglobal(L, "arg");
    lua_pushcfunction(L, dump);
    int status = luaL_loadfile(L, script);
    if (n != 0) perigee_setlimit(L, PERIGEE_LIMIT_INSTRUCTIONS, n);
    else perigee_setlimit(L, PERIGEE_LIMIT_INSTRUCTIONS, 1ULL << 60);
    if (status == LUA_OK) status = lua_pcall(L, 0, 0, 1);
    fprintf(out, "step %llu status %d reached %d used %llu\n", n, status, perigee_limitreached(L), perigee_usage(L, PERIGEE_LIMIT_INSTRUCTIONS));
    lua_close(L);
}

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    out = fdopen(dup(1), "w"); /* the script may write to stdout, or close it */
    if (freopen("/dev/null", "w", stdout) == NULL) return 2;
    for (int n = 2; n < argc; n++) stop_at(argv[1], strtoull(argv[n], NULL, 10));
    return 0;
}
