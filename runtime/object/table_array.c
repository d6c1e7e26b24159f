// SPDX-License-Identifier: MIT
/* The array part of tables.
 *
 *      block            t->array
 *        v                 v
 *        +-----------------+-----------+-----------+- -+---------------+-----------+
 *        | ArrayHead       | payload 0 | payload 1 |   | payload cap-1 | cap tags  |      (tags
 * only if hastags)
 *        +-----------------+-----------+-----------+- -+---------------+-----------+
 *
 * The part owns the keys [base, base+cap): none of them is alive in the dictionary. So everything
 * inside is decided here, and a
 * fast path that finds a free place at the end of a typed array needs no look at the dictionary.
 *
 * INT and FLT arrays have [0,len) filled and the rest absent; anything that does not fit (another
 * type, a hole) widens them to VALUE, where each
 * element has a tag and len == cap. NONE is room that was reserved.
 *
 * Growth happens when a key is inserted:
 *   just behind the end     double; but slide, advancing base, if half of the front is dead (a
 * queue of two indices)
 *   before base             likewise to the front, if base has left 1 already (a deque, an array
 * filled backward)
 *   elsewhere               the key goes to the dictionary; when that is full, array_choose looks
 * for a range of keys at least
 *                           half full around the new key, and array_relayout builds both parts anew
 * Each takes time linear in the elements after a number of insertions that is proportional to them.
 */
#include "object/table_internal.h"

static void array_free(lua_State *L, ArrayHead *h) {
    if (h->cap > 0) mem_free(L, h, array_bytes(h));
}

/* The block with another capacity, the same base and elements; new tags are nil. cap >= the old
 * one. */
static void array_resize(lua_State *L, Table *t, uint32_t cap, bool hastags) {
    ArrayHead *h = array_head(t);
    uint32_t oldcap = h->cap;
    bool oldtags = h->hastags;
    size_t need = sizeof(ArrayHead) + (size_t)cap * (sizeof(Value) + hastags);
    ArrayHead *n;
    if (oldcap == 0) {
        n = mem_alloc(L, need);
        *n = (ArrayHead){.base = 1};
    } else {
        n = mem_realloc(L, h, array_bytes(h), need);
    }
    Value *p = (Value *)(void *)(n + 1);
    if (hastags) {
        uint8_t *tags = (uint8_t *)(p + cap);
        if (oldtags) memmove(tags, p + oldcap, oldcap);
        memset(tags + (oldtags ? oldcap : 0), TAG_NIL, cap - (oldtags ? oldcap : 0));
    }
    n->cap = cap;
    n->hastags = hastags;
    if (n->kind == KIND_VALUE) n->len = cap;
    t->array = p;
    gc_barrier_back_obj(L, t);
}

void table_widen(lua_State *L, Table *t) {
    ArrayHead *h = array_head(t);
    if (h->cap == 0 || h->kind == KIND_VALUE) return;
    if (!h->hastags) {
        array_resize(L, t, h->cap, true);
        h = array_head(t);
    }
    uint8_t *tags = array_tags(t);
    if (h->kind != KIND_ZEROS) memset(tags, h->kind == KIND_INT ? TAG_INT : TAG_FLT, h->len);
    memset(tags + h->len, TAG_NIL, h->cap - h->len);
    h->hint = h->exact ? h->cap : h->len;
    h->kind = KIND_VALUE;
    h->len = h->cap;
}

static int kind_of_tag(uint32_t tag) {
    return tag == TAG_INT ? KIND_INT : tag == TAG_FLT ? KIND_FLT : KIND_VALUE;
}

static void put(Table *t, uint64_t i, const TValue *val) {
    array_tags(t)[i] = (uint8_t)val->tag;
    t->array[i] = val->v;
}

/* true if a typed array could take the value, perhaps after choosing its kind */
static bool store_typed(Table *t, uint64_t i, const TValue *val) {
    ArrayHead *h = array_head(t);
    if (i > h->len) return is_nil(val);
    if (is_nil(val)) {
        if (i == h->len) return true;
        if (i + 1 < h->len) return false;
        h->len--;
        return true;
    }
    int kind = kind_of_tag(val->tag);
    if (kind == KIND_VALUE || (h->len > 0 && kind != h->kind)) return false;
    h->kind = (uint8_t)kind;
    t->array[i] = val->v;
    if (i == h->len) h->len++;
    return true;
}

static bool is_all_zeros(const Table *t) {
    const ArrayHead *h = array_head(t);
    uint32_t i = 0;
    while (i < h->len && t->array[i].i == 0) i++;
    return i == h->len;
}

