// SPDX-License-Identifier: MIT
/* Counted loops run in strips, whose bounds are checked once before each.
 *
 * A numeric loop over integers counts `left`, the iterations to come, down to 0, and its other integers go up or down by constants. So
 * for any index that is linear in them the first and the last value of the next 1024 iterations are known. The loop is
 * made twice:
 *
 *        outside
 *           |     +--------------------------------+
 *        chooser <-  j0 = left & 1023              |
 *         |     \    all indices of j0 + 1         |
 *         |      \   iterations in bounds?         |
 *         v       v                                |
 *       slow     fast <--+  j = j0 .. 0            |
 *      the loop    |     |  no bounds checks,      |
 *      as it was   +-----+  no poll                |
 *         |        |                               |
 *         |      ended: left == j0 ?  no: poll ----+
 *         |        |
 *         v        v yes
 *         exits of the loop, with a phi for each value that lives on
 *
 * left & 1023 makes the first strip the odd one, so that no minimum is needed: left - j0 is a multiple of 1024. A strip that would leave
 * an array goes the slow way, and so does what follows it; nothing exits for that, so a loop
 * that is meant to end behind its array costs no deoptimisation. Where only the check of bounds was an exit, LLVM finds a
 * loop without exits and vectorises it. A loop without any check gets the strips for the sake of its poll alone.
 *
 * Besides bounds, the chooser makes sure of what is the same in a whole strip (the kind of an array, no metatable). A branch on such a
 * test has a side that the fast loop does without: it is left aside. What does not change in the whole loop (the tag of a
 * table) is tested once before it.
 *
 * Arrays that the loop makes longer, t[i] = x with the append left aside: a strip ends where the room does, and the length is what
 * it will be before the strip begins, if nothing in it exits or looks at lengths. The slow loop makes room, and
 * goes back to the chooser every 32 iterations.
 *
 * Overflow: a strip moves an index by at most 1023 * MAX_SLOPE < 2^31, lengths are below 2^32. If the first and the last index
 * and length - 1 - (the higher of both) are all >= 0 as signed numbers, no index in between wraps or lies outside.
 */
#include <string.h>

#include "tiers/optimizing/graph.h"

enum { STRIP = 1024, SLOW_STRIP = 32, MAX_SLOPE = 1 << 20, MAX_BODY = 400, MAX_COPIED = 1500, MAX_DEPTH = 6, MAX_CHECKS = 12 };

/* A use outside of the loop of something computed in it. */
typedef struct Use {
    struct Use *next;
    GNode *user;          /* NULL: a state before a loop */
    uint32_t index;       /* operand, or register of the state */
    State *state;         /* NULL: an operand */
    Block *block;         /* where the value is wanted */
} Use;

/* What is made sure of before a strip. */
typedef struct Check {
    GNode *end;           /* the guard; the branch, whose other side is not in the copy */
    GNode *test;
    uint32_t good;        /* the branch's side where it holds */
    int grows;            /* where it fails, the array grows, which is of this kind; 0: it does not */
} Check;

typedef struct Range {
    Graph *g;
    Use **uses;           /* by id of the header: uses of what its loop computes */
    uint32_t nblocks;     /* before anything was made */
    uint32_t copied;      /* nodes of all bodies so far: LLVM's time grows with them */
    /* the loop at hand */
    Block *header, *outside, *latch, *test;
    uint32_t in, back;    /* positions of outside and latch among the predecessors */
    GNode *left;
    Block **body;         /* in order */
    uint32_t nbody;
    Check check[MAX_CHECKS]; /* that every iteration passes */
    uint32_t nchecks;
    uint8_t *aside;       /* by block: reached only where a check fails */
    uint8_t *met;         /* by block: scratch of is_passed */
    bool grows;           /* some array may: the slow loop goes back to the chooser */
    GNode *unfit;         /* outside: -1 where a test of what the loop does not change fails, else 0; NULL: there is none */
    bool may_fail;        /* the slow loop is needed */
    bool exits;           /* it has others */
    /* its copy */
    Block *chooser, *fast, *go_fast, *go_slow, *ended;
    GNode **copy;         /* by node */
    uint32_t ncopy;       /* ids that it has room for */
    Block **block_copy;   /* by block */
    GNode *strip, *rest;  /* j0 and left - j0 */
    State *state_from, *state_to;
    GNode **value, **of;  /* by block: the value there, and of what in the loop */
} Range;

/* ----------------------------------------------------------------------------------- recognition */

static bool in_body(const Range *r, const Block *b) { return b->loop == r->header; }
static bool is_literal(const GNode *n, int64_t i) { return n->op == N_INT && n->imm.i == i; }

static bool find_ways(Range *r) {
    if (r->header->npred != 2) return false;
    r->in = block_dominates(r->header, r->header->pred[0]) ? 1 : 0;
    r->back = 1 - r->in;
    r->outside = r->header->pred[r->in];
    r->latch = r->header->pred[r->back];
    if (r->outside->id == 0 || r->outside->last->op != N_GOTO || r->latch->last->op != N_GOTO) return false;
    if (r->latch == r->header || r->latch->npred != 1) return false;
    r->test = r->latch->pred[0];
    return r->test->last->op == N_BRANCH;
}

