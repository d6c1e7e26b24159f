// SPDX-License-Identifier: MIT
/* From the graph to LLVM. */
#ifndef PERIGEE_LOWER_H
#define PERIGEE_LOWER_H

#include <llvm-c/Core.h>

#include "tiers/optimizing/graph.h"

/* Adds the function to the module, and to r what its code names of the state. The graph is verified and ordered. False: no memory. */
bool graph_lower(Graph *g, LLVMModuleRef module, const char *symbol, JitResult *r);

#endif
