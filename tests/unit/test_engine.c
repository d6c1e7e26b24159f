// SPDX-License-Identifier: MIT
/* The engine with a plugin that does not compile (fake_plugin.c): requests, queue, mailbox,
 * cancellation, threads, fork, exit. Each test is a process of its own, in which the plugin is
 * opened at most once. */
#include <check.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/options.h"
#include "fake_plugin.h"
#include "gc/gc.h"
#include "interp/interp.h"
#include "lauxlib.h"
#include "lualib.h"
#include "profile/feedback.h"
#include "profile/policy.h"
#include "profile/profile.h"
#include "state/code.h"
#include "tiers/engine/engine.h"
#include "tiers/engine/region.h"

static lua_State *L;
static FakePlugin *fake;

/* -------------------------------------------------------------------------------------- helpers */

static void sleep_ms(int ms) {
    struct timespec t = {ms / 1000, ms % 1000 * 1000000L};
    while (nanosleep(&t, &t) != 0) {}
}

static double now_ms(void) { return (double)policy_now_ns() / 1e6; }

static void use_plugin(const char *path) {
    setenv("PERIGEE_JIT", path, 1);
    void *library = dlopen(path, RTLD_NOW);
    ck_assert_msg(library != NULL, "%s", dlerror());
    fake = dlsym(library, "fake_plugin");
    ck_assert_ptr_nonnull(fake);
}

/* The plugin is not opened for programs of a few milliseconds. */
static void grow_old(void) {
    struct timespec t = {0, 0};
    while (t.tv_sec == 0 && t.tv_nsec < 4000000) clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
}

static lua_State *state_with(const char *options) {
    grow_old();
    setenv("PERIGEE_OPTIONS", options, 1);
    lua_State *fresh = luaL_newstate();
    ck_assert_ptr_nonnull(fresh);
    luaL_openlibs(fresh);
    return fresh;
}

static void run_in(lua_State *l, const char *source) {
    if (luaL_loadstring(l, source) != LUA_OK || lua_pcall(l, 0, 0, 0) != LUA_OK) ck_abort_msg("%s", lua_tostring(l, -1));
}
static void run(const char *source) { run_in(L, source); }

/* Calls a global function from C, so that no loop of a caller counts. */
static void call_in(lua_State *l, const char *name, int times) {
    for (int n = 0; n < times; n++) {
        lua_getglobal(l, name);
        lua_call(l, 0, 0);
    }
}
static void call(const char *name, int times) { call_in(L, name, times); }

static Proto *proto_in(lua_State *l, const char *name) {
    lua_getglobal(l, name);
    Proto *p = as_lcl(l->top - 1)->p;
    lua_pop(l, 1);
    return p;
}
static Proto *proto(const char *name) { return proto_in(L, name); }
static const TierEntry *entry(const char *name) { return tier_entry_peek(G(L), proto(name)); }

static const char *state_of(const char *name, int tier) {
    const TierEntry *e = entry(name);
    return e != NULL ? tier_state_name(e, tier) : "none";
}

/* Calls the function until its code of `tier` is in that state. */
static void call_until(const char *name, int tier, const char *state) {
    double start = now_ms();
    while (strcmp(state_of(name, tier), state) != 0) {
        call(name, 300);
        sleep_ms(1);
        ck_assert_msg(now_ms() - start < 5000, "%s: still %s", name, state_of(name, tier));
    }
}

static void wait_for(atomic_int *counter, int value) {
    double start = now_ms();
    while (*counter < value) {
        sleep_ms(1);
        ck_assert_msg(now_ms() - start < 5000, "%d instead of %d", *counter, value);
    }
}

static void setup(void) {
    use_plugin(FAKE_PLUGIN);
    L = NULL;
}
static void teardown(void) {
    if (L != NULL) lua_close(L);
    if (fake != NULL) ck_assert_int_le(fake->releases, fake->compiles);
}

/* ------------------------------------------------------------------------------------- requests */

START_TEST(hundredth_call_requests) {
    L = state_with("jit-sync tier=baseline");
    run("function f() end");
    call("f", 99);
    ck_assert_ptr_null(entry("f"));
    ck_assert_int_eq(fake->opened, 0);
    call("f", 1);
    ck_assert_str_eq(state_of("f", TIER_BASELINE), "installed");
    ck_assert_int_eq(entry("f")->tier, TIER_BASELINE);
    ck_assert_ptr_eq(proto("f")->entry, proto("f")->compiled->stream);
    ck_assert_int_eq(fake->opened, 1);
    call("f", 890);
    ck_assert_int_eq(fake->compiles, 1);
    call("f", 5000); /* may get no higher: is made anew once, from its profile */
    ck_assert_int_eq(fake->compiles, 2);
    ck_assert_int_eq(entry("f")->tier, TIER_BASELINE);
}
END_TEST

