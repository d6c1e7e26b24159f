// SPDX-License-Identifier: MIT
/* Inlining decisions as the report shows them. */
#ifndef PERIGEE_DECISIONS_H
#define PERIGEE_DECISIONS_H

#include "tiers/optimizing/graph.h"

void decisions_report(Graph *g, JitResult *result);

#endif
