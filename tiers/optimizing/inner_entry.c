// SPDX-License-Identifier: MIT
/* Entries at inner loops, for a frame that spins in one while its function is compiled.
 *
 *        call     frames that come back
 *          |        |
 *          v        v
 *        outer loop:  ... inner loop ...          built as ever: an entry in the middle of the outer loop would
 *                                                 keep everything from being moved out of that
 *        spinning frame
 *          |
 *          v
 *        a second copy of the inner loop; what leaves it goes on in the code's stream,
 *        where the next entry is the outer loop's
 *
 * The copy is made of the instructions of the inner loop by building them once more. Calls in it that are not
 * inlined come back to the first copy.
 *
 * Likewise the entry of an outermost loop round which tables go that are made here (v = v + w): a table that comes from
 * elsewhere would have to be looked at in each iteration, and those made in the loop with it (pass_escape_carried.h).
 */
#include <string.h>

#include "front/operands.h"
#include "tiers/optimizing/build.h"

enum { MAX_COPIES = 2, MAX_COPY = 400 /* instructions */ };

static void forget_range(Builder *b, uint32_t first, uint32_t last) {
    for (uint32_t pc = first; pc <= last; pc++) {
        b->arrivals[pc] = NULL;
        b->loops[pc].header = NULL;
        b->loops[pc].reg = NULL;
        for (Builder *n = b->inlined[pc]; n != NULL; n = n->next) { /* of a few functions that are called each */
            n->retry = NULL;
            n->arrivals[n->f->ninsns] = NULL;
            if (n->f->ninsns > 0) forget_range(n, 0, n->f->ninsns - 1);
        }
    }
}

/* What leaves the copy. */
void leave_part(Builder *b, uint32_t pc) {
    flush_live(b, pc);
    give_back(b, pc);
    emit0(b, N_LEAVE, RT_dispatch);
    b->at->last->pc = pc - 1; /* goes on behind that */
    b->at = NULL;
}

static void copy_loop(Builder *b, uint32_t header) {
    Loop *l = &b->loops[header];
    Arrival inside = {NULL, NULL, l->reg};
    b->part = true;
    b->part_first = l->first;
    b->part_last = l->last;
    forget_range(b, l->first, l->last);
    enter_loop(b, header, &inside);
    for (uint32_t n = 0; n < b->f->ninsns; n++)
        if (b->order[n] >= l->first && b->order[n] <= l->last) build_at(b, b->order[n]);
    b->part = false;
}

static bool is_entered(const Builder *b, uint32_t pc) {
    for (uint32_t n = 0; n < b->g->nentries; n++)
        if (b->g->entries[n].pc == pc) return true;
    return false;
}

/* -------------------------------------------------------------------- loops that tables go round */

static bool small_enough(const Loop *l) { return l->last - l->first <= MAX_COPY; }

bool enters_copy(const Builder *b, uint32_t pc) {
    const Loop *l = &b->loops[pc];
    return l->carries && !l->leaves && !l->slow && !l->repeats && small_enough(l) && b->g->function->effort == 0;
}

void note_fresh_registers(Builder *b, uint32_t pc, const Arrival *inside) {
    Loop *l = &b->loops[pc];
    for (unsigned r = 0; r < b->nregs && inside->next == NULL; r++)
        if (regs_has(&l->writes, r) && inside->reg[r].value != NULL && inside->reg[r].value->op == N_NEW_TABLE) regs_add(&l->fresh, r);
}

/* A table made in the loop; or one that came in, on other ways. */
static bool is_made(const GNode *x, const GNode *phi, unsigned depth) {
    bool made = x->op == N_NEW_TABLE;
    for (uint32_t p = 0; x->op == N_PHI && x != phi && p < x->nin; p++) {
        if (depth == 0 || (x->in[p] != phi && !is_made(x->in[p], phi, depth - 1))) return false;
        made = true;
    }
    return made;
}

void note_carried(Builder *b, uint32_t pc, const GNode *phi, const GNode *x) {
    enum { DEPTH = 2 };
    Loop *l = &b->loops[pc];
    if (b->outer != NULL || l->carries || !regs_has(&l->fresh, (unsigned)phi->imm.i) || !is_made(x, phi, DEPTH)) return;
    l->carries = true;
    b->again |= enters_copy(b, pc);
}

static void enter_copies(Builder *b) {
    for (uint32_t pc = 0; pc < b->f->ninsns && b->failure == NULL && !b->again; pc++)
        if (b->loops[pc].is_header && !b->loops[pc].inner && b->loops[pc].reg != NULL && enters_copy(b, pc)) copy_loop(b, pc);
}

/* Loops around where the frame is, but the outermost: from the outside to the inside. */
void build_inner_entries(Builder *b) {
    uint32_t at = b->f->spins_at, begun = 0;
    enter_copies(b);
    for (unsigned n = 0; n < MAX_COPIES; n++) {
        uint32_t best = UINT32_MAX;
        for (uint32_t pc = 0; pc < b->f->ninsns; pc++) {
            const Loop *l = &b->loops[pc];
            if (!l->is_header || !l->inner || l->reg == NULL || l->repeats || is_entered(b, pc) || at < l->first || at > l->last) continue;
            uint32_t size = l->last - l->first;
            if (size > MAX_COPY || (begun != 0 && size >= begun)) continue;
            if (best == UINT32_MAX || size > b->loops[best].last - b->loops[best].first) best = pc;
        }
        if (best == UINT32_MAX || b->failure != NULL || b->again) return;
        begun = b->loops[best].last - b->loops[best].first;
        copy_loop(b, best);
    }
}
