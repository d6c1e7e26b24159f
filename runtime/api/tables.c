// SPDX-License-Identifier: MIT
/* Tables, metatables and user values (manual §4.6). Plain tables are read and written here; what
 * may meet a metamethod goes to sem/. */
#include "api/api.h"

static int type_on_top(lua_State *L) { return value_type(L->top - 1); }

/* -------------------------------------------------------------------------------------- reading */

/* Pushes t[k]. */
static int get_string_key(lua_State *L, const TValue *t, const char *k) {
    String *key = api_string(L, k);
    StkId top = L->top;
    if (is_table(t) && key->tag == TAG_SSTR) {
        uint32_t tag = table_get_str(G(L), as_table(t), key, top);
        if (tag != TAG_NIL || as_table(t)->metatable == NULL) {
            api_push(L);
            return value_type_of_tag[tag];
        }
    }
    set_gc(top, key);
    api_push(L);
    sem_get(L, t, top, stack_save(L, top));
    return type_on_top(L);
}

LUA_API int lua_getglobal(lua_State *L, const char *name) {
    TValue globals;
    api_globals(L, &globals);
    return get_string_key(L, &globals, name);
}

LUA_API int lua_getfield(lua_State *L, int idx, const char *k) { return get_string_key(L, api_value(L, idx), k); }

LUA_API int lua_gettable(lua_State *L, int idx) {
    api_check_args(L, 1);
    sem_get(L, api_value(L, idx), L->top - 1, stack_save(L, L->top - 1));
    return type_on_top(L);
}

LUA_API int lua_geti(lua_State *L, int idx, lua_Integer n) {
    const TValue *t = api_value(L, idx);
    if (is_table(t)) {
        uint32_t tag = table_get_int(as_table(t), n, L->top);
        if (tag != TAG_NIL || as_table(t)->metatable == NULL) {
            api_push(L);
            return value_type_of_tag[tag];
        }
    }
    TValue key;
    set_int(&key, n);
    sem_get(L, t, &key, stack_save(L, L->top));
    api_push(L);
    return type_on_top(L);
}

LUA_API int lua_rawget(lua_State *L, int idx) {
    api_check_args(L, 1);
    TValue out;
    table_get(L, api_table(L, idx), L->top - 1, &out);
    set_value(L->top - 1, &out);
    return value_type(&out);
}

LUA_API int lua_rawgeti(lua_State *L, int idx, lua_Integer n) {
    uint32_t tag = table_get_int(api_table(L, idx), n, L->top);
    api_push(L);
    return value_type_of_tag[tag];
}

LUA_API int lua_rawgetp(lua_State *L, int idx, const void *p) {
    TValue key;
    set_lightud(&key, (void *)(uintptr_t)p);
    uint32_t tag = table_get(L, api_table(L, idx), &key, L->top);
    api_push(L);
    return value_type_of_tag[tag];
}

LUA_API int lua_next(lua_State *L, int idx) {
    api_check_args(L, 1);
    bool more = table_next(L, api_table(L, idx), L->top - 1);
    L->top += more ? 1 : -1;
    return more;
}

/* -------------------------------------------------------------------------------------- writing */

/* t[k] = value on top, which is popped. */
static void set_string_key(lua_State *L, const TValue *t, const char *k) {
    api_check_args(L, 1);
    String *key = api_string(L, k);
    set_gc(L->top, key);
    L->top++; /* anchored; within the spare slots */
    TValue old;
    if (is_table(t) && key->tag == TAG_SSTR &&
        (as_table(t)->metatable == NULL || table_get_str(G(L), as_table(t), key, &old) != TAG_NIL))
        table_set_str(L, as_table(t), key, L->top - 2);
    else
        sem_set(L, t, L->top - 1, L->top - 2);
    L->top -= 2;
}

LUA_API void lua_setglobal(lua_State *L, const char *name) {
    TValue globals;
    api_globals(L, &globals);
    set_string_key(L, &globals, name);
}

LUA_API void lua_setfield(lua_State *L, int idx, const char *k) { set_string_key(L, api_value(L, idx), k); }

LUA_API void lua_settable(lua_State *L, int idx) {
    api_check_args(L, 2);
    sem_set(L, api_value(L, idx), L->top - 2, L->top - 1);
    L->top -= 2;
}

static void raw_set_int(lua_State *L, Table *t, lua_Integer n, const TValue *v) {
    if (table_set_int_fast(t, n, v))
        gc_barrier_back(L, t, v);
    else if (!table_append_fast(t, n, v))
        table_set_int(L, t, n, v);
}

