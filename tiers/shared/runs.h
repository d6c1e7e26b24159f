// SPDX-License-Identifier: MIT
/* Counting steps. With a limit of instructions (state/limits.h) code pays for a run, a stretch of instructions that are all
 * executed if the first one is, when it begins, and gives back what is left when it leaves in the middle. So the
 * count is exact whenever control is elsewhere. A run ends at jumps, and at calls of anything that could look. */
#ifndef PERIGEE_RUNS_H
#define PERIGEE_RUNS_H

#include "tiers/shared/jit.h"

/* Has the instruction (canonical opcode) a target to jump to? */
bool has_target(unsigned opcode);

/* For each of f's instructions: whether it begins a run (ninsns + 3 places, false before), and how many there are from it to
 * the end of its run (ninsns places). */
void measure_runs(const JitFunction *f, bool *begins, uint32_t *rest);

#endif
