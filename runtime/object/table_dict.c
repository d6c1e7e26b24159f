// SPDX-License-Identifier: MIT
/* The dictionary of tables, and the block that it shares with overflow slots.
 *
 *      block                                     t->props
 *        v                                          v
 *        +-----------------+------+-----------------+-----------+--------+--------+-
 *        | overflow slot n |  ... | overflow slot 0 | PropsHead | node 0 | node 1 | ...
 *        +-----------------+------+-----------------+-----------+--------+--------+-
 *
 * A chained scatter table in one array (Brent's variation, as in Knuth 6.4): each key has a main
 * position given by its hash; the chain of nodes that
 * starts there contains it. A new key whose main position is taken goes to a free node, unless the
 * node there belongs to another
 * chain: then that one moves. Links are distances, so the block can be copied as it is.
 *
 * Rules
 *  1. A node with a nil value is dead. Its key may be an object that is freed already: it is
 * compared by address, never looked into or hashed. A
 *     new key may be placed in a dead node at its own main position; the link stays, so chains may
 * share their ends.
 *  2. Only rehashing removes dead nodes. It happens only when a key is inserted and no node is
 * free.
 *  3. Strings hash by their contents with the state's seed, all else by multiplication (the golden
 * ratio).
 */
#include "object/table_internal.h"

/* ------------------------------------------------------------------------------------ the block */

size_t props_bytes(uint32_t nslots, uint32_t lognodes) {
    return nslots * sizeof(TValue) + sizeof(PropsHead) +
           (lognodes == NODES_NONE ? 0 : sizeof(Node) << lognodes);
}

static void *props_block(PropsHead *p) { return (TValue *)(void *)p - p->nslots; }

static PropsHead *props_build(void *block, uint32_t nslots, uint32_t lognodes) {
    PropsHead *p = (PropsHead *)(void *)((TValue *)block + nslots);
    *p = (PropsHead){.nslots = nslots};
    if (lognodes != NODES_NONE) {
        p->lognodes = (uint8_t)lognodes;
        p->hasnodes = 1;
        memset(p + 1, 0, sizeof(Node) << lognodes);
    }
    return p;
}

static bool props_is_empty(uint32_t nslots, uint32_t lognodes) {
    return nslots == 0 && lognodes == NODES_NONE;
}

PropsHead *props_try_new(lua_State *L, uint32_t nslots, uint32_t lognodes) {
    if (props_is_empty(nslots, lognodes)) return (PropsHead *)(uintptr_t)&table_empty_props.head;
    void *block = mem_try_realloc(L, NULL, 0, props_bytes(nslots, lognodes));
    return block ? props_build(block, nslots, lognodes) : NULL;
}

PropsHead *props_new(lua_State *L, uint32_t nslots, uint32_t lognodes) {
    PropsHead *p = props_try_new(L, nslots, lognodes);
    if (p == NULL) state_throw(L, LUA_ERRMEM);
    return p;
}

void props_free(lua_State *L, PropsHead *p) {
    if (p != &table_empty_props.head)
        mem_free(L, props_block(p), props_bytes(p->nslots, props_lognodes(p)));
}

void props_install(lua_State *L, Table *t, PropsHead *p) {
    PropsHead *old = t->props;
    uint32_t n = old->nslots < p->nslots ? old->nslots : p->nslots;
    memcpy((TValue *)(void *)p - n, (TValue *)(void *)old - n, n * sizeof(TValue));
    t->props = p;
    props_free(L, old);
    /* slots have moved */
    if (t->flags & TABLE_ROLE) shape_fire(L, shape_of(G(L), t), -1, FIRE_LOOKUP);
}

void props_grow_slots(lua_State *L, Table *t, uint32_t nslots) {
    PropsHead *old = t->props, *p = props_new(L, nslots, props_lognodes(old));
    p->used = old->used;
    memcpy(p + 1, old + 1, table_nnodes(t) * sizeof(Node));
    props_install(L, t, p);
}

/* -------------------------------------------------------------------------------------- hashing */