/* A float comes to an array of integers: if these are all zeros, more floats are likely to follow. */
static void begin_zeros(lua_State *L, Table *t) {
    if (!array_head(t)->hastags) array_resize(L, t, array_head(t)->cap, true);
    ArrayHead *h = array_head(t);
    memset(array_tags(t), TAG_INT, h->len);
    h->hint = h->len;
    h->kind = KIND_ZEROS;
}

/* true: a float was stored over an element */
static bool store_over_zero(Table *t, uint64_t i, const TValue *val) {
    if (i >= array_head(t)->len || val->tag != TAG_FLT) return false;
    table_overwrite_zero(t, i, val->v);
    return true;
}

void array_store(lua_State *L, Table *t, uint64_t i, const TValue *val) {
    const ArrayHead *h = array_head(t);
    if (h->kind != KIND_VALUE) {
        if (h->kind == KIND_INT && val->tag == TAG_FLT && i < h->len && is_all_zeros(t))
            begin_zeros(L, t);
        if (array_head(t)->kind == KIND_ZEROS ? store_over_zero(t, i, val) : store_typed(t, i, val))
            return;
        table_widen(L, t);
    }
    put(t, i, val);
    gc_barrier_back(L, t, val);
}

static uint32_t count_tags(const uint8_t *tags, uint32_t n) {
    uint32_t live = 0;
    for (uint32_t i = 0; i < n; i++) live += tags[i] != TAG_NIL;
    return live;
}

uint32_t array_live(const Table *t) {
    const ArrayHead *h = array_head(t);
    return h->kind == KIND_VALUE ? count_tags(array_tags(t), h->len) : h->len;
}

static uint32_t dead_front(const Table *t) {
    const uint8_t *tags = array_tags(t);
    uint32_t n = array_head(t)->cap, i = 0;
    while (i < n && tags[i] == TAG_NIL) i++;
    return i;
}

static void take_node(lua_State *L, Table *t, Node *n) {
    TValue v = n->val;
    set_nil(&n->val); /* a dead key stays behind */
    array_store(L, t, array_index(array_head(t), n->key.i), &v);
}

/* The array has just come to own n elements more, from i on: those in the dictionary move over. */
static void take_from_dict(lua_State *L, Table *t, uint64_t i, uint64_t n) {
    uint32_t nodes = table_nnodes(t);
    lua_Integer first = (lua_Integer)((uint64_t)array_head(t)->base + i);
    if (n < nodes) {
        for (uint64_t j = 0; j < n; j++) {
            Node *node = dict_find_int(t, first + (lua_Integer)j);
            if (node != NULL && !is_nil(&node->val)) take_node(L, t, node);
        }
    } else {
        for (uint32_t j = 0; j < nodes; j++) {
            Node *node = &table_nodes(t)[j];
            if (node_keytag(node) == TAG_INT && !is_nil(&node->val) &&
                (uint64_t)node->key.i - (uint64_t)first < n)
                take_node(L, t, node);
        }
    }
}

/* `val` is about to be stored: tags come at once if it needs them */
static void grow_to(lua_State *L, Table *t, uint64_t cap, const TValue *val) {
    if (cap > ARRAY_MAXCAP) mem_toobig(L);
    bool hastags = kind_is_tagged(array_head(t)->kind) || kind_of_tag(val->tag) == KIND_VALUE;
    array_resize(L, t, (uint32_t)cap, hastags);
    array_head(t)->exact = 0;
}

static void slide(lua_State *L, Table *t, uint32_t dead) {
    ArrayHead *h = array_head(t);
    uint8_t *tags = array_tags(t);
    uint32_t rest = h->cap - dead;
    memmove(t->array, t->array + dead, rest * sizeof(Value));
    memmove(tags, tags + dead, rest);
    memset(tags + rest, TAG_NIL, dead);
    h->base += dead;
    h->hint = rest;
    h->exact = 0;
    gc_barrier_back_obj(L, t);
}

static uint64_t grown_cap(const ArrayHead *h) {
    if (h->cap == 0) return 4;
    return h->base == 1 ? pow2_ceil((uint64_t)h->cap + 1) : (uint64_t)h->cap + h->cap;
}

