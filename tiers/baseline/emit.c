// SPDX-License-Identifier: MIT
/* See emit.h: operands, memory, control. */
#include "tiers/baseline/emit.h"

#include <stddef.h>
#include <string.h>

#include "gc/gc.h"

/* ------------------------------------------------------------------------------------- constants */

LLVMValueRef em_int(Emit *e, int64_t n) { return LLVMConstInt(e->i64, (uint64_t)n, true); }
LLVMValueRef em_i32(Emit *e, uint32_t n) { return LLVMConstInt(e->i32, n, false); }
LLVMValueRef em_address(Emit *e, uint64_t address) { return LLVMConstIntToPtr(LLVMConstInt(e->i64, address, false), e->ptr); }
LLVMValueRef em_pc(Emit *e, uint32_t n) { return em_address(e, e->f->stream_address + (uint64_t)n * sizeof(Insn)); }

uint32_t em_jump_target(const Emit *e) { return (uint32_t)((int64_t)e->n + 1 + insn_j(e->i)); }

/* ---------------------------------------------------------------------------------------- memory */

LLVMValueRef em_offset(Emit *e, LLVMValueRef object, LLVMValueRef bytes) {
    return LLVMBuildGEP2(e->b, e->i8, object, &bytes, 1, "");
}

static LLVMValueRef at(Emit *e, LLVMValueRef object, size_t offset) {
    return offset == 0 ? object : em_offset(e, object, em_int(e, (int64_t)offset));
}

LLVMValueRef em_field(Emit *e, LLVMValueRef object, size_t offset, LLVMTypeRef type) {
    if (e->dead) return LLVMGetUndef(type);
    return LLVMBuildLoad2(e->b, type, at(e, object, offset), "");
}

void em_set_field(Emit *e, LLVMValueRef object, size_t offset, LLVMValueRef value) {
    if (!e->dead) LLVMBuildStore(e->b, value, at(e, object, offset));
}

/* -------------------------------------------------------------------------------------- operands */

LLVMValueRef em_base(Emit *e) {
    LLVMBasicBlockRef here = LLVMGetInsertBlock(e->b);
    if (e->base_block != here) {
        e->base = LLVMBuildLoad2(e->b, e->ptr, e->base_slot, "");
        e->base_block = here;
    }
    return e->base;
}

Val em_register(Emit *e, unsigned r) {
    (void)e;
    return (Val){.reg = r};
}

Val em_constant(Emit *e, unsigned n) {
    return (Val){.address = em_address(e, e->f->k_address + (uint64_t)n * sizeof(TValue)), .constant = &e->f->k[n]};
}

static LLVMValueRef upvalue(Emit *e, unsigned n) {
    LLVMValueRef closure = LLVMBuildLoad2(e->b, e->ptr, em_offset(e, em_base(e), em_int(e, -(int64_t)sizeof(TValue))), "");
    return em_field(e, closure, offsetof(LClosure, upvals) + n * sizeof(UpVal *), e->ptr);
}

Val em_upvalue(Emit *e, unsigned n) {
    if (e->dead) return (Val){.address = LLVMGetUndef(e->ptr)};
    return (Val){.address = em_field(e, upvalue(e, n), offsetof(UpVal, v), e->ptr)};
}

LLVMValueRef em_place(Emit *e, const Val *v) {
    if (v->address != NULL) return v->address;
    return at(e, em_base(e), (size_t)v->reg * sizeof(TValue));
}

static LLVMValueRef part(Emit *e, const Val *v, size_t offset, LLVMTypeRef type) {
    if (e->dead) return LLVMGetUndef(type);
    if (v->address != NULL) return em_field(e, v->address, offset, type);
    return em_field(e, em_base(e), (size_t)v->reg * sizeof(TValue) + offset, type);
}

LLVMValueRef em_tag(Emit *e, const Val *v) {
    if (v->constant != NULL) return em_i32(e, v->constant->tag);
    const Fact *fact = em_fact(e, v);
    if (fact != NULL && fact->tag != NO_TAG) return em_i32(e, fact->tag);
    return part(e, v, offsetof(TValue, tag), e->i32);
}

LLVMValueRef em_payload(Emit *e, const Val *v, LLVMTypeRef type) {
    if (v->constant != NULL && v->constant->tag == TAG_INT && type == e->i64) return em_int(e, v->constant->v.i);
    if (v->constant != NULL && v->constant->tag == TAG_FLT && type == e->flt) return LLVMConstReal(e->flt, v->constant->v.n);
    const Fact *fact = e->dead ? NULL : em_fact(e, v);
    if (fact != NULL && fact->value == IN_FLT && type == e->flt) return LLVMBuildLoad2(e->b, type, em_variable(e, v->reg, type), "");
    if (fact != NULL && fact->value == IN_INT && type != e->flt) {
        LLVMValueRef payload = LLVMBuildLoad2(e->b, e->i64, em_variable(e, v->reg, e->i64), "");
        return type == e->ptr ? LLVMBuildIntToPtr(e->b, payload, type, "") : payload;
    }
    return part(e, v, 0, type);
}

/* --------------------------------------------------------------------------------------- results */

static void set_part(Emit *e, const Val *v, size_t offset, LLVMValueRef x) {
    if (e->dead) return;
    if (v->address != NULL) em_set_field(e, v->address, offset, x);
    else em_set_field(e, em_base(e), (size_t)v->reg * sizeof(TValue) + offset, x);
}

/* unless it is known to be there */
static void put_tag(Emit *e, const Val *to, LLVMValueRef tag) {
    const Fact *fact = em_fact(e, to);
    bool same = fact != NULL && fact->tag != NO_TAG && LLVMIsAConstantInt(tag) != NULL && LLVMConstIntGetZExtValue(tag) == fact->tag;
    if (!same) set_part(e, to, offsetof(TValue, tag), tag);
}

void em_put_tag(Emit *e, const Val *to, LLVMValueRef tag) {
    put_tag(e, to, tag);
    if (to->address == NULL) em_wrote(e, to->reg, NULL, tag);
}

void em_put(Emit *e, const Val *to, LLVMValueRef payload, LLVMValueRef tag) {
    set_part(e, to, 0, payload);
    put_tag(e, to, tag);
    if (to->address == NULL) em_wrote(e, to->reg, payload, tag);
}

/* a payload as what it is */
static LLVMTypeRef payload_type(const Emit *e, const Val *v) {
    const Fact *fact = em_fact(e, v);
    return fact != NULL && fact->value == IN_FLT ? e->flt : e->i64;
}

void em_copy(Emit *e, const Val *to, const Val *v) {
    if (!e->dead) em_put(e, to, em_payload(e, v, payload_type(e, v)), em_tag(e, v));
}

/* --------------------------------------------------------------------------------------- control */

LLVMBasicBlockRef em_new_block(Emit *e) { return LLVMAppendBasicBlockInContext(e->context, e->function, ""); }

LLVMBasicBlockRef em_next_block(Emit *e) {
    LLVMBasicBlockRef block = em_new_block(e);
    LLVMMoveBasicBlockAfter(block, LLVMGetInsertBlock(e->b));
    return block;
}

LLVMBasicBlockRef em_target(Emit *e, const char *name) {
    for (unsigned n = 0; n < e->nlabels; n++)
        if (strcmp(e->labels[n].name, name) == 0) {
            em_label_facts(e, &e->labels[n], false);
            return e->labels[n].block;
        }
    Label *l = &e->labels[e->nlabels];
    *l = (Label){name, em_new_block(e), e->label_facts[e->nlabels++]};
    em_label_facts(e, l, true);
    return l->block;
}

