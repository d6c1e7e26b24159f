// SPDX-License-Identifier: MIT
/* Expressions to code.
 *
 * An expression is described, not computed, for as long as possible: a literal may become an
 * operand, a variable's read may get its destination late, a comparison may become a jump. It ends
 * up in one of three ways:
 *
 *     in a register    expr_any_reg, expr_next_reg
 *     in a constant    const_operand
 *     as control       expr_jump_if_false, expr_jump_if_true
 *
 * `and`, `or`, `not` work on two lists of pending jumps, those that leave with a true value and
 * those that leave with a false one. A jump of the forms JTSET/JFSET also carries the value tested;
 * comparisons carry none, and when a value is wanted they are sent to a pair of instructions that
 * makes one:
 *
 *         ... jumps ...                     value of the last operand in R
 *         JMP over
 *     F:  LFALSESKIP R                      jumps that are false
 *     T:  LOADTRUE R                        jumps that are true
 *     over:
 */
#include <math.h>

#include "front/compile.h"

/* -------------------------------------------------------------------------------- small helpers */
static inline bool in_signed16(lua_Integer i) { return i >= INT16_MIN && i <= INT16_MAX; }
static inline bool is_small_int(const Expr *e) {
    return e->kind == X_INT && !expr_has_jumps(e) && in_signed16(e->u.i);
}
static inline bool is_numeral(const Expr *e) {
    return (e->kind == X_INT || e->kind == X_FLT) && !expr_has_jumps(e);
}
static inline bool is_short_string(const Expr *e) {
    return e->kind == X_STR && !expr_has_jumps(e) && e->u.s->tag == TAG_SSTR;
}

static void free_expr(Compiler *c, const Expr *e) {
    if (e->kind == X_REG) free_reg(c, e->u.at.reg);
}

static void free_two_regs(Compiler *c, unsigned a, unsigned b) {
    free_reg(c, a > b ? a : b);
    free_reg(c, a > b ? b : a);
}

static void free_exprs(Compiler *c, const Expr *a, const Expr *b) {
    if (a->kind == X_REG && b->kind == X_REG) {
        free_two_regs(c, a->u.at.reg, b->u.at.reg);
    } else {
        free_expr(c, a);
        free_expr(c, b);
    }
}

static void becomes_reg(Expr *e, unsigned reg) {
    e->kind = X_REG;
    e->u.at.reg = (uint8_t)reg;
}

static void becomes_pc(Expr *e, ExprKind kind, int32_t pc) {
    e->kind = kind;
    e->u.at.pc = pc;
}

static void swap(Expr *a, Expr *b) {
    Expr t = *a;
    *a = *b;
    *b = t;
}

/* ------------------------------------------------------------------------------------ constants */
static void literal_value(const Expr *e, TValue *v) {
    switch (e->kind) {
        case X_NIL: set_nil(v); break;
        case X_TRUE: case X_FALSE: set_bool(v, e->kind == X_TRUE); break;
        case X_INT: set_int(v, e->u.i); break;
        case X_FLT: set_flt(v, e->u.n); break;
        default: set_gc(v, e->u.s);
    }
}

static void set_literal(Expr *e, const TValue *v) {
    switch (v->tag) {
        case TAG_NIL: e->kind = X_NIL; break;
        case TAG_FALSE: e->kind = X_FALSE; break;
        case TAG_TRUE: e->kind = X_TRUE; break;
        case TAG_INT: e->kind = X_INT; e->u.i = v->v.i; break;
        case TAG_FLT: e->kind = X_FLT; e->u.n = v->v.n; break;
        default: e->kind = X_STR; e->u.s = as_str(v);
    }
}

bool expr_constant(Compiler *c, const Expr *e, TValue *out) {
    if (e->kind == X_CONSTVAR && !expr_has_jumps(e))
        *out = c->vars[e->u.at.var].value;
    else if (expr_is_literal(e))
        literal_value(e, out);
    else
        return false;
    return true;
}

static uint32_t literal_index(Compiler *c, const Expr *e) {
    TValue v;
    literal_value(e, &v);
    return const_index(c, &v);
}

/* e as a constant whose index fits an operand */
static bool const_operand(Compiler *c, const Expr *e, unsigned *index) {
    if (!expr_is_literal(e)) return false;
    uint32_t k = literal_index(c, e);
    *index = k;
    return k <= MAX_B;
}

