// SPDX-License-Identifier: MIT
/* Library functions in place of calls to them.
 *
 * A call site that has only met one C function, which is among the rows below, is built as what the function does, behind
 * a guard that it is called still. An inlined builtin covers only what can neither raise, nor yield, nor run Lua
 * code: of everything else its guards know before any effect, and exit. The exit marks the site
 * (interp/compiled.h, note_exit), and the next compilation makes an ordinary call of it. */
#include "tiers/optimizing/builtins.h"

#include <math.h>

#include "lib/builtins.h"
#include "tiers/optimizing/builtins_build.h"
#include "tiers/optimizing/typed_calls.h"

/* ----------------------------------------------------------------------------------------- arguments */

/* Ends a path with the first `count` of the results in R[A], R[A+1]... */
void finish_many(Builder *b, const Args *a, GNode *const *results, unsigned count) {
    if (a->wanted < 0) {
        put_reg(b, a->a, results[0]);
        if (b->outer != NULL) {
            b->insn = (b->insn & ~(Insn)0xff) | OP_RETURN1;
            inline_return(b);
        } else {
            emit1(b, N_RETURN, results[0], 0);
            b->at = NULL;
        }
        return;
    }
    for (unsigned n = 0; n < (unsigned)a->wanted; n++) put_reg(b, a->a + n, n < count ? results[n] : const_nil(b));
    go_to(b, b->pc + 1);
}

/* ------------------------------------------------------------------------------------------- branches */

Side branch(Builder *b, GNode *cond, int likely) {
    Block *from = b->at;
    exit_state(b);
    emit1(b, N_BRANCH, cond, likely);
    b->at = graph_block(b->g, b->pc);
    graph_edge(b->g, from, b->at);
    Side other = {graph_block(b->g, b->pc), copy_regs(b), b->nrefined};
    graph_edge(b->g, from, other.block);
    return other;
}

void take(Builder *b, Side s) {
    b->at = s.block;
    b->reg = s.reg;
    b->nrefined = s.nrefined;
    b->effect = false;
}

/* ---------------------------------------------------------------------------------------------- types */

GNode *as_type(Builder *b, GNode *x, unsigned type) {
    x = refined(b, x);
    if (x->type == type) return x;
    if (x->type != T_VALUE) return NULL;
    guard(b, emit1(b, N_HAS_TAG, x, type_tags[type]), DEOPT_TYPE);
    GNode *typed = emit_typed(b, N_UNTAG, type, x, type_tags[type]);
    refine(b, x, typed);
    return typed;
}

/* a number as a float */
GNode *as_flt(Builder *b, GNode *x) {
    x = refined(b, x);
    if (x->type == T_FLT) return x;
    if (x->type == T_INT) return x->op == N_INT ? const_flt(b, (double)x->imm.i) : emit1(b, N_ITOF, x, 0);
    if (x->type != T_VALUE) return NULL;
    guard(b, emit1(b, N_IS_NUM, x, 0), DEOPT_TYPE);
    return emit1(b, N_NTOF, x, 0);
}

bool as_string(Builder *b, GNode *x) {
    if (x->type == T_SSTR || x->type == T_LSTR) return true;
    if (x->type != T_VALUE) return false;
    guard(b, emit1(b, N_IS_STR, x, 0), DEOPT_TYPE);
    return true;
}

GNode *select_node(Builder *b, GNode *cond, GNode *yes, GNode *no) {
    GNode *n = emit3(b, N_SELECT, cond, yes, no, 0);
    n->type = yes->type;
    return n;
}

/* --------------------------------------------------------------------------------------------- numbers */

/* Floats without an integer of their value are left to the function. */
static void finish_integral(Builder *b, const Args *a, GNode *f) {
    guard(b, emit2(b, N_FLESS, emit1(b, N_FABS, f, 0), const_flt(b, 0x1p63), 0), DEOPT_TYPE);
    finish(b, a, emit1(b, N_FTOI, f, 0));
}

