// SPDX-License-Identifier: MIT
/* Reading values, arithmetic and comparison on them (manual §4.6). */
#include "api/api.h"

LUA_API int lua_type(lua_State *L, int idx) {
    const TValue *o = api_value(L, idx);
    return is_none(L, o) ? LUA_TNONE : value_type(o);
}

LUA_API const char *lua_typename(lua_State *L, int tp) {
    static const char *const names[] = {"no value", "nil",   "boolean",  "userdata", "number",
                                        "string",   "table", "function", "userdata", "thread"};
    (void)L;
    api_check(L, LUA_TNONE <= tp && tp < LUA_NUMTYPES);
    return names[tp - LUA_TNONE];
}

LUA_API int lua_iscfunction(lua_State *L, int idx) {
    const TValue *o = api_value(L, idx);
    return o->tag == TAG_LCF || o->tag == TAG_CCL;
}

LUA_API int lua_isinteger(lua_State *L, int idx) { return is_int(api_value(L, idx)); }

LUA_API int lua_isnumber(lua_State *L, int idx) {
    lua_Number n;
    return value_to_flt(api_value(L, idx), &n);
}

LUA_API int lua_isstring(lua_State *L, int idx) {
    const TValue *o = api_value(L, idx);
    return is_str(o) || is_num(o);
}

LUA_API int lua_isuserdata(lua_State *L, int idx) {
    const TValue *o = api_value(L, idx);
    return is_udata(o) || o->tag == TAG_LIGHTUD;
}

LUA_API lua_Number lua_tonumberx(lua_State *L, int idx, int *isnum) {
    const TValue *o = api_value(L, idx);
    lua_Number n = 0;
    bool ok = is_flt(o) ? (n = o->v.n, true) : value_to_flt(o, &n);
    if (isnum != NULL) *isnum = ok;
    return n;
}

LUA_API lua_Integer lua_tointegerx(lua_State *L, int idx, int *isnum) {
    const TValue *o = api_value(L, idx);
    lua_Integer i = 0;
    bool ok = is_int(o) ? (i = o->v.i, true) : value_to_int(o, &i, ROUND_EXACT);
    if (isnum != NULL) *isnum = ok;
    return i;
}

LUA_API int lua_toboolean(lua_State *L, int idx) { return !is_falsy(api_value(L, idx)); }

/* The number in the slot becomes a string, for good. */
static TValue *convert_slot(lua_State *L, TValue *o, int idx) {
    value_to_string(L, o);
    if (is_upvalue_index(idx)) gc_barrier(L, as_ccl(L->ci->func), o);
    gc_step_if_due(L);
    return api_value(L, idx); /* the step may have moved the stack */
}

LUA_API const char *lua_tolstring(lua_State *L, int idx, size_t *len) {
    TValue *o = api_value(L, idx);
    if (!is_str(o)) {
        if (!is_num(o)) {
            if (len != NULL) *len = 0;
            return NULL;
        }
        o = convert_slot(L, o, idx);
    }
    String *s = as_str(o);
    if (len != NULL) *len = str_len(s);
    return s->tag == TAG_SSTR ? s->bytes : str_cstr(L, s);
}

LUA_API lua_Unsigned lua_rawlen(lua_State *L, int idx) {
    const TValue *o = api_value(L, idx);
    switch (o->tag) {
        case TAG_SSTR: case TAG_LSTR: return str_len(as_str(o));
        case TAG_UDATA: return as_udata(o)->len;
        case TAG_TABLE: return table_len(L, as_table(o));
        default: return 0;
    }
}

LUA_API lua_CFunction lua_tocfunction(lua_State *L, int idx) {
    const TValue *o = api_value(L, idx);
    if (o->tag == TAG_LCF) return o->v.f;
    return o->tag == TAG_CCL ? as_ccl(o)->f : NULL;
}

LUA_API void *lua_touserdata(lua_State *L, int idx) {
    const TValue *o = api_value(L, idx);
    if (is_udata(o)) return udata_bytes(as_udata(o));
    return o->tag == TAG_LIGHTUD ? o->v.p : NULL;
}

LUA_API lua_State *lua_tothread(lua_State *L, int idx) {
    const TValue *o = api_value(L, idx);
    return o->tag == TAG_THREAD ? as_thread(o) : NULL;
}

LUA_API const void *lua_topointer(lua_State *L, int idx) {
    const TValue *o = api_value(L, idx);
    switch (o->tag) {
        case TAG_LCF: return o->v.p;
        case TAG_LIGHTUD: return o->v.p;
        case TAG_UDATA: return udata_bytes(as_udata(o));
        default: return is_gc(o) ? o->v.gc : NULL;
    }
}

LUA_API size_t lua_stringtonumber(lua_State *L, const char *s) {
    size_t size = str_tonumber(s, L->top);
    if (size != 0) api_push(L);
    return size;
}

/* ------------------------------------------------------------------------------------ operators */

LUA_API void lua_arith(lua_State *L, int op) {
    if (op == LUA_OPUNM || op == LUA_OPBNOT) { /* one operand stands for both */
        api_check_args(L, 1);
        set_value(L->top, L->top - 1);
        api_push(L);
    }
    api_check_args(L, 2);
    sem_arith(L, op, L->top - 2, L->top - 1, stack_save(L, L->top - 2));
    L->top--;
}

LUA_API int lua_rawequal(lua_State *L, int idx1, int idx2) {
    const TValue *a = api_value(L, idx1), *b = api_value(L, idx2);
    return !is_none(L, a) && !is_none(L, b) && value_raw_equal(a, b);
}

LUA_API int lua_compare(lua_State *L, int idx1, int idx2, int op) {
    const TValue *a = api_value(L, idx1), *b = api_value(L, idx2);
    if (is_none(L, a) || is_none(L, b)) return 0;
    switch (op) {
        case LUA_OPEQ: return sem_equal(L, a, b);
        case LUA_OPLT: return sem_less(L, a, b);
        case LUA_OPLE: return sem_less_equal(L, a, b);
        default: api_check(L, 0); return 0;
    }
}

LUA_API void lua_concat(lua_State *L, int n) {
    api_check_args(L, n);
    if (n > 0) {
        sem_concat(L, n);
    } else {
        set_gc(L->top, str_new(L, "", 0));
        api_push(L);
    }
    gc_step_if_due(L);
}

LUA_API void lua_len(lua_State *L, int idx) {
    sem_len(L, api_value(L, idx), stack_save(L, L->top));
    api_push(L);
}
