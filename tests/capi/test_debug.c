// SPDX-License-Identifier: MIT
/* Debug interface and hooks. */
#include "capi.h"

#include <signal.h>

static char events[4096];

static void note(lua_State *S, lua_Debug *ar) {
    static const char letters[] = "crl#t";
    lua_getinfo(S, "l", ar);
    size_t n = strlen(events);
    if (ar->event == LUA_HOOKLINE)
        snprintf(events + n, sizeof events - n, "l%d ", ar->currentline);
    else
        snprintf(events + n, sizeof events - n, "%c ", letters[ar->event]);
}

static void traced(const char *code, int mask, int count, const char *want) {
    ck_assert_int_eq(luaL_loadstring(L, code), LUA_OK);
    events[0] = '\0';
    lua_sethook(L, note, mask, count);
    int status = lua_pcall(L, 0, 0, 0);
    lua_sethook(L, NULL, 0, 0);
    ck_assert_int_eq(status, LUA_OK);
    ck_assert_str_eq(events, want);
}

START_TEST(sequences_of_events) {
    enum { ALL = LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE };
    traced("local x = 1\nlocal y = 2\n\nreturn x", ALL, 0, "c l1 l2 l4 r ");
    traced("local function f() return 1 end\nf()\nreturn f()", ALL, 0, "c l1 l2 c l1 r l3 t l1 r ");
    traced("for i = 1, 2 do\n  local a = i\nend", LUA_MASKLINE, 0, "l1 l2 l1 l2 l1 l3 ");
    /* a loop back to the first instruction of a function is no call of it */
    traced("local n = 0\nlocal function f() while n < 3 do n = n + 1 end end\nf()", LUA_MASKCALL, 0, "c c ");
    traced("local function f(...) return ... end\nf(f(1))", LUA_MASKCALL | LUA_MASKRET, 0, "c c r c r r ");
    traced("local t = setmetatable({}, {__index = function() return 1 end})\nlocal _ = t.x", LUA_MASKCALL | LUA_MASKRET, 0,
           "c c r c r r ");
}
END_TEST

START_TEST(counting) {
    ck_assert_int_eq(luaL_loadstring(L, "for i = 1, 1000 do end"), LUA_OK);
    events[0] = '\0';
    lua_sethook(L, note, LUA_MASKCOUNT, 100);
    ck_assert_ptr_eq((void *)lua_gethook(L), (void *)note);
    ck_assert_int_eq(lua_gethookmask(L), LUA_MASKCOUNT);
    ck_assert_int_eq(lua_gethookcount(L), 100);
    lua_call(L, 0, 0);
    lua_sethook(L, note, 0, 0);
    ck_assert_ptr_null((void *)lua_gethook(L));
    ck_assert_str_eq(events, "# # # # # # # # # # ");
}
END_TEST

static void yield_hook(lua_State *S, lua_Debug *ar) {
    (void)ar;
    lua_yield(S, 0);
}

START_TEST(hooks_may_yield) {
    lua_State *co = lua_newthread(L);
    run("return function(n)\n local s = 0\n for i = 1, n do\n  s = s + i\n end\n return s\nend", 1);
    lua_xmove(L, co, 1);
    lua_sethook(co, yield_hook, LUA_MASKLINE, 0);
    lua_pushinteger(co, 3);
    int n, args = 1;
    static const int lines[] = {2, 3, 4, 3, 4, 3, 4, 3, 6};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++, args = 0) {
        ck_assert_int_eq(lua_resume(co, L, args, &n), LUA_YIELD);
        ck_assert_int_eq(n, 0);
        lua_Debug ar;
        ck_assert_int_eq(lua_getstack(co, 0, &ar), 1);
        lua_getinfo(co, "l", &ar);
        ck_assert_int_eq(ar.currentline, lines[i]);
    }
    ck_assert_int_eq(lua_resume(co, L, 0, &n), LUA_OK);
    ck_assert_int_eq(lua_tointeger(co, -1), 6);
}
END_TEST