/* Goes on while a phi is not 0, and counts it down. */
static bool find_counter(Range *r) {
    GNode *test = r->test->last->in[0];
    bool goes_on = r->test->succ[0] == r->latch; /* if the test holds */
    for (; test->op == N_NOT; test = test->in[0]) goes_on = !goes_on;
    if (test->op != N_IEQ || goes_on) return false;
    GNode *left = is_literal(test->in[1], 0) ? test->in[0] : is_literal(test->in[0], 0) ? test->in[1] : NULL;
    if (left == NULL || left->op != N_PHI || left->block != r->header) return false;
    const GNode *next = left->in[r->back];
    r->left = left;
    return (next->op == N_ISUB && next->in[0] == left && is_literal(next->in[1], 1)) ||
           (next->op == N_IADD && next->in[0] == left && is_literal(next->in[1], -1));
}

/* How far x moves in an iteration; false: not by a constant. */
static bool find_slope(const Range *r, const GNode *x, int64_t *slope, unsigned depth);

/* A phi that a latch gives the same value as this one: the loop's variable and its hidden index. Only where they come from outside may
 * they differ. */
static GNode *find_twin(const Range *r, const GNode *phi) {
    const GNode *next = phi->in[r->back];
    if ((next->op != N_IADD && next->op != N_ISUB) || !in_body(r, next->block)) return NULL;
    GNode *twin = next->in[0];
    bool found = twin != phi && twin->op == N_PHI && twin->block == r->header && twin->in[r->back] == next;
    return found ? twin : NULL;
}

static bool slope_of_phi(const Range *r, const GNode *phi, int64_t *slope) {
    const GNode *next = phi->in[r->back], *twin = find_twin(r, phi);
    if ((next->op != N_IADD && next->op != N_ISUB) || next->in[0] != (twin != NULL ? twin : phi) || next->in[1]->op != N_INT) return false;
    int64_t by = next->in[1]->imm.i;
    if (by > MAX_SLOPE || by < -MAX_SLOPE) return false;
    *slope = next->op == N_IADD ? by : -by;
    return true;
}

static bool slope_of_product(const Range *r, const GNode *x, const GNode *factor, int64_t *slope, unsigned depth) {
    if (factor->op != N_INT || factor->imm.i > MAX_SLOPE || factor->imm.i < -MAX_SLOPE || !find_slope(r, x, slope, depth)) return false;
    *slope *= factor->imm.i;
    return true;
}

/* Is the type of x made sure of before the loop? */
static bool is_tested_outside(const Range *r, const GNode *x) {
    for (uint32_t i = 0; i < r->nchecks; i++) {
        const GNode *test = r->check[i].test;
        if (test->op == N_HAS_TAG && test->in[0] == x->in[0] && test->imm.i == x->imm.i && !in_body(r, test->block)) return true;
    }
    return false;
}

/* The same in all iterations of a strip: of an array that nothing grows or replaces in the fast loop. */
static bool is_fixed(const Range *r, const GNode *x) {
    if (!in_body(r, x->block)) return true;
    if (x->op == N_UNTAG) return is_tested_outside(r, x);
    return (x->op == N_ARRAY || x->op == N_ABASE || x->op == N_ALEN) && is_fixed(r, x->in[0]);
}

static bool find_slope(const Range *r, const GNode *x, int64_t *slope, unsigned depth) {
    int64_t other = 0;
    *slope = 0;
    if (x->type != T_INT || depth == 0) return false;
    if (is_fixed(r, x)) return true;
    bool ok = false;
    switch (x->op) {
        case N_PHI: ok = x->block == r->header && slope_of_phi(r, x, slope); break;
        case N_IADD: case N_ISUB:
            ok = find_slope(r, x->in[0], slope, depth - 1) && find_slope(r, x->in[1], &other, depth - 1);
            *slope += x->op == N_IADD ? other : -other;
            break;
        case N_IMUL:
            ok = slope_of_product(r, x->in[0], x->in[1], slope, depth - 1) || slope_of_product(r, x->in[1], x->in[0], slope, depth - 1);
            break;
        default: break;
    }
    return ok && *slope <= MAX_SLOPE && *slope >= -MAX_SLOPE;
}

static bool is_bound(const Range *r, const GNode *test) {
    int64_t slope;
    return test->op == N_ULT && test->in[1]->op == N_ALEN && is_fixed(r, test->in[1]) && find_slope(r, test->in[0], &slope, MAX_DEPTH);
}

static bool is_check(const Range *r, const GNode *test) {
    return is_bound(r, test) || !in_body(r, test->block) || ((test->op == N_KIND_IS || test->op == N_NO_METATABLE) && is_fixed(r, test->in[0]));
}

static bool add_check(Range *r, GNode *end, GNode *test, uint32_t good) {
    if (r->nchecks == MAX_CHECKS || !is_check(r, test)) return false;
    r->check[r->nchecks++] = (Check){end, test, good, 0};
    return true;
}

static bool leaves_from(const Range *r, const Block *b) {
    for (uint32_t s = 0; s < b->nsucc; s++)
        if (!in_body(r, b->succ[s])) return true;
    return false;
}

/* Does every iteration of the fast loop pass b? The body is in order, so that all edges but the last go forward. */
static bool is_passed(Range *r, const Block *b) {
    for (uint32_t i = 0; i < r->nbody; i++) r->met[r->body[i]->id] = r->body[i] == r->header;
    for (uint32_t i = 0; i < r->nbody; i++) {
        const Block *x = r->body[i];
        if (!r->met[x->id] || x == b || r->aside[x->id]) continue;
        for (uint32_t s = 0; s < x->nsucc; s++)
            if (in_body(r, x->succ[s])) r->met[x->succ[s]->id] = 1;
    }
    return b == r->latch || !r->met[r->latch->id];
}

