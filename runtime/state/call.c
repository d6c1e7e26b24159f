// SPDX-License-Identifier: MIT
/* Calls, returns and call hooks.
 *
 *        func                                after the call, nresults wanted
 *         |                                   |
 *    ... [f][a1]...[an]  <- top    =>    ... [r1]...[rm]  <- top when all results were asked for
 *
 * A Lua function runs in the interpreter in force; from C that is a new activation of it
 * (CI_FRESH), from Lua the current one goes on.
 */
#include "state/code.h"
#include "state/frame.h"
#include "state/limits.h"

/* ---------------------------------------------------------------------------------------- hooks */

void hook_run(lua_State *L, int event, int line, int ftransfer, int ntransfer) {
    lua_Hook hook = L->hook;
    if (hook == NULL || !L->allowhook) return;
    CallInfo *ci = L->ci;
    uint16_t mask = CI_HOOKED;
    ptrdiff_t top = stack_save(L, L->top), citop = stack_save(L, ci->top);
    lua_Debug ar = {.event = event, .currentline = line, .i_ci = ci};
    if (ntransfer != 0) {
        mask |= CI_TRAN;
        ci->u2.transfer.ftransfer = (uint16_t)ftransfer;
        ci->u2.transfer.ntransfer = (uint16_t)ntransfer;
    }
    if (frame_is_lua(ci) && L->top < ci->top) L->top = ci->top; /* protect its registers */
    stack_check(L, LUA_MINSTACK);
    if (ci->top < L->top + LUA_MINSTACK) ci->top = L->top + LUA_MINSTACK;
    L->allowhook = 0; /* no hooks inside a hook */
    ci->status |= mask;
    (*hook)(L, &ar);
    L->allowhook = 1;
    ci->top = stack_restore(L, citop);
    L->top = stack_restore(L, top);
    ci->status &= (uint16_t)~mask;
}

void hook_call(lua_State *L, CallInfo *ci) {
    L->oldpc = 0; /* a new function: the line hook starts afresh */
    if (!(L->hookmask & LUA_MASKCALL)) return;
    int event = ci->status & CI_TAIL ? LUA_HOOKTAILCALL : LUA_HOOKCALL;
    ci->pc++; /* hooks expect it past the instruction */
    hook_run(L, event, -1, 1, as_lcl(ci->func)->p->numparams);
    ci->pc--;
}

/* Return event; also restores what the line hook compares with. */
static void hook_return(lua_State *L, CallInfo *ci, int nres) {
    if (L->hookmask & LUA_MASKRET) {
        StkId first = L->top - nres;
        int below = 0; /* registers between the function that the hook sees and the frame's own */
        if (frame_is_lua(ci)) {
            const Proto *p = frame_proto(ci);
            if (p->isvararg) below = ci->nextra + p->numparams + 1;
        }
        ci->func += below;
        hook_run(L, LUA_HOOKRET, -1, (uint16_t)(first - ci->func), nres);
        ci->func -= below;
    }
    if (frame_is_lua(ci->prev)) L->oldpc = frame_pc(ci->prev);
}

/* -------------------------------------------------------------------------------------- returns */

void move_results(lua_State *L, StkId to, int nres, int wanted) {
    StkId from = L->top - nres;
    if (wanted == LUA_MULTRET) wanted = nres;
    int n = nres < wanted ? nres : wanted;
    int i = 0;
    for (; i < n; i++) set_value(to + i, from + i);
    for (; i < wanted; i++) set_nil(to + i);
    L->top = to + wanted;
}

/* Results of a C function that has variables to close: the closing may yield and move the stack. */
static void close_before_return(lua_State *L, CallInfo *ci, int nres) {
    ci->status |= CI_CLSRET;
    ci->u2.nres = nres;
    close_all(L, ci->func, CLOSE_NORMAL, true);
    ci->status &= (uint16_t)~CI_CLSRET;
}

