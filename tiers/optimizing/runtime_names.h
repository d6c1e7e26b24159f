// SPDX-License-Identifier: MIT
/* The runtime's functions that optimized code uses, by the names in its symbol table
 * ("rt_" and the name; interp/compiled.h). */
#ifndef PERIGEE_RUNTIME_NAMES_H
#define PERIGEE_RUNTIME_NAMES_H

#include "sem/quicken.h"

/* Handlers that take over by a tail call, with pc the next instruction and i the quickened one. */
#define RT_HANDLERS(H)                                                                             \
    H(call) H(tailcall) H(return0) H(return1) H(return)                                \
    H(dispatch) /* goes on at pc in the running frame */                                           \
    H(poll)     /* somebody asked for attention; goes on at pc */                                  \
    H(deopt)    /* a guard failed; cells: its CodeExit */                                          \
    H(typed_failed) /* the error that Global.typedstatus tells of, of the call at the instruction; cells: the CodeExit */

enum {
#define RT_ENUM(name) RT_##name,
    RT_HANDLERS(RT_ENUM)
#undef RT_ENUM
    RT_COUNT
};

/* Slow paths: const Insn *f(lua_State *, const Insn *pc, Insn i). Those of quickening get the
 * quickened instruction, the others the canonical one. */
#define RT_SLOW_PATHS(S) SLOW_PATHS(S) QUICK_PATHS(S) S(tforcall)
enum {
#define SLOW_ENUM(name) RT_##name,
    RT_SLOW_PATHS(SLOW_ENUM)
#undef SLOW_ENUM
    RT_SLOW_COUNT
};
enum {
    RT_FIRST_QUICK = RT_quick_get,
    RT_IN_STREAM = 1 << 16 /* with a slow path's number: the frame, when left, comes back to this code */
};

#endif