/* A branch to what only the slow loop does. */
static void find_aside(Range *r, Block *b) {
    GNode *test = b->last->op == N_BRANCH && b != r->test ? b->last->in[0] : NULL;
    uint32_t good = 0;
    for (; test != NULL && test->op == N_NOT; test = test->in[0]) good = 1 - good;
    if (test == NULL || !is_passed(r, b) || !in_body(r, b->succ[0]) || !in_body(r, b->succ[1])) return;
    const Block *bad = b->succ[1 - good];
    if (is_passed(r, bad) || !add_check(r, b->last, test, good)) return;
    for (uint32_t i = 0; i < r->nbody; i++)
        if (block_dominates(bad, r->body[i])) r->aside[r->body[i]->id] = 1;
}

/* A store to t is the only thing done where the index is not in bounds: then the array may grow by it. */
static bool appends(const Range *r, const Block *bad, const GNode *t) {
    for (uint32_t i = 0; i < r->nbody; i++)
        for (const GNode *x = r->body[i]->first; x != NULL && block_dominates(bad, r->body[i]); x = x->next)
            if (x->op == N_ARRAY_SET) return x->in[0] == t;
    return false;
}

static bool is_test_of_check(const Range *r, const GNode *x) {
    for (uint32_t i = 0; i < r->nchecks; i++)
        if (r->check[i].test == x) return true;
    return false;
}

/* Other than by the checks: then no length may be ahead of the elements. */
static bool looks_at_lengths(const Range *r) {
    for (uint32_t i = 0; i < r->nbody; i++) {
        for (const GNode *x = r->body[i]->first; x != NULL && !r->aside[r->body[i]->id]; x = x->next) {
            if (x->op == N_LENGTH || x->op == N_GET_INT || x->op == N_TABLE_NEXT) return true;
            for (uint32_t k = 0; k < x->nin; k++)
                if (x->in[k]->op == N_ALEN && !is_test_of_check(r, x)) return true;
        }
    }
    return false;
}

static void find_growing(Range *r) {
    bool waits = r->exits || looks_at_lengths(r);
    for (uint32_t i = 0; i < r->nchecks; i++) {
        Check *c = &r->check[i];
        int64_t slope;
        if (c->test->op != N_ULT || c->end->op != N_BRANCH) continue;
        const GNode *array = c->test->in[1]->in[0];
        if (array->op != N_ARRAY || !find_slope(r, c->test->in[0], &slope, MAX_DEPTH) || slope != 1) continue;
        if (!appends(r, c->end->block->succ[1 - c->good], array->in[0])) continue;
        for (uint32_t k = 0; k < r->nchecks; k++) {
            const GNode *kind = r->check[k].test;
            bool in_place = kind->imm.i == KIND_VALUE; /* all of its room is in bounds */
            if (kind->op == N_KIND_IS && kind->in[0] == array && (in_place || !waits)) c->grows = (int)kind->imm.i;
        }
        r->grows |= c->grows != 0;
    }
}

static bool survey_block(Range *r, Block *b, uint32_t *nodes) {
    bool aside = r->aside[b->id], always = !aside && is_passed(r, b);
    if (aside && leaves_from(r, b)) return false;
    for (GNode *x = b->first; x != NULL; x = x->next) {
        if (++*nodes > MAX_BODY) return false;
        if (aside) continue;
        if (x->op == N_SLOW || x->op == N_SET_METATABLE || (op_info[x->op].writes & (E_OTHER | E_ARRAY))) return false;
        if (x->op == N_POLL && b != r->latch) return false;
        if (!node_exits(x) || x->op == N_POLL) continue;
        if (x->op != N_GUARD || !always || !add_check(r, x, x->in[0], 0)) r->exits = true;
    }
    return true;
}

/* What is in the body, and is it worth while? */
static bool survey(Range *r, Block **members, uint32_t n) {
    uint32_t nodes = 0;
    r->body = members;
    r->nbody = n;
    r->grows = false;
    for (uint32_t i = 0; i < n; i++) r->aside[members[i]->id] = 0;
    for (uint32_t i = 0; i < n; i++)
        if (!r->aside[members[i]->id]) find_aside(r, members[i]);
    for (uint32_t i = 0; i < n; i++)
        if (!survey_block(r, members[i], &nodes)) return false;
    if ((r->nchecks == 0 && r->exits) || r->copied + nodes > MAX_COPIED) return false;
    find_growing(r);
    r->copied += nodes;
    return true;
}

/* --------------------------------------------------------------------------------------- building */

static GNode *int_const(Range *r, int64_t i) {
    GNode *n = node_make(r->g, N_INT, 0, r->header->pc);
    n->imm.i = i;
    node_append(r->g->blocks[0], n);
    return n;
}

static GNode *add(Range *r, Block *b, Op op, GNode *x, GNode *y) {
    GNode *n = node_make(r->g, op, y != NULL ? 2 : 1, r->header->pc);
    n->in[0] = x;
    if (y != NULL) n->in[1] = y;
    node_append(b, n);
    return n;
}

