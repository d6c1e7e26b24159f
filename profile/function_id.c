// SPDX-License-Identifier: MIT
/* See profile/function_id.h. Hashing folds 128-bit products, one multiplier for each of the two
 * hashes (the multipliers are odd numbers with balanced bits; a few rounds of mixing end each).
 */
#include "profile/function_id.h"

#include <string.h>

#include "gc/gc.h"
#include "profile/profile.h"

/* -------------------------------------------------------------------------------------- hashing */

static const uint64_t multiplier[2] = {0x9e6c63d0876a68ebu, 0xd1b54a32d192ed03u};

static uint64_t fold(uint64_t x, uint64_t y) {
    __uint128_t product = (__uint128_t)x * y;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The position of the previous words enters by the rotation: folding alone could lose a zero. */
static uint64_t absorb(uint64_t state, uint64_t word, uint64_t by) {
    return fold(word ^ state, by) + (state << 23 | state >> 41);
}

static void add_word(FunctionKey *k, uint64_t word) {
    k->hash = absorb(k->hash, word, multiplier[0]);
    k->check = absorb(k->check, word, multiplier[1]);
}

static uint64_t finish(uint64_t x) {
    x = (x ^ x >> 31) * 0x94d049bb133111ebu;
    x = (x ^ x >> 29) * 0xbf58476d1ce4e5b9u;
    return x ^ x >> 32;
}

static void add_bytes(FunctionKey *k, const void *bytes, size_t len) {
    const char *at = bytes;
    add_word(k, len);
    while (len > 0) {
        uint64_t word = 0;
        size_t n = len < sizeof word ? len : sizeof word;
        memcpy(&word, at, n);
        add_word(k, word);
        at += n;
        len -= n;
    }
}

static void add_string(FunctionKey *k, const String *s) {
    if (s == NULL)
        add_word(k, UINT64_MAX);
    else
        add_bytes(k, str_data(s), str_len(s));
}

static void add_constant(FunctionKey *k, const TValue *v) {
    bool string = is_str(v);
    add_word(k, string ? (uint64_t)TAG_COUNT : v->tag); /* short and long strings: their length tells */
    if (string)
        add_string(k, as_str(v));
    else if (v->tag == TAG_INT || v->tag == TAG_FLT)
        add_word(k, v->v.u);
}

static void add_code(FunctionKey *k, const Proto *p) {
    add_word(k, (uint64_t)p->numparams | (uint64_t)p->isvararg << 8 | (uint64_t)p->maxstack << 16);
    add_bytes(k, p->code, p->sizecode * sizeof(Insn));
    add_word(k, p->sizek);
    for (uint32_t n = 0; n < p->sizek; n++) add_constant(k, &p->k[n]);
    add_word(k, p->sizeupvalues);
    for (uint32_t n = 0; n < p->sizeupvalues; n++) {
        const UpvalDesc *u = &p->upvalues[n];
        add_word(k, (uint64_t)u->instack | (uint64_t)u->idx << 8 | (uint64_t)u->kind << 16 |
                        (uint64_t)u->constant << 24);
    }
}

static void add_position(FunctionKey *k, const Proto *p) {
    add_string(k, p->source);
    add_word(k, p->ordinal);
    add_word(k, (uint64_t)(uint32_t)p->linedefined | (uint64_t)(uint32_t)p->lastline << 32);
    add_bytes(k, p->lineinfo, p->sizelineinfo * sizeof *p->lineinfo);
}

/* nested(ctx, q): the id of a nested function; 0 ends it, *ok becomes false. */
typedef FunctionId (*Nested)(void *ctx, Proto *q);

static FunctionKey key_of(const Proto *p, Nested nested, void *ctx, bool *ok) {
    FunctionKey k = {1, 2};
    add_code(&k, p);
    add_word(&k, p->sizep);
    *ok = true;
    for (uint32_t n = 0; n < p->sizep && *ok; n++) {
        FunctionId id = nested(ctx, p->p[n]);
        *ok = id != 0;
        add_word(&k, id);
    }
    add_position(&k, p);
    return (FunctionKey){finish(k.hash), finish(k.check)};
}

/* --------------------------------------------------------------------------------------- mapper */

/* The nth id that a key may get: its hash, and, should that be another's, others made of both. */
static FunctionId candidate(FunctionKey key, uint64_t n) {
    FunctionId id = n == 0 ? key.hash : finish(key.hash + n * (key.check | 1));
    return id != 0 ? id : 1;
}

static IdRow *row_of(const FunctionIdMapper *m, FunctionId id) {
    uint32_t at = (uint32_t)id & (m->capacity - 1);
    while (m->rows[at].id != 0 && m->rows[at].id != id) at = (at + 1) & (m->capacity - 1);
    return &m->rows[at];
}

static bool same_key(FunctionKey a, FunctionKey b) { return a.hash == b.hash && a.check == b.check; }

/* The row that bears the key's id, or the free one in which it is to go. */
static IdRow *row_for(const FunctionIdMapper *m, FunctionKey key, FunctionId *id) {
    for (uint64_t n = 0;; n++) {
        IdRow *row = row_of(m, *id = candidate(key, n));
        if (row->id == 0 || same_key(row->key, key)) return row;
    }
}

FunctionId function_id_find(const FunctionIdMapper *m, FunctionKey key) {
    if (m->rows == NULL) return 0;
    FunctionId id;
    return row_for(m, key, &id)->id;
}

static void empty(lua_State *L, FunctionIdMapper *m) {
    if (m->rows != NULL) mem_free(L, m->rows, m->capacity * sizeof(IdRow));
    *m = (FunctionIdMapper){0};
}

static bool grow(lua_State *L, FunctionIdMapper *m) {
    FunctionIdMapper larger = {.capacity = m->capacity != 0 ? m->capacity * 2 : 64};
    larger.rows = mem_try_realloc(L, NULL, 0, larger.capacity * sizeof(IdRow));
    if (larger.rows == NULL) return false;
    memset(larger.rows, 0, larger.capacity * sizeof(IdRow));
    for (uint32_t n = 0; n < m->capacity; n++)
        if (m->rows[n].id != 0) *row_of(&larger, m->rows[n].id) = m->rows[n];
    larger.count = m->count;
    empty(L, m);
    *m = larger;
    return true;
}

FunctionId function_id_for_key(lua_State *L, FunctionIdMapper *m, FunctionKey key) {
    FunctionId id = function_id_find(m, key);
    if (id != 0) return id;
    if (m->count == FUNCTION_IDS_MAX) empty(L, m);
    if (m->count * 4 >= m->capacity * 3 && !grow(L, m)) return 0;
    IdRow *row = row_for(m, key, &id);
    *row = (IdRow){key, id};
    m->count++;
    return id;
}

/* ------------------------------------------------------------------------------------ functions */

static FunctionId create_nested(void *ctx, Proto *q) { return function_id_of(ctx, q); }

FunctionId function_id_of(lua_State *L, Proto *p) {
    if (p->id != 0) return p->id;
    Profile *profile = profile_get(L);
    if (profile == NULL) return 0;
    bool ok;
    FunctionKey key = key_of(p, create_nested, L, &ok);
    return ok ? p->id = function_id_for_key(L, &profile->ids, key) : 0;
}

static FunctionId find_nested(void *ctx, Proto *q) { return function_id_lookup(ctx, q); }

FunctionId function_id_lookup(const Global *g, const Proto *p) {
    if (p->id != 0 || g->profile == NULL) return p->id;
    bool ok;
    FunctionKey key = key_of(p, find_nested, (void *)(uintptr_t)g, &ok);
    return ok ? function_id_find(&g->profile->ids, key) : 0;
}

void function_ids_clear(lua_State *L) {
    if (G(L)->profile != NULL) empty(L, &G(L)->profile->ids);
}

static void number(Proto *p, uint32_t *next) {
    p->ordinal = (*next)++;
    for (uint32_t n = 0; n < p->sizep; n++) number(p->p[n], next);
}

void function_ids_number(Proto *chunk) {
    uint32_t next = 0;
    number(chunk, &next);
}
