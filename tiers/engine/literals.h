// SPDX-License-Identifier: MIT
/* Recipes: how what object code names of a state (JitLiteral) is found again in another one, where it has another address or number.
 *
 *   shape 2 +x +y ^Point   of a table made with two inline slots, when it has got these keys and that metatable, in this order
 *   shape =Point 4 HASH    of that table alone, which has so many inline slots and the keys of that hash
 *   string BYTES           function 0123456789abcdef (FunctionId)          library math.floor
 *   slot Point.new         object Point    by way of global variables, and fields of tables that these hold
 *   stream, stale, ...     of the code itself, or of the state: the kind says it all
 *
 * Words are separated by spaces; bytes of names that are not letters, digits or underscores are written %XX. What has no recipe
 * (an object that no global variable leads to, functions of the host) makes object code useless to other states. */
#ifndef PERIGEE_ENGINE_LITERALS_H
#define PERIGEE_ENGINE_LITERALS_H

#include "state/code.h"
#include "tiers/shared/jit.h"

/* The recipe of a literal of that code; the state is the one it was compiled for. False: there is none, or no room for it. */
bool literal_recipe(lua_State *L, const JitLiteral *literal, char *text, size_t size);
/* The value that a recipe gives for that code in this state. Pushes what keeps it alive, or nil: needs some stack, and may raise
 * LUA_ERRMEM. False, with nil pushed: there is nothing of that recipe. */
bool literal_find(lua_State *L, const Code *code, const char *recipe, uint64_t *value);

#endif