/* Code made from a profile leaves alternatives that never ran to the interpreter. */
static bool never_ran(const Emit *e, const char *label) {
    size_t n = strlen(label);
    return n > 4 && strcmp(label + n - 4, "_flt") == 0 && em_only(e, SEEN_INT);
}

void em_label(Emit *e, const char *name) {
    if (!e->dead) LLVMBuildBr(e->b, em_target(e, name));
    for (unsigned n = 0; n < e->nlabels; n++)
        if (strcmp(e->labels[n].name, name) == 0) {
            LLVMPositionBuilderAtEnd(e->b, e->labels[n].block);
            e->dead = false;
            if (e->now != NULL) memcpy(e->now, e->labels[n].facts, e->f->maxstack * sizeof *e->now);
            if (never_ran(e, name)) em_exit(e);
            return;
        }
    e->dead = true; /* nobody comes here */
}

/* -1 unless the condition is a constant */
static int known(LLVMValueRef condition) {
    return LLVMIsAConstantInt(condition) != NULL ? LLVMConstIntGetZExtValue(condition) != 0 : -1;
}

void em_guard(Emit *e, LLVMValueRef condition, const char *label) {
    if (e->dead) return;
    int k = known(condition);
    if (k == 1) return;
    if (k == 0) {
        LLVMBuildBr(e->b, em_target(e, label));
        e->dead = true;
        return;
    }
    LLVMBasicBlockRef on = em_next_block(e);
    LLVMBuildCondBr(e->b, condition, on, em_target(e, label));
    LLVMPositionBuilderAtEnd(e->b, on);
}

void em_go(Emit *e, uint32_t n) {
    if (!e->dead) LLVMBuildBr(e->b, em_edge(e, n));
    e->dead = true;
}

/* The block of a jump, taken: which is recorded, but once it is known. */
static LLVMBasicBlockRef jump_block(Emit *e) {
    bool known = e->now != NULL && e->f->seen[e->n][SEEN_JUMP];
    return e->f->seen_address != 0 && !known ? em_new_block(e) : em_edge(e, em_jump_target(e));
}

static void fill_jump(Emit *e, LLVMBasicBlockRef jump) {
    if (LLVMGetFirstInstruction(jump) != NULL || e->f->seen_address == 0 || (e->now != NULL && e->f->seen[e->n][SEEN_JUMP])) return;
    LLVMPositionBuilderAtEnd(e->b, jump);
    em_seen(e, SEEN_JUMP);
    LLVMBuildBr(e->b, em_edge(e, em_jump_target(e)));
}

void em_branch(Emit *e, LLVMValueRef condition, bool sense) {
    if (e->dead) return;
    LLVMBasicBlockRef jump = jump_block(e), on = em_edge(e, e->next);
    LLVMBuildCondBr(e->b, condition, sense ? jump : on, sense ? on : jump);
    fill_jump(e, jump);
    e->dead = true;
}

void em_unless_next(Emit *e, LLVMValueRef condition, bool sense) {
    LLVMBasicBlockRef on = em_next_block(e);
    LLVMBasicBlockRef next = em_edge(e, e->next);
    LLVMBuildCondBr(e->b, condition, sense ? on : next, sense ? next : on);
    LLVMPositionBuilderAtEnd(e->b, on);
}

LLVMValueRef em_function(Emit *e, const char *name, LLVMTypeRef type, unsigned convention) {
    LLVMValueRef f = LLVMGetNamedFunction(e->module, name);
    if (f == NULL) {
        f = LLVMAddFunction(e->module, name, type);
        LLVMSetFunctionCallConv(f, convention);
    }
    return f;
}

/* a == b, but for what may have metamethods and what needs a longer look, which goes to the label; jumps if it is `sense`. */
void em_equal(Emit *e, bool sense, const char *label) {
    Val a = em_register(e, insn_a(e->i)), b = em_register(e, insn_rb(e->i));
    LLVMBasicBlockRef jump = jump_block(e), on = em_edge(e, e->next);
    LLVMBasicBlockRef equal = sense ? jump : on, unequal = sense ? on : jump;
    LLVMBasicBlockRef same = em_next_block(e), mixed = em_new_block(e), other = em_new_block(e), tables = em_new_block(e);
    LLVMValueRef ta = em_tag(e, &a), tb = em_tag(e, &b);
    LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntEQ, ta, tb, ""), same, mixed);
    LLVMPositionBuilderAtEnd(e->b, same);
    LLVMBasicBlockRef payloads = em_next_block(e);
    LLVMValueRef by_payload = LLVMBuildLShr(e->b, em_i32(e, BY_PAYLOAD | 1u << TAG_TABLE), ta, "");
    LLVMBuildCondBr(e->b, LLVMBuildTrunc(e->b, by_payload, e->i1, ""), payloads, em_target(e, label));
    LLVMPositionBuilderAtEnd(e->b, payloads);
    LLVMValueRef x = em_payload(e, &a, e->i64), y = em_payload(e, &b, e->i64);
    LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntEQ, x, y, ""), equal, other);
    LLVMPositionBuilderAtEnd(e->b, other); /* tables without metatables */
    LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntEQ, ta, em_i32(e, TAG_TABLE), ""), tables, unequal);
    LLVMPositionBuilderAtEnd(e->b, tables);
    LLVMValueRef args[] = {em_payload(e, &a, e->ptr), em_payload(e, &b, e->ptr)};
    LLVMValueRef differ = em_call(e, "rt_tables_differ", e->i8, args, 2);
    LLVMBuildCondBr(e->b, LLVMBuildTrunc(e->b, differ, e->i1, ""), unequal, em_target(e, label));
    LLVMPositionBuilderAtEnd(e->b, mixed); /* an integer may equal a float; nothing else of another tag */
    LLVMValueRef number = LLVMBuildICmp(e->b, LLVMIntEQ, LLVMBuildOr(e->b, LLVMBuildOr(e->b, ta, tb, ""), em_i32(e, 1), ""), em_i32(e, TAG_FLT), "");
    LLVMBuildCondBr(e->b, number, em_target(e, label), unequal);
    fill_jump(e, jump);
    e->dead = true;
}

LLVMValueRef em_call(Emit *e, const char *name, LLVMTypeRef result, LLVMValueRef *args, unsigned n) {
    if (e->dead) return result == e->none ? NULL : LLVMGetUndef(result);
    LLVMTypeRef types[8];
    for (unsigned a = 0; a < n; a++) types[a] = LLVMTypeOf(args[a]);
    LLVMTypeRef type = LLVMFunctionType(result, types, n, false);
    return LLVMBuildCall2(e->b, type, em_function(e, name, type, LLVMCCallConv), args, n, "");
}

static void set_base(Emit *e, LLVMValueRef base) {
    e->base = base;
    e->base_block = LLVMGetInsertBlock(e->b);
    LLVMBuildStore(e->b, base, e->base_slot);
}

static void reload_base(Emit *e) {
    LLVMValueRef ci = em_field(e, e->L, offsetof(lua_State, ci), e->ptr);
    LLVMValueRef func = em_field(e, ci, offsetof(CallInfo, func), e->ptr);
    set_base(e, em_offset(e, func, em_int(e, sizeof(TValue))));
}

static bool jumps(Insn i) {
    unsigned op = opcode_base[insn_op(i)];
    return op == OP_FORPREP || op == OP_TFORPREP || (op >= OP_JEQ && op <= OP_JNGEI);
}

Insn em_canonical(const Emit *e) { return (e->i & ~(Insn)0xff) | opcode_base[insn_op(e->i)]; }

static LLVMValueRef seen_row(Emit *e) {
    if (e->f->seen_address == 0) return e->scratch;
    return em_address(e, e->f->seen_address + (uint64_t)e->n * SEEN_WIDTH);
}