static uint32_t hash_word(uint64_t x) {
    return (uint32_t)((x * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
}

/* the key is alive; a long string was hashed when it became a key */
static uint32_t key_hash(Value key, uint32_t tag) {
    switch (tag) {
    case TAG_SSTR: return ((const String *)key.gc)->hash;
    case TAG_LSTR: return ((const LongString *)key.gc)->hash;
    case TAG_INT: return hash_word(key.u);
    default: return hash_word(key.u ^ key.u >> 32 ^ tag);
    }
}

static uint32_t limit_of(uint32_t log) {
    return log <= 4 ? 1u << log : (1u << log) - (1u << (log - 3));
}

uint32_t dict_log_for(uint64_t n) {
    if (n == 0) return NODES_NONE;
    uint32_t log = 0;
    while (limit_of(log) < n) log++;
    return log;
}

static Node *main_position(PropsHead *p, uint32_t hash) {
    return (Node *)(void *)(p + 1) + node_main(p, hash);
}

/* -------------------------------------------------------------------------------------- finding */

Node *dict_find_int(const Table *t, lua_Integer key) {
    Node *n = main_position(t->props, hash_word((uint64_t)key));
    for (;;) {
        if (n->key.i == key && node_keytag(n) == TAG_INT) return n;
        int32_t link = node_link(n);
        if (link == 0) return NULL;
        n += link;
    }
}

static Node *find_word(const Table *t, Value key, uint32_t tag) {
    Node *n = main_position(t->props, key_hash(key, tag));
    for (;;) {
        if (n->key.u == key.u && node_keytag(n) == tag) return n;
        int32_t link = node_link(n);
        if (link == 0) return NULL;
        n += link;
    }
}

static Node *find_long(const Table *t, const LongString *s) {
    Node *n = main_position(t->props, s->hash);
    for (;;) {
        if (node_keytag(n) == TAG_LSTR) {
            const LongString *k = (const LongString *)n->key.gc;
            if (k == s || (!is_nil(&n->val) && k->hash == s->hash &&
                           str_equal((const String *)k, (const String *)s)))
                return n;
        }
        int32_t link = node_link(n);
        if (link == 0) return NULL;
        n += link;
    }
}

Node *dict_find(const Table *t, const TValue *key) {
    if (!t->props->hasnodes) return NULL;
    return key->tag == TAG_LSTR ? find_long(t, (const LongString *)key->v.gc)
                                : find_word(t, key_payload(key), key->tag);
}

/* -------------------------------------------------------------------------------------- placing */

static bool link_fits(int64_t d) {
    return d >= -(1 << (NODE_LINKBITS - 1)) && d < 1 << (NODE_LINKBITS - 1);
}
static void set_link(Node *n, int64_t d) {
    n->val.extra = (n->val.extra & 0xff) | (uint32_t)d << 8;
}
static void set_key(Node *n, Value key, uint32_t tag) {
    n->key = key;
    n->val.extra = (n->val.extra & ~0xffu) | tag;
}

/* the free node nearest to `from`, so that chains stay in few cache lines and links in their 24
 * bits */
static Node *find_free(PropsHead *p, Node *from) {
    Node *first = (Node *)(void *)(p + 1), *last = first + ((1u << p->lognodes) - 1);
    Node *up = from, *down = from;
    while (up < last || down > first) {
        if (up < last && node_keytag(++up) == TAG_NIL) return link_fits(up - from) ? up : NULL;
        if (down > first && node_keytag(--down) == TAG_NIL)
            return link_fits(down - from) ? down : NULL;
    }
    return NULL;
}

static Node *predecessor(PropsHead *p, Node *n) {
    Node *q = main_position(p, key_hash(n->key, node_keytag(n)));
    while (q + node_link(q) != n) q += node_link(q);
    return q;
}

/* n, which is not in its main position, moves to the free node */
static bool move_node(PropsHead *p, Node *n, Node *to) {
    Node *before = predecessor(p, n);
    int32_t link = node_link(n);
    int64_t next = link ? n + link - to : 0;
    if (!link_fits(to - before) || !link_fits(next)) return false;
    *to = *n;
    set_link(to, next);
    set_link(before, to - before);
    set_link(n, 0);
    return true;
}

static Node *place(PropsHead *p, Value key, uint32_t tag, Node **moved) {
    if (!p->hasnodes) return NULL;
    Node *mp = main_position(p, key_hash(key, tag));
    bool reuse = node_keytag(mp) != TAG_NIL && is_nil(&mp->val);
    if (!reuse) {
        if (p->used >= limit_of(p->lognodes)) return NULL;
        if (node_keytag(mp) != TAG_NIL) {
            Node *f = find_free(p, mp);
            if (f == NULL) return NULL;
            if (main_position(p, key_hash(mp->key, node_keytag(mp))) != mp) {
                if (!move_node(p, mp, f)) return NULL;
                *moved = f;
            } else {
                int32_t link = node_link(mp);
                if (!link_fits(link ? mp + link - f : 0)) return NULL;
                set_link(f, link ? mp + link - f : 0);
                set_link(mp, f - mp);
                mp = f;
            }
        }
        p->used++;
    }
    set_key(mp, key, tag);
    set_nil(&mp->val);
    return mp;
}

Node *dict_place(PropsHead *p, Value key, uint32_t tag) {
    Node *moved;
    return place(p, key, tag, &moved);
}

/* Large tables are marked in pieces, by position: a node that moves may come to lie in a piece that
 * is done. */
Node *dict_place_in(lua_State *L, Table *t, Value key, uint32_t tag) {
    Node *moved = NULL, *n = place(t->props, key, tag, &moved);
    if (moved != NULL) {
        TValue k;
        set_parts(&k, moved->key, node_keytag(moved));
        gc_barrier_back(L, t, &k);
        gc_barrier_back(L, t, &moved->val);
    }
    return n;
}

void dict_copy(const Table *t, PropsHead *to, bool (*skip)(const Node *n, const void *ud),
               const void *ud) {
    uint32_t n = table_nnodes(t);
    for (uint32_t i = 0; i < n; i++) {
        const Node *from = &table_nodes(t)[i];
        if (is_nil(&from->val) || (skip && skip(from, ud))) continue;
        set_value(&dict_place(to, from->key, node_keytag(from))->val, &from->val);
    }
}

/* -------------------------------------------------------------------------------------- growing */

static uint32_t live_nodes(const Table *t) {
    uint32_t n = table_nnodes(t), live = 0;
    for (uint32_t i = 0; i < n; i++) live += !is_nil(&table_nodes(t)[i].val);
    return live;
}

static void rebuild(lua_State *L, Table *t, uint32_t log) {
    if (log >= 28) rt_error(L, "table overflow");
    PropsHead *p = props_new(L, t->props->nslots, log);
    dict_copy(t, p, NULL, NULL);
    props_install(L, t, p);
    gc_barrier_back_obj(L, t);
}

/* room for one key more than live, and after many deletions for a share of them again: else the
 * next insertions would rehash each time */
static uint32_t grown_log(const Table *t) {
    uint32_t live = live_nodes(t), log = dict_log_for((uint64_t)live + 1);
    if (table_nnodes(t) == 0) return 2;
    if (live < t->props->used && (live + 1) * 4 > limit_of(log) * 3) log++;
    return log < 2 ? log + 1 : log;
}

void dict_insert(lua_State *L, Table *t, const TValue *key, const TValue *val) {
    Node *n = dict_place_in(L, t, key_payload(key), key->tag);
    for (uint32_t more = 0; n == NULL; more++) { /* more: no free node within a link's reach */
        rebuild(L, t, grown_log(t) + more);
        n = dict_place_in(L, t, key_payload(key), key->tag);
    }
    set_value(&n->val, val);
    gc_barrier_back(L, t, key);
    gc_barrier_back(L, t, val);
}

void dict_reserve(lua_State *L, Table *t, uint32_t n) {
    uint32_t log = dict_log_for(n);
    if (log != NODES_NONE && (!t->props->hasnodes || log > t->props->lognodes)) rebuild(L, t, log);
}
