// SPDX-License-Identifier: MIT
/* Memory: every request refused, once or from then on, by one allocator that keeps the books; and
 * allocators replaced in mid-life.
 *
 * After each refusal the state must still work, and when it is closed nothing may be out. An
 * emergency collection gives a refused request a second try, so "once" is tested twice: refusing
 * one request (the second try succeeds) and refusing two in a row (it raises).
 */
#include "capi.h"

/* What is out, and the requests to refuse: number `at` and those after it, `refusals` in all. */
typedef struct Books { long blocks, at, refusals; ptrdiff_t bytes; int refused; } Books;
enum { NEVER = -1, ALWAYS = 1000000 };

static void *keep_books(void *ud, void *ptr, size_t osize, size_t nsize) {
    Books *b = ud;
    if (ptr == NULL) osize = 0; /* then it is a type */
    if (nsize > osize && b->at >= 0) {
        if (b->at > 0) {
            b->at--;
        } else if (b->refusals > 0) {
            b->refusals--;
            b->refused = 1;
            return NULL;
        }
    }
    b->bytes += (ptrdiff_t)nsize - (ptrdiff_t)osize;
    b->blocks += (ptr == NULL && nsize != 0) - (ptr != NULL && nsize == 0);
    if (nsize != 0) return realloc(ptr, nsize);
    free(ptr);
    return NULL;
}

/* ---- Operations: each must work, or raise "not enough memory" and leave nothing half done ------------ */

static int fields(lua_State *S) {
    lua_newtable(S);
    for (int i = 0; i < 20; i++) {
        lua_pushfstring(S, "field%d %s %f", i, "of a table", i + 0.5);
        lua_pushvalue(S, -1);
        lua_rawset(S, -3);
        lua_pushinteger(S, i);
        lua_seti(S, -2, i + 1);
    }
    return 0;
}
static int strings(lua_State *S) {
    luaL_Buffer b;
    luaL_buffinit(S, &b);
    for (int i = 0; i < 300; i++) luaL_addstring(&b, "0123456789abcdef");
    luaL_pushresult(&b);
    luaL_gsub(S, lua_tostring(S, -1), "9a", "<>");
    lua_concat(S, 2);
    return 0;
}
static int objects(lua_State *S) {
    lua_newuserdatauv(S, 1000, 3);
    lua_State *co = lua_newthread(S);
    lua_newuserdatauv(co, 0, 1);
    luaL_checkstack(co, 500, "no room");
    lua_pushinteger(S, 1);
    lua_pushinteger(S, 2);
    lua_pushcclosure(S, objects, 2);
    lua_pushvalue(S, 1);
    return luaL_ref(S, LUA_REGISTRYINDEX), 0;
}
static int registers_type(lua_State *S) {
    luaL_newmetatable(S, "A type");
    lua_pushcfunction(S, fields);
    lua_setfield(S, -2, "__gc");
    lua_newuserdatauv(S, 8, 1);
    luaL_setmetatable(S, "A type");
    luaL_tolstring(S, -1, NULL);
    luaL_traceback(S, S, "message", 0);
    lua_pushnil(S);
    lua_setfield(S, LUA_REGISTRYINDEX, "A type");
    return 0;
}
static int gather(lua_State *S, const void *bytes, size_t size, void *ud) {
    (void)S;
    luaL_addlstring(ud, bytes, size);
    return 0;
}
static int loads(lua_State *S) {
    luaL_Buffer b;
    if (luaL_loadstring(S, "local a <const>, t = 'k', {1, 2.5, x = {}} for i, v in ipairs(t) do local f = function() return i + v end end "
                           "goto done; ::done:: return function(...) return a .. 'l', t, ... end") != LUA_OK)
        return lua_error(S);
    luaL_buffinit(S, &b);
    lua_pushvalue(S, 1);
    lua_dump(S, gather, &b, 0);
    lua_pop(S, 1);
    luaL_pushresult(&b);
    size_t size;
    const char *text = lua_tolstring(S, -1, &size);
    if (luaL_loadbufferx(S, text, size, "=dumped", "b") != LUA_OK) return lua_error(S);
    lua_call(S, 0, 1);
    lua_Debug ar;
    lua_getinfo(S, ">SnlutrfL", &ar);
    return 0;
}
static int opens_libraries(lua_State *S) {
    luaL_openlibs(S);
    return 0;
}

#define SCRIPT(name, code)                                             \
    static int name(lua_State *S) {                                    \
        if (luaL_dostring(S, code) != LUA_OK) return lua_error(S);     \
        return 0;                                                      \
    }
SCRIPT(script_coroutines, "local function deep(n) if n == 0 then coroutine.yield(1) else deep(n - 1) end return n end "
                          "local c = coroutine.create(deep) coroutine.resume(c, 100) coroutine.resume(c) "
                          "local d = coroutine.wrap(function() local x <close> = setmetatable({}, {__close = function() end}) "
                          "coroutine.yield() end) d() local e = coroutine.create(deep) coroutine.resume(e, 3) coroutine.close(e)")