/* the key is base + cap */
static bool extend_back(lua_State *L, Table *t, const TValue *val) {
    ArrayHead *h = array_head(t);
    uint32_t cap = h->cap;
    bool exact = false;
    if (h->base > LUA_MAXINTEGER - (lua_Integer)2 * ((lua_Integer)cap + 4)) return false;
    if (h->kind == KIND_VALUE) {
        uint32_t dead = dead_front(t);
        if (dead >= cap - dead) {
            slide(L, t, dead);
            array_store(L, t, cap - dead, val);
            take_from_dict(L, t, cap - dead, dead);
            return true;
        }
        uint32_t live = array_live(t);
        if (((uint64_t)live + 1) * 2 < (uint64_t)cap + 1) return false;
        exact = h->exact && live < cap; /* holes of a constructor: # goes on as in the reference */
    } else if (h->len < cap) {
        return false;
    }
    grow_to(L, t, grown_cap(h), val);
    if (exact) {
        array_head(t)->exact = 1;
        array_head(t)->hint = array_head(t)->cap;
    }
    array_store(L, t, cap, val);
    take_from_dict(L, t, cap, array_head(t)->cap - cap);
    return true;
}

/* The array again with `room` keys more in front. */
static void grow_front(lua_State *L, Table *t, uint64_t room) {
    table_widen(L, t);
    uint32_t old = array_head(t)->cap;
    if (room + old > ARRAY_MAXCAP) mem_toobig(L);
    array_resize(L, t, (uint32_t)room + old, true);
    ArrayHead *h = array_head(t);
    uint8_t *tags = array_tags(t);
    memmove(t->array + room, t->array, old * sizeof(Value));
    memmove(tags + room, tags, old);
    memset(tags, TAG_NIL, room);
    h->base = (lua_Integer)((uint64_t)h->base - room);
    h->hint = h->len;
    h->exact = 0;
    gc_barrier_back_obj(L, t);
}

/* the key is before base, which is not 1 */
static bool extend_front(lua_State *L, Table *t, lua_Integer key, const TValue *val) {
    ArrayHead *h = array_head(t);
    uint64_t distance = (uint64_t)h->base - (uint64_t)key;
    if (distance > h->cap) return false;
    if (((uint64_t)array_live(t) + 1) * 2 < h->cap + distance) return false;
    uint64_t room = h->cap, most = (uint64_t)h->base - (key >= 1 ? 1 : (uint64_t)LUA_MININTEGER);
    if (room > most) room = most;
    grow_front(L, t, room);
    array_store(L, t, array_index(array_head(t), key), val);
    take_from_dict(L, t, 0, room);
    return true;
}

bool array_extend(lua_State *L, Table *t, lua_Integer key, const TValue *val) {
    ArrayHead *h = array_head(t);
    if (array_index(h, key) == h->cap) return extend_back(L, t, val);
    if (h->cap > 0 && h->base != 1 && key < h->base) return extend_front(L, t, key, val);
    return false;
}

void array_fit(lua_State *L, Table *t, uint32_t cap, int kind) {
    ArrayHead *h = array_head(t);
    if (h->base != 1 || h->cap >= cap) return;
    if (cap > ARRAY_MAXCAP) mem_toobig(L);
    uint32_t old = h->cap;
    array_resize(L, t, cap,
                 h->kind == KIND_VALUE || (old == 0 && kind != KIND_INT && kind != KIND_FLT));
    h = array_head(t);
    h->exact = 1;
    h->hint = cap;
    take_from_dict(L, t, old, cap - old);
}

/* ---------------------------------------------------------------------------------------- choosing
 * a range
 *
 * Keys are counted by their distance from the new key, in bins by powers of two on either side,
 * each with the extreme key met. A pair of bins
 * gives a range that ends in real keys on both sides; the pair with the most keys that is at least
 * half full wins. */

typedef struct Bins {
    uint64_t count[64];
    lua_Integer extreme[64]; /* farthest key of the bin */
    uint64_t used;           /* bit set of non-empty bins */
} Bins;

static void bin_add(Bins *b, uint64_t distance, lua_Integer key, bool left) {
    int i = 63 - __builtin_clzll(distance);
    if (!(b->used >> i & 1)) {
        b->used |= UINT64_C(1) << i;
        b->count[i] = 0;
        b->extreme[i] = key;
    }
    b->count[i]++;
    if (left ? key < b->extreme[i] : key > b->extreme[i]) b->extreme[i] = key;
}

static void count_key(Bins bins[2], lua_Integer center, lua_Integer key) {
    if (key < center) bin_add(&bins[0], (uint64_t)center - (uint64_t)key, key, true);
    else if (key > center) bin_add(&bins[1], (uint64_t)key - (uint64_t)center, key, false);
}