/* ---------------------------------------------------------------------------- reading variables */
static int32_t emit_read(Compiler *c, const Expr *e) {
    unsigned reg = e->u.at.reg, idx = e->u.at.idx;
    switch (e->kind) {
        case X_UPVAL: return emit_abc(c, OP_GETUPVAL, 0, idx, 0);
        case X_FIELDUP: return emit_abc(c, OP_GETTABUP, 0, reg, idx);
        case X_INDEX:
            free_two_regs(c, reg, idx);
            return emit_abc(c, OP_GETTABLE, 0, reg, idx);
        case X_INDEXI:
            free_reg(c, reg);
            return emit_abc(c, OP_GETI, 0, reg, idx);
        default: /* X_FIELD */
            free_reg(c, reg);
            return emit_abc(c, OP_GETFIELD, 0, reg, idx);
    }
}

void expr_settle(Compiler *c, Expr *e) {
    switch (e->kind) {
        case X_CONSTVAR: set_literal(e, &c->vars[e->u.at.var].value); break;
        case X_LOCAL: e->kind = X_REG; break;
        case X_UPVAL: case X_FIELDUP: case X_INDEX: case X_INDEXI: case X_FIELD:
            becomes_pc(e, X_RELOC, emit_read(c, e));
            break;
        case X_CALL: becomes_reg(e, insn_a(*insn_at(c, e->u.at.pc))); break;
        case X_VARARG:
            *insn_at(c, e->u.at.pc) = insn_abc(OP_VARARG, 0, 0, 2);
            e->kind = X_RELOC;
            break;
        default: break;
    }
}

void expr_set_results(Compiler *c, Expr *e, int n) {
    Insn *i = insn_at(c, e->u.at.pc);
    if (e->kind == X_CALL) {
        *i = insn_abc(OP_CALL, insn_a(*i), insn_b(*i), (unsigned)(n + 1));
    } else {
        *i = insn_abc(OP_VARARG, c->fn->freereg, 0, (unsigned)(n + 1));
        reserve_regs(c, 1);
    }
}

/* ------------------------------------------------------------------------------- into registers */
static void load_number(Compiler *c, const Expr *e, unsigned reg) {
    if (e->kind == X_INT && e->u.i >= INT32_MIN && e->u.i <= INT32_MAX) {
        emit_abj(c, OP_LOADI, reg, 0, (int32_t)e->u.i);
        return;
    }
    if (e->kind == X_FLT && fabs(e->u.n) <= INT32_MAX && e->u.n == (int32_t)e->u.n &&
        !(e->u.n == 0 && signbit(e->u.n))) {
        emit_abj(c, OP_LOADF, reg, 0, (int32_t)e->u.n);
        return;
    }
    emit_abj(c, OP_LOADK, reg, 0, (int32_t)literal_index(c, e));
}

/* The value without its jumps; a comparison stays one. */
static void load(Compiler *c, Expr *e, unsigned reg) {
    expr_settle(c, e);
    switch (e->kind) {
        case X_NIL: emit_nil(c, reg, 1); break;
        case X_TRUE: emit_abc(c, OP_LOADTRUE, reg, 0, 0); break;
        case X_FALSE: emit_abc(c, OP_LOADFALSE, reg, 0, 0); break;
        case X_INT: case X_FLT: load_number(c, e, reg); break;
        case X_STR: emit_abj(c, OP_LOADK, reg, 0, (int32_t)literal_index(c, e)); break;
        case X_RELOC: insn_set_a(insn_at(c, e->u.at.pc), reg); break;
        case X_REG:
            if (reg != e->u.at.reg) emit_abc(c, OP_MOVE, reg, e->u.at.reg, 0);
            break;
        default: return; /* X_JUMP, X_VOID */
    }
    becomes_reg(e, reg);
}

/* load into any register: a temporary if it is in none */
static unsigned load_anywhere(Compiler *c, Expr *e) {
    if (e->kind != X_REG) {
        reserve_regs(c, 1);
        load(c, e, c->fn->freereg - 1u);
    }
    return e->u.at.reg;
}