static void add_end(Range *r, Block *b, GNode *cond, int likely) {
    GNode *n = node_make(r->g, cond != NULL ? N_BRANCH : N_GOTO, cond != NULL, r->header->pc);
    if (cond != NULL) n->in[0] = cond;
    n->imm.i = likely;
    node_append(b, n);
}

static GNode *add_phi(Range *r, Block *b, const GNode *like, GNode *x) {
    GNode *n = node_make(r->g, N_PHI, 0, like->pc);
    n->type = like->type;
    n->imm = like->imm;
    phi_add(r->g, n, x);
    node_append(b, n);
    return n;
}

static Block *new_block(Range *r, const Block *like) {
    Block *b = graph_block(r->g, like->pc);
    b->cold = like->cold;
    return b;
}

/* --------------------------------------------------------------------------------------- chooser */

static GNode *chooser_phi(const Range *r, const GNode *phi) {
    GNode *c = r->chooser->first;
    for (const GNode *n = r->header->first; n != phi; n = n->next) c = c->next;
    return c;
}

/* x, linear or fixed, as it is in the strip's first iteration */
static GNode *at_first(Range *r, GNode *x) {
    if (!in_body(r, x->block)) return x;
    if (x->op == N_PHI) return chooser_phi(r, x);
    GNode *a = at_first(r, x->in[0]), *b = x->nin > 1 ? at_first(r, x->in[1]) : NULL;
    GNode *n = add(r, r->chooser, (Op)x->op, a, b);
    n->imm = x->imm;
    n->type = x->type;
    return n;
}

static GNode *either(Range *r, GNode *x, GNode *y) { return x == NULL ? y : add(r, r->chooser, N_IOR, x, y); }

static GNode *choose(Range *r, GNode *cond, GNode *x, GNode *y) {
    GNode *n = node_make(r->g, N_SELECT, 3, r->header->pc);
    n->type = T_INT;
    n->in[0] = cond;
    n->in[1] = x;
    n->in[2] = y;
    node_append(r->chooser, n);
    return n;
}

static GNode *differ(Range *r, GNode *x, GNode *y) {
    GNode *d = add(r, r->chooser, N_IXOR, x, y);
    return either(r, d, add(r, r->chooser, N_INEG, d, NULL));
}

/* Negative unless the strip appends to the array from its end on, and it has room; then the length is what it
 * will be, before the fast loop, where nothing looks at it or exits. */
static GNode *check_growth(Range *r, GNode *bad, GNode *array, GNode *length, GNode *first, GNode *last) {
    Block *c = r->chooser;
    GNode *zero = int_const(r, 0), *cap = add(r, c, N_ACAP, array, NULL);
    GNode *room = add(r, c, N_ISUB, add(r, c, N_IADD, cap, int_const(r, -1)), last);
    GNode *no = either(r, differ(r, first, length), room);
    no = either(r, no, choose(r, add(r, c, N_NO_METATABLE, array->in[0], NULL), zero, int_const(r, -1)));
    GNode *end = choose(r, add(r, c, N_ILT, bad, zero), add(r, c, N_IADD, last, int_const(r, 1)), length);
    add(r, r->go_fast, N_PUT_ALEN, array, end);
    return add(r, c, N_IAND, bad, no);
}

/* Negative unless the index is in bounds in the whole strip. */
static GNode *check_bound(Range *r, const Check *k) {
    int64_t slope;
    Block *c = r->chooser;
    find_slope(r, k->test->in[0], &slope, MAX_DEPTH);
    GNode *first = at_first(r, k->test->in[0]), *length = at_first(r, k->test->in[1]);
    GNode *way = slope == 1 || slope == -1 ? r->strip : add(r, c, N_IMUL, r->strip, int_const(r, slope < 0 ? -slope : slope));
    GNode *last = add(r, c, slope < 0 ? N_ISUB : N_IADD, first, way);
    GNode *room = add(r, c, N_ISUB, add(r, c, N_IADD, length, int_const(r, -1)), slope < 0 ? first : last);
    GNode *bad = either(r, either(r, first, last), room);
    return k->grows == KIND_INT || k->grows == KIND_FLT ? check_growth(r, bad, length->in[0], length, first, last) : bad;
}

/* Negative unless the check holds in the whole strip. */
static GNode *check_strip(Range *r, const Check *k, GNode *sum) {
    if (!in_body(r, k->test->block)) return sum;
    if (k->test->op == N_ULT) return either(r, sum, check_bound(r, k));
    return either(r, sum, choose(r, at_first(r, k->test), int_const(r, 0), int_const(r, -1)));
}

/* A strip does not go beyond the room of arrays that grow. */
static void shorten_strip(Range *r, const Check *k) {
    Block *c = r->chooser;
    GNode *first = at_first(r, k->test->in[0]), *length = at_first(r, k->test->in[1]);
    GNode *room = k->grows == KIND_VALUE ? length : add(r, c, N_ACAP, length->in[0], NULL);
    room = add(r, c, N_ISUB, add(r, c, N_IADD, room, int_const(r, -1)), first);
    r->strip = choose(r, add(r, c, N_ILT, room, r->strip), room, r->strip);
}

