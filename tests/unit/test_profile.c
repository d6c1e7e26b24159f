// SPDX-License-Identifier: MIT
/* profile/: function ids, tier table, policy and the view of the profile. The property tests run
 * random sequences against a plain model; each sequence has a seed of its own, which a failure
 * prints (PERIGEE_TEST_SEED=seed runs that one first).
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "gc/gc.h"
#include "lauxlib.h"
#include "lualib.h"
#include "object/func.h"
#include "profile/policy.h"
#include "profile/profile_view.h"

enum { SEQUENCES = 10000 };

static lua_State *L;
static Options options;

static lua_State *interpreting_state(void) { /* without compilers: the tests ask for themselves */
    setenv("PERIGEE_OPTIONS", "tier=interp", 1);
    lua_State *fresh = luaL_newstate();
    if (fresh == NULL) abort();
    luaL_openlibs(fresh);
    return fresh;
}

static void setup(void) {
    L = interpreting_state();
    options_init(&options);
    options.jit_sync = true; /* profiles need no time to ripen */
    *G(L)->options = options;
}
static void teardown(void) { lua_close(L); }

/* -------------------------------------------------------------------------------- random sequences */
static uint64_t seed, generator;

static uint32_t random_below(uint32_t n) {
    generator += 0x9e3779b97f4a7c15u;
    uint64_t x = generator;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)(((x ^ x >> 31) >> 32) * n >> 32);
}

static void sequences(void (*one)(void)) {
    const char *first = getenv("PERIGEE_TEST_SEED");
    uint64_t from = first != NULL ? strtoull(first, NULL, 0) : 1;
    for (seed = from; seed < from + SEQUENCES; seed++) {
        generator = seed * 0xda942042e4dd58b5u;
        one();
    }
}

