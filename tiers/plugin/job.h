// SPDX-License-Identifier: MIT
/* One function's way from snapshot to placed code. */
#ifndef PERIGEE_JOB_H
#define PERIGEE_JOB_H

#include "tiers/plugin/emitter.h"

typedef struct Job {
    const JitJob *job;
    JitResult *r;
    const Emitter *emitter;
    const JitHost *host;
    const char *symbol; /* of the function in the session, unique */
    void *code;         /* where it was placed; NULL: not */
    void *placed;       /* the host's handle of it */
} Job;

/* Refuses what is too large, or needs more memory than there is. False: r->failure. */
bool job_admit(const Job *j);
/* Sets code and placed, and r but for `code` and `handle`. No code: r->failure. Ends by longjmp where
 * the guard is left; what is placed is then still the caller's to undo. */
void job_run(void *job);

#endif
