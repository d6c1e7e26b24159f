// SPDX-License-Identifier: MIT
/* Who is to blame: names for error messages and tracebacks, found by symbolic execution.
 *
 * No table says which expression a register holds. But code is straight from definition to use: the
 * last instruction before pc that wrote the register, and that no jump may have passed by, tells
 * where its value came from. Only canonical code is read (frame_pc maps).
 */
#include "state/debuginfo.h"

#include <string.h>

#include "object/func.h"
#include "object/string.h"
#include "sem/sem.h"

/* A thing with a name; kind NULL: it has none. */
typedef struct Name {
    const char *kind, *text;
} Name;

static const Name nameless = {NULL, NULL};

/* the code looked at, and whose strings may have to be terminated */
typedef struct Code {
    lua_State *L;
    const Proto *p;
} Code;

/* ------------------------------------------------------------------------- who wrote a register */

/* Forward jump distance of an instruction that may skip the ones after it, else 0. */
static int forward_jump(Insn i) {
    unsigned op = insn_op(i);
    if (op == OP_LFALSESKIP) return 1;
    bool jumps = op == OP_JMP || (op >= OP_JEQ && op <= OP_JFSET);
    return jumps && insn_j(i) > 0 ? insn_j(i) : 0;
}

/* Does the instruction write register A and no other? */
static bool writes_a(unsigned op) {
    if (op <= OP_LOADTRUE) return true;
    switch (op) {
        case OP_GETUPVAL: case OP_GETTABUP: case OP_GETTABLE: case OP_GETI: case OP_GETFIELD: case OP_NEWTABLE:
        case OP_SELF: case OP_CONCAT: case OP_JTSET: case OP_JFSET: case OP_CLOSURE: case OP_FORPREP: case OP_FORLOOP:
            return true;
        default: return op >= OP_SUBI && op <= OP_LEN;
    }
}

static bool writes_register(Insn i, unsigned reg) {
    unsigned op = insn_op(i), a = insn_a(i);
    switch (op) {
        case OP_LOADNIL: return a <= reg && reg <= a + insn_b(i);
        case OP_CALL: case OP_TAILCALL: return reg >= a; /* everything above the function */
        case OP_TFORCALL: return reg >= a + 4;
        case OP_VARARG: return reg >= a && (insn_c(i) == 0 || reg + 2 <= a + insn_c(i));
        default: return writes_a(op) && reg == a;
    }
}

/* The last instruction before `end` that is sure to have given reg its value; -1: not sure. */
static int last_writer(const Proto *p, int end, unsigned reg) {
    int writer = -1, landing = 0; /* code before `landing` is skipped by some jump */
    for (int pc = 0; pc < end; pc++) {
        Insn i = p->code[pc];
        if (writes_register(i, reg)) writer = pc < landing ? -1 : pc;
        int to = pc + 1 + forward_jump(i);
        if (to > pc + 1 && to <= end && to > landing) landing = to;
    }
    return writer;
}

/* ------------------------------------------------------------------------------ names of values */

static const char *text_of(const Code *c, String *s) { return s != NULL ? str_cstr(c->L, s) : "?"; }

static const char *constant_text(const Code *c, unsigned index) {
    const TValue *k = &c->p->k[index];
    return is_str(k) ? str_cstr(c->L, as_str(k)) : "?";
}

static const char *upvalue_text(const Code *c, unsigned index) { return text_of(c, c->p->upvalues[index].name); }

/* What can be said of a register without looking at tables: a variable or a constant. *pc becomes
 * that of its writer, -1: unknown. */
static Name basic_name(const Code *c, int *pc, unsigned reg) {
    for (;;) {
        const char *local = func_local_name(c->p, (int)reg + 1, *pc);
        if (local != NULL) return (Name){"local", local};
        *pc = last_writer(c->p, *pc, reg);
        if (*pc < 0) return nameless;
        Insn i = c->p->code[*pc];
        switch (insn_op(i)) {
            case OP_MOVE:
                if (insn_rb(i) >= insn_a(i)) return nameless;
                reg = insn_rb(i);
                continue;
            case OP_GETUPVAL: return (Name){"upvalue", upvalue_text(c, insn_b(i))};
            case OP_LOADK:
                if (is_str(&c->p->k[insn_x(i)])) return (Name){"constant", constant_text(c, insn_x(i))};
                return nameless;
            default: return nameless;
        }
    }
}

