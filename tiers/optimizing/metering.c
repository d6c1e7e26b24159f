// SPDX-License-Identifier: MIT
/* Counting steps in optimised code, which is exact as in the lower tiers (tiers/shared/runs.h):
 *
 *      CHARGE 5  exit at 3        the run that begins at 3 is paid for, or left to the interpreter
 *      GUARD c   exit at 5        ... its State gives back what comes from there on (State.unspent)
 *      REFUND 2;  SLOW            ... what could look sees the steps that were made
 *      CHARGE 2  exit at 6
 *
 * Builder.paid tells on which side of that a path is. Where ways meet they agree: at the beginning of a run nothing is paid
 * for, anywhere else all is. Inlined code counts its own runs; while a metamethod runs, what its caller paid for is given back.
 *
 * Inlined code that is called after all (Builder.retries) puts the fuel back that there was before. Code whose exits begin with
 * a tail call of the outermost function again (Builder.restarts) could not, and is not inlined.
 */
#include "tiers/optimizing/build.h"
#include "tiers/optimizing/builtins.h"
#include "tiers/shared/runs.h"

bool is_metered(const Builder *b) {
    while (b->outer != NULL) b = b->outer;
    return b->f->fuel_address != 0;
}

void begin_metering(Builder *b) {
    if (!is_metered(b)) return;
    b->begins = arena_alloc(b->g->arena, (b->f->ninsns + 3) * sizeof *b->begins);
    b->rest = arena_alloc(b->g->arena, (b->f->ninsns + 1) * sizeof *b->rest);
    measure_runs(b->f, b->begins, b->rest);
}

/* From pc on, in the run of the instruction being built. */
static uint32_t rest_from(const Builder *b, uint32_t pc) {
    if (pc < b->pc) return b->rest[b->pc] + (b->pc - pc); /* an instruction that is done over with this one */
    return pc == b->pc || (pc == b->pc + 1 && !b->begins[pc]) ? b->rest[pc] : 0;
}

uint32_t unspent_at(const Builder *b, uint32_t pc) { return b->begins != NULL && b->paid ? rest_from(b, pc) : 0; }

void pay(Builder *b, uint32_t pc) {
    if (b->begins == NULL || b->paid) return;
    bool with_extra = takes_closed_extra(b, pc) || (pc > 0 && takes_extra(b, pc)); /* it begins again with the one that takes those */
    GNode *n = emit0(b, N_CHARGE, b->rest[pc]);
    n->reason = CODE_EXIT_PLAIN;
    n->state = state_at(b, with_extra ? pc - 1 : pc);
    n->state->unspent = with_extra;
    b->paid = true;
}

void give_back(Builder *b, uint32_t pc) {
    uint32_t n = unspent_at(b, pc);
    if (n > 0) emit0(b, N_REFUND, n);
    b->paid = false;
}

void save_fuel(Builder *n, Builder *b) {
    if (b->begins != NULL && b->outer == NULL && n->retries) n->fuel = emit0(b, N_FUEL, 0);
}

void restore_fuel(const Builder *n, Builder *b) {
    if (n->fuel != NULL) emit1(b, N_PUT_FUEL, n->fuel, 0);
}
