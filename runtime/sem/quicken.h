// SPDX-License-Identifier: MIT
/* Quickening: a warm function's copy of the code learns (see profile/feedback.h for the cells,
 * sem/opcodes.h for the opcodes). */
#ifndef PERIGEE_QUICKEN_H
#define PERIGEE_QUICKEN_H

#include "profile/feedback.h"
#include "sem/sem.h"

/* The budget of p is used up: makes it warm, or hands it to the compilers' policy. */
void proto_hot(lua_State *L, Proto *p);
/* The same inside a loop of frame ci about to go on at pc; returns where it goes on (perhaps in
 * another stream). */
const Insn *hot_loop(lua_State *L, CallInfo *ci, const Insn *pc);

/* The instruction before pc, in the quickened stream of p, becomes opcode op. */
void quick_rewrite(Proto *p, const Insn *pc, unsigned op);

/* The second-level cache, for instructions that see too many shapes (not for tables in dictionary mode). */
void lookup_fill(Global *g, Table *t, const String *key, Lookup *e);
static inline const Lookup *lookup(Global *g, Table *t, const String *key) {
    Lookup *e = &g->lookup[(t->shape ^ key->hash) % LOOKUP_SIZE];
    if (e->key != key || e->shape != t->shape || e->stamp != g->gcstamp) lookup_fill(g, t, key, e);
    return e;
}
/* The value of t[key] with regard to __index tables; NULL: to be found out by sem_get. */
static inline const TValue *lookup_get(Global *g, Table *t, const String *key) {
    const TValue *v;
    if (table_isdict(t)) {
        v = dict_find_sstr(t, key);
        if (v != NULL && !is_nil(v)) return v;
        return t->metatable == NULL ? &g->nilvalue : NULL;
    }
    const Lookup *e = lookup(g, t, key);
    if (e->slot >= 0) {
        v = table_slot(t, (unsigned)e->slot);
        if (!is_nil(v)) return v;
    }
    return e->epoch == g->epoch ? e->far : t->metatable == NULL ? &g->nilvalue : NULL;
}
/* The same without regard to metatables; NULL: absent. */
static inline const TValue *lookup_raw(Global *g, Table *t, const String *key) {
    if (table_isdict(t)) return dict_find_sstr(t, key);
    const Lookup *e = lookup(g, t, key);
    return e->slot >= 0 ? table_slot(t, (unsigned)e->slot) : NULL;
}
/* The place for an overwriting store to t[key]; NULL: to be done by sem_set. */
static inline TValue *lookup_place(Global *g, Table *t, const String *key) {
    if (table_isdict(t)) return NULL;
    const Lookup *e = lookup(g, t, key);
    if (e->storable == STORE_NEVER) return NULL;
    TValue *v = table_slot(t, (unsigned)e->slot);
    return is_nil(v) && e->storable != STORE_ALWAYS ? NULL : v;
}

/* Inline caches that missed: complete the instruction and learn from it. Protocol of slow paths (sem.h). */
#define QUICK_PATHS(S) S(quick_get) S(quick_getglobal) S(quick_self) S(quick_set) S(quick_setglobal) S(quick_newtable) \
    S(quick_call_index) S(quick_call_newindex)
#define QUICK_DECLARE(name) const Insn *name(lua_State *L, const Insn *pc, Insn i);
QUICK_PATHS(QUICK_DECLARE)
#undef QUICK_DECLARE

/* Where the row of an instruction (Feedback.seen) counts slow paths. */
static inline unsigned seen_slow(unsigned op) { return opcode_indexes(op) ? SEEN_OTHER : SEEN_SLOW; }

/* The running frame's instruction comes to the metamethod *f of its operands: for compilers. */
void quick_note_handler(lua_State *L, int event, const TValue *a, const TValue *b, const TValue *f);
/* Instruction number pc of p comes to the function f as __index, __newindex or __call of a table, whatever its metatable. */
void quick_note_function(lua_State *L, Proto *p, uint32_t pc, const TValue *f);
/* A cell that optimised code was compiled with, as it was then. */
typedef struct Reliance {
    Cell cell;
    Cell poly[POLY_MAX]; /* of a polymorphic one */
    const String *key;
    bool stores;
} Reliance;
/* Do lookups through metatables still give what the cell says? What makes it false is from now on told to
 * Global.lookups_fired. Allocates nothing. */
bool quick_holds(Global *g, const Reliance *r);

#endif
