// SPDX-License-Identifier: MIT
/* Ways into the code and out of it.
 *
 * In by the prologue, which goes where the number of the entry says. Out by tail calls of the runtime's handlers. FastISel knows
 * neither switches nor tail calls of this convention: the selection of whole blocks does them, which takes 0.13 ms for a switch and
 * 0.01 ms for a tail call. So ways out share blocks: all by one handler; in light code all of them, by a jump to what is in a
 * variable. And light code finds its entry by comparisons.
 *
 *     made from a profile:   switch ── entries ... ways out ──> a block for each handler ──> handler
 *     light:            comparisons ── entries ... ways out ──────────────────────────────> one block ──> handler
 *                                              exits ──> a block that makes pc and instruction of their number ──^
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "tiers/baseline/emit.h"
#include "tiers/plugin/emitter.h"

/* ------------------------------------------------------------------------------------------- in */

/* In the middle of a run control comes from outside by a block that pays for the rest. */
static LLVMBasicBlockRef entry_block(Emit *e, uint32_t n) {
    if (e->rest == NULL || e->begins[n]) return em_outside(e, n);
    LLVMBasicBlockRef here = LLVMGetInsertBlock(e->b), entry = em_new_block(e);
    LLVMPositionBuilderAtEnd(e->b, entry);
    em_charge(e, n);
    LLVMBuildBr(e->b, e->block[n]);
    LLVMPositionBuilderAtEnd(e->b, here);
    return entry;
}

/* From the current block to one of the entries low <= number < high, by halves; entries[low] is the instruction of entry `low`. */
static void compare(Emit *e, LLVMValueRef number, const uint32_t *entries, uint32_t low, uint32_t high) {
    if (high - low == 1) {
        LLVMBuildBr(e->b, low == 0 ? e->block[0] : entry_block(e, entries[low]));
        return;
    }
    uint32_t middle = low + (high - low) / 2;
    LLVMBasicBlockRef below = em_new_block(e), above = em_new_block(e);
    LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntULT, number, em_int(e, middle), ""), below, above);
    LLVMPositionBuilderAtEnd(e->b, below);
    compare(e, number, entries, low, middle);
    LLVMPositionBuilderAtEnd(e->b, above);
    compare(e, number, entries, middle, high);
}

static void compare_all(Emit *e, LLVMValueRef number, uint32_t nentries) {
    uint32_t *entries = malloc(nentries * sizeof *entries);
    if (entries == NULL) {
        e->failed = true;
        return;
    }
    for (uint32_t n = 0; n < e->f->ninsns; n++)
        if (e->entry_of[n] != JIT_NO_ENTRY) entries[e->entry_of[n]] = n;
    compare(e, number, entries, 0, nentries);
    free(entries);
}

static void choose(Emit *e, LLVMValueRef number, uint32_t nentries) {
    LLVMValueRef chosen = LLVMBuildSwitch(e->b, number, e->block[0], nentries);
    for (uint32_t n = 1; n < e->f->ninsns; n++)
        if (e->entry_of[n] != JIT_NO_ENTRY) LLVMAddCase(chosen, em_int(e, e->entry_of[n]), entry_block(e, n));
}

void em_prologue(Emit *e, uint32_t nentries) {
    LLVMPositionBuilderAtEnd(e->b, LLVMGetEntryBasicBlock(e->function));
    e->base_slot = LLVMBuildAlloca(e->b, e->ptr, "base");
    e->pc_slot = LLVMBuildAlloca(e->b, e->ptr, "pc");
    e->i_slot = LLVMBuildAlloca(e->b, e->i64, "i");
    e->cell_slot = LLVMBuildAlloca(e->b, e->ptr, "cell");
    if (e->light) e->handler_slot = LLVMBuildAlloca(e->b, e->ptr, "handler");
    if (e->f->seen_address == 0) e->scratch = LLVMBuildAlloca(e->b, e->i32, "seen");
    LLVMBuildStore(e->b, LLVMGetParam(e->function, 2), e->base_slot);
    em_running(e, RUN_BASELINE);
    LLVMValueRef number = LLVMBuildLShr(e->b, LLVMGetParam(e->function, 7), em_int(e, 8), "");
    number = LLVMBuildAnd(e->b, number, em_int(e, JIT_MAX_ENTRIES - 1), "");
    if (e->light) compare_all(e, number, nentries);
    else choose(e, number, nentries);
}

