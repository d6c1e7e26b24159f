// SPDX-License-Identifier: MIT
/* What inlined library functions call (tiers/optimizing/builtins.c); part of compiled.h. They raise no errors and run no Lua
 * code: null, or false, and the call is left to the library's function. */

/* string.sub; all of it is the string itself. */
static String *substring(lua_State *L, String *s, lua_Integer from, lua_Integer to) {
    lua_Integer len = (lua_Integer)str_len(s);
    from = from > 0 ? from : from == 0 || from < -len ? 1 : len + from + 1;
    to = to > len ? len : to >= 0 ? to : to < -len ? 0 : len + to + 1;
    if (from == 1 && to == len) return s;
    return from > to ? str_new(L, "", 0) : str_new(L, str_data(s) + from - 1, (size_t)(to - from + 1));
}

static void *rt_string_sub(lua_State *L, uint32_t registers, String *s, lua_Integer from, lua_Integer to) {
    use_registers(L, registers);
    if (!gc_step_quietly(L)) return NULL;
    String *r = substring(L, s, from, to);
    return gc_kept_weak(L) ? r : NULL;
}

static void *rt_string_char(lua_State *L, uint32_t registers, lua_Integer c) {
    char byte = (char)c;
    use_registers(L, registers);
    if (!gc_step_quietly(L)) return NULL;
    String *s = str_new(L, &byte, 1);
    return gc_kept_weak(L) ? s : NULL;
}

/* --- access without metamethods --- */

static uint32_t rt_raw_get(lua_State *L, Table *t, const TValue *key, TValue *out) { return table_get(L, t, key, out); }

/* Over an entry that is there: nothing is allocated. */
static bool rt_raw_set(lua_State *L, Table *t, const TValue *key, const TValue *x) {
    if (is_sstr(key)) return rt_store_str(L, t, as_str(key), x);
    if (!is_int(key) || !table_set_int_fast(t, key->v.i, x)) return false;
    gc_barrier_back(L, t, x);
    return true;
}

/* Done twice it is the same, so it may be begun again. */
static Table *rt_raw_set_slow(lua_State *L, uint32_t registers, Table *t, const TValue *key, const TValue *x) {
    use_registers(L, registers);
    if (is_nil(key) || (is_flt(key) && key->v.n != key->v.n) || !gc_step_quietly(L)) return NULL;
    table_set(L, t, key, x);
    return gc_kept_weak(L) ? t : NULL;
}

/* nil, the metatable, or what is in its field __metatable */
static uint32_t rt_get_metatable(lua_State *L, const TValue *x, TValue *out) {
    Table *mt = metatable_of(L, x);
    set_nil(out);
    if (mt == NULL) return TAG_NIL;
    table_get_str(G(L), mt, G(L)->metatablename, out);
    if (is_nil(out)) set_gc(out, mt);
    return out->tag;
}

/* The metamethod of t that an access to t[key] comes to, or a call, or its length; nil: none. */
static uint32_t rt_handler(lua_State *L, Table *t, uint32_t event, const TValue *key, TValue *out) {
    set_nil(out);
    if (t->metatable == NULL) return TAG_NIL;
    if ((event == TM_INDEX || event == TM_NEWINDEX) && table_get(L, t, key, out) != TAG_NIL) {
        set_nil(out);
        return TAG_NIL;
    }
    return tm_fast(L, t->metatable, (int)event, out);
}

/* The entry behind ra[2], or the first, to ra[0] and ra[1]. 1: there is one, 0: there is none, -1: not a key, nothing was written. */
static int rt_next_at(lua_State *L, Table *t, TValue *ra, uint32_t first) {
    TValue entry[2];
    set_nil(entry);
    if (!first) set_value(entry, ra + 2);
    uint32_t hint = UINT32_MAX;
    int result = table_next_hinted(L, t, entry, &hint);
    if (result == NEXT_BADKEY) return -1;
    set_nil(ra);
    set_nil(ra + 1);
    if (result == NEXT_END) return 0;
    set_value(ra, &entry[0]);
    set_value(ra + 1, &entry[1]);
    return 1;
}

/* --- conversions --- */

/* Of a number. */
static void *rt_to_string(lua_State *L, uint32_t registers, const TValue *x) {
    TValue s = *x;
    use_registers(L, registers);
    if (!is_num(x) || G(L)->mt[LUA_TNUMBER] != NULL || !gc_step_quietly(L)) return NULL;
    value_to_string(L, &s);
    return gc_kept_weak(L) ? s.v.gc : NULL;
}

/* nil: it is none */
static uint32_t rt_to_number(const TValue *x, TValue *out) {
    set_nil(out);
    if (is_num(x)) set_value(out, x);
    else if (is_str(x) && !str_to_num(as_str(x), out)) set_nil(out);
    return out->tag;
}