static void build_round(Builder *b, const Args *a) {
    Op op = a->number == BUILTIN_floor ? N_FFLOOR : N_FCEIL;
    GNode *x = argument(b, a, 1);
    if (x->type == T_INT) {
        finish(b, a, x);
    } else if (x->type == T_FLT) {
        finish_integral(b, a, emit1(b, op, x, 0));
    } else if (x->type == T_VALUE) {
        Side other = branch(b, emit1(b, N_HAS_TAG, x, TAG_FLT), 1);
        finish_integral(b, a, emit1(b, op, emit_typed(b, N_UNTAG, T_FLT, x, TAG_FLT), 0));
        take(b, other);
        finish(b, a, as_type(b, x, T_INT));
    } else {
        fail(b);
    }
}

static GNode *int_abs(Builder *b, GNode *x) {
    return select_node(b, emit2(b, N_ILT, x, const_int(b, 0), 0), emit1(b, N_INEG, x, 0), x);
}

static void build_abs(Builder *b, const Args *a) {
    GNode *x = argument(b, a, 1);
    if (x->type == T_INT) {
        finish(b, a, int_abs(b, x));
    } else if (x->type == T_FLT) {
        finish(b, a, emit1(b, N_FABS, x, 0));
    } else if (x->type == T_VALUE) {
        Side other = branch(b, emit1(b, N_HAS_TAG, x, TAG_FLT), 1);
        finish(b, a, emit1(b, N_FABS, emit_typed(b, N_UNTAG, T_FLT, x, TAG_FLT), 0));
        take(b, other);
        finish(b, a, int_abs(b, as_type(b, x, T_INT)));
    } else {
        fail(b);
    }
}

static void build_libm(Builder *b, const Args *a) {
    GNode *x = as_flt(b, argument(b, a, 1));
    if (x == NULL) fail(b);
    else finish(b, a, emit1(b, a->number == BUILTIN_sqrt ? N_FSQRT : N_LIBM, x, a->number));
}

static void build_int_fmod(Builder *b, const Args *a) {
    GNode *x = argument(b, a, 1), *y = argument(b, a, 2);
    guard(b, emit2(b, N_ULT, const_int(b, 1), emit2(b, N_IADD, y, const_int(b, 1), 0), 0), DEOPT_OTHER); /* neither 0 nor -1 */
    finish(b, a, emit2(b, N_IREM, x, y, 0));
}

static void build_libm2(Builder *b, const Args *a) {
    if (a->number == BUILTIN_fmod && argument(b, a, 1)->type == T_INT && argument(b, a, 2)->type == T_INT) {
        build_int_fmod(b, a);
        return;
    }
    bool ints = argument(b, a, 1)->type != T_FLT && (a->count < 2 || argument(b, a, 2)->type != T_FLT);
    GNode *x = as_flt(b, argument(b, a, 1));
    GNode *y = a->count < 2 ? const_flt(b, 1) : as_flt(b, argument(b, a, 2)); /* atan's second */
    if (x == NULL || y == NULL || (ints && a->number == BUILTIN_fmod)) fail(b);
    else finish(b, a, emit2(b, N_LIBM2, x, y, a->number));
}

/* The one the function chooses: the later only if it is truly less, or greater. */
static GNode *later_is_better(Builder *b, const Args *a, Op less, GNode *best, GNode *x) {
    return a->number == BUILTIN_max ? emit2(b, less, best, x, 0) : emit2(b, less, x, best, 0);
}

static void extreme_of(Builder *b, const Args *a, unsigned type) {
    GNode *best = as_type(b, argument(b, a, 1), type);
    for (unsigned n = 2; n <= a->count && best != NULL; n++) {
        GNode *x = as_type(b, argument(b, a, n), type);
        best = x == NULL ? NULL : select_node(b, later_is_better(b, a, type == T_INT ? N_ILT : N_FLESS, best, x), x, best);
    }
    if (best == NULL) fail(b);
    else finish(b, a, best);
}

static bool is_small(const GNode *x) { return x->op == N_INT && x->imm.i > -(INT64_C(1) << 53) && x->imm.i < INT64_C(1) << 53; }