static const char *register_key(const Code *c, int pc, unsigned reg) {
    Name key = basic_name(c, &pc, reg);
    return key.kind != NULL && strcmp(key.kind, "constant") == 0 ? key.text : "?";
}

/* Fields of a variable called _ENV are globals. */
static const char *field_kind(const char *variable) {
    return variable != NULL && strcmp(variable, "_ENV") == 0 ? "global" : "field";
}

static const char *register_field_kind(const Code *c, int pc, unsigned reg) {
    Name table = basic_name(c, &pc, reg);
    bool variable = table.kind != NULL && strcmp(table.kind, "constant") != 0;
    return field_kind(variable ? table.text : NULL);
}

/* Name of the value that register reg holds when instruction pc is about to run. */
static Name register_name(const Code *c, int pc, unsigned reg) {
    Name basic = basic_name(c, &pc, reg);
    if (basic.kind != NULL || pc < 0) return basic;
    Insn i = c->p->code[pc];
    switch (insn_op(i)) {
        case OP_GETTABUP: return (Name){field_kind(upvalue_text(c, insn_b(i))), constant_text(c, insn_c(i))};
        case OP_GETTABLE: return (Name){register_field_kind(c, pc, insn_rb(i)), register_key(c, pc, insn_rc(i))};
        case OP_GETI: return (Name){"field", "integer index"};
        case OP_GETFIELD: return (Name){register_field_kind(c, pc, insn_rb(i)), constant_text(c, insn_c(i))};
        case OP_SELF: return (Name){"method", constant_text(c, insn_c(i))};
        default: return nameless;
    }
}

/* Name of the value at o, if that is an upvalue or a register of the running Lua function. */
static Name value_name(lua_State *L, const TValue *o) {
    CallInfo *ci = L->ci;
    if (!frame_is_lua(ci)) return nameless;
    const LClosure *cl = as_lcl(ci->func);
    Code c = {L, cl->p};
    for (unsigned n = 0; n < cl->nupvalues; n++)
        if (cl->upvals[n]->v == o) return (Name){"upvalue", upvalue_text(&c, n)};
    for (const TValue *r = ci->func + 1; r < ci->top; r++)
        if (r == o) return register_name(&c, frame_pc(ci), (unsigned)(r - (ci->func + 1)));
    return nameless;
}

/* " (kind 'name')" or nothing; stays on the stack for the message to come. */
static const char *describe(lua_State *L, Name n) {
    return n.kind != NULL ? state_pushf(L, " (%s '%s')", n.kind, n.text) : "";
}

/* --------------------------------------------------------------------------- names of functions */

/* The event whose metamethod an instruction may call; -1: none. Numbered as opcodes are, so that a
 * row is a range. */
static const struct EventRow {
    uint8_t first, last; /* opcodes */
    uint8_t event;
    bool counts; /* one event an opcode, from `event` on */
} event_rows[] = {
    {OP_GETTABUP, OP_GETFIELD, TM_INDEX, false}, {OP_SELF, OP_SELF, TM_INDEX, false},
    {OP_SETTABUP, OP_SETFIELDK, TM_NEWINDEX, false}, {OP_SUBI, OP_SUBI, TM_SUB, false}, {OP_ADDI, OP_ADDI, TM_ADD, false},
    {OP_UNM, OP_BNOT, TM_UNM, true}, {OP_LEN, OP_LEN, TM_LEN, false}, {OP_CONCAT, OP_CONCAT, TM_CONCAT, false},
    {OP_CLOSE, OP_CLOSE, TM_CLOSE, false}, {OP_RETURN, OP_RETURN, TM_CLOSE, false},
    {OP_JEQ, OP_JNE, TM_EQ, false}, {OP_JLT, OP_JNLT, TM_LT, false}, {OP_JLE, OP_JNLE, TM_LE, false},
    {OP_JLTI, OP_JNLTI, TM_LT, false}, {OP_JLEI, OP_JNLEI, TM_LE, false}, {OP_JGTI, OP_JNGTI, TM_LT, false},
    {OP_JGEI, OP_JNGEI, TM_LE, false},
};

