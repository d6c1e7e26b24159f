// SPDX-License-Identifier: MIT
/* Which registers an instruction reads and writes, and which are read later. */
#ifndef PERIGEE_LIVENESS_H
#define PERIGEE_LIVENESS_H

#include "tiers/shared/jit.h"

typedef struct RegSet {
    uint64_t word[4];
} RegSet;
static inline void regs_add(RegSet *s, unsigned r) { s->word[r >> 6] |= UINT64_C(1) << (r & 63); }
static inline void regs_remove(RegSet *s, unsigned r) { s->word[r >> 6] &= ~(UINT64_C(1) << (r & 63)); }
static inline bool regs_has(const RegSet *s, unsigned r) { return s->word[r >> 6] >> (r & 63) & 1; }
static inline void regs_add_range(RegSet *s, unsigned from, unsigned to) {
    for (unsigned r = from; r < to; r++) regs_add(s, r);
}
static inline void regs_union(RegSet *s, const RegSet *t) {
    for (int w = 0; w < 4; w++) s->word[w] |= t->word[w];
}

/* Registers read and written by canonical instruction pc. A call reads the registers below it too,
 * since the debug library shows the variables of frames that called. */
void insn_effects(const JitFunction *f, uint32_t pc, RegSet *reads, RegSet *writes);
/* The same without what only the debug library reads. */
void insn_reads(const JitFunction *f, uint32_t pc, RegSet *reads);
/* Where instruction pc may go: up to two successors; returns how many. */
unsigned insn_successors(const JitFunction *f, uint32_t pc, uint32_t succ[2]);
/* live[pc]: read by pc or later, unless written before. live: f->ninsns + 1 sets, zeroed. shown: what
 * the debug library may show counts as read. */
void live_values(const JitFunction *f, RegSet *live); /* the same for code that keeps the slots: by what reads alone */
void live_registers(const JitFunction *f, RegSet *live, bool shown);

#endif
