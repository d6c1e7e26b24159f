// SPDX-License-Identifier: MIT
/* From the graph to LLVM. */
#ifndef PERIGEE_LOWER_H
#define PERIGEE_LOWER_H

#include <llvm-c/Core.h>

#include "tiers/optimizing/graph.h"

/* Adds the function to the module. The graph is verified and ordered. */
void graph_lower(Graph *g, LLVMModuleRef module, const char *symbol);

#endif
