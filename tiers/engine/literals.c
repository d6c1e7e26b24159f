// SPDX-License-Identifier: MIT
/* See literals.h. */
#include "tiers/engine/literals.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/builtins.h"
#include "object/string.h"
#include "object/table.h"
#include "state/state.h"
#include "tiers/engine/engine_internal.h"

static const char *const kind_words[] = {
#define KIND_WORD(name, word) word,
    JIT_LITERALS(KIND_WORD)
#undef KIND_WORD
};

/* ------------------------------------------------------------------------------------------ text */

typedef struct Text {
    char *at;
    size_t room;
    bool full;
} Text;

__attribute__((format(printf, 2, 3))) static void put(Text *t, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = vsnprintf(t->at, t->room, format, args);
    va_end(args);
    t->full |= n < 0 || (size_t)n >= t->room;
    if (t->full) return;
    t->at += n;
    t->room -= (size_t)n;
}

static bool is_plain(unsigned char c) { return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_'; }

static void put_name(Text *t, const String *s) {
    for (size_t n = 0; n < str_len(s); n++) {
        unsigned char c = (unsigned char)str_data(s)[n];
        put(t, is_plain(c) ? "%c" : "%%%02X", c);
    }
}

static void push(lua_State *L, void *object) {
    set_gc(L->top, object);
    L->top++;
}

static void push_nil(lua_State *L) {
    set_nil(L->top);
    L->top++;
}

static unsigned read_byte(const char **text) {
    unsigned c = (unsigned char)*(*text)++;
    if (c == '%' && sscanf(*text, "%2x", &c) == 1) *text += (*text)[1] != '\0' ? 2 : 1;
    return c;
}

static bool names_go_on(const char *text) { return is_plain((unsigned char)*text) || *text == '%'; }

/* Pushes the name that begins there, and moves behind it. */
static String *read_name(lua_State *L, const char **text) {
    const char *end = *text;
    char few[STR_MAXSHORT], *bytes = few;
    size_t len = 0;
    for (; names_go_on(end); len++) read_byte(&end);
    if (len > STR_MAXSHORT) push(L, str_newlong(L, len, &bytes));
    for (size_t n = 0; n < len; n++) bytes[n] = (char)read_byte(text);
    if (len <= STR_MAXSHORT) push(L, str_new(L, bytes, len));
    return as_str(L->top - 1);
}

/* ----------------------------------------------------------------------- by way of global variables */

static Table *globals(const Global *g) {
    TValue v;
    table_get_int(as_table(&g->registry), LUA_RIDX_GLOBALS, &v);
    return is_table(&v) ? as_table(&v) : NULL;
}

static uint32_t count_places(const Global *g, const Table *t) { return table_isdict(t) ? table_nnodes(t) : shape_of(g, t)->nslots; }

/* Place n of those of named values, and its name; NULL: it is free. */
static TValue *place_at(const Global *g, Table *t, uint32_t n, const String **name) {
    if (!table_isdict(t)) {
        *name = shape_of(g, t)->descs->key[n];
        return table_slot(t, n);
    }
    Node *node = table_nodes(t) + n;
    *name = (const String *)(const void *)node->key.gc;
    return node_keytag(node) == TAG_SSTR ? &node->val : NULL;
}

typedef bool (*Wanted)(const TValue *place, uint64_t value);
static bool is_place(const TValue *place, uint64_t value) { return (uintptr_t)place == value; }
static bool holds(const TValue *place, uint64_t value) { return place->tag >= TAG_SSTR && (uintptr_t)place->v.gc == value; }

static bool has_shape(const TValue *place, uint64_t value) { return is_table(place) && as_table(place)->shape == value; }

static const String *find_name(const Global *g, Table *t, Wanted wanted, uint64_t value) {
    for (uint32_t n = 0; n < count_places(g, t); n++) {
        const String *name;
        const TValue *place = place_at(g, t, n, &name);
        if (place != NULL && wanted(place, value)) return name;
    }
    return NULL;
}

/* NAME or NAME.NAME; false: there is no such way. */
static bool put_way(Text *t, const Global *g, Wanted wanted, uint64_t value) {
    Table *all = globals(g);
    const String *name = all != NULL ? find_name(g, all, wanted, value) : NULL, *field = NULL;
    for (uint32_t n = 0; all != NULL && name == NULL && field == NULL && n < count_places(g, all); n++) {
        const String *holder;
        const TValue *place = place_at(g, all, n, &holder);
        if (place == NULL || !is_table(place)) continue;
        field = find_name(g, as_table(place), wanted, value);
        if (field == NULL) continue;
        put_name(t, holder);
        put(t, ".");
    }
    if (name == NULL && field == NULL) return false;
    put_name(t, name != NULL ? name : field);
    return true;
}

/* The place at the end of the way; NULL: there is none. Pushes the table that has it, or nil. */
static TValue *follow_way(lua_State *L, const char **text) {
    Table *t = globals(G(L));
    for (;;) {
        const String *name = read_name(L, text);
        TValue *place = t != NULL ? table_find_str(G(L), t, name) : NULL;
        bool on = place != NULL && **text == '.';
        if (on) {
            t = is_table(place) ? as_table(place) : NULL;
            ++*text;
        }
        L->top--; /* the name */
        if (on) continue;
        if (place != NULL) push(L, t);
        else push_nil(L);
        return place;
    }
}

/* ----------------------------------------------------------------------------------------- shapes */

enum { MOST_STEPS = 2 * SHAPE_MAXSLOTS + 8 };

/* From one shape to the next; false: only this state has it. */
static bool put_step(Text *t, const Global *g, const Shape *from, const Shape *to) {
    if (to->nslots == from->nslots + 1) {
        put(t, " +");
        put_name(t, to->descs->key[from->nslots]);
        return true;
    }
    if (to->meta == NULL || to->meta == from->meta || to->meta->owner == NULL) return false;
    put(t, " ^");
    return put_way(t, g, holds, (uintptr_t)to->meta->owner);
}

/* Of the keys in their order (FNV-1a): code relies on where they are. */
static uint64_t hash_keys(const Shape *s) {
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (uint32_t n = 0; n < s->nslots; n++)
        for (size_t i = 0; i <= str_len(s->descs->key[n]); i++) h = (h ^ (unsigned char)str_data(s->descs->key[n])[i]) * UINT64_C(0x100000001b3);
    return h;
}

/* A shape of one table. */
static bool put_owned(Text *t, const Global *g, const Shape *s) {
    put(t, " =");
    if (!put_way(t, g, has_shape, s->id)) return false;
    put(t, " %u %016llx", (unsigned)s->ninline, (unsigned long long)hash_keys(s));
    return true;
}

static bool find_owned(lua_State *L, const char *text, uint64_t *value) {
    const TValue *place = follow_way(L, &text);
    unsigned ninline;
    unsigned long long hash;
    L->top--;
    if (place == NULL || !is_table(place) || sscanf(text, " %u %llx", &ninline, &hash) != 2) return false;
    const Shape *s = shape_of(G(L), as_table(place));
    push(L, as_table(place));
    *value = s->id;
    if (s->kind == SHAPE_OWNED && s->ninline == ninline && hash_keys(s) == hash) return true;
    L->top--;
    return false;
}

static bool put_shape(Text *t, const Global *g, uint64_t id) {
    const Shape *s = id < g->nshapes ? g->shapes[id] : NULL, *path[MOST_STEPS];
    unsigned n = 0;
    if (s == NULL || ((uintptr_t)s & 1)) return false;
    if (s->kind == SHAPE_OWNED && !s->isdict) return put_owned(t, g, s);
    for (; s != NULL && n < MOST_STEPS && s->kind == SHAPE_SHARED && !s->isdict; s = s->parent) path[n++] = s;
    if (s != NULL) return false;
    put(t, " %u", path[n - 1]->ninline);
    for (; n > 1; n--)
        if (!put_step(t, g, path[n - 1], path[n - 2])) return false;
    return true;
}

/* The table on the top of the stack gets a key, or a metatable. */
static bool take_step(lua_State *L, const char **text) {
    Table *t = as_table(L->top - 1);
    char step = *(*text)++;
    TValue *place = NULL, some;
    set_bool(&some, false);
    if (step == '+') {
        String *name = read_name(L, text);
        if (str_len(name) <= STR_MAXSHORT) table_set_str(L, t, name, &some);
        L->top--;
        return true;
    }
    if (step == '^') place = follow_way(L, text);
    bool ok = place != NULL && is_table(place);
    if (ok) table_set_metatable(L, t, as_table(place));
    if (step == '^') L->top--;
    return ok;
}

static bool find_shape(lua_State *L, const char *text, uint64_t *value) {
    char *rest;
    if (*text == '=') return find_owned(L, text + 1, value);
    unsigned long ninline = strtoul(text, &rest, 10);
    if (ninline > SHAPE_MAXINLINE) return false;
    push(L, table_new(L, (unsigned)ninline, 0, 0));
    bool ok = true;
    for (text = rest; ok && *text == ' ';) {
        text++;
        ok = take_step(L, &text);
    }
    *value = as_table(L->top - 1)->shape;
    if (!ok) L->top--;
    return ok;
}

/* ------------------------------------------------------------------------------------ other kinds */

static bool put_library(Text *t, const Global *g, uint64_t value) {
    lua_CFunction f = (lua_CFunction)(uintptr_t)value;
    const char *name = f == g->ipairs_step ? "ipairs_step" : lib_builtin_name(lib_builtin(f));
    if (name == NULL) return false;
    put(t, " %s", name);
    return true;
}

static bool find_library(const Global *g, const char *text, uint64_t *value) {
    lua_CFunction f = strcmp(text, "ipairs_step") == 0 ? g->ipairs_step : lib_builtin_function(text);
    *value = (uintptr_t)f;
    return f != NULL;
}

static bool put_function(Text *t, const Proto *p) {
    put(t, " %016llx", (unsigned long long)p->id);
    return p->id != 0;
}

/* The code's own function, or one that it has inlined. */
static bool find_function(const Code *code, const char *text, uint64_t *value) {
    FunctionId id = strtoull(text, NULL, 16);
    const CodeInfo *info = code_info(code);
    const Proto *p = code->proto->id == id ? code->proto : NULL;
    for (uint32_t n = 0; p == NULL && info != NULL && n < info->ncallees; n++)
        if (info->callees[n]->id == id) p = info->callees[n];
    *value = (uintptr_t)p;
    return p != NULL;
}

static uint64_t find_plain(lua_State *L, const Code *code, unsigned kind) {
    const Feedback *feedback = code->proto->feedback;
    switch (kind) {
        case LITERAL_EMPTY_ARRAY: return (uintptr_t)&table_empty_array.payload;
        case LITERAL_EMPTY_PROPS: return (uintptr_t)&table_empty_props.head;
        case LITERAL_FUEL: return (uintptr_t)&G(L)->fuel;
        case LITERAL_STALE: return (uintptr_t)&code->stale;
        case LITERAL_STREAM: return (uintptr_t)code->stream;
        case LITERAL_FALLBACK: return (uintptr_t)code_lower(code->proto, 0);
        case LITERAL_SEEN: return feedback != NULL ? (uintptr_t)feedback->seen : 0;
        default: return 0;
    }
}

/* ------------------------------------------------------------------------------------------ all */

bool literal_recipe(lua_State *L, const JitLiteral *literal, char *text, size_t size) {
    Text t = {text, size, false};
    const Global *g = G(L);
    uint64_t value = literal->value - literal->offset;
    bool has_one = true;
    put(&t, "%s", kind_words[literal->kind]);
    switch (literal->kind) {
        case LITERAL_SHAPE: has_one = put_shape(&t, g, value); break;
        case LITERAL_STRING: put(&t, " "), put_name(&t, (const String *)(uintptr_t)value); break;
        case LITERAL_PROTO: has_one = put_function(&t, (const Proto *)(uintptr_t)value); break;
        case LITERAL_LIBRARY: has_one = put_library(&t, g, value); break;
        case LITERAL_SLOT: put(&t, " "), has_one = put_way(&t, g, is_place, value); break;
        case LITERAL_OBJECT: put(&t, " "), has_one = put_way(&t, g, holds, value); break;
        case LITERAL_HOST: has_one = false; break;
        default: break;
    }
    return has_one && !t.full;
}

/* What pushes something if there is such a thing. */
static bool find_pushing(lua_State *L, unsigned kind, const char *text, uint64_t *value) {
    if (kind == LITERAL_SHAPE) return find_shape(L, text, value);
    if (kind == LITERAL_STRING) {
        *value = (uintptr_t)read_name(L, &text);
        return true;
    }
    const TValue *place = follow_way(L, &text);
    *value = place == NULL ? 0 : kind == LITERAL_SLOT ? (uintptr_t)place : place->tag >= TAG_SSTR ? (uintptr_t)place->v.gc : 0;
    if (*value == 0) L->top--;
    return *value != 0;
}

bool literal_find(lua_State *L, const Code *code, const char *recipe, uint64_t *value) {
    size_t len = strcspn(recipe, " ");
    unsigned kind = 0;
    bool found = false;
    while (kind < LITERAL_COUNT && (strlen(kind_words[kind]) != len || memcmp(kind_words[kind], recipe, len) != 0)) kind++;
    recipe += len + (recipe[len] == ' ');
    *value = 0;
    switch (kind) {
        case LITERAL_SHAPE: case LITERAL_STRING: case LITERAL_SLOT: case LITERAL_OBJECT:
            found = find_pushing(L, kind, recipe, value);
            if (!found) push_nil(L);
            return found;
        case LITERAL_PROTO: found = find_function(code, recipe, value); break;
        case LITERAL_LIBRARY: found = find_library(G(L), recipe, value); break;
        default: found = (*value = find_plain(L, code, kind)) != 0; break;
    }
    push_nil(L);
    return found;
}
