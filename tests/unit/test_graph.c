// SPDX-License-Identifier: MIT
/* Graphs of the optimizing tier: what the builder makes of functions computes what the interpreter
 * computes, before and after each pass; the verifier notices each kind of damage; text is read back as
 * it was written. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lauxlib.h"
#include "lualib.h"
#include "state/state.h"
#include "tiers/optimizing/graph.h"

static lua_State *L;
static void setup(void) {
    L = luaL_newstate();
    luaL_openlibs(L);
}
static void teardown(void) { lua_close(L); }

/* -------------------------------------------------------------------------------------- helpers */

typedef struct Subject {
    Proto *proto;
    JitFunction f;
    uint8_t (*seen)[SEEN_WIDTH];
    uint8_t *captured;
} Subject;

/* The function that the chunk `source` returns stays on the stack. row: the profile of every
 * instruction; NULL: none. */
static Subject subject(const char *source, const uint8_t row[SEEN_WIDTH]) {
    ck_assert_msg(luaL_dostring(L, source) == LUA_OK, "%s", lua_tostring(L, -1));
    Proto *p = as_lcl(L->top - 1)->p;
    Subject s = {.proto = p};
    s.seen = calloc(p->sizecode, SEEN_WIDTH);
    s.captured = calloc(256, 1);
    for (uint32_t n = 0; row != NULL && n < p->sizecode; n++) {
        memcpy(s.seen[n], row, SEEN_WIDTH);
        if (insn_op(p->code[n]) <= OP_BNOT) s.seen[n][SEEN_MIXED] &= row[SEEN_INT] & row[SEEN_FLT]; /* where jumps note that they jumped */
    }
    s.f = (JitFunction){.name = "subject", .ninsns = p->sizecode, .nk = p->sizek, .k = p->k, .nupvalues = p->sizeupvalues, .code = p->code,
                        .quick = p->feedback != NULL ? p->feedback->quick : p->code, .numparams = p->numparams, .isvararg = p->isvararg,
                        .maxstack = p->maxstack, .captured = s.captured};
    if (p->feedback != NULL) {
        s.f.ncells = p->feedback->ncells;
        s.f.cells = p->feedback->cells;
    }
    if (row != NULL) s.f.seen = (const uint8_t (*)[SEEN_WIDTH])s.seen;
    return s;
}

static void forget(Subject *s) {
    free(s->seen);
    free(s->captured);
    lua_settop(L, 0);
}

static Graph *built(Subject *s) {
    const char *why = NULL;
    Graph *g = graph_build(&s->f, &why);
    ck_assert_msg(g != NULL, "not built: %s", why);
    const char *wrong = graph_verify(g);
    if (wrong != NULL) graph_print(g, stderr);
    ck_assert_msg(wrong == NULL, "verifier: %s", wrong);
    return g;
}

/* Runs the graph from its call entry on integer and float arguments at the top of the stack. */
static Evaluation run(Graph *g, Subject *s, TValue *slots, int narg) {
    for (int n = 0; n < narg; n++) slots[n] = L->top[n - narg];
    for (int n = narg; n < s->f.maxstack; n++) slots[n].tag = TAG_NIL;
    Evaluation e = {.L = L, .slot = slots, .max_steps = 1000000};
    graph_evaluate(g, 0, &e);
    return e;
}

static void expect_same(const TValue *got, const char *what, const char *source) {
    const TValue *want = L->top - 1;
    ck_assert_msg(got->tag == want->tag && (got->tag <= TAG_TRUE || got->v.u == want->v.u),
                  "%s of %s: tag %u payload %lld, expected tag %u payload %lld", what, source, got->tag, (long long)got->v.i, want->tag,
                  (long long)want->v.i);
}

