// SPDX-License-Identifier: MIT
/* Tiers on the real virtual machine: functions are called in all ways there are, and after each call
 * tier table, code records and instruction streams have to agree, and machine code has to have run
 * where they say so. That it ran is seen from the rows that only baseline code writes (Feedback.seen).
 *
 * Random sequences have a seed each, which a failure prints; PERIGEE_TEST_SEED=seed begins with it.
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/options.h"
#include "gc/gc.h"
#include "lauxlib.h"
#include "lualib.h"
#include "profile/policy.h"
#include "profile/profile_view.h"
#include "state/code.h"
#include "tiers/engine/engine_internal.h"

static lua_State *L;

static void start(const char *list) {
    setenv("PERIGEE_OPTIONS", list, 1);
    L = luaL_newstate();
    ck_assert_ptr_nonnull(L);
    luaL_openlibs(L);
}
static void teardown(void) {
    if (L != NULL) lua_close(L);
    L = NULL;
}

static void run(const char *source) {
    if (luaL_loadbuffer(L, source, strlen(source), "=test") != LUA_OK || lua_pcall(L, 0, LUA_MULTRET, 0) != LUA_OK)
        ck_abort_msg("%s: %s", source, lua_tostring(L, -1));
}
static Proto *proto_at(int index) {
    lua_pushvalue(L, index);
    Proto *p = as_lcl(L->top - 1)->p;
    lua_pop(L, 1);
    return p;
}
/* A global function of the program. */
static Proto *named(const char *name) {
    lua_getglobal(L, name);
    Proto *p = proto_at(-1);
    lua_pop(L, 1);
    return p;
}

/* --------------------------------------------------------------------------- what can be seen of it */

static int code_tier(const Proto *p) {
    const Code *c = code_current(p);
    return c != NULL ? c->tier : TIER_INTERP;
}

static int table_tier(const Proto *p) {
    const TierEntry *e = tier_entry_peek(G(L), p);
    return e != NULL ? e->tier : TIER_INTERP;
}

/* Did baseline code of p run since the last forget_rows? */
static bool machine_code_ran(const Proto *p) {
    if (p->feedback == NULL || p->feedback->seen == NULL) return false;
    for (uint32_t n = 0; n < p->sizecode; n++)
        for (int m = 0; m < SEEN_WIDTH; m++)
            if (p->feedback->seen[n][m]) return true;
    return false;
}
static void forget_rows(Proto *p) {
    if (p->feedback != NULL && p->feedback->seen != NULL) memset(p->feedback->seen, 0, p->sizecode * sizeof *p->feedback->seen);
}

/* Streams, code records and the table tell the same; NULL, or what does not. */
static const char *disagreement(const Proto *p) {
    const Code *c = code_current(p);
    const TierEntry *e = tier_entry_peek(G(L), p);
    const char *fault = e != NULL ? tier_entry_check(e) : NULL;
    if (fault != NULL) return fault;
    if (c != NULL && e == NULL) return "code without an entry";
    if (c != NULL && e->in[c->tier].installed == 0) return "code that the table does not know of";
    if (c != NULL && p->entry != c->stream) return "calls do not start in the code";
    if (c != NULL && insn_op(c->stream[0]) != OP_COMPILED) return "code that calls cannot enter";
    if (c == NULL && p->entry != (p->feedback != NULL ? p->feedback->quick : p->code))
        return "calls start in code that is not valid";
    return NULL;
}

static void check_entry(void *ud, TierEntry *e) {
    (void)ud;
    const char *fault = tier_entry_check(e);
    ck_assert_msg(fault == NULL, "%s: %s", e->label, fault);
    /* nothing vanishes: what is wanted is there, or waits, or has a reason */
    int t = e->tier + 1;
    if (e->tier == TIER_INTERP && e->wanted > e->tier)
        ck_assert_msg(tier_is_pending(e, t) || e->in[t].reason[0] != '\0',
                      "%s: wanted in %d, and nothing is known of it", e->label, t);
}

static bool is_loaded(const char *library) {
    char line[1024];
    bool found = false;
    FILE *f = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, f) != NULL) found |= strstr(line, library) != NULL;
    fclose(f);
    return found;
}

/* ------------------------------------------------------------------------------------ the hundredth */

static void call_add(int times) {
    for (int n = 0; n < times; n++) {
        lua_getglobal(L, "add");
        lua_pushinteger(L, n), lua_pushinteger(L, 1);
        lua_call(L, 2, 1);
        ck_assert_int_eq(lua_tointeger(L, -1), n + 1);
        lua_pop(L, 1);
    }
}