/* events of the twelve binary operators in the order of opcodes */
static const uint8_t arith_events[] = {TM_ADD, TM_SUB, TM_MUL, TM_MOD, TM_POW, TM_DIV,
                                       TM_IDIV, TM_BAND, TM_BOR, TM_BXOR, TM_SHL, TM_SHR};
_Static_assert(OP_SHRK - OP_ADDK == 11 && OP_SHR - OP_ADD == 11, "one opcode an operator");

static int event_of(unsigned op) {
    if (op >= OP_ADDK && op <= OP_SHRK) return arith_events[op - OP_ADDK];
    if (op >= OP_ADD && op <= OP_SHR) return arith_events[op - OP_ADD];
    for (size_t n = 0; n < sizeof event_rows / sizeof *event_rows; n++) {
        const struct EventRow *r = &event_rows[n];
        if (op >= r->first && op <= r->last) return r->event + (r->counts ? (int)(op - r->first) : 0);
    }
    return -1;
}

/* Name of what instruction pc calls. */
static Name called_name(const Code *c, int pc) {
    Insn i = c->p->code[pc];
    switch (insn_op(i)) {
        case OP_CALL: case OP_TAILCALL: return register_name(c, pc, insn_a(i));
        case OP_TFORCALL: return (Name){"for iterator", "for iterator"};
        default: break;
    }
    int event = event_of(insn_op(i));
    if (event < 0) return nameless;
    return (Name){"metamethod", G(c->L)->tmname[event]->bytes + 2}; /* without "__" */
}

/* Name of the function that frame ci is calling. */
static Name callee_name(lua_State *L, const CallInfo *ci) {
    if (ci->status & CI_HOOKED) return (Name){"hook", "?"};
    if (ci->status & CI_FIN) return (Name){"metamethod", "__gc"};
    if (!frame_is_lua(ci)) return nameless;
    Code c = {L, frame_proto(ci)};
    return called_name(&c, frame_pc(ci));
}

const char *frame_function_name(lua_State *L, CallInfo *ci, const char **name) {
    Name n = ci == NULL || (ci->status & CI_TAIL) ? nameless : callee_name(L, ci->prev);
    *name = n.text;
    return n.kind;
}

/* ------------------------------------------------------------------------------------- messages */

_Noreturn static void blame(lua_State *L, const TValue *o, const char *operation, Name name) {
    const char *type = type_name(L, o);
    rt_error(L, "attempt to %s a %s value%s", operation, type, describe(L, name));
}

void rt_type_error(lua_State *L, const TValue *o, const char *operation) {
    blame(L, o, operation, value_name(L, o));
}

void rt_call_error(lua_State *L, const TValue *o) {
    Name name = callee_name(L, L->ci);
    blame(L, o, "call", name.kind != NULL ? name : value_name(L, o));
}

void rt_for_error(lua_State *L, const TValue *o, const char *what) {
    rt_error(L, "bad 'for' %s (number expected, got %s)", what, type_name(L, o));
}

void rt_concat_error(lua_State *L, const TValue *a, const TValue *b) {
    rt_type_error(L, is_str(a) || is_num(a) ? b : a, "concatenate");
}

void rt_arith_error(lua_State *L, const TValue *a, const TValue *b, const char *operation) {
    rt_type_error(L, is_num(a) ? b : a, operation); /* the first that is no number */
}

void rt_toint_error(lua_State *L, const TValue *a, const TValue *b) {
    lua_Integer i;
    const TValue *culprit = value_to_int_nostr(a, &i, ROUND_EXACT) ? b : a;
    rt_error(L, "number%s has no integer representation", describe(L, value_name(L, culprit)));
}

void rt_order_error(lua_State *L, const TValue *a, const TValue *b) {
    const char *ta = type_name(L, a), *tb = type_name(L, b);
    if (strcmp(ta, tb) == 0) rt_error(L, "attempt to compare two %s values", ta);
    rt_error(L, "attempt to compare %s with %s", ta, tb);
}
