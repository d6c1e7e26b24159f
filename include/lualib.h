// SPDX-License-Identifier: MIT
/*
 * The standard libraries (manual section 6): one opening function each.
 *
 * An opening function is a lua_CFunction: it returns one value, the library's table. Call it
 * through luaL_requiref or from Lua, not directly from C. It raises only memory errors.
 */
#ifndef PERIGEE_LUALIB_H
#define PERIGEE_LUALIB_H

#ifndef lualib_h
#define lualib_h
#endif

#include "lua.h"

/* What distinguishes this version's environment variables, as in LUA_PATH_5_4. */
#define LUA_VERSUFFIX "_" LUA_VERSION_MAJOR "_" LUA_VERSION_MINOR

/* Basic functions; returns the table of globals, which it fills (6.1). */
LUAMOD_API int(luaopen_base)(lua_State *L);

/* Coroutines (6.2). */
#define LUA_COLIBNAME "coroutine"
LUAMOD_API int(luaopen_coroutine)(lua_State *L);

/* Tables as sequences (6.6). */
#define LUA_TABLIBNAME "table"
LUAMOD_API int(luaopen_table)(lua_State *L);

/* Input and output (6.8). */
#define LUA_IOLIBNAME "io"
LUAMOD_API int(luaopen_io)(lua_State *L);

/* The operating system (6.9). */
#define LUA_OSLIBNAME "os"
LUAMOD_API int(luaopen_os)(lua_State *L);

/* Strings; also gives strings their metatable (6.4). */
#define LUA_STRLIBNAME "string"
LUAMOD_API int(luaopen_string)(lua_State *L);

/* UTF-8 (6.5). */
#define LUA_UTF8LIBNAME "utf8"
LUAMOD_API int(luaopen_utf8)(lua_State *L);

/* Mathematics (6.7). */
#define LUA_MATHLIBNAME "math"
LUAMOD_API int(luaopen_math)(lua_State *L);

/* The debug interface (6.10). */
#define LUA_DBLIBNAME "debug"
LUAMOD_API int(luaopen_debug)(lua_State *L);

/* Modules; also sets the global `require` (6.3). */
#define LUA_LOADLIBNAME "package"
LUAMOD_API int(luaopen_package)(lua_State *L);

/* Open every library above into state L, each under its name in the globals. Memory errors only. */
LUALIB_API void(luaL_openlibs)(lua_State *L);

#endif
