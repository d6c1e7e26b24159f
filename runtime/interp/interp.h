// SPDX-License-Identifier: MIT
/* The interpreter (tier 0). */
#ifndef PERIGEE_INTERP_H
#define PERIGEE_INTERP_H

#include "state/code.h"
#include "state/state.h"

/* Runs frame ci, which must be L->ci and CI_FRESH somewhere below, until a fresh frame returns. */
void vm_execute(lua_State *L, CallInfo *ci);
/* Chooses the plain or the hooked handlers by L->hookmask; also answers a request for attention. */
void vm_set_dispatch(lua_State *L);
/* "tail calls" or "computed goto": how this build dispatches */
const char *vm_technique(void);

/* What compiled code may jump to and call, by name; ends with a NULL name. NULL: this build's
 * interpreter cannot run compiled code. */
const JitSymbol *vm_jit_symbols(void);

#endif