/* Ends the pending jumps of e, whose own value is in reg or (X_JUMP) falls through when false. */
static void gather(Compiler *c, Expr *e, unsigned reg) {
    int32_t load_false = NO_JUMP, load_true = NO_JUMP;
    if (jumps_lack_value(c, e->if_true) || jumps_lack_value(c, e->if_false)) {
        int32_t over = e->kind == X_JUMP ? NO_JUMP : emit_jump(c);
        label_here(c);
        load_false = emit_abc(c, OP_LFALSESKIP, reg, 0, 0);
        label_here(c);
        load_true = emit_abc(c, OP_LOADTRUE, reg, 0, 0);
        jumps_here(c, over);
    }
    int32_t end = label_here(c);
    jumps_with_value(c, e->if_false, reg, end, load_false);
    jumps_with_value(c, e->if_true, reg, end, load_true);
}

static void load_fully(Compiler *c, Expr *e, unsigned reg) {
    load(c, e, reg);
    if (e->kind == X_JUMP) jumps_join(c, &e->if_true, e->u.at.pc);
    if (expr_has_jumps(e)) gather(c, e, reg);
    *e = expr_make(X_REG);
    e->u.at.reg = (uint8_t)reg;
}

void expr_next_reg(Compiler *c, Expr *e) {
    expr_settle(c, e);
    free_expr(c, e);
    reserve_regs(c, 1);
    load_fully(c, e, c->fn->freereg - 1u);
}

unsigned expr_any_reg(Compiler *c, Expr *e) {
    expr_settle(c, e);
    if (e->kind == X_REG) {
        if (!expr_has_jumps(e)) return e->u.at.reg;
        if (e->u.at.reg >= var_level(c)) { /* a temporary may be overwritten */
            load_fully(c, e, e->u.at.reg);
            return e->u.at.reg;
        }
    }
    expr_next_reg(c, e);
    return e->u.at.reg;
}

void expr_any_reg_or_upval(Compiler *c, Expr *e) {
    if (e->kind != X_UPVAL || expr_has_jumps(e)) expr_any_reg(c, e);
}

void expr_to_value(Compiler *c, Expr *e) {
    if (e->kind == X_JUMP || expr_has_jumps(e))
        expr_any_reg(c, e);
    else
        expr_settle(c, e);
}

/* ---------------------------------------------------------------------------- writing variables */

/* Each store has a form with a constant value, its neighbour in the instruction set. */
static void emit_store(Compiler *c, unsigned op, unsigned a, unsigned b, Expr *value) {
    unsigned k;
    if (const_operand(c, value, &k))
        emit_abc(c, op + 1, a, b, k);
    else
        emit_abc(c, op, a, b, expr_any_reg(c, value));
}

void expr_store(Compiler *c, const Expr *var, Expr *e) {
    unsigned reg = var->u.at.reg, idx = var->u.at.idx;
    switch (var->kind) {
        case X_LOCAL:
            free_expr(c, e);
            load_fully(c, e, reg);
            return; /* e now names the variable */
        case X_UPVAL: emit_abc(c, OP_SETUPVAL, expr_any_reg(c, e), idx, 0); break;
        case X_FIELDUP: expr_to_value(c, e); emit_store(c, OP_SETTABUP, reg, idx, e); break;
        case X_INDEX: expr_to_value(c, e); emit_store(c, OP_SETTABLE, reg, idx, e); break;
        case X_INDEXI: expr_to_value(c, e); emit_store(c, OP_SETI, reg, idx, e); break;
        default: expr_to_value(c, e); emit_store(c, OP_SETFIELD, reg, idx, e); break;
    }
    free_expr(c, e);
}

_Static_assert(OP_SETTABUPK == OP_SETTABUP + 1 && OP_SETTABLEK == OP_SETTABLE + 1 &&
                   OP_SETIK == OP_SETI + 1 && OP_SETFIELDK == OP_SETFIELD + 1,
               "a store's constant form follows it");

/* ------------------------------------------------------------------------------------- indexing */
static void index_register(Compiler *c, Expr *t, Expr *key) {
    expr_any_reg(c, t);
    t->u.at.idx = expr_any_reg(c, key);
    t->kind = X_INDEX;
}

