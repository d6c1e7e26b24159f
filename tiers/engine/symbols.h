// SPDX-License-Identifier: MIT
/* Symbol tables, found by name. */
#ifndef PERIGEE_SYMBOLS_H
#define PERIGEE_SYMBOLS_H

#include "tiers/shared/jit.h"

/* The symbol of that name in a table that ends with a NULL name and never changes; NULL: there is
 * none. Indexes the table at its first use. Any thread may call this. */
const JitSymbol *symbol_find(const JitSymbol *symbols, const char *name);

#endif
