// SPDX-License-Identifier: MIT
/* Loops in the optimizing tier: pass_hoist and pass_range. What must move and what must stay is shown on graphs as text; that results
 * stay the same is checked by running functions before and after the passes on random arrays and
 * limits (PERIGEE_TEST_SEED=seed runs that one first). */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lauxlib.h"
#include "lualib.h"
#include "state/state.h"
#include "tiers/optimizing/graph.h"

static JitFunction nothing = {.name = "text", .ninsns = 100, .maxstack = 10};

static Graph *parse(const char *text) {
    const char *why;
    Graph *g = graph_read(text, &nothing, &why);
    ck_assert_msg(g != NULL, "%s", why);
    const char *wrong = graph_verify(g);
    ck_assert_msg(wrong == NULL, "%s", wrong);
    g->optimisations_left = -1;
    return g;
}

static bool run_pass(Graph *g, bool (*pass)(Graph *)) {
    graph_order(g);
    bool changed = pass(g);
    const char *wrong = graph_verify(g);
    if (wrong != NULL) graph_print(g, stderr);
    ck_assert_msg(wrong == NULL, "%s", wrong);
    return changed;
}

static const GNode *node(const Graph *g, uint32_t id) {
    for (uint32_t i = 0; i < g->norder; i++)
        for (const GNode *n = g->order[i]->first; n != NULL; n = n->next)
            if (n->id == id) return n;
    ck_abort_msg("no node %u", id);
}

static uint32_t count(const Graph *g, Op op, bool in_loops) {
    uint32_t c = 0;
    for (uint32_t i = 0; i < g->norder; i++)
        for (const GNode *n = g->order[i]->first; n != NULL; n = n->next) c += n->op == op && (!in_loops || n->block->loop != NULL);
    return c;
}

#define assert_block(g, number, b) ck_assert_uint_eq(node(g, number)->block->id, b)

/* ---------------------------------------------------------------------------------------- hoisting */

/* Block 2 leads into the loop 3 -> 4 -> 3; %9 counts; `body` stands in 3 before the branch. */
#define LOOP(body)                                                                                  \
    "entry 0 pc 0 block 1\n"                                                                        \
    "block 0 pc 0\n"                                                                                \
    "  %0 INT INT imm 0 pc 0\n  %1 INT INT imm 1 pc 0\n"                                            \
    "block 1 pc 0 from 0\n"                                                                         \
    "  %2 VALUE SLOT imm 0 pc 0\n  %3 VALUE SLOT imm 1 pc 0\n  %4 INT SLOT imm 2 pc 0\n  %5 TABLE SLOT imm 3 pc 0\n"      \
    "  %6 NONE GOTO imm 0 pc 0 to 2\n"                                                              \
    "block 2 pc 0 from 1\n  %7 NONE GOTO imm 0 pc 0 to 3\n"                                         \
    "block 3 pc 5 from 2 4\n"                                                                       \
    "  before at 5 r4=%4 r5=%0\n"                                                                   \
    "  %9 INT PHI %4 %90 imm 4 pc 5\n  %10 INT PHI %0 %91 imm 5 pc 5\n"                              \
    body                                                                                            \
    "  %80 BOOL IEQ %9 %0 imm 0 pc 8\n  %81 NONE BRANCH %80 imm 2 pc 8 to 5 4\n"                     \
    "block 4 pc 8 from 3\n"                                                                         \
    "  %90 INT ISUB %9 %1 imm 0 pc 8\n  %91 INT IADD %10 %1 imm 0 pc 8\n"                            \
    "  %92 NONE POLL imm 0 pc 8 exit OTHER at 5 r4=%90 r5=%91\n  %93 NONE GOTO imm 0 pc 8 to 3\n"    \
    "block 5 pc 9 from 3\n  %95 NONE PUT_SLOT %10 imm 6 pc 9\n  %96 NONE LEAVE imm 3 pc 9\n"

