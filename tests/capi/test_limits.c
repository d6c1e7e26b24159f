// SPDX-License-Identifier: MIT
/* perigee.h, section "Limits": what counts, what a limit's error passes through, what is left. */
#include "capi.h"

#include <setjmp.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "perigee.h"

/* Runs code under a limit; returns the status, the message (or nothing) on top. */
static int limited(int which, unsigned long long value, const char *code) {
    ck_assert_int_eq(luaL_loadbuffer(L, code, strlen(code), "=s"), LUA_OK);
    ck_assert_int_eq(perigee_setlimit(L, which, value), 1);
    return lua_pcall(L, 0, 0, 0);
}

static long long global(const char *name) {
    lua_getglobal(L, name);
    long long n = lua_isboolean(L, -1) ? lua_toboolean(L, -1) : lua_tointeger(L, -1);
    lua_pop(L, 1);
    return n;
}

START_TEST(values) {
    ck_assert_uint_eq(perigee_getlimit(L, PERIGEE_LIMIT_TIME), PERIGEE_UNLIMITED);
    ck_assert_int_eq(perigee_limitreached(L), PERIGEE_LIMIT_NONE);
    ck_assert_int_eq(perigee_setlimit(L, 0, 1), 0);
    ck_assert_int_eq(perigee_setlimit(L, 77, 1), 0);
    for (int n = PERIGEE_LIMIT_INSTRUCTIONS; n <= PERIGEE_LIMIT_DEPTH; n++) {
        ck_assert_int_eq(perigee_setlimit(L, n, 1000000000), 1);
        ck_assert_uint_eq(perigee_getlimit(L, n), 1000000000);
        ck_assert_int_eq(perigee_clearlimit(L, n), 1);
        ck_assert_uint_eq(perigee_getlimit(L, n), PERIGEE_UNLIMITED);
    }
    ck_assert_uint_gt(perigee_usage(L, PERIGEE_LIMIT_MEMORY), 1000);
    ck_assert_uint_eq(perigee_usage(L, PERIGEE_LIMIT_INSTRUCTIONS), 0);
}
END_TEST

/* What is used is enough, and one less is not. */
START_TEST(counts_exactly) {
    static const char code[] = "local s = 0 for i = 1, 10 do s = s + i end r = s";
    ck_assert_int_eq(limited(PERIGEE_LIMIT_INSTRUCTIONS, 1000000, code), LUA_OK);
    unsigned long long used = perigee_usage(L, PERIGEE_LIMIT_INSTRUCTIONS);
    ck_assert_uint_gt(used, 20);
    ck_assert_int_eq(limited(PERIGEE_LIMIT_INSTRUCTIONS, used, code), LUA_OK);
    ck_assert_int_eq(perigee_limitreached(L), PERIGEE_LIMIT_NONE);
    ck_assert_int_eq(limited(PERIGEE_LIMIT_INSTRUCTIONS, used - 1, code), LUA_ERRRUN);
    ck_assert_int_eq(perigee_limitreached(L), PERIGEE_LIMIT_INSTRUCTIONS);
    ck_assert_uint_eq(perigee_usage(L, PERIGEE_LIMIT_INSTRUCTIONS), used - 1);
    lua_pop(L, 1);
    ck_assert_int_eq(limited(PERIGEE_LIMIT_INSTRUCTIONS, 0, "x = 1"), LUA_ERRRUN);
    ck_assert_message("s:1: instruction limit of 0 reached");
}
END_TEST

START_TEST(counts_go_on_until_set_anew) {
    ck_assert_int_eq(limited(PERIGEE_LIMIT_INSTRUCTIONS, 100, "while true do end"), LUA_ERRRUN);
    lua_settop(L, 0);
    ck_assert_int_eq(luaL_dostring(L, "x = 1"), 1); /* used up */
    ck_assert_int_eq(perigee_limitreached(L), PERIGEE_LIMIT_INSTRUCTIONS);
    lua_settop(L, 0);
    perigee_setlimit(L, PERIGEE_LIMIT_INSTRUCTIONS, 100);
    ck_assert_int_eq(perigee_limitreached(L), PERIGEE_LIMIT_NONE);
    ck_assert_int_eq(luaL_dostring(L, "x = 1"), 0);
    perigee_clearlimit(L, PERIGEE_LIMIT_INSTRUCTIONS);
    ck_assert_int_eq(luaL_dostring(L, "for i = 1, 1000 do end"), 0);
}
END_TEST

