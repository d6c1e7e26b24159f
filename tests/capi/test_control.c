/* SPDX-License-Identifier: MIT */
/* Control, statistics and events of Perigee's own compilers (perigee.h): each function, each status, each event. What
 * needs compilers is left out in builds without (PERIGEE_TIERS). Each test is a process of its own. */
#include <check.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lauxlib.h"
#include "lualib.h"
#include "perigee.h"

static lua_State *L;

static void setup(void) {
    L = luaL_newstate();
    luaL_openlibs(L);
}
static void teardown(void) {
    if (L != NULL) lua_close(L);
    L = NULL;
}
static void run(const char *source) {
    if (luaL_dostring(L, source) != LUA_OK) ck_abort_msg("%s", lua_tostring(L, -1));
    lua_settop(L, 0);
}
static perigee_Function *function(const char *name) {
    lua_getglobal(L, name);
    perigee_Function *f = perigee_function(L, -1);
    lua_pop(L, 1);
    ck_assert_ptr_nonnull(f);
    return f;
}
static void call(const char *name, int times) {
    for (int n = 0; n < times; n++) {
        lua_getglobal(L, name);
        lua_pushinteger(L, n);
        lua_call(L, 1, 0);
    }
}
static int tier(const char *name) { return perigee_tier(L, function(name), NULL); }
static const char *why(const char *name) {
    static char text[256];
    perigee_why(L, function(name), text, sizeof text);
    return text;
}
#define is(status, expected) ck_assert_str_eq(perigee_statusname(status), perigee_statusname(expected))
static const char *const add = "function add(a) return a + 1 end ";

/* ------------------------------------------------------------------------- whatever the build */

START_TEST(statuses_have_names) {
    static const char *const names[] = {"ok", "disabled", "compilation failed", "deoptimisation failed", "on-stack replacement failed",
                                        "limit reached", "bad argument", "no memory", "busy", "unknown status"};
    for (int n = 0; n < 10; n++) ck_assert_str_eq(perigee_statusname(n), names[n]);
    ck_assert_str_eq(perigee_statusname(-1), "unknown status");
    ck_assert_str_eq(perigee_tiername(PERIGEE_INTERPRETER), "interpreter");
    ck_assert_str_eq(perigee_tiername(PERIGEE_BASELINE), "baseline");
    ck_assert_str_eq(perigee_tiername(PERIGEE_OPTIMIZING), "optimizing");
    ck_assert_ptr_null(perigee_tiername(-1));
    ck_assert_ptr_null(perigee_tiername(3));
    int n = 0, type = -1;
    for (; perigee_reasonname(n) != NULL; n++)
        if (strcmp(perigee_reasonname(n), "type") == 0) type = n;
    ck_assert(n > 10 && n <= PERIGEE_REASONS && type >= 0);
    for (n = 0; perigee_endname(n) != NULL; n++) ck_assert_str_ne(perigee_endname(n), "");
    ck_assert(n > 5 && n <= PERIGEE_ENDS);
    ck_assert_ptr_null(perigee_endname(-1));
    ck_assert_ptr_null(perigee_reasonname(-1));
}
END_TEST

START_TEST(bad_arguments) {
    perigee_Stats stats = {0};
    perigee_Profile profile = {0};
    run(add);
    perigee_Function *f = function("add");
    is(perigee_setthresholds(L, 0, 10), PERIGEE_BAD_ARGUMENT);
    is(perigee_setthresholds(L, 10, 9), PERIGEE_BAD_ARGUMENT);
    is(perigee_cap(L, f, -1), PERIGEE_BAD_ARGUMENT);
    is(perigee_cap(L, NULL, 3), PERIGEE_BAD_ARGUMENT);
    is(perigee_force(L, f, 3), PERIGEE_BAD_ARGUMENT);
    is(perigee_force(L, f, -2), PERIGEE_BAD_ARGUMENT);
    is(perigee_compile(L, NULL, PERIGEE_BASELINE), PERIGEE_BAD_ARGUMENT);
    is(perigee_compile(L, f, PERIGEE_INTERPRETER), PERIGEE_BAD_ARGUMENT);
    is(perigee_compile(L, f, 3), PERIGEE_BAD_ARGUMENT);
    is(perigee_deoptimise(L, NULL), PERIGEE_BAD_ARGUMENT);
    is(perigee_replaceframe(L, 0), PERIGEE_BAD_ARGUMENT);
    is(perigee_replaceframe(L, -1), PERIGEE_BAD_ARGUMENT);
    is(perigee_profile(L, f, &profile), PERIGEE_BAD_ARGUMENT);
    is(perigee_profile(L, NULL, &profile), PERIGEE_BAD_ARGUMENT);
    is(perigee_profile(L, f, NULL), PERIGEE_BAD_ARGUMENT);
    is(perigee_stats(L, &stats), PERIGEE_BAD_ARGUMENT);
    is(perigee_stats(L, NULL), PERIGEE_BAD_ARGUMENT);
    ck_assert_int_eq(perigee_tier(L, NULL, NULL), PERIGEE_INTERPRETER);
    char text[8];
    ck_assert_int_gt(perigee_why(L, NULL, text, sizeof text), 8);
    ck_assert_int_eq(text[7], '\0');
}
END_TEST