void call_finish(lua_State *L, CallInfo *ci, int nres) {
    bool closes = (ci->status & CI_TBC) != 0;
    if (L->hookmask && !closes) hook_return(L, ci, nres);
    if (closes) {
        close_before_return(L, ci, nres);
        if (L->hookmask) hook_return(L, ci, nres);
    }
    move_results(L, ci->func, nres, ci->nresults);
    frame_return(L, ci->prev);
}

/* ---------------------------------------------------------------------------------------- calls */

StkId call_try_metamethod(lua_State *L, StkId func) {
    TValue f;
    if (L->stack_last - L->top <= 1) {
        ptrdiff_t at = stack_save(L, func);
        stack_grow(L, 1);
        func = stack_restore(L, at);
    }
    tm_of(L, func, TM_CALL, &f);
    if (is_nil(&f)) rt_call_error(L, func);
    for (StkId p = L->top; p > func; p--) set_value(p, p - 1);
    L->top++;
    set_value(func, &f);
    return func;
}

static CallInfo *frame_push(lua_State *L, StkId func, int nresults, unsigned status, StkId top) {
    CallInfo *ci = frame_next(L);
    ci->func = func;
    ci->top = top;
    ci->attention = 0;
    ci->status = (uint16_t)status;
    ci->nresults = (int16_t)nresults;
    L->ci = ci;
    return ci;
}

static StkId ensure_room(lua_State *L, StkId func, int n) {
    if (__builtin_expect(L->stack_limit - L->top > n, 1)) return func;
    ptrdiff_t at = stack_save(L, func);
    gc_step_if_due(L); /* growing stacks pay for themselves */
    if (G(L)->movestack) stack_move(L);
    if (L->stack_last - L->top <= n) stack_grow(L, n);
    return stack_restore(L, at);
}

static inline void call_c(lua_State *L, StkId func, lua_CFunction f, int nresults) {
    func = ensure_room(L, func, LUA_MINSTACK);
    CallInfo *ci = frame_push(L, func, nresults, CI_C, L->top + LUA_MINSTACK);
    ci->k = NULL;
    if (__builtin_expect(L->hookmask & LUA_MASKCALL, 0)) hook_run(L, LUA_HOOKCALL, -1, 1, (int)(L->top - func) - 1);
    int n = f(L);
    call_finish_c(L, ci, n);
}

void call_c_as(lua_State *L, StkId func, lua_CFunction f) { call_c(L, func, f, LUA_MULTRET); }

static CallInfo *push_lua_frame(lua_State *L, StkId func, int nresults) {
    Proto *p = as_lcl(func)->p;
    if (__builtin_expect(--p->budget <= 0, 0)) {
        ptrdiff_t at = stack_save(L, func);
        G(L)->proto_hot(L, p);
        func = stack_restore(L, at);
    }
    func = ensure_room(L, func, p->maxstack);
    int nargs = (int)(L->top - func) - 1;
    CallInfo *ci = frame_push(L, func, nresults, 0, func + 1 + p->maxstack);
    ci->pc = __builtin_expect(G(L)->randomtiers != 0, 0) ? code_best(G(L), p, p->entry) : p->entry;
    ci->nextra = 0;
    for (; nargs < p->numparams; nargs++) set_nil(L->top++);
    return ci;
}

CallInfo *call_prepare(lua_State *L, StkId func, int nresults) {
    for (;;) {
        switch (func->tag) {
            case TAG_LCF: call_c(L, func, func->v.f, nresults); return NULL;
            case TAG_CCL: call_c(L, func, as_ccl(func)->f, nresults); return NULL;
            case TAG_LCL: return push_lua_frame(L, func, nresults);
            default: func = call_try_metamethod(L, func);
        }
    }
}

/* The usual call by a host: of a Lua function that needs no look, with room on the stack and a frame record at hand. NULL: it is
 * another case. As push_lua_frame, without anything that could keep values in memory. */
