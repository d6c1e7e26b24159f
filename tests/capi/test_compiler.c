/* SPDX-License-Identifier: MIT */
/* A host's own compiler (perigee.h): what it is asked and offered, in which order, and what its
 * answers do. The "compiler" here computes by the C API what it recognises by the line of the function. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lauxlib.h"
#include "lualib.h"
#include "perigee.h"

static lua_State *L;
static struct {
    int requests, calls, loops, died, discarded, promoted, declined, closed;
    unsigned long long uses;
    int answer;     /* to request */
    int behaviour;  /* of call and loop */
    int last_at;
    perigee_Function *function;
} host;
enum { HANDLE, DECLINE, RAISE, RETURN_ERROR, MANY };

static int request(void *ud, lua_State *l, perigee_Function *f, unsigned long long uses) {
    perigee_FunctionInfo info = {.size = sizeof info};
    perigee_functioninfo(l, f, &info);
    ck_assert_ptr_eq(ud, &host);
    if (info.nparams == 0) return PERIGEE_NEVER; /* the main functions of the tests, a hook */
    host.requests++;
    host.uses = uses;
    host.function = f;
    return host.answer;
}

static int call(void *ud, lua_State *l, perigee_Function *f) {
    (void)ud;
    host.calls++;
    ck_assert_ptr_eq(f, host.function);
    if (host.behaviour == DECLINE) return PERIGEE_DECLINED;
    if (host.behaviour == RAISE) luaL_error(l, "raised by the host");
    if (host.behaviour == RETURN_ERROR) {
        lua_pushliteral(l, "returned by the host");
        return PERIGEE_ERROR;
    }
    if (host.behaviour == MANY) {
        luaL_checkstack(l, 300, NULL);
        for (int n = 1; n <= 300; n++) lua_pushinteger(l, n);
        return 300;
    }
    lua_pushvalue(l, 1);
    lua_pushvalue(l, 2);
    lua_arith(l, LUA_OPADD); /* may call a metamethod */
    return 1;
}

/* for i = 1, n do s = s + i end: the limit counts the passages left (register r + 1), s is the variable before. */
static int loop(void *ud, lua_State *l, perigee_Function *f, int at) {
    perigee_FunctionInfo info = {.size = sizeof info};
    (void)ud;
    host.loops++;
    host.last_at = at;
    perigee_functioninfo(l, f, &info);
    ck_assert_int_lt(at, info.ninstructions);
    if (host.behaviour == DECLINE) return PERIGEE_DECLINED;
    if (host.behaviour == RAISE) luaL_error(l, "raised in the loop");
    lua_pushinteger(l, 42); /* s; the rest of the loop is left out */
    lua_replace(l, 2);
    for (int pc = at; pc < info.ninstructions; pc++) {
        int jump = (int)(info.code[pc] >> 32);
        if (jump < 0 && pc + 1 + jump == at) return pc + 1;
    }
    return PERIGEE_DECLINED;
}

static void invalidate(void *ud, perigee_Function *f, int why) {
    (void)ud, (void)f;
    *(why == PERIGEE_DIED ? &host.died : &host.discarded) += 1;
}
static void event(void *ud, perigee_Function *f, int what) {
    (void)ud, (void)f;
    host.promoted += what == PERIGEE_PROMOTED;
    host.declined += what == PERIGEE_DEOPTIMISED;
}
static void closed(void *ud) {
    (void)ud;
    host.closed++;
}

static perigee_Compiler compiler = {sizeof compiler, &host, request, call, NULL, invalidate, event, closed};

static void setup(void) {
    memset(&host, 0, sizeof host);
    host.answer = PERIGEE_COMPILED;
    compiler.call = call;
    compiler.loop = NULL;
    L = luaL_newstate();
    luaL_openlibs(L);
}
static void teardown(void) {
    if (L != NULL) lua_close(L);
}
static void take_over(void) { ck_assert_int_eq(perigee_setcompiler(L, &compiler), LUA_OK); }
static void run(const char *source) {
    if (luaL_dostring(L, source) != LUA_OK) ck_abort_msg("%s", lua_tostring(L, -1));
}