/* an integer constant and a float: the result is either */
static bool extreme_of_mixed(Builder *b, const Args *a) {
    GNode *x = argument(b, a, 1), *y = argument(b, a, 2);
    if (a->count != 2 || !(is_small(x) || is_small(y)) || (x->type == T_INT) == (y->type == T_INT)) return false;
    if (x->type == T_VALUE || y->type == T_VALUE) { /* which must be an integer, or a float */
        GNode *unknown = x->type == T_VALUE ? x : y;
        Side other = branch(b, emit1(b, N_HAS_TAG, unknown, TAG_INT), 0);
        extreme_of(b, a, T_INT);
        take(b, other);
        if (x == unknown) x = as_type(b, x, T_FLT);
        else y = as_type(b, y, T_FLT);
    }
    GNode *fx = as_flt(b, x), *fy = as_flt(b, y);
    if (fx == NULL || fy == NULL) {
        fail(b);
        return true;
    }
    Side other = branch(b, later_is_better(b, a, N_FLESS, fx, fy), 0);
    finish(b, a, y);
    take(b, other);
    finish(b, a, x);
    return true;
}

static void build_extreme(Builder *b, const Args *a) {
    if (extreme_of_mixed(b, a)) return;
    unsigned type = T_VALUE;
    for (unsigned n = 1; n <= a->count; n++) {
        unsigned t = argument(b, a, n)->type;
        if (t != T_VALUE) type = t;
    }
    if (type == T_INT || type == T_FLT) {
        extreme_of(b, a, type);
    } else if (type == T_VALUE) {
        Side other = branch(b, emit1(b, N_HAS_TAG, argument(b, a, 1), TAG_FLT), 0);
        extreme_of(b, a, T_FLT);
        take(b, other);
        extreme_of(b, a, T_INT);
    } else {
        fail(b);
    }
}

static void build_tointeger(Builder *b, const Args *a) {
    GNode *x = as_type(b, argument(b, a, 1), T_INT);
    if (x == NULL) fail(b);
    else finish(b, a, x);
}

static void build_ult(Builder *b, const Args *a) {
    GNode *x = as_type(b, argument(b, a, 1), T_INT), *y = as_type(b, argument(b, a, 2), T_INT);
    if (x == NULL || y == NULL) fail(b);
    else finish(b, a, emit2(b, N_ULT, x, y, 0));
}

/* --------------------------------------------------------------------------------------------- strings */

static void build_len(Builder *b, const Args *a) {
    GNode *s = argument(b, a, 1);
    if (as_string(b, s)) finish(b, a, emit1(b, N_STR_LEN, s, 0));
    else fail(b);
}

/* A character that is there. */
static void build_byte(Builder *b, const Args *a) {
    GNode *s = argument(b, a, 1), *i = a->count < 2 ? const_int(b, 1) : as_type(b, argument(b, a, 2), T_INT);
    if (i == NULL || !as_string(b, s)) {
        fail(b);
        return;
    }
    GNode *at = i->op == N_INT ? const_int(b, i->imm.i - 1) : emit2(b, N_ISUB, i, const_int(b, 1), 0);
    guard(b, emit2(b, N_ULT, at, emit1(b, N_STR_LEN, s, 0), 0), DEOPT_BOUNDS);
    finish(b, a, emit2(b, N_STR_BYTE, s, at, 0));
}

GNode *collecting(Builder *b, GNode *n, unsigned reason) {
    n->state = exit_state(b);
    n->reason = (uint8_t)reason;
    fresh_collected(b);
    return n;
}

static void build_sub(Builder *b, const Args *a) {
    GNode *s = argument(b, a, 1), *i = as_type(b, argument(b, a, 2), T_INT);
    GNode *j = a->count < 3 ? const_int(b, -1) : as_type(b, argument(b, a, 3), T_INT);
    if (i == NULL || j == NULL || !as_string(b, s)) fail(b);
    else finish(b, a, collecting(b, emit3(b, N_STR_SUB, s, i, j, 0), CODE_EXIT_PLAIN));
}

