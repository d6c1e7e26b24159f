// SPDX-License-Identifier: MIT
/* Calls, errors, continuations, coroutines, to-be-closed slots, loading. */
#include "capi.h"

static int raise_top(lua_State *S) { return lua_error(S); }
static int raise_text(lua_State *S) { return luaL_error(S, "number %d", 7); }
static int decorate(lua_State *S) {
    lua_pushliteral(S, "<");
    lua_insert(S, 1);
    lua_pushliteral(S, ">");
    lua_concat(S, 3);
    return 1;
}
static int raise_again(lua_State *S) { return luaL_error(S, "again"); }

START_TEST(protected_calls) {
    lua_pushcfunction(L, raise_top);
    lua_newtable(L);
    const void *object = lua_topointer(L, -1);
    ck_assert_int_eq(lua_pcall(L, 1, LUA_MULTRET, 0), LUA_ERRRUN);
    ck_assert_int_eq(lua_gettop(L), 1);
    ck_assert_ptr_eq(lua_topointer(L, 1), object); /* any value is an error object */
    lua_settop(L, 0);
    lua_pushcfunction(L, decorate);
    lua_pushcfunction(L, raise_text);
    ck_assert_int_eq(lua_pcall(L, 0, 0, 1), LUA_ERRRUN);
    ck_assert_message("<number 7>");
    lua_settop(L, 0);
    lua_pushcfunction(L, raise_again);
    lua_pushcfunction(L, raise_text);
    ck_assert_int_eq(lua_pcall(L, 0, 0, 1), LUA_ERRERR);
    lua_settop(L, 0);
    lua_pushnil(L);
    ck_assert_int_eq(lua_pcall(L, 0, 0, 0), LUA_ERRRUN);
    ck_assert_message("attempt to call a nil value");
}
END_TEST

START_TEST(results_are_adjusted) {
    run("return select, function(...) return ... end", 2);
    lua_pushvalue(L, 2);
    for (int i = 0; i < 5; i++) lua_pushinteger(L, i);
    lua_call(L, 5, 2);
    ck_assert_int_eq(lua_gettop(L), 4);
    ck_assert_int_eq(lua_tointeger(L, -1), 1);
    lua_pushvalue(L, 2);
    lua_call(L, 0, 3);
    ck_assert_int_eq(lua_type(L, -3), LUA_TNIL);
    lua_settop(L, 2);
    run("local t = {} for i = 1, 200 do t[i] = i end return table.unpack(t)", LUA_MULTRET);
    ck_assert_int_eq(lua_gettop(L), 202);
}
END_TEST

static int closes(lua_State *S) {
    lua_pushvalue(S, 1);
    lua_toclose(S, -1);
    lua_pushvalue(S, 2);
    lua_toclose(S, -1);
    if (lua_toboolean(S, 3)) lua_closeslot(S, -1);
    lua_pushliteral(S, "result");
    return 1;
}
static const char closer[] =
    "log = {} local function c(n) return setmetatable({}, {__close = function(_, e) log[#log + 1] = n .. tostring(e) end}) end return c'a', c'b'";

START_TEST(slots_to_be_closed) {
    for (int early = 0; early < 2; early++) {
        lua_pushcfunction(L, closes);
        run(closer, 2);
        lua_pushboolean(L, early);
        lua_call(L, 3, 1);
        ck_assert_message("result");
        run("return table.concat(log, ' ')", 1);
        ck_assert_message("bnil anil");
    }
    run(closer, 2);
    lua_toclose(L, 1);
    lua_settop(L, 0);
    run("return table.concat(log, ' ')", 1);
    ck_assert_message("anil");
    lua_pushcfunction(L, closes);
    lua_pushinteger(L, 1);
    lua_pushinteger(L, 1);
    ck_assert_int_eq(lua_pcall(L, 2, 0, 0), LUA_ERRRUN);
    ck_assert_message("variable '(C temporary)' got a non-closable value");
}
END_TEST

/* ---- continuations ---- */

