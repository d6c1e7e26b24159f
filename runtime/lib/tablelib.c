// SPDX-License-Identifier: MIT
/*
 * The table library (manual, section 6.6). A table without metatable is "plain": its
 * elements may be read and written raw, everything else goes the way that the manual says.
 *
 * Sorting. The order function, and the metamethod __lt, can see which comparisons are
 * made, and the order of equal elements tells the algorithm; scripts depend on that. So
 * there the sort is the quicksort of the reference implementation, comparison by
 * comparison, on a permutation of a snapshot of the elements. Where nobody can see it
 * (only integers, only floats, only strings, by `<`), keys are merged in C.
 * The elements go back to the table after the last comparison.
 */
#include "lib.h"

#include <limits.h>
#include <locale.h>
#include <math.h>

#include "lualib.h"
#include "object/table.h"

#include "builtins.h"
#include "format.h"

enum {
    NEEDS_READ = 1,
    NEEDS_WRITE = 2,
    NEEDS_LENGTH = 4,
    NEEDS_BOTH = NEEDS_READ | NEEDS_WRITE,
};

enum {
    BATCH = 16,              /* values that may be pushed without asking for stack */
    CONCAT_SNAPSHOT = 1000,  /* elements that concat holds on the stack */
    SORT_SNAPSHOT = 200000,  /* elements that sort holds on the stack */
    SORT_SMALL = 64,         /* elements whose sort needs no memory but the C stack */
};

/* ---- access ---- */

static inline bool is_plain(lua_State *L, int arg) {
    if (lua_type(L, arg) != LUA_TTABLE) {
        return false;
    }
    if (LIB_LIKELY(!lua_getmetatable(L, arg))) {
        return true;
    }
    lua_pop(L, 1);
    return false;
}

/*
 * Pushes t[i]; its type. That t is plain permits direct access to its parts;
 * through the API, lua_geti and lua_seti are at least as fast as raw access.
 */
static inline int get(lua_State *L, int t, bool plain, lua_Integer i) {
    (void)plain;
    return lua_geti(L, t, i);
}

/* t[i] = the value at the top, which is popped. */
static inline void set(lua_State *L, int t, bool plain, lua_Integer i) {
    (void)plain;
    lua_seti(L, t, i);
}

static bool has_field(lua_State *L, const char *name, int *pushed) {
    lua_pushstring(L, name);
    ++*pushed;
    return lua_rawget(L, -*pushed) != LUA_TNIL;
}

/* Something that is no table must have the metamethods to be used like one. */
static void check_table(lua_State *L, int arg, int needs) {
    if (lua_type(L, arg) == LUA_TTABLE) {
        return;
    }
    int pushed = 1;
    if (lua_getmetatable(L, arg) &&
        (!(needs & NEEDS_READ) || has_field(L, "__index", &pushed)) &&
        (!(needs & NEEDS_WRITE) || has_field(L, "__newindex", &pushed)) &&
        (!(needs & NEEDS_LENGTH) || has_field(L, "__len", &pushed))) {
        lua_pop(L, pushed);
    } else {
        luaL_checktype(L, arg, LUA_TTABLE);
    }
}

/* The length of argument 1; tells whether it is plain. */
static inline lua_Integer length_of(lua_State *L, int needs, bool *plain) {
    *plain = is_plain(L, 1);
    if (LIB_LIKELY(*plain)) {
        return (lua_Integer)lua_rawlen(L, 1);
    }
    check_table(L, 1, needs | NEEDS_LENGTH);
    return luaL_len(L, 1);
}

/* ---- insert, remove, move ---- */

/* Elements of a plain table that lie in its array part move as a block. */
static bool move_block(lua_State *L, bool plain, lua_Integer from, lua_Integer to, lua_Integer n) {
    return plain && table_move_within(L, as_table(L->ci->func + 1), from, to, (lua_Unsigned)n);
}

/* t[i + 1] = t[i] for i from `last` down to `first`. */
static void shift_up(lua_State *L, bool plain, lua_Integer first, lua_Integer last) {
    unsigned fuel = LIB_POLL_STEPS;
    if (first > last)
        return;
    if (plain) { /* the last one may make the array longer; then there is room for the others */
        get(L, 1, plain, last);
        set(L, 1, plain, last + 1);
        if (move_block(L, plain, first, first + 1, last - first))
            return;
        last--;
    }
    for (lua_Integer i = last; i >= first; i--) {
        get(L, 1, plain, i);
        set(L, 1, plain, i + 1);
        lib_step(L, &fuel);
    }
}