static uint64_t count_dict(const Table *t, Bins bins[2], lua_Integer center) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < table_nnodes(t); i++) {
        const Node *node = &table_nodes(t)[i];
        if (node_keytag(node) != TAG_INT || is_nil(&node->val)) continue;
        count_key(bins, center, node->key.i);
        n++;
    }
    return n;
}

static uint64_t count_array(const Table *t, Bins bins[2], lua_Integer center) {
    const ArrayHead *h = array_head(t);
    uint64_t n = 0;
    for (uint32_t i = 0; i < h->len; i++) {
        if (array_tag_at(t, i) == TAG_NIL) continue;
        count_key(bins, center, (lua_Integer)((uint64_t)h->base + i));
        n++;
    }
    return n;
}

static bool half_full(uint64_t count, lua_Integer lo, lua_Integer hi) {
    return count * 2 > (uint64_t)hi - (uint64_t)lo; /* width is one more */
}

static uint64_t best_pair(const Bins bins[2], lua_Integer center, lua_Integer *lo,
                          lua_Integer *hi) {
    uint64_t best = 0, left = 1;
    lua_Integer l = center;
    for (uint64_t lbits = bins[0].used;; lbits &= lbits - 1) {
        uint64_t count = left;
        lua_Integer r = center;
        for (uint64_t rbits = bins[1].used;; rbits &= rbits - 1) {
            if (count > best && half_full(count, l, r)) best = count, *lo = l, *hi = r;
            if (rbits == 0) break;
            int j = __builtin_ctzll(rbits);
            count += bins[1].count[j];
            r = bins[1].extreme[j];
        }
        if (lbits == 0) return best;
        int i = __builtin_ctzll(lbits);
        left += bins[0].count[i];
        l = bins[0].extreme[i];
    }
}

bool array_choose(const Table *t, lua_Integer key, lua_Integer *lo, lua_Integer *hi) {
    Bins bins[2];
    bins[0].used = bins[1].used = 0;
    uint64_t indict = count_dict(t, bins, key) + 1;
    /* counting the array would cost more than these insertions */
    if (indict * 8 < array_head(t)->len) return false;
    uint64_t inarray = count_array(t, bins, key);
    uint64_t best = best_pair(bins, key, lo, hi);
    if (best * 2 < indict + inarray) return false; /* a cluster among scattered keys */
    if (*lo > 1 && half_full(best, 1, *hi)) *lo = 1;
    return best > inarray && (best >= 4 || (*lo == 1 && best > 1)) &&
           (uint64_t)*hi - (uint64_t)*lo < ARRAY_MAXCAP / 4;
}

/* -------------------------------------------------------------------------------- building anew */

typedef struct Layout {
    lua_Integer lo, hi;
    uint64_t ints, flts, others; /* living elements in the range */
    uint64_t outside;            /* living keys for the dictionary */
} Layout;

static bool layout_has(const Layout *y, lua_Integer key) { return key >= y->lo && key <= y->hi; }

static void layout_count(Layout *y, uint32_t tag) {
    uint64_t *n = tag == TAG_INT ? &y->ints : tag == TAG_FLT ? &y->flts : &y->others;
    ++*n;
}

static void layout_survey(Layout *y, const Table *t) {
    const ArrayHead *h = array_head(t);
    for (uint32_t i = 0; i < h->len; i++) {
        uint32_t tag = array_tag_at(t, i);
        if (tag == TAG_NIL) continue;
        if (layout_has(y, (lua_Integer)((uint64_t)h->base + i))) layout_count(y, tag);
        else y->outside++;
    }
    for (uint32_t i = 0; i < table_nnodes(t); i++) {
        const Node *n = &table_nodes(t)[i];
        if (is_nil(&n->val) || node_keytag(n) == TAG_NIL) continue;
        if (node_keytag(n) == TAG_INT && layout_has(y, n->key.i)) layout_count(y, n->val.tag);
        else y->outside++;
    }
}

