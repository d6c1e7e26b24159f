// SPDX-License-Identifier: MIT
/* The stack of a thread: growth, shrinking, relocation; and the list of frames.
 *
 * Slots are addressed by pointers (StkId) that a reallocation makes stale. Rules:
 *  1. whoever holds a StkId across a call that may grow the stack saves it as an offset (stack_save) first;
 *  2. every pointer stored in the thread is moved here, in relocate().
 * The slots from stack_last to stack_last + STACK_EXTRA are spare: pushing a few values for a
 * metamethod call needs no check.
 */
#include "state/limits.h"
#include "state/state.h"


static void relocate(lua_State *L, StkId old, StkId fresh) {
    ptrdiff_t move = (char *)fresh - (char *)old;
#define MOVED(p) ((StkId)(void *)((char *)(p) + move))
    L->top = MOVED(L->top);
    L->tbclist = MOVED(L->tbclist);
    for (UpVal *uv = L->openupval; uv != NULL; uv = uv->u.open.next) uv->v = MOVED(uv->v);
    for (CallInfo *ci = L->ci; ci != NULL; ci = ci->prev) {
        ci->func = MOVED(ci->func);
        ci->top = MOVED(ci->top);
    }
#undef MOVED
}

/* Moves the stack to a block of `size` slots (plus the spare ones). False: no memory, nothing changed. */
static bool resize(lua_State *L, int size) {
    size_t oldbytes = ((size_t)stack_size(L) + STACK_EXTRA) * sizeof(TValue);
    size_t newbytes = ((size_t)size + STACK_EXTRA) * sizeof(TValue);
    size_t kept = ((size_t)(L->top - L->stack) + STACK_EXTRA) * sizeof(TValue);
    /* A new block and a copy, not a realloc: the old one must stay whole until every pointer is
     * moved, and an emergency collection inside the allocation reads it. */
    StkId fresh = mem_try_realloc(L, NULL, 0, newbytes);
    if (fresh == NULL) return false;
    StkId old = L->stack;
    if (kept > oldbytes) kept = oldbytes;
    for (CallInfo *ci = L->ci; ci != NULL; ci = ci->prev) { /* registers of the running Lua frame lie above top */
        size_t need = (size_t)((char *)ci->top - (char *)old);
        if (need > kept) kept = need;
    }
    if (kept > newbytes) kept = newbytes;
    memcpy(fresh, old, kept);
    for (StkId o = (StkId)(void *)((char *)fresh + kept); o < fresh + size + STACK_EXTRA; o++) {
        set_nil(o);
        o->extra = 0;
    }
    L->stack = fresh;
    L->stack_last = fresh + size;
    L->stack_limit = L->attention ? NULL : G(L)->movestack ? fresh : L->stack_last;
    relocate(L, old, fresh);
    mem_free(L, old, oldbytes);
    return true;
}

static bool grow(lua_State *L, int n, bool raise) {
    int size = stack_size(L);
    if (size > LUAI_MAXSTACK) { /* already in the reserve for error handling */
        if (raise) state_throw(L, LUA_ERRERR);
        return false;
    }
    if (n < LUAI_MAXSTACK) {
        int needed = (int)(L->top - L->stack) + n;
        int newsize = 2 * size;
        if (newsize > LUAI_MAXSTACK) newsize = LUAI_MAXSTACK;
        if (newsize < needed) newsize = needed;
        if (newsize <= LUAI_MAXSTACK) {
            if (resize(L, newsize)) return true;
            if (raise) state_throw(L, LUA_ERRMEM);
            return false;
        }
    }
    if (raise) { /* give the handler some room, then complain */
        if (!resize(L, STACK_ERRSIZE)) state_throw(L, LUA_ERRMEM);
        rt_error(L, "stack overflow");
    }
    return false;
}

void stack_move(lua_State *L) { resize(L, stack_size(L)); }