/* As ck_assert_msg, but costs nothing when it holds. */
#define HOLDS(condition, ...)                                                                                  \
    if (!(condition)) {                                                                                        \
        char text_[200];                                                                                       \
        snprintf(text_, sizeof text_, __VA_ARGS__);                                                            \
        ck_abort_msg("seed %" PRIu64 ": %s: %s", seed, #condition, text_);                                     \
    }

/* ------------------------------------------------------------------------------------------ ids */
static Proto *load_as(lua_State *S, const char *source, const char *name) {
    ck_assert_msg(luaL_loadbuffer(S, source, strlen(source), name) == LUA_OK, "%s", lua_tostring(S, -1));
    return as_lcl(S->top - 1)->p;
}
static FunctionId id_in(lua_State *S, const char *source, const char *name) {
    if (luaL_loadbuffer(S, source, strlen(source), name) != LUA_OK) return 0;
    FunctionId id = function_id_of(S, as_lcl(S->top - 1)->p);
    lua_pop(S, 1);
    return id;
}
static FunctionId id(const char *source) { return id_in(L, source, "=x"); }

static const char program[] = "local a, b = 1, 'text' .. 2.5\n"
                              "local function f(x) return x + a end\n"
                              "return f(b) or function() return f end";

START_TEST(test_same_function_same_id) {
    FunctionId first = id(program);
    ck_assert_uint_ne(first, 0);
    ck_assert_uint_eq(id(program), first);
    lua_gc(L, LUA_GCCOLLECT);
    ck_assert_uint_eq(id(program), first);
    Proto *p = load_as(L, program, "=x"), *q = load_as(L, program, "=x"); /* both alive */
    ck_assert_uint_eq(function_id_lookup(G(L), p), first);
    ck_assert_uint_eq(function_id_of(L, p), function_id_of(L, q));
    ck_assert_uint_eq(function_id_of(L, p->p[0]), function_id_of(L, q->p[0]));
    ck_assert_uint_ne(function_id_of(L, p->p[0]), first);
}
END_TEST

START_TEST(test_ids_in_other_states) {
    lua_State *S = interpreting_state();
    id_in(S, "return 1", "=before");
    ck_assert_uint_eq(id_in(S, program, "=x"), id(program));
    lua_close(S);
}
END_TEST

/* the same in any process, with whatever addresses and seeds */
START_TEST(test_ids_in_other_processes) {
    FunctionKey key = {0x1234, 0x5678};
    FunctionIdMapper m = {0};
    ck_assert_uint_eq(function_id_for_key(L, &m, key), 0x1234);
    ck_assert_uint_eq(function_id_find(&m, key), 0x1234);
    mem_free(L, m.rows, m.capacity * sizeof *m.rows);
    FILE *f = popen("PERIGEE_TEST_ID=1 \"$PERIGEE_TEST_SELF\"", "r");
    ck_assert_ptr_nonnull(f);
    uint64_t other = 0;
    ck_assert_int_eq(fscanf(f, "%" SCNx64, &other), 1);
    pclose(f);
    ck_assert_uint_eq(other, id(program));
}
END_TEST

static int add_to_buffer(lua_State *S, const void *p, size_t n, void *ud) {
    (void)S;
    luaL_addlstring(ud, p, n);
    return 0;
}

static void dump_top(bool strip) {
    luaL_Buffer b;
    lua_State *S = luaL_newstate(); /* the buffer must not lie on the stack of the dump */
    luaL_buffinit(S, &b);
    ck_assert_int_eq(lua_dump(L, add_to_buffer, &b, strip), 0);
    luaL_pushresult(&b);
    size_t n;
    const char *s = lua_tolstring(S, -1, &n);
    ck_assert_int_eq(luaL_loadbuffer(L, s, n, "=binary"), LUA_OK);
    lua_close(S);
}

START_TEST(test_dumped_function) {
    FunctionId original = function_id_of(L, load_as(L, program, "=x"));
    dump_top(false);
    ck_assert_uint_eq(function_id_of(L, as_lcl(L->top - 1)->p), original);
    dump_top(true); /* other positions */
    ck_assert_uint_ne(function_id_of(L, as_lcl(L->top - 1)->p), original);
}
END_TEST

START_TEST(test_what_makes_ids_differ) {
    static const char *const sources[] = {
        "return 1", "return 2", "return 1.0", "return '1'", "return 1 ", "\nreturn 1", "return -0.0", "return 0.0",
        "local a return a", "local a, b return b", "return function() end", "return function() return 1 end",
        "local a, b return function() return a end", "local a, b return function() return b end",
        "return 'a', 'bc'", "return 'ab', 'c'",
        "return ...", "return nil", "return true", "return false",
    };
    enum { N = sizeof sources / sizeof sources[0] };
    FunctionId ids[N];
    for (unsigned n = 0; n < N; n++) ids[n] = id(sources[n]);
    for (unsigned n = 0; n < N; n++)
        for (unsigned m = 0; m < n; m++)
            if (strcmp(sources[n], "return 1 ") != 0) ck_assert_msg(ids[n] != ids[m], "%s / %s", sources[n], sources[m]);
    ck_assert_uint_eq(id("return 1"), id("return 1 ")); /* the same code in the same place */
    ck_assert_uint_ne(id_in(L, "return 1", "=x"), id_in(L, "return 1", "=y"));
}
END_TEST

START_TEST(test_twins_in_one_line) {
    Proto *p = load_as(L, "local a = {function(x) return x end, function(x) return x end} return a", "=x");
    ck_assert_uint_ne(function_id_of(L, p->p[0]), function_id_of(L, p->p[1]));
    ck_assert_ptr_ne(tier_entry_of(L, p->p[0]), tier_entry_of(L, p->p[1]));
}
END_TEST

START_TEST(test_clear) {
    Proto *p = load_as(L, program, "=x");
    FunctionId before = function_id_of(L, p);
    function_ids_clear(L);
    ck_assert_uint_eq(function_id_lookup(G(L), p), before); /* alive: kept */
    Proto *q = load_as(L, program, "=x");
    ck_assert_uint_eq(function_id_lookup(G(L), q), 0); /* forgotten */
    ck_assert_uint_eq(function_id_of(L, q), before);
}
END_TEST

/* Keys with few different hashes: most collide. */
static void mapper_sequence(void) {
    enum { KEYS = 24 };
    FunctionIdMapper m = {0};
    FunctionId given[KEYS] = {0};
    FunctionKey keys[KEYS];
    for (unsigned n = 0; n < KEYS; n++) keys[n] = (FunctionKey){random_below(4) * 0x100000001u, n / 2};
    for (unsigned n = 1; n < KEYS; n++) /* some are the same key, not merely the same hash */
        if (random_below(4) == 0) keys[n] = keys[n - 1];
    for (unsigned step = 0; step < 60; step++) {
        unsigned n = random_below(KEYS);
        bool asked = random_below(3) == 0;
        FunctionId now = asked ? function_id_find(&m, keys[n]) : function_id_for_key(L, &m, keys[n]);
        FunctionId expected = 0;
        for (unsigned o = 0; o < KEYS; o++)
            if (keys[o].hash == keys[n].hash && keys[o].check == keys[n].check && given[o] != 0) expected = given[o];
        HOLDS(asked ? now == expected : now != 0 && (expected == 0 || now == expected), "key %u", n);
        if (!asked) given[n] = now;
        for (unsigned o = 0; o < KEYS && !asked; o++)
            HOLDS(given[o] != now || (keys[o].hash == keys[n].hash && keys[o].check == keys[n].check),
                  "keys %u and %u share an id", n, o);
    }
    mem_free(L, m.rows, m.capacity * sizeof *m.rows);
}
START_TEST(test_mapper_sequences) { sequences(mapper_sequence); }
END_TEST

/* -------------------------------------------------------------------------------- the tier table */
static uint32_t serial;

/* A function of its own content, by its ordinal. The collector rests. */
static Proto *synthetic(uint32_t content) {
    Proto *p = proto_new(L);
    p->ordinal = content;
    return p;
}

/* What a sequence of legal changes leads to, by the plainest means. */
typedef struct Copy {
    Proto *p;
    TierEntry *e;
    bool installed[TIERS];
    uint64_t uses;
} Copy;
enum { COPIES = 6, FUNCTIONS = 3 };
typedef struct Model {
    Copy copy[COPIES];
    int asks[FUNCTIONS][TIERS]; /* number of the copy + 1 whose request is pending; 0: none */
    bool failed[FUNCTIONS][TIERS];
    uint32_t deopts[FUNCTIONS];
} Model;

static int model_tier(const Model *m, unsigned function) {
    int tier = 0;
    for (unsigned n = function; n < COPIES; n += FUNCTIONS)
        for (int t = 1; t < TIERS; t++)
            if (m->copy[n].installed[t] && t > tier) tier = t;
    return tier;
}

static bool alive(const Model *m, unsigned n) { return m->copy[n].p != NULL; }

static void come_alive(Model *m, unsigned n) {
    Copy *c = &m->copy[n];
    c->p = synthetic(n % FUNCTIONS + 1); /* the same contents again and again: ids and entries come back */
    c->e = tier_entry_of(L, c->p);
    HOLDS(c->e != NULL, "no entry");
    const Copy *twin = &m->copy[(n + FUNCTIONS) % COPIES];
    HOLDS(twin->p == NULL || twin->e == c->e, "copies of one function have one entry");
    for (unsigned o = 0; o < COPIES; o++)
        HOLDS(o % FUNCTIONS == n % FUNCTIONS || m->copy[o].e != c->e, "one entry for two functions");
}

static void lose_code(Model *m, unsigned n, int t, DeoptReason why) {
    Copy *c = &m->copy[n];
    if (!c->installed[t]) return;
    tier_code_gone(c->e, t, 100, why);
    c->installed[t] = false;
    m->deopts[n % FUNCTIONS] += why != DEOPT_COUNT;
}

static void die(Model *m, unsigned n) {
    Copy *c = &m->copy[n];
    unsigned f = n % FUNCTIONS;
    for (int t = 1; t < TIERS; t++) {
        lose_code(m, n, t, DEOPT_COUNT);
        if (m->asks[f][t] != (int)n + 1) continue;
        tier_dropped(c->e, t, "the function died");
        m->asks[f][t] = 0;
    }
    profile_proto_dies(G(L), c->p);
    *c = (Copy){0};
}

static void ask(Model *m, unsigned n, int t) {
    unsigned f = n % FUNCTIONS;
    Copy *c = &m->copy[n];
    if (c->installed[t]) return;
    bool accepted = tier_queued(c->e, t);
    HOLDS(accepted == (m->asks[f][t] == 0 && !m->failed[f][t]), "request for tier %d", t);
    if (accepted) m->asks[f][t] = (int)n + 1;
}

static void answer(Model *m, unsigned f, int t) {
    if (m->asks[f][t] == 0) return;
    Copy *c = &m->copy[m->asks[f][t] - 1];
    if (c->e->in[t].request == REQUEST_QUEUED && random_below(3) > 0) {
        tier_compiling(c->e, t);
        return;
    }
    unsigned how = random_below(8);
    bool compiling = c->e->in[t].request == REQUEST_COMPILING;
    if (how == 0) tier_failed(c->e, t, "it could not be");
    else if (how <= 2 || !compiling) tier_dropped(c->e, t, "cold");
    else tier_installed(c->e, t, 1.5, 100);
    if (how == 0) m->failed[f][t] = true;
    if (how > 2 && compiling) c->installed[t] = true;
    m->asks[f][t] = 0;
}

static void check_model(const Model *m, const int *before, bool mayfall) {
    for (unsigned n = 0; n < COPIES; n++) {
        const TierEntry *e = m->copy[n].e;
        if (e == NULL) continue;
        unsigned f = n % FUNCTIONS;
        const char *fault = tier_entry_check(e);
        HOLDS(fault == NULL, "%s", fault);
        HOLDS(e->tier == model_tier(m, f), "tier is %d, should be %d", e->tier, model_tier(m, f));
        HOLDS(mayfall || before[f] < 0 || e->tier >= before[f], "tier fell from %d to %d", before[f], e->tier);
        for (int t = 1; t < TIERS; t++) {
            HOLDS(tier_is_pending(e, t) == (m->asks[f][t] != 0), "request for tier %d: %s", t, tier_state_name(e, t));
            HOLDS((e->in[t].request == REQUEST_FAILED) == m->failed[f][t], "failure in tier %d", t);
        }
    }
}

static void tiers_now(const Model *m, int *out) {
    for (unsigned f = 0; f < FUNCTIONS; f++) {
        const TierEntry *e = m->copy[f].e != NULL ? m->copy[f].e : m->copy[f + FUNCTIONS].e;
        out[f] = e != NULL ? e->tier : -1;
    }
}

static void table_sequence(void) {
    Model m = {0};
    for (unsigned step = 0; step < 50; step++) {
        unsigned n = random_below(COPIES), what = random_below(20);
        int t = 1 + (int)random_below(2), before[FUNCTIONS];
        tiers_now(&m, before);
        bool mayfall = what == 0 || what == 1;
        if (!alive(&m, n)) come_alive(&m, n), mayfall = true;
        else if (what == 0) die(&m, n);
        else if (what == 1) lose_code(&m, n, t, (DeoptReason)random_below(DEOPT_COUNT));
        else if (what == 2) tier_deoptimised(m.copy[n].e, DEOPT_TYPE, 1), m.deopts[n % FUNCTIONS]++;
        else if (what < 9) ask(&m, n, t);
        else answer(&m, n % FUNCTIONS, t);
        check_model(&m, before, mayfall);
        for (unsigned c = 0; c < COPIES; c++)
            if (m.copy[c].e != NULL)
                HOLDS(tier_entry_deopts(m.copy[c].e) == m.deopts[c % FUNCTIONS], "deoptimisations lost");
    }
    for (unsigned n = 0; n < COPIES; n++)
        if (alive(&m, n)) die(&m, n);
    profile_close(L);
}
START_TEST(test_table_sequences) {
    lua_gc(L, LUA_GCSTOP);
    sequences(table_sequence);
}
END_TEST

#ifndef PERIGEE_CHECKS
START_TEST(test_illegal_changes_change_nothing) {
    lua_gc(L, LUA_GCSTOP);
    TierEntry *e = tier_entry_of(L, synthetic(1));
    TierEntry before = *e;
    tier_compiling(e, TIER_BASELINE);
    tier_installed(e, TIER_BASELINE, 1, 10);
    tier_failed(e, TIER_OPT, "x");
    tier_dropped(e, TIER_OPT, "x");
    tier_code_gone(e, TIER_BASELINE, 0, DEOPT_TYPE);
    ck_assert_mem_eq(e, &before, sizeof before);
    ck_assert(tier_queued(e, TIER_BASELINE));
    ck_assert(!tier_queued(e, TIER_BASELINE));
    tier_installed(e, TIER_BASELINE, 1, 10); /* not compiling yet */
    ck_assert_int_eq(e->tier, TIER_INTERP);
}
END_TEST
#endif

static void count_entry(void *ud, TierEntry *e) {
    (void)e;
    ++*(uint32_t *)ud;
}

START_TEST(test_dead_functions_are_summed_up) {
    enum { MANY = 3 * TIER_DEAD_MAX };
    lua_gc(L, LUA_GCSTOP);
    uint64_t uses = 0;
    Proto *kept = synthetic(0);
    TierEntry *e = tier_entry_of(L, kept);
    for (uint32_t n = 1; n <= MANY; n++) {
        Proto *p = synthetic(n);
        ck_assert_ptr_nonnull(tier_entry_of(L, p));
        p->armed = p->budget + (int64_t)(n % 7);
        uses += n % 7;
        profile_proto_dies(G(L), p);
    }
    uint32_t entries = 0;
    tier_table_each(G(L), count_entry, &entries);
    const TierTable *t = &G(L)->profile->tiers;
    ck_assert_uint_eq(entries, t->count);
    ck_assert_uint_le(entries, TIER_DEAD_MAX + 2);
    ck_assert_uint_eq(entries + t->forgotten.functions, MANY + 1);
    for (uint32_t n = 0; n < t->capacity; n++)
        if (t->slots[n] != NULL) {
            uses -= t->slots[n]->settled;
            ck_assert_ptr_eq(tier_entry_find(G(L), t->slots[n]->id), t->slots[n]);
        }
    ck_assert_uint_eq(uses, t->forgotten.uses);
    ck_assert_ptr_eq(tier_entry_peek(G(L), kept), e);
    profile_proto_dies(G(L), kept);
}
END_TEST

START_TEST(test_no_memory) {
    Proto *p = load_as(L, program, "=x");
    bool done = false;
    for (long nth = 1; !done; nth++) {
        mem_fail_at(L, nth, true);
        done = tier_entry_of(L, p) != NULL;
        mem_fail_at(L, 0, false);
        ck_assert_int_eq(p->counted, done);
        ck_assert_int_lt(nth, 20);
    }
    ck_assert_uint_eq(tier_entry_peek(G(L), p)->id, function_id_of(L, p));
    ck_assert_str_eq(tier_entry_peek(G(L), p)->label, "x:0");
    profile_proto_dies(G(L), p);
}
END_TEST

START_TEST(test_labels) {
    static const struct { const char *name, *label; } rows[] = {
        {"@a.lua", "a.lua:0"}, {"=stdin", "stdin:0"}, {"return 1", "[return 1]:0"}, {"two\nlines", "[two]:0"}, {"", "[]:0"},
        {"@a/very/long/path/that/does/not/fit/into/the/label/of/a/function.lua",
         "...ng/path/that/does/not/fit/into/the/label/of/a/function.lua:0"},
    };
    for (unsigned n = 0; n < sizeof rows / sizeof rows[0]; n++) {
        Proto *p = load_as(L, "return 1", rows[n].name);
        const char *label = tier_entry_of(L, p)->label;
        size_t len = strlen(label), most = strlen(rows[n].label);
        if (strncmp(label, "...", 3) == 0) /* the end counts */
            ck_assert_str_eq(label + 3, rows[n].label + most - (len - 3));
        else
            ck_assert_str_eq(label, rows[n].label);
        profile_proto_dies(G(L), p);
    }
}
END_TEST

/* -------------------------------------------------------------------------------------- policy */

/* One function and a compiler that answers at once or later. */
typedef struct Run {
    Proto *p;
    TierEntry *e;
    int now;             /* tier of its code */
    int asked;           /* pending request; 0: none */
    uint32_t wait;       /* looks until it is answered */
    uint64_t uses, at[TIERS]; /* counted by the test; use at which each tier was requested last */
} Run;

static void run_install(Run *r) {
    tier_compiling(r->e, r->asked);
    tier_installed(r->e, r->asked, 1, 50);
    r->now = r->asked;
    r->asked = 0;
    policy_installed(L, r->p, r->now);
}

static void run_look(Run *r, uint32_t delay) {
    if (r->asked != 0 && r->wait-- == 0) run_install(r);
    int t = policy_hot(L, r->p, r->now, &r->e);
    if (t == 0) return;
    HOLDS(t == r->now + 1, "tiers are requested in order: %d after %d", t, r->now);
    HOLDS(tier_queued(r->e, t), "request refused");
    r->asked = t;
    r->at[t] = r->uses;
    r->wait = delay;
    if (delay == 0) run_install(r);
}

static void run_use(Run *r, uint32_t n, uint32_t delay) {
    r->uses += n;
    r->p->budget -= (int32_t)n;
    if (r->p->budget <= 0) run_look(r, delay);
    HOLDS(r->p->budget > 0, "budget not set");
    HOLDS(proto_uses(r->p) == r->uses, "%" PRIu64 " uses counted of %" PRIu64, proto_uses(r->p), r->uses);
}

static Run run_new(void) {
    Run r = {.p = synthetic(++serial)};
    return r;
}

static void run_end(Run *r) {
    for (int t = r->e != NULL ? TIER_OPT : 0; t > 0; t--) {
        while (r->e->in[t].installed > 0) tier_code_gone(r->e, t, 50, DEOPT_COUNT);
        if (tier_is_pending(r->e, t)) tier_dropped(r->e, t, "end");
    }
    profile_proto_dies(G(L), r->p);
    profile_close(L);
}

static void set_thresholds(uint32_t baseline, uint32_t opt) {
    G(L)->options->baseline_at = baseline;
    G(L)->options->opt_at = opt;
}

/* --jit-sync: requests come with exactly that use. */
static void exact_sequence(void) {
    uint32_t b = 1 + random_below(300), o = b + 1 + random_below(900);
    set_thresholds(b, o);
    Run r = run_new();
    for (uint32_t n = 1; n <= o + 10; n++) {
        run_use(&r, 1, 0);
        HOLDS((r.at[1] != 0) == (n >= b), "thresholds %u,%u: baseline at use %u", b, o, n);
        HOLDS((r.at[2] != 0) == (n >= o), "thresholds %u,%u: optimizing at use %u", b, o, n);
        HOLDS(r.now == (n >= o ? 2 : n >= b ? 1 : 0), "thresholds %u,%u: runs in %d at use %u", b, o, r.now, n);
        HOLDS(r.e == NULL || (r.e->tier == r.now && r.e->wanted == r.now), "table says otherwise at use %u", n);
    }
    HOLDS(r.at[1] == b && r.at[2] == o, "requested at %" PRIu64 ",%" PRIu64, r.at[1], r.at[2]);
    run_end(&r);
}
START_TEST(test_requests_at_the_exact_use) {
    lua_gc(L, LUA_GCSTOP);
    sequences(exact_sequence);
}
END_TEST

START_TEST(test_the_hundredth_call) {
    lua_gc(L, LUA_GCSTOP);
    Run r = run_new();
    for (int n = 0; n < 99; n++) run_use(&r, 1, 0);
    ck_assert_ptr_null(r.e);
    run_use(&r, 1, 0);
    ck_assert_int_eq(r.e->tier, TIER_BASELINE);
    for (int n = 100; n < 999; n++) run_use(&r, 1, 0);
    ck_assert_int_eq(r.e->tier, TIER_BASELINE);
    run_use(&r, 1, 0);
    ck_assert_int_eq(r.e->tier, TIER_OPT);
    run_end(&r);
}
END_TEST

/* Compilation takes time, iterations come in lumps: never too early, and wanted follows the counts. */
static void slow_sequence(void) {
    uint32_t b = 1 + random_below(200), o = b + random_below(2000);
    set_thresholds(b, o);
    Run r = run_new();
    for (unsigned step = 0; step < 60; step++) {
        run_use(&r, random_below(4) == 0 ? random_below(5000) + 1 : 1 + random_below(20), random_below(4));
        HOLDS(r.at[1] == 0 || r.at[1] >= b, "baseline too early");
        HOLDS(r.at[2] == 0 || r.at[2] >= o, "optimizing too early");
        HOLDS(r.uses < b || r.e != NULL, "%" PRIu64 " uses, not wanted", r.uses);
        HOLDS(r.uses < b || r.e->wanted >= 1, "wanted %d", r.e->wanted);
        const char *fault = r.e != NULL ? tier_entry_check(r.e) : NULL;
        HOLDS(fault == NULL, "%s", fault);
    }
    run_end(&r);
}
START_TEST(test_slow_compilers) {
    lua_gc(L, LUA_GCSTOP);
    sequences(slow_sequence);
}
END_TEST

static void run_lose(Run *r, DeoptReason why) {
    int lost = r->now;
    r->now--;
    policy_lost(L, r->p, lost, r->now, 50, why);
    r->uses = 0;
    r->at[lost] = 0;
}

/* After each loss the counters restart and the threshold doubles, until the tier is given up. */
static void loss_sequence(void) {
    uint32_t b = 1 + random_below(40), o = b + 1 + random_below(100);
    set_thresholds(b, o);
    int tier = 1 + (int)random_below(2);
    Run r = run_new();
    while (r.now < tier) run_use(&r, 1, 0);
    for (unsigned lost = 1; lost <= POLICY_MAX_LOSSES; lost++) {
        run_lose(&r, DEOPT_SHAPE);
        HOLDS(r.e->tier == tier - 1 && r.e->wanted == tier - 1, "tier %d, wanted %d", r.e->tier, r.e->wanted);
        uint64_t at = (uint64_t)(tier == 1 ? b : o) << lost;
        bool last = lost == POLICY_MAX_LOSSES;
        for (uint64_t n = 1; n <= at; n++) {
            run_use(&r, 1, 0);
            HOLDS(r.now == (n == at && !last ? tier : tier - 1), "loss %u: tier %d after %" PRIu64 " uses", lost, r.now, n);
        }
    }
    HOLDS(r.e->deopts[DEOPT_SHAPE] == POLICY_MAX_LOSSES, "%u deoptimisations", r.e->deopts[DEOPT_SHAPE]);
    HOLDS(strstr(r.e->in[tier].reason, "shape") != NULL && (r.e->given_up >> tier & 1),
          "given up in silence: '%s'", r.e->in[tier].reason);
    run_end(&r);
}
START_TEST(test_losses) {
    lua_gc(L, LUA_GCSTOP);
    sequences(loss_sequence);
}
END_TEST

START_TEST(test_losses_that_cost_no_trust) {
    lua_gc(L, LUA_GCSTOP);
    set_thresholds(5, 10);
    Run r = run_new();
    for (unsigned lost = 0; lost < 100; lost++) {
        for (int n = 0; n < 5; n++) run_use(&r, 1, 0);
        ck_assert_int_eq(r.now, 1);
        run_lose(&r, DEOPT_OPTIONS);
    }
    run_end(&r);
}
END_TEST

START_TEST(test_failure_is_final) {
    lua_gc(L, LUA_GCSTOP);
    set_thresholds(2, 4);
    Run r = run_new();
    run_use(&r, 1, 100), run_use(&r, 1, 100);
    ck_assert_int_eq(r.asked, 1);
    tier_failed(r.e, 1, "no compiler");
    r.asked = 0;
    for (int n = 0; n < 10000; n++) run_use(&r, 1, 0);
    ck_assert_int_eq(r.now, 0);
    ck_assert_str_eq(tier_state_name(r.e, 1), "failed");
    ck_assert_str_eq(r.e->in[1].reason, "no compiler");
    ck_assert_int_ge(r.p->budget, 1 << 29); /* not looked at all the time */
    run_end(&r);
}
END_TEST

START_TEST(test_highest_tier) {
    lua_gc(L, LUA_GCSTOP);
    for (int highest = TIER_INTERP; highest <= TIER_OPT; highest++) {
        G(L)->options->tier = highest;
        Run r = run_new();
        for (int n = 0; n < 2000; n++) run_use(&r, 1, 0);
        ck_assert_int_eq(r.now, highest);
        run_end(&r);
    }
}
END_TEST

/* Thresholds set while a program runs hold for functions that exist already. */
START_TEST(test_options_change) {
    Proto *p = load_as(L, "return 1", "=x");
    ck_assert_int_eq(p->budget, PROTO_COLD);
    set_thresholds(2, 3);
    policy_function_changed(L, p);
    ck_assert_int_eq(p->budget, 2);
    p->budget--;
    set_thresholds(100, 1000);
    policy_function_changed(L, p);
    ck_assert_uint_eq(proto_uses(p), 1);
    set_thresholds(1, 1);
    policy_function_changed(L, p);
    ck_assert_int_eq(p->budget, 1); /* overdue */
    Proto *later = load_as(L, "return 2", "=x");
    ck_assert_int_eq(later->budget, 1);
}
END_TEST

START_TEST(test_cost_model) {
    for (int t = TIER_BASELINE; t < TIERS; t++) {
        for (uint32_t n = 1; n < 5000; n++) ck_assert_double_lt(policy_cost_ms(t, n), policy_cost_ms(t, n + 1));
        ck_assert_ptr_null(policy_refuses(t, 1000));
        ck_assert_ptr_nonnull(policy_refuses(t, 1000000));
    }
    TierEntry small = {.ninsns = 100, .rate = 10}, hot = {.ninsns = 100, .rate = 1000};
    TierEntry large = {.ninsns = 2000, .rate = 10, .nloops = 50};
    ck_assert_double_gt(policy_priority(&hot, 1, 0), policy_priority(&small, 1, 0));
    ck_assert_double_gt(policy_priority(&small, 1, 0), policy_priority(&large, 1, 0));
    ck_assert_double_gt(policy_priority(&small, 1, 0), policy_priority(&small, 2, 0));
    hot.look_after = 256;
    uint64_t minute = 60000000000u; /* later, and cold since */
    ck_assert_double_lt(policy_priority(&hot, 1, minute), policy_priority(&small, 1, minute));
    ck_assert(!policy_pays(&small, 1, 10000));
    ck_assert(policy_pays(&small, 1, 100000));
}
END_TEST

/* ---------------------------------------------------------------------------------------- view */

static char printed[8192];

/* Runs a chunk that returns a function of interest, and prints that function's profile. */
static void print_after(const char *source) {
    load_as(L, source, "=x");
    ck_assert_msg(lua_pcall(L, 0, 1, 0) == LUA_OK, "%s", lua_tostring(L, -1));
    FILE *f = fmemopen(printed, sizeof printed, "w");
    profile_print(f, as_lcl(L->top - 1)->p);
    fclose(f);
}

static void expect_line(const char *opcode, const char *state, const char *details) {
    char copy[sizeof printed], *save = NULL;
    strcpy(copy, printed);
    for (char *line = strtok_r(copy, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
        if (strstr(line, opcode) && strstr(line, state) && strstr(line, details)) return;
    ck_abort_msg("no line with %s, %s, %s in\n%s", opcode, state, details, printed);
}

START_TEST(test_view_of_fields) {
    print_after("local function f(o) return o.x end for n = 1, 50 do f{x = 1} end return f");
    expect_line("GETFIELD", "monomorphic", ".x shape");
    print_after("local function f(o) return o.x end for n = 1, 50 do f{x = 1} f{y = 2, x = 1} f{z = 1, x = 2} end return f");
    expect_line("GETFIELD", "polymorphic", "inline");
    print_after("local function f(o) return o.x end for n = 1, 500 do local t = {} t['k' .. n % 50] = 1 t.x = 1 f(t) end return f");
    expect_line("GETFIELD", "megamorphic", ".x");
    print_after("local function f(o, b) if b then return o.x end end for n = 1, 50 do f{} end return f");
    expect_line("GETFIELD", "uninitialised", ".x");
    print_after("local function f(o) return o:len() end for n = 1, 50 do f('x') end return f");
    expect_line("SELF", "monomorphic", ".len");
}
END_TEST

START_TEST(test_view_of_numbers) {
    print_after("local function f(a, b) return a * b end for n = 1, 50 do f(1.5, 2.5) end return f");
    expect_line("MUL", "monomorphic", "floats");
    print_after("local function f(a, b, c) if c then return a * b end end for n = 1, 50 do f(1.5, 2.5) end return f");
    expect_line("MUL", "uninitialised", "");
    print_after("local function f() return {x = 1, y = 2} end for n = 1, 50 do f() end return f");
    expect_line("NEWTABLE", "monomorphic", "slots");
}
END_TEST

/* A snapshot with what baseline code would have recorded. */
START_TEST(test_view_of_recorded_rows) {
    print_after("local function f(t, i, n) if i < n then return t[i] + n end return f(t) end "
                "for n = 1, 50 do f({1, 2, 3}, 1, 3) end return f");
    const Proto *p = as_lcl(L->top - 1)->p;
    ck_assert(feedback_record(L, p->feedback));
    ProfileView v = profile_view_of(p);
    for (uint32_t pc = 0; pc < p->sizecode; pc++) {
        Site s = profile_site(&v, pc);
        if (s.state == SITE_NONE) continue;
        p->feedback->seen[pc][SEEN_INT] = 1;
        Site one = profile_site(&v, pc);
        if (one.seen == 0) continue; /* fields and calls */
        ck_assert_int_eq(one.state, SITE_MONOMORPHIC);
        ck_assert_int_eq(one.seen & ~SAW_JUMP, SAW_INT);
        p->feedback->seen[pc][SEEN_FLT] = 1;
        ck_assert_int_eq(profile_site(&v, pc).state, SITE_POLYMORPHIC);
    }
}
END_TEST

START_TEST(test_view_of_a_cold_function) {
    Proto *p = load_as(L, "local a = ... return a.x", "=x");
    ProfileView v = profile_view_of(p);
    ck_assert_ptr_null(v.quick);
    for (uint32_t pc = 0; pc < v.ninsns; pc++) ck_assert_int_le(profile_site(&v, pc).state, SITE_UNINITIALISED);
    FILE *f = fmemopen(printed, sizeof printed, "w");
    profile_print(f, p);
    fclose(f);
    ck_assert_ptr_nonnull(strstr(printed, "cold"));
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("profile");
    TCase *t = tcase_create("profile");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 240);
    tcase_add_test(t, test_same_function_same_id);
    tcase_add_test(t, test_ids_in_other_states);
    tcase_add_test(t, test_ids_in_other_processes);
    tcase_add_test(t, test_dumped_function);
    tcase_add_test(t, test_what_makes_ids_differ);
    tcase_add_test(t, test_twins_in_one_line);
    tcase_add_test(t, test_clear);
    tcase_add_test(t, test_mapper_sequences);
    tcase_add_test(t, test_table_sequences);
#ifndef PERIGEE_CHECKS
    tcase_add_test(t, test_illegal_changes_change_nothing);
#endif
    tcase_add_test(t, test_dead_functions_are_summed_up);
    tcase_add_test(t, test_no_memory);
    tcase_add_test(t, test_labels);
    tcase_add_test(t, test_requests_at_the_exact_use);
    tcase_add_test(t, test_the_hundredth_call);
    tcase_add_test(t, test_slow_compilers);
    tcase_add_test(t, test_losses);
    tcase_add_test(t, test_losses_that_cost_no_trust);
    tcase_add_test(t, test_failure_is_final);
    tcase_add_test(t, test_highest_tier);
    tcase_add_test(t, test_options_change);
    tcase_add_test(t, test_cost_model);
    tcase_add_test(t, test_view_of_fields);
    tcase_add_test(t, test_view_of_numbers);
    tcase_add_test(t, test_view_of_recorded_rows);
    tcase_add_test(t, test_view_of_a_cold_function);
    suite_add_tcase(s, t);
    return s;
}

int main(int argc, char **argv) {
    (void)argc;
    if (getenv("PERIGEE_TEST_ID") != NULL) { /* this program as another process */
        L = interpreting_state();
        printf("%" PRIx64 "\n", id(program));
        lua_close(L);
        return 0;
    }
    setenv("PERIGEE_TEST_SELF", argv[0], 1);
    SRunner *runner = srunner_create(suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
