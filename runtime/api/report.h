// SPDX-License-Identifier: MIT
/* The report of --tier-stats (base/options.h). */
#ifndef PERIGEE_REPORT_H
#define PERIGEE_REPORT_H

#include <time.h>

#include "object/thread.h"

/* Writes the report if the state's options ask for one; start: monotonic time when the state was
 * made. The file is appended to, so that states and child processes that share it all show. */
void report_write(lua_State *L, const struct timespec *start);

#endif
