// SPDX-License-Identifier: MIT
/* Events of hooks while Lua code runs. */
#ifndef PERIGEE_TRACE_H
#define PERIGEE_TRACE_H

#include "state/frame.h"

/* Delivers the events that are due before the instruction at pc of the running frame. May raise
 * and, by a hook that yields, leave. The stack may move. Returns whether hooks are still on. */
int trace_instruction(lua_State *L, const Insn *pc);

#endif