#define TABLE_GUARD                                                                                 \
    "  %20 BOOL HAS_TAG %2 imm 10 pc 5\n  %21 NONE GUARD %20 imm 0 pc 5 exit TYPE at 5 r4=%9 r5=%10\n  %22 TABLE UNTAG %2 imm 10 pc 5\n"
#define SHAPE_GUARD "  %23 BOOL HAS_SHAPE %22 imm 7 pc 6\n  %24 NONE GUARD %23 imm 0 pc 6 exit SHAPE at 6 r4=%9 r5=%10\n"
#define FIELD "  %25 VALUE FIELD %22 imm 40 pc 6\n"

START_TEST(guards_go_before_the_loop) {
    Graph *g = parse(LOOP(TABLE_GUARD SHAPE_GUARD FIELD));
    ck_assert(run_pass(g, pass_hoist));
    for (uint32_t id = 20; id <= 25; id++) assert_block(g, id, 2);
    const State *s = node(g, 24)->state;
    ck_assert(s->pc == 5 && s->reg[4]->id == 4 && s->reg[5]->id == 0); /* where the loop begins */
    ck_assert(!run_pass(g, pass_hoist));
    graph_free(g);
}
END_TEST

START_TEST(what_the_loop_writes_stays) {
    Graph *g = parse(LOOP(TABLE_GUARD SHAPE_GUARD FIELD "  %30 NONE PUT_FIELD %5 %9 imm 40 pc 7\n"));
    run_pass(g, pass_hoist);
    assert_block(g, 24, 2);
    assert_block(g, 25, 3);
    graph_free(g);
    g = parse(LOOP(TABLE_GUARD SHAPE_GUARD FIELD "  %30 NONE PUT_SHAPE %5 imm 9 pc 7\n"));
    run_pass(g, pass_hoist);
    assert_block(g, 22, 2);
    for (uint32_t id = 23; id <= 25; id++) assert_block(g, id, 3); /* the field relies on the guard */
    graph_free(g);
    g = parse(LOOP(TABLE_GUARD SHAPE_GUARD FIELD "  %30 NONE PUT_FIELD %5 %9 imm 56 pc 7\n")); /* another field */
    run_pass(g, pass_hoist);
    assert_block(g, 25, 2);
    graph_free(g);
}
END_TEST

START_TEST(elements_of_other_kinds_do_not_matter) {
    Graph *g = parse(LOOP("  %20 PTR ARRAY %5 imm 0 pc 5\n  %21 INT ELEM_INT %20 %0 imm 0 pc 5\n  %22 FLT ELEM_FLT %20 %0 imm 0 pc 5\n"
                          "  %23 NONE PUT_ELEM %20 %1 %9 imm 0 pc 6\n"));
    run_pass(g, pass_hoist);
    assert_block(g, 20, 2);
    assert_block(g, 21, 3);
    assert_block(g, 22, 2);
    graph_free(g);
}
END_TEST

START_TEST(a_path_not_always_taken_keeps_its_guards) {
    static const char text[] =
        "entry 0 pc 0 block 1\nblock 0 pc 0\n  %0 INT INT imm 0 pc 0\n  %1 INT INT imm 1 pc 0\n"
        "block 1 pc 0 from 0\n  %2 VALUE SLOT imm 0 pc 0\n  %4 INT SLOT imm 2 pc 0\n  %5 NONE GOTO imm 0 pc 0 to 2\n"
        "block 2 pc 5 from 1 5\n  before at 5 r4=%4\n  %9 INT PHI %4 %90 imm 4 pc 5\n"
        "  %10 BOOL ILT %9 %1 imm 0 pc 5\n  %11 NONE BRANCH %10 imm 0 pc 5 to 3 4\n"
        "block 3 pc 6 from 2\n  %20 BOOL HAS_TAG %2 imm 10 pc 6\n  %21 NONE GUARD %20 imm 0 pc 6 exit TYPE at 6 r4=%9\n"
        "  %22 TABLE UNTAG %2 imm 10 pc 6\n  %23 BOOL HAS_SHAPE %22 imm 3 pc 6\n  %24 NONE GUARD %23 imm 0 pc 6 exit SHAPE at 6 r4=%9\n"
        "  %25 NONE GOTO imm 0 pc 6 to 5\n"
        "block 4 pc 7 from 2\n  %30 NONE GOTO imm 0 pc 7 to 5\n"
        "block 5 pc 8 from 3 4\n  %90 INT ISUB %9 %1 imm 0 pc 8\n  %91 NONE GOTO imm 0 pc 8 to 2\n";
    Graph *g = parse(text);
    run_pass(g, pass_hoist);
    assert_block(g, 20, 1); /* a test may be made in vain */
    for (uint32_t id = 21; id <= 24; id++) assert_block(g, id, 3);
    graph_free(g);
}
END_TEST

