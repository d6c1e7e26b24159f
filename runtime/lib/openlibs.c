// SPDX-License-Identifier: MIT
/*
 * Opens the standard libraries (manual section 6), each as the module and the global of its name.
 *
 * The basic functions come first, as they make the globals visible under _G; then package, whose
 * tables are the ones that modules are looked up in. The rest is independent of its order, but where
 * tables are traversed by age it shows in package.loaded and in tracebacks, so it stays.
 */
#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

static void open(lua_State *L, const char *name, lua_CFunction opener) {
    luaL_requiref(L, name, opener, 1);
    lua_pop(L, 1);
}

void luaL_openlibs(lua_State *L) {
    open(L, LUA_GNAME, luaopen_base);
    open(L, LUA_LOADLIBNAME, luaopen_package);
    open(L, LUA_COLIBNAME, luaopen_coroutine);
    open(L, LUA_TABLIBNAME, luaopen_table);
    open(L, LUA_IOLIBNAME, luaopen_io);
    open(L, LUA_OSLIBNAME, luaopen_os);
    open(L, LUA_STRLIBNAME, luaopen_string);
    open(L, LUA_MATHLIBNAME, luaopen_math);
    open(L, LUA_UTF8LIBNAME, luaopen_utf8);
    open(L, LUA_DBLIBNAME, luaopen_debug);
}
