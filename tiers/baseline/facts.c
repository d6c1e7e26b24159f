// SPDX-License-Identifier: MIT
/* Types and values known from the instructions before.
 *
 * Only in code that is made from a profile (JitFunction.profiled), which compiles what ran and leaves the rest to the interpreter:
 * so an operation's result has one type, and what follows neither checks it nor loads it again. The slots are written all the
 * same; exits have nothing to save.
 *
 *      instruction ---------- facts that hold on all ways here ----------> block[n]
 *      entry, call, slow path ----> check[n]: tags compared, payloads loaded ----^
 *                                     '--> the interpreter runs the instruction
 *
 * Payloads are in variables (allocas), which become SSA values when the function is complete (llvm_promote_locals).
 *
 * At a loop's header there is known what the way in knows of registers that the loop does not write, or to which all that write
 * in it give the same type (as far as the profile tells). The way back is compared with that: where it knows less it goes by the check. */
#include <stdlib.h>
#include <string.h>

#include "tiers/baseline/emit.h"

static const Fact nothing = {NO_TAG, IN_SLOT};

static bool profiled(const Emit *e) { return e->now != NULL; }

static const uint8_t *row_at(const Emit *e, uint32_t n) { return e->f->seen[n]; }

static bool is_arithmetic(unsigned op) { return op >= OP_ADDI && op <= OP_BNOT; }
static bool is_order(unsigned op) { return (op >= OP_JLT && op <= OP_JNLE) || (op >= OP_JLTI && op <= OP_JNGEI); }

/* Rows of comparisons and loops have no column for mixed operands. */
static bool only_at(const Emit *e, uint32_t n, unsigned what) {
    const uint8_t *row = row_at(e, n);
    unsigned op = insn_op(e->f->code[n]);
    bool arithmetic = is_arithmetic(op);
    if (!arithmetic && !is_order(op) && op != OP_FORLOOP) return false;
    unsigned other = what == SEEN_INT ? SEEN_FLT : SEEN_INT;
    return row[what] && !row[other] && !row[SEEN_SLOW] && !(arithmetic && row[SEEN_MIXED]);
}

bool em_only(const Emit *e, unsigned what) { return profiled(e) && only_at(e, e->n, what); }

/* ----------------------------------------------------------------------------------------- here */

static Fact *fact_of(const Emit *e, const Val *v) {
    return e->now != NULL && v->address == NULL ? &e->now[v->reg] : NULL;
}

const Fact *em_fact(const Emit *e, const Val *v) { return fact_of(e, v); }

/* Assigned by other functions whenever they are called. */
static bool is_shared(const Emit *e, unsigned r) { return e->f->captured != NULL && r < e->f->maxstack && e->f->captured[r]; }

void em_know_tag(Emit *e, const Val *v, unsigned tag) {
    Fact *fact = fact_of(e, v);
    if (fact != NULL && !e->dead && !is_shared(e, v->reg)) fact->tag = (uint8_t)tag;
}

LLVMValueRef em_variable(Emit *e, unsigned r, LLVMTypeRef type) {
    LLVMValueRef *of = type == e->flt ? &e->flts[r] : &e->ints[r];
    if (*of != NULL) return *of;
    LLVMBasicBlockRef here = LLVMGetInsertBlock(e->b), first = LLVMGetEntryBasicBlock(e->function);
    LLVMPositionBuilderBefore(e->b, LLVMGetFirstInstruction(first));
    *of = LLVMBuildAlloca(e->b, type, "");
    LLVMPositionBuilderAtEnd(e->b, here);
    return *of;
}

static void keep(Emit *e, unsigned r, LLVMValueRef payload) {
    LLVMTypeRef type = LLVMTypeOf(payload);
    e->now[r].value = IN_SLOT;
    if (is_shared(e, r)) return;
    if (type == e->flt) {
        LLVMBuildStore(e->b, payload, em_variable(e, r, e->flt));
        e->now[r].value = IN_FLT;
        return;
    }
    if (type == e->ptr) payload = LLVMBuildPtrToInt(e->b, payload, e->i64, "");
    LLVMBuildStore(e->b, payload, em_variable(e, r, e->i64));
    e->now[r].value = IN_INT;
}

void em_keep(Emit *e, const Val *v, LLVMValueRef payload) {
    const Fact *fact = fact_of(e, v);
    if (fact != NULL && !e->dead && fact->value == IN_SLOT) keep(e, v->reg, payload);
}

void em_wrote(Emit *e, unsigned r, LLVMValueRef payload, LLVMValueRef tag) {
    if (e->now == NULL || e->dead) return;
    e->now[r] = nothing;
    if (is_shared(e, r)) return;
    if (tag != NULL && LLVMIsAConstantInt(tag) != NULL) e->now[r].tag = (uint8_t)LLVMConstIntGetZExtValue(tag);
    if (payload != NULL) keep(e, r, payload);
}

void em_forget_written(Emit *e) {
    for (unsigned r = 0; e->now != NULL && r < e->f->maxstack; r++)
        if (regs_has(&e->writes[e->n], r)) e->now[r] = nothing;
}

