// SPDX-License-Identifier: MIT
//
// The command's seam to the bytecode lister.

#ifndef PERIGEE_TOOLS_LIST_H
#define PERIGEE_TOOLS_LIST_H

#include "lua.h"

/*
 * Prints the bytecode of the Lua function on the top of the stack, and of all functions inside it,
 * to stdout; with constants, local variables and upvalues if `full`. Leaves the stack as it was;
 * may raise errors.
 *
 * Weak: a command linked without a definition says that it has no lister. A weak reference does
 * not pull a member out of an archive, so link the object that defines it by name.
 */
__attribute__((weak)) void perigee_list(lua_State *L, int full);

#endif