START_TEST(what_is_known_without_compiling) {
    perigee_Profile profile = {.size = sizeof profile}, again = profile;
    perigee_Stats stats = {.size = sizeof stats};
    unsigned baseline = 0, optimizing = 0;
    run("function add(a) return a, function() end end");
    perigee_setthresholds(L, 5000, 6000);
    perigee_getthresholds(L, &baseline, &optimizing);
    ck_assert(baseline == 5000 && optimizing == 6000);
    perigee_getthresholds(L, NULL, NULL);
    call("add", 40);
    is(perigee_profile(L, function("add"), &profile), PERIGEE_OK);
    ck_assert(profile.id != 0 && profile.uses == 40 && profile.tier == PERIGEE_INTERPRETER);
    ck_assert_str_eq(profile.place, "[function add(a) return a, function() end end]:1");
    run("function add(a) return a, function() end end"); /* loaded again */
    perigee_profile(L, function("add"), &again);
    ck_assert_uint_eq(again.id, profile.id);
    perigee_stats(L, &stats);
    ck_assert(stats.functions >= 2 && stats.uses >= 40 && stats.in_tier[PERIGEE_INTERPRETER] == stats.functions);
    perigee_Function *inner = perigee_nested(L, function("add"), 0);
    ck_assert_ptr_nonnull(inner);
    ck_assert_ptr_null(perigee_nested(L, function("add"), 1));
    ck_assert_ptr_null(perigee_nested(L, function("add"), -1));
    ck_assert_ptr_null(perigee_nested(L, inner, 0));
}
END_TEST

/* A host that was built with an older header: what it did not know of is not touched. */
START_TEST(structs_of_any_size) {
    struct {
        perigee_Profile p;
        char behind[16];
    } old;
    run(add);
    memset(&old, 0x55, sizeof old);
    old.p.size = offsetof(perigee_Profile, cap);
    is(perigee_profile(L, function("add"), &old.p), PERIGEE_OK);
    ck_assert_int_eq(old.p.tier, PERIGEE_INTERPRETER);
    ck_assert_int_eq(old.p.cap, 0x55555555);
    char future[sizeof(perigee_Stats) + 64];
    memset(future, 0x55, sizeof future);
    perigee_Stats *stats = (perigee_Stats *)(void *)future;
    stats->size = sizeof future;
    perigee_stats(L, stats);
    ck_assert_int_eq(future[sizeof(perigee_Stats)], 0x55);
}
END_TEST

static void ignore(void *ud, lua_State *l, const perigee_Event *event) { (void)ud, (void)l, (void)event; }

/* With the host's own compiler, or none, Perigee's are out of the game. */
START_TEST(a_state_without_compilers) {
    is(perigee_setcompiler(L, NULL), LUA_OK);
    run(add);
    perigee_Stats stats = {.size = sizeof stats};
    ck_assert_int_eq(perigee_enabled(L), 0);
    is(perigee_enable(L, 1), PERIGEE_DISABLED);
    is(perigee_enable(L, 0), PERIGEE_OK);
    ck_assert_int_eq(perigee_allowed(L, NULL), PERIGEE_INTERPRETER);
    is(perigee_setthresholds(L, 1, 2), PERIGEE_DISABLED);
    is(perigee_cap(L, NULL, PERIGEE_OPTIMIZING), PERIGEE_DISABLED);
    is(perigee_cap(L, NULL, PERIGEE_INTERPRETER), PERIGEE_OK);
    is(perigee_cap(L, NULL, PERIGEE_OPTIMIZING), PERIGEE_DISABLED);
    is(perigee_force(L, function("add"), PERIGEE_BASELINE), PERIGEE_DISABLED);
    is(perigee_compile(L, function("add"), PERIGEE_BASELINE), PERIGEE_DISABLED);
    is(perigee_deoptimise(L, function("add")), PERIGEE_DEOPTIMISATION_FAILED);
    is(perigee_invalidate(L, NULL), PERIGEE_DISABLED);
    is(perigee_listen(L, ignore, NULL), PERIGEE_DISABLED);
    is(perigee_listen(L, NULL, NULL), PERIGEE_OK);
    is(perigee_stats(L, &stats), PERIGEE_DISABLED);
    perigee_resetstats(L);
    perigee_enable(L, 1);
    call("add", 2000);
    ck_assert_int_eq(tier("add"), PERIGEE_INTERPRETER);
    ck_assert_str_eq(why("add"), "this build or this host has no compilers");
    perigee_cap(L, function("add"), PERIGEE_INTERPRETER);
    ck_assert_str_eq(why("add"), "compiling it was switched off by the host or by jit.off");
}
END_TEST

static lua_Alloc real_alloc;
static int fail_allocations;
static void *scarce(void *ud, void *block, size_t old, size_t size) {
    return fail_allocations && size > old ? NULL : real_alloc(ud, block, old, size);
}

START_TEST(no_memory_changes_nothing) {
    void *ud;
    unsetenv("PERIGEE_OPTIONS");
    teardown();
    L = luaL_newstate();
    luaL_openlibs(L);
    run(add);
    perigee_Function *f = function("add");
    real_alloc = lua_getallocf(L, &ud);
    lua_setallocf(L, scarce, ud);
    fail_allocations = 1;
    is(perigee_enable(L, 0), PERIGEE_NO_MEMORY);
    is(perigee_setthresholds(L, 1, 2), PERIGEE_NO_MEMORY);
    is(perigee_cap(L, f, PERIGEE_BASELINE), PERIGEE_NO_MEMORY);
    is(perigee_force(L, f, PERIGEE_BASELINE), PERIGEE_NO_MEMORY);
    fail_allocations = 0;
    unsigned baseline;
    perigee_getthresholds(L, &baseline, NULL);
    ck_assert_uint_eq(baseline, 100);
    perigee_enable(L, 1);
    lua_setallocf(L, real_alloc, ud);
}
END_TEST