/* ---------------------------------------------------------------------------------------- edges */

/* what both say */
static Fact common(Fact a, Fact b) {
    return (Fact){a.tag == b.tag ? a.tag : NO_TAG, a.value == b.value ? a.value : IN_SLOT};
}

static bool implies(Fact a, Fact b) {
    return (b.tag == NO_TAG || a.tag == b.tag) && (b.value == IN_SLOT || a.value == b.value);
}

static Fact *facts_for(Emit *e, uint32_t n) {
    if (e->facts_at[n] == NULL) e->facts_at[n] = malloc(e->f->maxstack * sizeof(Fact));
    return e->facts_at[n];
}

/* The current facts, of registers that are read later, are what instruction n will know. */
static void bring(Emit *e, uint32_t n) {
    bool first = e->facts_at[n] == NULL;
    Fact *to = facts_for(e, n);
    if (to == NULL) {
        e->failed = true;
        return;
    }
    for (unsigned r = 0; r < e->f->maxstack; r++) {
        Fact fact = regs_has(&e->live[n], r) ? e->now[r] : nothing;
        to[r] = first ? fact : common(to[r], fact);
    }
}

LLVMBasicBlockRef em_edge(Emit *e, uint32_t n) {
    if (e->now == NULL) return e->block[n];
    if (n > e->n) {
        bring(e, n);
        return e->block[n];
    }
    const Fact *wanted = e->facts_at[n];
    for (unsigned r = 0; wanted != NULL && r < e->f->maxstack; r++)
        if (!implies(e->now[r], wanted[r])) return em_check(e, n);
    return e->block[n];
}

bool em_int_loop(const Emit *e, uint32_t n) { return e->now != NULL && insn_op(e->f->code[n]) == OP_FORLOOP && only_at(e, n, SEEN_INT); }

/* What instructions that are calls of the runtime give. */
static void expect_results(Emit *e) {
    Insn i = e->f->code[e->n];
    Fact *ra = &e->now[insn_a(i)];
    if (insn_op(i) == OP_NEWTABLE && !is_shared(e, insn_a(i))) *ra = (Fact){TAG_TABLE, IN_INT};
    if (insn_op(i) != OP_FORPREP || !em_int_loop(e, em_jump_target(e) - 1)) return;
    ra[0] = ra[2] = (Fact){TAG_INT, IN_INT};
    ra[1] = (Fact){NO_TAG, IN_INT};
    if (!is_shared(e, insn_a(i) + 3)) ra[3] = ra[0];
}

/* Of what a call may have changed, as much as before is expected. */
LLVMBasicBlockRef em_check(Emit *e, uint32_t n) {
    if (e->now == NULL) return e->block[n];
    if (n > e->n && e->facts_at[n] == NULL) {
        Fact saved[REGISTERS];
        memcpy(saved, e->now, sizeof saved);
        em_forget_written(e);
        expect_results(e);
        bring(e, n);
        memcpy(e->now, saved, sizeof saved);
    }
    return em_outside(e, n);
}

LLVMBasicBlockRef em_outside(Emit *e, uint32_t n) {
    if (e->now == NULL) return e->block[n];
    if (e->check[n] == NULL) e->check[n] = LLVMAppendBasicBlockInContext(e->context, e->function, "");
    return e->check[n];
}

void em_label_facts(Emit *e, Label *l, bool first) {
    if (e->now == NULL) return;
    for (unsigned r = 0; r < e->f->maxstack; r++) l->facts[r] = first ? e->now[r] : common(l->facts[r], e->now[r]);
}

/* ---------------------------------------------------------------------------------------- loops */

/* The type of what instruction n gives, as far as known. */
static unsigned result_tag(const Emit *e, uint32_t n) {
    Insn i = e->f->code[n];
    unsigned op = insn_op(i);
    const uint8_t *row = row_at(e, n);
    if (op == OP_LOADI || em_int_loop(e, n)) return TAG_INT;
    if (op == OP_LOADF) return TAG_FLT;
    if (op == OP_LOADK) return e->f->k[insn_x(i)].tag;
    if (is_arithmetic(op) && only_at(e, n, SEEN_INT)) return TAG_INT;
    if (is_arithmetic(op)) return row[SEEN_FLT] && !row[SEEN_INT] && !row[SEEN_SLOW] ? TAG_FLT : NO_TAG;
    if (op == OP_GETTABLE || op == OP_GETI) {
        if (row[SEEN_VALUE] || row[SEEN_OTHER] || row[SEEN_INT] == row[SEEN_FLT]) return NO_TAG;
        return row[SEEN_INT] ? TAG_INT : TAG_FLT;
    }
    return NO_TAG;
}

static bool keeps_type(const Emit *e, uint32_t n, unsigned r, Fact fact) {
    return !regs_has(&e->writes[n], r) || (fact.tag != NO_TAG && result_tag(e, n) == fact.tag);
}

static bool holds_in_loop(const Emit *e, uint32_t begin, uint32_t end, unsigned r, Fact fact) {
    for (uint32_t n = begin; n <= end; n++)
        if (!keeps_type(e, n, r, fact)) return false;
    return true;
}

