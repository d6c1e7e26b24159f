// SPDX-License-Identifier: MIT
/* Library functions in place of calls to them (builtins.c). */
#ifndef PERIGEE_OPT_BUILTINS_H
#define PERIGEE_OPT_BUILTINS_H

#include "tiers/optimizing/build.h"

enum { MOST_UNPACKED = 8 }; /* values that unpack gives in place */
/* Is the call or the generic loop's step at pc built without the function? Then nothing leaves there. */
bool is_builtin(const Builder *b, uint32_t pc);
bool takes_extra(const Builder *b, uint32_t pc); /* ... and takes all extra arguments from where they are? */
bool unpacks_all(const Builder *b, uint32_t pc); /* a call of unpack of a table, all results of which are taken */
bool builtin_gives_one(const Builder *b, uint32_t pc);
bool builtin_is_pure(const Builder *b, uint32_t pc);
void build_builtin(Builder *b);

#endif
