// SPDX-License-Identifier: MIT
/* Finalizers, and warnings, which their errors become. */
#ifndef PERIGEE_FINALIZER_H
#define PERIGEE_FINALIZER_H

#include "state/state.h"

/* Calls __gc of o, which is alive again; never raises what it raises. The collector is stopped
 * meanwhile (its caller sees to that). */
void run_finalizer(lua_State *L, GCObject *o);
/* A piece of a warning to the host's function, if there is one. */
void state_warning(lua_State *L, const char *msg, bool tocont);

#endif