static void restrict_to_loop(const Emit *e, uint32_t n, Fact *facts) {
    uint32_t end = e->loop_end[n];
    if (end == 0) return;
    for (unsigned r = 0; r < e->f->maxstack; r++) {
        bool counter = em_int_loop(e, end) && r >= insn_a(e->f->code[end]) && r < insn_a(e->f->code[end]) + 3u;
        if (facts[r].tag == NO_TAG && facts[r].value == IN_SLOT) continue;
        if (counter) continue; /* nobody else writes these */
        if (!holds_in_loop(e, n, end, r, facts[r])) facts[r] = nothing;
    }
}

/* -------------------------------------------------------------------------------------- a function */

void em_begin_facts(Emit *e, uint32_t n) {
    if (e->now == NULL) return;
    Fact *facts = e->facts_at[n];
    if (facts == NULL) {
        facts = facts_for(e, n);
        if (facts == NULL) {
            e->failed = true;
            return;
        }
        for (unsigned r = 0; r < e->f->maxstack; r++) facts[r] = nothing;
    }
    restrict_to_loop(e, n, facts);
    memcpy(e->now, facts, e->f->maxstack * sizeof *facts);
}

/* Loads what block[n] expects in variables; returns whether the tags are as expected, NULL: none is. */
static LLVMValueRef load_facts(Emit *e, const Fact *facts) {
    LLVMValueRef wrong = NULL;
    for (unsigned r = 0; r < e->f->maxstack; r++) {
        Val v = {.reg = r};
        if (facts[r].tag != NO_TAG) {
            LLVMValueRef differs = LLVMBuildXor(e->b, em_tag(e, &v), em_i32(e, facts[r].tag), "");
            wrong = wrong == NULL ? differs : LLVMBuildOr(e->b, wrong, differs, "");
        }
        if (facts[r].value == IN_INT) LLVMBuildStore(e->b, em_payload(e, &v, e->i64), em_variable(e, r, e->i64));
        if (facts[r].value == IN_FLT) LLVMBuildStore(e->b, em_payload(e, &v, e->flt), em_variable(e, r, e->flt));
    }
    return wrong;
}

static void emit_check(Emit *e, uint32_t n) {
    LLVMPositionBuilderAtEnd(e->b, e->check[n]);
    e->n = n;
    e->dead = false;
    e->base_block = NULL;
    e->exit = NULL;
    LLVMValueRef wrong = load_facts(e, e->facts_at[n]);
    if (wrong == NULL) {
        LLVMBuildBr(e->b, e->block[n]);
        return;
    }
    LLVMBasicBlockRef other = LLVMAppendBasicBlockInContext(e->context, e->function, "");
    LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntEQ, wrong, em_i32(e, 0), ""), e->block[n], other);
    LLVMPositionBuilderAtEnd(e->b, other);
    LLVMValueRef failed = em_address(e, e->f->checks_address);
    LLVMBuildStore(e->b, LLVMBuildAdd(e->b, LLVMBuildLoad2(e->b, e->i32, failed, ""), em_i32(e, 1), ""), failed);
    em_exit(e);
}

void em_emit_checks(Emit *e) {
    if (e->now == NULL) return;
    for (unsigned r = 0; r < REGISTERS; r++) e->now[r] = nothing; /* loads are loads */
    for (uint32_t n = 0; n < e->f->ninsns; n++)
        if (e->check[n] != NULL) emit_check(e, n);
}

static void find_loops(Emit *e) {
    for (uint32_t n = 0; n < e->f->ninsns; n++) {
        uint32_t succ[2];
        for (unsigned k = insn_successors(e->f, n, succ); k-- > 0;)
            if (succ[k] <= n) e->loop_end[succ[k]] = n;
    }
}

bool em_init_facts(Emit *e) {
    const JitFunction *f = e->f;
    if (!f->profiled || f->seen == NULL || f->fuel_address != 0) return true;
    e->check = calloc(f->ninsns + 1, sizeof *e->check);
    e->facts_at = calloc(f->ninsns + 1, sizeof *e->facts_at);
    e->now = malloc(REGISTERS * sizeof *e->now);
    e->live = calloc(f->ninsns + 1, sizeof *e->live);
    e->writes = calloc(f->ninsns + 1, sizeof *e->writes);
    e->loop_end = calloc(f->ninsns + 1, sizeof *e->loop_end);
    if (e->writes == NULL || e->check == NULL || e->facts_at == NULL || e->now == NULL || e->live == NULL || e->loop_end == NULL) return false;
    for (unsigned r = 0; r < REGISTERS; r++) e->now[r] = nothing;
    live_values(f, e->live);
    for (uint32_t n = 0; n < f->ninsns; n++) {
        RegSet reads;
        insn_effects(f, n, &reads, &e->writes[n]);
    }
    find_loops(e);
    return true;
}

void em_free_facts(Emit *e) {
    for (uint32_t n = 0; e->facts_at != NULL && n <= e->f->ninsns; n++) free(e->facts_at[n]);
    free(e->check);
    free(e->facts_at);
    free(e->now);
    free(e->live);
    free(e->writes);
    free(e->loop_end);
}