START_TEST(test_the_hundredth_call) {
    start("tier=baseline jit-sync");
    run("function add(a, b) return a + b end");
    const Proto *p = named("add");
    call_add(99);
    ck_assert_ptr_null(tier_entry_peek(G(L), p));
    ck_assert_int_eq(code_tier(p), TIER_INTERP);
    call_add(1); /* compiled before it runs */
    ck_assert_msg(table_tier(p) == TIER_BASELINE, "%s", tier_entry_peek(G(L), p)->in[TIER_BASELINE].reason);
    ck_assert_int_eq(code_tier(p), TIER_BASELINE);
    ck_assert(machine_code_ran(p));
    ck_assert_ptr_null(disagreement(p));
    ck_assert(is_loaded("perigee-jit"));
    call_add(100);
    ck_assert_uint_eq(tier_entry_peek(G(L), p)->in[TIER_BASELINE].compiles, 1);
}
END_TEST

START_TEST(test_the_thousandth_call) {
    start("tier=opt jit-sync");
    run("function add(a, b) return a + b end");
    const Proto *p = named("add");
    call_add(999);
    const TierEntry *e = tier_entry_peek(G(L), p);
    ck_assert_uint_eq(e->in[TIER_OPT].requests, 0);
    ck_assert_int_eq(e->wanted, TIER_BASELINE);
    call_add(1);
    ck_assert_uint_eq(e->in[TIER_OPT].requests, 1);
    ck_assert_int_eq(e->wanted, TIER_OPT);
    ck_assert(e->tier == TIER_OPT || e->in[TIER_OPT].reason[0] != '\0');
}
END_TEST

START_TEST(test_first_call) {
    start("tier=baseline jit-sync thresholds=1,1000000");
    run("function add(a, b) return a + b end");
    call_add(1);
    ck_assert_int_eq(table_tier(named("add")), TIER_BASELINE);
    ck_assert(machine_code_ran(named("add")));
}
END_TEST

START_TEST(test_cold_script_loads_nothing) {
    bool before = is_loaded("perigee-jit"); /* by an earlier test, without CK_FORK */
    start("tier=opt");
    run("local t = {} for i = 1, 50 do t[i] = tostring(i) end assert(#table.concat(t) == 91)");
    ck_assert_int_eq(is_loaded("perigee-jit"), before);
    ck_assert_ptr_null(G(L)->profile);
}
END_TEST

/* ------------------------------------------------------------------------------ entered while running */

START_TEST(test_loop_of_a_function_called_once) {
    start("tier=baseline jit-sync");
    run("function once() local s = 0 for i = 1, 10000 do s = s + i end return s end assert(once() == 50005000)");
    ck_assert(machine_code_ran(named("once")));
    run("function twice() local s, i = 0, 0 while i < 10000 do i = i + 1 s = s + i end return s end assert(twice() == 50005000)");
    ck_assert(machine_code_ran(named("twice")));
    run("function thrice(t) local s = 0 for _, v in ipairs(t) do s = s + v end return s end "
        "local t = {} for i = 1, 1000 do t[i] = i end assert(thrice(t) == 500500)");
    ck_assert(machine_code_ran(named("thrice")));
}
END_TEST

/* Compiled in the background while the loop runs, which ends when machine code has run, or after 20 s. */
static int has_entered(lua_State *S) {
    lua_pushboolean(S, machine_code_ran(lua_touserdata(S, lua_upvalueindex(1))));
    return 1;
}

START_TEST(test_long_loop_in_the_background) {
    start("tier=baseline");
    run("limit = os.clock() + 20 function long(entered) local s = 0 "
        "for i = 1, 1 << 40 do s = s + i % 7 if i % 100000 == 0 and (entered() or os.clock() > limit) then return s end end end");
    lua_getglobal(L, "long");
    Proto *p = proto_at(-1);
    lua_pushlightuserdata(L, p);
    lua_pushcclosure(L, has_entered, 1);
    lua_call(L, 1, 0);
    ck_assert(machine_code_ran(p));
}
END_TEST

START_TEST(test_generator_stays_compiled) {
    start("tier=baseline jit-sync");
    run("function generate(n) for i = 1, n do coroutine.yield(i * 2) end end "
        "g = coroutine.wrap(generate) for i = 1, 200 do assert(g(1 << 40) == i * 2) end");
    Proto *p = named("generate");
    ck_assert(machine_code_ran(p));
    for (int n = 0; n < 10; n++) {
        forget_rows(p);
        run("assert(math.type(g()) == 'integer')");
        ck_assert_msg(machine_code_ran(p), "resumption %d", n);
    }
}
END_TEST

