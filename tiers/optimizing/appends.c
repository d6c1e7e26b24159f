// SPDX-License-Identifier: MIT
/* Strings that grow in place: r = r .. x in a loop.
 *
 *     MOVE a r     the only copy
 *     ...          x, to registers above a; straight on
 *     CONCAT a n
 *     MOVE r a     a is dead from here on
 *
 * The code remembers the string that the concatenation made last (`Append`). Meets it the same string again, nobody else has
 * it, and it grows in its buffer instead of a new one being made. Any other instruction that reads r may hand it on, and so
 * may whatever the runtime does for an instruction (the debug library shows variables): the string is forgotten there (SHARE;
 * lower.c does so for nodes that write to everything). Code that is entered anew remembers nothing.
 */
#include "tiers/optimizing/build.h"

static bool goes_on(const JitFunction *f, uint32_t pc) {
    uint32_t succ[2];
    return insn_successors(f, pc, succ) == 1 && succ[0] == pc + 1;
}

/* The instruction before pc, on a straight way to it, that copies a variable to register a. */
static bool find_copy(const JitFunction *f, uint32_t pc, unsigned a, uint32_t *copy) {
    for (uint32_t n = pc; n-- > 0 && goes_on(f, n);) {
        if (insn_op(f->code[n]) == OP_MOVE && insn_a(f->code[n]) == a) {
            *copy = n;
            return true;
        }
        RegSet reads, writes;
        insn_effects(f, n, &reads, &writes);
        if (regs_has(&writes, a)) return false;
    }
    return false;
}

static bool is_append(const Builder *b, uint32_t pc, Append *append) {
    const JitFunction *f = b->f;
    unsigned a = insn_a(f->code[pc]);
    if (insn_op(f->code[pc]) != OP_CONCAT || pc + 2 >= f->ninsns || !find_copy(f, pc, a, &append->copy)) return false;
    unsigned r = insn_rb(f->code[append->copy]);
    Insn back = f->code[pc + 1];
    append->pc = pc;
    append->reg = (uint8_t)r;
    return r != a && insn_op(back) == OP_MOVE && insn_a(back) == r && insn_rb(back) == a && !regs_has(&b->used[pc + 2], a) && !regs_has(&b->captured, r);
}

void find_appends(Builder *b) {
    Append append;
    b->nappends = 0;
    for (uint32_t pc = 0; pc < b->f->ninsns && b->nappends < MAX_APPENDS && b->g->nappends < UINT8_MAX; pc++) {
        if (!is_append(b, pc, &append)) continue;
        append.number = (uint8_t)++b->g->nappends;
        b->appends[b->nappends++] = append;
    }
}

unsigned append_at(const Builder *b, uint32_t pc) {
    for (unsigned n = 0; n < b->nappends; n++)
        if (b->appends[n].pc == pc) return b->appends[n].number;
    return 0;
}

void share_appends(Builder *b) {
    if (b->nappends == 0) return;
    RegSet reads;
    insn_reads(b->f, b->pc, &reads);
    for (unsigned n = 0; n < b->nappends; n++)
        if (b->pc != b->appends[n].copy && regs_has(&reads, b->appends[n].reg)) emit0(b, N_SHARE, b->appends[n].number);
}