static bool takes_row(const char *name) { return strncmp(name, "noted_", 6) == 0 || strcmp(name, "iterate") == 0; }

/* Goes on where the slow path said. */
void em_slow(Emit *e, const char *name, Insn i) {
    if (e->dead) return;
    if (em_unused_steps(e) != 0) { /* what it calls would see them as run */
        em_exit(e);
        return;
    }
    char symbol[64] = "rt_";
    strncat(symbol, name, sizeof symbol - 4);
    LLVMValueRef expected = em_pc(e, e->n + 1);
    LLVMValueRef args[] = {e->L, expected, LLVMConstInt(e->i64, i, false), seen_row(e)};
    LLVMValueRef pc = em_call(e, symbol, e->ptr, args, takes_row(name) ? 4 : 3);
    reload_base(e);
    LLVMBasicBlockRef other = em_new_block(e), leave = other;
    LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntEQ, pc, expected, ""), em_check(e, e->next), other);
    if (jumps(e->i)) {
        LLVMPositionBuilderAtEnd(e->b, other);
        leave = em_new_block(e);
        uint32_t target = em_jump_target(e);
        LLVMBasicBlockRef jump = em_new_block(e);
        LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntEQ, pc, em_pc(e, target), ""), jump, leave);
        LLVMPositionBuilderAtEnd(e->b, jump);
        em_seen(e, SEEN_JUMP);
        LLVMBuildBr(e->b, em_check(e, target));
    }
    LLVMPositionBuilderAtEnd(e->b, leave);
    em_leave(e, "rt_dispatch", pc, 0);
}

/* The frame record `called` of the target. */
static void fill_frame(Emit *e, const JitTarget *t, LLVMValueRef caller, LLVMValueRef called, LLVMValueRef func) {
    enum { PACKED = offsetof(CallInfo, attention) };
    _Static_assert(offsetof(CallInfo, status) == PACKED + 4 && offsetof(CallInfo, nresults) == PACKED + 6, "three fields in a word");
    uint64_t nresults = (uint16_t)(insn_c(e->i) - 1);
    em_set_field(e, caller, offsetof(CallInfo, pc), em_pc(e, e->n + 1));
    em_set_field(e, called, offsetof(CallInfo, func), func);
    em_set_field(e, called, offsetof(CallInfo, top), em_offset(e, func, em_int(e, (1 + (int64_t)t->maxstack) * (int64_t)sizeof(TValue))));
    em_set_field(e, called, PACKED, LLVMConstInt(e->i64, nresults << 48, false));
    em_set_field(e, called, offsetof(CallInfo, nextra), em_i32(e, 0));
    em_set_field(e, e->L, offsetof(lua_State, ci), called);
}

/* As rt_call_recorded. The cell keeps the target as long as it names it, so that what is known of that holds. */
void em_call_known(Emit *e, const Val *f) {
    const JitTarget *t = e->now != NULL && e->f->targets != NULL && insn_d(e->i) < e->f->ncells ? &e->f->targets[insn_d(e->i)] : NULL;
    unsigned nargs = insn_b(e->i) - 1, a = insn_a(e->i);
    if (e->dead || t == NULL || !t->fits || insn_b(e->i) == 0) return;
    LLVMValueRef func = em_place(e, f), closure = em_payload(e, f, e->ptr);
    LLVMValueRef known = em_field(e, em_cell(e), offsetof(Cell, u), e->ptr);
    em_guard(e, LLVMBuildICmp(e->b, LLVMIntEQ, em_field(e, closure, offsetof(LClosure, p), e->ptr), known, ""), "unknown");
    LLVMValueRef ci = em_field(e, e->L, offsetof(lua_State, ci), e->ptr), called = em_field(e, ci, offsetof(CallInfo, next), e->ptr);
    em_guard(e, LLVMBuildIsNotNull(e->b, called, ""), "unknown");
    LLVMValueRef limit = em_field(e, e->L, offsetof(lua_State, stack_limit), e->i64);
    LLVMValueRef room = LLVMBuildSub(e->b, limit, LLVMBuildPtrToInt(e->b, func, e->i64, ""), "");
    em_guard(e, LLVMBuildICmp(e->b, LLVMIntSGE, room, em_int(e, ((int64_t)t->maxstack + nargs + 2) * (int64_t)sizeof(TValue)), ""), "unknown");
    LLVMValueRef budget = em_address(e, t->budget_address);
    LLVMValueRef left = LLVMBuildSub(e->b, LLVMBuildLoad2(e->b, e->i32, budget, ""), em_i32(e, 1), "");
    em_guard(e, LLVMBuildICmp(e->b, LLVMIntSGT, left, em_i32(e, 0), ""), "unknown");
    LLVMBuildStore(e->b, left, budget);
    fill_frame(e, t, ci, called, func);
    for (unsigned n = nargs; n < t->numparams; n++) set_part(e, &(Val){.reg = a + 1 + n}, offsetof(TValue, tag), em_i32(e, TAG_NIL));
    LLVMValueRef pc = LLVMBuildLoad2(e->b, e->ptr, em_address(e, t->entry_address), "");
    em_set_field(e, called, offsetof(CallInfo, pc), pc);
    LLVMBuildStore(e->b, em_offset(e, func, em_int(e, sizeof(TValue))), e->base_slot);
    em_leave(e, "rt_begin", pc, 0);
    em_label(e, "unknown");
}

/* A call of what is no Lua function: in place, if it is a C function that can be called so. */
void em_call_here(Emit *e) {
    LLVMValueRef pc = em_pc(e, e->n + 1), cell = insn_d(e->i) == NO_CELL ? LLVMConstNull(e->ptr) : em_cell(e);
    LLVMValueRef args[] = {e->L, pc, LLVMConstInt(e->i64, e->i, false), cell, em_base(e)};
    LLVMValueRef base = em_call(e, "rt_call_here", e->ptr, args, 5);
    LLVMBasicBlockRef other = em_new_block(e), done = em_next_block(e), hooked = em_new_block(e), call = em_new_block(e);
    LLVMValueRef number = LLVMBuildPtrToInt(e->b, base, e->i64, "");
    LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntUGT, number, em_int(e, CALL_HOOKED), ""), done, other);
    LLVMPositionBuilderAtEnd(e->b, done);
    set_base(e, base);
    LLVMBuildBr(e->b, em_check(e, e->next));
    LLVMPositionBuilderAtEnd(e->b, other);
    LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntEQ, number, em_int(e, CALL_HOOKED), ""), hooked, call);
    LLVMPositionBuilderAtEnd(e->b, hooked);
    em_leave(e, "rt_dispatch", pc, 0);
    e->dead = false;
    LLVMPositionBuilderAtEnd(e->b, call);
    em_leave(e, "rt_call_noted", pc, e->i);
}

/* In rows of indexing by numbers the kinds of numbers mean nothing, and the slow path is one of the
 * other things. */

void em_seen(Emit *e, unsigned what) {
    if (e->dead || e->f->seen_address == 0) return;
    if (opcode_indexes(insn_op(e->i))) {
        if (what < SEEN_SLOW) return;
        if (what == SEEN_SLOW) what = SEEN_OTHER;
    }
    if (e->now != NULL && e->f->seen[e->n][what] != 0) return; /* nothing new */
    if (e->seen_block == LLVMGetInsertBlock(e->b) && e->seen_what == what) return; /* of the other operand */
    e->seen_block = LLVMGetInsertBlock(e->b);
    e->seen_what = what;
    LLVMValueRef place = em_address(e, e->f->seen_address + (uint64_t)e->n * SEEN_WIDTH + what), seen = LLVMConstInt(e->i8, 1, false);
    bool counted = opcode_indexes(insn_op(e->i)) ? what == SEEN_OTHER : what == SEEN_SLOW; /* by slow paths and exits */
    if (counted) seen = LLVMBuildOr(e->b, LLVMBuildLoad2(e->b, e->i8, place, ""), seen, "");
    LLVMBuildStore(e->b, seen, place);
}

