// SPDX-License-Identifier: MIT
/* The runtime's options: one row each, behind the command line, PERIGEE_OPTIONS and the documentation.
 *
 * A state reads PERIGEE_OPTIONS when it is created and keeps its own copy. The command adds its
 * options to that variable, so that child processes inherit them.
 */
#ifndef PERIGEE_OPTIONS_H
#define PERIGEE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TIER_FREE = -1, TIER_INTERP, TIER_BASELINE, TIER_OPT };
enum { STATS_OFF, STATS_TEXT, STATS_JSON };

typedef struct Options {
    int tier;                       /* highest tier allowed */
    uint32_t baseline_at, opt_at;   /* calls (or loop iterations) after which a tier is wanted */
    bool jit_off;                   /* perigee_enable(L, 0): no tier above the interpreter for now */
    bool no_compiler;               /* perigee_setcompiler(L, NULL): the state is to have none */
    int8_t forced;                  /* perigee_force: the tier that all functions are to run in; TIER_FREE: by their uses */
    bool jit_sync;
    bool trace_tiers;               /* one line per event of the tiers on standard error */
    int stats;                      /* STATS_ */
    char stats_file[256];           /* empty: standard error */
    char dump[96];                  /* "bc,profile,ir,asm,graph,literals[:function]", what to dump at each request; empty: nothing */
    int64_t opt_bisect;             /* optimisations of the optimizing tier to be made; -1: all */
    uint64_t max_instructions, max_time, max_memory, max_code, max_depth; /* limits (time in ns); UINT64_MAX: none */
    uint32_t seed;                  /* of the hashes of strings; 0: random */
    uint32_t gc_every;              /* stress: collect at every Nth allocation; 0: off */
    uint32_t fail_alloc;            /* stress: fail the Nth allocation; 0: off */
    bool fail_from;                 /* ... and all after it */
    bool move_stack;                /* stress: move the stack at every check that may */
    uint32_t random_tiers;          /* stress: seed of random changes of tier; 0: off */
    uint32_t fail_guard;            /* stress: every Nth guard of optimised code fails; 0: off */
    bool verify_exits;              /* stress: check the frames that exits of optimised code leave behind */
    bool verify_heap;               /* stress: check the heap's invariants after each collection step */
} Options;

enum { OPTION_SET, OPTION_UNKNOWN, OPTION_INVALID };

void options_init(Options *o);
/* Sets one option, "name" or "name=value" with or without leading dashes; OPTION_INVALID: err says why. */
int options_set(Options *o, const char *text, size_t len, char *err, size_t errlen);
/* Sets all options of a list separated by blanks, as in PERIGEE_OPTIONS; the first that fails ends
 * it (same results). */
int options_parse(Options *o, const char *list, char *err, size_t errlen);
/* Row n of the table: spelling and one line of help; NULL behind the last. */
const char *options_row(unsigned n, const char **help);

#endif