static void build_char(Builder *b, const Args *a) {
    GNode *c = as_type(b, argument(b, a, 1), T_INT);
    if (c == NULL) {
        fail(b);
        return;
    }
    guard(b, emit2(b, N_ULT, c, const_int(b, 256), 0), DEOPT_TYPE);
    finish(b, a, collecting(b, emit1(b, N_STR_CHAR, c, 0), CODE_EXIT_PLAIN));
}

/* ---------------------------------------------------------------------------------------------- tables */

static void guard_shape(Builder *b, GNode *t, uint32_t shape) {
    if (fresh_shape(b, t) != shape) guard(b, emit1(b, N_HAS_SHAPE, t, shape), DEOPT_SHAPE);
}

/* As earlier calls of the site did: from a shape without metatable to that with this class of metatables. */
static bool put_known_metatable(Builder *b, GNode *t, GNode *mt) {
    const Cell *c = &b->f->cells[insn_d(b->insn)];
    uint32_t known = fresh_shape(b, t);
    if (c->calls != CALLS_SETMETATABLE || c->shape == 0 || (known != 0 && known != c->shape)) return false;
    guard_shape(b, t, c->shape);
    guard_shape(b, mt, c->metashape);
    emit2(b, N_PUT_METATABLE, t, mt, !fresh_is_white(b, t));
    emit1(b, known != 0 ? N_INIT_SHAPE : N_PUT_SHAPE, t, c->h.newshape);
    fresh_gets_shape(b, t, c->h.newshape);
    b->effect = true;
    return true;
}

static void build_setmetatable(Builder *b, const Args *a) {
    GNode *t = as_type(b, argument(b, a, 1), T_TABLE), *mt = as_type(b, argument(b, a, 2), T_TABLE);
    if (t == NULL || mt == NULL) {
        fail(b);
        return;
    }
    if (put_known_metatable(b, t, mt)) {
        finish(b, a, t);
        return;
    }
    collecting(b, emit2(b, N_SET_METATABLE, t, mt, 0), DEOPT_METATABLE);
    fresh_forget(b);
    b->effect = true;
    finish(b, a, t);
}

static void build_remove(Builder *b, const Args *a) {
    GNode *t = as_type(b, argument(b, a, 1), T_TABLE);
    if (t == NULL) {
        fail(b);
        return;
    }
    GNode *x = emit1(b, N_REMOVE_LAST, t, 0);
    x->reason = DEOPT_BOUNDS;
    x->state = exit_state(b);
    b->effect = true;
    finish(b, a, x);
}

static void build_append(Builder *b, const Args *a) {
    GNode *t = as_type(b, argument(b, a, 1), T_TABLE), *x = argument(b, a, 2);
    if (t == NULL || x->type == T_NIL) {
        fail(b);
        return;
    }
    collecting(b, emit2(b, N_APPEND, t, x, 0), DEOPT_METATABLE);
    b->effect = true;
    finish_many(b, a, NULL, 0);
}

/* ------------------------------------------------------------------------------------------ any values */

static void build_rawequal(Builder *b, const Args *a) {
    finish(b, a, emit2(b, N_RAW_EQUAL, argument(b, a, 1), argument(b, a, 2), 0));
}

static void build_rawlen(Builder *b, const Args *a) {
    GNode *t = as_type(b, argument(b, a, 1), T_TABLE);
    if (t == NULL) fail(b);
    else finish(b, a, emit1(b, N_LENGTH, t, 0));
}

static void build_assert(Builder *b, const Args *a) {
    GNode *x = argument(b, a, 1), *results[8];
    if (x->type == T_NIL) {
        fail(b);
        return;
    }
    if (x->type == T_BOOL) guard(b, x, DEOPT_TYPE);
    else if (x->type == T_VALUE) guard(b, emit1(b, N_TRUTH, x, 0), DEOPT_TYPE);
    for (unsigned n = 0; n < a->count; n++) results[n] = argument(b, a, n + 1);
    finish_many(b, a, results, a->count);
}

/* --------------------------------------------------------------------------------------------- iterators */

static GNode *function_at(Builder *b, uint64_t address) {
    TValue f = {.tag = TAG_LCF, .v.u = address};
    return const_value(b, &f);
}

