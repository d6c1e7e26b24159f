// SPDX-License-Identifier: MIT
/* What the observation of one state keeps (api/report.h). */
#ifndef PERIGEE_REPORTER_H
#define PERIGEE_REPORTER_H

#include <pthread.h>
#include <time.h>

#include "api/report.h"
#include "api/sampler.h"
#include "profile/tier_table.h"

/* Uses that a function had when code of it was installed: with more it was entered. */
typedef struct Installation {
    FunctionId id;
    uint64_t uses;
} Installation;

struct Reporter {
    struct timespec start;       /* CLOCK_MONOTONIC */
    Sampler *sampler;            /* NULL: no memory */
    const Samples *samples;      /* once it was stopped */
    struct {
        uint32_t functions, entered;
        uint64_t uses;
    } collected;                 /* functions that are no more and have no entry in the tier table */
    struct {
        Installation *rows;      /* in the order of time */
        uint32_t count, capacity;
    } installed[TIERS];
    double wall_ms;              /* once it was stopped */
    double cpu_ms;               /* of the thread that began it, if that ends it; < 0: unknown */
    uint64_t cpu_start_ns;
    pthread_t thread;
    bool stats, trace, written;
};

#endif
