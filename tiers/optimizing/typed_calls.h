// SPDX-License-Identifier: MIT
/* Direct calls of typed host functions (typed_calls.c). */
#ifndef PERIGEE_TYPED_CALLS_H
#define PERIGEE_TYPED_CALLS_H

#include "tiers/optimizing/build.h"

bool is_typed_call(const Builder *b, uint32_t pc);
void build_typed_call(Builder *b);

#endif
