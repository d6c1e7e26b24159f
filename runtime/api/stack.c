// SPDX-License-Identifier: MIT
/* The API's stack: indices, moving values about, to-be-closed slots (manual §4.1, §4.6). */
#include "api/api.h"

#include <string.h>

TValue *api_pseudo_slot(lua_State *L, int idx) {
    if (idx == LUA_REGISTRYINDEX) return &G(L)->registry;
    int n = LUA_REGISTRYINDEX - idx;
    api_check(L, n <= 256);
    const TValue *func = L->ci->func;
    if (func->tag != TAG_CCL) return api_none(L); /* light functions have no upvalues */
    CClosure *c = as_ccl(func);
    return n <= c->nupvalues ? &c->upvalue[n - 1] : api_none(L);
}

LUA_API int lua_absindex(lua_State *L, int idx) {
    return idx > 0 || is_pseudo(idx) ? idx : (int)(L->top - L->ci->func) + idx;
}

LUA_API int lua_gettop(lua_State *L) { return (int)(L->top - (L->ci->func + 1)); }

LUA_API void lua_settop(lua_State *L, int idx) {
    StkId top = L->top, fresh;
    if (idx >= 0) {
        fresh = L->ci->func + 1 + idx;
        api_check(L, fresh <= L->ci->top);
        while (top < fresh) set_nil(top++);
    } else {
        api_check(L, -(idx + 1) <= top - (L->ci->func + 1));
        fresh = top + (idx + 1);
    }
    if (__builtin_expect(L->tbclist >= fresh, 0)) {
        L->top = top;
        fresh = close_all(L, fresh, CLOSE_NORMAL, false);
    }
    L->top = fresh;
}

LUA_API void lua_pushvalue(lua_State *L, int idx) {
    set_value(L->top, api_value(L, idx));
    api_push(L);
}

static void reverse(StkId from, StkId to) {
    for (; from < to; from++, to--) {
        TValue kept;
        set_value(&kept, from);
        set_value(from, to);
        set_value(to, &kept);
    }
}

/* Reversing both parts and then the whole exchanges the parts. */
LUA_API void lua_rotate(lua_State *L, int idx, int n) {
    StkId last = L->top - 1, first = api_slot(L, idx);
    api_check(L, L->tbclist < first);
    api_check(L, (n >= 0 ? n : -n) <= last - first + 1);
    StkId middle = n >= 0 ? last - n : first - n - 1; /* end of the lower part */
    reverse(first, middle);
    reverse(middle + 1, last);
    reverse(first, last);
}

LUA_API void lua_copy(lua_State *L, int fromidx, int toidx) {
    const TValue *from = api_value(L, fromidx);
    TValue *to = api_value(L, toidx);
    api_check(L, !is_none(L, to));
    set_value(to, from);
    if (is_upvalue_index(toidx)) gc_barrier(L, as_ccl(L->ci->func), from); /* the registry is a root */
}

LUA_API int lua_checkstack(lua_State *L, int n) {
    api_check(L, n >= 0);
    if (L->stack_last - L->top <= n && !stack_try_grow(L, n)) return 0;
    if (L->ci->top < L->top + n) L->ci->top = L->top + n;
    return 1;
}

LUA_API void lua_xmove(lua_State *from, lua_State *to, int n) {
    if (from == to) return;
    api_check_args(from, n);
    api_check(from, G(from) == G(to));
    api_check(from, to->ci->top - to->top >= n);
    from->top -= n;
    for (int i = 0; i < n; i++) set_value(to->top++, from->top + i);
}

LUA_API void lua_toclose(lua_State *L, int idx) {
    StkId slot = api_slot(L, idx);
    api_check(L, L->tbclist < slot);
    tbc_new(L, slot);
    L->ci->status |= CI_TBC;
}

LUA_API void lua_closeslot(lua_State *L, int idx) {
    StkId level = api_slot(L, idx);
    api_check(L, L->tbclist == level);
    level = close_all(L, level, CLOSE_NORMAL, false);
    set_nil(level);
}

/* -------------------------------------------------------------------------------------- pushing */

LUA_API void lua_pushnil(lua_State *L) {
    set_nil(L->top);
    api_push(L);
}

LUA_API void lua_pushnumber(lua_State *L, lua_Number n) {
    set_flt(L->top, n);
    api_push(L);
}

LUA_API void lua_pushinteger(lua_State *L, lua_Integer n) {
    set_int(L->top, n);
    api_push(L);
}

LUA_API void lua_pushboolean(lua_State *L, int b) {
    set_bool(L->top, b != 0);
    api_push(L);
}

LUA_API void lua_pushlightuserdata(lua_State *L, void *p) {
    set_lightud(L->top, p);
    api_push(L);
}

LUA_API int lua_pushthread(lua_State *L) {
    set_gc(L->top, L);
    api_push(L);
    return G(L)->mainthread == L;
}

/* Pushes s; the bytes returned stay in place while it lives. */
static const char *push_string(lua_State *L, String *s) {
    set_gc(L->top, s);
    api_push(L);
    gc_step_if_due(L);
    return s->tag == TAG_SSTR ? s->bytes : str_cstr(L, s);
}

LUA_API const char *lua_pushlstring(lua_State *L, const char *s, size_t len) {
    return push_string(L, str_new(L, len != 0 ? s : "", len));
}

String *api_string(lua_State *L, const char *s) {
    Global *g = G(L);
    Literal *set = state_block(g)->literals[((uintptr_t)s ^ (uintptr_t)s >> 8) % LITERAL_SETS];
    for (int i = 0; i < LITERAL_WAYS; i++) /* what is at the address may have changed: a buffer, not a literal */
        if (set[i].address == s && set[i].stamp == g->gcstamp && strcmp(s, set[i].string->bytes) == 0)
            return set[i].string;
    String *string = str_newz(L, s);
    if (string->tag == TAG_SSTR) {
        for (int i = LITERAL_WAYS - 1; i > 0; i--) set[i] = set[i - 1];
        set[0] = (Literal){s, string, g->gcstamp};
    }
    return string;
}

LUA_API const char *lua_pushstring(lua_State *L, const char *s) {
    if (s == NULL) {
        lua_pushnil(L);
        return NULL;
    }
    return push_string(L, api_string(L, s));
}

LUA_API const char *lua_pushvfstring(lua_State *L, const char *fmt, va_list argp) {
    const char *s = state_vpushf(L, fmt, argp);
    gc_step_if_due(L);
    return s;
}

LUA_API const char *lua_pushfstring(lua_State *L, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    const char *s = state_vpushf(L, fmt, ap);
    va_end(ap);
    gc_step_if_due(L);
    return s;
}

LUA_API void lua_pushcclosure(lua_State *L, lua_CFunction fn, int n) {
    if (n == 0) {
        set_lcf(L->top, fn);
        api_push(L);
        return;
    }
    api_check_args(L, n);
    api_check(L, n <= 255);
    CClosure *c = cclosure_new(L, (unsigned)n);
    c->f = fn;
    L->top -= n;
    for (int i = 0; i < n; i++) set_value(&c->upvalue[i], L->top + i);
    set_gc(L->top, c);
    api_push(L);
    gc_step_if_due(L);
}