#ifdef PERIGEE_TIERS
/* ------------------------------------------------------------------------------ with compilers */

static void again_with(const char *options) {
    teardown();
    setenv("PERIGEE_OPTIONS", options, 1);
    setup();
}

static int log_count[9];
static char log_text[4096];
static perigee_Status from_event;
static unsigned long long log_uses; /* of the last event */
static void note(void *ud, lua_State *l, const perigee_Event *e) {
    static const char *const names[] = {"requested", "started", "promoted", "failed", "dropped", "deoptimised", "invalidated", "compiled", "freed"};
    ck_assert_ptr_eq(ud, log_count);
    ck_assert_uint_ge(e->size, sizeof *e);
    ck_assert(e->kind >= 0 && e->kind < 9 && perigee_tiername(e->tier) != NULL);
    ck_assert(e->f == NULL || e->kind != PERIGEE_EVENT_CODE_FREED);
    ck_assert(e->id != 0);
    if (e->kind == PERIGEE_EVENT_COMPILED || e->kind == PERIGEE_EVENT_PROMOTED) ck_assert(e->compile_ns > 0 && e->code_bytes > 0);
    log_count[e->kind]++;
    log_uses = e->uses;
    size_t len = strlen(log_text);
    snprintf(log_text + len, sizeof log_text - len, "%s %d%s%s;", names[e->kind], e->tier, e->reason[0] != '\0' ? " " : "", e->reason);
    if (e->f != NULL) from_event = perigee_invalidate(l, e->f);
}
static void listen_and_forget(void) {
    is(perigee_listen(L, note, log_count), PERIGEE_OK);
    memset(log_count, 0, sizeof log_count);
    log_text[0] = '\0';
}

START_TEST(compiled_at_once) {
    perigee_Profile profile = {.size = sizeof profile};
    int wanted;
    run(add);
    perigee_Function *f = function("add");
    is(perigee_compile(L, f, PERIGEE_BASELINE), PERIGEE_OK); /* cold as it is */
    ck_assert_int_eq(perigee_tier(L, f, &wanted), PERIGEE_BASELINE);
    ck_assert_int_eq(wanted, PERIGEE_BASELINE);
    call("add", 50);
    is(perigee_compile(L, f, PERIGEE_OPTIMIZING), PERIGEE_OK);
    is(perigee_compile(L, f, PERIGEE_OPTIMIZING), PERIGEE_OK); /* there already */
    is(perigee_compile(L, f, PERIGEE_BASELINE), PERIGEE_OK);
    ck_assert_int_eq(tier("add"), PERIGEE_OPTIMIZING);
    ck_assert_str_eq(why("add"), "it runs in the highest tier");
    run("for i = 1, 100 do assert(add(i) == i + 1) end assert(add(0.5) == 1.5) assert(add('3') == 4)");
    perigee_profile(L, f, &profile);
    ck_assert(profile.compiles[PERIGEE_BASELINE] == 1 && profile.compiles[PERIGEE_OPTIMIZING] == 1 && profile.code_bytes[PERIGEE_OPTIMIZING] > 0);
    ck_assert(profile.compile_ns[PERIGEE_BASELINE] > 0 && profile.requested == PERIGEE_INTERPRETER);
}
END_TEST

START_TEST(deoptimised_step_by_step) {
    run(add);
    perigee_Function *f = function("add");
    is(perigee_deoptimise(L, f), PERIGEE_DEOPTIMISATION_FAILED);
    is(perigee_compile(L, f, PERIGEE_OPTIMIZING), PERIGEE_OK);
    is(perigee_deoptimise(L, f), PERIGEE_OK);
    ck_assert_int_eq(tier("add"), PERIGEE_BASELINE);
    is(perigee_deoptimise(L, f), PERIGEE_OK);
    ck_assert_int_eq(tier("add"), PERIGEE_INTERPRETER);
    is(perigee_deoptimise(L, f), PERIGEE_DEOPTIMISATION_FAILED);
    run("for i = 1, 10 do assert(add(i) == i + 1) end");
    is(perigee_compile(L, f, PERIGEE_OPTIMIZING), PERIGEE_OK);
    is(perigee_invalidate(L, f), PERIGEE_OK);
    ck_assert_int_eq(tier("add"), PERIGEE_INTERPRETER);
    is(perigee_compile(L, f, PERIGEE_BASELINE), PERIGEE_OK);
    is(perigee_invalidate(L, NULL), PERIGEE_OK);
    ck_assert_int_eq(tier("add"), PERIGEE_INTERPRETER);
}
END_TEST

