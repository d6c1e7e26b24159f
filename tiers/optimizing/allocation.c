// SPDX-License-Identifier: MIT
/* Tables made by compiled code, and what is known of one while nobody else has it.
 *
 * NEW_TABLE takes a cell from the collector's free list. When the list is empty or a step is due, it
 * stores what is live to its slots and calls the runtime; should finalizers have to run, it exits instead,
 * as if the instruction had not begun.
 *
 * Fresh: a table made in this block that has not been stored anywhere. Its shape is known without a test, and
 * storing to it needs no barrier until something else is allocated. The constructor {x = 1, y = 2} becomes
 * NEW_TABLE, INIT_FIELD, INIT_SHAPE, INIT_FIELD, INIT_SHAPE; the INIT nodes count as no write, for
 * nothing can have read the table before them. */
#include "tiers/optimizing/build.h"

#include "gc/gc.h"

static Builder *outermost(Builder *b) {
    while (b->outer != NULL) b = b->outer;
    return b;
}

static Fresh *find_fresh(Builder *b, const GNode *t) {
    Builder *o = outermost(b);
    for (unsigned n = 0; n < o->nfresh; n++)
        if (o->fresh[n].table == t) return o->fresh[n].block == b->at ? &o->fresh[n] : NULL;
    return NULL;
}

uint32_t fresh_shape(Builder *b, const GNode *t) {
    const Fresh *f = find_fresh(b, t);
    return f != NULL ? f->shape : 0;
}

bool fresh_is_white(Builder *b, const GNode *t) {
    const Fresh *f = find_fresh(b, t);
    return f != NULL && f->white;
}

void fresh_gets_shape(Builder *b, const GNode *t, uint32_t shape) {
    Fresh *f = find_fresh(b, t);
    if (f != NULL) f->shape = shape;
}

void fresh_forget(Builder *b) { outermost(b)->nfresh = 0; }

void fresh_collected(Builder *b) {
    Builder *o = outermost(b);
    for (unsigned n = 0; n < o->nfresh; n++) o->fresh[n].white = false;
}

static void remove_fresh(Builder *b, const GNode *t) {
    Builder *o = outermost(b);
    for (unsigned n = 0; n < o->nfresh; n++)
        if (o->fresh[n].table == t) o->fresh[n--] = o->fresh[--o->nfresh];
}

/* Garbage that nobody reads is made, however little comes of it (pass_escape.c). */
static void note_reader(const GNode *n) {
    bool reads = n->op == N_FIELD || n->op == N_HAS_SHAPE || n->op == N_ARRAY || n->op == N_LENGTH || n->op == N_GET_INT;
    if (reads && n->in[0]->op == N_NEW_TABLE) n->in[0]->imm.u |= NEW_TABLE_SEEN;
}

/* Which operands of n are stored somewhere? */
void fresh_escape(Builder *b, const GNode *n) {
    const OpInfo *info = &op_info[n->op];
    note_reader(n);
    if (!(info->flags & F_KEEP) && info->writes == 0) return;
    bool all = n->op == N_PUT_SLOT || n->op == N_PUT_UPVAL;
    if (n->op == N_BARRIER || n->op == N_GUARD) return;
    for (uint32_t i = all ? 0 : 1; i < n->nin; i++)
        if (n->in[i]->op == N_NEW_TABLE) remove_fresh(b, n->in[i]);
}

static void note_fresh(Builder *b, GNode *t, uint32_t shape) {
    Builder *o = outermost(b);
    fresh_collected(b);
    if (o->nfresh == MAX_FRESH) o->nfresh = 0;
    o->fresh[o->nfresh++] = (Fresh){t, b->at, shape, true};
}

GNode *emit_new_table(Builder *b, uint32_t shape, unsigned ninline) {
    GNode *t = emit0(b, N_NEW_TABLE, (int64_t)((uint64_t)ninline << 32 | shape));
    t->reason = CODE_EXIT_PLAIN;
    t->state = exit_state(b);
    note_fresh(b, t, shape);
    return t;
}

enum { MAX_LIST = 50 };

/* Is NEWTABLE at pc built without its slow path? Not where an exit would not store all that is live (inline.c, restarts). */
bool makes_table(const Builder *b, uint32_t pc) {
    unsigned d = insn_d(b->f->quick[pc]);
    if (b->f->empty_array_address == 0 || d >= b->f->ncells || insn_op(b->f->quick[pc]) != OP_NEWTABLE_SITE || b->restarts) return false;
    const Cell *c = &b->f->cells[d];
    unsigned ninline = c->u.offset;
    if (c->shape == 0 || insn_c(b->f->quick[pc]) > MAX_LIST) return false;
    return ninline <= SHAPE_MAXINLINE && sizeof(Table) + ninline * sizeof(TValue) <= GC_MAXCELL;
}

/* False: the slow path makes it. */
bool build_new_table(Builder *b) {
    if (!makes_table(b, b->pc)) return false;
    const Cell *c = &b->f->cells[insn_d(b->insn)];
    GNode *t = emit_new_table(b, c->shape, c->u.offset);
    put_reg(b, insn_a(b->insn), t);
    b->effect = true;
    go_to(b, b->pc + 1);
    return true;
}

/* Strings and numbers are joined in their slots. */
bool joins_strings(const Builder *b, uint32_t pc) {
    return b->f->seen != NULL && !b->f->seen[pc][SEEN_SLOW] && b->f->empty_array_address != 0 && !b->restarts;
}

static bool is_text(const GNode *x) {
    return x->type == T_VALUE || x->type == T_INT || x->type == T_FLT || x->type == T_SSTR || x->type == T_LSTR;
}

bool build_concat(Builder *b) {
    unsigned a = insn_a(b->insn), count = insn_b(b->insn);
    if (!joins_strings(b, b->pc)) return false;
    for (unsigned n = 0; n < count; n++)
        if (!is_text(get_reg(b, a + n))) return false;
    flush_live(b, b->pc);
    unsigned append = append_at(b, b->pc);
    GNode *s = emit0(b, N_CONCAT, (int64_t)((uint64_t)append << 48 | (uint64_t)count << 32 | (b->base + a)));
    s->reason = DEOPT_TYPE;
    s->state = exit_state(b);
    fresh_collected(b);
    put_reg(b, a, s);
    if (append != 0) b->effect = true;
    go_to(b, b->pc + 1);
    return true;
}

/* The only list of a constructor, of as many values as the instruction says. */
bool makes_list(const Builder *b, uint32_t pc) {
    Insn i = b->f->code[pc];
    return b->f->empty_array_address != 0 && insn_b(i) != 0 && insn_b(i) <= MAX_LIST && insn_x(i) == 0 && !b->restarts;
}

bool build_set_list(Builder *b) {
    unsigned a = insn_a(b->insn), count = insn_b(b->insn);
    GNode *t = get_reg(b, a);
    if (!makes_list(b, b->pc) || t->type != T_TABLE) return false;
    State *state = exit_state(b);
    GNode *in[MAX_LIST + 1] = {t};
    for (unsigned n = 1; n <= count; n++) in[n] = get_reg(b, a + n);
    uint64_t nils = b->seen[SEEN_SLOW] ? LIST_HAS_NILS : 0;
    GNode *list = emit_many(b, N_SET_LIST, count + 1, in, (int64_t)(nils | (b->base + a + 1)));
    list->reason = CODE_EXIT_PLAIN;
    list->state = state;
    fresh_collected(b);
    b->effect = true;
    go_to(b, b->pc + 1);
    return true;
}