/* t[i] = t[i + 1] for i from `first` to `last`. */
static void shift_down(lua_State *L, bool plain, lua_Integer first, lua_Integer last) {
    unsigned fuel = LIB_POLL_STEPS;
    if (first > last || move_block(L, plain, first + 1, first, last - first + 1))
        return;
    for (lua_Integer i = first; i <= last; i++) {
        get(L, 1, plain, i + 1);
        set(L, 1, plain, i);
        lib_step(L, &fuel);
    }
}

static int tab_insert(lua_State *L) {
    bool plain;
    lua_Integer end = (lua_Integer)((lua_Unsigned)length_of(L, NEEDS_BOTH, &plain) + 1);
    lua_Integer pos = end;
    int top = lua_gettop(L);
    if (top == 3) {
        pos = lib_checkint(L, 2);
        /* a position in [1, end] */
        luaL_argcheck(L, (lua_Unsigned)pos - 1u < (lua_Unsigned)end, 2, "position out of bounds");
        shift_up(L, plain, pos, end - 1);
    } else if (top != 2) {
        return luaL_error(L, "wrong number of arguments to 'insert'");
    }
    set(L, 1, plain, pos);
    return 0;
}

static int tab_remove(lua_State *L) {
    bool plain;
    lua_Integer size = length_of(L, NEEDS_BOTH, &plain);
    lua_Integer pos = lib_optint(L, 2, lua_gettop(L), size);
    if (pos != size) { /* a position in [1, size + 1] */
        luaL_argcheck(L, (lua_Unsigned)pos - 1u <= (lua_Unsigned)size, 2,
                      "position out of bounds");
    }
    get(L, 1, plain, pos);
    if (pos < size) {
        shift_down(L, plain, pos, size - 1);
        pos = size;
    }
    lua_pushnil(L);
    set(L, 1, plain, pos);
    return 1;
}

/* Copies n elements from f.. to t.. of another table or place, the first one first. */
static void move_forward(lua_State *L, int to, lua_Integer f, lua_Integer t, lua_Integer n) {
    bool from_plain = is_plain(L, 1), to_plain = is_plain(L, to);
    if (to == 1 && move_block(L, from_plain, f, t, n))
        return;
    for (lua_Integer k = 0; k < n;) {
        lua_Integer stop = n - k > LIB_POLL_STEPS ? k + LIB_POLL_STEPS : n;
        for (; k < stop; k++) {
            get(L, 1, from_plain, f + k);
            set(L, to, to_plain, t + k);
        }
        lib_poll(L);
    }
}

/* The same, the last one first. */
static void move_backward(lua_State *L, int to, lua_Integer f, lua_Integer t, lua_Integer n) {
    bool from_plain = is_plain(L, 1), to_plain = is_plain(L, to);
    if (to == 1 && move_block(L, from_plain, f, t, n))
        return;
    for (lua_Integer k = n; k > 0;) {
        lua_Integer stop = k > LIB_POLL_STEPS ? k - LIB_POLL_STEPS : 0;
        for (; k > stop; k--) {
            get(L, 1, from_plain, f + (k - 1));
            set(L, to, to_plain, t + (k - 1));
        }
        lib_poll(L);
    }
}

static int tab_move(lua_State *L) {
    lua_Integer f = lib_checkint(L, 2), e = lib_checkint(L, 3), t = lib_checkint(L, 4);
    int to = lua_isnoneornil(L, 5) ? 1 : 5;
    check_table(L, 1, NEEDS_READ);
    check_table(L, to, NEEDS_WRITE);
    if (e >= f) {
        luaL_argcheck(L, f > 0 || e < LUA_MAXINTEGER + f, 3, "too many elements to move");
        lua_Integer n = e - f + 1;
        luaL_argcheck(L, t <= LUA_MAXINTEGER - n + 1, 4, "destination wrap around");
        bool overlaps = t > f && t <= e && (to == 1 || lua_compare(L, 1, to, LUA_OPEQ));
        if (overlaps) {
            move_backward(L, to, f, t, n);
        } else {
            move_forward(L, to, f, t, n);
        }
    }
    lua_pushvalue(L, to);
    return 1;
}

