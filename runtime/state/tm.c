// SPDX-License-Identifier: MIT
/* Metamethods: names, lookup, calls. */
#include <string.h>

#include "object/string.h"
#include "object/table.h"
#include "sem/quicken.h"
#include "state/state.h"

static const char *const event_names[TM_COUNT] = {
    "__index", "__newindex", "__gc",   "__mode", "__len", "__eq",  "__add", "__sub",  "__mul",
    "__mod",   "__pow",      "__div",  "__idiv", "__band", "__bor", "__bxor", "__shl", "__shr",
    "__unm",   "__bnot",     "__lt",   "__le",   "__concat", "__call", "__close",
};

static String *fixed(lua_State *L, const char *name) {
    String *s = str_newz(L, name);
    gc_fix(L, (GCObject *)s);
    return s;
}

static void name_types(lua_State *L) {
    Global *g = G(L);
    for (int tag = 0; tag < TAG_COUNT; tag++)
        if (value_type_of_tag[tag] >= 0) g->typenames[tag] = fixed(L, lua_typename(L, value_type_of_tag[tag]));
    g->intname = fixed(L, "integer");
    g->fltname = fixed(L, "float");
    g->metatablename = fixed(L, "__metatable");
    g->countname = fixed(L, "#");
}

void tm_init(lua_State *L) {
    name_types(L);
    for (int e = 0; e < TM_COUNT; e++) {
        String *s = str_newz(L, event_names[e]);
        s->mark = (uint8_t)(STR_META | e);
        G(L)->tmname[e] = s;
        gc_fix(L, (GCObject *)s);
    }
}

Table *metatable_of(lua_State *L, const TValue *o) {
    switch (o->tag) {
        case TAG_TABLE: return as_table(o)->metatable;
        case TAG_UDATA: return as_udata(o)->metatable;
        default: return G(L)->mt[value_type(o)];
    }
}

uint32_t tm_fast(lua_State *L, Table *mt, int event, TValue *out) {
    if (mt == NULL || (event <= TM_FAST_END && (mt->flags & (1u << event)))) {
        set_nil(out);
        return TAG_NIL;
    }
    const TValue *v = lookup_raw(G(L), mt, G(L)->tmname[event]);
    uint32_t tag = v != NULL ? v->tag : (uint32_t)TAG_NIL;
    set_nil(out);
    if (v != NULL) set_value(out, v);
    if (tag == TAG_NIL && event <= TM_FAST_END) mt->flags |= (uint8_t)(1u << event);
    return tag;
}

void tm_of(lua_State *L, const TValue *o, int event, TValue *out) {
    tm_fast(L, metatable_of(L, o), event, out);
}

const char *type_name(lua_State *L, const TValue *o) {
    Table *mt = is_table(o) ? as_table(o)->metatable : is_udata(o) ? as_udata(o)->metatable : NULL;
    if (mt != NULL) {
        TValue name;
        table_get_str(G(L), mt, str_newz(L, "__name"), &name);
        if (is_str(&name)) return str_cstr(L, as_str(&name));
    }
    return lua_typename(L, value_type(o));
}

/* Metamethods called from Lua code may yield; the interrupted instruction is then completed by
 * finish_op. */
static void call_pushed(lua_State *L, StkId func, int nresults) {
    if (frame_is_lua(L->ci))
        call_value(L, func, nresults);
    else
        call_value_noyield(L, func, nresults);
}

void tm_call_res(lua_State *L, const TValue *f, const TValue *a, const TValue *b, ptrdiff_t res) {
    StkId func = L->top;
    set_value(func, f);
    set_value(func + 1, a);
    set_value(func + 2, b);
    L->top += 3; /* within the spare slots */
    call_pushed(L, func, 1);
    L->top--;
    set_value(stack_restore(L, res), L->top);
}

void tm_call_set(lua_State *L, const TValue *f, const TValue *a, const TValue *b, const TValue *c) {
    StkId func = L->top;
    set_value(func, f);
    set_value(func + 1, a);
    set_value(func + 2, b);
    set_value(func + 3, c);
    L->top += 4;
    call_pushed(L, func, 0);
}