/* Graph against interpreter. args: Lua expressions. */
static void check_function(const char *source, const char *args, const uint8_t row[SEEN_WIDTH], bool optimize) {
    char call[512];
    TValue slots[256];
    Subject s = subject(source, row);
    Graph *g = built(&s);
    const char *wrong = optimize ? graph_optimize(g, -1, NULL) : NULL;
    if (wrong == NULL) wrong = graph_verify(g);
    ck_assert_msg(wrong == NULL, "%s: %s", source, wrong);
    snprintf(call, sizeof call, "return %s", args);
    ck_assert(luaL_dostring(L, call) == LUA_OK);
    int narg = lua_gettop(L) - 1;
    Evaluation e = run(g, &s, slots, narg);
    ck_assert_msg(e.outcome == OUT_LEAVE, "%s: outcome %d at %u, reason %u, %s", source, e.outcome, e.pc, e.reason, e.stuck ? e.stuck : "");
    Insn i = s.f.code[e.pc];
    ck_assert_msg(insn_op(i) == OP_RETURN1, "%s: left at %u", source, e.pc);
    ck_assert(luaL_dostring(L, call) == LUA_OK); /* fresh arguments: tables were written to */
    lua_pushvalue(L, 1);
    for (int n = 0; n < narg; n++) lua_pushvalue(L, 2 + narg + n);
    lua_call(L, narg, 1);
    expect_same(&slots[insn_a(i)], optimize ? "optimized" : "built", source);
    graph_free(g);
    forget(&s);
}

static const uint8_t ints[SEEN_WIDTH] = {1, 0, 0, 1}, array_row[SEEN_WIDTH] = {1, 0, 0, 0}, floats[SEEN_WIDTH] = {0, 1, 0, 0}, numbers[SEEN_WIDTH] = {1, 1, 0, 1};

/* ------------------------------------------------------------------- the builder, by evaluation */

static const struct Case {
    const char *source, *args;
    const uint8_t *row;
} cases[] = {
    {"return function(a, b) return a + b end", "1, 2", ints},
    {"return function(a, b) return a + b end", "1.5, 2.25", floats},
    {"return function(a, b) return a + b end", "1, 2.25", numbers},
    {"return function(a, b) return a // b - a % b * 3 end", "-17, 5", ints},
    {"return function(a, b) return a / b end", "7.0, 2.0", floats},
    {"return function(a, b) return (a << b) ~ (a >> 3) & ~b | 5 end", "0x123456789, 7", ints},
    {"return function(a, b) return a << b end", "1, -64", ints},
    {"return function(a) return -a end", "5", ints},
    {"return function(a) return not a end", "nil", NULL},
    {"return function(a, b) if a < b then return a end return b end", "3, 2", ints},
    {"return function(a, b) if not (a <= b) then return a end return b end", "0/0, 2.0", floats},
    {"return function(a) if a == 3 then return 'three' end return a end", "3", NULL},
    {"return function(a) if a == 3 then return 1 end return a end", "3.0", NULL},
    {"return function(a, b) return a and b or 7 end", "false, 2", NULL},
    {"return function(a) local s = 0 for i = 1, a do s = s + i * i end return s end", "10", ints},
    {"return function(a) local s = 0 for i = a, 1, -3 do s = s * 3 + i end return s end", "10", ints},
    {"return function(a) local s = 0 for i = 1, a do s = s + i end return s end", "0", ints},
    {"return function(a) local s = 0 while a > 0 do s = s + a a = a - 1 if s > 20 then break end end return s end", "10", numbers},
    {"return function(a) local x, y = 0, 1 for i = 1, a do x, y = y, x + y end return x end", "90", ints},
    {"return function(a) local s = 0 for i = 1, a do for j = 1, i do s = s + i * j end end return s end", "7", ints},
    {"return function(a) local s = 1 for i = 1, a do s = s + 0.5 end return s end", "4", numbers},
    {"return function(t, n) local s = 0 for i = 1, n do s = s + t[i] end return s end", "{1, 2, 3, 4}, 4", ints},
    {"return function(t, n) local s = 0.0 for i = 1, n do s = s + t[i] end return s end", "{1.5, 2.5, 3.5}, 3", numbers},
    {"return function(t, n) for i = 1, n do t[i] = t[i] + 1 end return t[n] end", "{1, 2, 3, 4}, 4", ints},
    {"return function(t) return #t end", "{1, 2, 3}", ints},
    {"return function(a, b) if a == b then return 1 end return 2 end", "'x', 'y'", NULL},
    {"return function(a) repeat local x = a * 2 a = x until a > 100 return a end", "3", ints},
};