/* ---------------------------------------------------------------------------------------- tables */

LLVMValueRef em_cell(Emit *e) { return em_address(e, e->f->cells_address + (uint64_t)insn_d(e->i) * sizeof(Cell)); }

/* A cell of an own slot keeps its shape for good, alone or as one of several (sem/quicken.c: install), and so the
 * shape's id; where the slot is follows from it. */
static bool is_own(const Cell *c) { return c->kind == CELL_INL || c->kind == CELL_OVF; }
static const Cell *own_cell(const Emit *e) {
    const Cell *c = &e->f->cells[insn_d(e->i)];
    unsigned op = opcode_base[insn_op(e->i)];
    return op != OP_GETTABUP && op != OP_SETTABUP && is_own(c) ? c : NULL;
}

LLVMValueRef em_shape(Emit *e, LLVMValueRef cell) {
    const Cell *c = own_cell(e);
    return c != NULL ? em_i32(e, c->shape) : em_field(e, cell, offsetof(Cell, shape), e->i32);
}

static LLVMValueRef own_offset(Emit *e, LLVMValueRef cell) {
    const Cell *c = own_cell(e);
    if (c != NULL) return em_int(e, c->u.offset);
    return LLVMBuildZExt(e->b, em_field(e, cell, offsetof(Cell, u), e->i32), e->i64, "");
}

LLVMValueRef em_slot_inline(Emit *e, LLVMValueRef table, LLVMValueRef cell) { return em_offset(e, table, own_offset(e, cell)); }

LLVMValueRef em_slot_overflow(Emit *e, LLVMValueRef table, LLVMValueRef cell) {
    return em_offset(e, em_field(e, table, offsetof(Table, props), e->ptr), LLVMBuildNeg(e->b, own_offset(e, cell), ""));
}

/* A cell may be refilled after this code was made. Own slots follow from the shape; what else the
 * cell describes is checked. */
void em_guard_cell(Emit *e, LLVMValueRef cell, const char *label) {
    const Cell *c = &e->f->cells[insn_d(e->i)];
    LLVMValueRef kind = em_field(e, cell, offsetof(Cell, kind), e->i8);
    em_guard(e, LLVMBuildICmp(e->b, LLVMIntEQ, kind, LLVMConstInt(e->i8, c->kind, false), ""), label);
    if (insn_op(e->i) == OP_SELF_STR) { /* of strings, not of a table's shape */
        LLVMValueRef shape = em_field(e, cell, offsetof(Cell, shape), e->i32);
        em_guard(e, LLVMBuildICmp(e->b, LLVMIntEQ, shape, em_i32(e, 0), ""), label);
    }
}

void em_guard_set_or(Emit *e, Val *v, LLVMValueRef cell, const char *label) {
    if (e->dead) return;
    LLVMBasicBlockRef nil = em_new_block(e), set = em_next_block(e);
    LLVMValueRef tag = em_tag(e, v);
    LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntEQ, tag, em_i32(e, TAG_NIL), ""), nil, set);
    LLVMPositionBuilderAtEnd(e->b, nil);
    LLVMValueRef nilok = em_field(e, cell, offsetof(Cell, nilok), e->i8);
    LLVMValueRef plain = LLVMBuildICmp(e->b, LLVMIntEQ, nilok, LLVMConstInt(e->i8, 1, false), "");
    if (e->f->cells[insn_d(e->i)].nilok == 2) { /* while nothing has changed any class */
        LLVMValueRef epoch = em_field(e, em_field(e, e->L, offsetof(lua_State, g), e->ptr), offsetof(Global, epoch), e->i32);
        LLVMValueRef still = LLVMBuildICmp(e->b, LLVMIntEQ, em_field(e, cell, offsetof(Cell, epoch), e->i32), epoch, "");
        LLVMValueRef absent = LLVMBuildICmp(e->b, LLVMIntEQ, nilok, LLVMConstInt(e->i8, 2, false), "");
        plain = LLVMBuildOr(e->b, plain, LLVMBuildAnd(e->b, still, absent, ""), "");
    }
    LLVMBuildCondBr(e->b, plain, set, em_target(e, label));
    LLVMPositionBuilderAtEnd(e->b, set);
}

/* The barrier that a store into a black table of a collectable value takes. */
static void barrier(Emit *e, LLVMValueRef parent, LLVMValueRef tag, LLVMValueRef payload, const char *slow) {
    if (LLVMIsAConstantInt(tag) != NULL && LLVMConstIntGetZExtValue(tag) < TAG_SSTR) return;
    LLVMBasicBlockRef black = em_new_block(e), call = em_new_block(e), on = em_next_block(e);
    LLVMValueRef marked = em_field(e, parent, offsetof(GCObject, marked), e->i8);
    LLVMValueRef bit = LLVMBuildAnd(e->b, marked, LLVMConstInt(e->i8, GC_BLACK, false), "");
    LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntNE, bit, LLVMConstInt(e->i8, 0, false), ""), black, on);
    LLVMPositionBuilderAtEnd(e->b, black);
    LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntUGE, tag, em_i32(e, TAG_SSTR), ""), call, on);
    LLVMPositionBuilderAtEnd(e->b, call);
    LLVMValueRef args[] = {e->L, parent, LLVMBuildIntToPtr(e->b, payload, e->ptr, "")};
    em_call(e, slow, e->none, args, 3);
    LLVMBuildBr(e->b, on);
    LLVMPositionBuilderAtEnd(e->b, on);
}

void em_store(Emit *e, LLVMValueRef table, const Val *slot, const Val *x) {
    if (e->dead) return;
    LLVMValueRef payload = em_payload(e, x, e->i64), tag = em_tag(e, x);
    em_put(e, slot, payload, tag);
    barrier(e, table, tag, payload, "rt_gc_barrier_store_slow");
}

/* The table may be black, and nothing else refer to the shape. */
void em_put_shape(Emit *e, LLVMValueRef table, LLVMValueRef cell) {
    em_set_field(e, table, offsetof(Table, shape), em_field(e, cell, offsetof(Cell, h), e->i32));
    LLVMBasicBlockRef black = em_new_block(e), on = em_next_block(e);
    LLVMValueRef bit = LLVMBuildAnd(e->b, em_field(e, table, offsetof(GCObject, marked), e->i8), LLVMConstInt(e->i8, GC_BLACK, false), "");
    LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntNE, bit, LLVMConstInt(e->i8, 0, false), ""), black, on);
    LLVMPositionBuilderAtEnd(e->b, black);
    em_call(e, "rt_gc_barrier_back_slow", e->none, (LLVMValueRef[]){e->L, table}, 2);
    LLVMBuildBr(e->b, on);
    LLVMPositionBuilderAtEnd(e->b, on);
}

void em_store_upvalue(Emit *e, unsigned n, const Val *x) {
    LLVMValueRef uv = upvalue(e, n);
    LLVMValueRef payload = em_payload(e, x, e->i64), tag = em_tag(e, x);
    Val to = {.address = em_field(e, uv, offsetof(UpVal, v), e->ptr)};
    em_put(e, &to, payload, tag);
    barrier(e, uv, tag, payload, "rt_gc_barrier_forward_slow");
}