/* `t` may be a variable's own register: reg stays, the kind says how the key is given. */
void expr_index(Compiler *c, Expr *t, Expr *key) {
    unsigned k;
    bool field = is_short_string(key) && const_operand(c, key, &k);
    if (t->kind == X_UPVAL && field) {
        t->u.at.reg = (uint8_t)t->u.at.idx;
        t->u.at.idx = k;
        t->kind = X_FIELDUP;
        return;
    }
    if (field ||
        (key->kind == X_INT && !expr_has_jumps(key) && key->u.i >= 0 && key->u.i <= MAX_B)) {
        expr_any_reg(c, t);
        t->u.at.idx = field ? k : (uint32_t)key->u.i;
        t->kind = field ? X_FIELD : X_INDEXI;
        return;
    }
    index_register(c, t, key);
}

/* object:name( -- leaves the function in a fresh register and the object in the next */
void expr_self(Compiler *c, Expr *object, String *name) {
    Expr key = expr_make(X_STR);
    unsigned k, from = expr_any_reg(c, object);
    key.u.s = name;
    free_expr(c, object);
    unsigned base = c->fn->freereg;
    reserve_regs(c, 2);
    if (is_short_string(&key) && const_operand(c, &key, &k)) {
        emit_abc(c, OP_SELF, base, from, k);
    } else {
        emit_abc(c, OP_MOVE, base + 1, from, 0);
        emit_abj(c, OP_LOADK, base, 0, (int32_t)literal_index(c, &key));
        emit_abc(c, OP_GETTABLE, base, base + 1, base);
    }
    becomes_reg(object, base);
}

/* -------------------------------------------------------------------------------------- control */
static void negate(Compiler *c, const Expr *e) {
    Insn *i = insn_at(c, e->u.at.pc);
    *i = (*i & ~(Insn)0xff) | opposite_jump(insn_op(*i));
}

_Static_assert(OP_JNE == OP_JEQ + 1 && OP_JNLT == OP_JLT + 1 && OP_JNLE == OP_JLE + 1 &&
                   OP_JNEK == OP_JEQK + 1 && OP_JNEI == OP_JEQI + 1 && OP_JNLTI == OP_JLTI + 1 &&
                   OP_JNLEI == OP_JLEI + 1 && OP_JNGTI == OP_JGTI + 1 && OP_JNGEI == OP_JGEI + 1 &&
                   OP_JNNIL == OP_JNIL + 1 && OP_JF == OP_JT + 1 && OP_JFSET == OP_JTSET + 1 &&
                   (OP_JFSET - OP_JEQ) % 2 == 1,
               "opposite jumps are neighbours");

/* A jump on the truth of e; it keeps the value, in case one is wanted. */
static int32_t emit_test(Compiler *c, Expr *e, bool when) {
    if (e->kind == X_RELOC) {
        Insn i = *insn_at(c, e->u.at.pc);
        if (insn_op(i) == OP_NOT) { /* test its operand instead */
            drop_last(c);
            return emit_abj(c, when ? OP_JF : OP_JT, insn_b(i), 0, NO_JUMP);
        }
    }
    unsigned reg = load_anywhere(c, e);
    free_expr(c, e);
    return emit_abj(c, when ? OP_JTSET : OP_JFSET, NO_REG, reg, NO_JUMP);
}

/* The value that e has when no jump left it before is always this. */
static bool always(const Expr *e, bool truth) {
    switch (e->kind) {
        case X_TRUE: case X_INT: case X_FLT: case X_STR: return truth;
        case X_NIL: case X_FALSE: return !truth;
        default: return false;
    }
}

bool expr_is_always(const Expr *e, bool truth) { return always(e, truth) && !expr_has_jumps(e); }

void expr_jump_if_false(Compiler *c, Expr *e) {
    int32_t jump;
    expr_settle(c, e);
    if (e->kind == X_JUMP) {
        negate(c, e);
        jump = e->u.at.pc;
    } else {
        jump = always(e, true) ? NO_JUMP : emit_test(c, e, false);
    }
    jumps_join(c, &e->if_false, jump);
    jumps_here(c, e->if_true);
    e->if_true = NO_JUMP;
}

void expr_jump_if_true(Compiler *c, Expr *e) {
    int32_t jump;
    expr_settle(c, e);
    if (e->kind == X_JUMP)
        jump = e->u.at.pc;
    else
        jump = always(e, false) ? NO_JUMP : emit_test(c, e, true);
    jumps_join(c, &e->if_true, jump);
    jumps_here(c, e->if_false);
    e->if_false = NO_JUMP;
}

