// SPDX-License-Identifier: MIT
/* Instructions that leave: calls, returns, slow paths; and the preparation of loops. */
#include "front/operands.h"
#include "tiers/optimizing/build.h"
#include "tiers/optimizing/builtins.h"

/* ----------------------------------------------------------------------------------------- calls */

/* Registers that the instruction reads go to their slots, and with them all that lives on. */
static void flush_for(Builder *b) {
    RegSet reads, writes;
    insn_effects(b->f, b->pc, &reads, &writes);
    for (unsigned r = 0; r < b->nregs; r++)
        if (regs_has(&reads, r) || (regs_has(&b->live[b->pc + 1], r) && !regs_has(&writes, r))) flush_reg(b, r);
}

/* Nobody sees the frame any more, unless variables are to be closed. */
static void flush_for_return(Builder *b) {
    RegSet reads, writes;
    if (insn_op(b->insn) == OP_RETURN && (insn_c(b->insn) & 1)) {
        flush_for(b);
        return;
    }
    insn_effects(b->f, b->pc, &reads, &writes);
    for (unsigned r = 0; r < b->nregs; r++)
        if (regs_has(&reads, r)) flush_reg(b, r);
}

static void forget_written(Builder *b) {
    RegSet reads, writes;
    insn_effects(b->f, b->pc, &reads, &writes);
    for (unsigned r = 0; r < b->nregs; r++)
        if (regs_has(&writes, r)) put_unknown(b, r, T_VALUE);
}

/* The callee runs, then the code is entered anew at the next instruction. */
static void call(Builder *b, int handler) {
    flush_for(b);
    forget_written(b);
    leave(b, handler);
    if (!b->loops[b->pc + 1].is_header || b->loops[b->pc + 1].inner) enter_at(b, b->pc + 1);
}

void build_call(Builder *b) {
    if (insn_op(b->insn) == OP_TAILCALL) {
        if (is_self_tail(b, b->pc)) build_self_tail(b);
        flush_for(b);
        leave(b, RT_tailcall);
    } else {
        call(b, RT_call);
    }
}

/* ------------------------------------------------------------------------------------ slow paths */

static uint32_t target_of(const Builder *b) { return (uint32_t)((int32_t)b->pc + 1 + insn_j(b->insn)); }

/* To the instruction's target where cond holds; goes on here where it does not. likely: as of BRANCH. */
static void jump_where(Builder *b, GNode *cond, int likely) {
    Block *from = b->at;
    emit1(b, N_BRANCH, cond, likely);
    Reg *saved = copy_regs(b);
    b->at = graph_block(b->g, b->pc);
    graph_edge(b->g, from, b->at);
    go_to(b, target_of(b));
    b->at = graph_block(b->g, b->pc);
    graph_edge(b->g, from, b->at);
    b->reg = saved;
}

static void note_slow_loops(Builder *b) {
    for (uint32_t h = 0; h < b->f->ninsns; h++) {
        Loop *l = &b->loops[h];
        if (!l->is_header || l->first > b->pc || l->last < b->pc || l->slow) continue;
        l->slow = true;
        b->again = true; /* so that what the loop does not write is stored before it */
    }
}

static GNode *call_slow_path(Builder *b, int slow) {
    note_slow_loops(b);
    fresh_forget(b);
    flush_for(b);
    give_back(b, b->pc + 1);
    GNode *pc = emit0(b, N_SLOW, slow);
    forget_written(b);
    b->effect = true;
    b->state = NULL;
    return pc;
}

/* The library's iterators are done in place; those in Lua come back through an entry. */
static void call_iterator(Builder *b) {
    bool in_lua = b->f->cells != NULL && iterator_is_lua(b->f, b->pc);
    GNode *pc = call_slow_path(b, RT_tforcall | (in_lua ? RT_IN_STREAM : 0));
    emit1(b, N_GO_ON, pc, b->pc + 1);
    Block *at = b->at;
    Reg *reg = copy_regs(b);
    if (in_lua) enter_at(b, b->pc + 1);
    b->at = at;
    b->reg = reg;
    go_to(b, b->pc + 1);
}

/* Goes on at the next instruction; elsewhere (a metamethod in Lua runs first) in the code of lower tiers. */
void slow_straight(Builder *b, int slow) {
    GNode *pc = call_slow_path(b, slow);
    emit1(b, N_GO_ON, pc, b->pc + 1);
    unsigned op = insn_op(b->f->code[b->pc]);
    if (op == OP_NEWTABLE && !regs_has(&b->captured, insn_a(b->insn))) put_unknown(b, insn_a(b->insn), T_TABLE);
    go_to(b, b->pc + 1);
}

static void slow_jump(Builder *b, int slow) {
    uint32_t target = target_of(b);
    GNode *pc = call_slow_path(b, slow);
    if (target == b->pc + 1) {
        emit1(b, N_GO_ON, pc, target);
        go_to(b, target);
        return;
    }
    jump_where(b, emit1(b, N_PC_IS, pc, target), 0);
    emit1(b, N_GO_ON, pc, b->pc + 1);
    go_to(b, b->pc + 1);
}