void stack_grow(lua_State *L, int n) { grow(L, n, true); }
bool stack_try_grow(lua_State *L, int n) { return grow(L, n, false); }

static int slots_in_use(const lua_State *L) {
    StkId limit = L->top;
    for (const CallInfo *ci = L->ci; ci != NULL; ci = ci->prev)
        if (ci->top > limit) limit = ci->top;
    int used = (int)(limit - L->stack) + 1;
    return used < LUA_MINSTACK ? LUA_MINSTACK : used;
}

void stack_shrink(lua_State *L) {
    int used = slots_in_use(L);
    int most = used > LUAI_MAXSTACK / 3 ? LUAI_MAXSTACK : used * 3;
    if (used <= LUAI_MAXSTACK && stack_size(L) > most) {
        int size = used > LUAI_MAXSTACK / 2 ? LUAI_MAXSTACK : used * 2;
        resize(L, size); /* failing to shrink is no error */
    }
    frame_free_unused(L);
}

CallInfo *frame_extend(lua_State *L) {
    if (G(L)->vigilant & VIGIL_DEPTH) limits_check_depth(L);
    CallInfo *ci = mem_alloc(L, sizeof(CallInfo));
    ci->next = NULL;
    ci->prev = L->ci;
    ci->status = 0;
    ci->attention = 0;
    L->ci->next = ci;
    L->nci++;
    return ci;
}

void frame_free_unused(lua_State *L) {
    CallInfo *ci = L->ci->next;
    if (ci == NULL) return;
    CallInfo *next;
    while ((next = ci->next) != NULL) { /* every second one goes */
        CallInfo *after = next->next;
        ci->next = after;
        L->nci--;
        mem_free(L, next, sizeof(CallInfo));
        if (after == NULL) break;
        after->prev = ci;
        ci = after;
    }
}

static void free_frames_above(lua_State *L, CallInfo *ci) {
    CallInfo *next = ci->next;
    ci->next = NULL;
    while ((ci = next) != NULL) {
        next = ci->next;
        L->nci--;
        mem_free(L, ci, sizeof(CallInfo));
    }
}

void frames_trim(lua_State *L, uint32_t most) {
    uint32_t used = 0;
    for (const CallInfo *ci = L->ci; ci != &L->base_ci; ci = ci->prev) used++;
    CallInfo *ci = L->ci;
    for (; used < most && ci->next != NULL; used++) ci = ci->next;
    free_frames_above(L, ci);
}

void ccalls_check(lua_State *L) {
    if (ccalls(L) == MAX_CCALLS)
        rt_error(L, "C stack overflow");
    else if (ccalls(L) >= MAX_CCALLS / 10 * 11)
        state_throw(L, LUA_ERRERR); /* while handling the overflow */
}

/* Stack and first frame of a thread whose other fields are zero. May raise LUA_ERRMEM with the
 * thread still consistent. */
void stack_init(lua_State *L1, lua_State *L) {
    StkId stack = mem_alloc(L, (STACK_BASIC + STACK_EXTRA) * sizeof(TValue));
    for (int i = 0; i < STACK_BASIC + STACK_EXTRA; i++) {
        set_nil(&stack[i]);
        stack[i].extra = 0;
    }
    L1->stack = L1->top = L1->tbclist = stack;
    L1->stack_last = L1->stack_limit = stack + STACK_BASIC;
    CallInfo *ci = &L1->base_ci;
    ci->status = CI_C;
    ci->func = L1->top++;
    ci->top = L1->top + LUA_MINSTACK;
    L1->ci = ci;
}

void stack_release(lua_State *L, lua_State *L1) {
    if (L1->stack == NULL) return; /* not completed */
    L1->ci = &L1->base_ci;
    free_frames_above(L1, L1->ci);
    mem_free(L, L1->stack, ((size_t)stack_size(L1) + STACK_EXTRA) * sizeof(TValue));
    L1->stack = NULL;
}
