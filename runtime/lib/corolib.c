// SPDX-License-Identifier: MIT
/*
 * Coroutines (manual section 6.2), over lua.h and lauxlib.h.
 *
 * A resume moves its arguments to the coroutine's stack and what comes back to the caller's. Both
 * stacks are checked first, so a refusal leaves the coroutine as resumable as it was.
 */
#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"
#include "object/thread.h"

static lua_State *check_coroutine(lua_State *L) {
    lua_State *co = lua_tothread(L, 1);
    luaL_argexpected(L, co != NULL, 1, "thread");
    return co;
}

/* Resume co with the n values on top. Returns the number of results, or -1 for one error object. */
static int resume(lua_State *L, lua_State *co, int n) {
    int status, results;
    if (luai_unlikely(!lua_checkstack(co, n))) {
        lua_pushliteral(L, "too many arguments to resume");
        return -1;
    }
    lua_xmove(L, co, n);
    status = lua_resume(co, L, n, &results);
    if (luai_unlikely(status != LUA_OK && status != LUA_YIELD)) {
        lua_xmove(co, L, 1);
        return -1;
    }
    if (luai_unlikely(!lua_checkstack(L, results + 1))) {
        lua_pop(co, results);
        lua_pushliteral(L, "too many results to resume");
        return -1;
    }
    lua_xmove(co, L, results);
    return results;
}

static int co_resume(lua_State *L) {
    lua_State *co = check_coroutine(L);
    int n = resume(L, co, lua_gettop(L) - 1);
    int pushed = n < 0 ? 1 : n;
    lua_pushboolean(L, n >= 0);
    lua_insert(L, -(pushed + 1));
    return pushed + 1;
}

/* Close a coroutine that died of an error; the error on top of L may be replaced by a later one. */
static int close_failed(lua_State *L, lua_State *co) {
    int status = lua_status(co);
    if (status == LUA_OK || status == LUA_YIELD)    /* it did not run at all */
        return status;
    status = lua_closethread(co, L);
    lua_xmove(co, L, 1);
    return status;
}

/* Raise the error on top; unless it is no string, or memory is short, it tells where. */
static int raise_error(lua_State *L, int status) {
    int error = lua_gettop(L);
    if (lua_type(L, error) == LUA_TSTRING && status != LUA_ERRMEM) {
        luaL_where(L, 1);
        lua_rotate(L, error, 1);
        lua_concat(L, 2);
    }
    return lua_error(L);
}

/* What coroutine.wrap returns: errors go on to the caller. */
static int resume_wrapped(lua_State *L) {
    lua_State *co = lua_tothread(L, lua_upvalueindex(1));
    int n = resume(L, co, lua_gettop(L));
    return luai_likely(n >= 0) ? n : raise_error(L, close_failed(L, co));
}

static int co_create(lua_State *L) {
    lua_State *co;
    luaL_checktype(L, 1, LUA_TFUNCTION);
    co = lua_newthread(L);
    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    return 1;
}

static int co_wrap(lua_State *L) {
    co_create(L);
    lua_pushcclosure(L, resume_wrapped, 1);
    return 1;
}

static int co_yield(lua_State *L) {
    return lua_yield(L, lua_gettop(L));
}

/*
 * Running, or waiting for one it resumed: only then is there a frame without a yield or an error.
 */
static int is_active(lua_State *co) {
    lua_Debug ar;
    return lua_status(co) == LUA_OK && lua_getstack(co, 0, &ar);
}

static const char *describe(lua_State *L, lua_State *co) {
    int status = lua_status(co);
    if (co == L)
        return "running";
    if (is_active(co))
        return "normal";
    if (status == LUA_YIELD || (status == LUA_OK && lua_gettop(co) > 0))
        return "suspended";                         /* at first its function lies on its stack */
    return "dead";
}

static int co_status(lua_State *L) {
    lua_pushstring(L, describe(L, check_coroutine(L)));
    return 1;
}

static int co_isyieldable(lua_State *L) {
    lua_State *co = lua_isnone(L, 1) ? L : check_coroutine(L);
    lua_pushboolean(L, lua_isyieldable(co));
    return 1;
}

static int co_running(lua_State *L) {
    lua_pushboolean(L, lua_pushthread(L));
    return 2;
}

static int co_close(lua_State *L) {
    lua_State *co = check_coroutine(L);
    int closed;
    if (luai_unlikely(is_active(co)))
        return luaL_error(L, "cannot close a %s coroutine", describe(L, co));
    closed = lua_closethread(co, L) == LUA_OK;
    lua_pushboolean(L, closed);
    if (!closed)
        lua_xmove(co, L, 1);
    return closed ? 1 : 2;
}

static const luaL_Reg functions[] = {
    {"close", co_close},
    {"create", co_create},
    {"isyieldable", co_isyieldable},
    {"resume", co_resume},
    {"running", co_running},
    {"status", co_status},
    {"wrap", co_wrap},
    {"yield", co_yield},
    {NULL, NULL},
};

int luaopen_coroutine(lua_State *L) {
    G(L)->yield = co_yield;
    luaL_newlib(L, functions);
    return 1;
}