/* Negative unless phis that are one from the second iteration on are one in the first too. */
static GNode *check_twins(Range *r, GNode *sum) {
    for (GNode *n = r->header->first; n != NULL && n->op == N_PHI; n = n->next) {
        GNode *twin = find_twin(r, n);
        if (twin == NULL || twin->in[r->in] == n->in[r->in]) continue;
        sum = either(r, sum, differ(r, chooser_phi(r, n), chooser_phi(r, twin)));
    }
    return sum;
}

/* Before the loop: what does not change in it. If that does not hold, the slow loop is for good. */
static GNode *add_outside(Range *r, Op op, GNode *x, GNode *y, GNode *z) {
    GNode *n = node_make(r->g, op, z != NULL ? 3 : 2, r->header->pc);
    n->type = T_INT;
    n->in[0] = x;
    n->in[1] = y;
    if (z != NULL) n->in[2] = z;
    node_insert_before(r->outside->last, n);
    return n;
}

static void test_outside(Range *r) {
    r->unfit = NULL;
    for (uint32_t i = 0; i < r->nchecks; i++) {
        GNode *test = r->check[i].test;
        if (in_body(r, test->block)) continue;
        GNode *bad = add_outside(r, N_SELECT, test, int_const(r, 0), int_const(r, -1));
        r->unfit = r->unfit == NULL ? bad : add_outside(r, N_IOR, r->unfit, bad, NULL);
    }
}

static void make_chooser(Range *r) {
    Block *c = r->chooser = new_block(r, r->header);
    r->go_fast = new_block(r, r->header);
    r->go_slow = new_block(r, r->header);
    for (GNode *n = r->header->first; n != NULL && n->op == N_PHI; n = n->next) add_phi(r, c, n, n->in[r->in]);
    GNode *left = chooser_phi(r, r->left), *sum = NULL;
    r->strip = add(r, c, N_IAND, left, int_const(r, STRIP - 1));
    for (uint32_t i = 0; i < r->nchecks; i++)
        if (r->check[i].grows) shorten_strip(r, &r->check[i]);
    if (r->grows) sum = r->strip;
    r->rest = add(r, c, N_ISUB, left, r->strip);
    for (uint32_t i = 0; i < r->nchecks; i++) sum = check_strip(r, &r->check[i], sum);
    sum = check_twins(r, sum);
    test_outside(r);
    if (sum == NULL && r->unfit != NULL) sum = int_const(r, 0);
    r->may_fail = sum != NULL;
    add_end(r, c, sum == NULL ? NULL : add(r, c, N_ILE, int_const(r, 0), sum), 1);
    add_end(r, r->go_fast, NULL, 0);
    add_end(r, r->go_slow, NULL, 0);
}

/* ---------------------------------------------------------------------------------------- copying */

static GNode *copy_of(const Range *r, GNode *x) { return x->id < r->ncopy && r->copy[x->id] != NULL ? r->copy[x->id] : x; }

static State *copy_state(Range *r, State *s) {
    if (s == NULL || s == r->state_from) return s == NULL ? NULL : r->state_to;
    State *c = state_copy(r->g, s);
    for (uint32_t i = 0; i < c->nregs; i++)
        if (c->reg[i] != NULL) c->reg[i] = copy_of(r, c->reg[i]);
    if (c->caller != NULL) c->caller = copy_state(r, c->caller);
    r->state_from = s;
    r->state_to = c;
    return c;
}

static GNode *copy_node(Range *r, const GNode *n, Block *to) {
    GNode *c = node_make(r->g, (Op)n->op, n->op == N_PHI ? 0 : n->nin, n->pc);
    c->type = n->type;
    c->reason = n->reason;
    c->function = n->function;
    c->imm = n->imm;
    for (uint32_t i = 0; i < n->nin; i++) {
        if (n->op == N_PHI && !r->aside[n->block->pred[i]->id]) phi_add(r->g, c, copy_of(r, n->in[i]));
        else if (n->op != N_PHI) c->in[i] = copy_of(r, n->in[i]);
    }
    c->state = copy_state(r, n->state);
    node_append(to, c);
    return c;
}

static const Check *check_of(const Range *r, const GNode *n) {
    for (uint32_t i = 0; i < r->nchecks; i++)
        if (r->check[i].end == n) return &r->check[i];
    return NULL;
}

static void copy_nodes(Range *r, const Block *b, Block *to, bool poll) {
    r->state_from = NULL;
    for (GNode *n = b->first; n != NULL; n = n->next) {
        if (n->op == N_PHI && b == r->header) continue;
        if ((n->op == N_POLL && !poll) || (n->op == N_GUARD && check_of(r, n) != NULL)) continue;
        if (n->op == N_BRANCH && check_of(r, n) != NULL) {
            add_end(r, to, NULL, 0);
            continue;
        }
        r->copy[n->id] = copy_node(r, n, to);
    }
}

/* j and what `left` is in terms of it */
static void make_fast_header(Range *r) {
    GNode *c = r->chooser->first, *j = NULL;
    for (GNode *n = r->header->first; n != NULL && n->op == N_PHI; n = n->next, c = c->next) {
        r->copy[n->id] = add_phi(r, r->fast, n, n == r->left ? r->strip : c);
        if (n == r->left) j = r->copy[n->id];
    }
    for (GNode *n = r->header->first; n != NULL && n->op == N_PHI; n = n->next) {
        GNode *twin = find_twin(r, n);
        if (twin != NULL) r->copy[n->id] = r->copy[twin->id];
    }
    r->copy[r->left->id] = add(r, r->fast, N_IADD, j, r->rest);
}

