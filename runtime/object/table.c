// SPDX-License-Identifier: MIT
/* Tables: which part a key lives in, slots and their shapes, `#` and `next`.
 *
 * A key is looked for in one place only (see object/object.h):
 *      integer inside [base, base+cap)  ->  array part      (table_array.c)
 *      short string, slotted shape      ->  slot            (here)
 *      anything else                    ->  dictionary      (table_dict.c)
 *
 * Rules
 *  1. A write through these functions clears the flags for absent metamethods, tells the shape when
 * it is owned or stands for a class, and
 *     runs the barrier. Fast paths elsewhere write only where none of this is needed.
 *  2. The shape is changed last: until then the table is valid with the old one.
 *  3. Storing nil changes a value and nothing else, but that a typed array may lose its last
 * element or become VALUE.
 */
#include <math.h>

#include "object/table_internal.h"

const struct EmptyArray table_empty_array = {.head = {.base = 1}};
const struct EmptyProps table_empty_props = {.head = {.nslots = 0}};

static const TValue nil_value = {.tag = TAG_NIL};

/* ----------------------------------------------------------------------------------------- life */

static Table *table_raw(lua_State *L, unsigned ninline) {
    Shape *root = shape_root(L, ninline, false);
    Table *t = (Table *)gc_new(L, TAG_TABLE, sizeof(Table) + ninline * sizeof(TValue));
    t->ninline = (uint8_t)ninline;
    t->flags = 0;
    t->shape = root->id;
    t->metatable = NULL;
    t->array = (Value *)(uintptr_t)&table_empty_array.payload;
    t->props = (PropsHead *)(uintptr_t)&table_empty_props.head;
    return t;
}

Table *table_new(lua_State *L, unsigned ninline, uint32_t narray, uint32_t nnodes) {
    Table *t = table_raw(L, ninline);
    if (narray == 0 && nnodes == 0) return t;
    anchor_push(L, t);
    table_reserve(L, t, narray, nnodes);
    anchor_pop(L);
    return t;
}

void table_reserve(lua_State *L, Table *t, uint32_t narray, uint32_t nnodes) {
    if (narray > 0) array_fit(L, t, narray, KIND_NONE);
    if (nnodes > 0) dict_reserve(L, t, nnodes);
}

void table_release(lua_State *L, Table *t) {
    ArrayHead *h = array_head(t);
    if (h->cap > 0) mem_free(L, h, array_bytes(h));
    props_free(L, t->props);
}

/* Objects get their class's metatable over and over: the step from shape to shape is remembered.
 * Both ids stand for living shapes while the stamp stands, and the metatable's for the same class
 * while the epoch does. */
static const MetaStep *meta_step(const Global *g, const Table *t, const Table *mt) {
    return &g->metasteps[(t->shape * 31 + mt->shape) % METASTEPS];
}

static bool meta_step_known(const Global *g, const MetaStep *m, const Table *t, const Table *mt) {
    return m->from == t->shape && m->mt == mt->shape && m->stamp == g->gcstamp && m->epoch == g->epoch && m->to != 0;
}

static void set_metatable_slow(lua_State *L, Table *t, Table *mt) {
    Global *g = G(L);
    Class *c = mt ? shape_class_of_metatable(L, mt) : NULL;
    Shape *s = shape_of(g, t);
    if (s->meta != c) {
        if (c != NULL) anchor_push(L, c);
        shape_leave_class(L, t);
        s = shape_with_class(L, shape_of(g, t), c);
        if (c != NULL) anchor_pop(L);
        uint32_t from = t->shape;
        t->shape = s->id;
        /* asked again, the metatable must give the same class: one that is still to be told from
         * others of its shape does not */
        const Shape *ms = mt ? shape_of(g, mt) : NULL;
        if (ms != NULL && s->kind == SHAPE_SHARED && g->epoch != 0 && (ms->constmeta || ms->kind == SHAPE_OWNED) && ms->asclass == c)
            g->metasteps[(from * 31 + mt->shape) % METASTEPS] = (MetaStep){from, mt->shape, s->id, g->gcstamp, g->epoch};
    }
    if (t->metatable != mt && s->kind == SHAPE_OWNED) shape_fire(L, s, -1, FIRE_LOOKUP);
}