SCRIPT(script_strings, "local s = ('abc'):rep(50, '-'):gsub('b', {b = 'BB'}):upper() .. string.format('%q %s %5.2f', 'x\\0', {}, 1.5) "
                       "s = table.concat({s, s, 1, 2.5}) .. string.pack('s4z', s, 'z') for w in s:gmatch '%a+' do local _ = w .. w end "
                       "local u = utf8.char(228, 8364) .. os.date('%Y', 0) local t = tostring(2^53) .. 7 // 2")
SCRIPT(script_tables, "local t = {} for i = 1, 70 do t[i] = i * 0.5; t['k' .. i] = i; t[i + 0.25] = {} end for i = 1, 70 do t[i] = nil end "
                      "local u = table.move({table.unpack({1, 2, 3, n = 3})}, 1, 3, 4) table.sort(u) table.insert(u, 1, {}) "
                      "local p = table.pack(select(2, table.unpack(u))) setmetatable(p, {__gc = function() end, __mode = 'k'}) p[{}] = p")
SCRIPT(script_calls, "local function vararg(...) local a, b = ... if a then return vararg(b, ...) end return select('#', ...) end "
                     "local function deep(n) if n > 0 then return 1 + deep(n - 1) end return vararg(nil, table.unpack({}, 1, 90)) end "
                     "local r = deep(150) local list = {} for i = 1, 10 do list[i] = function() i = i + 1 return r end end "
                     "local ok, m = xpcall(function() error({}) end, debug.traceback)")

/* memory errors inside pcall are values there; this one passes them on */
SCRIPT(script_protected, "local ok, m = pcall(function() local t = {} for i = 1, 30 do t[i] = ('x'):rep(i * 20) end end) "
                         "if not ok then error(m, 0) end")

static const struct { const char *name; lua_CFunction f; int bare; } operations[] = {
    {"fields", fields, 0},           {"strings", strings, 0},        {"objects", objects, 0},
    {"type", registers_type, 0},     {"load", loads, 0},             {"libraries", opens_libraries, 1},
    {"coroutines", script_coroutines, 0}, {"string library", script_strings, 0}, {"tables", script_tables, 0},
    {"calls", script_calls, 0},      {"protected", script_protected, 0},
};
enum { OPERATIONS = sizeof operations / sizeof *operations };

static void still_works(lua_State *S, const char *name, long n) {
    lua_pushinteger(S, 0);
    lua_setglobal(S, "sum");
    int status = luaL_dostring(S, "local t = {} for i = 1, 20 do t[i] = {v = i .. '', i} end for i = 20, 1, -1 do sum = sum + t[i][1] + #t[i].v end return sum");
    ck_assert_msg(status == LUA_OK, "%s, %ld: %s", name, n, lua_tostring(S, -1));
    ck_assert_msg(lua_tointeger(S, -1) == 241, "%s, %ld: sum is %s", name, n, lua_tostring(S, -1));
    lua_settop(S, 0);
}

/* Number n of the operation's requests is the first to be refused; whether one was. */
static int refuse(lua_State *S, Books *b, int op, long n, long refusals) {
    lua_settop(S, 0);
    lua_pushcfunction(S, operations[op].f);
    b->refused = 0, b->at = n, b->refusals = refusals;
    int status = lua_pcall(S, 0, 0, 0);
    b->at = NEVER;
    const char *name = operations[op].name;
    if (status == LUA_OK)
        ck_assert_int_eq(lua_gettop(S), 0);
    else
        ck_assert_msg(status == LUA_ERRMEM || (b->refused && strstr(lua_tostring(S, -1), "not enough memory")),
                      "%s, %ld refused (%ld): status %d, %s", name, n, refusals, status, lua_tostring(S, -1));
    ck_assert_msg(status == LUA_OK || b->refused, "%s fails with memory: %s", name, lua_tostring(S, -1));
    still_works(S, name, n);
    if (n % 8 == 0) lua_gc(S, LUA_GCCOLLECT);
    return b->refused;
}

START_TEST(every_request_refused) {
    Books b = {0, NEVER, 0, 0, 0};
    static const long modes[] = {1, 2, ALWAYS};
    for (size_t m = 0; m < 3; m++) {
        lua_State *S = lua_newstate(keep_books, &b);
        if (!operations[_i].bare) luaL_openlibs(S);
        long n = 0;
        while (refuse(S, &b, _i, n, modes[m])) n++;
        ck_assert_int_gt(n, 0);
        lua_close(S);
        ck_assert_int_eq(b.blocks, 0);
        ck_assert_int_eq(b.bytes, 0);
    }
}
END_TEST

START_TEST(refused_at_birth) {
    for (long n = 0;; n++) {
        Books b = {0, n, ALWAYS, 0, 0};
        lua_State *S = lua_newstate(keep_books, &b);
        if (S != NULL) lua_close(S);
        ck_assert_int_eq(b.blocks, 0);
        ck_assert_int_eq(b.bytes, 0);
        if (S != NULL) break;
    }
}
END_TEST

/* ---- Replaced allocators ----------------------------------------------------------------------------- */