/* Without the frame unless a metamethod is to be called, which is noted when it happens. False: it did. */
static bool equality(Builder *b) {
    uint32_t target = target_of(b);
    bool equals = insn_op(b->insn) == OP_JEQ;
    if (b->seen[SEEN_SLOW]) return false;
    GNode *r = emit2(b, N_EQUAL, get_reg(b, insn_a(b->insn)), get_reg(b, insn_rb(b->insn)), 0);
    guard(b, emit1(b, N_NOT, emit2(b, N_IEQ, r, const_int(b, 2), 0), 0), DEOPT_METATABLE);
    branch_to(b, emit2(b, N_IEQ, r, const_int(b, 1), 0), equals ? target : b->pc + 1, equals ? b->pc + 1 : target, 0);
    return true;
}

/* -------------------------------------------------------------------------------- numeric loops */

/* What FORLOOP found: T_INT, T_FLT, or T_VALUE when it never ran or met both. */
static unsigned loop_type(const Builder *b) {
    if (b->f->seen == NULL) return T_VALUE;
    const uint8_t *seen = b->f->seen[target_of(b) - 1];
    if (seen[SEEN_INT] == seen[SEEN_FLT]) return T_VALUE;
    return seen[SEEN_INT] ? T_INT : T_FLT;
}

static bool may_be_int(const GNode *x) { return x->type == T_INT || x->type == T_VALUE; }

static GNode *as_int(Builder *b, unsigned r) {
    GNode *x = get_reg(b, r);
    if (x->type == T_INT) return x;
    guard(b, emit1(b, N_HAS_TAG, x, TAG_INT), DEOPT_TYPE);
    GNode *n = emit_typed(b, N_UNTAG, T_INT, x, TAG_INT);
    refine(b, x, n);
    return n;
}

/* Loops over integers by a literal step: R[A+1] becomes the number of iterations after the first. */
static void prepare_int_loop(Builder *b, int64_t step) {
    unsigned a = insn_a(b->insn);
    GNode *init = as_int(b, a), *limit = as_int(b, a + 1);
    GNode *low = step > 0 ? init : limit, *high = step > 0 ? limit : init;
    jump_where(b, emit2(b, N_ILT, high, low, 0), 2);
    GNode *count = emit2(b, N_ISUB, high, low, 0);
    uint64_t stride = step > 0 ? (uint64_t)step : 0 - (uint64_t)step;
    if (stride != 1) count = emit2(b, N_UDIV, count, const_int(b, (int64_t)stride), 0);
    put_reg(b, a + 1, count);
    put_reg(b, a + 3, init);
    go_to(b, b->pc + 1);
}

/* Any loop: the slow path leaves all of R[A..A+3] of one type, which is known or found out. */
static void prepare_loop(Builder *b, unsigned type) {
    unsigned a = insn_a(b->insn);
    uint32_t target = target_of(b);
    GNode *pc = call_slow_path(b, RT_slow_forprep);
    jump_where(b, emit1(b, N_PC_IS, pc, target), 2);
    emit1(b, N_GO_ON, pc, b->pc + 1);
    if (type != T_VALUE) {
        b->state = state_at(b, b->pc + 1);
        guard(b, emit1(b, N_HAS_TAG, get_reg(b, a + 2), type_tags[type]), DEOPT_TYPE);
        for (unsigned n = 0; n < 4; n++) put_unknown(b, a + n, type);
    }
    go_to(b, b->pc + 1);
}

static void forprep(Builder *b) {
    unsigned a = insn_a(b->insn), type = loop_type(b);
    GNode *init = get_reg(b, a), *limit = get_reg(b, a + 1), *step = get_reg(b, a + 2);
    bool ints = type == T_INT || (type == T_VALUE && init->type == T_INT);
    if (ints && step->op == N_INT && step->imm.i != 0 && may_be_int(init) && may_be_int(limit)) {
        prepare_int_loop(b, step->imm.i);
        return;
    }
    if (init->type == T_INT && step->type == T_INT) type = T_INT;
    if (b->outer != NULL) leave_inlined(b);
    else prepare_loop(b, type);
}

/* The fourth value of a generic loop is closed at its end; nil and false are not. */
static void tforprep(Builder *b) {
    GNode *x = get_reg(b, insn_a(b->insn) + 3);
    if (x->type == T_VALUE) guard(b, emit1(b, N_HAS_TAG, x, TAG_NIL), DEOPT_TYPE);
    else if (x->type != T_NIL) {
        if (b->outer != NULL) leave_inlined(b);
        else slow_jump(b, RT_slow_tforprep);
        return;
    }
    go_to(b, target_of(b));
}

/* ------------------------------------------------------------------------------------------ rest */