uint32_t table_shape_with(const Global *g, const Table *t, const Table *mt) {
    const MetaStep *m = meta_step(g, t, mt);
    return meta_step_known(g, m, t, mt) ? m->to : 0;
}

bool table_set_known_metatable(lua_State *L, Table *t, Table *mt) {
    const MetaStep *m = meta_step(G(L), t, mt);
    if (!meta_step_known(G(L), m, t, mt)) return false;
    t->shape = m->to;
    t->metatable = mt;
    gc_barrier_back_obj(L, t);
    return true;
}

void table_set_metatable(lua_State *L, Table *t, Table *mt) {
    if (mt != NULL && t->metatable == NULL) {
        const MetaStep *m = meta_step(G(L), t, mt);
        if (meta_step_known(G(L), m, t, mt))
            t->shape = m->to;
        else
            set_metatable_slow(L, t, mt);
    } else {
        set_metatable_slow(L, t, mt);
    }
    t->metatable = mt;
    gc_barrier_back_obj(L, t);
}

/* -------------------------------------------------------------------------------------- reading */

uint32_t table_get_int_slow(Table *t, lua_Integer key, TValue *out) {
    if (t->props->hasnodes && array_index(array_head(t), key) >= array_head(t)->cap) {
        Node *n = dict_find_int(t, key);
        if (n != NULL) {
            set_value(out, &n->val);
            return n->val.tag;
        }
    }
    set_nil(out);
    return TAG_NIL;
}

/* a float with the value of an integer is that integer as a key */
static bool flt_to_key(lua_Number n, lua_Integer *i) {
    if (!(n >= -0x1p63 && n < 0x1p63)) return false;
    lua_Integer k = (lua_Integer)n;
    if ((lua_Number)k != n) return false;
    *i = k;
    return true;
}

static void hash_long(const Global *g, const TValue *key) {
    if (key->tag == TAG_LSTR) str_longhash(g, (LongString *)key->v.gc);
}

uint32_t table_get(lua_State *L, Table *t, const TValue *key, TValue *out) {
    lua_Integer i;
    if (key->tag == TAG_SSTR) return table_get_str(G(L), t, as_str(key), out);
    if (key->tag == TAG_INT) return table_get_int(t, key->v.i, out);
    if (key->tag == TAG_FLT && flt_to_key(key->v.n, &i)) return table_get_int(t, i, out);
    hash_long(G(L), key);
    Node *n = key->tag == TAG_NIL ? NULL : dict_find(t, key);
    set_value(out, n ? &n->val : &nil_value);
    return out->tag;
}

/* ------------------------------------------------------------------------------ slots and modes */

static void ensure_slots(lua_State *L, Table *t, uint32_t n) {
    uint32_t have = t->ninline + t->props->nslots;
    if (n <= have) return;
    uint32_t more = t->props->nslots ? 2 * t->props->nslots : 4;
    props_grow_slots(L, t, n - t->ninline > more ? n - t->ninline : more);
}

/* All strings move from slots to the dictionary; s: a shape in dictionary mode, anchored. */
static void enter_dict(lua_State *L, Table *t, Shape *s) {
    shape_disown(L, t);
    Shape *old = shape_of(G(L), t);
    uint32_t live = 0;
    for (uint32_t i = 0; i < old->nslots; i++) live += !is_nil(table_slot(t, i));
    for (uint32_t i = 0; i < table_nnodes(t); i++) live += !is_nil(&table_nodes(t)[i].val);
    PropsHead *p = props_new(L, 0, dict_log_for((uint64_t)live + live / 4 + 2));
    dict_copy(t, p, NULL, NULL);
    for (uint32_t i = 0; i < old->nslots; i++) {
        const TValue *v = table_slot(t, i);
        if (!is_nil(v))
            set_value(&dict_place(p, (Value){.p = old->descs->key[i]}, TAG_SSTR)->val, v);
    }
    t->shape = s->id;
    props_install(L, t, p);
    gc_barrier_back_obj(L, t);
}