START_TEST(every_threshold_is_exact) {
    static const int thresholds[] = {1, 2, 3, 4, 5, 50, 1000};
    for (size_t n = 0; n < sizeof thresholds / sizeof thresholds[0]; n++) {
        char options[64];
        snprintf(options, sizeof options, "jit-sync tier=baseline thresholds=%d,100000", thresholds[n]);
        L = state_with(options);
        run("function f() end");
        call("f", thresholds[n] - 1);
        ck_assert_str_eq(state_of("f", TIER_BASELINE), "none");
        call("f", 1);
        ck_assert_msg(strcmp(state_of("f", TIER_BASELINE), "installed") == 0, "threshold %d", thresholds[n]);
        lua_close(L);
    }
    L = NULL;
}
END_TEST

START_TEST(tiers_follow_each_other) {
    L = state_with("jit-sync thresholds=10,50");
    run("function f() end");
    call("f", 49);
    ck_assert_int_eq(entry("f")->tier, TIER_BASELINE);
    call("f", 1);
    ck_assert_int_eq(entry("f")->tier, TIER_OPT);
    ck_assert_ptr_null(tier_entry_check(entry("f")));
}
END_TEST

START_TEST(background_code_arrives) {
    L = state_with("tier=baseline");
    fake->delay_ms = 5;
    run("function f() end");
    call("f", 99);
    ck_assert_str_eq(state_of("f", TIER_BASELINE), "none");
    call("f", 1);
    ck_assert_str_eq(state_of("f", TIER_BASELINE), "queued");
    call_until("f", TIER_BASELINE, "installed");
    ck_assert_int_eq(fake->signals_open, 0);
    ck_assert_int_ge(fake->stack_bytes, 8 << 20);
    const EngineStats *stats = engine_stats(G(L));
    ck_assert_uint_eq(stats->tier[TIER_BASELINE].compiled, 1);
    ck_assert_uint_eq(stats->tier[TIER_BASELINE].code_bytes, 100);
    ck_assert_uint_eq(stats->waiting, 0);
    ck_assert_ptr_null(stats->unavailable);
}
END_TEST

START_TEST(failure_is_final_and_has_its_reason) {
    L = state_with("tier=baseline");
    fake->fail = 1;
    run("function f() end");
    call("f", 100);
    call_until("f", TIER_BASELINE, "failed");
    ck_assert_str_eq(entry("f")->in[TIER_BASELINE].reason, "told to fail");
    call("f", 100000);
    ck_assert_int_eq(fake->compiles, 1);
    ck_assert_uint_eq(engine_stats(G(L))->tier[TIER_BASELINE].failed, 1);
}
END_TEST

START_TEST(missing_plugin_leaves_the_interpreter) {
    setenv("PERIGEE_JIT", "/nonexistent/plugin.so", 1);
    L = state_with("tier=opt");
    run("function f() end function g() end");
    call("f", 100);
    call_until("f", TIER_BASELINE, "failed");
    call("g", 100000);
    ck_assert_str_eq(state_of("g", TIER_BASELINE), "failed");
    ck_assert_ptr_nonnull(strstr(engine_stats(G(L))->unavailable, "plugin cannot be opened"));
    ck_assert_int_eq(fake->opened, 0);
}
END_TEST

START_TEST(plugin_of_another_build_is_refused) {
    setenv("FAKE_BUILD_ID", "other", 1);
    L = state_with("jit-sync tier=baseline");
    run("function f() end function g() end");
    call("f", 100);
    call("g", 100);
    ck_assert_ptr_nonnull(strstr(entry("f")->in[TIER_BASELINE].reason, "another build"));
    ck_assert_ptr_nonnull(strstr(entry("g")->in[TIER_BASELINE].reason, "another build"));
    ck_assert_int_eq(fake->opened, 1);
    ck_assert_int_eq(fake->compiles, 0);
}
END_TEST

/* One warning for the process, then the interpreter. */
START_TEST(forbidden_executable_memory_is_told_once) {
    char text[1024] = "";
    FILE *caught = tmpfile();
    int own = dup(2);
    region_allow(REGION_FORBIDDEN);
    dup2(fileno(caught), 2);
    for (int n = 0; n < 3; n++) {
        lua_State *l = state_with("jit-sync tier=baseline");
        run_in(l, "local function f() end for i = 1, 1000 do f() end");
        ck_assert_ptr_nonnull(strstr(engine_stats(G(l))->unavailable, "no executable memory"));
        lua_close(l);
    }
    dup2(own, 2);
    rewind(caught);
    ck_assert_ptr_nonnull(fgets(text, sizeof text, caught));
    ck_assert_ptr_nonnull(strstr(text, "everything stays interpreted"));
    ck_assert_ptr_null(fgets(text, sizeof text, caught));
    fclose(caught);
    ck_assert_int_eq(fake->opened, 0);
}
END_TEST