START_TEST(hot_functions_are_requested_and_offered) {
    take_over();
    run("function add(a, b) return a + b end");
    for (int n = 1; n <= 150; n++) {
        lua_getglobal(L, "add");
        lua_pushinteger(L, n);
        lua_pushinteger(L, 1);
        lua_call(L, 2, 1);
        ck_assert_int_eq(lua_tointeger(L, -1), n + 1);
        lua_pop(L, 1);
        ck_assert_int_eq(host.requests, n >= 100);
    }
    ck_assert_int_eq(host.uses, 100);
    ck_assert_int_eq(host.calls, 51); /* the 100th is offered already */
    ck_assert_int_eq(host.promoted, 1);
    run("local t = setmetatable({}, {__add = function() return 'added' end}) assert(add(t, 1) == 'added')");
}
END_TEST

START_TEST(declined_calls_run_interpreted) {
    host.behaviour = DECLINE;
    take_over();
    run("local function add(a, b) return a + b end for i = 1, 500 do assert(add(i, 1) == i + 1) end");
    ck_assert_int_ge(host.calls, 300);
    ck_assert_int_eq(host.declined, host.calls);
}
END_TEST

START_TEST(errors_surface_in_the_function) {
    take_over();
    run("function add(a, b)\n return a + b end for i = 1, 100 do add(i, 1) end");
    host.behaviour = RAISE;
    run("local ok, m = pcall(add, 1, 2) assert(not ok and m:find('raised by the host'), m)");
    host.behaviour = RETURN_ERROR;
    run("local ok, m = pcall(add, 1, 2) assert(m == 'returned by the host')");
    run("local co = coroutine.create(add) local ok, m = coroutine.resume(co, 1, 2) assert(m == 'returned by the host')");
    host.behaviour = HANDLE;
    run("assert(not pcall(add, {}, 1)) assert(add(3, 4) == 7)");
    run("local t = setmetatable({}, {__add = function() coroutine.yield() end})"
        "assert(not coroutine.resume(coroutine.create(function() add(t, 1) end)))"); /* no yields across the host */
}
END_TEST

START_TEST(any_number_of_results) {
    take_over();
    run("function add(a, b) return a + b end for i = 1, 100 do add(i, 1) end");
    host.behaviour = MANY;
    run("local t = {add(1, 2)} assert(#t == 300 and t[300] == 300)");
    run("local a, b, c = add(1, 2) assert(a == 1 and b == 2 and c == 3)");
    run("local function tail() return add(1, 2) end assert(select('#', tail()) == 300)");
}
END_TEST

START_TEST(loops_are_replaced_on_the_stack) {
    compiler.loop = loop;
    compiler.call = NULL;
    host.behaviour = DECLINE;
    take_over();
    run("local function f(n) local s = 0 for i = 1, n do s = s + i end return s end\n"
        "assert(f(1000) == 500500)");
    ck_assert_int_ge(host.loops, 500); /* in the very call in which it became hot */
    lua_close(L);
    setup();
    compiler.loop = loop;
    compiler.call = NULL;
    take_over();
    run("local function f(n) local s = 0 for i = 1, n do s = s + i end return s end\n"
        "assert(f(1000) == 42)");
    ck_assert_int_eq(host.loops, 1);
    host.behaviour = RAISE;
    run("local function g(n) local s = 0 for i = 1, n do s = s + i end return s end\n"
        "local ok, m = pcall(g, 1000) assert(m:find('raised in the loop'), m)");
}
END_TEST

START_TEST(not_yet_and_never) {
    host.answer = PERIGEE_NOT_YET;
    take_over();
    run("function add(a, b) return a + b end");
    for (int n = 0; n < 1000; n++) {
        lua_getglobal(L, "add");
        lua_pushinteger(L, n);
        lua_pushinteger(L, 1);
        lua_call(L, 2, 0);
    }
    ck_assert_int_eq(host.requests, 4); /* 100, 200, 400, 800 */
    host.answer = PERIGEE_NEVER;
    for (int n = 0; n < 10000; n++) {
        lua_getglobal(L, "add");
        lua_pushinteger(L, n);
        lua_pushinteger(L, 1);
        lua_call(L, 2, 0);
    }
    ck_assert_int_eq(host.requests, 5);
    ck_assert_int_eq(host.calls, 0);
}
END_TEST

