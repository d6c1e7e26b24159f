/* SPDX-License-Identifier: MIT
 *
 * A first host: gives a program a value and a function, runs it, and takes its result.
 *
 *     cc minimal.c $(pkg-config --cflags --libs perigee) -o minimal
 */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>

static const char program[] =
    "local sum = 0\n"
    "for i = 1, limit do\n"
    "  if i % 3 == 0 then sum = sum + i end\n"
    "end\n"
    "report('sum of the multiples of three', sum)\n"
    "return sum % 1000\n";

/* report(text, number): arguments come on the stack, from 1 on; the return value is the number of results. */
static int report(lua_State *L) {
    printf("%s: %lld\n", luaL_checkstring(L, 1), luaL_checkinteger(L, 2));
    return 0;
}

int main(void) {
    lua_State *L = luaL_newstate();
    if (L == NULL) return 1;
    luaL_openlibs(L);
    lua_pushinteger(L, 1000000);
    lua_setglobal(L, "limit");
    lua_pushcfunction(L, report);
    lua_setglobal(L, "report");

    int status = luaL_loadbufferx(L, program, sizeof program - 1, "=program", "t");
    if (status == LUA_OK) status = lua_pcall(L, 0, 1, 0);
    if (status == LUA_OK) printf("result: %lld\n", lua_tointeger(L, -1));
    else fprintf(stderr, "error: %s\n", lua_tostring(L, -1));
    lua_close(L);
    return status != LUA_OK;
}