START_TEST(a_loop_with_two_ways_in_gets_one) {
    static const char text[] =
        "entry 0 pc 0 block 1\nentry 1 pc 5 block 3\nblock 0 pc 0\n  %0 INT INT imm 0 pc 0\n  %1 INT INT imm 1 pc 0\n"
        "block 1 pc 0 from 0\n  %2 INT SLOT imm 2 pc 0\n  %5 NONE GOTO imm 0 pc 0 to 2\n"
        "block 3 pc 5 from 0\n  %6 INT SLOT imm 3 pc 5\n  %7 NONE GOTO imm 0 pc 5 to 2\n"
        "block 2 pc 5 from 1 3 4\n  %9 INT PHI %2 %6 %90 imm 4 pc 5\n  %11 NONE GOTO imm 0 pc 5 to 4\n"
        "block 4 pc 6 from 2\n  %10 VALUE UPVAL imm 0 pc 6\n  %90 INT ISUB %9 %1 imm 0 pc 8\n  %91 NONE GOTO imm 0 pc 8 to 2\n";
    Graph *g = parse(text);
    ck_assert(run_pass(g, pass_hoist));
    ck_assert_uint_eq(node(g, 9)->nin, 2);
    ck_assert(node(g, 10)->block->loop == NULL && node(g, 10)->block->npred == 2);
    graph_free(g);
}
END_TEST

START_TEST(outward_through_several_loops) {
    static const char text[] =
        "entry 0 pc 0 block 1\nblock 0 pc 0\n  %0 INT INT imm 0 pc 0\n  %1 INT INT imm 1 pc 0\n"
        "block 1 pc 0 from 0\n  %2 VALUE SLOT imm 0 pc 0\n  %4 INT SLOT imm 2 pc 0\n  %5 NONE GOTO imm 0 pc 0 to 2\n"
        "block 2 pc 5 from 1 6\n  before at 5 r4=%4\n  %9 INT PHI %4 %90 imm 4 pc 5\n"
        "  %10 BOOL ILT %4 %9 imm 0 pc 5\n  %11 NONE BRANCH %10 imm 2 pc 5 to 7 3\n"
        "block 3 pc 6 from 2\n  %12 NONE GOTO imm 0 pc 6 to 4\n"
        "block 4 pc 7 from 3 5\n  before at 7 r4=%9 r5=%0\n  %13 INT PHI %0 %30 imm 5 pc 7\n"
        "  %20 BOOL HAS_TAG %2 imm 10 pc 7\n  %21 NONE GUARD %20 imm 0 pc 7 exit TYPE at 7 r4=%9 r5=%13\n  %22 TABLE UNTAG %2 imm 10 pc 7\n"
        "  %23 PTR ARRAY %22 imm 0 pc 7\n  %24 BOOL ILT %13 %9 imm 0 pc 7\n  %25 NONE BRANCH %24 imm 1 pc 7 to 5 8\n"
        "block 5 pc 8 from 4\n  %30 INT IADD %13 %1 imm 0 pc 8\n  %31 NONE GOTO imm 0 pc 8 to 4\n"
        "block 8 pc 9 from 4\n  %40 NONE GOTO imm 0 pc 9 to 6\n"
        "block 7 pc 9 from 2\n  %41 NONE GOTO imm 0 pc 9 to 6\n"
        "block 6 pc 9 from 8 7\n  %90 INT ISUB %9 %1 imm 0 pc 9\n  %91 NONE GOTO imm 0 pc 9 to 2\n";
    Graph *g = parse(text);
    ck_assert(run_pass(g, pass_hoist));
    for (uint32_t id = 20; id <= 23; id++) assert_block(g, id, 1);
    ck_assert_uint_eq(node(g, 21)->state->pc, 5);
    graph_free(g);
}
END_TEST