static inline CallInfo *push_usual_frame(lua_State *L, StkId func, int nresults) {
    CallInfo *ci = L->ci->next;
    if (__builtin_expect(func->tag != TAG_LCL || ci == NULL, 0)) return NULL;
    Proto *p = as_lcl(func)->p;
    if (__builtin_expect(p->budget <= 1 || L->stack_limit - L->top <= p->maxstack || G(L)->randomtiers != 0, 0)) return NULL;
    p->budget--;
    StkId base = func + 1, top = L->top, fixed = base + p->numparams;
    while (__builtin_expect(top < fixed, 0)) set_nil(top++);
    L->top = top;
    ci->func = func;
    ci->top = base + p->maxstack;
    ci->pc = p->entry;
    ci->attention = 0;
    ci->status = CI_FRESH;
    ci->nresults = (int16_t)nresults;
    ci->nextra = 0;
    L->ci = ci;
    return ci;
}

__attribute__((noinline)) static CallInfo *call_prepare_fresh(lua_State *L, StkId func, int nresults) {
    if (ccalls(L) >= MAX_CCALLS) {
        ptrdiff_t at = stack_save(L, func);
        ccalls_check(L);
        func = stack_restore(L, at);
    }
    CallInfo *ci = call_prepare(L, func, nresults);
    if (ci != NULL) ci->status = CI_FRESH;
    return ci;
}

static inline void call_counted(lua_State *L, StkId func, int nresults, uint32_t increment) {
    L->ncalls += increment;
    CallInfo *ci = __builtin_expect(ccalls(L) < MAX_CCALLS, 1) ? push_usual_frame(L, func, nresults) : NULL;
    if (__builtin_expect(ci == NULL, 0)) ci = call_prepare_fresh(L, func, nresults);
    if (ci != NULL) G(L)->execute(L, ci);
    L->ncalls -= increment;
}

void call_value(lua_State *L, StkId func, int nresults) { call_counted(L, func, nresults, 1); }

void call_value_noyield(lua_State *L, StkId func, int nresults) {
    call_counted(L, func, nresults, NONYIELDABLE | 1);
}

int call_protected(lua_State *L, ProtectedFn f, void *ud, ptrdiff_t oldtop, ptrdiff_t errfunc) {
    CallInfo *ci = L->ci;
    uint8_t allowhook = L->allowhook;
    ptrdiff_t olderrfunc = L->errfunc;
    lua_State *before = __builtin_expect(G(L)->vigilant != 0, 0) ? limits_enter(L) : L;
    L->errfunc = errfunc;
    int status = state_protected(L, f, ud);
    if (status != LUA_OK) {
        frame_unwind(L, ci);
        L->allowhook = allowhook;
        status = close_protected(L, oldtop, status);
        set_error_object(L, status, stack_restore(L, oldtop));
        stack_shrink(L);
        if (G(L)->limits != NULL) status = limits_caught(L, before, status);
    }
    if (__builtin_expect(G(L)->vigilant != 0, 0)) limits_leave(before);
    L->errfunc = olderrfunc;
    return status;
}

/* The coroutine's resume catches errors on this frame's behalf (coroutine.c): no jump buffer, so that f may yield. */
void call_yieldable(lua_State *L, ProtectedFn f, void *ud, ptrdiff_t oldtop, ptrdiff_t errfunc) {
    CallInfo *ci = L->ci;
    ci->u2.funcidx = (int)oldtop;
    ci->old_errfunc = L->errfunc;
    L->errfunc = errfunc;
    ci->status = (uint16_t)((ci->status & ~CI_OLDALLOWHOOK) | (L->allowhook ? CI_OLDALLOWHOOK : 0) | CI_YPCALL);
    f(L, ud);
    ci->status &= (uint16_t)~CI_YPCALL;
    L->errfunc = ci->old_errfunc;
}