/* kind, capacity and base of the new array; front room if it is being filled backward */
static ArrayHead layout_head(const Layout *y, lua_Integer key) {
    uint64_t n = (uint64_t)y->hi - (uint64_t)y->lo + 1;
    int kind = y->ints == n ? KIND_INT : y->flts == n ? KIND_FLT : KIND_VALUE;
    uint64_t front = 0;
    if (key == y->lo && key != 1) {
        uint64_t most = (uint64_t)key - (key >= 1 ? 1 : (uint64_t)LUA_MININTEGER);
        front = n < most ? n : most;
        kind = KIND_VALUE;
    }
    lua_Integer base = (lua_Integer)((uint64_t)y->lo - front);
    uint64_t cap = base == 1 ? pow2_ceil(n + front) : n + front + n / 4;
    uint64_t most = (uint64_t)LUA_MAXINTEGER - (uint64_t)base;
    if (cap > most) cap = n + front;
    return (ArrayHead){.base = base,
                       .len = (uint32_t)n,
                       .cap = (uint32_t)cap,
                       .kind = (uint8_t)kind,
                       .hint = (uint32_t)(n + front)};
}

/* What the array has room for belongs to it, too; typed only if there is nothing in that room. */
static ArrayHead layout_settle(Layout *y, const Table *t, lua_Integer key, const TValue *val) {
    layout_survey(y, t);
    layout_count(y, val->tag);
    ArrayHead h = layout_head(y, key);
    *y = (Layout){.lo = h.base, .hi = (lua_Integer)((uint64_t)h.base + h.cap - 1)};
    layout_survey(y, t);
    layout_count(y, val->tag);
    if (h.kind == KIND_VALUE || y->ints + y->flts + y->others != h.len) {
        h.kind = KIND_VALUE;
        h.hastags = 1;
        h.len = h.cap;
    }
    return h;
}

/* element of the new array */
static void layout_put(ArrayHead *h, lua_Integer key, const TValue *val) {
    Value *p = (Value *)(void *)(h + 1);
    uint64_t i = array_index(h, key);
    p[i] = val->v;
    if (h->hastags) ((uint8_t *)(p + h->cap))[i] = (uint8_t)val->tag;
}

static void layout_move_array(const Layout *y, const Table *t, ArrayHead *to, PropsHead *dict) {
    const ArrayHead *h = array_head(t);
    for (uint32_t i = 0; i < h->len; i++) {
        TValue v;
        set_parts(&v, t->array[i], array_tag_at(t, i));
        if (is_nil(&v)) continue;
        lua_Integer key = (lua_Integer)((uint64_t)h->base + i);
        if (layout_has(y, key)) layout_put(to, key, &v);
        else set_value(&dict_place(dict, (Value){.i = key}, TAG_INT)->val, &v);
    }
}

static bool layout_claims(const Node *n, const void *ud) {
    return node_keytag(n) == TAG_INT && layout_has(ud, n->key.i);
}

static void layout_move_dict(const Layout *y, const Table *t, ArrayHead *to, PropsHead *dict) {
    for (uint32_t i = 0; i < table_nnodes(t); i++) {
        const Node *n = &table_nodes(t)[i];
        if (!is_nil(&n->val) && layout_claims(n, y)) layout_put(to, n->key.i, &n->val);
    }
    dict_copy(t, dict, layout_claims, y);
}

void array_relayout(lua_State *L, Table *t, lua_Integer lo, lua_Integer hi, lua_Integer key,
                    const TValue *val) {
    Layout y = {.lo = lo, .hi = hi};
    ArrayHead head = layout_settle(&y, t, key, val);
    ArrayHead *to = mem_alloc(L, array_bytes(&head));
    PropsHead *dict = props_try_new(L, t->props->nslots, dict_log_for(y.outside));
    if (dict == NULL) {
        mem_free(L, to, array_bytes(&head));
        state_throw(L, LUA_ERRMEM);
    }
    *to = head;
    if (head.hastags) memset((char *)to + array_bytes(&head) - head.cap, TAG_NIL, head.cap);
    layout_move_array(&y, t, to, dict);
    layout_move_dict(&y, t, to, dict);
    layout_put(to, key, val);
    array_free(L, array_head(t));
    t->array = (Value *)(void *)(to + 1);
    props_install(L, t, dict);
    gc_barrier_back_obj(L, t);
}

bool table_move_within(lua_State *L, Table *t, lua_Integer from, lua_Integer to, lua_Unsigned n) {
    ArrayHead *h = array_head(t);
    uint64_t f = array_index(h, from), d = array_index(h, to);
    if (f >= h->len || d >= h->len || n > h->len - f || n > h->len - d || h->kind == KIND_ZEROS)
        return n == 0;
    memmove(t->array + d, t->array + f, n * sizeof(Value));
    if (h->kind == KIND_VALUE) {
        memmove(array_tags(t) + d, array_tags(t) + f, n);
        gc_barrier_back_obj(L, t);
    }
    return true;
}
