// SPDX-License-Identifier: MIT
/* Coroutines.
 *
 * A resume runs the coroutine's frames on the resumer's C stack. A yield leaves them by longjmp:
 * Lua frames are wholly described by their CallInfo, C frames by a continuation. The next resume
 * completes the interrupted call and then works off the frames that are left, from the innermost
 * (unroll). When nothing but the interpreter stands between the resume and the yield, which is the
 * rule for generators, it leaves by a plain return instead (interp.c): a long jump upsets the
 * processor's prediction of returns. An error inside a coroutine unwinds to the innermost yieldable
 * pcall frame, if any, the same way.
 */
#include <string.h>

#include "object/func.h"
#include "object/string.h"
#include "state/limits.h"
#include "state/state.h"

/* -------------------------------------------------------------------------------------- threads */

lua_State *thread_new(lua_State *L) {
    gc_step_if_due(L);
    lua_State *L1 = (lua_State *)gc_new(L, TAG_THREAD, sizeof(lua_State));
    memset((char *)L1 + sizeof(GCObject), 0, sizeof *L1 - sizeof(GCObject));
    L1->g = G(L);
    L1->twups_next = L1;
    L1->status = LUA_OK;
    L1->allowhook = 1;
    /* anchored before its stack is allocated, which may collect */
    set_gc(L->top, L1);
    stack_inc_top(L);
    L1->hookmask = L->hookmask;
    L1->basehookcount = L->basehookcount;
    L1->hook = L->hook;
    L1->hookcount = L1->basehookcount;
    memcpy(lua_getextraspace(L1), lua_getextraspace(G(L)->mainthread), LUA_EXTRASPACE);
    stack_init(L1, L);
    G(L)->set_dispatch(L1);
    return L1;
}

/* ------------------------------------------------------------------------------------ unrolling */

/* A yieldable pcall whose callee raised: closes variables (which may yield again) and leaves the
 * error value. Returns the status the continuation is told. */
static int finish_failed_pcall(lua_State *L, CallInfo *ci) {
    int status = (ci->status >> CI_RECST) & 7;
    if (status == LUA_OK) {
        status = LUA_YIELD; /* the callee was interrupted, not broken */
    } else {
        StkId func = stack_restore(L, ci->u2.funcidx);
        L->allowhook = (ci->status & CI_OLDALLOWHOOK) != 0;
        func = close_all(L, func, status, true);
        set_error_object(L, status, func);
        stack_shrink(L);
        ci->status &= (uint16_t)~(7 << CI_RECST);
    }
    ci->status &= (uint16_t)~CI_YPCALL;
    L->errfunc = ci->old_errfunc;
    return status;
}

/* Results of a call that wanted all of them may reach above the frame's limit. */
static void adjust_limit(lua_State *L, CallInfo *ci) {
    if (ci->nresults == LUA_MULTRET && ci->top < L->top) ci->top = L->top;
}

static void finish_c_call(lua_State *L, CallInfo *ci) {
    int n;
    if (ci->status & CI_CLSRET) { /* was closing variables on its way out */
        n = ci->u2.nres;
    } else {
        int status = LUA_YIELD;
        if (ci->status & CI_YPCALL) status = finish_failed_pcall(L, ci);
        if (L->ci->nresults == LUA_MULTRET) adjust_limit(L, L->ci);
        n = (*ci->k)(L, status, ci->ctx);
    }
    call_finish(L, ci, n);
}

static void unroll(lua_State *L, void *ud) {
    (void)ud;
    CallInfo *ci;
    while ((ci = L->ci) != &L->base_ci) {
        if (!frame_is_lua(ci)) {
            finish_c_call(L, ci);
        } else {
            G(L)->finish_op(L);
            G(L)->execute(L, ci);
        }
        if (L->status == LUA_YIELD) return; /* left by a plain return (below) */
    }
}

static CallInfo *find_pcall(lua_State *L) {
    for (CallInfo *ci = L->ci; ci != NULL; ci = ci->prev)
        if (ci->status & CI_YPCALL) return ci;
    return NULL;
}

/* --------------------------------------------------------------------------------------- resume */

static int resume_refused(lua_State *L, const char *msg, int nargs) {
    L->top -= nargs;
    set_gc(L->top, str_newz(L, msg));
    L->top++;
    return LUA_ERRRUN;
}