/* ------------------------------------------------------------------------------ unary operators */
static void logical_not(Compiler *c, Expr *e) {
    if (always(e, false)) {
        e->kind = X_TRUE;
    } else if (always(e, true)) {
        e->kind = X_FALSE;
    } else if (e->kind == X_JUMP) {
        negate(c, e);
    } else {
        unsigned reg = load_anywhere(c, e);
        free_expr(c, e);
        becomes_pc(e, X_RELOC, emit_abc(c, OP_NOT, 0, reg, 0));
    }
    int32_t list = e->if_true;
    e->if_true = e->if_false;
    e->if_false = list;
    jumps_drop_values(c, e->if_true); /* only their truth is left, and that was inverted */
    jumps_drop_values(c, e->if_false);
}

static void emit_unary(Compiler *c, unsigned op, Expr *e, int line) {
    unsigned reg = expr_any_reg(c, e);
    free_expr(c, e);
    becomes_pc(e, X_RELOC, emit_abc(c, op, 0, reg, 0));
    set_line(c, line);
}

void expr_unary(Compiler *c, UnOp op, Expr *e, int line) {
    Expr zero = expr_make(X_INT); /* folding wants two operands */
    zero.u.i = 0;
    expr_settle(c, e);
    switch (op) {
        case U_MINUS:
            if (!fold_arith(c, LUA_OPUNM, e, &zero)) emit_unary(c, OP_UNM, e, line);
            break;
        case U_BNOT:
            if (!fold_arith(c, LUA_OPBNOT, e, &zero)) emit_unary(c, OP_BNOT, e, line);
            break;
        case U_LEN: emit_unary(c, OP_LEN, e, line); break;
        default: logical_not(c, e);
    }
}

/* ----------------------------------------------------------------------------- binary operators */
void expr_left(Compiler *c, BinOp op, Expr *e) {
    expr_settle(c, e);
    switch (op) {
        case B_AND: expr_jump_if_false(c, e); break;
        case B_OR: expr_jump_if_true(c, e); break;
        case B_CONCAT: expr_next_reg(c, e); break; /* operands are consecutive */
        case B_EQ: case B_NE:
            if (!expr_is_literal(e)) expr_any_reg(c, e);
            break;
        case B_LT: case B_LE: case B_GT: case B_GE:
            if (!is_small_int(e)) expr_any_reg(c, e);
            break;
        default:
            if (!is_numeral(e)) expr_any_reg(c, e);
    }
}

static bool is_bitwise(BinOp op) { return op >= B_BAND && op <= B_SHR; }
static bool is_commutative(BinOp op) {
    return op == B_ADD || op == B_MUL || (op >= B_BAND && op <= B_BXOR);
}

/* numerals that the constant form of op takes */
static bool fits_const_form(BinOp op, const Expr *e) {
    return is_bitwise(op) ? e->kind == X_INT && !expr_has_jumps(e) : is_numeral(e);
}

static Insn arith_insn(Compiler *c, BinOp op, Expr *left, Expr *right) {
    unsigned flip = 0, k;
    if (is_commutative(op) && fits_const_form(op, left)) {
        swap(left, right);
        flip = FLIP;
    }
    if (op == B_ADD && is_small_int(right))
        return insn_abc(OP_ADDI, 0, expr_any_reg(c, left) | flip, (unsigned)right->u.i & MAX_B);
    if (op == B_SUB && is_small_int(right))
        return insn_abc(OP_SUBI, 0, expr_any_reg(c, left), (unsigned)right->u.i & MAX_B);
    if (fits_const_form(op, right) && const_operand(c, right, &k))
        return insn_abc(OP_ADDK + op, 0, expr_any_reg(c, left) | flip, k);
    if (flip) swap(left, right);
    unsigned r = expr_any_reg(c, right); /* before a left operand that is a numeral */
    return insn_abc(OP_ADD + op, 0, expr_any_reg(c, left), r);
}

_Static_assert(OP_SHRK - OP_ADDK == B_SHR && OP_SHR - OP_ADD == B_SHR,
               "arithmetic opcodes are in the order of BinOp");