/* Polymorphic caches: entries of own slots inline, in their order; for others, and where nil is found, the runtime
 * searches. */
static unsigned own_entries(const Emit *e, const Cell *own[POLY_MAX]) {
    const Cell *c = &e->f->cells[insn_d(e->i)];
    unsigned n = 0;
    for (unsigned k = 0; c->kind == CELL_POLY && k < POLY_MAX; k++)
        if (is_own(&c->u.poly[k])) own[n++] = &c->u.poly[k];
    return n;
}

static LLVMValueRef own_slot(Emit *e, LLVMValueRef table, const Cell *own) {
    if (own->kind == CELL_INL) return em_offset(e, table, em_int(e, own->u.offset));
    return em_offset(e, em_field(e, table, offsetof(Table, props), e->ptr), em_int(e, -(int64_t)own->u.offset));
}

/* The place of the value by one of the entries, in `found`; the builder is left where none fits. */
static LLVMValueRef search_own(Emit *e, LLVMValueRef table, LLVMBasicBlockRef found, LLVMBasicBlockRef other) {
    const Cell *own[POLY_MAX];
    LLVMValueRef places[POLY_MAX];
    LLVMBasicBlockRef from[POLY_MAX];
    unsigned n = own_entries(e, own);
    if (n == 0) return NULL;
    LLVMValueRef shape = em_field(e, table, offsetof(Table, shape), e->i32);
    for (unsigned k = 0; k < n; k++) {
        LLVMBasicBlockRef hit = em_next_block(e), miss = k + 1 < n ? em_new_block(e) : other;
        LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntEQ, shape, em_i32(e, own[k]->shape), ""), hit, miss);
        LLVMPositionBuilderAtEnd(e->b, hit);
        places[k] = own_slot(e, table, own[k]);
        from[k] = hit;
        LLVMBuildBr(e->b, found);
        LLVMPositionBuilderAtEnd(e->b, miss);
    }
    LLVMPositionBuilderAtEnd(e->b, found);
    LLVMValueRef place = LLVMBuildPhi(e->b, e->ptr, "");
    LLVMAddIncoming(place, places, from, n);
    return place;
}

LLVMValueRef em_poly_slot(Emit *e, LLVMValueRef table, const char *label) {
    LLVMBasicBlockRef other = em_new_block(e), found = em_new_block(e), join = em_new_block(e);
    LLVMValueRef place = search_own(e, table, found, other);
    if (place != NULL) {
        Val v = {.address = place};
        LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntNE, em_tag(e, &v), em_i32(e, TAG_NIL), ""), join, other);
    } else {
        LLVMBuildBr(e->b, other);
        LLVMPositionBuilderAtEnd(e->b, found);
        LLVMBuildUnreachable(e->b);
    }
    LLVMPositionBuilderAtEnd(e->b, other);
    LLVMValueRef args[] = {e->L, table, em_cell(e)}, searched = em_call(e, "rt_poly_get", e->ptr, args, 3);
    em_guard(e, LLVMBuildIsNotNull(e->b, searched, ""), label);
    LLVMBasicBlockRef behind = LLVMGetInsertBlock(e->b);
    LLVMBuildBr(e->b, join);
    LLVMPositionBuilderAtEnd(e->b, join);
    if (place == NULL) return searched;
    LLVMValueRef either = LLVMBuildPhi(e->b, e->ptr, "");
    LLVMAddIncoming(either, (LLVMValueRef[]){place, searched}, (LLVMBasicBlockRef[]){found, behind}, 2);
    return either;
}

void em_poly_store(Emit *e, LLVMValueRef table, const Val *x, const char *label) {
    LLVMBasicBlockRef other = em_new_block(e), found = em_new_block(e), join = em_new_block(e);
    LLVMValueRef place = search_own(e, table, found, other);
    if (place != NULL) {
        Val v = {.address = place};
        LLVMBasicBlockRef set = em_new_block(e);
        LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntNE, em_tag(e, &v), em_i32(e, TAG_NIL), ""), set, other);
        LLVMPositionBuilderAtEnd(e->b, set);
        em_store(e, table, &v, x);
        LLVMBuildBr(e->b, join);
    } else {
        LLVMBuildBr(e->b, other);
        LLVMPositionBuilderAtEnd(e->b, found);
        LLVMBuildUnreachable(e->b);
    }
    LLVMPositionBuilderAtEnd(e->b, other);
    LLVMValueRef args[] = {e->L, table, em_cell(e), em_place(e, x)};
    em_guard(e, LLVMBuildTrunc(e->b, em_call(e, "rt_poly_set", e->i8, args, 4), e->i1, ""), label);
    LLVMBuildBr(e->b, join);
    LLVMPositionBuilderAtEnd(e->b, join);
}

void em_string_len(Emit *e) {
    if (e->dead) return;
    Val s = em_register(e, insn_rb(e->i)), to = em_register(e, insn_a(e->i));
    LLVMBasicBlockRef other = em_new_block(e), string = em_next_block(e);
    LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntEQ, em_tag(e, &s), em_i32(e, TAG_SSTR), ""), string, other);
    LLVMPositionBuilderAtEnd(e->b, string);
    em_seen(e, SEEN_SLOW);
    LLVMValueRef len = em_field(e, em_payload(e, &s, e->ptr), offsetof(String, shrlen), e->i8);
    Fact before[REGISTERS];
    if (e->now != NULL) memcpy(before, e->now, sizeof before);
    em_put(e, &to, LLVMBuildZExt(e->b, len, e->i64, ""), em_i32(e, TAG_INT));
    LLVMBuildBr(e->b, em_edge(e, e->next));
    if (e->now != NULL) memcpy(e->now, before, sizeof before);
    LLVMPositionBuilderAtEnd(e->b, other);
}

/* ---------------------------------------------------------------------------------------- arrays
 *
 * Elements that are there are read and overwritten inline, whatever the kind, which is recorded. Kinds are numbered
 * as their tags are, three lower. */
typedef struct Element {
    LLVMValueRef array, index, kind;
    unsigned only; /* the kind, if it is known */
} Element;

static LLVMValueRef head_field(Emit *e, LLVMValueRef array, size_t offset, LLVMTypeRef type) {
    LLVMValueRef at_ = em_offset(e, array, em_int(e, (int64_t)offset - (int64_t)sizeof(ArrayHead)));
    return LLVMBuildLoad2(e->b, type, at_, "");
}

static LLVMValueRef widened(Emit *e, LLVMValueRef x, LLVMTypeRef type) { return LLVMBuildZExt(e->b, x, type, ""); }

static void record_kind(Emit *e, LLVMValueRef kind) {
    if (e->f->seen_address == 0) return;
    uint64_t row = e->f->seen_address + (uint64_t)e->n * SEEN_WIDTH - KIND_INT;
    LLVMValueRef at_ = em_offset(e, em_address(e, row), widened(e, kind, e->i64));
    LLVMBuildStore(e->b, LLVMConstInt(e->i8, 1, false), at_);
}

/* The one kind of array that was met: other ones are the interpreter's. KIND_NONE: there were several. */
static unsigned only_kind(const Emit *e) {
    if (e->now == NULL || e->f->seen[e->n][SEEN_OTHER]) return KIND_NONE;
    const uint8_t *row = e->f->seen[e->n];
    if (row[SEEN_INT] + row[SEEN_FLT] + row[SEEN_VALUE] != 1) return KIND_NONE;
    return row[SEEN_INT] ? KIND_INT : row[SEEN_FLT] ? KIND_FLT : KIND_VALUE;
}