/* The host's function gives up the code of its caller, amid a call. */
static int give_up_caller(lua_State *l) {
    lua_Debug ar;
    lua_getstack(l, 1, &ar);
    lua_getinfo(l, "f", &ar);
    is(perigee_invalidate(l, perigee_function(l, -1)), PERIGEE_OK);
    return 0;
}
START_TEST(frames_go_on_below) {
    again_with("thresholds=2,5 jit-sync");
    lua_register(L, "give_up", give_up_caller);
    run("function sum(n, at) local s, t = 0, {} for i = 1, n do if i == at then give_up() end t[i] = i s = s + t[i] end return s end\n"
        "for i = 1, 20 do assert(sum(100, 0) == 5050) end");
    ck_assert_int_eq(tier("sum"), PERIGEE_OPTIMIZING);
    run("assert(sum(10000, 5000) == 50005000)");
    run("for i = 1, 20 do assert(sum(100, 50) == 5050) end");
}
END_TEST

START_TEST(thresholds_count_at_once) {
    again_with("jit-sync");
    run(add);
    call("add", 60);
    ck_assert_int_eq(tier("add"), PERIGEE_INTERPRETER);
    is(perigee_setthresholds(L, 50, 100000), PERIGEE_OK);
    call("add", 1);
    ck_assert_int_eq(tier("add"), PERIGEE_BASELINE);
    call("add", 200);
    ck_assert_int_eq(tier("add"), PERIGEE_BASELINE);
    ck_assert_str_eq(why("add"), "used less than 100000 times, the threshold of optimizing");
    is(perigee_setthresholds(L, 50, 100), PERIGEE_OK);
    call("add", 1);
    ck_assert_int_eq(tier("add"), PERIGEE_OPTIMIZING);
    is(perigee_setthresholds(L, 1, 1), PERIGEE_OK);
    run("function cold(a) return a - 1 end");
    call("cold", 1);
    ck_assert_int_ge(tier("cold"), PERIGEE_BASELINE);
}
END_TEST

START_TEST(switched_off_and_on) {
    again_with("thresholds=10,20 jit-sync");
    run(add);
    call("add", 100);
    ck_assert_int_eq(tier("add"), PERIGEE_OPTIMIZING);
    ck_assert_int_eq(perigee_enabled(L), 1);
    is(perigee_enable(L, 0), PERIGEE_OK);
    ck_assert_int_eq(perigee_enabled(L), 0);
    ck_assert_int_eq(tier("add"), PERIGEE_INTERPRETER);
    ck_assert_str_eq(why("add"), "compiled code is switched off in this state");
    is(perigee_setthresholds(L, 10, 30), PERIGEE_DISABLED);
    is(perigee_compile(L, function("add"), PERIGEE_BASELINE), PERIGEE_DISABLED);
    is(perigee_cap(L, function("add"), PERIGEE_BASELINE), PERIGEE_DISABLED);
    is(perigee_cap(L, function("add"), PERIGEE_OPTIMIZING), PERIGEE_DISABLED);
    call("add", 100);
    ck_assert_int_eq(tier("add"), PERIGEE_INTERPRETER);
    is(perigee_enable(L, 1), PERIGEE_OK);
    call("add", 200);
    ck_assert_int_eq(tier("add"), PERIGEE_OPTIMIZING);
}
END_TEST

START_TEST(capped) {
    again_with("thresholds=10,20 jit-sync");
    run("function add(a) return a + 1 end function other(a) return a end");
    perigee_Function *f = function("add");
    is(perigee_cap(L, f, PERIGEE_BASELINE), PERIGEE_OK);
    call("add", 300);
    call("other", 300);
    ck_assert_int_eq(tier("add"), PERIGEE_BASELINE);
    ck_assert_int_eq(tier("other"), PERIGEE_OPTIMIZING);
    ck_assert_str_eq(why("add"), "the host capped it at the baseline tier");
    is(perigee_compile(L, f, PERIGEE_OPTIMIZING), PERIGEE_DISABLED);
    is(perigee_cap(L, f, PERIGEE_INTERPRETER), PERIGEE_OK);
    ck_assert_int_eq(tier("add"), PERIGEE_INTERPRETER);
    call("add", 300);
    ck_assert_int_eq(tier("add"), PERIGEE_INTERPRETER);
    run("function add(a) return a + 1 end function other(a) return a end"); /* the same functions */
    call("add", 300);
    ck_assert_int_eq(tier("add"), PERIGEE_INTERPRETER);
    is(perigee_cap(L, function("add"), PERIGEE_OPTIMIZING), PERIGEE_OK);
    call("add", 300);
    ck_assert_int_eq(tier("add"), PERIGEE_OPTIMIZING);
    is(perigee_cap(L, NULL, PERIGEE_BASELINE), PERIGEE_OK);
    ck_assert_int_eq(tier("add"), PERIGEE_BASELINE);
    ck_assert_str_eq(why("add"), "the state is capped at the baseline tier");
    ck_assert_int_eq(perigee_allowed(L, NULL), PERIGEE_BASELINE);
    is(perigee_force(L, function("add"), PERIGEE_OPTIMIZING), PERIGEE_DISABLED);
    is(perigee_cap(L, function("add"), PERIGEE_INTERPRETER), PERIGEE_OK);
    ck_assert_int_eq(perigee_allowed(L, function("add")), PERIGEE_INTERPRETER);
}
END_TEST