START_TEST(test_iterator_closure_stays_compiled) {
    start("tier=baseline jit-sync");
    run("local i = 0 function step() i = i + 1 if i % 300 ~= 0 then return i end end "
        "function sum() local s = 0 for v in step do s = s + v end return s end assert(sum() == 299 * 300 // 2)");
    ck_assert(machine_code_ran(named("step")));
    ck_assert(machine_code_ran(named("sum")));
    forget_rows(named("step")), forget_rows(named("sum"));
    run("sum()");
    ck_assert(machine_code_ran(named("step")));
    ck_assert(machine_code_ran(named("sum")));
}
END_TEST

/* ----------------------------------------------------------------------------------- random sequences */
enum { SEQUENCES = 10000, SLOTS = 3, TEXTS = 12 };
static uint64_t seed, generator;

static uint32_t random_below(uint32_t n) {
    generator += 0x9e3779b97f4a7c15u;
    uint64_t x = generator;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)(((x ^ x >> 31) >> 32) * n >> 32);
}
#define HOLDS(condition, ...)                                                                                  \
    if (!(condition)) {                                                                                        \
        char text_[200];                                                                                       \
        snprintf(text_, sizeof text_, __VA_ARGS__);                                                            \
        ck_abort_msg("seed %" PRIu64 ": %s: %s", seed, #condition, text_);                                     \
    }

typedef struct Slot {
    Proto *p;        /* NULL: empty; the function is the global "f<slot>" */
    unsigned text;
    uint64_t calls;  /* since its counters began */
    uint32_t compiles, losses;
} Slot;
static Slot slots[SLOTS];
static FunctionId id_of_text[TEXTS];

static const char *slot_name(unsigned n) {
    static const char *const names[SLOTS] = {"f0", "f1", "f2"};
    return names[n];
}

/* The same texts again and again: the same ids, whether or not the functions before live. */
static void load_slot(unsigned n) {
    char source[100];
    Slot *s = &slots[n];
    s->text = random_below(TEXTS);
    snprintf(source, sizeof source, "%sreturn function(a, b) return a * %u + b end", s->text % 2 ? "\n" : "", s->text / 2 + 2);
    HOLDS(luaL_loadbuffer(L, source, strlen(source), "=sequence") == LUA_OK, "%s", lua_tostring(L, -1));
    lua_call(L, 0, 1);
    s->p = proto_at(-1);
    s->calls = 0;
    s->losses = 0;
    lua_setglobal(L, slot_name(n));
}

static void check_ids(const Slot *s) {
    if (s->p->id == 0) return;
    if (id_of_text[s->text] == 0) id_of_text[s->text] = s->p->id;
    for (unsigned t = 0; t < TEXTS; t++)
        HOLDS((id_of_text[t] == s->p->id) == (t == s->text), "text %u has the id of text %u", s->text, t);
}

static const char drivers[] =
    "function direct(f, a, b) local r = f(a, b) return r end "
    "function tail(f, a, b) return f(a, b) end "
    "function wrapped(f, a, b) return coroutine.wrap(f)(a, b) end "
    "function protected(f, a, b) local ok, r = pcall(f, a, b) return r end "
    "function extra(f, a, b) local r, s = f(a, b, 1, 2) assert(s == nil) return r end "
    "local box = setmetatable({}, {__index = function(t, k) return t.f(k, t.b) end}) "
    "function through_metamethod(f, a, b) rawset(box, 'f', f) rawset(box, 'b', b) return box[a] end";
static const char *const ways[] = {NULL, "direct", "tail", "wrapped", "protected", "extra", "through_metamethod"};

static void call_slot(unsigned n) {
    Slot *s = &slots[n];
    lua_Integer a = (lua_Integer)random_below(1000), b = (lua_Integer)random_below(1000);
    const char *way = ways[random_below(sizeof ways / sizeof ways[0])];
    int before = code_tier(s->p), nargs = 2;
    const TierEntry *known = tier_entry_find(G(L), function_id_lookup(G(L), s->p));
    uint64_t compiles = known != NULL ? known->in[TIER_BASELINE].compiles : 0;
    forget_rows(s->p);
    if (way != NULL) lua_getglobal(L, way), nargs = 3;
    lua_getglobal(L, slot_name(n));
    lua_pushinteger(L, a);
    lua_pushinteger(L, b);
    lua_call(L, nargs, 1);
    s->calls++;
    HOLDS(lua_tointeger(L, -1) == a * (lua_Integer)(s->text / 2 + 2) + b, "%s: wrong result", way != NULL ? way : "C");
    lua_pop(L, 1);
    int after = code_tier(s->p);
    HOLDS(after >= before, "tier fell from %d to %d", before, after);
    HOLDS(after != TIER_BASELINE || machine_code_ran(s->p), "%s: not entered", way != NULL ? way : "C");
    if (after > before)
        HOLDS(tier_entry_peek(G(L), s->p)->in[TIER_BASELINE].compiles == compiles + 1, "compiled more than once");
}

/* What was given up is not asked for any more; otherwise code is there from exactly that call on. */
static void check_slot(const Slot *s) {
    const char *fault = disagreement(s->p);
    HOLDS(fault == NULL, "%s", fault);
    HOLDS(proto_uses(s->p) == s->calls, "%" PRIu64 " uses, %" PRIu64 " calls", proto_uses(s->p), s->calls);
    check_ids(s);
    const TierEntry *e = tier_entry_peek(G(L), s->p);
    uint64_t at = policy_threshold(G(L), TIER_BASELINE) << (e != NULL ? e->in[TIER_BASELINE].backoff : 0);
    bool given_up = e != NULL && (e->given_up >> TIER_BASELINE & 1);
    HOLDS(e == NULL || e->in[TIER_BASELINE].request != REQUEST_FAILED, "%s", e->in[TIER_BASELINE].reason);
    if (s->calls < at) HOLDS(code_tier(s->p) == TIER_INTERP, "code after %" PRIu64 " calls of %" PRIu64, s->calls, at);
    if (s->calls >= at && !given_up)
        HOLDS(code_tier(s->p) >= TIER_BASELINE, "no code after %" PRIu64 " calls of %" PRIu64 ": %s", s->calls, at,
              e != NULL ? e->in[TIER_BASELINE].reason : "no entry");
}

static void check_tiers(void) {
    for (unsigned n = 0; n < SLOTS; n++) {
        if (slots[n].p == NULL || !slots[n].p->counted) continue;
        int highest = TIER_INTERP;
        for (unsigned m = 0; m < SLOTS; m++)
            if (slots[m].p != NULL && slots[m].p->counted && slots[m].p->id == slots[n].p->id && code_tier(slots[m].p) > highest)
                highest = code_tier(slots[m].p);
        int table = table_tier(slots[n].p); /* functions that died, but were not collected yet, may be in it as well */
        HOLDS(table >= highest, "the table says %d, code is of tier %d", table, highest);
    }
}

static void lose_slot(unsigned n) {
    Slot *s = &slots[n];
    Code *c = code_current(s->p);
    if (c == NULL) return;
    TierEntry *e = tier_entry_peek(G(L), s->p);
    uint32_t deopts = e->deopts[DEOPT_SHAPE];
    bool trusted = e->in[c->tier].backoff < 2; /* given up functions would be dull for the sequences after */
    DeoptReason why = trusted ? DEOPT_SHAPE : DEOPT_OPTIONS;
    code_lost(L, engine_of(G(L)), c, why);
    s->calls = 0;
    s->losses++;
    HOLDS(e->deopts[DEOPT_SHAPE] == deopts + trusted, "not counted");
    HOLDS(code_tier(s->p) < TIER_OPT, "still there");
}

static void empty_slot(unsigned n) {
    lua_pushnil(L);
    lua_setglobal(L, slot_name(n));
    slots[n].p = NULL;
}

static void one_sequence(void) {
    G(L)->options->baseline_at = 1 + random_below(24);
    G(L)->options->opt_at = 1000000;
    for (unsigned step = 0; step < 40; step++) {
        unsigned n = random_below(SLOTS), what = random_below(40);
        if (slots[n].p == NULL) load_slot(n);
        else if (what == 0) lose_slot(n);
        else if (what == 1) empty_slot(n);
        else if (what == 2 && random_below(20) == 0) lua_gc(L, LUA_GCCOLLECT);
        else call_slot(n);
        if (slots[n].p != NULL) check_slot(&slots[n]);
        check_tiers();
    }
    for (unsigned n = 0; n < SLOTS; n++) empty_slot(n); /* the next has other thresholds */
}

/* Strings that builtins give without interning them look alive in every phase of the collector. */
START_TEST(test_kept_names_look_alive) {
    lua_State *state = luaL_newstate();
    const Global *g = G(state);
    const String *const names[] = {g->typenames[TAG_INT], g->typenames[TAG_NIL], g->intname, g->fltname, g->metatablename, g->countname};
    lua_createtable(state, 20000, 0);
    for (int step = 0; step < 400; step++) {
        lua_createtable(state, 10, 0);
        lua_rawseti(state, 1, step + 1);
        gc_step(state);
        for (unsigned n = 0; n < sizeof names / sizeof *names; n++) ck_assert_msg(!gc_is_dead(g, names[n]), "%s in step %d", names[n]->bytes, step);
    }
    lua_close(state);
}
END_TEST

START_TEST(test_sequences) {
    start("tier=baseline jit-sync thresholds=8,1000000");
    run(drivers);
    const char *first = getenv("PERIGEE_TEST_SEED");
    uint64_t from = first != NULL ? strtoull(first, NULL, 0) : 1;
    for (seed = from; seed < from + SEQUENCES; seed++) {
        generator = seed * 0xda942042e4dd58b5u;
        one_sequence();
    }
    tier_table_each(G(L), check_entry, NULL);
}
END_TEST

/* --------------------------------------------------------------------------------- in the background */

/* Many functions, a compile thread, collections: nothing is lost, and what is installed is entered.
 * Which of them pay for their compilation is the cost model's business; one runs until it has. */
START_TEST(test_nothing_vanishes) {
    start("tier=baseline thresholds=50,1000000");
    run("kept = {} for i = 1, 300 do local f = load('local a = ... return a + ' .. i, '=f' .. i) "
        "for j = 1, 20 + i do assert(f(j) == i + j) end if i % 3 == 0 then kept[#kept + 1] = f end end "
        "collectgarbage()");
    tier_table_each(G(L), check_entry, NULL);
    run("function busy(n) local s = 0 for i = 1, n do s = s * 3 + i ~ s end return s end "
        "limit = os.clock() + 20 function round(entered) for r = 1, 100 do busy(1000) for _, f in ipairs(kept) do f(r) end end "
        "return entered() or os.clock() > limit end");
    Proto *p = named("busy");
    lua_getglobal(L, "round");
    lua_pushlightuserdata(L, p);
    lua_pushcclosure(L, has_entered, 1);
    lua_setglobal(L, "entered");
    run("repeat until round(entered)");
    ck_assert(machine_code_ran(p));
    tier_table_each(G(L), check_entry, NULL);
    for (int n = 1; n <= 100; n++) {
        lua_getglobal(L, "kept");
        lua_rawgeti(L, -1, n);
        const char *fault = disagreement(proto_at(-1));
        ck_assert_msg(fault == NULL, "%s", fault);
        lua_pop(L, 2);
    }
}
END_TEST

static bool has_tiers(void) {
#ifdef PERIGEE_TIERS
    setenv("PERIGEE_OPTIONS", "tier=baseline", 1);
    lua_State *S = luaL_newstate();
    bool has = S != NULL && G(S)->seam != NULL; /* NULL: compiled with a compiler that cannot make such an interpreter */
    if (S != NULL) lua_close(S);
    return has;
#else
    return false;
#endif
}

static Suite *suite(void) {
    Suite *s = suite_create("tiers");
    TCase *t = tcase_create("tiers");
    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_set_timeout(t, 280);
    tcase_add_test(t, test_the_hundredth_call);
    tcase_add_test(t, test_the_thousandth_call);
    tcase_add_test(t, test_first_call);
    tcase_add_test(t, test_cold_script_loads_nothing);
    tcase_add_test(t, test_loop_of_a_function_called_once);
    tcase_add_test(t, test_long_loop_in_the_background);
    tcase_add_test(t, test_generator_stays_compiled);
    tcase_add_test(t, test_iterator_closure_stays_compiled);
    tcase_add_test(t, test_kept_names_look_alive);
    tcase_add_test(t, test_sequences);
    tcase_add_test(t, test_nothing_vanishes);
    suite_add_tcase(s, t);
    return s;
}

/* The plugin of this build: tests stand in a directory of their own beside it. */
static void choose_plugin(const char *self) {
    char path[4096];
    const char *slash = strrchr(self, '/');
    snprintf(path, sizeof path, "%.*s../libperigee-jit.so", slash != NULL ? (int)(slash + 1 - self) : 0, self);
    setenv("PERIGEE_JIT", path, 0);
}

int main(int argc, char **argv) {
    (void)argc;
    choose_plugin(argv[0]);
    if (!has_tiers()) {
        puts("100%: Checks: 0, Failures: 0, Errors: 0 (skipped: this build has no compiling tiers)");
        return 0;
    }
    SRunner *runner = srunner_create(suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
