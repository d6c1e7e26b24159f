// SPDX-License-Identifier: MIT
/* What hosts do around a state: leave it by longjmp, raise through foreign frames, run many in many
 * threads, read its warnings, steer it. */
#include "capi.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <unistd.h>

/* ---- Errors without protection
 * ------------------------------------------------------------------------ */

static jmp_buf rescue;
static char last_words[100];
static int panic(lua_State *S) {
    snprintf(last_words, sizeof last_words, "%s", lua_tostring(S, -1));
    longjmp(rescue, 1);
}
static int closes(lua_State *S) {
    lua_pushliteral(S, "closed");
    lua_setglobal(S, "witness");
    return 0;
}

START_TEST(panic_leaves_by_longjmp) {
    lua_atpanic(L, panic);
    for (volatile int round = 0; round < 5; round++) {
        if (setjmp(rescue) == 0) {
            if (round % 2 == 0) {
                run("local function f(n, r) if n == 0 then r('no protection', 0) end return f(n - 1, r) + 1 end return f, 10, error", 3);
                lua_call(L, 2, 0);
            } else {
                lua_pushliteral(L, "no protection");
                lua_error(L);
            }
            ck_abort_msg("came back");
        }
        ck_assert_str_eq(last_words, "no protection");
        lua_settop(L, 0);
        run("local t = {} for i = 1, 50 do t[i] = coroutine.wrap(function() return i end)() end return #t", 1);
        ck_assert_int_eq(lua_tointeger(L, -1), 50);
        lua_settop(L, 0);
    }
}
END_TEST

START_TEST(panic_closes_variables_first) {
    lua_atpanic(L, panic);
    lua_newtable(L);
    lua_newtable(L);
    lua_pushcfunction(L, closes);
    lua_setfield(L, -2, "__close");
    lua_setmetatable(L, -2);
    lua_setglobal(L, "guard");
    if (setjmp(rescue) == 0) {
        ck_assert_int_eq(luaL_loadstring(L, "local g <close> = guard; error('out', 0)"), LUA_OK);
        lua_call(L, 0, 0);
    }
    ck_assert_str_eq(last_words, "out");
    ck_assert_int_eq(lua_getglobal(L, "witness"), LUA_TSTRING);
}
END_TEST

/* ---- Foreign frames
 * ----------------------------------------------------------------------------------- */

static lua_State *sorting;
static int by_lua(const void *a, const void *b) {
    lua_pushvalue(sorting, 1);
    lua_pushinteger(sorting, *(const int *)a);
    lua_pushinteger(sorting, *(const int *)b);
    lua_call(sorting, 2, 1);
    int r = (int)lua_tointeger(sorting, -1);
    lua_pop(sorting, 1);
    return r;
}
static int sorts(lua_State *S) {
    int n[20];
    for (int i = 0; i < 20; i++) n[i] = 7 * i % 20;
    sorting = S;
    qsort(n, 20, sizeof *n, by_lua);
    for (int i = 0; i < 20; i++) lua_pushinteger(S, n[i]);
    return 20;
}
START_TEST(errors_and_calls_pass_foreign_frames) {
    lua_pushcfunction(L, sorts);
    lua_setglobal(L, "sorts");
    run("local t = {sorts(function(a, b) return a - b end)} for i = 1, 20 do assert(t[i] == i - 1) end "
        "for round = 1, 50 do local n = 0 "
        "  local ok, m = pcall(sorts, function(a, b) n = n + 1; if n == round then error('stop', 0) end return b - a end) "
        "  assert(ok or m == 'stop') end "
        "return pcall(sorts, function() coroutine.yield() end)", 2);
    ck_assert_message("attempt to yield from outside a coroutine");
    run("local co = coroutine.create(sorts) return coroutine.resume(co, function() coroutine.yield() end)", 2);
    ck_assert_message("attempt to yield across a C-call boundary");
}
END_TEST

/* ---- Threads ------------------------------------------------------------------------------------------ */

static const char mixed_work[] =
    "local t, n = {}, ... for i = 1, 400 do t[i] = {name = 'k' .. i, value = i * 1.5, f = function() return i + n end} end "
    "local s = 0 for i, e in ipairs(t) do s = s + e.value + e.f() + #e.name end "
    "local c = coroutine.wrap(function() for i = 1, 100 do coroutine.yield(i) end end) for _ = 1, 100 do s = s + c() end "
    "s = s + #string.format('%q', ('x'):rep(100)):gsub('x', 'yy') + select(2, pcall(error, 5)) collectgarbage() "
    "return math.tointeger(s - 400 * n)";