/* What is inlined is compiled too: a cap holds there as well. */
START_TEST(capped_where_it_is_inlined) {
    again_with("thresholds=10,20 jit-sync");
    run("local function leaf(a) return a + 1 end function outer(a) return leaf(a) end probe = leaf");
    call("outer", 300);
    ck_assert_int_eq(tier("outer"), PERIGEE_OPTIMIZING);
    is(perigee_cap(L, function("probe"), PERIGEE_INTERPRETER), PERIGEE_OK);
    ck_assert_int_ne(tier("outer"), PERIGEE_OPTIMIZING);
    call("outer", 300);
    ck_assert_int_eq(tier("outer"), PERIGEE_OPTIMIZING);
    ck_assert_int_eq(tier("probe"), PERIGEE_INTERPRETER);
    unsigned long long uses;
    perigee_Profile p = {.size = sizeof p};
    perigee_profile(L, function("probe"), &p);
    uses = p.uses;
    call("outer", 100);
    perigee_profile(L, function("probe"), &p);
    ck_assert_uint_eq(p.uses, uses + 100); /* called, not inlined */
}
END_TEST

START_TEST(forced) {
    again_with("jit-sync");
    run("function add(a) return a + 1 end function other(a) return a end");
    call("add", 6);
    is(perigee_force(L, function("add"), PERIGEE_BASELINE), PERIGEE_OK);
    call("add", 1);
    ck_assert_int_eq(tier("add"), PERIGEE_BASELINE);
    call("add", 3000);
    ck_assert_int_eq(tier("add"), PERIGEE_BASELINE);
    ck_assert_str_eq(why("add"), "the host forces it into the baseline tier");
    is(perigee_force(L, function("add"), PERIGEE_UNFORCED), PERIGEE_OK);
    call("add", 1);
    ck_assert_int_eq(tier("add"), PERIGEE_OPTIMIZING);
    is(perigee_force(L, NULL, PERIGEE_INTERPRETER), PERIGEE_OK);
    ck_assert_int_eq(tier("add"), PERIGEE_INTERPRETER);
    call("other", 3000);
    ck_assert_int_eq(tier("other"), PERIGEE_INTERPRETER);
    is(perigee_force(L, NULL, PERIGEE_BASELINE), PERIGEE_OK);
    call("other", 1);
    ck_assert_int_eq(tier("other"), PERIGEE_BASELINE);
}
END_TEST

/* A function far too large for the optimizing tier. */
START_TEST(limits_of_size) {
    run("local t = {'function large(a) local s = a '} for i = 1, 1500 do t[#t + 1] = 's = s * 3 + ' .. i .. ' ' end t[#t + 1] = 'return s end' "
        "load(table.concat(t))()");
    is(perigee_compile(L, function("large"), PERIGEE_OPTIMIZING), PERIGEE_LIMIT_REACHED);
    ck_assert_int_eq(tier("large"), PERIGEE_BASELINE);
    ck_assert_str_eq(why("large"), "optimizing failed: too large: more than 2500 bytecodes");
    perigee_Stats stats = {.size = sizeof stats};
    perigee_stats(L, &stats);
    int n = 0;
    while (strcmp(perigee_endname(n), "too large") != 0) n++;
    ck_assert_uint_eq(stats.ends[n], 1);
    ck_assert_uint_eq(stats.failed[PERIGEE_OPTIMIZING], 1);
}
END_TEST

/* The state's own limits (perigee_setlimit). */
START_TEST(limits_of_the_state) {
    run("function add(a) return a + 1 end function other(a) return a - 1 end");
    ck_assert_int_eq(perigee_setlimit(L, PERIGEE_LIMIT_INSTRUCTIONS, 1000000), 1);
    is(perigee_compile(L, function("add"), PERIGEE_OPTIMIZING), PERIGEE_OK);
    ck_assert_int_eq(tier("add"), PERIGEE_OPTIMIZING);
    unsigned long long before = perigee_usage(L, PERIGEE_LIMIT_INSTRUCTIONS);
    call("add", 1);
    ck_assert_uint_eq(perigee_usage(L, PERIGEE_LIMIT_INSTRUCTIONS), before + 2); /* counted in all tiers */
    ck_assert_int_eq(perigee_clearlimit(L, PERIGEE_LIMIT_INSTRUCTIONS), 1);
    ck_assert_int_eq(tier("add"), PERIGEE_INTERPRETER);
    is(perigee_compile(L, function("add"), PERIGEE_OPTIMIZING), PERIGEE_OK);
    ck_assert_int_eq(perigee_setlimit(L, PERIGEE_LIMIT_CODE, 16), 1);
    is(perigee_compile(L, function("other"), PERIGEE_BASELINE), PERIGEE_LIMIT_REACHED);
    ck_assert_str_eq(why("other"), "baseline was dropped: limit of machine code reached");
}
END_TEST

/* With one processor the optimizing tier is not yet worth its cost: the request waits. */
static void use_one_processor(void) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    sched_setaffinity(0, sizeof one, &one);
    again_with("thresholds=10,20");
}
static void call_until_it_waits(const char *name) {
    perigee_Profile p = {.size = sizeof p};
    is(perigee_compile(L, function(name), PERIGEE_BASELINE), PERIGEE_OK);
    for (int n = 0; n < 100 && p.requested != PERIGEE_OPTIMIZING; n++) {
        usleep(1000); /* its profile is to ripen */
        call(name, 100);
        perigee_profile(L, function(name), &p);
    }
    ck_assert_msg(p.tier == PERIGEE_BASELINE && p.requested == PERIGEE_OPTIMIZING, "%d, requested %d: %s", p.tier, p.requested, why(name));
}
static void wait_on_one_processor(void) {
    use_one_processor();
    run(add);
    call_until_it_waits("add");
}
static unsigned long long waiting(void) {
    perigee_Stats stats = {.size = sizeof stats};
    perigee_stats(L, &stats);
    return stats.waiting;
}

