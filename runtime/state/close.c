// SPDX-License-Identifier: MIT
/* To-be-closed variables.
 *
 * The marked slots of a stack form a list from L->tbclist downwards: `extra` of each is its
 * distance to the one below. Distances of more slots than `extra` could name do not occur: it has
 * 32 bits.
 */
#include "object/func.h"
#include "state/frame.h"
#include "state/limits.h"
#include "state/state.h"

void tbc_new(lua_State *L, StkId level) {
    if (is_falsy(level)) return; /* false and nil need no closing */
    TValue f;
    tm_of(L, level, TM_CLOSE, &f);
    if (is_nil(&f)) {
        StkId slot;
        const char *name = frame_local(L, L->ci, (int)(level - L->ci->func), &slot);
        rt_error(L, "variable '%s' got a non-closable value", name != NULL ? name : "?");
    }
    level->extra = (uint32_t)(level - L->tbclist);
    L->tbclist = level;
}

static void tbc_pop(lua_State *L) {
    L->tbclist -= L->tbclist->extra;
}

/* Calls __close(value, error). */
static void call_close(lua_State *L, const TValue *o, const TValue *err, bool yieldable) {
    StkId top = L->top;
    TValue f;
    tm_of(L, o, TM_CLOSE, &f);
    set_value(top, &f);
    set_value(top + 1, o);
    set_value(top + 2, err);
    L->top = top + 3;
    bool grace = __builtin_expect(G(L)->vigilant & VIGIL_STOPPED, 0) && limits_begin_grace(L);
    if (yieldable && !grace)
        call_value(L, top, 0);
    else
        call_value_noyield(L, top, 0);
    if (grace) limits_end_grace(G(L));
}

static void close_one(lua_State *L, StkId level, int status, bool yieldable) {
    TValue value = *level;
    TValue err;
    set_nil(&err);
    if (status != CLOSE_NORMAL) { /* the error value goes right above the variable */
        set_error_object(L, status, level + 1);
        err = level[1];
    }
    call_close(L, &value, &err, yieldable);
}

StkId close_all(lua_State *L, StkId level, int status, bool yieldable) {
    ptrdiff_t at = stack_save(L, level);
    upval_close(L, level);
    while (L->tbclist >= level) {
        StkId variable = L->tbclist;
        tbc_pop(L);
        close_one(L, variable, status, yieldable);
        level = stack_restore(L, at);
    }
    return level;
}

struct CloseJob {
    StkId level;
    int status;
};

static void close_job(lua_State *L, void *ud) {
    struct CloseJob *job = ud;
    close_all(L, job->level, job->status, false);
}

int close_protected(lua_State *L, ptrdiff_t level, int status) {
    CallInfo *ci = L->ci;
    uint8_t allowhook = L->allowhook;
    for (;;) { /* an error in a __close replaces the one before, and closing goes on */
        struct CloseJob job = {stack_restore(L, level), status};
        int st = state_protected(L, close_job, &job);
        if (st == LUA_OK) return status;
        frame_unwind(L, ci);
        L->allowhook = allowhook;
        status = st;
    }
}
