// SPDX-License-Identifier: MIT
/* The frame accessor: the one way to read where a frame is and what its variables hold (DESIGN §5).
 * Interpreter frames keep every live value in its own stack slot; frames of compiled code will
 * materialise here on demand. */
#ifndef PERIGEE_FRAME_H
#define PERIGEE_FRAME_H

#include "state/state.h"

/* Index of the instruction the Lua frame is at (the one being executed or interrupted). */
int frame_pc(const CallInfo *ci);
/* That instruction, in its canonical form. */
Insn frame_instruction(const CallInfo *ci);
/* Source line of that instruction; -1 when stripped. */
int frame_line(const CallInfo *ci);
int proto_line(const Proto *p, int pc);
/* Name and slot of the nth local variable of a frame (n < 0: extra argument); NULL when there is
 * none. L: the thread of ci. */
const char *frame_local(lua_State *L, CallInfo *ci, int n, StkId *slot);

#endif