static void resume_body(lua_State *L, void *ud) {
    int nargs = *(int *)ud;
    StkId first = L->top - nargs;
    CallInfo *ci = L->ci;
    if (L->status == LUA_OK) { /* starting */
        CallInfo *fresh = call_prepare(L, first - 1, LUA_MULTRET);
        if (fresh != NULL) {
            fresh->status = CI_FRESH;
            G(L)->execute(L, fresh);
        }
        return; /* finished, or yielded */
    }
    L->status = LUA_OK;
    if (frame_is_lua(ci)) { /* yielded inside a hook */
        L->top = first;     /* no arguments */
        G(L)->execute(L, ci);
        if (L->status == LUA_YIELD) return;
    } else {
        if (ci->k != NULL) nargs = (*ci->k)(L, LUA_YIELD, ci->ctx);
        call_finish(L, ci, nargs);
    }
    unroll(L, NULL);
}

static int recover(lua_State *L, int status) {
    CallInfo *ci;
    while (status > LUA_YIELD && (ci = find_pcall(L)) != NULL) {
        frame_unwind(L, ci);
        if (G(L)->vigilant & VIGIL_DEPTH) limits_recovered(L);
        ci->status = (uint16_t)((ci->status & ~(7 << CI_RECST)) | status << CI_RECST);
        status = state_protected(L, unroll, NULL);
    }
    return status;
}

int thread_resume(lua_State *L, lua_State *from, int nargs, int *nresults) {
    if (L->status == LUA_OK) {
        if (L->ci != &L->base_ci) return resume_refused(L, "cannot resume non-suspended coroutine", nargs);
        if (L->top - (L->ci->func + 1) == nargs) return resume_refused(L, "cannot resume dead coroutine", nargs);
    } else if (L->status != LUA_YIELD) {
        return resume_refused(L, "cannot resume dead coroutine", nargs);
    }
    L->ncalls = from != NULL ? ccalls(from) : 0;
    if (ccalls(L) >= MAX_CCALLS) return resume_refused(L, "C stack overflow", nargs);
    L->ncalls++;
    L->resumecalls = ccalls(L);
    lua_State *current = G(L)->current, *before = from != NULL ? from : current != NULL ? current : G(L)->mainthread;
    G(L)->current = L;
    if (__builtin_expect(G(L)->vigilant != 0, 0)) before = limits_enter(L);
    int status = state_protected(L, resume_body, &nargs);
    status = recover(L, status);
    G(L)->current = current;
    if (status == LUA_OK && L->status == LUA_YIELD) status = LUA_YIELD;
    if (status > LUA_YIELD) { /* the error stays: the coroutine is dead */
        L->status = (uint8_t)status;
        set_error_object(L, status, L->top);
        L->ci->top = L->top;
    }
    if (__builtin_expect(G(L)->vigilant != 0, 0)) limits_resumed(before, status);
    *nresults = status == LUA_YIELD ? L->ci->u2.nyield : (int)(L->top - (L->ci->func + 1));
    return status;
}

int thread_yield(lua_State *L, int nresults, lua_KContext ctx, lua_KFunction k) {
    CallInfo *ci = L->ci;
    if (!is_yieldable(L)) {
        if (L != G(L)->mainthread) rt_error(L, "attempt to yield across a C-call boundary");
        rt_error(L, "attempt to yield from outside a coroutine");
    }
    if (G(L)->vigilant & VIGIL_STOPPED) limits_raise(L); /* whoever resumed it would not learn */
    L->status = LUA_YIELD;
    ci->u2.nyield = nresults;
    if (frame_is_lua(ci)) return 0; /* inside a hook: its caller leaves */
    ci->k = k;
    if (k != NULL) ci->ctx = ctx;
    state_throw(L, LUA_YIELD);
}

int thread_reset(lua_State *L, int status) {
    CallInfo *ci = L->ci = &L->base_ci;
    set_nil(L->stack); /* the function slot of the base frame */
    ci->func = L->stack;
    ci->status = CI_C;
    gc_stack_returned(L, ci);
    if (status == LUA_YIELD) status = LUA_OK;
    L->status = LUA_OK; /* so that __close can run */
    lua_State *current = G(L)->current, *before = current != NULL ? current : G(L)->mainthread;
    G(L)->current = L;
    if (G(L)->vigilant != 0) before = limits_enter(L);
    status = close_protected(L, (ptrdiff_t)sizeof(TValue), status);
    G(L)->current = current;
    if (G(L)->vigilant != 0) limits_leave(before);
    if (status != LUA_OK)
        set_error_object(L, status, L->stack + 1);
    else
        L->top = L->stack + 1;
    ci->top = L->top + LUA_MINSTACK;
    if (ci->top > L->stack_last) stack_grow(L, LUA_MINSTACK);
    return status;
}
