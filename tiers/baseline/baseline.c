// SPDX-License-Identifier: MIT
/* The baseline tier: every opcode of a function to LLVM IR, without optimisation.
 *
 *      prologue: switch on the number of the entry
 *        entry 0 ---> instruction 0
 *        entry n ---> an instruction that control may come to from outside: after a call, after an
 *                     instruction that may have been left to the interpreter, at a loop's header
 *
 * Calls and returns are jumps to the runtime's handlers (interp/compiled.h); slow paths that are an
 * opcode's whole meaning are called; a failing guard leaves its instruction to the interpreter.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/builtins.h"
#include "sem/quicken.h"
#include "tiers/baseline/emit.h"
#include "tiers/plugin/emitter.h"
#include "tiers/plugin/llvm_cxx.h"
#include "tiers/shared/runs.h"

/* -------------------------------------------------------------------------- meaning of the opcodes */

static LLVMIntPredicate int_predicate(const char *op) {
    switch (op[0]) {
        case '<': return op[1] == '=' ? LLVMIntSLE : LLVMIntSLT;
        case '>': return op[1] == '=' ? LLVMIntSGE : LLVMIntSGT;
        default: return LLVMIntEQ;
    }
}

static LLVMRealPredicate flt_predicate(const char *op) {
    switch (op[0]) {
        case '<': return op[1] == '=' ? LLVMRealOLE : LLVMRealOLT;
        case '>': return op[1] == '=' ? LLVMRealOGE : LLVMRealOGT;
        default: return LLVMRealOEQ;
    }
}

/* Does what the instruction's cell describes follow from the shape in it? */
static bool follows_from_shape(const Emit *e) {
    switch (insn_op(e->i)) {
        case OP_GETFIELD_INL: case OP_GETFIELD_OVF: case OP_SELF_INL: case OP_SELF_OVF: case OP_SETFIELD_INL: case OP_SETFIELD_OVF:
        case OP_SETFIELDK_INL: case OP_SETFIELDK_OVF: return true;
        default: return false;
    }
}

/* Was the slow path taken before? Arithmetic seldom is: then it is the interpreter's. */
static bool slow_seen(const Emit *e) { return e->f->seen != NULL && e->f->seen[e->n][SEEN_SLOW] != 0; }

/* The slow path that completes the instruction: where the interpreter may learn, it is left to that; else called. */
static void slow(Emit *e, const char *name) {
    static const char *const called[] = {"slow_get", "slow_set", "slow_len", "slow_compare"};
    char noted[64] = "noted_";
    if (strcmp(name, "quick_get") == 0 || strcmp(name, "quick_set") == 0 || strcmp(name, "quick_self") == 0 ||
        strcmp(name, "quick_getglobal") == 0 || strcmp(name, "quick_setglobal") == 0) {
        em_exit(e); /* whoever compiles the function anew will know what it learnt */
        return;
    }
    if (strcmp(name, "slow_len") == 0) em_string_len(e);
    if (e->nlabels == 0 || strncmp(name, "quick_", 6) == 0 || strcmp(name, "slow_equal") == 0) { /* which is what comparing tables takes */
        em_slow(e, name, e->i);
        return;
    }
    bool calls = strcmp(name, "slow_arith") == 0 && slow_seen(e);
    for (unsigned n = 0; n < sizeof called / sizeof *called; n++) calls |= strcmp(name, called[n]) == 0;
    if (calls) em_slow(e, strncat(noted, name, sizeof noted - 7), em_canonical(e));
    else em_exit(e);
}

#include "tiers/baseline/words.h"
#include "sem/ops.h"

/* --- opcodes whose fast paths are the runtime's handlers --- */

static void emit_CALL(Emit *e) {
    if (e->light && insn_d(e->i) != NO_CELL) {
        em_leave_call(e, "rt_call_any");
        return;
    }
    Val f = em_register(e, insn_a(e->i));
    em_guard(e, LLVMBuildICmp(e->b, LLVMIntEQ, em_tag(e, &f), em_i32(e, TAG_LCL), ""), "other");
    em_call_known(e, &f);
    if (insn_d(e->i) == NO_CELL) em_leave(e, "rt_call", em_pc(e, e->n + 1), e->i);
    else em_leave_call(e, "rt_call_recorded");
    em_label(e, "other");
    em_call_here(e);
}

static void emit_TAILCALL(Emit *e) { em_leave(e, "rt_tailcall", em_pc(e, e->n + 1), e->i); }
static void emit_RETURN(Emit *e) { em_leave(e, "rt_return", em_pc(e, e->n + 1), e->i); }
static void emit_RETURN0(Emit *e) { em_leave(e, "rt_return0", em_pc(e, e->n + 1), e->i); }
static void emit_RETURN1(Emit *e) { em_leave(e, "rt_return1", em_pc(e, e->n + 1), e->i); }