static void guard_kind(Emit *e, LLVMValueRef kind, unsigned only) {
    LLVMBasicBlockRef on = em_next_block(e), other = em_new_block(e);
    LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntEQ, kind, LLVMConstInt(e->i8, only, false), ""), on, other);
    LLVMPositionBuilderAtEnd(e->b, other);
    record_kind(e, kind);
    em_exit(e);
    e->dead = false;
    LLVMPositionBuilderAtEnd(e->b, on);
}

/* Where element n is; `label` if it is beyond the array part. */
static Element find_element(Emit *e, LLVMValueRef table, LLVMValueRef n, const char *label) {
    Element x;
    x.array = em_field(e, table, offsetof(Table, array), e->ptr);
    x.index = LLVMBuildSub(e->b, n, head_field(e, x.array, offsetof(ArrayHead, base), e->i64), "");
    LLVMValueRef len = widened(e, head_field(e, x.array, offsetof(ArrayHead, len), e->i32), e->i64);
    em_guard(e, LLVMBuildICmp(e->b, LLVMIntULT, x.index, len, ""), label);
    x.kind = head_field(e, x.array, offsetof(ArrayHead, kind), e->i8);
    x.only = only_kind(e);
    if (x.only != KIND_NONE) guard_kind(e, x.kind, x.only);
    else record_kind(e, x.kind);
    return x;
}
_Static_assert(KIND_ZEROS - KIND_INT == SEEN_OTHER, "elements have the kinds of a row");

static LLVMValueRef payload_place(Emit *e, const Element *x) {
    LLVMTypeRef type = e->i64;
    return LLVMBuildGEP2(e->b, type, x->array, (LLVMValueRef *)&x->index, 1, "");
}

static LLVMValueRef tag_place(Emit *e, const Element *x) {
    LLVMValueRef cap = widened(e, head_field(e, x->array, offsetof(ArrayHead, cap), e->i32), e->i64);
    LLVMValueRef tags = LLVMBuildGEP2(e->b, e->i64, x->array, &cap, 1, "");
    return em_offset(e, tags, x->index);
}

static LLVMValueRef kind_tag(Emit *e, LLVMValueRef kind) {
    return LLVMBuildAdd(e->b, widened(e, kind, e->i32), em_i32(e, TAG_INT - KIND_INT), "");
}

/* The element of an array of any values; a nil may be one that a metamethod replaces. */
static void get_tagged(Emit *e, LLVMValueRef table, const Element *x, const Val *to, const char *label) {
    LLVMBasicBlockRef nil = em_new_block(e), join = em_next_block(e);
    LLVMValueRef tag = widened(e, LLVMBuildLoad2(e->b, e->i8, tag_place(e, x), ""), e->i32);
    LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntNE, tag, em_i32(e, TAG_NIL), ""), join, nil);
    LLVMPositionBuilderAtEnd(e->b, nil);
    LLVMValueRef plain = LLVMBuildIsNull(e->b, em_field(e, table, offsetof(Table, metatable), e->ptr), "");
    LLVMBuildCondBr(e->b, plain, join, em_target(e, label));
    LLVMPositionBuilderAtEnd(e->b, join);
    em_put(e, to, LLVMBuildLoad2(e->b, e->i64, payload_place(e, x), ""), tag);
}

/* Light code without loops has it done: inline it is what takes longest to compile. */
static void get_by_call(Emit *e, LLVMValueRef table, LLVMValueRef n, const Val *to, const char *label) {
    LLVMValueRef args[] = {table, n, em_place(e, to), seen_row(e)};
    em_guard(e, LLVMBuildTrunc(e->b, em_call(e, "rt_array_get", e->i8, args, 4), e->i1, ""), label);
}

void em_array_get(Emit *e, LLVMValueRef table, LLVMValueRef n, const Val *to, const char *label) {
    if (e->dead) return;
    if (e->light && !e->loops) {
        get_by_call(e, table, n, to, label);
        return;
    }
    Element x = find_element(e, table, n, label);
    if (x.only == KIND_INT || x.only == KIND_FLT) {
        LLVMTypeRef type = x.only == KIND_INT ? e->i64 : e->flt;
        em_put(e, to, LLVMBuildLoad2(e->b, type, payload_place(e, &x), ""), em_i32(e, x.only + TAG_INT - KIND_INT));
        return;
    }
    if (x.only == KIND_VALUE) {
        get_tagged(e, table, &x, to, label);
        return;
    }
    LLVMBasicBlockRef typed = em_next_block(e), tagged = em_new_block(e), nil = em_new_block(e), join = em_new_block(e);
    LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntULT, x.kind, LLVMConstInt(e->i8, KIND_VALUE, false), ""), typed, tagged);
    LLVMPositionBuilderAtEnd(e->b, typed);
    LLVMValueRef one = kind_tag(e, x.kind);
    LLVMBuildBr(e->b, join);
    LLVMPositionBuilderAtEnd(e->b, tagged);
    LLVMValueRef own = widened(e, LLVMBuildLoad2(e->b, e->i8, tag_place(e, &x), ""), e->i32);
    LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntNE, own, em_i32(e, TAG_NIL), ""), join, nil);
    LLVMPositionBuilderAtEnd(e->b, nil); /* which a metamethod may replace */
    LLVMValueRef plain = LLVMBuildIsNull(e->b, em_field(e, table, offsetof(Table, metatable), e->ptr), "");
    LLVMBuildCondBr(e->b, plain, join, em_target(e, label));
    LLVMPositionBuilderAtEnd(e->b, join);
    LLVMValueRef tag = LLVMBuildPhi(e->b, e->i32, "");
    LLVMAddIncoming(tag, (LLVMValueRef[]){one, own, em_i32(e, TAG_NIL)}, (LLVMBasicBlockRef[]){typed, tagged, nil}, 3);
    em_put(e, to, LLVMBuildLoad2(e->b, e->i64, payload_place(e, &x), ""), tag);
}

/* Appending, first floats among zeros and the like; in light code without loops everything. */
static void set_by_call(Emit *e, LLVMValueRef table, LLVMValueRef n, const Val *x, const char *label) {
    LLVMValueRef args[] = {e->L, table, n, em_place(e, x), seen_row(e)};
    em_guard(e, LLVMBuildTrunc(e->b, em_call(e, "rt_array_set", e->i8, args, 5), e->i1, ""), label);
}