/* ---- concat ---- */

typedef struct {
    lua_State *L;
    bool plain;
    const char *sep;
    size_t seplen;
    lua_Integer first, last;
} Concat;

static void bad_element(const Concat *c, lua_Integer i) {
    luaL_error(c->L, "invalid value (%s) at index %I in table for 'concat'",
               luaL_typename(c->L, -1), (LUAI_UACINT)i);
}

/*
 * Pushes all elements and adds up what they take. Floats become strings here,
 * integers stay; `*integers` tells whether there are any.
 */
static size_t push_elements(const Concat *c, bool *integers) {
    lua_State *L = c->L;
    size_t total = 0;
    char digits[FORMAT_INTEGER_SIZE];
    for (lua_Integer i = c->first;; i++) {
        int type = get(L, 1, c->plain, i);
        if (LIB_LIKELY(type == LUA_TSTRING)) {
            total += (size_t)lua_rawlen(L, -1);
        } else if (type != LUA_TNUMBER) {
            bad_element(c, i);
        } else if (lua_isinteger(L, -1)) {
            total += format_integer(digits, lua_tointegerx(L, -1, NULL));
            *integers = true;
        } else {
            size_t len;
            lua_tolstring(L, -1, &len);
            total += len;
        }
        if (i == c->last) {
            return total;
        }
    }
}

static inline char *put(char *out, const char *s, size_t len) {
    lib_copy(out, s, len);
    return out + len;
}

/* Writes the element at a stack index. */
static inline char *put_element(lua_State *L, char *out, int index, bool integers) {
    if (integers && lua_isinteger(L, index)) {
        return out + format_integer(out, lua_tointegerx(L, index, NULL));
    }
    size_t len;
    const char *s = lua_tolstring(L, index, &len);
    return put(out, s, len);
}

/* All elements on the stack, then one buffer of the right size. */
static void concat_snapshot(const Concat *c, int count) {
    lua_State *L = c->L;
    LibRoom room;
    bool integers = false;
    luaL_checkstack(L, count + BATCH, "too many elements");
    int base = lua_gettop(L);
    size_t total = push_elements(c, &integers) + (size_t)(count - 1) * c->seplen;
    char *out = lib_room(L, &room, total);
    out = put_element(L, out, base + 1, integers);
    for (int k = 2; k <= count; k++) {
        out = put(out, c->sep, c->seplen);
        out = put_element(L, out, base + k, integers);
    }
    lib_push(L, &room, total);
}

/* Moves the value at the top to the buffer. */
static void add_element(const Concat *c, luaL_Buffer *b, lua_Integer i, int type) {
    lua_State *L = c->L;
    if (type != LUA_TSTRING && type != LUA_TNUMBER) {
        bad_element(c, i);
    }
    if (type == LUA_TNUMBER && lua_isinteger(L, -1)) {
        char digits[FORMAT_INTEGER_SIZE];
        size_t len = format_integer(digits, lua_tointegerx(L, -1, NULL));
        lua_pop(L, 1);
        lib_add(b, digits, len);
        return;
    }
    size_t len;
    const char *s = lua_tolstring(L, -1, &len);
    if (LIB_LIKELY(b->size - b->n >= len)) {
        lib_add(b, s, len);
        lua_pop(L, 1);
    } else {
        luaL_addvalue(b);
    }
}

/* Element by element into a growing buffer. */
static void concat_stream(const Concat *c) {
    lua_State *L = c->L;
    luaL_Buffer b;
    unsigned fuel = LIB_POLL_STEPS;
    luaL_buffinit(L, &b);
    for (lua_Integer i = c->first;; i++) {
        add_element(c, &b, i, get(L, 1, c->plain, i));
        if (i == c->last) {
            break;
        }
        lib_add(&b, c->sep, c->seplen);
        lib_step(L, &fuel);
    }
    luaL_pushresult(&b);
}

