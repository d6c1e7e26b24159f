// SPDX-License-Identifier: MIT
/* Calls, errors, coroutines (manual §4.4 to §4.6). */
#include "api/api.h"

#include "state/limits.h"

/* The call may be interrupted by a yield and its caller replaced by a continuation. */
static bool may_yield(lua_State *L, lua_KFunction k) { return k != NULL && is_yieldable(L); }

static void set_continuation(CallInfo *ci, lua_KFunction k, lua_KContext ctx) {
    ci->k = k;
    ci->ctx = ctx;
}

LUA_API void lua_callk(lua_State *L, int nargs, int nresults, lua_KContext ctx, lua_KFunction k) {
    api_check(L, k == NULL || !frame_is_lua(L->ci));
    api_check_args(L, nargs + 1);
    api_check(L, L->status == LUA_OK);
    api_check_results(L, nargs, nresults);
    StkId func = L->top - (nargs + 1);
    if (may_yield(L, k)) {
        set_continuation(L->ci, k, ctx);
        call_value(L, func, nresults);
    } else {
        lua_State *before = __builtin_expect(limits_elsewhere(L), 0) ? limits_enter(L) : NULL;
        call_value_noyield(L, func, nresults);
        if (__builtin_expect(before != NULL, 0)) limits_leave(before);
    }
    api_adjust_limit(L, nresults);
}

struct Call {
    StkId func;
    int nresults;
};

static void protected_call(lua_State *L, void *ud) {
    struct Call *c = ud;
    call_value_noyield(L, c->func, c->nresults);
}

static void yieldable_call(lua_State *L, void *ud) {
    struct Call *c = ud;
    call_value(L, c->func, c->nresults);
}

LUA_API int lua_pcallk(lua_State *L, int nargs, int nresults, int errfunc, lua_KContext ctx, lua_KFunction k) {
    api_check(L, k == NULL || !frame_is_lua(L->ci));
    api_check_args(L, nargs + 1);
    api_check(L, L->status == LUA_OK);
    api_check_results(L, nargs, nresults);
    ptrdiff_t handler = errfunc == 0 ? 0 : stack_save(L, api_slot(L, errfunc));
    struct Call c = {L->top - (nargs + 1), nresults};
    int status = LUA_OK;
    if (may_yield(L, k)) {
        set_continuation(L->ci, k, ctx);
        call_yieldable(L, yieldable_call, &c, stack_save(L, c.func), handler);
    } else {
        status = call_protected(L, protected_call, &c, stack_save(L, c.func), handler);
    }
    api_adjust_limit(L, nresults);
    return status;
}

LUA_API int lua_error(lua_State *L) {
    api_check_args(L, 1);
    const TValue *e = L->top - 1;
    if (is_sstr(e) && as_str(e) == G(L)->memerrmsg) state_throw(L, LUA_ERRMEM); /* raised again as what it was */
    rt_error_value(L);
}

/* ----------------------------------------------------------------------------------- coroutines */

LUA_API lua_State *lua_newthread(lua_State *L) { return thread_new(L); }

LUA_API int lua_resume(lua_State *L, lua_State *from, int narg, int *nres) {
    api_check(L, L->status == LUA_OK ? narg + 1 <= L->top - (L->ci->func) : narg < L->top - L->ci->func);
    return thread_resume(L, from, narg, nres);
}

LUA_API int lua_yieldk(lua_State *L, int nresults, lua_KContext ctx, lua_KFunction k) {
    api_check_args(L, nresults);
    return thread_yield(L, nresults, ctx, k);
}

LUA_API int lua_closethread(lua_State *L, lua_State *from) {
    L->ncalls = from != NULL ? ccalls(from) : 0;
    L->errfunc = 0; /* the frame that set the handler is thrown away */
    return thread_reset(L, L->status);
}

LUA_API int lua_resetthread(lua_State *L) { return lua_closethread(L, NULL); }

LUA_API int lua_status(lua_State *L) { return L->status; }

LUA_API int lua_isyieldable(lua_State *L) { return is_yieldable(L); }