static void build_ipairs(Builder *b, const Args *a) {
    GNode *results[] = {function_at(b, b->f->ipairs_step_address), argument(b, a, 1), const_int(b, 0)};
    finish_many(b, a, results, 3);
}

static void build_pairs(Builder *b, const Args *a) {
    GNode *t = as_type(b, argument(b, a, 1), T_TABLE);
    if (t == NULL) {
        fail(b);
        return;
    }
    guard(b, emit1(b, N_NO_METATABLE, t, 0), DEOPT_METATABLE);
    GNode *results[] = {function_at(b, b->f->next_address), t, const_nil(b)};
    finish_many(b, a, results, 3);
}

/* The loop's body begins; the variables behind the second are nil. */
static void go_round(Builder *b, unsigned a) {
    uint32_t body = (uint32_t)((int32_t)b->pc + 2 + insn_j(b->f->code[b->pc + 1]));
    for (unsigned n = 2; n < insn_c(b->insn); n++) put_reg(b, a + 4 + n, const_nil(b));
    poll_at(b, body);
    go_to(b, body);
}

static void end_loop(Builder *b) { go_to(b, b->pc + 2); }

/* The one kind of array met here, 0 if there were several. */
static int kind_met(const Builder *b) {
    if (b->seen[SEEN_INT] + b->seen[SEEN_FLT] + b->seen[SEEN_VALUE] != 1) return 0;
    return b->seen[SEEN_INT] ? KIND_INT : b->seen[SEEN_FLT] ? KIND_FLT : KIND_VALUE;
}

/* Nil at the end of an array: the loop ends, unless there may be an __index. */
static void end_if_plain(Builder *b, GNode *t) {
    guard(b, emit1(b, N_NO_METATABLE, t, 0), DEOPT_METATABLE);
    end_loop(b);
}

static void step_ipairs(Builder *b, unsigned a) {
    static const uint8_t ops[] = {N_ELEM_ANY, [KIND_INT] = N_ELEM_INT, [KIND_FLT] = N_ELEM_FLT, [KIND_VALUE] = N_ELEM_TAGGED};
    GNode *t = as_type(b, get_reg(b, a + 1), T_TABLE), *i = as_type(b, get_reg(b, a + 2), T_INT);
    if (t == NULL || i == NULL) {
        fail(b);
        return;
    }
    int kind = kind_met(b);
    GNode *n = emit2(b, N_IADD, i, const_int(b, 1), 0), *array = emit1(b, N_ARRAY, t, 0);
    GNode *index = emit2(b, N_ISUB, n, emit1(b, N_ABASE, array, 0), 0);
    Side outside = branch(b, emit2(b, N_ULT, index, emit1(b, N_ALEN, array, 0), 0), 1);
    if (kind != 0) guard(b, emit1(b, N_KIND_IS, array, kind), DEOPT_KIND);
    GNode *x = emit2(b, ops[kind], array, index, 0);
    Side none = {NULL, NULL, 0};
    if (x->type == T_VALUE) none = branch(b, emit1(b, N_NOT, emit1(b, N_HAS_TAG, x, TAG_NIL), 0), 1);
    put_reg(b, a + 4, n);
    if (insn_c(b->insn) > 1) put_reg(b, a + 5, x);
    put_reg(b, a + 2, n);
    go_round(b, a);
    if (none.block != NULL) {
        take(b, none);
        end_if_plain(b, t);
    }
    take(b, outside);
    guard(b, emit1(b, N_HAS_TAG, emit2(b, N_GET_INT, t, n, 0), TAG_NIL), DEOPT_BOUNDS);
    end_if_plain(b, t);
}

/* The runtime's function reads and writes the slots. */
static void step_next(Builder *b, unsigned a) {
    GNode *t = as_type(b, get_reg(b, a + 1), T_TABLE);
    if (t == NULL) {
        fail(b);
        return;
    }
    exit_state(b);
    flush_reg(b, a + 2);
    GNode *found = emit1(b, N_TABLE_NEXT, t, b->base + a);
    guard(b, emit2(b, N_ILE, const_int(b, 0), found, 0), DEOPT_OTHER);
    put_unknown(b, a + 2, T_VALUE);
    Side ended = branch(b, emit2(b, N_ILT, const_int(b, 0), found, 0), 1);
    put_unknown(b, a + 4, T_VALUE);
    put_unknown(b, a + 5, T_VALUE);
    go_round(b, a);
    take(b, ended);
    end_loop(b);
}