/* The lower code goes meanwhile: what waits is asked for anew, in its order. */
START_TEST(lower_code_is_lost_while_the_higher_waits) {
    wait_on_one_processor();
    ck_assert_uint_eq(waiting(), 1);
    is(perigee_deoptimise(L, function("add")), PERIGEE_OK);
    call("add", 100);
    ck_assert_uint_eq(waiting(), 1);
    perigee_Profile p = {.size = sizeof p};
    perigee_profile(L, function("add"), &p);
    ck_assert_int_eq(p.requested, PERIGEE_BASELINE);
    is(perigee_compile(L, function("add"), PERIGEE_OPTIMIZING), PERIGEE_OK);
    ck_assert_uint_eq(waiting(), 0);
}
END_TEST

/* A limit that was set after the request was made holds for it too. */
START_TEST(a_limit_is_set_while_the_higher_waits) {
    wait_on_one_processor();
    ck_assert_int_eq(perigee_setlimit(L, PERIGEE_LIMIT_CODE, 16), 1);
    is(perigee_force(L, function("add"), PERIGEE_OPTIMIZING), PERIGEE_OK);
    for (int n = 0; n < 50; n++) {
        call("add", 1000);
        usleep(2000);
    }
    ck_assert_int_eq(tier("add"), PERIGEE_BASELINE);
    ck_assert_str_eq(why("add"), "optimizing was dropped: limit of machine code reached");
}
END_TEST

START_TEST(a_missing_plugin) {
    setenv("PERIGEE_JIT", "/nonexistent/libperigee-jit.so", 1);
    run(add);
    is(perigee_compile(L, function("add"), PERIGEE_BASELINE), PERIGEE_COMPILATION_FAILED);
    is(perigee_compile(L, function("add"), PERIGEE_BASELINE), PERIGEE_COMPILATION_FAILED);
    ck_assert_ptr_nonnull(strstr(why("add"), "baseline failed: plugin cannot be opened"));
    perigee_Stats stats = {.size = sizeof stats};
    is(perigee_stats(L, &stats), PERIGEE_OK);
    ck_assert_ptr_nonnull(stats.unavailable);
    call("add", 1000);
}
END_TEST

static int last_replacement;
static int replace_caller(lua_State *l) {
    last_replacement = perigee_replaceframe(l, (int)luaL_optinteger(l, 1, 1));
    return 0;
}
static int compile_caller(lua_State *l) {
    lua_Debug ar;
    lua_getstack(l, 1, &ar);
    lua_getinfo(l, "f", &ar);
    is(perigee_compile(l, perigee_function(l, -1), PERIGEE_BASELINE), PERIGEE_OK);
    lua_settop(l, 0);
    return replace_caller(l);
}
static int compile_argument(lua_State *l) {
    is(perigee_compile(l, perigee_function(l, 1), PERIGEE_BASELINE), PERIGEE_OK);
    return 0;
}
static int frame_tier(lua_State *l) {
    lua_pushinteger(l, perigee_frametier(l, (int)luaL_optinteger(l, 1, 1)));
    return 1;
}
START_TEST(frames_are_replaced_by_hand) {
    lua_register(L, "tier", frame_tier);
    lua_register(L, "prepare", compile_argument);
    run("assert(tier(0) == -1 and tier(1) == 0 and tier(50) == -1 and tier(-1) == -1)");
    lua_register(L, "replace", replace_caller);
    lua_register(L, "compile", compile_caller);
    run("function once(n) local s = 0 assert(tier() == 0) compile() assert(tier() == 1) for i = 1, n do s = s + i end return s end assert(once(10) == 55)");
    is(last_replacement, PERIGEE_OK);
    run("local function inner() replace(2) end function through(n) prepare(through) inner() assert(tier() == 1) return n end assert(through(4) == 4)");
    is(last_replacement, PERIGEE_OK);
    run("function twice(n) replace() return n end twice(1)"); /* never compiled */
    is(last_replacement, PERIGEE_REPLACEMENT_FAILED);
    run("function meta(t) return t + 1 end local t = setmetatable({}, {__add = function() replace(2) return 7 end}) assert(meta(t) == 7)");
    is(last_replacement, PERIGEE_REPLACEMENT_FAILED); /* amid an addition */
    run("replace(0)");
    is(last_replacement, PERIGEE_BAD_ARGUMENT); /* the host's own frame */
    run("replace(100)");
    is(last_replacement, PERIGEE_BAD_ARGUMENT);
    run("function co(n) local s = 0 for i = 1, n do s = s + i compile() coroutine.yield(s) end return 'done' end\n"
        "local f = coroutine.wrap(co) assert(f(3) == 1 and f() == 3 and f() == 6 and f() == 'done')");
    is(last_replacement, PERIGEE_OK);
}
END_TEST