static int tab_concat(lua_State *L) {
    Concat c;
    int top = lua_gettop(L);
    c.L = L;
    lua_Integer size = length_of(L, NEEDS_READ, &c.plain);
    c.sep = "";
    c.seplen = 0;
    if (top >= 2) {
        c.sep = luaL_optlstring(L, 2, "", &c.seplen);
    }
    c.first = lib_optint(L, 3, top, 1);
    c.last = lib_optint(L, 4, top, size);
    if (c.first > c.last) {
        lua_pushliteral(L, "");
        return 1;
    }
    lua_Unsigned more = (lua_Unsigned)c.last - (lua_Unsigned)c.first;
    if (more < CONCAT_SNAPSHOT) {
        concat_snapshot(&c, (int)more + 1);
    } else {
        concat_stream(&c);
    }
    return 1;
}

/* ---- pack, unpack ---- */

static int tab_pack(lua_State *L) {
    int n = lua_gettop(L);
    lua_createtable(L, n, 1);
    lua_insert(L, 1);
    for (int i = n; i >= 1; i--) {
        lua_rawseti(L, 1, i);
    }
    lua_pushinteger(L, n);
    lua_setfield(L, 1, "n");
    return 1;
}

static int tab_unpack(lua_State *L) {
    int top = lua_gettop(L);
    bool plain = is_plain(L, 1);
    lua_Integer first = lib_optint(L, 2, top, 1);
    lua_Integer last;
    if (top < 3 || lua_isnil(L, 3)) {
        last = plain ? (lua_Integer)lua_rawlen(L, 1) : luaL_len(L, 1);
    } else {
        last = lib_checkint(L, 3);
    }
    if (first > last) {
        return 0;
    }
    lua_Unsigned more = (lua_Unsigned)last - (lua_Unsigned)first;
    if (more >= BATCH && (more >= INT_MAX || !lua_checkstack(L, (int)more + 1))) {
        return luaL_error(L, "too many results to unpack");
    }
    for (lua_Unsigned k = 0; k <= more; k++) {
        get(L, 1, plain, first + (lua_Integer)k);
    }
    return (int)more + 1;
}

/* ---- sort: keys that C can compare ---- */

/*
 * An element by its rank: integers and floats in a form that sorts as unsigned,
 * strings by their first eight bytes, the rest being looked up by index.
 */
typedef struct {
    uint64_t rank;
    uint32_t index;
} SortKey;

typedef struct {
    const char *s;
    size_t len;
} SortString;

typedef struct {
    lua_State *L;
    const SortString *strings; /* NULL: ranks say it all */
    unsigned fuel;
} KeyOrder;

static const uint64_t top_bit = (uint64_t)1 << 63;

static uint64_t rank_integer(lua_Integer n) {
    return (uint64_t)n ^ top_bit;
}

static uint64_t rank_float(lua_Number x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits & top_bit ? ~bits : bits | top_bit;
}