static bool is_live_sstr(const Node *n, const void *ud) {
    (void)ud;
    return node_keytag(n) == TAG_SSTR && !is_nil(&n->val);
}

/* A shape grows key by key: s, then its successors, each anchored in turn by the caller's anchor.
 * */
void table_leave_dict(lua_State *L, Table *t, Shape *s) {
    uint32_t strings = 0, others = 0;
    for (uint32_t i = 0; i < table_nnodes(t); i++) {
        const Node *n = &table_nodes(t)[i];
        if (is_nil(&n->val)) continue;
        if (is_live_sstr(n, NULL)) strings++;
        else others++;
    }
    if (strings > SHAPE_MAXOWNED) return;
    for (uint32_t i = 0; i < table_nnodes(t); i++) {
        const Node *n = &table_nodes(t)[i];
        if (!is_live_sstr(n, NULL)) continue;
        s = shape_add(L, s, (String *)n->key.gc);
        set_gc(L->top - 1, s);
    }
    uint32_t over = s->nslots > t->ninline ? s->nslots - t->ninline : 0;
    PropsHead *p = props_new(L, over, dict_log_for(others)), *old = t->props;
    dict_copy(t, p, is_live_sstr, NULL);
    t->props = p;
    for (uint32_t i = 0; i < s->nslots; i++) set_nil(table_slot(t, i));
    if (old->hasnodes) {
        Node *nodes = (Node *)(void *)(old + 1);
        for (uint32_t j = 0; j < 1u << old->lognodes; j++) {
            if (!is_live_sstr(&nodes[j], NULL)) continue;
            int i = shape_find(s, (const String *)nodes[j].key.gc);
            if (i >= 0) set_value(table_slot(t, (unsigned)i), &nodes[j].val);
        }
    }
    props_free(L, old);
    t->shape = s->id;
    t->flags |= TABLE_ROLE;
    gc_barrier_back_obj(L, t);
}

static void add_slot(lua_State *L, Table *t, String *key, const TValue *val) {
    shape_leave_class(L, t);
    Shape *s = shape_add(L, shape_of(G(L), t), key);
    anchor_push(L, s);
    if (s->isdict) {
        enter_dict(L, t, s);
        anchor_pop(L);
        TValue k;
        set_gc(&k, key);
        dict_insert(L, t, &k, val);
        return;
    }
    ensure_slots(L, t, s->nslots);
    uint32_t i = s->nslots - 1;
    set_nil(table_slot(t, i));
    t->shape = s->id;
    gc_barrier_back_obj(L, t);
    anchor_pop(L);
    if (s->kind == SHAPE_OWNED) shape_slot_added(L, t, i, val);
    set_value(table_slot(t, i), val);
}

/* -------------------------------------------------------------------------------------- writing */

static void forget_absent(Table *t) { t->flags &= (uint8_t)~TABLE_ABSENT_MASK; }

void table_set_str(lua_State *L, Table *t, String *key, const TValue *val) {
    forget_absent(t);
    if (table_isdict(t)) {
        TValue *place = dict_find_sstr(t, key);
        if (place != NULL) {
            if (is_nil(place)) { /* a dead key: the collector may have passed it by */
                TValue k;
                set_gc(&k, key);
                gc_barrier_back(L, t, &k);
            }
            set_value(place, val);
            gc_barrier_back(L, t, val);
        } else if (!is_nil(val)) {
            TValue k;
            set_gc(&k, key);
            dict_insert(L, t, &k, val);
        }
        return;
    }
    Shape *s = shape_of(G(L), t);
    int i = shape_find(s, key);
    if (i < 0) {
        if (!is_nil(val)) add_slot(L, t, key, val);
        return;
    }
    if (s->kind == SHAPE_OWNED || s->constmeta) shape_slot_written(L, t, (unsigned)i, val);
    set_value(table_slot(t, (unsigned)i), val);
    gc_barrier_back(L, t, val);
}