static GNode *strip_phi(const Range *r) {
    GNode *j = r->fast->first;
    for (const GNode *n = r->header->first; n != r->left; n = n->next) j = j->next;
    return j;
}

/* Operands of the phis of `to` for the copy of the latch that was made last. */
static void close_phis(Range *r, Block *to) {
    GNode *c = to->first;
    for (GNode *n = r->header->first; n != NULL && n->op == N_PHI; n = n->next, c = c->next) phi_add(r->g, c, copy_of(r, n->in[r->back]));
}

/* The strip is over; `left` is what rests. Then the next one, after the poll. */
static Block *make_next_strip(Range *r) {
    Block *next = new_block(r, r->latch);
    GNode *saved = r->copy[r->left->id];
    r->ended = new_block(r, r->test);
    add_end(r, r->ended, add(r, r->ended, N_IEQ, r->rest, int_const(r, 0)), 0);
    r->copy[r->left->id] = r->rest;
    copy_nodes(r, r->latch, next, true);
    close_phis(r, r->chooser);
    r->copy[r->left->id] = saved;
    return next;
}

static void make_fast(Range *r) {
    for (uint32_t i = 0; i < r->nbody; i++) {
        Block *b = r->body[i], *c = r->aside[b->id] ? NULL : new_block(r, b);
        if (c == NULL) continue;
        r->block_copy[b->id] = c;
        if (b == r->header) {
            r->fast = c;
            make_fast_header(r);
        }
        if (b != r->latch) copy_nodes(r, b, c, false);
    }
}

static void make_fast_latch(Range *r) {
    Block *c = r->block_copy[r->latch->id];
    copy_nodes(r, r->latch, c, false);
    close_phis(r, r->fast);
    GNode *j = strip_phi(r), *next = node_make(r->g, N_IADD, 2, r->latch->pc);
    next->in[0] = j;
    next->in[1] = int_const(r, -1);
    node_insert_before(c->last, next);
    j->in[1] = next;
    GNode *end = r->block_copy[r->test->id]->last, *zero = node_make(r->g, N_IEQ, 2, end->pc);
    zero->in[0] = j;
    zero->in[1] = int_const(r, 0);
    node_insert_before(end, zero);
    GNode *test = node_make(r->g, N_NOT, 1, end->pc);
    test->in[0] = zero;
    node_insert_before(end, test);
    end->in[0] = r->test->succ[0] == r->latch ? test : zero;
}

/* ------------------------------------------------------------------------------------------ edges */

static void set_pred(Range *r, Block *b, Block *pred) {
    b->pred = arena_alloc(r->g->arena, 2 * sizeof(Block *));
    b->pred[0] = pred;
    b->npred = 1;
    b->cappred = 2;
}

static Block *edge_block(Range *r, const Block *to) {
    Block *e = new_block(r, to);
    add_end(r, e, NULL, 0);
    return e;
}

/* succ[s] of b leaves the loop: both loops come to it now, with phis for the values that its phis had. */
static void join_exit(Range *r, Block *b, uint32_t s) {
    Block *x = b->succ[s], *slow = edge_block(r, x), *fast = edge_block(r, x);
    for (GNode *n = x->first; n != NULL && n->op == N_PHI; n = n->next) phi_add(r->g, n, copy_of(r, n->in[0]));
    b->succ[s] = slow;
    set_pred(r, slow, b);
    x->npred = 0;
    graph_edge(r->g, slow, x);
    graph_edge(r->g, fast, x);
    r->block_copy[x->id] = fast;
}

static void join_exits(Range *r) {
    for (uint32_t i = 0; i < r->nbody; i++)
        for (uint32_t s = 0; s < r->body[i]->nsucc; s++)
            if (!in_body(r, r->body[i]->succ[s])) join_exit(r, r->body[i], s);
}

/* The copy's way out; that of the counter leads through the end of the strip. */
static Block *exit_of_copy(Range *r, const Block *b, Block *copy, const Block *slow) {
    Block *e = r->block_copy[slow->succ[0]->id];
    if (b != r->test) {
        set_pred(r, e, copy);
        return e;
    }
    graph_edge(r->g, r->ended, e);
    set_pred(r, r->ended, copy);
    return r->ended;
}

static void link_copy(Range *r, const Block *b) {
    Block *c = r->block_copy[b->id];
    const Check *check = check_of(r, b->last);
    for (uint32_t s = 0; s < b->nsucc; s++) {
        const Block *to = b->succ[s];
        if (b->last->op != N_BRANCH || check == NULL || check->good == s) c->succ[c->nsucc++] = in_body(r, to) ? r->block_copy[to->id] : exit_of_copy(r, b, c, to);
    }
    if (b == r->header) return;
    c->pred = arena_alloc(r->g->arena, b->npred * sizeof(Block *));
    c->cappred = b->npred;
    for (uint32_t p = 0; p < b->npred; p++)
        if (!r->aside[b->pred[p]->id]) c->pred[c->npred++] = r->block_copy[b->pred[p]->id];
}