START_TEST(no_tier_allowed_no_engine) {
    L = state_with("tier=interp");
    ck_assert_ptr_null(G(L)->seam);
    ck_assert_ptr_null(engine_stats(G(L)));
    run("function f() end");
    call("f", 10000);
    ck_assert_int_eq(fake->opened, 0);
}
END_TEST

/* ---------------------------------------------------------------------------------- cancellation */

static void make_and_drop(int functions) {
    for (int n = 0; n < functions; n++) {
        char source[64];
        snprintf(source, sizeof source, "function f() return %d end", n);
        run(source);
        call("f", 100);
        if (n % 5 == 0) sleep_ms(1);
    }
    run("f = nil");
    lua_gc(L, LUA_GCCOLLECT);
    lua_gc(L, LUA_GCCOLLECT);
}

static void kept(void *ud, TierEntry *e) {
    int *dropped = ud;
    ck_assert_ptr_null(tier_entry_check(e));
    ck_assert_uint_eq(e->in[TIER_BASELINE].installed, 0);
    *dropped += e->in[TIER_BASELINE].request == REQUEST_DROPPED;
}

START_TEST(functions_die_while_they_wait) {
    int dropped = 0;
    L = state_with("tier=baseline");
    fake->delay_ms = 3;
    make_and_drop(50);
    tier_table_each(G(L), kept, &dropped);
    ck_assert_int_ge(dropped, 1);
    const EngineStats *stats = engine_stats(G(L));
    ck_assert_uint_eq(stats->waiting, 0);
    ck_assert_uint_eq(stats->tier[TIER_BASELINE].code_bytes, 0);
    lua_close(L);
    L = NULL;
    sleep_ms(20);
    while (fake->running) sleep_ms(1);
    sleep_ms(5);
    ck_assert_int_eq(fake->releases, fake->compiles); /* no code stays behind, whenever its function died */
}
END_TEST

START_TEST(closing_does_not_wait) {
    fake->delay_ms = 500;
    L = state_with("tier=baseline");
    run("function f() end function g() end");
    call("f", 100);
    call("g", 100);
    wait_for(&fake->running, 1);
    double start = now_ms();
    lua_close(L);
    ck_assert_double_lt(now_ms() - start, 200);
    L = state_with("tier=baseline"); /* the thread serves the next one */
    fake->delay_ms = 0;
    run("function f() end");
    call("f", 100);
    call_until("f", TIER_BASELINE, "installed");
    ck_assert_int_eq(fake->compiles, 2);
    ck_assert_int_eq(fake->releases, 1);
}
END_TEST

START_TEST(what_cools_down_leaves_the_queue) {
    fake->delay_ms = 700;
    L = state_with("tier=baseline");
    run("function f() end function g() end");
    call("f", 100);
    wait_for(&fake->running, 1);
    call("g", 100);
    fake->delay_ms = 0;
    call_until("f", TIER_BASELINE, "installed");
    sleep_ms(20);
    call("f", 1000);
    double start = now_ms();
    while (strcmp(state_of("g", TIER_BASELINE), "dropped") != 0 && now_ms() - start < 1000) {
        proto("f")->budget = 1; /* a look at f, which takes the mail */
        proto("f")->armed = (int64_t)proto_uses(proto("f")) + 1;
        call("f", 1);
        sleep_ms(1);
    }
    ck_assert_str_eq(state_of("g", TIER_BASELINE), "dropped");
    ck_assert_ptr_nonnull(strstr(entry("g")->in[TIER_BASELINE].reason, "cold"));
    call_until("g", TIER_BASELINE, "installed"); /* it may be asked for again */
}
END_TEST

/* ---------------------------------------------------------------------------------- optimised code */

/* Function g calls f; its profile says so. */
static void make_caller(void) {
    run("function f() end function g() f() end");
    call("g", 4);
    Proto *g = proto("g");
    for (uint32_t n = 0; n < g->sizecode; n++) {
        if (insn_op(g->code[n]) != OP_CALL) continue;
        Cell *cell = &g->cells[insn_d(g->feedback->quick[n])];
        cell->kind = CELL_TARGET;
        cell->u.target = (GCObject *)proto("f");
    }
}

