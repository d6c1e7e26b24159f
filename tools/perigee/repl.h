// SPDX-License-Identifier: MIT
//
// The interactive mode.

#ifndef PERIGEE_TOOLS_REPL_H
#define PERIGEE_TOOLS_REPL_H

#include "lua.h"

/* Reads, runs and prints until the end of the input. Clears the stack. */
void run_repl(lua_State *L);

#endif