START_TEST(statistics) {
    perigee_Stats s = {.size = sizeof s};
    again_with("thresholds=10,20 jit-sync");
    run(add);
    call("add", 200);
    is(perigee_stats(L, &s), PERIGEE_OK);
    ck_assert(s.functions > 0 && s.uses >= 100 && s.in_tier[PERIGEE_OPTIMIZING] == 1 && s.waiting == 0);
    ck_assert(s.requests[PERIGEE_BASELINE] == 1 && s.compiled[PERIGEE_BASELINE] == 1 && s.compiled[PERIGEE_OPTIMIZING] == 1);
    ck_assert(s.code_bytes[PERIGEE_OPTIMIZING] > 0 && s.compile_ns[PERIGEE_OPTIMIZING] > 0 && s.start_ns > 0);
    ck_assert(s.unavailable == NULL && s.llvm_version != NULL && s.cpu != NULL);
    unsigned long long deoptimised = 0;
    run("for i = 1, 10 do add(i + 0.5) end");
    perigee_stats(L, &s);
    for (int n = 0; perigee_reasonname(n) != NULL; n++) deoptimised += s.deoptimisations[n];
    ck_assert_uint_gt(deoptimised, 0);
    perigee_resetstats(L);
    perigee_stats(L, &s);
    ck_assert(s.uses == 0 && s.compiled[PERIGEE_BASELINE] == 0 && s.compile_ns[PERIGEE_OPTIMIZING] == 0 && s.start_ns == 0);
    ck_assert(s.functions > 0 && s.code_bytes[PERIGEE_BASELINE] > 0); /* what is, is */
    for (int n = 0; n < PERIGEE_REASONS; n++) ck_assert_uint_eq(s.deoptimisations[n], 0);
    perigee_invalidate(L, NULL);
    perigee_stats(L, &s);
    ck_assert(s.codes_lost >= 1 && s.code_bytes[PERIGEE_BASELINE] == 0 && s.in_tier[PERIGEE_INTERPRETER] == s.functions);
}
END_TEST

START_TEST(events_in_their_order) {
    again_with("thresholds=10,20 jit-sync");
    listen_and_forget();
    run(add);
    call("add", 200);
    ck_assert_str_eq(log_text, "requested 1;started 1;compiled 1;promoted 1;requested 2;started 2;compiled 2;promoted 2;");
    is(from_event, PERIGEE_BUSY);
    log_text[0] = '\0';
    run("add(0.5)");
    ck_assert_str_eq(log_text, "deoptimised 2 type;");
    log_text[0] = '\0';
    perigee_deoptimise(L, function("add"));
    ck_assert_str_eq(log_text, "invalidated 2 host;");
    call("add", 50);
    ck_assert_uint_ge(log_uses, 40); /* counted on over losses */
    log_text[0] = '\0';
    run("add = nil collectgarbage() collectgarbage()");
    run("function add(a, b) return a - b end for i = 1, 50 do add(i, 1) end");
    ck_assert_int_eq(log_count[PERIGEE_EVENT_CODE_FREED], 3);
    setenv("PERIGEE_JIT", "/nonexistent", 1);
    is(perigee_listen(L, NULL, NULL), PERIGEE_OK);
    log_text[0] = '\0';
    run("function third(a, b) return a * b end for i = 1, 50 do third(i, 1) end");
    ck_assert_str_eq(log_text, "");
}
END_TEST

START_TEST(events_of_what_fails) {
    again_with("thresholds=10,20"); /* in the background */
    listen_and_forget();
    perigee_force(L, NULL, PERIGEE_BASELINE);
    run(add);
    call("add", 5);
    ck_assert_int_eq(log_count[PERIGEE_EVENT_REQUESTED], 1);
    perigee_enable(L, 0);
    ck_assert_ptr_nonnull(strstr(log_text, "dropped 1 switched off or capped while it waited;")); /* compiled or not: not installed yet */
    perigee_enable(L, 1);
    perigee_force(L, NULL, PERIGEE_UNFORCED);
    run("local t = {'function large(a) local s = a '} for i = 1, 1500 do t[#t + 1] = 's = s * 3 + ' .. i .. ' ' end t[#t + 1] = 'return s end' "
        "load(table.concat(t))()");
    is(perigee_compile(L, function("large"), PERIGEE_OPTIMIZING), PERIGEE_LIMIT_REACHED);
    ck_assert_ptr_nonnull(strstr(log_text, "failed 2 too large: more than 2500 bytecodes;"));
    lua_close(L); /* the listener hears of requests that end so */
    L = NULL;
}
END_TEST

/* A function dies while it waits, or has code: there may be no more of it than its handle, which is not given. */
static perigee_Function *dying[2];
static int alive, dead;
static void count_of_dying(void *ud, lua_State *l, const perigee_Event *e) {
    (void)ud, (void)l;
    if (strstr(e->place, "mortal") == NULL) return;
    if (e->f == NULL) dead++;
    else alive++;
    ck_assert(e->f == NULL || e->f == dying[0] || e->f == dying[1]);
}
START_TEST(events_of_functions_that_die) {
    static const char code[] = "function one(a) return a end function two(a) return one(a) end";
    for (int closes = 0; closes <= 1; closes++) {
        use_one_processor();
        ck_assert_int_eq(luaL_loadbuffer(L, code, sizeof code - 1, "=mortal"), LUA_OK);
        lua_call(L, 0, 0);
        dying[0] = function("one");
        dying[1] = function("two");
        alive = dead = 0;
        is(perigee_listen(L, count_of_dying, NULL), PERIGEE_OK);
        is(perigee_compile(L, dying[1], PERIGEE_OPTIMIZING), PERIGEE_OK);
        call_until_it_waits("one");
        ck_assert(alive >= 4 && dead == 0);
        alive = dead = 0;
        if (closes) teardown();
        else run("one, two = nil collectgarbage() collectgarbage()");
        ck_assert(alive == 0 && dead >= 1);
    }
}
END_TEST