START_TEST(callees_come_along_and_their_death_is_noticed) {
    L = state_with("jit-sync thresholds=10,20");
    make_caller();
    call("g", 20);
    ck_assert_int_eq(entry("g")->tier, TIER_OPT);
    ck_assert_int_eq(fake->most_callees, 1);
    Proto *g = proto("g");
    for (uint32_t n = 0; n < g->feedback->ncells; n++)
        if (g->cells[n].kind == CELL_TARGET) g->cells[n].kind = CELL_TARGETS;
    run("f = nil");
    lua_gc(L, LUA_GCCOLLECT);
    ck_assert_int_eq(g->compiled->state, CODE_INVALID);
    ck_assert_int_eq(entry("g")->tier, TIER_BASELINE);
    ck_assert_uint_eq(entry("g")->deopts[DEOPT_CALLEE], 1);
}
END_TEST

START_TEST(code_left_often_is_made_anew_then_given_up) {
    L = state_with("jit-sync thresholds=10,20");
    run("function f() end");
    for (int n = 0; n < POLICY_MAX_LOSSES; n++) {
        call_until("f", TIER_OPT, "installed");
        Code *code = proto("f")->compiled;
        ck_assert_uint_eq(code->exit_limit, 100u << n);
        G(L)->seam->many_exits(L, code);
        ck_assert_int_eq(code->state, CODE_INVALID);
        ck_assert_int_eq(entry("f")->tier, TIER_BASELINE);
    }
    call("f", 100000);
    ck_assert_int_eq(entry("f")->tier, TIER_BASELINE);
    ck_assert_int_eq(entry("f")->in[TIER_OPT].compiles, POLICY_MAX_LOSSES);
    ck_assert_ptr_nonnull(strstr(entry("f")->in[TIER_OPT].reason, "given up"));
}
END_TEST

START_TEST(one_request_at_a_time) {
    L = state_with("thresholds=10,20");
    run("function f() end");
    call_until("f", TIER_BASELINE, "installed");
    Code *baseline = proto("f")->compiled;
    fake->delay_ms = 200;
    call_until("f", TIER_OPT, "compiling");
    G(L)->seam->many_exits(L, baseline);
    ck_assert_int_eq(baseline->state, CODE_INSTALLED); /* it stays while optimised code is on its way */
    code_invalidate(L, baseline);
    call_until("f", TIER_BASELINE, "none"); /* when it was looked at; nor is it asked for */
    call_until("f", TIER_OPT, "installed");
    ck_assert_int_eq(proto("f")->compiled->tier, TIER_OPT);
    ck_assert_int_eq(entry("f")->tier, TIER_OPT);
    ck_assert_ptr_null(tier_entry_check(entry("f")));
}
END_TEST

/* ------------------------------------------------------------------------------- threads, processes */

static void *many_states(void *ud) {
    (void)ud;
    grow_old();
    for (int n = 0; n < 15 || (fake->opened == 0 && n < 2000); n++) { /* states may be gone before the compile thread begins */
        lua_State *l = luaL_newstate();
        luaL_openlibs(l);
        run_in(l, "for n = 1, 20 do local f = load('return ' .. n) for i = 1, 300 do f() end end collectgarbage()");
        lua_close(l);
    }
    return NULL;
}

static void in_threads(const char *options) {
    pthread_t threads[4];
    setenv("PERIGEE_OPTIONS", options, 1);
    for (int n = 0; n < 4; n++) pthread_create(&threads[n], NULL, many_states, NULL);
    for (int n = 0; n < 4; n++) pthread_join(threads[n], NULL);
    sleep_ms(50);
    ck_assert_int_eq(fake->opened, 1);
    ck_assert_int_ge(fake->compiles, 1);
    ck_assert_int_eq(fake->releases, fake->compiles);
}

START_TEST(states_in_threads_share_one_compile_thread) { in_threads("tier=baseline"); }
END_TEST
START_TEST(states_in_threads_compile_in_place) { in_threads("tier=baseline jit-sync"); }
END_TEST

static void await_child(pid_t child) {
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "child: status %x", status);
}

/* In the child everything can be compiled anew. */
static void forked(const char *waiting, int opened) {
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        fake->delay_ms = 0;
        call_until(waiting, TIER_BASELINE, "installed");
        run("function fresh() end");
        call_until("fresh", TIER_BASELINE, "installed");
        ck_assert_str_eq(state_of("done", TIER_BASELINE), "installed");
        ck_assert_int_eq(fake->opened, opened);
        lua_close(L);
        _exit(0);
    }
    await_child(child);
    call_until(waiting, TIER_BASELINE, "installed");
}