START_TEST(no_pcall_returns) {
    static const char code[] = "after = 0\n"
                               "pcall(function() while true do end end) after = 1\n";
    static const char resume[] = "after = 0 coroutine.resume(coroutine.create(function() while true do end end)) after = 1";
    static const char wrapped[] = "after = 0 pcall(coroutine.wrap(function() pcall(function() while true do end end) after = 1 end)) after = 1";
    ck_assert_int_eq(limited(PERIGEE_LIMIT_INSTRUCTIONS, 1000, code), LUA_ERRRUN);
    ck_assert_message("s:2: instruction limit of 1000 reached");
    ck_assert_int_eq(global("after"), 0);
    ck_assert_int_eq(limited(PERIGEE_LIMIT_INSTRUCTIONS, 1000, resume), LUA_ERRRUN);
    ck_assert_int_eq(global("after"), 0);
    perigee_clearlimit(L, PERIGEE_LIMIT_INSTRUCTIONS);
    ck_assert_int_eq(limited(PERIGEE_LIMIT_TIME, 20000000, wrapped), LUA_ERRRUN);
    ck_assert_int_eq(perigee_limitreached(L), PERIGEE_LIMIT_TIME);
    ck_assert_int_eq(global("after"), 0);
}
END_TEST

static int inner_status, cleaned, inner_again;
static int catches(lua_State *M) {
    lua_pushvalue(M, 1);
    inner_status = lua_pcall(M, 0, 0, 0);
    cleaned = 1;
    lua_pushvalue(M, 1);
    inner_again = lua_pcall(M, 0, 0, 0); /* Lua code does not run */
    return 0;
}

START_TEST(c_functions_clean_up) {
    lua_register(L, "catches", catches);
    ck_assert_int_eq(limited(PERIGEE_LIMIT_INSTRUCTIONS, 1000, "after = 0 n = 0 catches(function() n = n + 1 while true do end end) after = 1"), LUA_ERRRUN);
    ck_assert_int_eq(inner_status, LUA_ERRRUN);
    ck_assert_int_eq(inner_again, LUA_ERRRUN);
    ck_assert_int_eq(cleaned, 1);
    ck_assert_int_eq(global("after"), 0);
    ck_assert_int_eq(global("n"), 1);
}
END_TEST

START_TEST(close_runs_under_an_extra_budget) {
    static const char code[] = "closed = 0 local mt = {__close = function() closed = closed + 1 end}\n"
                               "local a <close> = setmetatable({}, mt) local b <close> = setmetatable({}, mt)\n"
                               "while true do end";
    static const char endless[] = "closed = 0 local a <close> = setmetatable({}, {__close = function() closed = 1 while true do closed = closed + 1 end end})\n"
                                  "while true do end";
    ck_assert_int_eq(limited(PERIGEE_LIMIT_INSTRUCTIONS, 1000, code), LUA_ERRRUN);
    ck_assert_message("s:3: instruction limit of 1000 reached");
    ck_assert_int_eq(global("closed"), 2);
    ck_assert_int_eq(limited(PERIGEE_LIMIT_INSTRUCTIONS, 1000, endless), LUA_ERRRUN);
    ck_assert_message("s:2: instruction limit of 1000 reached");
    ck_assert_int_gt(global("closed"), 1000);
    ck_assert_int_lt(global("closed"), 10000);
}
END_TEST

/* A __close that collects: no finalizer runs until the host has the error. */
START_TEST(finalizers_wait) {
    static const char code[] = "collectgarbage() setmetatable({}, {__gc = function() gone = 1 end})\n"
                               "local a <close> = setmetatable({}, {__close = function() collectgarbage() during = gone end})\n"
                               "while true do end";
    lua_gc(L, LUA_GCSTOP);
    ck_assert_int_eq(limited(PERIGEE_LIMIT_INSTRUCTIONS, 1000, code), LUA_ERRRUN);
    lua_getglobal(L, "during");
    ck_assert(lua_isnil(L, -1));
    lua_settop(L, 0);
    perigee_clearlimit(L, PERIGEE_LIMIT_INSTRUCTIONS);
    lua_gc(L, LUA_GCRESTART);
    lua_gc(L, LUA_GCCOLLECT);
    ck_assert_int_eq(global("gone"), 1);
}
END_TEST