_Static_assert(LUA_OPADD == 0 && LUA_OPSHR == B_SHR && LUA_OPMOD == B_MOD && LUA_OPBXOR == B_BXOR &&
                   LUA_OPPOW == B_POW,
               "LUA_OP* are in the order of BinOp");

static void arith(Compiler *c, BinOp op, Expr *left, Expr *right, int line) {
    Insn i = arith_insn(c, op, left, right);
    free_exprs(c, left, right);
    becomes_pc(left, X_RELOC, emit(c, i));
    set_line(c, line);
}

/* The line of a comparison is that of its right operand's end, unlike an arithmetic operator's. */
static void becomes_jump(Compiler *c, Expr *e, Insn i) { becomes_pc(e, X_JUMP, emit(c, i)); }

/* left < right or left <= right */
static void order(Compiler *c, BinOp op, Expr *left, Expr *right) {
    bool equal = op == B_LE;
    Insn i;
    if (is_small_int(right)) {
        unsigned imm = (unsigned)right->u.i & MAX_B;
        i = insn_abj(equal ? OP_JLEI : OP_JLTI, expr_any_reg(c, left), imm, NO_JUMP);
    } else if (is_small_int(left)) {
        unsigned imm = (unsigned)left->u.i & MAX_B;
        i = insn_abj(equal ? OP_JGEI : OP_JGTI, expr_any_reg(c, right), imm, NO_JUMP);
    } else {
        unsigned l = expr_any_reg(c, left);
        i = insn_abj(equal ? OP_JLE : OP_JLT, l, expr_any_reg(c, right), NO_JUMP);
    }
    free_exprs(c, left, right);
    becomes_jump(c, left, i);
}

static Insn equal_insn(Compiler *c, unsigned reg, Expr *e) {
    unsigned k;
    if (e->kind == X_NIL && !expr_has_jumps(e)) return insn_abj(OP_JNIL, reg, 0, NO_JUMP);
    if (is_small_int(e)) return insn_abj(OP_JEQI, reg, (unsigned)e->u.i & MAX_B, NO_JUMP);
    if (const_operand(c, e, &k)) return insn_abj(OP_JEQK, reg, k, NO_JUMP);
    return insn_abj(OP_JEQ, reg, expr_any_reg(c, e), NO_JUMP);
}

static void equality(Compiler *c, BinOp op, Expr *left, Expr *right) {
    if (left->kind != X_REG) swap(left, right); /* the left one is a literal: compare with it */
    unsigned reg = expr_any_reg(c, left);
    Insn i = equal_insn(c, reg, right);
    free_exprs(c, left, right);
    becomes_jump(c, left, i);
    if (op == B_NE) negate(c, left);
}

/* a .. (b .. c): the operands are consecutive, so one instruction does all */
static void concat(Compiler *c, Expr *left, Expr *right, int line) {
    expr_next_reg(c, right);
    Insn *prev = previous_insn(c);
    unsigned reg = left->u.at.reg;
    if (prev && insn_op(*prev) == OP_CONCAT && insn_a(*prev) == reg + 1) {
        free_expr(c, right);
        *prev = insn_abc(OP_CONCAT, reg, insn_b(*prev) + 1, 0);
    } else {
        emit_abc(c, OP_CONCAT, reg, 2, 0);
        free_expr(c, right);
        set_line(c, line);
    }
}

void expr_binary(Compiler *c, BinOp op, Expr *left, Expr *right, int line) {
    expr_settle(c, right);
    if (op <= B_SHR && fold_arith(c, (int)op, left, right)) return;
    switch (op) {
        case B_AND:
            jumps_join(c, &right->if_false, left->if_false);
            *left = *right;
            break;
        case B_OR:
            jumps_join(c, &right->if_true, left->if_true);
            *left = *right;
            break;
        case B_CONCAT: concat(c, left, right, line); break;
        case B_EQ: case B_NE: equality(c, op, left, right); break;
        case B_LT: case B_LE: order(c, op, left, right); break;
        case B_GT: case B_GE: /* (a > b) is (b < a) */
            swap(left, right);
            order(c, op == B_GT ? B_LT : B_LE, left, right);
            break;
        default: arith(c, op, left, right, line);
    }
}