void em_array_set(Emit *e, LLVMValueRef table, LLVMValueRef n, const Val *x, const char *label) {
    if (e->dead) return;
    if (e->light && !e->loops) {
        set_by_call(e, table, n, x, label);
        return;
    }
    Element at_ = find_element(e, table, n, "array_set_elsewhere");
    if (at_.only == KIND_INT || at_.only == KIND_FLT) {
        bool flt = at_.only == KIND_FLT;
        em_guard(e, LLVMBuildICmp(e->b, LLVMIntEQ, em_tag(e, x), em_i32(e, flt ? TAG_FLT : TAG_INT), ""), "array_set_elsewhere");
        if (!e->dead) LLVMBuildStore(e->b, em_payload(e, x, flt ? e->flt : e->i64), payload_place(e, &at_));
        LLVMBasicBlockRef behind = em_next_block(e);
        if (!e->dead) LLVMBuildBr(e->b, behind);
        e->dead = false;
        LLVMPositionBuilderAtEnd(e->b, em_target(e, "array_set_elsewhere"));
        set_by_call(e, table, n, x, label);
        LLVMBuildBr(e->b, behind);
        LLVMPositionBuilderAtEnd(e->b, behind);
        return;
    }
    LLVMBasicBlockRef one = em_next_block(e), tagged = em_new_block(e), join = em_new_block(e);
    LLVMValueRef tag = em_tag(e, x), payload = em_payload(e, x, e->i64);
    LLVMBasicBlockRef elsewhere = em_target(e, "array_set_elsewhere");
    LLVMValueRef is_value = LLVMBuildICmp(e->b, LLVMIntEQ, at_.kind, LLVMConstInt(e->i8, KIND_VALUE, false), "");
    LLVMBuildCondBr(e->b, is_value, tagged, one);
    LLVMPositionBuilderAtEnd(e->b, one);
    em_guard(e, LLVMBuildICmp(e->b, LLVMIntEQ, kind_tag(e, at_.kind), tag, ""), "array_set_elsewhere");
    LLVMBuildStore(e->b, payload, payload_place(e, &at_));
    LLVMBuildBr(e->b, join);
    LLVMPositionBuilderAtEnd(e->b, tagged);
    em_guard(e, LLVMBuildICmp(e->b, LLVMIntNE, tag, em_i32(e, TAG_NIL), ""), "array_set_elsewhere");
    if (!e->dead) {
        LLVMValueRef place = tag_place(e, &at_);
        LLVMValueRef set = LLVMBuildICmp(e->b, LLVMIntNE, LLVMBuildLoad2(e->b, e->i8, place, ""), LLVMConstInt(e->i8, TAG_NIL, false), "");
        em_guard(e, set, "array_set_elsewhere");
        LLVMBuildStore(e->b, LLVMBuildTrunc(e->b, tag, e->i8, ""), place);
        LLVMBuildStore(e->b, payload, payload_place(e, &at_));
        barrier(e, table, tag, payload, "rt_gc_barrier_store_slow");
        LLVMBuildBr(e->b, join);
    }
    e->dead = false;
    LLVMPositionBuilderAtEnd(e->b, elsewhere);
    set_by_call(e, table, n, x, label);
    LLVMBuildBr(e->b, join);
    LLVMPositionBuilderAtEnd(e->b, join);
}

/* ----------------------------------------------------------------------------------------- loops */

void em_count(Emit *e, const char *label) {
    if (e->dead) return;
    LLVMValueRef budget = em_address(e, e->f->budget_address);
    LLVMValueRef left = LLVMBuildSub(e->b, LLVMBuildLoad2(e->b, e->i32, budget, ""), em_i32(e, 1), "");
    LLVMBuildStore(e->b, left, budget);
    em_guard(e, LLVMBuildICmp(e->b, LLVMIntSGT, left, em_i32(e, 0), ""), label);
}

void em_poll(Emit *e, const char *label) {
    if (e->dead) return;
    LLVMValueRef attention = em_field(e, e->L, offsetof(lua_State, attention), e->i32);
    LLVMSetVolatile(attention, true);
    em_guard(e, LLVMBuildICmp(e->b, LLVMIntEQ, attention, em_i32(e, 0), ""), label);
}

/* Another payload of the same type. */
static void set_payload(Emit *e, const Val *v, LLVMValueRef payload) {
    const Fact *fact = em_fact(e, v);
    LLVMValueRef tag = fact != NULL && fact->tag != NO_TAG ? em_i32(e, fact->tag) : NULL;
    set_part(e, v, 0, payload);
    em_wrote(e, v->reg, payload, tag);
}

void em_for_int(Emit *e, const char *not_int, const char *end) {
    unsigned a = insn_a(e->i);
    Val index = em_register(e, a), left = em_register(e, a + 1), step = em_register(e, a + 2), copy = em_register(e, a + 3);
    em_guard(e, LLVMBuildICmp(e->b, LLVMIntEQ, em_tag(e, &step), em_i32(e, TAG_INT), ""), not_int);
    LLVMValueRef n = em_payload(e, &left, e->i64);
    em_guard(e, LLVMBuildICmp(e->b, LLVMIntNE, n, em_int(e, 0), ""), end);
    set_payload(e, &left, LLVMBuildSub(e->b, n, em_int(e, 1), ""));
    LLVMValueRef i = LLVMBuildAdd(e->b, em_payload(e, &index, e->i64), em_payload(e, &step, e->i64), "");
    set_payload(e, &index, i);
    em_put(e, &copy, i, em_i32(e, TAG_INT));
}

/* The beginning of a loop of integers, with the step that is loaded before. */
void em_for_prep(Emit *e, int64_t step) {
    unsigned a = insn_a(e->i);
    Val r[4];
    LLVMValueRef x[3];
    for (unsigned n = 0; n < 4; n++) r[n] = em_register(e, a + n);
    for (unsigned n = 0; n < 3; n++) {
        em_guard(e, LLVMBuildICmp(e->b, LLVMIntEQ, em_tag(e, &r[n]), em_i32(e, TAG_INT), ""), "other");
        em_know_tag(e, &r[n], TAG_INT);
        x[n] = em_payload(e, &r[n], e->i64);
        em_keep(e, &r[n], x[n]);
    }
    em_guard(e, LLVMBuildICmp(e->b, LLVMIntEQ, x[2], em_int(e, step), ""), "other");
    if (!e->dead) {
        LLVMBasicBlockRef on = em_next_block(e);
        LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntSLE, x[0], x[1], ""), on, em_edge(e, em_jump_target(e)));
        LLVMPositionBuilderAtEnd(e->b, on);
        LLVMValueRef left = LLVMBuildSub(e->b, x[1], x[0], "");
        if (step != 1) left = LLVMBuildUDiv(e->b, left, em_int(e, step), "");
        set_part(e, &r[1], 0, left);
        em_wrote(e, r[1].reg, left, NULL); /* of a float limit the tag stays */
        em_put(e, &r[3], x[0], em_i32(e, TAG_INT));
        em_go(e, e->next);
    }
    em_label(e, "other");
    em_slow(e, "slow_forprep", e->i);
}

/* A step of ipairs through an array of the kind that was met, whose element is there; false: it is not known to be that. */
bool em_ipairs_step(Emit *e, const char *label) {
    unsigned a = insn_a(e->i), nvars = insn_c(e->i), kind = only_kind(e);
    if (kind == KIND_NONE) return false;
    Val f = em_register(e, a), table = em_register(e, a + 1), control = em_register(e, a + 2), key = em_register(e, a + 4), value = em_register(e, a + 5);
    em_guard(e, LLVMBuildICmp(e->b, LLVMIntEQ, em_tag(e, &f), em_i32(e, TAG_LCF), ""), label);
    em_know_tag(e, &f, TAG_LCF);
    em_guard(e, LLVMBuildICmp(e->b, LLVMIntEQ, em_payload(e, &f, e->i64), em_int(e, (int64_t)e->f->ipairs_step_address), ""), label);
    em_guard(e, LLVMBuildICmp(e->b, LLVMIntEQ, em_tag(e, &table), em_i32(e, TAG_TABLE), ""), label);
    em_know_tag(e, &table, TAG_TABLE);
    LLVMValueRef t = em_payload(e, &table, e->ptr);
    em_keep(e, &table, t);
    em_guard(e, LLVMBuildICmp(e->b, LLVMIntEQ, em_tag(e, &control), em_i32(e, TAG_INT), ""), label);
    em_know_tag(e, &control, TAG_INT);
    LLVMValueRef n = LLVMBuildAdd(e->b, em_payload(e, &control, e->i64), em_int(e, 1), "");
    Element x = find_element(e, t, n, label);
    LLVMValueRef tag = em_i32(e, kind + TAG_INT - KIND_INT);
    if (kind == KIND_VALUE) {
        tag = widened(e, LLVMBuildLoad2(e->b, e->i8, tag_place(e, &x), ""), e->i32);
        em_guard(e, LLVMBuildICmp(e->b, LLVMIntNE, tag, em_i32(e, TAG_NIL), ""), label);
    }
    LLVMValueRef payload = LLVMBuildLoad2(e->b, kind == KIND_FLT ? e->flt : e->i64, payload_place(e, &x), "");
    em_put(e, &key, n, em_i32(e, TAG_INT));
    em_put(e, &value, payload, tag);
    for (unsigned v = 2; v < nvars; v++) em_put_tag(e, &(Val){.reg = a + 4 + v}, em_i32(e, TAG_NIL));
    em_go(e, e->next);
    return true;
}