START_TEST(memory) {
    unsigned long long limit = perigee_usage(L, PERIGEE_LIMIT_MEMORY) + (4 << 20);
    ck_assert_int_eq(limited(PERIGEE_LIMIT_MEMORY, limit, "local t = {} pcall(function() while true do t[#t + 1] = {} end end) after = 1"), LUA_ERRRUN);
    ck_assert_int_eq(perigee_limitreached(L), PERIGEE_LIMIT_MEMORY);
    lua_settop(L, 0);
    ck_assert_uint_le(perigee_usage(L, PERIGEE_LIMIT_MEMORY), limit + (1 << 20));
    ck_assert_int_eq(luaL_dostring(L, "local t = {} for i = 1, 100 do t[i] = {} end"), 0); /* the garbage is gone */
    ck_assert_int_eq(limited(PERIGEE_LIMIT_MEMORY, limit, "collectgarbage('stop') for i = 1, 1000000 do local t = {} end"), LUA_OK);
    ck_assert_int_eq(limited(PERIGEE_LIMIT_MEMORY, limit, "local s = ('x'):rep(1 << 25)"), LUA_ERRRUN);
}
END_TEST

static lua_Alloc real_alloc;
static int out_of_memory;
static void *scarce(void *ud, void *block, size_t old, size_t size) {
    return out_of_memory && size > 5000 ? NULL : real_alloc(ud, block, old, size);
}
static int grows_no_stack(lua_State *M) {
    ck_assert_int_eq(lua_checkstack(M, 900000), 0);
    out_of_memory = 1;
    return 0;
}

/* What was refused once, and done without, is not to blame when the host's own allocator fails. */
START_TEST(memory_of_the_host) {
    void *ud;
    lua_register(L, "grow", grows_no_stack);
    real_alloc = lua_getallocf(L, &ud);
    lua_setallocf(L, scarce, ud);
    unsigned long long limit = perigee_usage(L, PERIGEE_LIMIT_MEMORY) + (4 << 20);
    ck_assert_int_eq(limited(PERIGEE_LIMIT_MEMORY, limit, "grow() ok, why = pcall(string.rep, 'x', 10000) after = 1"), LUA_OK);
    out_of_memory = 0;
    ck_assert_int_eq(global("after"), 1);
    lua_getglobal(L, "why");
    ck_assert_message("not enough memory");
    lua_setallocf(L, real_alloc, ud);
}
END_TEST

START_TEST(depth_can_be_caught) {
    static const char code[] = "local d = 0 local function f() d = d + 1 return 1 + f() end ok, why = pcall(f) depth = d";
    ck_assert_int_eq(limited(PERIGEE_LIMIT_DEPTH, 500, code), LUA_OK);
    lua_getglobal(L, "why");
    ck_assert_message("s:1: call depth limit of 500 reached");
    ck_assert_int_lt(global("depth"), 501);
    ck_assert_int_gt(global("depth"), 490);
    ck_assert_int_eq(perigee_limitreached(L), PERIGEE_LIMIT_DEPTH);
    ck_assert_int_eq(luaL_dostring(L, "local function f(n) if n > 0 then return 1 + f(n - 1) end return 0 end assert(f(400) == 400)"), 0);
}
END_TEST

static int handled;
static int handler(lua_State *M) {
    handled++;
    lua_pushfstring(M, "handled: %s", lua_tostring(M, 1));
    return 1;
}

START_TEST(handlers_in_c) {
    lua_pushcfunction(L, handler);
    luaL_loadstring(L, "while true do end");
    perigee_setlimit(L, PERIGEE_LIMIT_INSTRUCTIONS, 10);
    ck_assert_int_eq(lua_pcall(L, 0, 0, 1), LUA_ERRRUN);
    ck_assert_int_eq(handled, 1);
    ck_assert_int_eq(strncmp(lua_tostring(L, -1), "handled: ", 9), 0);
}
END_TEST

static void on_alarm(int number) {
    (void)number;
    perigee_interrupt(L, 1);
}