static lua_Number unrank_float(uint64_t rank) {
    uint64_t bits = rank & top_bit ? rank ^ top_bit : ~rank;
    lua_Number x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static uint64_t rank_string(const SortString *s) {
    uint64_t rank = 0;
    memcpy(&rank, s->s, s->len < 8 ? s->len : 8);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    rank = __builtin_bswap64(rank);
#endif
    return rank;
}

static bool string_less(const SortString *a, const SortString *b) {
    int order = memcmp(a->s, b->s, a->len < b->len ? a->len : b->len);
    return order != 0 ? order < 0 : a->len < b->len;
}

static inline bool key_less(const KeyOrder *o, const SortKey *a, const SortKey *b) {
    if (a->rank != b->rank || o->strings == NULL) {
        return a->rank < b->rank;
    }
    return string_less(&o->strings[a->index], &o->strings[b->index]);
}

static void insertion_sort(const KeyOrder *o, SortKey *keys, size_t n) {
    for (size_t i = 1; i < n; i++) {
        SortKey key = keys[i];
        size_t j = i;
        for (; j > 0 && key_less(o, &key, &keys[j - 1]); j--) {
            keys[j] = keys[j - 1];
        }
        keys[j] = key;
    }
}

/* Merges the sorted halves of keys[0 .. n); `spare` has room for the first. */
static void merge(const KeyOrder *o, SortKey *keys, size_t half, size_t n, SortKey *spare) {
    memcpy(spare, keys, half * sizeof *keys);
    size_t i = 0, j = half, k = 0;
    while (i < half && j < n) {
        bool second = key_less(o, &keys[j], &spare[i]);
        keys[k++] = second ? keys[j] : spare[i];
        i += !second;
        j += second;
    }
    memcpy(keys + k, spare + i, (half - i) * sizeof *keys);
}

static void merge_sort(KeyOrder *o, SortKey *keys, size_t n, SortKey *spare) {
    lib_step(o->L, &o->fuel);
    if (n <= 12) {
        insertion_sort(o, keys, n);
        return;
    }
    size_t half = n / 2;
    merge_sort(o, keys, half, spare);
    merge_sort(o, keys + half, n - half, spare);
    if (key_less(o, &keys[half], &keys[half - 1])) {
        merge(o, keys, half, n, spare);
    }
}

/* `size` bytes: from the C frame, or a userdata that stays on the stack. */
static void *scratch(lua_State *L, void *small, size_t smallsize, size_t size) {
    return size <= smallsize ? small : lua_newuserdatauv(L, size, 0);
}

/* ---- sort: numbers ---- */

/* Reads the elements as keys if all are integers, or all floats without NaN and -0. */
static bool read_numbers(lua_State *L, SortKey *keys, uint32_t n, bool integers) {
    for (uint32_t i = 0; i < n; i++) {
        if (get(L, 1, true, (lua_Integer)i + 1) != LUA_TNUMBER ||
            lua_isinteger(L, -1) != (int)integers) {
            lua_pop(L, 1);
            return false;
        }
        if (integers) {
            keys[i] = (SortKey){rank_integer(lua_tointegerx(L, -1, NULL)), i};
        } else {
            lua_Number x = lua_tonumberx(L, -1, NULL);
            keys[i] = (SortKey){rank_float(x), i};
            if (isnan(x) || (x == 0 && signbit(x))) {
                lua_pop(L, 1);
                return false;
            }
        }
        lua_pop(L, 1);
    }
    return true;
}

static void write_numbers(lua_State *L, const SortKey *keys, uint32_t n, bool integers) {
    for (uint32_t i = 0; i < n; i++) {
        if (integers) {
            lua_pushinteger(L, (lua_Integer)(keys[i].rank ^ top_bit));
        } else {
            lua_pushnumber(L, unrank_float(keys[i].rank));
        }
        set(L, 1, true, (lua_Integer)i + 1);
    }
}

static bool sort_numbers(lua_State *L, uint32_t n, bool integers) {
    SortKey small[SORT_SMALL + SORT_SMALL / 2];
    SortKey *keys = scratch(L, small, sizeof small, (n + n / 2) * sizeof *keys);
    bool done = read_numbers(L, keys, n, integers);
    if (done) {
        KeyOrder o = {L, NULL, LIB_POLL_STEPS};
        merge_sort(&o, keys, n, keys + n);
        write_numbers(L, keys, n, integers);
    }
    lua_settop(L, 2);
    return done;
}

/* ---- sort: snapshots ---- */

/* Puts the elements on the stack, above index 3; false if there is no room. */
static bool push_snapshot(lua_State *L, uint32_t n) {
    if (n > SORT_SNAPSHOT || !lua_checkstack(L, (int)n + BATCH)) {
        return false;
    }
    for (uint32_t i = 1; i <= n; i++) {
        get(L, 1, true, i);
    }
    return true;
}

/* Strings compare as bytes? Otherwise as the locale says. */
static bool collates_by_bytes(void) {
    const char *name = setlocale(LC_COLLATE, NULL);
    return name != NULL && (strcmp(name, "C") == 0 || strcmp(name, "POSIX") == 0);
}

/* The snapshot above `base` as keys, if all of it is strings. */
static bool read_strings(lua_State *L, int base, SortKey *keys, SortString *strings, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        int index = base + 1 + (int)i;
        if (lua_type(L, index) != LUA_TSTRING) {
            return false;
        }
        strings[i].s = lua_tolstring(L, index, &strings[i].len);
        keys[i] = (SortKey){rank_string(&strings[i]), i};
    }
    return true;
}