/* An array had to grow: now and then the slow loop asks again. */
static void return_to_chooser(Range *r) {
    Block *latch = r->latch, *again = new_block(r, latch), *on = new_block(r, latch);
    node_remove(latch->last);
    latch->nsucc = 0;
    GNode *whole = int_const(r, SLOW_STRIP - 1), *no = add(r, latch, N_IXOR, add(r, latch, N_IAND, r->left->in[r->back], whole), whole);
    if (r->unfit != NULL) no = add(r, latch, N_IOR, no, r->unfit);
    add_end(r, latch, add(r, latch, N_IEQ, no, int_const(r, 0)), 2);
    graph_edge(r->g, latch, again);
    graph_edge(r->g, latch, on);
    add_end(r, again, NULL, 0);
    add_end(r, on, NULL, 0);
    graph_edge(r->g, again, r->chooser);
    on->succ[on->nsucc++] = r->header;
    r->header->pred[r->back] = on;
    for (GNode *n = r->header->first; n != NULL && n->op == N_PHI; n = n->next) phi_add(r->g, chooser_phi(r, n), n->in[r->back]);
}

/* Into the loop: to the chooser, or to the slow loop at once. */
static void link_outside(Range *r) {
    Block *from = r->outside;
    if (r->unfit == NULL) {
        from->succ[0] = r->chooser;
        set_pred(r, r->chooser, from);
        return;
    }
    Block *fit = new_block(r, r->header), *unfit = new_block(r, r->header);
    node_remove(from->last);
    from->nsucc = 0;
    add_end(r, from, add(r, from, N_IEQ, r->unfit, int_const(r, 0)), 1);
    graph_edge(r->g, from, fit);
    graph_edge(r->g, from, unfit);
    add_end(r, fit, NULL, 0);
    add_end(r, unfit, NULL, 0);
    fit->succ[fit->nsucc++] = r->chooser;
    set_pred(r, r->chooser, fit);
    for (GNode *n = r->header->first; n != NULL && n->op == N_PHI; n = n->next) phi_add(r->g, n, n->in[r->in]);
    graph_edge(r->g, unfit, r->header);
}

static void link_all(Range *r, Block *next) {
    Graph *g = r->g;
    join_exits(r);
    graph_edge(g, r->go_fast, r->fast);
    for (uint32_t i = 0; i < r->nbody; i++)
        if (!r->aside[r->body[i]->id]) link_copy(r, r->body[i]);
    r->fast->pred[1] = r->block_copy[r->latch->id];
    r->fast->npred = 2;
    graph_edge(g, r->ended, next);
    link_outside(r);
    graph_edge(g, next, r->chooser);
    graph_edge(g, r->chooser, r->go_fast);
    if (r->may_fail) graph_edge(g, r->chooser, r->go_slow);
    r->go_slow->succ[r->go_slow->nsucc++] = r->header;
    r->header->pred[r->in] = r->go_slow;
    for (GNode *n = r->header->first; n != NULL && n->op == N_PHI; n = n->next) n->in[r->in] = chooser_phi(r, n);
    r->header->before = NULL;
    if (r->grows) return_to_chooser(r);
}

/* ---------------------------------------------------------------- what lives on behind the loop */

/* v at the beginning of b, a block outside that v dominates: that of its dominators, up to an exit of the loop or a place where
 * exits meet. */
static GNode *value_at(Range *r, GNode *v, Block *b) {
    while (b->id < r->nblocks && !in_body(r, b->idom)) b = b->idom;
    if (r->of[b->id] == v) return r->value[b->id];
    GNode *phi = node_make(r->g, N_PHI, 0, v->pc);
    phi->type = v->type;
    phi->imm.i = v->op == N_PHI ? v->imm.i : 0;
    r->value[b->id] = phi;
    r->of[b->id] = v;
    if (r->block_copy[b->id] != NULL) { /* an exit */
        phi_add(r->g, phi, v);
        phi_add(r->g, phi, copy_of(r, v));
    } else {
        for (uint32_t p = 0; p < b->npred; p++) phi_add(r->g, phi, value_at(r, v, b->pred[p]));
    }
    node_insert_first(b, phi);
    return phi;
}

static void repair(Range *r, Use *u) {
    GNode **place = u->state != NULL ? &u->state->reg[u->index] : &u->user->in[u->index];
    GNode *v = *place;
    if (v == NULL || !in_body(r, v->block) || in_body(r, u->block)) return; /* a state that others share: done */
    *place = value_at(r, v, u->block);
}

static void forget_copies(Range *r) {
    for (uint32_t i = 0; i < r->nbody; i++)
        for (const GNode *n = r->body[i]->first; n != NULL; n = n->next)
            if (n->id < r->ncopy) r->copy[n->id] = NULL;
    memset(r->block_copy, 0, r->nblocks * sizeof(Block *));
    memset(r->of, 0, r->nblocks * sizeof(GNode *));
}

/* ------------------------------------------------------------------------------------------- uses */

static void note_use(Range *r, GNode *x, Use u) {
    Block *l = x->block->loop;
    if (l == NULL || l == u.block->loop) return;
    Use *made = arena_alloc(r->g->arena, sizeof *made);
    *made = u;
    made->next = r->uses[l->id];
    r->uses[l->id] = made;
}

static void note_state(Range *r, State *s, Block *b) {
    for (; s != NULL; s = s->caller)
        for (uint32_t i = 0; i < s->nregs; i++)
            if (s->reg[i] != NULL) note_use(r, s->reg[i], (Use){.index = i, .state = s, .block = b});
}