START_TEST(functions) { check_function(cases[_i].source, cases[_i].args, cases[_i].row, false); }
END_TEST
START_TEST(functions_optimized) { check_function(cases[_i].source, cases[_i].args, cases[_i].row, true); }
END_TEST

/* Fields by what the caches of a warm function learnt. */
static const char warm_fields[] = "local function f(p) p.y = p.x + 1 return p.y * 2 end "
                                  "for i = 1, 100 do f({x = i, y = 0}) end return f";
START_TEST(fields) {
    check_function(warm_fields, "{x = 20, y = 0}", ints, false);
    check_function(warm_fields, "{x = 20, y = 0}", ints, true);
}
END_TEST

/* ------------------------------------------------------------------------------------------ exits */

static Evaluation outcome(const char *source, const char *args, const uint8_t row[SEEN_WIDTH], TValue *slots) {
    char call[256];
    Subject s = subject(source, row);
    Graph *g = built(&s);
    const char *wrong = graph_optimize(g, -1, NULL);
    ck_assert_msg(wrong == NULL, "%s", wrong);
    snprintf(call, sizeof call, "return %s", args);
    ck_assert(luaL_dostring(L, call) == LUA_OK);
    Evaluation e = run(g, &s, slots, lua_gettop(L) - 1);
    graph_free(g);
    forget(&s);
    return e;
}

START_TEST(exit_by_type) {
    TValue slots[256];
    Evaluation e = outcome("return function(a, b) local c = 5 return a + b + c end", "1, 'x'", ints, slots);
    ck_assert_int_eq(e.outcome, OUT_EXIT);
    ck_assert_int_eq(e.reason, DEOPT_TYPE);
    ck_assert_int_eq(e.pc, 1); /* the addition begins again */
    ck_assert_int_eq(slots[2].v.i, 5); /* what lives was stored */
}
END_TEST

START_TEST(exit_in_a_loop) {
    TValue slots[256];
    Evaluation e = outcome("return function(n, t) local s = 0 for i = 1, n do s = s + t[i] end return s end", "4, {1, 2, 3, 4.5}", array_row, slots);
    ck_assert_int_eq(e.outcome, OUT_EXIT);
    ck_assert_int_eq(e.reason, DEOPT_KIND);
}
END_TEST

START_TEST(exit_out_of_bounds) {
    TValue slots[256];
    Evaluation e = outcome("return function(t, i) return t[i] end", "{1, 2, 3}, 4", array_row, slots);
    ck_assert_int_eq(e.outcome, OUT_EXIT);
    ck_assert_int_eq(e.reason, DEOPT_BOUNDS);
    ck_assert_int_eq(e.pc, 0);
}
END_TEST

START_TEST(divisor_zero) {
    TValue slots[256];
    Evaluation e = outcome("return function(a, b) return a // b end", "1, 0", ints, slots);
    ck_assert_int_eq(e.outcome, OUT_EXIT);
    ck_assert_int_eq(e.pc, 0);
}
END_TEST

/* ---------------------------------------------------------------------------------- text, verifier */

static char *text_of(const Graph *g) {
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    graph_print(g, f);
    fclose(f);
    return text;
}

START_TEST(text_round_trip) {
    Subject s = subject(cases[_i].source, cases[_i].row);
    Graph *g = built(&s);
    const char *why = NULL;
    char *first = text_of(g);
    Graph *again = graph_read(first, &s.f, &why);
    ck_assert_msg(again != NULL, "%s in\n%s", why, first);
    const char *wrong = graph_verify(again);
    ck_assert_msg(wrong == NULL, "%s", wrong);
    char *second = text_of(again);
    ck_assert_str_eq(first, second);
    free(first);
    free(second);
    graph_free(g);
    graph_free(again);
    forget(&s);
}
END_TEST