START_TEST(interruption) {
    static const char *const codes[] = {
        "while true do end", "coroutine.wrap(function() while true do end end)()", "local function f() return f() end f()",
        "string.find(('a'):rep(60), ('a*'):rep(30) .. 'b')", "local t = {} for i = 1, 100 do t[i] = i end while true do table.sort(t) end",
        "local s = 0.0 for i = 1, 1e15 do s = s + i end", "for i = 1, math.huge do local t = {i} end",
    };
    signal(SIGALRM, on_alarm);
    for (size_t n = 0; n < sizeof codes / sizeof codes[0]; n++) {
        luaL_loadstring(L, codes[n]);
        ualarm(50000, 0);
        ck_assert_int_eq(lua_pcall(L, 0, 0, 0), LUA_ERRRUN);
        ck_assert_ptr_nonnull(strstr(lua_tostring(L, -1), "interrupted!"));
        lua_settop(L, 0);
    }
    luaL_loadstring(L, "ok, e = pcall(function() while true do end end) assert(not ok and e == 'interrupted!') done = 1");
    ualarm(50000, 0);
    ck_assert_int_eq(lua_pcall(L, 0, 0, 0), LUA_OK); /* an ordinary error */
    ck_assert_int_eq(global("done"), 1);
}
END_TEST

static int takes_long(lua_State *M) {
    for (;;) perigee_poll(M);
    return 0;
}

START_TEST(polls_of_the_host) {
    lua_register(L, "long", takes_long);
    ck_assert_int_eq(limited(PERIGEE_LIMIT_TIME, 10000000, "pcall(long)"), LUA_ERRRUN);
    ck_assert_message("time limit of 0.01 s reached"); /* not of a Lua function */
}
END_TEST

/* Finalizers that never end. */
START_TEST(closing) {
    lua_State *M = luaL_newstate();
    luaL_openlibs(M);
    perigee_setlimit(M, PERIGEE_LIMIT_INSTRUCTIONS, 1000);
    perigee_setlimit(M, PERIGEE_LIMIT_TIME, 10000000);
    ck_assert_int_eq(luaL_dostring(M, "for i = 1, 10 do setmetatable({}, {__gc = function() while true do end end}) end while true do end"), 1);
    lua_close(M);
}
END_TEST

/* ----------------------------------------------------------- who runs, and who the limit was set by */

static lua_State *other; /* not the running one */
static int set_by_other(lua_State *M) {
    perigee_setlimit(other, (int)luaL_checkinteger(M, 1), (unsigned long long)luaL_checkinteger(M, 2));
    return 0;
}

START_TEST(set_by_a_thread_that_does_not_run) {
    static const char *const codes[] = {"coroutine.wrap(function() set(2, 20000000) while true do end end)()",
                                        "coroutine.wrap(function() set(1, 1000) while true do end end)()", "set(2, 20000000) while true do end"};
    lua_register(L, "set", set_by_other);
    for (size_t n = 0; n < sizeof codes / sizeof *codes; n++) {
        other = n == 2 ? lua_newthread(L) : L;
        luaL_loadstring(L, codes[n]);
        ck_assert_int_eq(lua_pcall(L, 0, 0, 0), LUA_ERRRUN);
        lua_settop(L, 0);
        perigee_clearlimit(L, PERIGEE_LIMIT_INSTRUCTIONS);
        perigee_clearlimit(L, PERIGEE_LIMIT_TIME);
    }
}
END_TEST

/* Threads that were named once are gone; whoever writes to them is seen by the sanitizers, and by what this breaks. */
START_TEST(threads_that_die) {
    lua_register(L, "set", set_by_other);
    for (int which = PERIGEE_LIMIT_INSTRUCTIONS; which <= PERIGEE_LIMIT_TIME; which++)
        for (int inside = 0; inside <= 1; inside++) {
            other = lua_newthread(L);
            lua_pushfstring(L, "set(%d, 5000000)", which); /* 5 ms */
            if (inside) ck_assert_int_eq(luaL_dostring(other, lua_tostring(L, -1)), LUA_OK);
            else perigee_setlimit(other, which, 5000000);
            lua_settop(L, 0);
            other = L;
            lua_gc(L, LUA_GCCOLLECT);
            luaL_loadstring(L, "local t = {} for i = 1, 1000 do t[i] = {} t[i][1] = coroutine.create(print) end");
            ck_assert_int_eq(lua_pcall(L, 0, 0, 0) == LUA_OK, perigee_limitreached(L) == PERIGEE_LIMIT_NONE);
            lua_settop(L, 0);
            usleep(20000);
            perigee_clearlimit(L, which);
        }
}
END_TEST