void table_declare(lua_State *L, Table *t, String *key) {
    static const TValue nil = {.tag = TAG_NIL};
    const Shape *s = shape_of(G(L), t);
    if (!shape_takes(s, key) || shape_find(s, key) >= 0) return;
    forget_absent(t);
    add_slot(L, t, key, &nil);
}

/* a key that is in no part */
static void insert_int(lua_State *L, Table *t, lua_Integer key, const TValue *val) {
    if (array_extend(L, t, key, val)) return;
    Node *n = dict_place_in(L, t, (Value){.i = key}, TAG_INT);
    if (n != NULL) {
        set_value(&n->val, val);
        gc_barrier_back(L, t, val);
        return;
    }
    lua_Integer lo = key, hi = key;
    if (array_choose(t, key, &lo, &hi)) {
        array_relayout(L, t, lo, hi, key, val);
        return;
    }
    TValue k;
    set_int(&k, key);
    dict_insert(L, t, &k, val);
}

void table_set_int(lua_State *L, Table *t, lua_Integer key, const TValue *val) {
    const ArrayHead *h = array_head(t);
    uint64_t i = array_index(h, key);
    if (i < h->cap) {
        array_store(L, t, i, val);
        return;
    }
    Node *n = t->props->hasnodes ? dict_find_int(t, key) : NULL;
    /* a dead key just behind the array goes into the array */
    if (n != NULL && !(is_nil(&n->val) && i == h->cap)) {
        set_value(&n->val, val);
        gc_barrier_back(L, t, val);
    } else if (!is_nil(val)) {
        insert_int(L, t, key, val);
    }
}

static void set_other(lua_State *L, Table *t, const TValue *key, const TValue *val) {
    hash_long(G(L), key);
    Node *n = dict_find(t, key);
    if (n == NULL) {
        if (!is_nil(val)) dict_insert(L, t, key, val);
        return;
    }
    if (is_nil(&n->val)) gc_barrier_back(L, t, key);
    set_value(&n->val, val);
    gc_barrier_back(L, t, val);
}

void table_set(lua_State *L, Table *t, const TValue *key, const TValue *val) {
    lua_Integer i;
    switch (key->tag) {
    case TAG_SSTR: table_set_str(L, t, as_str(key), val); return;
    case TAG_INT: table_set_int(L, t, key->v.i, val); return;
    case TAG_NIL: rt_error(L, "table index is nil");
    case TAG_FLT:
        if (flt_to_key(key->v.n, &i)) {
            table_set_int(L, t, i, val);
            return;
        }
        if (isnan(key->v.n)) rt_error(L, "table index is NaN");
        break;
    default: break;
    }
    set_other(L, t, key, val);
}

/* --------------------------------------------------------------------------------- constructors */

static int kind_of_values(const TValue *vals, uint32_t n) {
    uint32_t tag = vals[0].tag;
    if (tag != TAG_INT && tag != TAG_FLT) return KIND_VALUE;
    for (uint32_t i = 1; i < n; i++)
        if (vals[i].tag != tag) return KIND_VALUE;
    return tag == TAG_INT ? KIND_INT : KIND_FLT;
}

static void append_typed(Table *t, const TValue *vals, uint32_t n, int kind) {
    ArrayHead *h = array_head(t);
    for (uint32_t i = 0; i < n; i++) t->array[h->len + i] = vals[i].v;
    h->kind = (uint8_t)kind;
    h->len += n;
}

static void fill_value(lua_State *L, Table *t, uint32_t from, const TValue *vals, uint32_t n) {
    table_widen(L, t);
    uint8_t *tags = array_tags(t);
    for (uint32_t i = 0; i < n; i++) {
        tags[from + i] = (uint8_t)vals[i].tag;
        t->array[from + i] = vals[i].v;
    }
    gc_barrier_back_obj(L, t);
}