/* ------------------------------------------------------------------------------------------ out */

/* For the sampler of --tier-stats: what runs from here on. */
void em_running(Emit *e, unsigned what) {
    if (e->f->running_address == 0) return;
    LLVMBuildStore(e->b, em_i32(e, what), em_address(e, e->f->running_address));
}

/* A block that many ways out share: NULL, and the builder stands in a new one, the first time. */
static LLVMBasicBlockRef shared_block(Emit *e, const char *name) {
    for (unsigned n = 0; n < e->nleaves; n++)
        if (strcmp(e->leaves[n].name, name) == 0) return e->leaves[n].block;
    LLVMBasicBlockRef block = em_new_block(e);
    e->leaves[e->nleaves++] = (Label){name, block, NULL};
    LLVMPositionBuilderAtEnd(e->b, block);
    return NULL;
}

static void tail_call(Emit *e, LLVMValueRef handler, bool with_cell) {
    LLVMValueRef undef = LLVMGetUndef(e->ptr), pc = LLVMBuildLoad2(e->b, e->ptr, e->pc_slot, "");
    LLVMValueRef i = LLVMBuildLoad2(e->b, e->i64, e->i_slot, ""), base = LLVMBuildLoad2(e->b, e->ptr, e->base_slot, "");
    LLVMValueRef cell = with_cell ? LLVMBuildLoad2(e->b, e->ptr, e->cell_slot, "") : undef;
    LLVMValueRef args[] = {e->L, pc, base, undef, undef, cell, undef, i};
    LLVMValueRef call = LLVMBuildCall2(e->b, e->handler_type, handler, args, 8, "");
    LLVMSetInstructionCallConv(call, EMITTER_PRESERVE_NONE);
    LLVMSetTailCallKind(call, LLVMTailCallKindMustTail);
    LLVMBuildRetVoid(e->b);
}

static LLVMValueRef handler_named(Emit *e, const char *name) { return em_function(e, name, e->handler_type, EMITTER_PRESERVE_NONE); }

static bool is_exit(const char *handler) { return strncmp(handler, "rt_exit", 7) == 0; }

/* Leaves by what stands in the variables. */
static LLVMBasicBlockRef leave_block(Emit *e, const char *handler) {
    LLVMBasicBlockRef here = LLVMGetInsertBlock(e->b), known = shared_block(e, handler);
    if (known != NULL) return known;
    if (is_exit(handler)) em_running(e, RUN_INTERP);
    tail_call(e, handler_named(e, handler), strcmp(handler, "rt_call_recorded") == 0);
    LLVMBasicBlockRef made = e->leaves[e->nleaves - 1].block;
    LLVMPositionBuilderAtEnd(e->b, here);
    return made;
}

/* ... the handler too. */
static LLVMBasicBlockRef leave_light_block(Emit *e) {
    LLVMBasicBlockRef here = LLVMGetInsertBlock(e->b), known = shared_block(e, "");
    if (known != NULL) return known;
    LLVMBasicBlockRef made = LLVMGetInsertBlock(e->b);
    tail_call(e, LLVMBuildLoad2(e->b, e->ptr, e->handler_slot, ""), true);
    LLVMPositionBuilderAtEnd(e->b, here);
    return made;
}

void em_leave(Emit *e, const char *handler, LLVMValueRef pc, Insn i) {
    if (e->dead) return;
    LLVMBuildStore(e->b, pc, e->pc_slot);
    LLVMBuildStore(e->b, LLVMConstInt(e->i64, i, false), e->i_slot);
    if (e->light) LLVMBuildStore(e->b, handler_named(e, handler), e->handler_slot);
    LLVMBuildBr(e->b, e->light ? leave_light_block(e) : leave_block(e, handler));
    e->dead = true;
}