/* A host that runs each script in a thread of its own, by lua_pcall. */
START_TEST(threads_called_by_the_host) {
    lua_State *M = lua_newthread(L);
    perigee_setlimit(L, PERIGEE_LIMIT_TIME, 20000000);
    luaL_loadstring(M, "coroutine.wrap(function() end)() while true do end");
    ck_assert_int_eq(lua_pcall(M, 0, 0, 0), LUA_ERRRUN);
    perigee_setlimit(L, PERIGEE_LIMIT_TIME, 20000000);
    luaL_loadstring(M, "after = 0 coroutine.resume(coroutine.create(function() while true do end end)) after = 1");
    ck_assert_int_eq(lua_pcall(M, 0, 0, 0), LUA_ERRRUN);
    ck_assert_int_eq(global("after"), 0);
    perigee_clearlimit(L, PERIGEE_LIMIT_TIME);
    perigee_setlimit(L, PERIGEE_LIMIT_MEMORY, perigee_usage(L, PERIGEE_LIMIT_MEMORY) + (4 << 20));
    luaL_loadstring(M, "after = 0 coroutine.resume(coroutine.create(function() local t = {} while true do t[#t + 1] = {} end end)) after = 1");
    ck_assert_int_eq(lua_pcall(M, 0, 0, 0), LUA_ERRRUN);
    ck_assert_int_eq(global("after"), 0);
}
END_TEST

static int set_which;
static int sets_anew(lua_State *M) {
    lua_pushvalue(M, 1);
    ck_assert_int_eq(lua_pcall(M, 0, 0, 0), LUA_ERRRUN);
    perigee_setlimit(M, set_which, 1000000000);
    return 0;
}

START_TEST(set_anew_while_the_error_is_pending) {
    lua_register(L, "anew", sets_anew);
    for (set_which = PERIGEE_LIMIT_INSTRUCTIONS; set_which <= PERIGEE_LIMIT_TIME; set_which++) {
        static const char code[] = "after = 0 anew(function() while true do end end) after = 1";
        ck_assert_int_eq(limited(set_which, set_which == PERIGEE_LIMIT_TIME ? 10000000 : 1000, code), LUA_ERRRUN); /* not taken back */
        ck_assert_int_eq(global("after"), 0);
        ck_assert_uint_lt(perigee_usage(L, set_which), 500000000);
        ck_assert_int_eq(luaL_dostring(L, "for i = 1, 1000 do end"), LUA_OK);
        ck_assert_int_eq(perigee_limitreached(L), PERIGEE_LIMIT_NONE);
        perigee_clearlimit(L, set_which);
        lua_settop(L, 0);
    }
}
END_TEST

/* Each overflow is told as the first one was, also in a coroutine, whose pcalls may yield. */
START_TEST(depth_again_and_again) {
    static const char code[] = "local function f() return 1 + f() end\n"
                               "local function try() for i = 1, 4 do local ok, e = pcall(f) assert(e == 's:1: call depth limit of 200 reached', e) end end\n"
                               "try() coroutine.wrap(try)()\n"
                               "for i = 1, 3 do local ok, e = coroutine.resume(coroutine.create(f)) assert(e == 's:1: call depth limit of 200 reached', e) end\n"
                               "try()";
    ck_assert_int_eq(limited(PERIGEE_LIMIT_DEPTH, 200, code), LUA_OK);
}
END_TEST

static int closed;
static int count_closed(lua_State *M) {
    (void)M;
    closed++;
    return 0;
}
START_TEST(closing_after_a_caught_overflow) {
    lua_State *M = luaL_newstate();
    luaL_openlibs(M);
    perigee_setlimit(M, PERIGEE_LIMIT_DEPTH, 100);
    lua_register(M, "closed", count_closed);
    ck_assert_int_eq(luaL_dostring(M, "local function f() return 1 + f() end\n"
                                      "a = setmetatable({}, {__gc = closed}) b = setmetatable({}, {__gc = function() pcall(f) closed() end})"), LUA_OK);
    lua_close(M);
    ck_assert_int_eq(closed, 2);
}
END_TEST