static bool sort_strings(lua_State *L, int base, uint32_t n) {
    SortKey smallkeys[SORT_SMALL + SORT_SMALL / 2];
    SortString smallstrings[SORT_SMALL];
    if (lua_type(L, base + 1) != LUA_TSTRING || !collates_by_bytes()) {
        return false;
    }
    SortKey *keys = scratch(L, smallkeys, sizeof smallkeys, (n + n / 2) * sizeof *keys);
    SortString *strings = scratch(L, smallstrings, sizeof smallstrings, n * sizeof *strings);
    bool done = read_strings(L, base, keys, strings, n);
    if (done) {
        KeyOrder o = {L, strings, LIB_POLL_STEPS};
        merge_sort(&o, keys, n, keys + n);
        for (uint32_t i = 0; i < n; i++) {
            lua_pushvalue(L, base + 1 + (int)keys[i].index);
            set(L, 1, true, (lua_Integer)i + 1);
        }
    }
    lua_settop(L, base + (int)n);
    return done;
}

/* ---- sort: the observable one ---- */

/*
 * Elements are named by their position, and PIVOT is a copy of the pivot. With a
 * snapshot, order[i] is the stack index of element i; without, the table is sorted in place, and
 * the pivot is kept at stack index 3.
 */
enum { PIVOT = 0, PIVOT_INDEX = 3, MANY = 100 };

typedef struct {
    lua_State *L;
    int *order; /* NULL: in place */
    bool plain;
    bool function; /* argument 2 is the order */
    unsigned fuel;
} Sorter;

static inline void push_at(const Sorter *s, uint32_t i) {
    if (s->order != NULL) {
        lua_pushvalue(s->L, s->order[i]);
    } else if (i == PIVOT) {
        lua_pushvalue(s->L, PIVOT_INDEX);
    } else {
        get(s->L, 1, s->plain, i);
    }
}

static bool function_less(const Sorter *s, uint32_t a, uint32_t b) {
    lua_State *L = s->L;
    lua_pushvalue(L, 2);
    push_at(s, a);
    push_at(s, b);
    lua_call(L, 2, 1);
    bool less = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return less;
}

/* Element a before element b? */
static bool less(Sorter *s, uint32_t a, uint32_t b) {
    lua_State *L = s->L;
    lib_step(L, &s->fuel);
    if (s->function) {
        return function_less(s, a, b);
    }
    if (s->order != NULL) {
        return lua_compare(L, s->order[a], s->order[b], LUA_OPLT);
    }
    push_at(s, a);
    push_at(s, b);
    bool result = lua_compare(L, -2, -1, LUA_OPLT);
    lua_pop(L, 2);
    return result;
}

static void swap(const Sorter *s, uint32_t a, uint32_t b) {
    if (s->order != NULL) {
        int index = s->order[a];
        s->order[a] = s->order[b];
        s->order[b] = index;
    } else {
        push_at(s, a);
        push_at(s, b);
        set(s->L, 1, s->plain, a);
        set(s->L, 1, s->plain, b);
    }
}

static void take_pivot(const Sorter *s, uint32_t i) {
    if (s->order != NULL) {
        s->order[PIVOT] = s->order[i];
    } else {
        push_at(s, i);
        lua_replace(s->L, PIVOT_INDEX);
    }
}

static void bad_order(const Sorter *s) {
    luaL_error(s->L, "invalid order function for sorting");
}

/*
 * Partitions lo .. up, whose first is not greater than the pivot and whose last is not
 * less; the pivot stands next to last. Both scans run into elements that stop
 * them, unless the order is inconsistent. Returns the pivot's final place.
 */
static uint32_t partition(Sorter *s, uint32_t lo, uint32_t up) {
    uint32_t i = lo, j = up - 1;
    for (;;) {
        while (less(s, ++i, PIVOT)) {
            if (i == up - 1) {
                bad_order(s);
            }
        }
        while (less(s, PIVOT, --j)) {
            if (j < i) {
                bad_order(s);
            }
        }
        if (j < i) {
            swap(s, up - 1, i);
            return i;
        }
        swap(s, i, j);
    }
}

