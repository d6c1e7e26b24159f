// SPDX-License-Identifier: MIT
/* Survives LLVM's ways of ending the process. */
#ifndef PERIGEE_GUARD_H
#define PERIGEE_GUARD_H

#include <stdbool.h>
#include <stddef.h>

/* Once a process, before the first guarded call. */
void guard_install(void);

/* Calls body(arg). False: a failed allocation or a fatal error ended it half-way, `why` says which;
 * whatever it held is lost (memory, locks). Guards nest: the innermost of the thread is left. */
bool guard_run(void (*body)(void *arg), void *arg, char *why, size_t size);

/* For the handlers: leaves the innermost guard of this thread; returns if there is none. */
void guard_leave(const char *reason);

#endif
