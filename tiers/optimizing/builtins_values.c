// SPDX-License-Identifier: MIT
/* Library functions of any values in place of calls: types, raw access, conversions, extra arguments. See builtins.c. */
#include "lib/builtins.h"
#include "tiers/optimizing/builtins_build.h"

static GNode *string_at(Builder *b, uint64_t address) {
    TValue s = {.tag = TAG_SSTR, .v.u = address};
    return const_value(b, &s);
}

/* A node of any type but nothing's is a VALUE for those that take their operands from memory. */
static GNode *value_or(Builder *b, GNode *cond, GNode *x, GNode *other) {
    GNode *n = select_node(b, cond, x, other);
    n->type = T_VALUE;
    return n;
}

/* --------------------------------------------------------------------------------------------- types */

static uint64_t name_of(const Builder *b, const GNode *x) {
    return b->f->typenames[x->type == T_BOOL ? TAG_TRUE : type_tags[x->type]];
}

void build_type(Builder *b, const Args *a) {
    GNode *x = argument(b, a, 1);
    finish(b, a, x->type != T_VALUE ? string_at(b, name_of(b, x)) : emit1(b, N_TYPE_NAME, x, 0));
}

void build_mathtype(Builder *b, const Args *a) {
    GNode *x = argument(b, a, 1), *names[] = {string_at(b, b->f->intname), string_at(b, b->f->fltname)};
    if (x->type == T_INT || x->type == T_FLT) {
        finish(b, a, names[x->type == T_FLT]);
    } else if (x->type == T_VALUE) {
        Side other = branch(b, emit1(b, N_IS_NUM, x, 0), 1);
        finish(b, a, select_node(b, emit1(b, N_HAS_TAG, x, TAG_INT), names[0], names[1]));
        take(b, other);
        finish(b, a, const_nil(b));
    } else {
        finish(b, a, const_nil(b));
    }
}

/* --------------------------------------------------------------------------------------------- tables */

void build_rawget(Builder *b, const Args *a) {
    GNode *t = as_type(b, argument(b, a, 1), T_TABLE), *key = argument(b, a, 2);
    if (t == NULL) fail(b);
    else finish(b, a, emit2(b, key->type == T_INT ? N_GET_INT : N_RAW_GET, t, key, 0));
}

void build_rawset(Builder *b, const Args *a) {
    GNode *t = as_type(b, argument(b, a, 1), T_TABLE), *key = argument(b, a, 2), *x = argument(b, a, 3);
    if (t == NULL || key->type == T_NIL) {
        fail(b);
        return;
    }
    collecting(b, emit3(b, N_RAW_SET, t, key, x, 0), DEOPT_TYPE);
    fresh_forget(b);
    b->effect = true;
    finish(b, a, t);
}

void build_getmetatable(Builder *b, const Args *a) {
    GNode *x = argument(b, a, 1);
    finish(b, a, emit1(b, N_GET_METATABLE, x, 0));
}

/* The runtime's function takes the key from its slot and writes the results to theirs. */
void build_next(Builder *b, const Args *a) {
    GNode *t = as_type(b, argument(b, a, 1), T_TABLE);
    if (t == NULL || a->wanted < 1 || a->wanted > 2) {
        fail(b);
        return;
    }
    exit_state(b);
    bool first = a->count == 1;
    if (!first) flush_reg(b, a->a + 2);
    GNode *found = emit1(b, N_NEXT_AT, t, (int64_t)((uint64_t)first << 32 | (b->base + a->a)));
    guard(b, emit2(b, N_ILE, const_int(b, 0), found, 0), DEOPT_OTHER);
    for (unsigned n = 0; n < 2; n++) put_unknown(b, a->a + n, T_VALUE);
    go_to(b, b->pc + 1);
}

/* A known number of results from a plain table. */
void build_unpack(Builder *b, const Args *a) {
    GNode *t = as_type(b, argument(b, a, 1), T_TABLE), *results[MOST_UNPACKED];
    if (t == NULL || a->wanted > MOST_UNPACKED) {
        fail(b);
        return;
    }
    guard(b, emit1(b, N_NO_METATABLE, t, 0), DEOPT_METATABLE);
    unsigned wanted = a->wanted < 0 ? 1 : (unsigned)a->wanted;
    GNode *len = emit1(b, N_LENGTH, t, 0);
    if (a->wanted < 0 || insn_c(b->original->code[b->pc]) == 0) guard(b, emit2(b, N_IEQ, len, const_int(b, wanted), 0), DEOPT_BOUNDS);
    for (unsigned n = 0; n < wanted; n++) {
        GNode *i = const_int(b, n + 1);
        results[n] = value_or(b, emit2(b, N_ILE, i, len, 0), emit2(b, N_GET_INT, t, i, 0), const_nil(b));
    }
    finish_many(b, a, results, wanted);
}

/* --------------------------------------------------------------------------------------- conversions */

void build_tostring(Builder *b, const Args *a) {
    GNode *x = argument(b, a, 1);
    if (x->type == T_VALUE) {
        guard(b, emit1(b, N_IS_NUM, x, 0), DEOPT_TYPE);
    } else if (x->type != T_INT && x->type != T_FLT) {
        fail(b);
        return;
    }
    finish(b, a, collecting(b, emit1(b, N_TO_STRING, x, 0), DEOPT_TYPE));
}

void build_tonumber(Builder *b, const Args *a) {
    GNode *x = argument(b, a, 1);
    if (x->type == T_INT || x->type == T_FLT) finish(b, a, x);
    else finish(b, a, emit1(b, N_TO_NUMBER, x, 0));
}

/* ----------------------------------------------------------------------------------- extra arguments */

/* Extra arguments right before, which only the call takes: none is moved to a register. */
bool select_fits(const Builder *b, uint32_t pc) {
    Insn i = b->f->code[pc], before = pc > 0 ? b->f->code[pc - 1] : 0;
    if (insn_op(before) != OP_VARARG || insn_c(before) != 0 || insn_b(i) != 0) return false;
    return insn_a(before) == insn_a(i) + 2 && insn_op(i) == OP_CALL && insn_c(i) == 2;
}

/* select('#', ...), select(n, ...): one value. */
void build_select(Builder *b, const Args *a) {
    GNode *n = argument(b, a, 1);
    if (n->op == N_OBJECT && n->imm.u == b->f->countname) {
        finish(b, a, count_extra(b));
        return;
    }
    n = as_type(b, n, T_INT);
    if (n == NULL) {
        fail(b);
        return;
    }
    guard(b, emit2(b, N_ILT, const_int(b, 0), n, 0), DEOPT_BOUNDS);
    GNode *x = extra_argument(b, emit2(b, N_ISUB, n, const_int(b, 1), 0));
    finish(b, a, x);
}
