// SPDX-License-Identifier: MIT
/* Names of values and functions, reconstructed from bytecode. */
#ifndef PERIGEE_DEBUGINFO_H
#define PERIGEE_DEBUGINFO_H

#include "state/frame.h"

/* A name for the function that frame ci runs, from the instruction of its caller that called it;
 * returns what kind of name ("global", "method", ...), NULL when nothing is known. */
const char *frame_function_name(lua_State *L, CallInfo *ci, const char **name);

#endif