START_TEST(count_hooks_may_yield) {
    lua_State *co = lua_newthread(L);
    run("return function() local s = 0 for i = 1, 100 do s = s + i end return s end", 1);
    lua_xmove(L, co, 1);
    lua_sethook(co, yield_hook, LUA_MASKCOUNT, 1);
    int n, status, yields = 0;
    while ((status = lua_resume(co, L, 0, &n)) == LUA_YIELD) yields++;
    ck_assert_int_eq(status, LUA_OK);
    ck_assert_int_gt(yields, 100);
    ck_assert_int_eq(lua_tointeger(co, -1), 5050);
}
END_TEST

static lua_State *interrupted;
static void stop(lua_State *S, lua_Debug *ar) {
    (void)ar;
    lua_sethook(S, NULL, 0, 0);
    luaL_error(S, "interrupted");
}
static void on_alarm(int sig) {
    (void)sig;
    lua_sethook(interrupted, stop, LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
}
START_TEST(signal_handlers_set_hooks) {
    static const char *const loops[] = {"while true do end", "for i = 1, math.huge do end", "local function f() return f() end f()",
                                        "local t = {1} for k in next, t do t[1] = 1; goto x; ::x:: while k do end end"};
    for (size_t i = 0; i < sizeof loops / sizeof *loops; i++) {
        interrupted = L;
        signal(SIGALRM, on_alarm);
        ck_assert_int_eq(luaL_loadstring(L, loops[i]), LUA_OK);
        ualarm(20000, 0);
        ck_assert_int_eq(lua_pcall(L, 0, 0, 0), LUA_ERRRUN);
        ck_assert_ptr_nonnull(strstr(lua_tostring(L, -1), "interrupted"));
        lua_settop(L, 0);
    }
}
END_TEST

START_TEST(info) {
    lua_Debug ar;
    ck_assert_int_eq(lua_getstack(L, 0, &ar), 0);
    ck_assert_int_eq(lua_getstack(L, -1, &ar), 0);
    run("\nlocal a, b\nreturn function(x, y, ...)\n  return a, b\nend", 1);
    lua_pushvalue(L, 1);
    ck_assert_int_eq(lua_getinfo(L, ">SlnutfL", &ar), 1);
    ck_assert_str_eq(ar.what, "Lua");
    ck_assert_int_eq(ar.linedefined, 3);
    ck_assert_int_eq(ar.lastlinedefined, 5);
    ck_assert_int_eq(ar.currentline, -1);
    ck_assert_str_eq(ar.namewhat, "");
    ck_assert_ptr_null(ar.name);
    ck_assert_int_eq(ar.nups, 2);
    ck_assert_int_eq(ar.nparams, 2);
    ck_assert_int_eq(ar.isvararg, 1);
    ck_assert_int_eq(ar.istailcall, 0);
    ck_assert_int_eq(lua_gettop(L), 3); /* the function, then the lines */
    ck_assert_int_eq(lua_rawequal(L, 1, 2), 1);
    ck_assert_int_eq(lua_rawgeti(L, 3, 4), LUA_TBOOLEAN);
    ck_assert_int_eq(lua_rawgeti(L, 3, 3), LUA_TNIL);
    lua_settop(L, 1);
    lua_pushvalue(L, 1);
    ck_assert_str_eq(lua_getlocal(L, NULL, 2), "y");
    ck_assert_ptr_null(lua_getlocal(L, NULL, 3));
    ck_assert_int_eq(lua_gettop(L), 2);
    lua_pushcfunction(L, luaopen_base);
    ck_assert_int_eq(lua_getinfo(L, ">Su", &ar), 1);
    ck_assert_str_eq(ar.what, "C");
    ck_assert_str_eq(ar.short_src, "[C]");
    ck_assert_int_eq(ar.isvararg, 1);
    lua_pushvalue(L, 1);
    ck_assert_int_eq(lua_getinfo(L, ">S?", &ar), 0);
}
END_TEST

static int locals(lua_State *S) {
    lua_Debug ar;
    lua_getstack(S, 1, &ar);
    lua_pushliteral(S, "changed");
    ck_assert_str_eq(lua_setlocal(S, &ar, 1), "p");
    ck_assert_ptr_null(lua_setlocal(S, &ar, 99)); /* then nothing is popped: there was nothing */
    ck_assert_str_eq(lua_getlocal(S, &ar, 2), "q");
    ck_assert_str_eq(lua_getlocal(S, &ar, -1), "(vararg)");
    ck_assert_ptr_null(lua_getlocal(S, &ar, -3));
    lua_getinfo(S, "nlt", &ar);
    ck_assert_str_eq(ar.name, "outer");
    ck_assert_str_eq(ar.namewhat, "global");
    ck_assert_int_eq(ar.currentline, 1);
    lua_getstack(S, 0, &ar);
    lua_getinfo(S, "nS", &ar);
    ck_assert_str_eq(ar.name, "locals");
    ck_assert_str_eq(ar.what, "C");
    return 2;
}
START_TEST(variables_of_frames) {
    lua_register(L, "locals", locals);
    run("function outer(p, q, ...) local a, b = locals() return p, a, b end\nlocal x, y, z = outer(1, 2, 3, 4)\nreturn x, y, z", 3);
    ck_assert_str_eq(lua_tostring(L, 1), "changed");
    ck_assert_int_eq(lua_tointeger(L, 2), 2);
    ck_assert_int_eq(lua_tointeger(L, 3), 3);
}
END_TEST

static int c_upvalues(lua_State *S) {
    lua_Integer n = lua_tointeger(S, lua_upvalueindex(1));
    lua_pushinteger(S, n + 1);
    lua_copy(S, -1, lua_upvalueindex(1));
    return 1;
}
START_TEST(upvalues) {
    lua_pushinteger(L, 5);
    lua_pushnil(L);
    lua_pushcclosure(L, c_upvalues, 2);
    lua_pushvalue(L, 1);
    lua_call(L, 0, 1);
    ck_assert_int_eq(lua_tointeger(L, -1), 6);
    ck_assert_str_eq(lua_getupvalue(L, 1, 1), "");
    ck_assert_int_eq(lua_tointeger(L, -1), 6);
    ck_assert_ptr_null(lua_getupvalue(L, 1, 3));
    ck_assert_ptr_null(lua_upvalueid(L, 1, 3));
    ck_assert_ptr_ne(lua_upvalueid(L, 1, 1), lua_upvalueid(L, 1, 2));
    lua_settop(L, 0);
    run("local a, b = 1, 2 return function() return a end, function() return b end, function() return a end", 3);
    ck_assert_ptr_eq(lua_upvalueid(L, 1, 1), lua_upvalueid(L, 3, 1));
    ck_assert_ptr_ne(lua_upvalueid(L, 1, 1), lua_upvalueid(L, 2, 1));
    lua_upvaluejoin(L, 1, 1, 2, 1);
    lua_pushliteral(L, "new");
    ck_assert_str_eq(lua_setupvalue(L, 2, 1), "b");
    lua_pushvalue(L, 1);
    lua_call(L, 0, 1);
    ck_assert_message("new");
    lua_pushcfunction(L, c_upvalues);
    ck_assert_ptr_null(lua_getupvalue(L, -1, 1));
    ck_assert_ptr_null(lua_upvalueid(L, -1, 1));
}
END_TEST

int main(void) {
    const TTest *const tests[] = {sequences_of_events, counting, hooks_may_yield, count_hooks_may_yield, signal_handlers_set_hooks,
                                  info, variables_of_frames, upvalues};
    return RUN_TESTS("debug", tests);
}