void table_setlist(lua_State *L, Table *t, lua_Integer first, const TValue *vals, uint32_t n) {
    if (n == 0) return;
    forget_absent(t);
    uint64_t end = (uint64_t)first - 1 + n;
    int kind = kind_of_values(vals, n);
    if (first >= 1 && end <= ARRAY_MAXCAP && (array_head(t)->cap > 0 || first == 1))
        array_fit(L, t, (uint32_t)end, kind);
    const ArrayHead *h = array_head(t);
    if (h->base != 1 || first < 1 || end > h->cap) {
        for (uint32_t i = 0; i < n; i++) table_set_int(L, t, first + i, &vals[i]);
        return;
    }
    uint64_t from = (uint64_t)first - 1;
    if (kind != KIND_VALUE && h->kind != KIND_VALUE && h->len == from &&
        (h->len == 0 || h->kind == kind))
        append_typed(t, vals, n, kind);
    else
        fill_value(L, t, (uint32_t)from, vals, n);
}

bool table_setlist_quietly(lua_State *L, Table *t, const TValue *vals, uint32_t n) {
    if (array_head(t)->cap != 0 || t->props->hasnodes) return false;
    int kind = kind_of_values(vals, n);
    bool tagged = kind == KIND_VALUE;
    ArrayHead *h = mem_alloc_quietly(L, sizeof *h + n * (sizeof(Value) + tagged));
    if (h == NULL) return false;
    *h = (ArrayHead){.base = 1, .len = n, .cap = n, .kind = (uint8_t)kind, .hastags = tagged, .exact = 1, .hint = n};
    Value *to = (Value *)(void *)(h + 1);
    for (uint32_t i = 0; i < n; i++) to[i] = vals[i].v;
    for (uint32_t i = 0; tagged && i < n; i++) ((uint8_t *)(to + n))[i] = (uint8_t)vals[i].tag;
    forget_absent(t);
    t->array = to;
    gc_barrier_back_obj(L, t);
    return true;
}

/* --------------------------------------------------------------------------------------- length */

/* a border in (i, j]: element i is present or the start, element j is nil (elements counted from 1,
 * tags[i-1]) */
static uint32_t search_border(const uint8_t *tags, uint32_t i, uint32_t j) {
    while (j - i > 1) {
        uint32_t m = i + (j - i) / 2;
        if (tags[m - 1] == TAG_NIL) j = m;
        else i = m;
    }
    return i;
}

static bool has_int(Table *t, lua_Integer key) {
    TValue v;
    return table_get_int(t, key, &v) != TAG_NIL;
}

/* key `i` is present or 0 and i+1 is present: looks further by doubling, then halving */
static lua_Unsigned search_unbound(Table *t, lua_Unsigned i) {
    lua_Unsigned j = i ? i : 1;
    do {
        i = j;
        if (j <= (lua_Unsigned)LUA_MAXINTEGER / 2) {
            j *= 2;
        } else {
            j = LUA_MAXINTEGER;
            if (has_int(t, LUA_MAXINTEGER)) return j;
            break;
        }
    } while (has_int(t, (lua_Integer)j));
    while (j - i > 1) {
        lua_Unsigned m = i + (j - i) / 2;
        if (has_int(t, (lua_Integer)m)) i = m;
        else j = m;
    }
    return i;
}

/* n: the last key of the array part, present, or 0 when there is none */
static lua_Unsigned len_behind_array(Table *t, lua_Unsigned n) {
    if (!t->props->hasnodes || n == (lua_Unsigned)LUA_MAXINTEGER || !has_int(t, (lua_Integer)n + 1))
        return n;
    return search_unbound(t, n);
}

/* Where the reference would look next time: it moves its hint down only within the upper half of an
 * array whose size is a power of two. A program
 * sees that in the answers for arrays with holes, and constructors are to give the same. */