void build_special(Builder *b) {
    unsigned op = insn_op(b->insn);
    if (b->inlined[b->pc] != NULL) {
        inline_call(b);
        return;
    }
    if (is_builtin(b, b->pc)) {
        build_builtin(b);
        return;
    }
    if (b->outer != NULL) {
        if (op >= OP_RETURN && op <= OP_RETURN1) inline_return(b);
        else leave_inlined(b);
        return;
    }
    switch (op) {
        case OP_CALL: case OP_TAILCALL: build_call(b); break;
        case OP_TFORCALL: call_iterator(b); break;
        case OP_RETURN1:
            emit1(b, N_RETURN, get_reg(b, insn_a(b->insn)), 0);
            b->at = NULL;
            break;
        default:
            flush_for_return(b);
            leave(b, op == OP_RETURN ? RT_return : RT_return0);
    }
}

/* A known number of extra arguments; or all, for a library function that finds them where they are. */
static bool build_varargs(Builder *b) {
    enum { MOST = 8 };
    unsigned a = insn_a(b->insn), c = insn_c(b->insn);
    if ((b->outer == NULL && c > MOST + 1) || (c == 0 && !takes_extra(b, b->pc + 1))) return false;
    for (unsigned n = 0; n + 1 < c; n++) put_reg(b, a + n, extra_argument(b, const_int(b, n)));
    go_to(b, b->pc + 1);
    return true;
}

/* The length of what is no table: of a string. A userdata's is left to the lower tiers. */
static bool string_length(Builder *b) {
    GNode *x = refined(b, get_reg(b, insn_rb(b->insn)));
    if (x->type != T_VALUE && x->type != T_SSTR && x->type != T_LSTR) return false;
    if (x->type == T_VALUE) guard(b, emit1(b, N_IS_STR, x, 0), CODE_EXIT_PLAIN);
    put_reg(b, insn_a(b->insn), emit1(b, N_STR_LEN, x, 0));
    go_to(b, b->pc + 1);
    return true;
}

/* An element that is not in the array, of a table without metatable: looked for without the frame. Goes on where there is one. */
static void get_elsewhere(Builder *b) {
    unsigned op = insn_op(b->f->code[b->pc]);
    if (op != OP_GETTABLE && op != OP_GETI) return;
    GNode *t = get_reg(b, insn_rb(b->insn)), *key = op == OP_GETI ? const_int(b, insn_c(b->insn)) : get_reg(b, insn_rc(b->insn));
    if (t->type != T_TABLE || key->type != T_INT) return;
    Block *from = b->at;
    bool effect = b->effect;
    emit1(b, N_BRANCH, emit1(b, N_NO_METATABLE, t, 0), 1);
    Reg *saved = copy_regs(b);
    b->at = graph_block(b->g, b->pc);
    graph_edge(b->g, from, b->at);
    put_reg(b, insn_a(b->insn), emit2(b, N_GET_INT, t, key, 0));
    go_to(b, b->pc + 1);
    b->at = graph_block(b->g, b->pc);
    graph_edge(b->g, from, b->at);
    b->reg = saved;
    b->effect = effect;
}

void build_slow(Builder *b, int slow) {
    if (slow == RT_slow_arith || slow == RT_slow_unary || slow == RT_slow_compare || slow == RT_slow_equal || slow == RT_slow_get || slow == RT_slow_set ||
        slow == RT_slow_len)
        inline_operator(b);
    if (b->at == NULL) return;
    if (slow == RT_slow_get) get_elsewhere(b);
    switch (slow) {
        case RT_slow_len:
            if (string_length(b)) return;
            break;
        case RT_slow_forprep: forprep(b); return;
        case RT_slow_tforprep: tforprep(b); return;
        case RT_slow_equal:
            if (equality(b)) return;
            break;
        case RT_quick_newtable:
            if (build_new_table(b)) return;
            break;
        case RT_slow_closure:
            if (build_closure(b)) return;
            break;
        case RT_slow_close:
            if (build_close(b)) return;
            break;
        case RT_slow_concat:
            if (build_concat(b)) return;
            break;
        case RT_slow_varargprep:
            if (b->outer == NULL) break;
            go_to(b, b->pc + 1); /* its frame is as it should be */
            return;
        case RT_quick_call_index:
            if (inline_metamethod(b, RT_slow_get)) return;
            break;
        case RT_quick_call_newindex:
            if (inline_metamethod(b, RT_slow_set)) return;
            break;
        case RT_slow_vararg:
            if (build_varargs(b)) return;
            break;
        case RT_slow_setlist:
            if (build_set_list(b)) return;
            break;
        default: break;
    }
    if (b->outer != NULL) { /* it needs the frame */
        leave_inlined(b);
        return;
    }
    switch (slow) {
        case RT_slow_compare: case RT_slow_equal: slow_jump(b, slow); return;
        /* the cell may be another by then */
        case RT_quick_call_index: slow = RT_slow_get; break;
        case RT_quick_call_newindex: slow = RT_slow_set; break;
        default: break;
    }
    slow_straight(b, slow);
}