static int after_call(lua_State *S, int status, lua_KContext ctx) {
    lua_pushinteger(S, status);
    lua_pushinteger(S, (lua_Integer)ctx);
    return lua_gettop(S);
}
static int calls(lua_State *S) {
    lua_callk(S, lua_gettop(S) - 1, LUA_MULTRET, 42, after_call);
    return after_call(S, LUA_OK, 0);
}
static int pcalls(lua_State *S) {
    int status = lua_pcallk(S, lua_gettop(S) - 1, LUA_MULTRET, 0, 43, after_call);
    return after_call(S, status, 0);
}
static int yields(lua_State *S) { return lua_yieldk(S, lua_gettop(S), 44, after_call); }

static void check_results(lua_State *co, const char *want) {
    int n = lua_gettop(co);
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (int i = 1; i <= n; i++) {
        luaL_addstring(&b, i > 1 ? " " : "");
        luaL_addstring(&b, luaL_tolstring(co, i, NULL));
        lua_pop(co, 1);
    }
    luaL_pushresult(&b);
    ck_assert_message(want);
    lua_settop(co, 0);
}

START_TEST(yields_across_c_calls) {
    static const struct { lua_CFunction f; const char *body, *want; } rows[] = {
        {calls, "return function(...) return 1, coroutine.yield(...) end", "1 back 1 42"},
        {calls, "return function(...) return 1, ... end", "1 there 0 0"},
        {pcalls, "return function(...) return 1, coroutine.yield(...) end", "1 back 1 43"},
        {pcalls, "return function(...) coroutine.yield(...) error('e', 0) end", "e 2 43"},
        {pcalls, "return function(...) error('e', 0) end", "e 2 43"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        lua_State *co = lua_newthread(L);
        lua_pushcfunction(co, rows[i].f);
        run(rows[i].body, 1);
        lua_xmove(L, co, 1);
        lua_pushliteral(co, "there");
        int n, status = lua_resume(co, L, 2, &n);
        if (status == LUA_YIELD) {
            ck_assert_int_eq(n, 1);
            ck_assert_str_eq(lua_tostring(co, -1), "there");
            lua_pop(co, 1);
            lua_pushliteral(co, "back");
            status = lua_resume(co, L, 1, &n);
        }
        ck_assert_int_eq(status, LUA_OK);
        ck_assert_int_eq(n, lua_gettop(co));
        check_results(co, rows[i].want);
        lua_settop(L, 0);
    }
}
END_TEST

START_TEST(yields_of_c_functions) {
    lua_State *co = lua_newthread(L);
    int n;
    lua_pushcfunction(co, yields);
    lua_pushinteger(co, 1);
    lua_pushinteger(co, 2);
    ck_assert_int_eq(lua_resume(co, NULL, 2, &n), LUA_YIELD);
    ck_assert_int_eq(n, 2);
    ck_assert_int_eq(lua_status(co), LUA_YIELD);
    lua_pop(co, 2);
    lua_pushinteger(co, 3);
    ck_assert_int_eq(lua_resume(co, NULL, 1, &n), LUA_OK);
    check_results(co, "3 1 44");
    ck_assert_int_eq(lua_resume(co, NULL, 0, &n), LUA_ERRRUN);
    ck_assert_str_eq(lua_tostring(co, -1), "cannot resume dead coroutine");
    ck_assert_int_eq(lua_isyieldable(L), 0);
    lua_pushcfunction(L, yields);
    ck_assert_int_eq(lua_pcall(L, 0, 0, 0), LUA_ERRRUN);
    ck_assert_message("attempt to yield from outside a coroutine");
}
END_TEST

START_TEST(errors_of_coroutines) {
    lua_State *co = lua_newthread(L);
    int n;
    run("x = 0 return function() local v <close> = setmetatable({}, {__close = function(_, e) x = e end}) error('broken', 0) end", 1);
    lua_xmove(L, co, 1);
    ck_assert_int_eq(lua_resume(co, L, 0, &n), LUA_ERRRUN);
    ck_assert_int_eq(lua_status(co), LUA_ERRRUN);
    ck_assert_str_eq(lua_tostring(co, -1), "broken");
    ck_assert_int_eq(lua_closethread(co, L), LUA_ERRRUN);
    ck_assert_str_eq(lua_tostring(co, -1), "broken");
    ck_assert_int_eq(lua_gettop(co), 1);
    lua_getglobal(L, "x");
    ck_assert_message("broken");
    ck_assert_int_eq(lua_status(co), LUA_OK);
    lua_settop(co, 0);
    ck_assert_int_eq(lua_resetthread(co), LUA_OK);
    run("return function(...) return ... end", 1); /* it can be used again */
    lua_xmove(L, co, 1);
    lua_pushinteger(co, 5);
    ck_assert_int_eq(lua_resume(co, L, 1, &n), LUA_OK);
    ck_assert_int_eq(lua_tointeger(co, -1), 5);
}
END_TEST

/* ---- loading ---- */

struct Pieces { const char *text; size_t size; };
static const char *piece(lua_State *S, void *ud, size_t *size) { /* byte by byte */
    struct Pieces *p = ud;
    (void)S;
    if (p->size == 0) return NULL;
    p->size--;
    *size = 1;
    return p->text++;
}
static int load_pieces(const char *text, size_t size, const char *name, const char *mode) {
    struct Pieces p = {text, size};
    return lua_load(L, piece, &p, name, mode);
}
struct Dump { size_t size; char bytes[4096]; };
static int collect(lua_State *S, const void *p, size_t size, void *ud) {
    (void)S;
    struct Dump *d = ud;
    ck_assert_uint_le(size, sizeof d->bytes - d->size);
    memcpy(d->bytes + d->size, p, size);
    d->size += size;
    return 0;
}
static int refuse(lua_State *S, const void *p, size_t size, void *ud) {
    (void)S, (void)p, (void)size, (void)ud;
    return 99;
}

START_TEST(loading) {
    static const char text[] = "local a = ... ; return a, here";
    lua_pushliteral(L, "global");
    lua_setglobal(L, "here");
    ck_assert_int_eq(load_pieces(text, sizeof text - 1, "=pieces", "t"), LUA_OK);
    ck_assert_str_eq(lua_getupvalue(L, -1, 1), "_ENV");
    lua_pushglobaltable(L);
    ck_assert_int_eq(lua_rawequal(L, -1, -2), 1);
    lua_pop(L, 2);
    lua_pushinteger(L, 1);
    lua_call(L, 1, 2);
    ck_assert_message("global");
    lua_settop(L, 0);
    ck_assert_int_eq(load_pieces(text, sizeof text - 1, NULL, "b"), LUA_ERRSYNTAX);
    ck_assert_message("attempt to load a text chunk (mode is 'b')");
    ck_assert_int_eq(load_pieces("x =", 3, "=bad", NULL), LUA_ERRSYNTAX);
    ck_assert_message("bad:1: unexpected symbol near <eof>");
    ck_assert_int_eq(load_pieces("x =", 3, NULL, NULL), LUA_ERRSYNTAX);
    ck_assert_message("[string \"?\"]:1: unexpected symbol near <eof>");
    ck_assert_int_eq(load_pieces("\x1bLua", 4, "=bin", "t"), LUA_ERRSYNTAX);
    ck_assert_message("attempt to load a binary chunk (mode is 't')");
    ck_assert_int_eq(lua_gettop(L), 0);
}
END_TEST

START_TEST(dumping) {
    struct Dump d = {0, ""};
    ck_assert_int_eq(luaL_loadstring(L, "local u = 7; return function() return u end, 3"), LUA_OK);
    ck_assert_int_eq(lua_dump(L, refuse, NULL, 0), 99);
    lua_pushcfunction(L, yields);
    ck_assert_int_eq(lua_dump(L, collect, &d, 0), 1);
    lua_pop(L, 1);
    ck_assert_int_eq(lua_dump(L, collect, &d, 1), 0);
    ck_assert_int_eq(load_pieces(d.bytes, d.size, "=dumped", "b"), LUA_OK);
    lua_call(L, 0, 2);
    ck_assert_int_eq(lua_tointeger(L, -1), 3);
    lua_pop(L, 1);
    ck_assert_str_eq(lua_getupvalue(L, -1, 1), "(no name)");
    ck_assert_int_eq(lua_tointeger(L, -1), 7);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {protected_calls, results_are_adjusted, slots_to_be_closed, yields_across_c_calls,
                                  yields_of_c_functions, errors_of_coroutines, loading, dumping};
    return RUN_TESTS("calls", tests);
}