static bool steps_ipairs(const Emit *e) {
    unsigned d = insn_d(e->i);
    return e->f->builtins != NULL && d < e->f->ncells && e->f->cells[d].kind == CELL_CFUNCTION && e->f->builtins[d] == BUILTIN_ipairs_step;
}

static void emit_TFORCALL(Emit *e) {
    if (e->now == NULL || insn_op(e->f->code[e->n + 1]) != OP_TFORLOOP) {
        em_slow(e, "iterate", e->i);
        return;
    }
    if (steps_ipairs(e) && em_ipairs_step(e, "other")) em_label(e, "other");
    if (!e->dead) em_iterate(e);
}

/* With the step that the instruction before loads. */
static void emit_for_prep(Emit *e) {
    Insn before = e->n > 0 ? e->f->code[e->n - 1] : 0;
    bool known = e->n > 0 && insn_op(before) == OP_LOADI && insn_a(before) == insn_a(e->i) + 2 && insn_j(before) > 0;
    if (known && em_int_loop(e, em_jump_target(e) - 1)) em_for_prep(e, insn_j(before));
    else em_slow(e, "slow_forprep", e->i);
}

/* A site's table remembers what its tables came to need. */
static void emit_new_table(Emit *e) { em_slow(e, "quick_newtable", e->i); }

typedef void (*EmitOpcode)(Emit *e);
#define ROW(name, ...) emit_##name,
static const EmitOpcode emit_opcode[] = {PERIGEE_OPCODES(ROW) PERIGEE_QUICK_OPCODES(ROW)};
#undef ROW

/* Opcodes as they are best compiled: those that quickened no further have not run, or their
 * operands are of several types. */
static EmitOpcode emitter_of(unsigned op) {
    switch (op) {
        case OP_NEWTABLE_SITE: return emit_new_table;
        case OP_FORPREP: return emit_for_prep;
#define GENERIC(name) case OP_##name##_NEW: return emit_##name;
        GENERIC(ADD) GENERIC(SUB) GENERIC(MUL) GENERIC(DIV) GENERIC(ADDK) GENERIC(SUBK) GENERIC(MULK) GENERIC(DIVK)
        GENERIC(JLT) GENERIC(JNLT) GENERIC(JLE) GENERIC(JNLE)
#undef GENERIC
        default: return emit_opcode[op];
    }
}

/* --------------------------------------------------------------------------------------- entries */

static bool never_leaves(unsigned op) {
    switch (op) {
        case OP_MOVE: case OP_LOADI: case OP_LOADF: case OP_LOADK: case OP_LOADFALSE: case OP_LFALSESKIP: case OP_LOADTRUE:
        case OP_LOADNIL: case OP_GETUPVAL: case OP_SETUPVAL: case OP_NOT: case OP_JMP: case OP_JEQK: case OP_JNEK: case OP_JNIL: case OP_JNNIL:
        case OP_JT: case OP_JF: case OP_JTSET: case OP_JFSET: return true;
        default: return false;
    }
}

/* Does its code record what the optimizing tier wants to know? The interpreter records nothing: after an exit, also of optimised code,
 * it has to come to this code before such an instruction, or nobody learns why there was one. */
static bool records(unsigned op) {
    switch (op) {
        case OP_MOVE: case OP_LOADI: case OP_LOADF: case OP_LOADK: case OP_LOADFALSE: case OP_LFALSESKIP: case OP_LOADTRUE: case OP_LOADNIL:
        case OP_GETUPVAL: case OP_SETUPVAL: case OP_NOT: case OP_NEWTABLE: case OP_CLOSURE: case OP_SETLIST: case OP_VARARG: case OP_CLOSE: case OP_TBC:
        case OP_JMP: case OP_RETURN: case OP_RETURN0: case OP_RETURN1: return false;
        default: return !opcode_caches(op);
    }
}

/* Does control come back behind it, after other functions ran or an exit? */
static bool may_come_back(const Emit *e, uint32_t n) {
    unsigned base = insn_op(e->f->code[n]);
    if (base == OP_CALL || base == OP_TFORCALL) return true;
    if (e->light || never_leaves(base)) return false;
    return e->now == NULL || e->f->seen[n][seen_slow(base)] != 0;
}

/* Instructions that control may come to from outside. In code made from a profile exits are rare, and light code is to have few of
 * these: else the interpreter goes on to the next one. */