/* The same by the runtime, which also ends loops: at once behind them. */
void em_iterate(Emit *e) {
    LLVMValueRef expected = em_pc(e, e->n + 1), args[] = {e->L, expected, LLVMConstInt(e->i64, e->i, false), seen_row(e)};
    LLVMValueRef pc = em_call(e, "rt_iterate", e->ptr, args, 4);
    reload_base(e);
    LLVMBasicBlockRef here = em_next_block(e), leave = em_new_block(e);
    LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntEQ, pc, expected, ""), here, leave);
    LLVMPositionBuilderAtEnd(e->b, here);
    Val key = em_register(e, insn_a(e->i) + 4);
    LLVMValueRef tag = em_field(e, em_place(e, &key), offsetof(TValue, tag), e->i32);
    LLVMBasicBlockRef ended = em_check(e, e->n + 2), on = em_check(e, e->next);
    LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntEQ, tag, em_i32(e, TAG_NIL), ""), ended, on);
    LLVMPositionBuilderAtEnd(e->b, leave);
    em_leave(e, "rt_dispatch", pc, 0);
}

/* --------------------------------------------------------------------------------------- numbers */

LLVMValueRef em_to_flt(Emit *e, Val *v, const char *label) {
    if (e->dead) return LLVMGetUndef(e->flt);
    if (v->constant != NULL && v->constant->tag == TAG_INT) return LLVMConstReal(e->flt, (double)v->constant->v.i);
    if (v->constant != NULL && v->constant->tag == TAG_FLT) return LLVMConstReal(e->flt, v->constant->v.n);
    const Fact *fact = em_fact(e, v);
    if (fact != NULL && fact->tag == TAG_INT) {
        em_seen(e, SEEN_MIXED);
        return LLVMBuildSIToFP(e->b, em_payload(e, v, e->i64), e->flt, "");
    }
    if (em_only(e, SEEN_FLT)) em_guard(e, LLVMBuildICmp(e->b, LLVMIntEQ, em_tag(e, v), em_i32(e, TAG_FLT), ""), label);
    if (em_only(e, SEEN_FLT) || (fact != NULL && fact->tag == TAG_FLT)) {
        LLVMValueRef x = em_payload(e, v, e->flt);
        em_know_tag(e, v, TAG_FLT);
        em_keep(e, v, x);
        return x;
    }
    LLVMBasicBlockRef flt = em_new_block(e), other = em_new_block(e), integer = em_new_block(e), on = em_new_block(e);
    LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntEQ, em_tag(e, v), em_i32(e, TAG_FLT), ""), flt, other);
    LLVMPositionBuilderAtEnd(e->b, flt);
    LLVMValueRef a = em_payload(e, v, e->flt);
    LLVMBuildBr(e->b, on);
    LLVMPositionBuilderAtEnd(e->b, other);
    LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntEQ, em_tag(e, v), em_i32(e, TAG_INT), ""), integer, em_target(e, label));
    LLVMPositionBuilderAtEnd(e->b, integer);
    em_seen(e, SEEN_MIXED);
    LLVMValueRef b = LLVMBuildSIToFP(e->b, em_payload(e, v, e->i64), e->flt, "");
    LLVMBuildBr(e->b, on);
    LLVMPositionBuilderAtEnd(e->b, on);
    LLVMValueRef f = LLVMBuildPhi(e->b, e->flt, "");
    LLVMAddIncoming(f, (LLVMValueRef[]){a, b}, (LLVMBasicBlockRef[]){flt, integer}, 2);
    return f;
}

/* a << n of Lua: n < 0 shifts right, |n| >= 64 gives 0 */
LLVMValueRef em_shift_left(Emit *e, LLVMValueRef a, LLVMValueRef n) {
    LLVMValueRef zero = em_int(e, 0), width = em_int(e, 64), mask = em_int(e, 63);
    LLVMValueRef minus = LLVMBuildNeg(e->b, n, "");
    LLVMValueRef left = LLVMBuildShl(e->b, a, LLVMBuildAnd(e->b, n, mask, ""), "");
    LLVMValueRef right = LLVMBuildLShr(e->b, a, LLVMBuildAnd(e->b, minus, mask, ""), "");
    left = LLVMBuildSelect(e->b, LLVMBuildICmp(e->b, LLVMIntULT, n, width, ""), left, zero, "");
    right = LLVMBuildSelect(e->b, LLVMBuildICmp(e->b, LLVMIntULT, minus, width, ""), right, zero, "");
    return LLVMBuildSelect(e->b, LLVMBuildICmp(e->b, LLVMIntSLT, n, zero, ""), right, left, "");
}

LLVMValueRef em_floor_div(Emit *e, LLVMValueRef a, LLVMValueRef b) {
    LLVMValueRef q = LLVMBuildSDiv(e->b, a, b, ""), r = LLVMBuildSub(e->b, a, LLVMBuildMul(e->b, q, b, ""), "");
    LLVMValueRef inexact = LLVMBuildICmp(e->b, LLVMIntNE, r, em_int(e, 0), "");
    LLVMValueRef signs = LLVMBuildICmp(e->b, LLVMIntSLT, LLVMBuildXor(e->b, a, b, ""), em_int(e, 0), "");
    return LLVMBuildSub(e->b, q, LLVMBuildZExt(e->b, LLVMBuildAnd(e->b, inexact, signs, ""), e->i64, ""), "");
}

LLVMValueRef em_floor_mod(Emit *e, LLVMValueRef a, LLVMValueRef b) {
    LLVMValueRef r = LLVMBuildSRem(e->b, a, b, "");
    LLVMValueRef inexact = LLVMBuildICmp(e->b, LLVMIntNE, r, em_int(e, 0), "");
    LLVMValueRef signs = LLVMBuildICmp(e->b, LLVMIntSLT, LLVMBuildXor(e->b, r, b, ""), em_int(e, 0), "");
    LLVMValueRef add = LLVMBuildSelect(e->b, LLVMBuildAnd(e->b, inexact, signs, ""), b, em_int(e, 0), "");
    return LLVMBuildAdd(e->b, r, add, "");
}

/* a == constant b without metamethods */
LLVMValueRef em_raw_equal(Emit *e, Val *a, Val *b) {
    if (e->dead) return LLVMGetUndef(e->i1);
    const TValue *k = b->constant;
    if (k->tag == TAG_INT || k->tag == TAG_FLT || k->tag == TAG_LSTR) {
        LLVMValueRef args[] = {em_place(e, a), em_place(e, b)};
        return LLVMBuildTrunc(e->b, em_call(e, "rt_raw_equal", e->i8, args, 2), e->i1, "");
    }
    LLVMValueRef same = LLVMBuildICmp(e->b, LLVMIntEQ, em_tag(e, a), em_tag(e, b), "");
    if (k->tag < TAG_LIGHTUD) return same;
    LLVMValueRef payload = LLVMBuildICmp(e->b, LLVMIntEQ, em_payload(e, a, e->i64), em_int(e, (int64_t)k->v.u), "");
    return LLVMBuildAnd(e->b, same, payload, "");
}