static uint32_t hint_lowered(ArrayHead *h, uint32_t size, uint32_t border) {
    bool pow2 = h->hint != size || (size & (size - 1)) == 0;
    if (!h->exact || (pow2 && border > size / 2)) h->hint = border;
    return border;
}

/* A border among n tagged elements; n itself if the last is present. Begins at h->hint. */
static uint32_t len_tagged(ArrayHead *h, const uint8_t *tags, uint32_t n) {
    uint32_t hint = h->hint;
    if (hint > n) hint = n;
    if (hint > 0 && tags[hint - 1] == TAG_NIL) {
        if (hint >= 2 && tags[hint - 2] != TAG_NIL) return hint_lowered(h, n, hint - 1);
        return hint_lowered(h, n, search_border(tags, 0, hint));
    }
    if (hint == n || tags[hint] == TAG_NIL) return hint;
    /* an append */
    if (!h->exact && hint + 1 < n && tags[hint + 1] == TAG_NIL) return h->hint = hint + 1;
    if (tags[n - 1] != TAG_NIL) return n;
    return h->hint = search_border(tags, hint, n);
}

/* Arrays that begin elsewhere than at 1. Without t[1] the answer could be 0, but the end of a queue
 * is more likely to be meant. */
static lua_Unsigned len_based(Table *t, ArrayHead *h) {
    lua_Integer base = h->base;
    if (base > 1 && !has_int(t, 1)) {
        uint32_t n = h->kind == KIND_VALUE ? len_tagged(h, array_tags(t), h->len) : h->len;
        if (n == h->cap && n > 0) return len_behind_array(t, (lua_Unsigned)base + n - 1);
        return n > 0 ? (lua_Unsigned)base + n - 1 : 0;
    }
    if (base < 1 && (uint64_t)1 - (uint64_t)base < h->len) {
        uint32_t skip = (uint32_t)(1 - base), n = h->len - skip;
        if (h->kind == KIND_VALUE) {
            ArrayHead view = {.hint = h->hint > skip ? h->hint - skip : 0};
            n = len_tagged(&view, array_tags(t) + skip, n);
            h->hint = view.hint + skip;
        }
        return n + skip == h->cap ? len_behind_array(t, n) : n;
    }
    return has_int(t, 1) ? search_unbound(t, 1) : 0;
}

lua_Unsigned table_len(lua_State *L, Table *t) {
    (void)L;
    ArrayHead *h = array_head(t);
    if (h->base != 1) return len_based(t, h);
    uint32_t n = h->kind == KIND_VALUE ? len_tagged(h, array_tags(t), h->len) : h->len;
    return n == h->cap ? len_behind_array(t, n) : n;
}

/* ------------------------------------------------------------------------------------ traversal */

/* Entries are numbered: array elements, then slots, then nodes. The number after that of a key: */
enum { NO_POSITION = -1 };
static uint64_t position_after(lua_State *L, const Table *t, TValue *key) {
    const ArrayHead *h = array_head(t);
    uint64_t slots = h->cap, nodes = slots + shape_of(G(L), t)->nslots;
    lua_Integer k;
    if (key->tag == TAG_NIL) return 0;
    if (key->tag == TAG_FLT && flt_to_key(key->v.n, &k)) set_int(key, k);
    if (key->tag == TAG_INT && array_index(h, key->v.i) < h->cap)
        return array_index(h, key->v.i) + 1;
    if (key->tag == TAG_SSTR && !table_isdict(t)) {
        int i = shape_find(shape_of(G(L), t), as_str(key));
        if (i >= 0) return slots + (unsigned)i + 1;
    } else {
        hash_long(G(L), key);
        Node *n = dict_find(t, key);
        if (n != NULL) return nodes + (uint64_t)(n - table_nodes(t)) + 1;
    }
    return (uint64_t)NO_POSITION;
}