static void *own_alloc(void *ud, void *ptr, size_t osize, size_t nsize) {
    (void)ud, (void)osize;
    if (nsize != 0) return realloc(ptr, nsize);
    free(ptr);
    return NULL;
}
static void *lives(void *arg) { /* born, at work and closed in one thread of many */
    intptr_t sum = 0, n = (intptr_t)arg;
    for (int i = 0; i < 15; i++) {
        lua_State *S = (i + n) % 2 ? luaL_newstate() : lua_newstate(own_alloc, NULL);
        luaL_openlibs(S);
        if (luaL_loadstring(S, mixed_work) == LUA_OK) {
            lua_pushinteger(S, n);
            if (lua_pcall(S, 1, 1, 0) == LUA_OK) sum += lua_tointeger(S, -1);
        }
        lua_close(S);
    }
    return (void *)sum;
}
START_TEST(states_in_threads) {
    enum { THREADS = 6 };
    pthread_t threads[THREADS];
    intptr_t alone = (intptr_t)lives((void *)(intptr_t)100);
    ck_assert_int_gt(alone, 0);
    for (intptr_t i = 0; i < THREADS; i++) ck_assert_int_eq(pthread_create(&threads[i], NULL, lives, (void *)i), 0);
    for (int i = 0; i < THREADS; i++) {
        void *sum;
        ck_assert_int_eq(pthread_join(threads[i], &sum), 0);
        ck_assert_int_eq((intptr_t)sum, alone);
    }
}
END_TEST

/* one state wanders: what matters is that only one thread at a time uses it */
static void *continues(void *S) {
    lua_getglobal(S, "step");
    return (void *)(intptr_t)lua_pcall(S, 0, 0, 0);
}
START_TEST(a_state_wanders_between_threads) {
    run("n = 0 local c = coroutine.wrap(function() while true do n = n + 1; coroutine.yield({n}) end end) function step() c() end", 0);
    for (int i = 0; i < 20; i++) {
        pthread_t thread;
        void *status;
        ck_assert_int_eq(pthread_create(&thread, NULL, continues, L), 0);
        pthread_join(thread, &status);
        ck_assert_ptr_null(status);
    }
    lua_getglobal(L, "n");
    ck_assert_int_eq(lua_tointeger(L, -1), 20);
}
END_TEST

/* ---- Hooks, warnings, collector, chunks
 * --------------------------------------------------------------- */

static void count_lines(lua_State *S, lua_Debug *ar) {
    (void)ar;
    ++*(*(int **)lua_getextraspace(S));
}
START_TEST(hooks_are_inherited) {
    int lines = 0;
    *(int **)lua_getextraspace(L) = &lines;
    lua_sethook(L, count_lines, LUA_MASKLINE, 0);
    lua_State *co = lua_newthread(L);
    lua_sethook(L, NULL, 0, 0);
    ck_assert_ptr_eq((void *)lua_gethook(co), (void *)count_lines);
    ck_assert_int_eq(lua_gethookmask(co), LUA_MASKLINE);
    ck_assert_int_eq(lua_gethookcount(co), 0);
    ck_assert_ptr_null((void *)lua_gethook(L));
    ck_assert_int_eq(luaL_loadstring(co, "local a = 1\nlocal b = 2\nreturn a + b"), LUA_OK);
    int nresults;
    ck_assert_int_eq(lua_resume(co, L, 0, &nresults), LUA_OK);
    ck_assert_int_eq(lines, 3);
    ck_assert_ptr_null((void *)lua_gethook(lua_newthread(L)));
}
END_TEST

/* what a function writes to the standard error stream */
static const char *stderr_of(void (*f)(lua_State *)) {
    static char text[200];
    FILE *catch = tmpfile();
    int saved = dup(2);
    fflush(stderr);
    dup2(fileno(catch), 2);
    f(L);
    fflush(stderr);
    dup2(saved, 2);
    close(saved);
    rewind(catch);
    text[fread(text, 1, sizeof text - 1, catch)] = '\0';
    fclose(catch);
    return text;
}
static void warns(lua_State *S) {
    lua_warning(S, "off at first", 0);
    lua_warning(S, "@on", 0);
    lua_warning(S, "in ", 1);
    lua_warning(S, "@off", 1); /* a continued piece is no control message */
    lua_warning(S, " pieces", 0);
    lua_warning(S, "@unknown", 0);
    lua_warning(S, "@off", 0);
    lua_warning(S, "lost", 0);
}
START_TEST(warnings_of_the_library) {
    ck_assert_str_eq(stderr_of(warns), "Lua warning: in @off pieces\n");
}
END_TEST