/* ------------------------------------------------------------------------------------------ strips */

#define ARRAY_BEFORE(length)                                                                        \
    "entry 0 pc 0 block 1\nblock 0 pc 0\n  %0 INT INT imm 0 pc 0\n  %1 INT INT imm 1 pc 0\n"        \
    "block 1 pc 0 from 0\n  %2 TABLE SLOT imm 0 pc 0\n  %3 INT SLOT imm 1 pc 0\n  %4 PTR ARRAY %2 imm 0 pc 0\n  " length "\n"                     \
    "  %6 NONE GOTO imm 0 pc 0 to 2\n"                                                              \
    "block 2 pc 5 from 1 3\n  before at 5 r4=%3 r5=%0\n  %9 INT PHI %3 %90 imm 4 pc 5\n  %10 INT PHI %0 %91 imm 5 pc 5\n"
#define CHECK(index) "  %20 BOOL ULT " index " %5 imm 0 pc 5\n  %21 NONE GUARD %20 imm 0 pc 5 exit BOUNDS at 5 r4=%9 r5=%10\n"
#define COUNT_DOWN(step)                                                                            \
    "  %80 BOOL IEQ %9 %0 imm 0 pc 8\n  %81 NONE BRANCH %80 imm 2 pc 8 to 4 3\n"                     \
    "block 3 pc 8 from 2\n  %90 INT ISUB %9 %1 imm 0 pc 8\n  %91 INT " step " imm 0 pc 8\n"         \
    "  %92 NONE POLL imm 0 pc 8 exit OTHER at 5 r4=%90 r5=%91\n  %93 NONE GOTO imm 0 pc 8 to 2\n"   \
    "block 4 pc 9 from 2\n  %95 NONE PUT_SLOT %10 imm 6 pc 9\n  %96 NONE LEAVE imm 3 pc 9\n"

/* Is there an innermost loop without any exit? */
static bool has_clean_loop(const Graph *g) {
    for (uint32_t i = 0; i < g->norder; i++) {
        const Block *h = g->order[i];
        bool clean = h->loop_header;
        for (uint32_t k = 0; k < g->norder && clean; k++) {
            if (!block_in_loop(g->order[k], h)) continue;
            clean = g->order[k]->loop == h;
            for (const GNode *n = g->order[k]->first; n != NULL; n = n->next) clean &= !node_exits(n);
        }
        if (clean) return true;
    }
    return false;
}

START_TEST(checks_of_bounds_leave_the_fast_loop) {
    Graph *g = parse(ARRAY_BEFORE("%5 INT ALEN %4 imm 0 pc 0") CHECK("%10") COUNT_DOWN("IADD %10 %1"));
    ck_assert(run_pass(g, pass_range));
    ck_assert(has_clean_loop(g));
    ck_assert_uint_eq(count(g, N_GUARD, true), 1); /* of the loop as it was */
    ck_assert_uint_eq(count(g, N_POLL, true), 2);
    ck_assert_uint_eq(node(g, 95)->in[0]->op, N_PHI);
    ck_assert(node(g, 95)->in[0] != node(g, 10));
    graph_free(g);
}
END_TEST

START_TEST(a_loop_without_checks_gets_strips_alone) {
    Graph *g = parse(ARRAY_BEFORE("%5 INT ALEN %4 imm 0 pc 0") COUNT_DOWN("IADD %10 %1"));
    ck_assert(run_pass(g, pass_range));
    ck_assert(has_clean_loop(g));
    ck_assert_uint_eq(count(g, N_POLL, true), 1);
    graph_free(g);
}
END_TEST

