// SPDX-License-Identifier: MIT
/* The debug interface (manual §4.7). Frames are read through the accessor (state/frame.h) alone. */
#include "api/api.h"

#include <string.h>

#include "profile/reasons.h"
#include "state/code.h"
#include "state/debuginfo.h"

/* ---------------------------------------------------------------------------------------- hooks */

/* Safe in a signal handler: plain stores in an order in which running code sees no half of it, and
 * one atomic OR that it polls. */
LUA_API void lua_sethook(lua_State *L, lua_Hook func, int mask, int count) {
    if (func == NULL || mask == 0) {
        mask = 0;
        func = NULL;
    }
    L->hook = func;
    L->basehookcount = count;
    L->hookcount = count;
    L->hookmask = (sig_atomic_t)(mask & 0xff);
    G(L)->set_dispatch(L); /* found at the next return to Lua code; by the poll, if that is running now */
    thread_want_attention(L);
}

LUA_API lua_Hook lua_gethook(lua_State *L) { return L->hook; }
LUA_API int lua_gethookmask(lua_State *L) { return L->hookmask; }
LUA_API int lua_gethookcount(lua_State *L) { return L->basehookcount; }

/* --------------------------------------------------------------------------------------- frames */

LUA_API int lua_getstack(lua_State *L, int level, lua_Debug *ar) {
    if (level < 0) return 0;
    CallInfo *ci = L->ci;
    for (; level > 0 && ci != &L->base_ci; level--) ci = ci->prev;
    if (ci == &L->base_ci) return 0;
    ar->i_ci = ci;
    return 1;
}

static void fill_source(lua_State *L, lua_Debug *ar, const Proto *p) {
    if (p == NULL) {
        ar->source = "=[C]";
        ar->srclen = strlen(ar->source);
        ar->linedefined = ar->lastlinedefined = -1;
        ar->what = "C";
    } else {
        ar->source = p->source != NULL ? str_cstr(L, p->source) : "=?";
        ar->srclen = p->source != NULL ? str_len(p->source) : 2;
        ar->linedefined = p->linedefined;
        ar->lastlinedefined = p->lastline;
        ar->what = p->linedefined == 0 ? "main" : "Lua";
    }
    chunk_id(ar->short_src, ar->source, ar->srclen);
}

static void fill_upvalues(lua_Debug *ar, const TValue *func, const Proto *p) {
    ar->nups = p != NULL ? as_lcl(func)->nupvalues : func->tag == TAG_CCL ? as_ccl(func)->nupvalues : 0;
    ar->isvararg = p != NULL ? (char)p->isvararg : 1;
    ar->nparams = p != NULL ? p->numparams : 0;
}

static void fill_name(lua_State *L, lua_Debug *ar, CallInfo *ci) {
    ar->namewhat = frame_function_name(L, ci, &ar->name);
    if (ar->namewhat == NULL) {
        ar->namewhat = "";
        ar->name = NULL;
    }
}

static void fill_transfer(lua_Debug *ar, const CallInfo *ci) {
    bool transfers = ci != NULL && (ci->status & CI_TRAN);
    ar->ftransfer = transfers ? ci->u2.transfer.ftransfer : 0;
    ar->ntransfer = transfers ? ci->u2.transfer.ntransfer : 0;
}

/* A coroutine that yielded in a hook stands before its next instruction, not behind the one it runs. */
static int current_line(const lua_State *L, const CallInfo *ci) {
    if (ci == NULL || !frame_is_lua(ci)) return -1;
    bool before = L->status == LUA_YIELD && ci == L->ci && (ci->status & CI_HOOKYIELD);
    return proto_line(frame_proto(ci), frame_pc(ci) + before);
}

/* ci NULL: the function is not running. False: no such option. */
static bool fill_option(lua_State *L, lua_Debug *ar, char option, const TValue *func, CallInfo *ci) {
    const Proto *p = is_lcl(func) ? as_lcl(func)->p : NULL;
    switch (option) {
        case 'S': fill_source(L, ar, p); return true;
        case 'l': ar->currentline = current_line(L, ci); return true;
        case 'u': fill_upvalues(ar, func, p); return true;
        case 't': ar->istailcall = ci != NULL && (ci->status & CI_TAIL); return true;
        case 'n': fill_name(L, ar, ci); return true;
        case 'r': fill_transfer(ar, ci); return true;
        case 'f': case 'L': return true; /* pushed in the end */
        default: return false;
    }
}

/* Pushes a table whose keys are the lines with code, nil for a C function. VARARGPREP is nobody's line. */
static void push_active_lines(lua_State *L, const TValue *func) {
    if (!is_lcl(func)) {
        set_nil(L->top);
        api_push(L);
        return;
    }
    const Proto *p = as_lcl(func)->p;
    set_value(L->top++, func); /* kept alive while the table is filled; both within the spare slots */
    Table *t = table_new(L, 0, 0, 0);
    set_table(L->top++, t);
    TValue yes;
    set_bool(&yes, true);
    for (uint32_t pc = p->isvararg ? 1 : 0; pc < p->sizelineinfo; pc++) table_set_int(L, t, p->lineinfo[pc], &yes);
    L->top--;
    set_table(L->top - 1, t);
}

LUA_API int lua_getinfo(lua_State *L, const char *what, lua_Debug *ar) {
    CallInfo *ci = NULL;
    TValue func;
    if (*what == '>') {
        what++;
        api_check(L, is_func(L->top - 1));
        set_value(&func, --L->top); /* nothing is allocated that could collect it until it is back */
    } else {
        ci = ar->i_ci;
        set_value(&func, ci->func);
    }
    bool ok = true;
    for (const char *o = what; *o != '\0'; o++) ok &= fill_option(L, ar, *o, &func, ci);
    if (strchr(what, 'f') != NULL) {
        set_value(L->top, &func);
        api_push(L);
    }
    if (strchr(what, 'L') != NULL) push_active_lines(L, &func);
    return ok;
}

/* --------------------------------------------------------------------------------------- locals */

LUA_API const char *lua_getlocal(lua_State *L, const lua_Debug *ar, int n) {
    if (ar == NULL) { /* a parameter of the function on top */
        const TValue *f = L->top - 1;
        return is_lcl(f) ? func_local_name(as_lcl(f)->p, n, 0) : NULL;
    }
    StkId slot;
    const char *name = frame_local(L, ar->i_ci, n, &slot);
    if (name != NULL) {
        set_value(L->top, slot);
        if (slot->tag >= TAG_PROTO) set_nil(L->top); /* a temporary that the runtime had there */
        api_push(L);
    }
    return name;
}

LUA_API const char *lua_setlocal(lua_State *L, const lua_Debug *ar, int n) {
    StkId slot;
    const char *name = frame_local(L, ar->i_ci, n, &slot);
    if (name != NULL) {
        set_value(slot, L->top - 1);
        L->top--;
        if (frame_is_lua(ar->i_ci) && frame_proto(ar->i_ci)->compiled != NULL) {
            code_note_left(L, ar->i_ci, DEOPT_DEBUG);
            code_abandon_frame(ar->i_ci);
        }
        L->scan = 0; /* a slot of an older frame changed: the collector looks at the stack anew */
    }
    return name;
}