START_TEST(collector_steps_and_counts) {
    run("junk = {} for i = 1, 5000 do junk[i] = {} end", 0);
    int kbytes = lua_gc(L, LUA_GCCOUNT), rest = lua_gc(L, LUA_GCCOUNTB);
    ck_assert(kbytes > 100 && rest >= 0 && rest < 1024);
    lua_gc(L, LUA_GCSTOP);
    int steps = 0;
    while (!lua_gc(L, LUA_GCSTEP, 10)) ck_assert_int_lt(++steps, 100000); /* a cycle ends, also while stopped */
    ck_assert_int_eq(lua_gc(L, LUA_GCISRUNNING), 0);
    run("junk = nil", 0);
    ck_assert_int_eq(lua_gc(L, LUA_GCCOLLECT), 0);
    ck_assert_int_lt(lua_gc(L, LUA_GCCOUNT), kbytes);
    lua_gc(L, LUA_GCRESTART);
    int mul = lua_gc(L, LUA_GCSETSTEPMUL, 400);
    ck_assert_int_eq(lua_gc(L, LUA_GCSETSTEPMUL, mul), 400);
    lua_gc(L, LUA_GCGEN, 0, 0);
    run("for i = 1, 3000 do local t = {i, {}} kept = t end", 0);
    ck_assert_int_eq(lua_gc(L, LUA_GCINC, 0, 0, 0), LUA_GCGEN);
    run("assert(kept[1] == 3000 and #kept == 2)", 0);
}
END_TEST

static int keep(lua_State *S, const void *bytes, size_t size, void *b) {
    (void)S;
    luaL_addlstring(b, bytes, size);
    return 0;
}
static void dump_and_load(int strip) {
    luaL_Buffer b;
    ck_assert_int_eq(luaL_loadbuffer(L, "\nlocal x\nx()", 12, "=chunk"), LUA_OK);
    luaL_buffinit(L, &b);
    lua_pushvalue(L, 1);
    ck_assert_int_eq(lua_dump(L, keep, &b, strip), 0);
    lua_pop(L, 1);
    luaL_pushresult(&b);
    size_t size;
    const char *bytes = lua_tolstring(L, -1, &size);
    ck_assert_int_eq(luaL_loadbufferx(L, bytes, size, "=dumped", "t"), LUA_ERRSYNTAX);
    ck_assert_message("attempt to load a binary chunk (mode is 't')");
    ck_assert_int_eq(luaL_loadbufferx(L, bytes, size - 1, "=dumped", "bt"), LUA_ERRSYNTAX);
    ck_assert_message("dumped: bad binary format (truncated chunk)");
    ck_assert_int_eq(luaL_loadbufferx(L, bytes, size, "=dumped", NULL), LUA_OK);
    ck_assert_int_eq(lua_pcall(L, 0, 0, 0), LUA_ERRRUN);
    lua_replace(L, 1);
    lua_settop(L, 1);
}
START_TEST(dumps_with_and_without_names) {
    dump_and_load(0);
    ck_assert_message("chunk:3: attempt to call a nil value (local 'x')");
    dump_and_load(1);
    ck_assert_message("?:-1: attempt to call a nil value");
}
END_TEST

START_TEST(threads_are_closed_and_used_again) {
    lua_State *co = lua_newthread(L);
    int n;
    ck_assert_int_eq(luaL_loadstring(co, "local x <close> = setmetatable({}, {__close = function(_, e) seen = e or 'none' end}) "
                                         "coroutine.yield(1, 2)"), LUA_OK);
    ck_assert_int_eq(lua_resume(co, L, 0, &n), LUA_YIELD);
    ck_assert_int_eq(n, 2);
    ck_assert_int_eq(lua_closethread(co, L), LUA_OK);
    ck_assert_int_eq(lua_status(co), LUA_OK);
    ck_assert_int_eq(lua_gettop(co), 0);
    lua_getglobal(L, "seen");
    ck_assert_message("none");
    ck_assert_int_eq(luaL_loadstring(co, "error('again', 0)"), LUA_OK);
    ck_assert_int_eq(lua_resume(co, L, 0, &n), LUA_ERRRUN);
    ck_assert_int_eq(lua_closethread(co, L), LUA_ERRRUN);
    ck_assert_str_eq(lua_tostring(co, -1), "again");
    ck_assert_int_eq(lua_resetthread(co), LUA_OK);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {panic_leaves_by_longjmp, panic_closes_variables_first, errors_and_calls_pass_foreign_frames,
                                  states_in_threads, a_state_wanders_between_threads, hooks_are_inherited, warnings_of_the_library,
                                  collector_steps_and_counts, dumps_with_and_without_names, threads_are_closed_and_used_again};
    return RUN_TESTS("hosts", tests);
}