static bool names_other_loop(const State *s, const Block *b) {
    for (; s != NULL; s = s->caller)
        for (uint32_t i = 0; i < s->nregs; i++)
            if (s->reg[i] != NULL && s->reg[i]->block->loop != NULL && s->reg[i]->block->loop != b->loop) return true;
    return false;
}

static State *deep_copy(Graph *g, const State *s) {
    State *c = state_copy(g, s);
    if (c->caller != NULL) c->caller = deep_copy(g, c->caller);
    return c;
}

/* The states of a block that name values of a loop it is not in are its own: repair() changes them, and
 * the frame of a caller may stand in states inside the loop, or behind another exit of it, too. */
static void own_states(Graph *g, Block *b) {
    const State *from = NULL;
    State *to = NULL;
    for (GNode *n = b->first; n != NULL; n = n->next) {
        if (n->state == NULL) continue;
        if (n->state != from) {
            from = n->state;
            to = names_other_loop(from, b) ? deep_copy(g, from) : n->state;
        }
        n->state = to;
    }
    if (b->before != NULL && names_other_loop(b->before, b->idom)) b->before = deep_copy(g, b->before);
}

static void find_uses(Range *r) {
    Graph *g = r->g;
    for (uint32_t i = 0; i < g->norder; i++) {
        Block *b = g->order[i];
        own_states(g, b);
        if (b->before != NULL) note_state(r, b->before, b->idom);
        for (GNode *n = b->first; n != NULL; n = n->next) {
            for (uint32_t k = 0; k < n->nin; k++)
                note_use(r, n->in[k], (Use){.user = n, .index = k, .block = n->op == N_PHI ? b->pred[k] : b});
            note_state(r, n->state, b);
        }
    }
}

/* ------------------------------------------------------------------------------------------- loops */

static void make_strips(Range *r) {
    make_chooser(r);
    make_fast(r);
    Block *next = make_next_strip(r);
    make_fast_latch(r);
    link_all(r, next);
    for (Use *u = r->uses[r->header->id]; u != NULL; u = u->next) repair(r, u);
    forget_copies(r);
}

/* Every exit has a block of its own (rule 8 of graph.h), and the counter's test is one. */
static bool exits_alone(const Range *r) {
    for (uint32_t i = 0; i < r->nbody; i++)
        for (uint32_t s = 0; s < r->body[i]->nsucc; s++)
            if (!in_body(r, r->body[i]->succ[s]) && r->body[i]->succ[s]->npred != 1) return false;
    return !in_body(r, r->test->succ[r->test->succ[0] == r->latch]);
}

static bool visit_loop(Range *r, Block *header, Block **members, uint32_t n) {
    r->header = header;
    r->nchecks = 0;
    r->exits = false;
    if (!find_ways(r) || !find_counter(r) || !survey(r, members, n) || !exits_alone(r) || !graph_may(r->g)) return false;
    make_strips(r);
    return true;
}

/* Loops with loops in them are not looked at. */
static void find_outer(const Graph *g, uint8_t *outer) {
    for (uint32_t i = 0; i < g->norder; i++)
        if (g->order[i]->loop_header && g->order[i]->outer != NULL) outer[g->order[i]->outer->id] = 1;
}

/* Blocks by innermost loop: first[id of the header] and the number behind it, in order. */
static Block **sort_blocks(const Graph *g, uint32_t *first, uint32_t *count) {
    Block **sorted = arena_alloc(g->arena, (g->norder + 1) * sizeof(Block *));
    uint32_t at = 0;
    for (uint32_t i = 0; i < g->norder; i++)
        if (g->order[i]->loop != NULL) count[g->order[i]->loop->id]++;
    for (uint32_t id = 0; id < g->nblocks; id++) {
        first[id] = at;
        at += count[id];
        count[id] = 0;
    }
    for (uint32_t i = 0; i < g->norder; i++) {
        const Block *l = g->order[i]->loop;
        if (l != NULL) sorted[first[l->id] + count[l->id]++] = g->order[i];
    }
    return sorted;
}

bool pass_range(Graph *g) {
    if (g->function->effort > 1) return false; /* it makes loops twice */
    struct Arena *a = g->arena;
    Range r = {.g = g, .nblocks = g->nblocks, .ncopy = g->nnodes};
    Block *const *order = g->order; /* of before: new blocks have none */
    uint32_t *first = arena_alloc(a, g->nblocks * sizeof(uint32_t)), *count = arena_alloc(a, g->nblocks * sizeof(uint32_t));
    uint8_t *outer = arena_alloc(a, g->nblocks);
    Block **sorted = sort_blocks(g, first, count);
    bool changed = false;
    find_outer(g, outer);
    r.uses = arena_alloc(a, g->nblocks * sizeof(Use *));
    r.aside = arena_alloc(a, g->nblocks);
    r.met = arena_alloc(a, g->nblocks);
    r.copy = arena_alloc(a, (g->nnodes + 1) * sizeof(GNode *));
    r.block_copy = arena_alloc(a, g->nblocks * sizeof(Block *));
    r.value = arena_alloc(a, g->nblocks * sizeof(GNode *));
    r.of = arena_alloc(a, g->nblocks * sizeof(GNode *));
    find_uses(&r);
    for (uint32_t i = 0; i < g->norder; i++) {
        Block *b = order[i];
        if (b->loop_header && !outer[b->id]) changed |= visit_loop(&r, b, sorted + first[b->id], count[b->id]);
    }
    return changed;
}