LUA_API void lua_seti(lua_State *L, int idx, lua_Integer n) {
    api_check_args(L, 1);
    const TValue *t = api_value(L, idx);
    if (is_table(t) && as_table(t)->metatable == NULL) {
        raw_set_int(L, as_table(t), n, L->top - 1);
    } else {
        TValue key;
        set_int(&key, n);
        sem_set(L, t, &key, L->top - 1);
    }
    L->top--;
}

LUA_API void lua_rawset(lua_State *L, int idx) {
    api_check_args(L, 2);
    table_set(L, api_table(L, idx), L->top - 2, L->top - 1);
    L->top -= 2;
}

LUA_API void lua_rawseti(lua_State *L, int idx, lua_Integer n) {
    api_check_args(L, 1);
    raw_set_int(L, api_table(L, idx), n, L->top - 1);
    L->top--;
}

LUA_API void lua_rawsetp(lua_State *L, int idx, const void *p) {
    api_check_args(L, 1);
    TValue key;
    set_lightud(&key, (void *)(uintptr_t)p);
    table_set(L, api_table(L, idx), &key, L->top - 1);
    L->top--;
}

/* Records are expected to have string keys, which go to inline slots; more than fit there are a
 * dictionary. */
LUA_API void lua_createtable(lua_State *L, int narr, int nrec) {
    unsigned records = nrec > 0 ? (unsigned)nrec : 0;
    bool isinline = records <= SHAPE_MAXINLINE;
    Table *t = table_new(L, isinline ? records : 0, narr > 0 ? (uint32_t)narr : 0, isinline ? 0 : records);
    set_table(L->top, t);
    api_push(L);
    gc_step_if_due(L);
}

/* ----------------------------------------------------------------------------------- metatables */

LUA_API int lua_getmetatable(lua_State *L, int objindex) {
    Table *mt = metatable_of(L, api_value(L, objindex));
    if (mt == NULL) return 0;
    set_table(L->top, mt);
    api_push(L);
    return 1;
}

/* Values of a basic type share it: whatever was cached of lookups through the former one is void. */
static void set_basic_metatable(Global *g, int type, Table *mt) {
    g->mt[type] = mt;
    if (g->epoch != 0) g->epoch++;
    if (g->lookups_fired != NULL) g->lookups_fired(g);
}

LUA_API int lua_setmetatable(lua_State *L, int objindex) {
    api_check_args(L, 1);
    const TValue *o = api_value(L, objindex);
    Table *mt = is_nil(L->top - 1) ? NULL : as_table(L->top - 1);
    api_check(L, mt == NULL || is_table(L->top - 1));
    switch (o->tag) {
        case TAG_TABLE:
            table_set_metatable(L, as_table(o), mt);
            if (mt != NULL) gc_check_finalizer(L, o->v.gc, mt);
            break;
        case TAG_UDATA:
            as_udata(o)->metatable = mt;
            if (mt != NULL) {
                gc_barrier_obj(L, o->v.gc, mt);
                gc_check_finalizer(L, o->v.gc, mt);
            }
            break;
        default: set_basic_metatable(G(L), value_type(o), mt); break;
    }
    L->top--;
    return 1;
}

/* ------------------------------------------------------------------------------------- userdata */

LUA_API void *lua_newuserdatauv(lua_State *L, size_t sz, int nuvalue) {
    api_check(L, 0 <= nuvalue && nuvalue < USHRT_MAX);
    Udata *u = udata_new(L, sz, (unsigned)nuvalue);
    set_gc(L->top, u);
    api_push(L);
    gc_step_if_due(L);
    return udata_bytes(u);
}

LUA_API int lua_getiuservalue(lua_State *L, int idx, int n) {
    const TValue *o = api_value(L, idx);
    api_check(L, is_udata(o));
    bool exists = n > 0 && n <= as_udata(o)->nuvalue;
    if (exists)
        set_value(L->top, &as_udata(o)->uv[n - 1]);
    else
        set_nil(L->top);
    api_push(L);
    return exists ? type_on_top(L) : LUA_TNONE;
}

LUA_API int lua_setiuservalue(lua_State *L, int idx, int n) {
    api_check_args(L, 1);
    const TValue *o = api_value(L, idx);
    api_check(L, is_udata(o));
    Udata *u = as_udata(o);
    bool exists = n > 0 && n <= u->nuvalue;
    if (exists) {
        set_value(&u->uv[n - 1], L->top - 1);
        gc_barrier_back(L, u, L->top - 1);
    }
    L->top--;
    return exists;
}
