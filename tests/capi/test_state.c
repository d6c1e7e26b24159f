// SPDX-License-Identifier: MIT
/* States: extra space, allocation failures, finalizers, warnings, the collector's options. */
#include "capi.h"

START_TEST(extra_space) {
    static int mark, other;
    void **space = lua_getextraspace(L);
    *space = &mark;
    lua_State *co[50];
    for (int i = 0; i < 50; i++) {
        co[i] = lua_newthread(L);
        lua_newuserdatauv(L, 16 * (size_t)i, 0);
        lua_pop(L, 1);
        luaL_checkstack(L, 2, NULL);
        ck_assert_ptr_eq(*(void **)lua_getextraspace(co[i]), &mark); /* a copy of the main thread's */
        *(void **)lua_getextraspace(co[i]) = i % 2 ? &other : &mark;
    }
    lua_gc(L, LUA_GCCOLLECT);
    for (int i = 0; i < 50; i++) ck_assert_ptr_eq(*(void **)lua_getextraspace(co[i]), i % 2 ? (void *)&other : (void *)&mark);
    ck_assert_ptr_eq(*space, &mark);
    ck_assert_int_eq(lua_pushthread(L), 1);
    ck_assert_int_eq(lua_pushthread(co[0]), 0);
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
    ck_assert_ptr_eq(lua_tothread(L, -1), L);
}
END_TEST

/* An allocator that counts what is out, checks the sizes it is told, and fails from the nth request on. */
typedef struct Budget { long blocks, left; size_t bytes; } Budget;
static void *budgeted(void *ud, void *ptr, size_t osize, size_t nsize) {
    Budget *b = ud;
    if (ptr == NULL) osize = 0;
    if (nsize == 0) {
        if (ptr != NULL) b->blocks--, b->bytes -= osize;
        free(ptr);
        return NULL;
    }
    if (nsize > osize && b->left-- <= 0) return NULL;
    void *p = realloc(ptr, nsize);
    if (p != NULL) {
        b->bytes += nsize - osize;
        if (ptr == NULL) b->blocks++;
    }
    return p;
}

START_TEST(every_allocation_of_newstate_may_fail) {
    for (long n = 0;; n++) {
        Budget b = {0, n, 0};
        lua_State *S = lua_newstate(budgeted, &b);
        if (S != NULL) {
            b.left = 1000000;
            lua_close(S);
        }
        ck_assert_int_eq(b.blocks, 0);
        ck_assert_uint_eq(b.bytes, 0);
        if (S != NULL) {
            ck_assert_int_gt(n, 5);
            break;
        }
    }
}
END_TEST

static int work(lua_State *S) {
    luaL_openlibs(S);
    lua_State *co = lua_newthread(S);
    lua_newthread(co);
    if (luaL_dostring(S, "local t = {} for i = 1, 30 do t[i] = {i, x = tostring(i) .. ('y'):rep(50)} end "
                         "local c = coroutine.wrap(function(a) return coroutine.yield(a) end) c(1) c(2) "
                         "return select('#', table.unpack(t)) + #string.format('%s', t[1].x)") != LUA_OK)
        return lua_error(S);
    return 1;
}
START_TEST(every_allocation_may_fail) {
    for (long n = 200;; n += n < 400 ? 1 : 17) {
        Budget b = {0, 1000000, 0};
        lua_State *S = lua_newstate(budgeted, &b);
        lua_pushcfunction(S, work);
        b.left = n;
        int status = lua_pcall(S, 0, 1, 0);
        b.left = 1000000;
        ck_assert_msg(status == LUA_OK || status == LUA_ERRMEM || status == LUA_ERRRUN, "status %d at %ld", status, n);
        if (status == LUA_ERRMEM) ck_assert_str_eq(lua_tostring(S, -1), "not enough memory");
        lua_close(S);
        ck_assert_int_eq(b.blocks, 0);
        ck_assert_uint_eq(b.bytes, 0);
        if (status == LUA_OK) break;
    }
}
END_TEST

