// SPDX-License-Identifier: MIT
/* Threads: stack, frames, calls, protected calls, coroutines. */
#ifndef PERIGEE_STATE_H
#define PERIGEE_STATE_H

#include "gc/gc.h"
#include "state/error.h"

enum { MAX_CCALLS = 200, CCALLS_MARGIN = 20 };

/* --- stack --- */
void stack_grow(lua_State *L, int n);            /* room for n more slots above top; raises "stack overflow". Moves the stack */
bool stack_try_grow(lua_State *L, int n);        /* the same, false instead of an error */
void stack_move(lua_State *L);                   /* stress: to another block of the same size */
void stack_shrink(lua_State *L);                 /* called by the collector */
static inline void stack_check(lua_State *L, int n) {
    if (L->stack_last - L->top <= n) stack_grow(L, n);
}
static inline void stack_inc_top(lua_State *L) {
    stack_check(L, 1);
    L->top++;
}

void stack_init(lua_State *L1, lua_State *L);    /* stack and first frame of a fresh thread */
void stack_release(lua_State *L, lua_State *L1); /* frees stack and frames */

/* --- frames --- */
CallInfo *frame_extend(lua_State *L);            /* next CallInfo of the list */
static inline CallInfo *frame_next(lua_State *L) { return L->ci->next ? L->ci->next : frame_extend(L); }
static inline bool frame_is_lua(const CallInfo *ci) { return !(ci->status & CI_C); }
static inline Proto *frame_proto(const CallInfo *ci) { return as_lcl(ci->func)->p; }
/* The two ways back to an older frame: by a return, one frame down; by an error, any number (the
 * mark for returns may lie in a frame that is skipped). The collector learns that the frame's slots
 * may change again. */
static inline void frame_return(lua_State *L, CallInfo *ci) {
    L->ci = ci;
    if (__builtin_expect(ci->attention != 0, 0)) gc_stack_returned(L, ci);
}
static inline void frame_unwind(lua_State *L, CallInfo *ci) {
    L->ci = ci;
    gc_stack_returned(L, ci);
}
void frames_trim(lua_State *L, uint32_t most);   /* frees unused nodes, so that no more than `most` are left */
void frame_free_unused(lua_State *L);            /* frees half of the unused nodes */

/* --- nested C calls --- */
void ccalls_check(lua_State *L);                 /* raises "C stack overflow" */
static inline uint32_t ccalls(const lua_State *L) { return L->ncalls & 0xffff; }
static inline void ccalls_enter(lua_State *L) { L->ncalls++; if (ccalls(L) >= MAX_CCALLS) ccalls_check(L); }
enum { NONYIELDABLE = 0x10000 };
static inline bool is_yieldable(const lua_State *L) { return (L->ncalls & 0xffff0000u) == 0; }

/* --- calls --- */
/* Calls the function at func with the arguments above it; results replace them (nresults,
 * LUA_MULTRET: all, L->top after the last). */
void call_value(lua_State *L, StkId func, int nresults);
void call_value_noyield(lua_State *L, StkId func, int nresults);
/* First half of a call: a C function is run to its end (NULL); for a Lua function its new frame,
 * ready to execute, is returned. */
CallInfo *call_prepare(lua_State *L, StkId func, int nresults);
/* The C function at func is called, with another to run in its place; all results. */
void call_c_as(lua_State *L, StkId func, lua_CFunction f);
/* Ends frame ci with its nres results on top of the stack: hooks, results to their place, back to
 * the caller's frame. */
void call_finish(lua_State *L, CallInfo *ci, int nres);
/* Moves nres results from the top of the stack to `to`, as many as wanted. */
void move_results(lua_State *L, StkId to, int nres, int wanted);
/* call_finish for the frame of a C function; inline but for hooks and variables to close. None or
 * one result is the usual. */
static inline void call_finish_c(lua_State *L, CallInfo *ci, int nres) {
    if (__builtin_expect(L->hookmask | (ci->status & CI_TBC), 0)) {
        call_finish(L, ci, nres);
        return;
    }
    StkId to = ci->func;
    int wanted = ci->nresults;
    if (wanted == 1) {
        if (nres != 0)
            set_value(to, L->top - nres);
        else
            set_nil(to);
        L->top = to + 1;
    } else if (wanted == 0) {
        L->top = to;
    } else {
        move_results(L, to, nres, wanted);
    }
    frame_return(L, ci->prev);
}
/* Puts the __call metamethod of the value at func below it; returns func (the stack may move). */
StkId call_try_metamethod(lua_State *L, StkId func);
/* f(L, ud) in protected mode; on error the stack is cut at oldtop (offset) with the error value
 * there, variables above are closed. */
int call_protected(lua_State *L, ProtectedFn f, void *ud, ptrdiff_t oldtop, ptrdiff_t errfunc);
/* The same where yields are allowed, by the running C function, which has a continuation: comes back only without an error. */
void call_yieldable(lua_State *L, ProtectedFn f, void *ud, ptrdiff_t oldtop, ptrdiff_t errfunc);

/* --- to-be-closed variables (close.c) --- */
void tbc_new(lua_State *L, StkId level);         /* raises when the value has no __close */
/* Closes upvalues and to-be-closed variables at and above level; status: LUA_OK, an error status,
 * or CLOSE_NORMAL. Returns level (the stack may move) */
StkId close_all(lua_State *L, StkId level, int status, bool yieldable);
enum { CLOSE_NORMAL = -1 };                      /* leaving a block: __close gets no error value and nothing moves */
int close_protected(lua_State *L, ptrdiff_t level, int status);
void set_error_object(lua_State *L, int status, StkId oldtop);

/* --- hooks --- */
void hook_run(lua_State *L, int event, int line, int ftransfer, int ntransfer);
void hook_call(lua_State *L, CallInfo *ci);      /* call event of a Lua function */

/* --- threads (coroutine.c) --- */
lua_State *thread_new(lua_State *L);             /* not yet anchored */
int thread_resume(lua_State *L, lua_State *from, int nargs, int *nresults);
int thread_yield(lua_State *L, int nresults, lua_KContext ctx, lua_KFunction k);
int thread_reset(lua_State *L, int status);      /* unwinds to the base, closes variables; leaves the error value if any */

/* --- metamethods (tm.c) --- */
void tm_init(lua_State *L);
/* the metamethod for event of a value, nil when there is none */
void tm_of(lua_State *L, const TValue *o, int event, TValue *out);
/* the same from a metatable (may be NULL), with the absence cached in its flags for the first events */
uint32_t tm_fast(lua_State *L, Table *mt, int event, TValue *out);
Table *metatable_of(lua_State *L, const TValue *o);
const char *type_name(lua_State *L, const TValue *o); /* honours __name */
/* calls f(a, b[, c]); one result to the slot res, or none */
void tm_call_res(lua_State *L, const TValue *f, const TValue *a, const TValue *b, ptrdiff_t res);
void tm_call_set(lua_State *L, const TValue *f, const TValue *a, const TValue *b, const TValue *c);

#endif
