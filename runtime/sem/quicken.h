// SPDX-License-Identifier: MIT
/* Quickening: a warm function's copy of the code learns (see profile/feedback.h for the cells, sem/opcodes.h for the opcodes). */
#ifndef PERIGEE_QUICKEN_H
#define PERIGEE_QUICKEN_H

#include "profile/feedback.h"
#include "sem/sem.h"

enum { WARM_BUDGET = 4 }; /* calls and loop iterations before a function gets feedback */

/* The budget of p is used up: makes it warm, or hands it to the compilers' policy. */
void proto_hot(lua_State *L, Proto *p);
/* The same inside a loop of frame ci about to go on at pc; returns where it goes on (perhaps in another stream). */
const Insn *hot_loop(lua_State *L, CallInfo *ci, const Insn *pc);

/* The second-level cache, for instructions that see too many shapes: slot of a key in a shape. An entry is dead once the collector freed anything, since
 * it holds neither. */
const TValue *lookup_fill(Global *g, Table *t, const String *key, Lookup *e);
static inline const TValue *lookup_str(Global *g, Table *t, const String *key) {
    if (table_isdict(t)) return dict_find_sstr(t, key);
    Lookup *e = &g->lookup[(t->shape ^ key->hash) % LOOKUP_SIZE];
    if (e->key == key && e->shape == t->shape && e->stamp == g->gcstamp)
        return e->slot < 0 ? NULL : table_slot(t, (unsigned)e->slot);
    return lookup_fill(g, t, key, e);
}

/* Inline caches that missed: complete the instruction and learn from it. Protocol of slow paths (sem.h). */
#define QUICK_PATHS(S) S(quick_get) S(quick_getglobal) S(quick_self) S(quick_set) S(quick_setglobal) S(quick_newtable) \
    S(quick_call_index) S(quick_call_newindex)
#define QUICK_DECLARE(name) const Insn *name(lua_State *L, const Insn *pc, Insn i);
QUICK_PATHS(QUICK_DECLARE)
#undef QUICK_DECLARE

#endif