START_TEST(loops_that_cannot_be_foreseen_stay) {
    static const char *const texts[] = {
        ARRAY_BEFORE("%5 INT ALEN %4 imm 0 pc 0") CHECK("%10") COUNT_DOWN("IMUL %10 %1"),
        ARRAY_BEFORE("%5 INT SLOT imm 7 pc 0") CHECK("%10") COUNT_DOWN("IADD %10 %1"), /* may be any number */
        ARRAY_BEFORE("%5 INT ALEN %4 imm 0 pc 0") CHECK("%10") COUNT_DOWN("IADD %10 %3"),
        ARRAY_BEFORE("%5 INT ALEN %4 imm 0 pc 0") "  %22 PTR SLOW imm 5 pc 5\n  %23 NONE GO_ON %22 imm 6 pc 5\n" COUNT_DOWN("IADD %10 %1"),
    };
    for (unsigned n = 0; n < sizeof texts / sizeof texts[0]; n++) {
        Graph *g = parse(texts[n]);
        ck_assert_msg(!run_pass(g, pass_range), "text %u", n);
        graph_free(g);
    }
}
END_TEST

START_TEST(optimisations_are_counted) {
    Graph *g = parse(ARRAY_BEFORE("%5 INT ALEN %4 imm 0 pc 0") CHECK("%10") COUNT_DOWN("IADD %10 %1"));
    g->optimisations_left = 0;
    ck_assert(!run_pass(g, pass_range) && !run_pass(g, pass_hoist));
    graph_free(g);
}
END_TEST

/* --------------------------------------------------------------------- before and after, at random */

static lua_State *L;
static void setup(void) {
    setenv("PERIGEE_OPTIONS", "tier=interp", 1);
    L = luaL_newstate();
}
static void teardown(void) { lua_close(L); }

static uint64_t generator;
static uint32_t random_below(uint32_t n) {
    generator += 0x9e3779b97f4a7c15u;
    uint64_t x = generator;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)(((x ^ x >> 31) >> 32) * n >> 32);
}

/* Integers everywhere; jumps go both ways; indices were always in bounds. */
static void profile_row(unsigned op, uint8_t row[SEEN_WIDTH]) {
    row[SEEN_INT] = 1;
    row[SEEN_JUMP] = op != OP_GETTABLE && op != OP_SETTABLE && op != OP_GETI && op != OP_SETI;
}

/* of a table of integers, a limit and another number */
static const char *const functions[] = {
    "local s = 0 for i = 1, n do s = s + t[i] end return s",
    "local s = 0 for i = 2, n - 1 do s = s * 3 + t[i - 1] * t[i + 1] end return s",
    "local s = 0 for i = n, 1, -1 do s = s * 3 + t[i] end return s",
    "local s = 0 for i = 0, n do s = s + t[i] end return s",
    "local s = 0 for i = n - 1, 0, -1 do s = s * 3 + t[i] end return s",
    "local s = 0 for i = k - 3, n do s = s * 3 + t[i] end return s",
    "local s = 0 for i = n, 2, -3 do s = s * 3 + t[i] - t[i - 1] end return s",
    "local s = 0 for i = 1, n do s = s * 5 + t[2 * i] end return s",
    "local s = 0 for i = k, n do s = s * 5 + t[i - k + 1] end return s",
    "local s = 0 for i = 1, n do local x = t[i] if x == k then break end s = s + x end return s",
    "local s = 0 for i = 1, n do if t[i] == k then return i end s = s + i end return s",
    "local s, last = 0, 0 for i = 1, n do s = s + t[i] if s > k then s = 0 last = i end end return s * 1000 + last",
    "local s, j = 0, n + 1 for i = 1, n do j = j - 1 s = s * 2 + t[j] end return s * 3 + j",
    "local a, b = 0, 1 for i = 1, n do a, b = b, a + t[i] end return a * 7 + b",
    "for i = 1, n do t[i] = t[i] * k + i end return n",
    "for i = 2, n do t[i] = t[i] + t[i - 1] end return n",
    "local s = 0 for i = 1, n do for j = 1, k do s = s * 3 + t[j] + i end end return s",
    "local s = 0 for i = 1, n do s = s * 3 + i * k end return s",
    "local s = 0 for i = n, n + k do s = s * 3 + t[i] end return s",
    "local s = 0 for i = 1, n do s = s + t[i] i = i + k s = s ~ i end return s",
    "local s = 0 for i = 9223372036854775807 - (n & 4095), 9223372036854775807 do s = s * 3 + i end return s",
};
enum { FUNCTIONS = sizeof functions / sizeof functions[0], ROUNDS = 40, SLOTS = 64 };