/* A pivot for lo .. up: the middle, or when partitions went badly, somewhere around it. */
static uint32_t choose_pivot(uint32_t lo, uint32_t up, unsigned random) {
    if (up - lo < MANY || random == 0) {
        return lo + (up - lo) / 2;
    }
    uint32_t quarter = (up - lo) / 4;
    return random % (quarter * 2) + lo + quarter;
}

/* Orders the elements lo, p and up among each other; false if that was all there is. */
static bool order_three(Sorter *s, uint32_t lo, uint32_t up, unsigned random, uint32_t *p) {
    if (less(s, up, lo)) {
        swap(s, lo, up);
    }
    if (up - lo == 1) {
        return false;
    }
    *p = choose_pivot(lo, up, random);
    if (less(s, *p, lo)) {
        swap(s, *p, lo);
    } else if (less(s, up, *p)) {
        swap(s, *p, up);
    }
    return up - lo > 2;
}

static unsigned randomize(const Sorter *s, uint32_t lo, uint32_t up) {
    uint64_t x = ((uint64_t)(uintptr_t)s ^ ((uint64_t)lo << 32 | up)) * 0x9e3779b97f4a7c15u;
    return (unsigned)(x >> 32) | 1;
}

/* Recurs into the smaller part only, so that the depth is logarithmic. */
static void quicksort(Sorter *s, uint32_t lo, uint32_t up, unsigned random) {
    uint32_t p, smaller;
    while (lo < up && order_three(s, lo, up, random, &p)) {
        take_pivot(s, p);
        swap(s, p, up - 1);
        p = partition(s, lo, up);
        if (p - lo < up - p) {
            quicksort(s, lo, p - 1, random);
            smaller = p - lo;
            lo = p + 1;
        } else {
            quicksort(s, p + 1, up, random);
            smaller = up - p;
            up = p - 1;
        }
        if (up > lo && (up - lo) / 128 > smaller) {
            random = randomize(s, lo, up);
        }
    }
}

/* Sorts the snapshot above `base` and writes it back. */
static void sort_snapshot(Sorter *s, int base, uint32_t n) {
    int small[SORT_SMALL + 1];
    s->order = scratch(s->L, small, sizeof small, ((size_t)n + 1) * sizeof *s->order);
    for (uint32_t i = 1; i <= n; i++) {
        s->order[i] = base + (int)i;
    }
    quicksort(s, 1, n, 0);
    for (uint32_t i = 1; i <= n; i++) {
        if (s->order[i] != base + (int)i) {
            lua_pushvalue(s->L, s->order[i]);
            set(s->L, 1, true, i);
        }
    }
}

static void sort_any(lua_State *L, uint32_t n, bool plain, bool function) {
    Sorter s = {L, NULL, plain, function, LIB_POLL_STEPS};
    lua_settop(L, PIVOT_INDEX);
    int base = lua_gettop(L);
    if (!plain || !push_snapshot(L, n)) {
        quicksort(&s, 1, n, 0);
    } else if (function || !sort_strings(L, base, n)) {
        sort_snapshot(&s, base, n);
    }
}

static int tab_sort(lua_State *L) {
    bool plain;
    lua_Integer n = length_of(L, NEEDS_BOTH, &plain);
    if (n < 2) {
        return 0;
    }
    luaL_argcheck(L, n < INT_MAX, 1, "array too big");
    bool function = !lua_isnoneornil(L, 2);
    if (function) {
        luaL_checktype(L, 2, LUA_TFUNCTION);
    }
    lua_settop(L, 2);
    if (plain && !function && get(L, 1, true, 1) == LUA_TNUMBER) {
        bool integers = lua_isinteger(L, -1);
        lua_pop(L, 1);
        if (sort_numbers(L, (uint32_t)n, integers)) {
            return 0;
        }
    }
    sort_any(L, (uint32_t)n, plain, function);
    return 0;
}

const luaL_Reg lib_table_functions[] = {
    {"concat", tab_concat}, {"insert", tab_insert}, {"move", tab_move}, {"pack", tab_pack},
    {"remove", tab_remove}, {"sort", tab_sort},     {"unpack", tab_unpack},
    {NULL, NULL},
};

LUAMOD_API int luaopen_table(lua_State *L) {
    luaL_newlib(L, lib_table_functions);
    return 1;
}