#define ROOT "function f\nentry 0 pc 0 block 1\nblock 0 pc 0\n  %0 INT INT imm 1 pc 0\n  %1 BOOL BOOL imm 1 pc 0\n"
static const struct Damage {
    const char *text, *wanted;
} damages[] = {
    {ROOT "block 1 pc 0 from 0\n  %2 NONE LEAVE imm 0 pc 0\n", NULL},
    {ROOT "block 1 pc 0 from 0\n  %2 INT IADD %0 %0 imm 0 pc 0\n", "no terminator"},
    {ROOT "block 1 pc 0 from 0\n  %2 NONE LEAVE imm 0 pc 0\n  %3 NONE LEAVE imm 0 pc 0\n", "too early"},
    {ROOT "block 1 pc 0 from 0\n  %2 INT IADD %0 imm 0 pc 0\n  %3 NONE LEAVE imm 0 pc 0\n", "1 operands"},
    {ROOT "block 1 pc 0 from 0\n  %2 INT IADD %0 %1 imm 0 pc 0\n  %3 NONE LEAVE imm 0 pc 0\n", "is BOOL, not INT"},
    {ROOT "block 1 pc 0 from 0\n  %2 FLT IADD %0 %0 imm 0 pc 0\n  %3 NONE LEAVE imm 0 pc 0\n", "has type FLT"},
    {ROOT "block 1 pc 0 from 0\n  %2 INT IADD %0 %3 imm 0 pc 0\n  %3 INT INEG %0 imm 0 pc 0\n  %4 NONE LEAVE imm 0 pc 0\n", "does not dominate"},
    {ROOT "block 1 pc 0 from 0\n  %2 NONE GUARD %1 imm 0 pc 0\n  %3 NONE LEAVE imm 0 pc 0\n", "has no state"},
    {ROOT "block 1 pc 0 from 0\n  %2 INT INEG %0 imm 0 pc 0 at 0\n  %3 NONE LEAVE imm 0 pc 0\n", "has a state"},
    {ROOT "block 1 pc 0 from 0\n  %2 NONE GUARD %1 imm 0 pc 0 exit TYPE at 99\n  %3 NONE LEAVE imm 0 pc 0\n", "state at instruction 99"},
    {ROOT "block 1 pc 0 from 0\n  %2 NONE GUARD %1 imm 0 pc 0 exit TYPE at 0 r0=%3\n  %3 INT INEG %0 imm 0 pc 0\n  %4 NONE LEAVE imm 0 pc 0\n",
     "register 0 of its state"},
    {ROOT "block 1 pc 0 from 0\n  %2 NONE GOTO imm 0 pc 0 to 2\nblock 2 pc 0 from 1\n  %3 INT PHI %0 %0 imm 0 pc 0\n  %4 NONE LEAVE imm 0 pc 0\n",
     "2 operands for 1 predecessors"},
    {ROOT "block 1 pc 0 from 0\n  %2 NONE GOTO imm 0 pc 0 to 2\nblock 2 pc 0 from 1\n  %3 FLT PHI %0 imm 0 pc 0\n  %4 NONE LEAVE imm 0 pc 0\n",
     "is INT, not FLT"},
    {ROOT "block 1 pc 0 from 0\n  %2 NONE BRANCH %1 imm 0 pc 0 to 2 3\nblock 2 pc 0 from 1\n  %3 NONE GOTO imm 0 pc 0 to 3\n"
          "block 3 pc 0 from 1 2\n  %4 NONE LEAVE imm 0 pc 0\n",
     "critical edge"},
    {ROOT "block 1 pc 0 from 0\n  %2 NONE GOTO imm 0 pc 0 to 2\nblock 2 pc 0\n  %3 NONE LEAVE imm 0 pc 0\n", "does not know it as predecessor"},
    {ROOT "block 1 pc 0 from 0\n  %2 NONE GOTO imm 0 pc 0\n", "0 successors"},
    {ROOT "  %9 INT INEG %0 imm 0 pc 0\nblock 1 pc 0 from 0\n  %2 NONE LEAVE imm 0 pc 0\n", "is no constant"},
};

START_TEST(verifier_notices) {
    const char *why = NULL;
    Subject s = subject("return function(a) return a end", NULL);
    Graph *g = graph_read(damages[_i].text, &s.f, &why);
    ck_assert_msg(g != NULL, "%s", why);
    const char *wrong = graph_verify(g), *wanted = damages[_i].wanted;
    if (wanted == NULL) ck_assert_msg(wrong == NULL, "%s", wrong);
    else ck_assert_msg(wrong != NULL && strstr(wrong, wanted) != NULL, "'%s' for\n%s", wrong ? wrong : "nothing wrong", damages[_i].text);
    graph_free(g);
    forget(&s);
}
END_TEST

