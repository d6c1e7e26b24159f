// SPDX-License-Identifier: MIT
/* What a guard expects, for the report (CodeExit). */
#ifndef PERIGEE_EXPECTATION_H
#define PERIGEE_EXPECTATION_H

#include "tiers/optimizing/graph.h"

typedef struct Expectation {
    uint8_t code;    /* EXPECT_ (state/code.h) */
    uint16_t where;  /* register of the outermost frame, or CODE_NOWHERE */
    uint64_t number;
} Expectation;

Expectation expectation_of(const GNode *exit);

#endif