static void mark_entries(Emit *e) {
    const JitFunction *f = e->f;
    for (uint32_t n = 0; n < f->ninsns; n++) e->entry_of[n] = e->light && records(insn_op(f->code[n])) ? 0 : JIT_NO_ENTRY;
    for (uint32_t n = 0; n < f->ninsns; n++) {
        unsigned base = insn_op(f->code[n]);
        if (n + 1 < f->ninsns && may_come_back(e, n)) e->entry_of[n + 1] = 0;
        if (!has_target(base) || never_leaves(base)) continue;
        e->entry_of[(int64_t)n + 1 + insn_j(f->code[n])] = 0;
        e->loops |= insn_j(f->code[n]) < 0;
    }
}

static uint32_t number_entries(Emit *e) {
    uint32_t next = 1;
    for (uint32_t n = 1; n < e->f->ninsns; n++)
        if (e->entry_of[n] != JIT_NO_ENTRY && next < JIT_MAX_ENTRIES) e->entry_of[n] = (uint16_t)next++;
        else e->entry_of[n] = JIT_NO_ENTRY;
    e->entry_of[0] = 0;
    return next;
}

/* ------------------------------------------------------------------------------------ a function */

static void emit_instruction(Emit *e, uint32_t n) {
    e->n = n;
    e->next = n + 1;
    e->i = e->f->quick[n];
    e->exit = NULL;
    e->dead = false;
    e->nlabels = 0;
    LLVMPositionBuilderAtEnd(e->b, e->block[n]);
    e->base_block = e->seen_block = NULL;
    em_begin_facts(e, n);
    if (e->rest != NULL && e->begins[n]) em_charge(e, n);
    emitter_of(insn_op(e->i))(e);
}

static void init_types(Emit *e) {
    e->i1 = LLVMInt1TypeInContext(e->context);
    e->i8 = LLVMInt8TypeInContext(e->context);
    e->i32 = LLVMInt32TypeInContext(e->context);
    e->i64 = LLVMInt64TypeInContext(e->context);
    e->flt = LLVMDoubleTypeInContext(e->context);
    e->ptr = LLVMPointerTypeInContext(e->context, 0);
    e->none = LLVMVoidTypeInContext(e->context);
    LLVMTypeRef params[] = {e->ptr, e->ptr, e->ptr, e->ptr, e->ptr, e->ptr, e->ptr, e->i64};
    e->handler_type = LLVMFunctionType(e->none, params, 8, false);
}

static bool baseline_emit(const JitJob *job, LLVMModuleRef module, const char *symbol, JitResult *r) {
    const JitFunction *f = job->function;
    Emit e = {.f = f, .context = LLVMGetModuleContext(module), .module = module};
    bool ready = em_init_facts(&e);
    r->light = e.light = e.now == NULL && !f->loops_long; /* or this is what runs while optimised code is waited for */
    init_types(&e);
    e.block = malloc((f->ninsns + 1) * sizeof *e.block);
    e.entry_of = malloc(f->ninsns * sizeof *e.entry_of);
    e.begins = calloc(f->ninsns + 3, sizeof *e.begins);
    if (!ready || e.block == NULL || e.entry_of == NULL || e.begins == NULL || (f->fuel_address != 0 && (e.rest = malloc((f->ninsns + 1) * sizeof *e.rest)) == NULL)) {
        free(e.block);
        free(e.entry_of);
        free(e.begins);
        em_free_facts(&e);
        snprintf(r->failure, sizeof r->failure, "out of memory");
        return false;
    }
    if (e.rest != NULL) measure_runs(f, e.begins, e.rest);
    e.b = LLVMCreateBuilderInContext(e.context);
    e.function = LLVMAddFunction(module, symbol, e.handler_type);
    LLVMSetFunctionCallConv(e.function, EMITTER_PRESERVE_NONE);
    e.L = LLVMGetParam(e.function, 0);
    LLVMAppendBasicBlockInContext(e.context, e.function, "");
    for (uint32_t n = 0; n < f->ninsns; n++) e.block[n] = LLVMAppendBasicBlockInContext(e.context, e.function, "");
    mark_entries(&e);
    r->nentries = number_entries(&e);
    em_prologue(&e, r->nentries);
    for (uint32_t n = 0; n < f->ninsns; n++) emit_instruction(&e, n);
    if (!e.failed) em_emit_checks(&e);
    em_free_facts(&e);
    LLVMDisposeBuilder(e.b);
    if (!e.failed && !e.light) llvm_promote_locals(e.function);
    free(e.block);
    free(e.begins);
    free(e.rest);
    r->entry_of = e.entry_of;
    if (e.failed) snprintf(r->failure, sizeof r->failure, "out of memory");
    return !e.failed;
}

const Emitter baseline_emitter = {.pipeline = NULL, .emit = baseline_emit};