START_TEST(reader_rejects) {
    static const char *const texts[] = {"block x\n", "block 1 pc 0\n  %1 INT NOTHING imm 0 pc 0\n", "nonsense\n", "block 1 pc 0\n  %1 INT INT imm\n"};
    Subject s = subject("return function(a) return a end", NULL);
    for (size_t n = 0; n < sizeof texts / sizeof texts[0]; n++) {
        const char *why = NULL;
        ck_assert_msg(graph_read(texts[n], &s.f, &why) == NULL && why != NULL, "%s", texts[n]);
    }
    forget(&s);
}
END_TEST

/* ----------------------------------------------------------------------------------------- passes */

static unsigned count(const Graph *g, unsigned op) {
    unsigned n = 0;
    for (uint32_t i = 0; i < g->norder; i++)
        for (const GNode *x = g->order[i]->first; x != NULL; x = x->next) n += x->op == op;
    return n;
}

START_TEST(redundant_guards_go) {
    Subject s = subject("return function(a, b) return (a + b) * (a - b) + a end", ints);
    Graph *g = built(&s);
    ck_assert(graph_optimize(g, -1, NULL) == NULL);
    ck_assert_uint_eq(count(g, N_GUARD), 2);
    graph_free(g);
    forget(&s);
}
END_TEST

START_TEST(dead_code_goes) {
    Subject s = subject("return function(a, b) local x = a + b local y = x * 2 return a end", ints);
    Graph *g = built(&s);
    ck_assert(graph_optimize(g, -1, NULL) == NULL);
    ck_assert_uint_eq(count(g, N_IMUL), 0);
    graph_free(g);
    forget(&s);
}
END_TEST

START_TEST(constants_fold) {
    Subject s = subject("return function() local x = 3 local y = x * 7 return y % 4 + 2 end", ints);
    Graph *g = built(&s);
    ck_assert(graph_optimize(g, -1, NULL) == NULL);
    ck_assert_uint_eq(count(g, N_IMUL) + count(g, N_IMOD) + count(g, N_IADD), 0);
    graph_free(g);
    forget(&s);
}
END_TEST

/* With every limit on the number of optimisations the result is right: what bisection relies on. */
START_TEST(every_prefix_of_optimisations) {
    TValue slots[256];
    for (int limit = 0; limit < 60; limit++) {
        Subject s = subject("return function(t, n) local s = 0 for i = 1, n do s = s + t[i] * 2 end return s end", ints);
        Graph *g = built(&s);
        const char *wrong = graph_optimize(g, limit, NULL);
        if (wrong == NULL) wrong = graph_verify(g);
        ck_assert_msg(wrong == NULL, "limit %d: %s", limit, wrong);
        ck_assert(luaL_dostring(L, "return {1, 2, 3}, 3") == LUA_OK);
        Evaluation e = run(g, &s, slots, 2);
        ck_assert_msg(e.outcome == OUT_LEAVE && slots[insn_a(s.f.code[e.pc])].v.i == 12, "limit %d", limit);
        graph_free(g);
        forget(&s);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("graph");
    TCase *c = tcase_create("graph");
    int ncases = (int)(sizeof cases / sizeof cases[0]);
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, functions, 0, ncases);
    tcase_add_loop_test(c, functions_optimized, 0, ncases);
    tcase_add_loop_test(c, text_round_trip, 0, ncases);
    tcase_add_loop_test(c, verifier_notices, 0, (int)(sizeof damages / sizeof damages[0]));
    tcase_add_test(c, fields);
    tcase_add_test(c, exit_by_type);
    tcase_add_test(c, exit_in_a_loop);
    tcase_add_test(c, exit_out_of_bounds);
    tcase_add_test(c, divisor_zero);
    tcase_add_test(c, reader_rejects);
    tcase_add_test(c, redundant_guards_go);
    tcase_add_test(c, dead_code_goes);
    tcase_add_test(c, constants_fold);
    tcase_add_test(c, every_prefix_of_optimisations);
    suite_add_tcase(suite, c);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
