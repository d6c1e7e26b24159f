// SPDX-License-Identifier: MIT
/* Between the files that build library functions: arguments, results, branches. */
#ifndef PERIGEE_OPT_BUILTINS_BUILD_H
#define PERIGEE_OPT_BUILTINS_BUILD_H

#include "tiers/optimizing/builtins.h"

typedef struct Args {
    unsigned a, count; /* register of the function; the arguments follow */
    int wanted;        /* results; -1: returned by a tail call, one */
    unsigned number;   /* BUILTIN_ */
} Args;

typedef void BuildBuiltin(Builder *b, const Args *a);

/* Where a branch has not been gone on with yet. */
typedef struct Side {
    Block *block;
    Reg *reg;
    unsigned nrefined;
} Side;

static inline GNode *argument(Builder *b, const Args *a, unsigned n) { return get_reg(b, a->a + n); } /* from 1 on */
static inline void fail(Builder *b) { exit_here(b, DEOPT_TYPE); }

void finish_many(Builder *b, const Args *a, GNode *const *results, unsigned count);
static inline void finish(Builder *b, const Args *a, GNode *x) { finish_many(b, a, &x, 1); }

Side branch(Builder *b, GNode *cond, int likely); /* goes on where cond holds; the other side waits */
void take(Builder *b, Side s);
GNode *as_type(Builder *b, GNode *x, unsigned type); /* x as a value of that type; NULL: it cannot be */
GNode *as_flt(Builder *b, GNode *x); /* a number as a float; NULL: it is none */
bool as_string(Builder *b, GNode *x);
bool failed_before(const Builder *b, uint32_t pc, unsigned mark); /* SEEN_ */
GNode *select_node(Builder *b, GNode *cond, GNode *yes, GNode *no);
GNode *collecting(Builder *b, GNode *n, unsigned reason); /* what is live is in its state, or was stored before */

/* builtins_values.c */
BuildBuiltin build_type, build_mathtype, build_select, build_rawget, build_rawset, build_getmetatable, build_tostring, build_tonumber,
    build_unpack, build_next;
bool select_fits(const Builder *b, uint32_t pc); /* a call of `select` with open arguments that can be built */

#endif