START_TEST(discarded_and_dying_functions) {
    take_over();
    run("function add(a, b) return a + b end for i = 1, 100 do add(i, 1) end");
    ck_assert_int_eq(host.promoted, 1);
    perigee_discard(L, host.function);
    ck_assert_int_eq(host.discarded, 1);
    int calls = host.calls;
    run("for i = 1, 50 do add(i, 1) end");
    ck_assert_int_eq(host.calls, calls);
    run("for i = 1, 100 do add(i, 1) end");
    ck_assert_int_eq(host.promoted, 2);
    run("add = nil collectgarbage() collectgarbage()");
    ck_assert_int_eq(host.died, 1);
    lua_close(L);
    L = NULL;
    ck_assert_int_eq(host.closed, 1);
}
END_TEST

START_TEST(hooks_see_the_interpreter) {
    take_over();
    run("function add(a, b) return a + b end for i = 1, 100 do add(i, 1) end");
    int calls = host.calls;
    run("local n = 0 debug.sethook(function() n = n + 1 end, '', 1) for i = 1, 50 do assert(add(i, 1) == i + 1) end debug.sethook() assert(n > 100)");
    ck_assert_int_eq(host.calls, calls);
    run("add(1, 2)");
    ck_assert_int_eq(host.calls, calls + 1);
}
END_TEST

START_TEST(what_a_compiler_can_know) {
    perigee_FunctionInfo info = {.size = sizeof info};
    const char *source = "local function f(a, ...)\n return a .. 'k', 7.5 end return f";
    luaL_loadbuffer(L, source, strlen(source), "=chunk");
    lua_call(L, 0, 1);
    perigee_Function *f = perigee_function(L, -1);
    ck_assert_ptr_nonnull(f);
    perigee_functioninfo(L, f, &info);
    ck_assert_str_eq(info.source, "=chunk");
    ck_assert_int_eq(info.linedefined, 1);
    ck_assert_int_eq(info.nparams, 1);
    ck_assert_int_eq(info.isvararg, 1);
    ck_assert_int_gt(info.ninstructions, 2);
    ck_assert(info.id != 0);
    int n = 0;
    while (perigee_constant(L, f, n)) n++, lua_pop(L, 1);
    ck_assert_int_ge(n, 1);
    lua_pushinteger(L, 1);
    ck_assert_ptr_null(perigee_function(L, -1));
}
END_TEST

START_TEST(it_can_be_too_late) {
    run("local function f() end for i = 1, 1000 do f() end");
    ck_assert_int_eq(perigee_setcompiler(L, &compiler), LUA_ERRRUN);
    perigee_Compiler empty = {.size = sizeof empty};
    lua_State *other = luaL_newstate();
    ck_assert_int_eq(perigee_setcompiler(other, &empty), LUA_ERRRUN);
    ck_assert_int_eq(perigee_setcompiler(other, NULL), LUA_OK);
    ck_assert_int_eq(luaL_dostring(other, "local function f() end for i = 1, 1000 do f() end"), LUA_OK);
    lua_close(other);
}
END_TEST

int main(void) {
    lua_State *probe = luaL_newstate();
    compiler.size = sizeof compiler;
    int supported = perigee_setcompiler(probe, &compiler);
    lua_close(probe);
    if (supported != LUA_OK) return 77; /* meson: skipped; this build's interpreter has no seam */
    const TTest *const tests[] = {hot_functions_are_requested_and_offered, declined_calls_run_interpreted, errors_surface_in_the_function,
                                  any_number_of_results, loops_are_replaced_on_the_stack, not_yet_and_never, discarded_and_dying_functions,
                                  hooks_see_the_interpreter, what_a_compiler_can_know, it_can_be_too_late};
    Suite *suite = suite_create("compiler seam");
    TCase *tcase = tcase_create("host");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    for (size_t n = 0; n < sizeof tests / sizeof tests[0]; n++) tcase_add_test(tcase, tests[n]);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