typedef struct Result {
    Evaluation e;
    TValue slots[SLOTS];
} Result;

static int64_t random_limit(void) {
    static const int64_t near[] = {0, 1, 2, 5, 40, 1023, 1024, 1025, 2047, 2048, 2049, 3100};
    return near[random_below(sizeof near / sizeof near[0])] + (int64_t)random_below(3) - 1;
}

static void push_table(int64_t length) {
    lua_createtable(L, 0, 0);
    for (int64_t i = 1; i <= length; i++) {
        lua_pushinteger(L, random_below(1000));
        lua_rawseti(L, -2, i);
    }
}

static void evaluate(Graph *g, const JitFunction *f, int64_t n, int64_t k, Result *r) {
    memset(r->slots, 0, sizeof r->slots);
    r->slots[0] = L->top[-1];
    set_int(&r->slots[1], n);
    set_int(&r->slots[2], k);
    ck_assert(f->maxstack <= SLOTS);
    r->e = (Evaluation){.L = L, .slot = r->slots, .max_steps = 1000000};
    graph_evaluate(g, 0, &r->e);
}

static uint64_t hash_table(int64_t length) {
    uint64_t h = 0;
    for (int64_t i = 1; i <= length; i++) {
        lua_rawgeti(L, -1, i);
        h = h * 31 + (uint64_t)lua_tointeger(L, -1);
        lua_pop(L, 1);
    }
    return h;
}

/* Where both leave by a return, with the same value and table; what exits at first exits afterwards too. */
static void compare(Graph *plain, Graph *loops, const JitFunction *f, const char *source, bool same_exits) {
    int64_t n = random_limit(), k = (int64_t)random_below(8), length = n + (int64_t)random_below(4) - 1 + 2 * (int64_t)random_below(2) * n;
    Result a, b;
    uint64_t before = generator, table[2];
    push_table(length);
    evaluate(plain, f, n, k, &a);
    table[0] = hash_table(length);
    generator = before;
    push_table(length);
    evaluate(loops, f, n, k, &b);
    table[1] = hash_table(length);
    lua_pop(L, 2);
#define SAME(x) (a.x == b.x)
    ck_assert_msg(SAME(e.outcome) && a.e.outcome != OUT_STUCK, "%s: n=%" PRId64 " length=%" PRId64 ": %d, %d %s", source, n, length, a.e.outcome,
                  b.e.outcome, b.e.stuck ? b.e.stuck : "");
    if (a.e.outcome == OUT_EXIT && !same_exits) return;
    ck_assert_msg(SAME(e.pc) && table[0] == table[1], "%s: n=%" PRId64 " length=%" PRId64 ": at %u, %u", source, n, length, a.e.pc, b.e.pc);
    for (unsigned r = 1; r < f->maxstack; r++)
        ck_assert_msg(SAME(slots[r].tag) && (a.slots[r].tag <= TAG_TRUE || SAME(slots[r].v.u)),
                      "%s: n=%" PRId64 " k=%" PRId64 " length=%" PRId64 ": register %u is %lld and %lld", source, n, k, length, r,
                      a.slots[r].v.i, b.slots[r].v.i);
}