/* The call of a Lua function. */
void em_leave_call(Emit *e, const char *handler) {
    if (e->dead) return;
    LLVMBuildStore(e->b, em_cell(e), e->cell_slot);
    em_leave(e, handler, em_pc(e, e->n + 1), e->i);
}

/* ---------------------------------------------------------------------------------------- exits */

/* Of light code: makes what the handler takes of the number of the instruction. */
static LLVMBasicBlockRef exit_light_block(Emit *e, const char *handler) {
    LLVMBasicBlockRef here = LLVMGetInsertBlock(e->b), known = shared_block(e, handler);
    if (known != NULL) return known;
    LLVMBasicBlockRef made = LLVMGetInsertBlock(e->b);
    em_running(e, RUN_INTERP);
    LLVMValueRef number = LLVMBuildLoad2(e->b, e->i64, e->i_slot, "");
    LLVMValueRef next = LLVMBuildShl(e->b, number, em_int(e, 3), "");
    _Static_assert(sizeof(Insn) == 8, "the shift");
    LLVMBuildStore(e->b, em_offset(e, em_pc(e, 1), next), e->pc_slot);
    LLVMValueRef index = LLVMBuildShl(e->b, number, em_int(e, 32), ""); /* as insn_interpret */
    LLVMBuildStore(e->b, LLVMBuildOr(e->b, index, em_int(e, (int64_t)insn_interpret(0)), ""), e->i_slot);
    LLVMBuildStore(e->b, handler_named(e, handler), e->handler_slot);
    LLVMBuildBr(e->b, leave_light_block(e));
    LLVMPositionBuilderAtEnd(e->b, here);
    return made;
}

static void exit_by(Emit *e, const char *handler) {
    if (e->dead) return;
    if (e->exit != NULL) {
        LLVMBuildBr(e->b, e->exit);
        e->dead = true;
        return;
    }
    e->exit = LLVMGetInsertBlock(e->b);
    if (LLVMGetFirstInstruction(e->exit) != NULL) {
        e->exit = em_new_block(e);
        LLVMBuildBr(e->b, e->exit);
        LLVMPositionBuilderAtEnd(e->b, e->exit);
    }
    em_refund(e);
    if (!e->light) {
        em_leave(e, handler, em_pc(e, e->n + 1), insn_interpret(e->n));
        return;
    }
    LLVMBuildStore(e->b, em_int(e, e->n), e->i_slot);
    LLVMBuildBr(e->b, exit_light_block(e, handler));
    e->dead = true;
}

/* The interpreter does this instruction; what follows it is compiled again. */
void em_exit(Emit *e) { exit_by(e, "rt_exit"); }

/* It has no exit for another reason. */
void em_exit_untyped(Emit *e) { exit_by(e, "rt_exit_untyped"); }

/* ---------------------------------------------------------------------------------------- steps */

uint32_t em_unused_steps(const Emit *e) { return e->rest != NULL ? e->rest[e->n] - 1 : 0; }

void em_refund(Emit *e) {
    if (em_unused_steps(e) == 0) return;
    LLVMValueRef fuel = em_address(e, e->f->fuel_address);
    LLVMValueRef more = LLVMBuildAdd(e->b, LLVMBuildLoad2(e->b, e->i64, fuel, ""), em_int(e, em_unused_steps(e)), "");
    LLVMBuildStore(e->b, more, fuel);
}

void em_charge(Emit *e, uint32_t n) {
    LLVMValueRef fuel = em_address(e, e->f->fuel_address);
    LLVMValueRef left = LLVMBuildSub(e->b, LLVMBuildLoad2(e->b, e->i64, fuel, ""), em_int(e, e->rest[n]), "");
    LLVMBasicBlockRef on = em_next_block(e), short_of = em_new_block(e);
    LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntSLT, left, em_int(e, 0), ""), short_of, on);
    LLVMPositionBuilderAtEnd(e->b, short_of);
    em_leave(e, "rt_dispatch", em_address(e, e->f->quick_address + (uint64_t)n * sizeof(Insn)), 0);
    e->dead = false;
    LLVMPositionBuilderAtEnd(e->b, on);
    LLVMBuildStore(e->b, left, fuel);
}