START_TEST(fork_between_compilations) {
    L = state_with("tier=baseline");
    run("function done() end function f() end");
    call_until("done", TIER_BASELINE, "installed");
    sleep_ms(10);
    forked("f", 1);
}
END_TEST

START_TEST(fork_amid_a_compilation) {
    L = state_with("tier=baseline");
    run("function done() end function f() end function g() end");
    call_until("done", TIER_BASELINE, "installed");
    fake->delay_ms = 200;
    call("f", 100);
    call("g", 100);
    wait_for(&fake->running, 1);
    forked("f", 2); /* the compiler was in use: the child opens its own */
}
END_TEST

START_TEST(exit_waits_for_the_compilation) {
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        L = state_with("tier=baseline");
        fake->delay_ms = 200;
        run("function f() end function g() end");
        call("f", 100);
        call("g", 100);
        wait_for(&fake->running, 1);
        exit(0); /* status 42 if the plugin's destructors meet a compilation */
    }
    await_child(child);
}
END_TEST

START_TEST(exit_with_states_in_place) {
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        L = state_with("tier=baseline jit-sync");
        run("setmetatable({}, {__gc = function() local f = load('return 1') for i = 1, 1000 do f() end end})");
        run("for i = 1, 1000 do end");
        exit(0);
    }
    await_child(child);
}
END_TEST

/* --------------------------------------------------------------------------------------- memory */

START_TEST(every_allocation_may_fail) {
    int failures = 0;
    for (int nth = 1; nth < 400; nth += 3) {
        char options[96];
        snprintf(options, sizeof options, "tier=opt jit-sync thresholds=2,4 fail-alloc=%d%s", nth, nth % 2 ? "+" : "");
        setenv("PERIGEE_OPTIONS", options, 1);
        lua_State *l = luaL_newstate();
        if (l == NULL) continue;
        if (luaL_loadstring(l, "local function f(t) return t.x end for i = 1, 30 do f{x = i} end") != LUA_OK || lua_pcall(l, 0, 0, 0) != LUA_OK)
            failures++;
        lua_close(l);
    }
    ck_assert_int_ge(failures, 1);
    ck_assert_int_eq(fake->releases, fake->compiles);
}
END_TEST

static int nevents[ENGINE_EVENTS];
static void listen(void *ud, Global *g, const EngineEvent *e) {
    (void)ud, (void)g;
    ck_assert_ptr_nonnull(strstr(e->function, ":1"));
    nevents[e->kind]++;
}

START_TEST(events_are_told) {
    L = state_with("jit-sync thresholds=10,20");
    engine_listen(G(L), listen, NULL);
    run("function f() end");
    call("f", 20);
    ck_assert_int_eq(nevents[ENGINE_REQUESTED], 2);
    ck_assert_int_eq(nevents[ENGINE_STARTED], 2);
    ck_assert_int_eq(nevents[ENGINE_INSTALLED], 2);
    ck_assert_int_eq(nevents[ENGINE_LOST], 0);
    G(L)->seam->many_exits(L, proto("f")->compiled);
    ck_assert_int_eq(nevents[ENGINE_LOST], 1);
    G(L)->seam->deoptimised(L, proto("f")->compiled, &(CodeExit){.nframes = 1, .reason = DEOPT_SHAPE, .where = CODE_NOWHERE}, DEOPT_SHAPE);
    ck_assert_int_eq(nevents[ENGINE_DEOPTIMISED], 1);
    ck_assert_uint_eq(entry("f")->deopts[DEOPT_SHAPE], 1);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        hundredth_call_requests, every_threshold_is_exact, tiers_follow_each_other, background_code_arrives,
        failure_is_final_and_has_its_reason, missing_plugin_leaves_the_interpreter, plugin_of_another_build_is_refused,
        forbidden_executable_memory_is_told_once, no_tier_allowed_no_engine, functions_die_while_they_wait, closing_does_not_wait, what_cools_down_leaves_the_queue,
        callees_come_along_and_their_death_is_noticed, code_left_often_is_made_anew_then_given_up, one_request_at_a_time,
        states_in_threads_share_one_compile_thread, states_in_threads_compile_in_place, fork_between_compilations,
        fork_amid_a_compilation, exit_waits_for_the_compilation, exit_with_states_in_place, every_allocation_may_fail, events_are_told,
    };
    if (vm_jit_symbols() == NULL) return 77; /* meson: skipped; an interpreter that cannot enter code has no engine */
    Suite *suite = suite_create("engine");
    TCase *tcase = tcase_create("engine");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 120);
    for (size_t n = 0; n < sizeof tests / sizeof tests[0]; n++) tcase_add_test(tcase, tests[n]);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