static JitFunction load_function(const char *body) {
    char source[512];
    snprintf(source, sizeof source, "local function f(t, n, k) %s end return f", body);
    lua_settop(L, 0);
    ck_assert_msg(luaL_dostring(L, source) == LUA_OK, "%s", lua_tostring(L, -1));
    Proto *p = as_lcl(L->top - 1)->p;
    static uint8_t captured[256];
    uint8_t(*seen)[SEEN_WIDTH] = calloc(p->sizecode, SEEN_WIDTH);
    for (uint32_t i = 0; i < p->sizecode; i++) profile_row(insn_op(p->code[i]), seen[i]);
    return (JitFunction){.name = "f", .ninsns = p->sizecode, .nk = p->sizek, .k = p->k, .nupvalues = p->sizeupvalues, .code = p->code,
                         .quick = p->code, .seen = (const uint8_t(*)[SEEN_WIDTH])seen, .numparams = p->numparams, .maxstack = p->maxstack,
                         .captured = captured};
}

static Graph *build(JitFunction *f) {
    const char *why;
    Graph *g = graph_build(f, &why);
    ck_assert_msg(g != NULL, "%s", why);
    g->optimisations_left = -1;
    return g;
}

/* Strips change no exit; hoisting makes them earlier. */
static void check_function(const char *body, bool hoist) {
    JitFunction f = load_function(body);
    Graph *plain = build(&f), *loops = build(&f);
    run_pass(plain, pass_gvn);
    run_pass(loops, pass_gvn);
    run_pass(loops, pass_hoist);
    if (!hoist) run_pass(plain, pass_hoist);
    run_pass(loops, pass_range);
    run_pass(loops, pass_gvn);
    run_pass(loops, pass_dead);
    run_pass(plain, pass_dead);
    for (unsigned round = 0; round < ROUNDS; round++) compare(plain, loops, &f, body, !hoist);
    graph_free(plain);
    graph_free(loops);
    free((void *)(uintptr_t)f.seen);
}

START_TEST(results_stay) {
    const char *seed = getenv("PERIGEE_TEST_SEED");
    generator = seed != NULL ? strtoull(seed, NULL, 0) : 1;
    check_function(functions[_i / 2], _i % 2);
}
END_TEST

START_TEST(most_of_these_loops_get_strips) {
    unsigned stripped = 0;
    for (unsigned n = 0; n < FUNCTIONS; n++) {
        JitFunction f = load_function(functions[n]);
        Graph *g = build(&f);
        run_pass(g, pass_gvn);
        run_pass(g, pass_hoist);
        stripped += run_pass(g, pass_range);
        graph_free(g);
        free((void *)(uintptr_t)f.seen);
    }
    ck_assert_uint_ge(stripped, FUNCTIONS - 2);
}
END_TEST

int main(void) {
    Suite *s = suite_create("graph_loops");
    TCase *text = tcase_create("text"), *run = tcase_create("run");
    tcase_add_test(text, guards_go_before_the_loop);
    tcase_add_test(text, what_the_loop_writes_stays);
    tcase_add_test(text, elements_of_other_kinds_do_not_matter);
    tcase_add_test(text, a_path_not_always_taken_keeps_its_guards);
    tcase_add_test(text, a_loop_with_two_ways_in_gets_one);
    tcase_add_test(text, outward_through_several_loops);
    tcase_add_test(text, checks_of_bounds_leave_the_fast_loop);
    tcase_add_test(text, a_loop_without_checks_gets_strips_alone);
    tcase_add_test(text, loops_that_cannot_be_foreseen_stay);
    tcase_add_test(text, optimisations_are_counted);
    tcase_add_checked_fixture(run, setup, teardown);
    tcase_add_loop_test(run, results_stay, 0, 2 * FUNCTIONS);
    tcase_add_test(run, most_of_these_loops_get_strips);
    tcase_set_timeout(run, 60);
    suite_add_tcase(s, text);
    suite_add_tcase(s, run);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