/* A host that wraps what it finds and counts what passes. */
typedef struct Wrap { lua_Alloc inner; void *ud; long out, calls; ptrdiff_t bytes; } Wrap;
static void *wrapped(void *ud, void *ptr, size_t osize, size_t nsize) {
    Wrap *w = ud;
    void *p = w->inner(w->ud, ptr, osize, nsize);
    w->calls++;
    if (nsize == 0 || p != NULL) {
        w->bytes += (ptrdiff_t)nsize - (ptrdiff_t)(ptr ? osize : 0);
        w->out += (ptr == NULL && nsize != 0) - (ptr != NULL && nsize == 0);
    }
    return p;
}
static Wrap wrap(lua_State *S) {
    Wrap w = {NULL, NULL, 0, 0, 0};
    w.inner = lua_getallocf(S, &w.ud);
    return w;
}
static const char lively[] =
    "keep = keep or {} for i = 1, 300 do keep[#keep + 1] = {i, tostring(i):rep(i % 40), function() return i end, coroutine.create(print)} end "
    "for i = 1, #keep, 3 do keep[i] = false end collectgarbage() assert(#keep > 0)";

START_TEST(host_wraps_own_allocator) {
    Books b = {0, NEVER, 0, 0, 0};
    lua_State *S = lua_newstate(keep_books, &b);
    luaL_openlibs(S);
    ck_assert_int_eq(luaL_dostring(S, lively), LUA_OK);
    Wrap w = wrap(S);
    ptrdiff_t bytes = b.bytes;
    long blocks = b.blocks;
    lua_setallocf(S, wrapped, &w);
    ck_assert_int_eq(luaL_dostring(S, lively), LUA_OK);
    ck_assert_int_eq(w.bytes, b.bytes - bytes); /* it sees every byte */
    lua_close(S);
    ck_assert_int_eq(b.bytes, 0);
    ck_assert_int_eq(b.blocks, 0);
    ck_assert_int_eq(w.bytes, -bytes);
    ck_assert_int_eq(w.out, -blocks);
}
END_TEST

START_TEST(host_wraps_default_allocator) {
    lua_State *S = luaL_newstate();
    luaL_openlibs(S);
    ck_assert_int_eq(luaL_dostring(S, lively), LUA_OK);
    Wrap w = wrap(S);
    lua_setallocf(S, wrapped, &w);
    ck_assert_int_eq(luaL_dostring(S, lively), LUA_OK);
    ck_assert_int_gt(w.calls, 300);
    ck_assert_int_eq(luaL_dostring(S, lively), LUA_OK);
    lua_close(S); /* what the wrapper gave is given back to it, and perhaps older blocks */
    ck_assert_int_le(w.bytes, 0);
    ck_assert_int_le(w.out, 0);
}
END_TEST

START_TEST(allocators_come_and_go) {
    lua_State *S = luaL_newstate();
    luaL_openlibs(S);
    Wrap w = wrap(S);
    for (int i = 0; i < 6; i++) {
        ck_assert_int_eq(luaL_dostring(S, lively), LUA_OK);
        if (i % 2 == 0)
            lua_setallocf(S, wrapped, &w);
        else
            lua_setallocf(S, w.inner, w.ud);
        ck_assert_int_eq(luaL_dostring(S, i == 3 ? "keep = nil collectgarbage()" : lively), LUA_OK);
    }
    lua_close(S);
}
END_TEST

/* Types of new blocks: a constant of Lua for objects, anything else otherwise; sizes are what was
 * asked for. */
typedef struct Types { long seen[LUA_NUMTYPES]; } Types;
static void *typed(void *ud, void *ptr, size_t osize, size_t nsize) {
    Types *t = ud;
    if (ptr == NULL && nsize != 0 && osize < LUA_NUMTYPES) t->seen[osize]++;
    if (nsize != 0) return realloc(ptr, nsize);
    free(ptr);
    return NULL;
}
START_TEST(types_of_blocks) {
    Types t = {{0}};
    lua_State *S = lua_newstate(typed, &t);
    Types before = t;
    lua_newtable(S);
    lua_newuserdatauv(S, 10, 0);
    lua_newthread(S);
    lua_pushliteral(S, "a string that nobody has");
    lua_pushinteger(S, 1);
    lua_pushcclosure(S, fields, 1);
    static const int types[] = {LUA_TTABLE, LUA_TUSERDATA, LUA_TTHREAD, LUA_TSTRING, LUA_TFUNCTION};
    for (size_t i = 0; i < 5; i++) ck_assert_int_eq(t.seen[types[i]], before.seen[types[i]] + 1);
    lua_close(S);
}
END_TEST

int main(void) {
    Suite *s = suite_create("memory");
    TCase *c = tcase_create("memory");
    tcase_set_timeout(c, 120);
    tcase_add_loop_test(c, every_request_refused, 0, OPERATIONS);
    const TTest *const tests[] = {refused_at_birth, host_wraps_own_allocator, host_wraps_default_allocator, allocators_come_and_go, types_of_blocks};
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) tcase_add_test(c, tests[i]);
    suite_add_tcase(s, c);
    return run_suite(s);
}