/* ------------------------------------------------------------------------------------------------ table */

typedef struct Row {
    uint8_t least, most; /* arguments */
    BuildBuiltin *build;
} Row;

static const Row rows[BUILTIN_COUNT] = {
    [BUILTIN_floor] = {1, 1, build_round}, [BUILTIN_ceil] = {1, 1, build_round}, [BUILTIN_abs] = {1, 1, build_abs},
    [BUILTIN_sqrt] = {1, 1, build_libm}, [BUILTIN_sin] = {1, 1, build_libm}, [BUILTIN_cos] = {1, 1, build_libm},
    [BUILTIN_tan] = {1, 1, build_libm}, [BUILTIN_exp] = {1, 1, build_libm}, [BUILTIN_log] = {1, 1, build_libm},
    [BUILTIN_acos] = {1, 1, build_libm}, [BUILTIN_asin] = {1, 1, build_libm}, [BUILTIN_atan] = {1, 2, build_libm2},
    [BUILTIN_pow] = {2, 2, build_libm2}, [BUILTIN_fmod] = {2, 2, build_libm2}, [BUILTIN_max] = {1, 8, build_extreme},
    [BUILTIN_min] = {1, 8, build_extreme}, [BUILTIN_tointeger] = {1, 1, build_tointeger}, [BUILTIN_ult] = {2, 2, build_ult},
    [BUILTIN_byte] = {1, 2, build_byte}, [BUILTIN_len] = {1, 1, build_len},
    [BUILTIN_sub] = {2, 3, build_sub}, [BUILTIN_char] = {1, 1, build_char}, [BUILTIN_setmetatable] = {2, 2, build_setmetatable},
    [BUILTIN_insert] = {2, 2, build_append}, [BUILTIN_remove] = {1, 1, build_remove}, [BUILTIN_rawequal] = {2, 2, build_rawequal}, [BUILTIN_rawlen] = {1, 1, build_rawlen}, [BUILTIN_assert] = {1, 8, build_assert},
    [BUILTIN_ipairs] = {1, 1, build_ipairs}, [BUILTIN_pairs] = {1, 1, build_pairs},
    [BUILTIN_type] = {1, 1, build_type}, [BUILTIN_mathtype] = {1, 1, build_mathtype}, [BUILTIN_rawget] = {2, 2, build_rawget},
    [BUILTIN_rawset] = {3, 3, build_rawset}, [BUILTIN_getmetatable] = {1, 1, build_getmetatable}, [BUILTIN_next] = {1, 2, build_next},
    [BUILTIN_tostring] = {1, 1, build_tostring}, [BUILTIN_tonumber] = {1, 1, build_tonumber}, [BUILTIN_unpack] = {1, 1, build_unpack},
    [BUILTIN_select] = {1, 1, build_select},
};

static unsigned builtin_at(const Builder *b, uint32_t pc) {
    unsigned d = insn_d(b->f->quick[pc]);
    return b->f->builtins != NULL && d < b->f->ncells && b->f->cells[d].kind == CELL_CFUNCTION ? b->f->builtins[d] : BUILTIN_NONE;
}

bool failed_before(const Builder *b, uint32_t pc, unsigned mark) { return b->f->seen == NULL || b->f->seen[pc][mark]; }

/* Of numbers and strings: changes nothing that can be seen, allocates nothing. */
bool builtin_is_pure(const Builder *b, uint32_t pc) {
    unsigned number = builtin_at(b, pc);
    return (number >= BUILTIN_abs && number <= BUILTIN_ult) || number == BUILTIN_byte || number == BUILTIN_len || number == BUILTIN_rawequal ||
           number == BUILTIN_rawlen || number == BUILTIN_type || number == BUILTIN_mathtype || number == BUILTIN_select || number == BUILTIN_rawget ||
           number == BUILTIN_getmetatable || number == BUILTIN_tonumber;
}