static char warnings[256];
static void warn(void *ud, const char *msg, int tocont) {
    ck_assert_ptr_eq(ud, warnings);
    strcat(warnings, msg);
    if (!tocont) strcat(warnings, "|");
}
START_TEST(errors_in_finalizers_are_warnings) {
    warnings[0] = '\0';
    lua_setwarnf(L, warn, warnings);
    run("setmetatable({}, {__gc = function() error('no', 0) end}) setmetatable({}, {__gc = function() error({}) end})", 0);
    lua_gc(L, LUA_GCCOLLECT);
    ck_assert_str_eq(warnings, "error in __gc (error object is not a string)|error in __gc (no)|");
    warnings[0] = '\0';
    lua_warning(L, "a", 1);
    lua_warning(L, "b", 0);
    ck_assert_str_eq(warnings, "ab|");
    lua_setwarnf(L, NULL, NULL);
    lua_warning(L, "nobody", 0);
}
END_TEST

START_TEST(finalizers_run_at_close) {
    lua_State *S = luaL_newstate();
    luaL_openlibs(S);
    warnings[0] = '\0';
    lua_setwarnf(S, warn, warnings);
    ck_assert_int_eq(luaL_dostring(S, "for i = 1, 3 do _G[i] = setmetatable({}, {__gc = function() warn('f' .. i) end}) end"), LUA_OK);
    lua_close(S);
    ck_assert_str_eq(warnings, "f3|f2|f1|"); /* in reverse order of marking */
}
END_TEST

static int gc_inside(lua_State *S) {
    lua_pushinteger(S, lua_gc(S, LUA_GCCOUNT));
    lua_setglobal(S, "inside");
    return 0;
}
START_TEST(collector_options) {
    ck_assert_int_eq(lua_gc(L, LUA_GCISRUNNING), 1);
    lua_gc(L, LUA_GCSTOP);
    ck_assert_int_eq(lua_gc(L, LUA_GCISRUNNING), 0);
    lua_gc(L, LUA_GCRESTART);
    ck_assert_int_eq(lua_gc(L, LUA_GCINC, 0, 0, 0), LUA_GCINC);
    ck_assert_int_eq(lua_gc(L, LUA_GCGEN, 0, 0), LUA_GCINC);
    ck_assert_int_eq(lua_gc(L, LUA_GCINC, 0, 0, 0), LUA_GCGEN);
    ck_assert_int_eq(lua_gc(L, 12345), -1);
    ck_assert_int_gt(lua_gc(L, LUA_GCCOUNT), 0);
    int pause = lua_gc(L, LUA_GCSETPAUSE, 180);
    ck_assert_int_eq(lua_gc(L, LUA_GCSETPAUSE, pause), 180);
    lua_newtable(L);
    lua_newtable(L);
    lua_pushcfunction(L, gc_inside);
    lua_setfield(L, -2, "__gc");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
    lua_gc(L, LUA_GCCOLLECT);
    lua_getglobal(L, "inside");
    ck_assert_int_eq(lua_tointeger(L, -1), -1);
}
END_TEST

START_TEST(odds_and_ends) {
    ck_assert_double_eq(lua_version(L), 504);
    ck_assert_int_eq(lua_setcstacklimit(L, 1000), 200);
    lua_CFunction old = lua_atpanic(L, NULL);
    ck_assert_ptr_null((void *)lua_atpanic(L, old));
    void *ud;
    lua_Alloc f = lua_getallocf(L, &ud);
    lua_setallocf(L, f, ud);
    ck_assert_ptr_eq((void *)lua_getallocf(L, NULL), (void *)f);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {extra_space, every_allocation_of_newstate_may_fail, every_allocation_may_fail,
                                  errors_in_finalizers_are_warnings, finalizers_run_at_close, collector_options, odds_and_ends};
    return RUN_TESTS("state", tests);
}