/* A C function that calls Lua on another thread without protection; its errors are the main thread's. */
static int call_on_thread(lua_State *M) {
    lua_State *T = lua_newthread(M);
    luaL_loadstring(T, luaL_checkstring(M, 1));
    lua_call(T, 0, 0);
    return 0;
}
START_TEST(threads_called_without_protection) {
    static const char *const endless[] = {"after = 0 on_thread('while true do end') after = 1",
                                          "after = 0 coroutine.wrap(function() on_thread('while true do end') after = 1 end)() after = 1", "while true do end"};
    lua_register(L, "on_thread", call_on_thread);
    for (int which = PERIGEE_LIMIT_INSTRUCTIONS; which <= PERIGEE_LIMIT_TIME; which++)
        for (size_t n = 0; n < sizeof endless / sizeof *endless; n++) {
            ck_assert_int_eq(limited(which, which == PERIGEE_LIMIT_TIME ? 20000000 : 10000, endless[n]), LUA_ERRRUN);
            ck_assert_int_eq(perigee_limitreached(L), which);
            ck_assert_int_eq(global("after"), 0);
            lua_settop(L, 0);
            perigee_clearlimit(L, which);
            lua_gc(L, LUA_GCCOLLECT); /* the threads are gone */
            ck_assert_int_eq(limited(which, 1000000000, "on_thread('for i = 1, 10 do end')"), LUA_OK);
            perigee_clearlimit(L, which);
        }
}
END_TEST

/* A host that calls Lua without protection, and goes on behind a panic. */
static jmp_buf rescue;
static int panic(lua_State *M) {
    (void)M;
    longjmp(rescue, 1);
}
START_TEST(behind_a_panic) {
    lua_atpanic(L, panic);
    for (volatile int round = 0; round < 2; round++) {
        luaL_loadstring(L, "while true do end");
        perigee_setlimit(L, PERIGEE_LIMIT_INSTRUCTIONS, 1000);
        if (setjmp(rescue) == 0) lua_call(L, 0, 0);
        ck_assert_int_eq(perigee_limitreached(L), PERIGEE_LIMIT_INSTRUCTIONS);
        lua_settop(L, 0);
        perigee_setlimit(L, PERIGEE_LIMIT_INSTRUCTIONS, 1000);
        ck_assert_int_eq(luaL_dostring(L, "x = 1"), LUA_OK);
    }
}
END_TEST

/* In the child the time counts once it is set anew; and the state can be closed. */
START_TEST(child_processes) {
    perigee_setlimit(L, PERIGEE_LIMIT_TIME, 10000000000);
    for (int sets = 0; sets <= 1; sets++) {
        pid_t child = fork();
        if (child == 0) {
            int status = LUA_ERRRUN;
            alarm(10);
            if (sets) perigee_setlimit(L, PERIGEE_LIMIT_TIME, 20000000);
            luaL_loadstring(L, sets ? "while true do end" : "coroutine.wrap(function() error('x') end)()");
            status = lua_pcall(L, 0, 0, 0);
            lua_close(L);
            _exit(status != LUA_ERRRUN);
        }
        int result;
        ck_assert_int_eq(waitpid(child, &result, 0), child);
        ck_assert(WIFEXITED(result) && WEXITSTATUS(result) == 0);
    }
    ck_assert_int_eq(limited(PERIGEE_LIMIT_TIME, 20000000, "while true do end"), LUA_ERRRUN);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {values, counts_exactly, counts_go_on_until_set_anew, no_pcall_returns, c_functions_clean_up,
                                  close_runs_under_an_extra_budget, finalizers_wait, memory, memory_of_the_host, depth_can_be_caught, handlers_in_c,
                                  interruption, polls_of_the_host, closing, set_by_a_thread_that_does_not_run, threads_that_die,
                                  threads_called_by_the_host, set_anew_while_the_error_is_pending, depth_again_and_again, closing_after_a_caught_overflow,
                                  threads_called_without_protection, behind_a_panic, child_processes};
    return RUN_TESTS("limits", tests);
}