static bool is_call(const Builder *b, uint32_t pc, bool open) {
    Insn i = b->f->quick[pc];
    const Row *r = &rows[builtin_at(b, pc)];
    if (b->restarts && !builtin_is_pure(b, pc)) return false;
    unsigned nargs = insn_b(i) - 1;
    if (r->build == build_select) return select_fits(b, pc) && !failed_before(b, pc, SEEN_SLOW);
    if (r->build == NULL || insn_b(i) == 0 || nargs < r->least || nargs > r->most || failed_before(b, pc, SEEN_SLOW)) return false;
    if (insn_op(i) == OP_TAILCALL) return !(insn_c(i) & 1) && !b->f->isvararg && r->build != build_ipairs && r->build != build_pairs && r->build != build_assert && r->build != build_next &&
                                                 r->build != build_append;
    return (insn_c(i) != 0) != open;
}

/* Do its results, of which any number would be taken, amount to one? */
bool builtin_gives_one(const Builder *b, uint32_t pc) {
    unsigned number = builtin_at(b, pc);
    bool one = (number >= BUILTIN_abs && number <= BUILTIN_ult) || number == BUILTIN_byte || number == BUILTIN_len || number == BUILTIN_type || number == BUILTIN_tostring ||
               number == BUILTIN_char || number == BUILTIN_sub || number == BUILTIN_rawlen || number == BUILTIN_rawequal || number == BUILTIN_rawget ||
               number == BUILTIN_rawset || number == BUILTIN_setmetatable || number == BUILTIN_getmetatable || number == BUILTIN_tonumber || number == BUILTIN_mathtype;
    return one && insn_op(b->f->code[pc]) == OP_CALL && is_call(b, pc, true);
}

bool unpacks_all(const Builder *b, uint32_t pc) {
    Insn i = b->f->code[pc];
    return !b->restarts && insn_op(i) == OP_CALL && insn_b(i) == 2 && insn_c(i) == 0 && builtin_at(b, pc) == BUILTIN_unpack && !failed_before(b, pc, SEEN_SLOW);
}

bool is_builtin(const Builder *b, uint32_t pc) {
    switch (insn_op(b->f->code[pc])) {
        case OP_CALL: case OP_TAILCALL: return is_call(b, pc, false) || is_typed_call(b, pc);
        case OP_TFORCALL: {
            unsigned number = builtin_at(b, pc);
            return (number == BUILTIN_next || number == BUILTIN_ipairs_step) && !failed_before(b, pc, SEEN_OTHER);
        }
        default: return false;
    }
}

bool takes_extra(const Builder *b, uint32_t pc) { return insn_op(b->f->code[pc]) == OP_CALL && builtin_at(b, pc) == BUILTIN_select && is_call(b, pc, false); }

/* Is it still the function that the site has met? */
static void guard_callee(Builder *b, unsigned a) {
    GNode *f = function_at(b, (uint64_t)(uintptr_t)b->f->cells[insn_d(b->insn)].u.f), *x = get_reg(b, a);
    if (x->op == N_OBJECT && x->imm.u == f->imm.u) return;
    guard(b, emit2(b, N_SAME, x, f, 0), DEOPT_CALLEE);
}

void build_builtin(Builder *b) {
    unsigned a = insn_a(b->insn), number = builtin_at(b, b->pc);
    if (number == BUILTIN_NONE) {
        build_typed_call(b);
        return;
    }
    if (number == BUILTIN_select) b->state = state_at(b, b->pc - 1); /* lower tiers have yet to take the extra arguments */
    guard_callee(b, a);
    if (insn_op(b->insn) == OP_TFORCALL) {
        if (number == BUILTIN_next) step_next(b, a);
        else step_ipairs(b, a);
        return;
    }
    Args args = {a, number == BUILTIN_select ? 1 : insn_b(b->insn) - 1, insn_op(b->insn) == OP_TAILCALL ? -1 : (int)insn_c(b->insn) - 1, number};
    rows[number].build(b, &args);
}