static bool next_element(Table *t, uint64_t i, TValue *key) {
    const ArrayHead *h = array_head(t);
    const uint8_t *tags = array_tags(t);
    uint64_t len = h->len;
    if (h->kind == KIND_VALUE)
        while (i < len && tags[i] == TAG_NIL) i++;
    if (i >= len) return false;
    set_int(&key[0], (lua_Integer)((uint64_t)h->base + i));
    set_parts(&key[1], t->array[i], array_tag_at(t, (uint32_t)i));
    return true;
}

static bool next_slot(const Shape *s, Table *t, uint64_t *at, TValue *key) {
    uint64_t i = *at;
    while (i < s->nslots && is_nil(table_slot(t, (unsigned)i))) i++;
    if (i >= s->nslots) return false;
    set_gc(&key[0], s->descs->key[i]);
    set_value(&key[1], table_slot(t, (unsigned)i));
    *at = i;
    return true;
}

static void load_key(TValue *to, const Node *n) {
    uint32_t tag = node_keytag(n);
    set_parts(to, n->key, tag);
}

static bool next_node(Table *t, uint64_t *at, TValue *key) {
    uint64_t i = *at, n = table_nnodes(t);
    const Node *node = table_nodes(t);
    while (i < n && is_nil(&node[i].val)) i++;
    if (i >= n) return false;
    load_key(&key[0], &node[i]);
    set_value(&key[1], &node[i].val);
    *at = i;
    return true;
}

/* the common case: from one array element to the next, neither nil */
static bool next_in_array(Table *t, TValue *key) {
    const ArrayHead *h = array_head(t);
    if (key->tag != TAG_INT) return false;
    uint64_t i = array_index(h, key->v.i);
    if (i >= h->len || ++i >= h->len) return false; /* the key before base must not wrap round */
    uint32_t tag = array_tag_at(t, (uint32_t)i);
    if (tag == TAG_NIL) return false;
    set_int(&key[0], (lua_Integer)((uint64_t)h->base + i));
    set_parts(&key[1], t->array[i], tag);
    return true;
}

/* Is the key at this position, behind the array, the given one? A node may still hold, dead, a key
 * that moved to array or slots. */
static bool is_key_at(const Shape *s, const Table *t, uint64_t at, const TValue *key) {
    if (at < s->nslots) return key->tag == TAG_SSTR && (const String *)key->v.gc == s->descs->key[at];
    at -= s->nslots;
    if (at >= table_nnodes(t)) return false;
    const ArrayHead *h = array_head(t);
    if (key->tag == TAG_SSTR ? !table_isdict(t) : key->tag == TAG_INT && array_index(h, key->v.i) < h->cap) return false;
    const Node *n = &table_nodes(t)[at];
    return node_keytag(n) == key->tag && n->key.u == key_payload(key).u;
}

int table_next_hinted(lua_State *L, Table *t, TValue *key, uint32_t *hint) {
    if (next_in_array(t, key)) return NEXT_FOUND;
    const Shape *s = shape_of(G(L), t);
    uint64_t cap = array_head(t)->cap, i;
    if (key->tag != TAG_NIL && is_key_at(s, t, *hint, key)) {
        i = *hint + 1;
    } else {
        i = position_after(L, t, key);
        if (i == (uint64_t)NO_POSITION) return NEXT_BADKEY;
        if (i < cap && next_element(t, i, key)) return NEXT_FOUND;
        i = i < cap ? 0 : i - cap;
    }
    if (i < s->nslots) {
        if (next_slot(s, t, &i, key)) return *hint = (uint32_t)i, NEXT_FOUND;
        i = s->nslots;
    }
    i -= s->nslots;
    if (!next_node(t, &i, key)) return NEXT_END;
    *hint = (uint32_t)(i + s->nslots);
    return NEXT_FOUND;
}

bool table_next(lua_State *L, Table *t, TValue *key) {
    uint32_t hint = UINT32_MAX;
    int result = table_next_hinted(L, t, key, &hint);
    if (result == NEXT_BADKEY) rt_error(L, "invalid key to 'next'");
    return result == NEXT_FOUND;
}
