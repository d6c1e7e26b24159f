// SPDX-License-Identifier: MIT
/*
 * Opens the standard libraries (manual section 6), each as the module and the global of its name.
 *
 * The basic functions come first, as they make the globals visible under _G; then package, whose
 * tables are the ones that modules are looked up in. The rest could come in any order, but a
 * traversal of package.loaded shows it, and with that the names in tracebacks: it stays.
 */
#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

static void open_library(lua_State *L, const char *name, lua_CFunction opener) {
    luaL_requiref(L, name, opener, 1);
    lua_pop(L, 1);
}

void luaL_openlibs(lua_State *L) {
    open_library(L, LUA_GNAME, luaopen_base);
    open_library(L, LUA_LOADLIBNAME, luaopen_package);
    open_library(L, LUA_COLIBNAME, luaopen_coroutine);
    open_library(L, LUA_TABLIBNAME, luaopen_table);
    open_library(L, LUA_IOLIBNAME, luaopen_io);
    open_library(L, LUA_OSLIBNAME, luaopen_os);
    open_library(L, LUA_STRLIBNAME, luaopen_string);
    open_library(L, LUA_MATHLIBNAME, luaopen_math);
    open_library(L, LUA_UTF8LIBNAME, luaopen_utf8);
    open_library(L, LUA_DBLIBNAME, luaopen_debug);
}