/* Raised before anything was warm, the cap of the environment gives way; afterwards it is too late. */
START_TEST(a_state_made_for_the_interpreter) {
    again_with("tier=interp thresholds=2,5 jit-sync");
    ck_assert_int_eq(perigee_enabled(L), 0);
    is(perigee_cap(L, NULL, PERIGEE_OPTIMIZING), PERIGEE_OK);
    ck_assert_int_eq(perigee_enabled(L), 1);
    run(add);
    call("add", 100);
    ck_assert_int_eq(tier("add"), PERIGEE_OPTIMIZING);
    again_with("tier=interp");
    run(add);
    call("add", 100);
    ck_assert_str_eq(why("add"), "compiled code is switched off: --tier=interp");
    is(perigee_cap(L, NULL, PERIGEE_OPTIMIZING), PERIGEE_DISABLED);
    is(perigee_compile(L, function("add"), PERIGEE_BASELINE), PERIGEE_DISABLED);
}
END_TEST

static void *use_a_state(void *ud) {
    lua_State *l = luaL_newstate();
    unsigned long long compiled = 0;
    (void)ud;
    luaL_openlibs(l);
    for (int round = 0; round < 20; round++) {
        perigee_Stats s = {.size = sizeof s};
        ck_assert_int_eq(luaL_dostring(l, "function f(n) local s = 0 for i = 1, n do s = s + i end return s end for i = 1, 200 do assert(f(10) == 55) end"), LUA_OK);
        lua_getglobal(l, "f");
        perigee_Function *f = perigee_function(l, -1);
        is(perigee_compile(l, f, PERIGEE_OPTIMIZING), PERIGEE_OK);
        ck_assert_int_eq(perigee_tier(l, f, NULL), PERIGEE_OPTIMIZING);
        ck_assert_int_eq(luaL_dostring(l, "assert(f(1000) == 500500)"), LUA_OK);
        if (round % 3 == 0) {
            is(perigee_enable(l, 0), PERIGEE_OK);
            is(perigee_enable(l, 1), PERIGEE_OK);
        }
        if (round % 3 == 1) is(perigee_invalidate(l, NULL), PERIGEE_OK);
        is(perigee_setthresholds(l, 10 + (unsigned)round, 100), PERIGEE_OK);
        perigee_stats(l, &s);
        ck_assert_uint_gt(s.compiled[PERIGEE_OPTIMIZING], compiled);
        compiled = s.compiled[PERIGEE_OPTIMIZING];
        lua_settop(l, 0);
    }
    lua_close(l);
    return NULL;
}
START_TEST(states_in_several_threads) {
    pthread_t threads[4];
    for (int n = 0; n < 4; n++) ck_assert_int_eq(pthread_create(&threads[n], NULL, use_a_state, NULL), 0);
    for (int n = 0; n < 4; n++) pthread_join(threads[n], NULL);
}
END_TEST
#endif

/* Tests stand in a folder below the plugin's. */
static void find_plugin(const char *self) {
    const char *slash = strrchr(self, '/');
    char path[4096];
    snprintf(path, sizeof path, "%.*s../libperigee-jit.so", slash != NULL ? (int)(slash + 1 - self) : 0, self);
    setenv("PERIGEE_JIT", path, 0);
}

/* A build may have the plugin, and an interpreter that cannot enter compiled code (gcc). */
static bool has_compilers(void) {
    lua_State *probe = luaL_newstate();
    bool has = perigee_enabled(probe);
    lua_close(probe);
    return has;
}

int main(int argc, char **argv) {
    enum { EVERYWHERE = 6 }; /* the first tests hold in each build */
    const TTest *const tests[] = {
        statuses_have_names, bad_arguments, what_is_known_without_compiling, structs_of_any_size, a_state_without_compilers, no_memory_changes_nothing,
#ifdef PERIGEE_TIERS
        compiled_at_once, deoptimised_step_by_step, frames_go_on_below, thresholds_count_at_once, switched_off_and_on, capped,
        capped_where_it_is_inlined, forced, limits_of_size, limits_of_the_state, lower_code_is_lost_while_the_higher_waits,
        a_limit_is_set_while_the_higher_waits, a_missing_plugin, frames_are_replaced_by_hand, statistics, events_in_their_order,
        events_of_what_fails, events_of_functions_that_die, a_state_made_for_the_interpreter, states_in_several_threads
#endif
    };
    Suite *suite = suite_create("control");
    TCase *tcase = tcase_create("host");
    unsetenv("PERIGEE_OPTIONS");
    find_plugin(argc > 0 ? argv[0] : "");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 120);
    for (size_t n = 0; n < sizeof tests / sizeof tests[0] && (n < EVERYWHERE || has_compilers()); n++) tcase_add_test(tcase, tests[n]);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
