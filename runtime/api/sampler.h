// SPDX-License-Identifier: MIT
/* Where a state's thread spends its time, seen from outside: a thread looks about a thousand times a
 * second. The state's thread does nothing for it, and pays nothing when there is no sampler. */
#ifndef PERIGEE_SAMPLER_H
#define PERIGEE_SAMPLER_H

#include "object/thread.h"

/* Samples in one function. Only compare `function`: it may be dead, and its address have got another
 * meaning, in which case the other fields differ from what is there now. */
typedef struct FunctionSamples {
    const void *function;    /* Proto or C function; NULL: free row */
    bool is_c;
    int32_t line;            /* Proto: linedefined, ... */
    uint32_t sizecode, ordinal;
    uint32_t in[RUN_STATES]; /* by state; of C functions [RUN_C] only */
} FunctionSamples;

enum { SAMPLED_FUNCTIONS = 4096 };

typedef struct Samples {
    uint64_t in[RUN_STATES];
    uint64_t total;
    uint64_t unknown;        /* the frame could not be read: not in any state */
    uint64_t nowhere;        /* in Lua code, but which function could not be told */
    const char *failure;     /* why nothing was sampled, or only until then; NULL: all went well */
    FunctionSamples functions[SAMPLED_FUNCTIONS]; /* open addressing by address */
} Samples;

typedef struct Sampler Sampler;

/* Starts sampling the state g. NULL: no memory, no thread. */
Sampler *sampler_start(Global *g);
/* Ends it; what was seen stays until sampler_free. The state's thread. */
const Samples *sampler_stop(Sampler *s);
void sampler_free(Sampler *s);

/* The row of a function; NULL: never seen there. */
const FunctionSamples *sampler_function(const Samples *s, const Proto *p);

enum { SAMPLER_PERIOD_NS = 4 * 1000 * 1000 };

#endif
