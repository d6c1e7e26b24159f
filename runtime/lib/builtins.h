// SPDX-License-Identifier: MIT
/* Library functions that compilers know by number. One row a function: its library, its name there. */
#ifndef PERIGEE_BUILTINS_H
#define PERIGEE_BUILTINS_H

#include "lua.h"

#include "lauxlib.h"

#define PERIGEE_BUILTINS(B)                                                                        \
    B(math, abs) B(math, acos) B(math, asin) B(math, atan) B(math, ceil) B(math, cos)              \
    B(math, exp) B(math, floor) B(math, fmod) B(math, log) B(math, max) B(math, min)               \
    B(math, pow) B(math, sin) B(math, sqrt) B(math, tan) B(math, tointeger) B(math, ult)           \
    B(string, byte) B(string, char) B(string, len) B(string, sub)                                  \
    B(table, insert) B(table, remove) B(table, unpack)                                                              \
    B(base, assert) B(base, getmetatable) B(base, ipairs) B(base, next) B(base, pairs) B(base, rawequal) B(base, rawget)          \
    B(base, rawlen) B(base, rawset) B(base, select) B(base, setmetatable) B(base, tonumber)        \
    B(base, tostring)                                                                              \
    B(base, type)

enum {
    BUILTIN_NONE,
#define BUILTIN_ENUM(library, name) BUILTIN_##name,
    PERIGEE_BUILTINS(BUILTIN_ENUM)
#undef BUILTIN_ENUM
    BUILTIN_mathtype,    /* math.type: `type` is another */
    BUILTIN_ipairs_step, /* the iterator that ipairs gives */
    BUILTIN_COUNT
};

/* What the libraries register. */
extern const luaL_Reg lib_base_functions[], lib_math_functions[], lib_string_functions[], lib_table_functions[];

unsigned lib_builtin(lua_CFunction f); /* its number, or BUILTIN_NONE */
/* As in "math.floor"; NULL: no such number, or no function of its own. */
const char *lib_builtin_name(unsigned builtin);
lua_CFunction lib_builtin_function(const char *name); /* NULL: none of that name */
unsigned lib_in_place(lua_CFunction f); /* ... among those of interp/in_place.h */

#endif
