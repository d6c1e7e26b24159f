// SPDX-License-Identifier: MIT
/*
 * Patterns: compiler, per-state cache, and matcher.
 *
 * A pattern has no alternation, so it is a straight list of items, and how many
 * captures are open at each of them is known beforehand. Compiling once buys sets
 * as bitmaps, literal runs as one comparison, the search for a first byte by
 * memchr, and captures that need no undoing: an item before the point of
 * backtracking was executed last by the path that leads there, and an item
 * after it is executed again before anything reads it.
 *
 * A malformed part becomes an item that raises its error when the matcher reaches it,
 * because Lua reports malformed patterns only then.
 *
 *   Program │ header │ items … END │ bitmaps │ literal bytes │ text of the pattern │
 *
 * Invariants: a program holds offsets only, so it can be copied; the last item
 * never falls through (END, DOLLAR or ERROR); recursion of the matcher is bounded by
 * the depth that it is given, counted as 5.4 counts it.
 */

#include "pattern.h"

#include <ctype.h>

enum { MAX_DEPTH = 200, CACHE_SLOTS = 64, CACHED_TEXT = 64, MIN_PROGRAM = 256 };

/* Depth that captures between an expansion and what follows it can use up. */
enum { CAPTURE_DEPTH = 2 * PATTERN_MAX_CAPTURES + 2 };

typedef struct {
    uint64_t words[4];
} Bitmap;

typedef enum {
    ITEM_END,      /* success */
    ITEM_DOLLAR,   /* success at the subject's end */
    ITEM_LITERAL,  /* bytes literals[at .. at+len) */
    ITEM_ONE,      /* one byte of the item's kind */
    ITEM_OPTIONAL, /* kind? */
    ITEM_STAR,     /* kind* */
    ITEM_PLUS,     /* kind+ */
    ITEM_MINUS,    /* kind- */
    ITEM_OPEN,     /* captures[n] begins */
    ITEM_CLOSE,    /* captures[n] ends */
    ITEM_HERE,     /* captures[n] is a position */
    ITEM_BACKREF,  /* the text of captures[n] again */
    ITEM_BALANCE,  /* %bxy: byte, second */
    ITEM_FRONTIER, /* %f[set] */
    ITEM_ERROR,    /* malformed[n] is raised, with the number `at` */
} ItemOp;

typedef enum { KIND_ANY, KIND_BYTE, KIND_SET } ItemKind;

enum {
    ONLY_LONGEST = 1, /* a shorter repetition cannot succeed where the longest fails */
    THEN_BYTE = 2,    /* `then` is the byte that must follow */
};

typedef struct {
    uint8_t op, kind;
    uint8_t byte; /* KIND_BYTE, ITEM_BALANCE */
    uint8_t n;    /* capture, or message */
    uint8_t flags, then, second;
    uint32_t at;  /* bitmap or literal */
    uint32_t len; /* of a literal */
} Item;

typedef enum { LEAD_NONE, LEAD_BYTE, LEAD_SET, LEAD_LITERAL } Lead;

struct Program {
    size_t size;     /* of the whole block, as used */
    size_t capacity; /* of the userdata that it is in */
    uint32_t sets, literals, text; /* offsets; see the picture above */
    uint32_t nitems;
    uint32_t leaditem; /* the item that `lead` describes */
    uint8_t ncaptures, lead;
    Item items[];
};

/* Letters of character classes, in alphabetical order; the upper-case letter complements. */
static const struct {
    char letter;
    int (*has)(int);
} ctypeclasses[] = {
    {'a', isalpha}, {'c', iscntrl}, {'d', isdigit}, {'g', isgraph}, {'l', islower},
    {'p', ispunct}, {'s', isspace}, {'u', isupper}, {'w', isalnum}, {'x', isxdigit},
};

enum {
    NCTYPES = sizeof ctypeclasses / sizeof ctypeclasses[0],
    CLASS_ZERO = NCTYPES, /* %z, deprecated: the byte 0 */
    NCLASSES
};

/* Length and ends of a pattern: all of it, up to EXACT_KEY bytes. */
typedef struct {
    size_t len;
    uint64_t first, last;
} TextKey;

enum { EXACT_KEY = 16 };

typedef struct {
    TextKey key;
    Program *program; /* or NULL; kept alive by user value slot+1 of the cache */
} Slot;

struct PatternCache {
    unsigned generation;
    bool ready;
    const void *locale; /* that the tables below were made for */
    Bitmap classes[NCLASSES];
    CaseTables cases;
    Slot slots[CACHE_SLOTS];
};

typedef enum {
    E_PERCENT,
    E_BRACKET,
    E_BALANCE,
    E_FRONTIER,
    E_CAPTURES,
    E_CLOSE,
    E_BACKREF,
} Malformed;

static const char *const malformed[] = {
    [E_PERCENT] = "malformed pattern (ends with '%%')",
    [E_BRACKET] = "malformed pattern (missing ']')",
    [E_BALANCE] = "malformed pattern (missing arguments to '%%b')",
    [E_FRONTIER] = "missing '[' after '%%f' in pattern",
    [E_CAPTURES] = "too many captures",
    [E_CLOSE] = "invalid pattern capture",
    [E_BACKREF] = "invalid capture index %%%d",
};

/* ---- bitmaps and the locale ---- */

static inline bool bitmap_has(const Bitmap *b, unsigned char c) {
    return b->words[c >> 6] >> (c & 63) & 1;
}

static inline void bitmap_add(Bitmap *b, unsigned c) {
    b->words[c >> 6] |= (uint64_t)1 << (c & 63);
}

static void bitmap_addrange(Bitmap *b, unsigned from, unsigned to) {
    for (unsigned c = from; c <= to; c++) {
        bitmap_add(b, c);
    }
}

static void bitmap_union(Bitmap *b, const Bitmap *other, bool complemented) {
    uint64_t flip = complemented ? ~(uint64_t)0 : 0;
    for (int i = 0; i < 4; i++) {
        b->words[i] |= other->words[i] ^ flip;
    }
}

static bool bitmap_disjoint(const Bitmap *a, const Bitmap *b) {
    uint64_t common = 0;
    for (int i = 0; i < 4; i++) {
        common |= a->words[i] & b->words[i];
    }
    return common == 0;
}

/*
 * Something that differs between LC_CTYPE locales. glibc keeps one table for
 * each; other C libraries for Linux know one set of bytes only.
 */
static inline const void *current_locale(void) {
#ifdef __GLIBC__
    return *__ctype_b_loc();
#else
    return NULL;
#endif
}

static void make_cases(CaseTables *t) {
    t->ascii = true;
    for (int c = 0; c < 256; c++) {
        t->upper[c] = (unsigned char)toupper(c);
        t->lower[c] = (unsigned char)tolower(c);
        bool small = c >= 'a' && c <= 'z', capital = c >= 'A' && c <= 'Z';
        if (t->upper[c] != (small ? c - 32 : c) || t->lower[c] != (capital ? c + 32 : c)) {
            t->ascii = false;
        }
    }
}

static void make_classes(Bitmap *classes) {
    memset(classes, 0, NCLASSES * sizeof *classes);
    for (int k = 0; k < NCTYPES; k++) {
        for (int c = 0; c < 256; c++) {
            if (ctypeclasses[k].has(c)) {
                bitmap_add(&classes[k], (unsigned)c);
            }
        }
    }
    bitmap_add(&classes[CLASS_ZERO], 0);
}

/* Makes the tables, and forgets all programs, when the locale is another one. */
static void remake_tables(PatternCache *cache) {
    make_classes(cache->classes);
    make_cases(&cache->cases);
    memset(cache->slots, 0, sizeof cache->slots);
    cache->generation++;
    cache->locale = current_locale();
    cache->ready = true;
}

static inline void follow_locale(PatternCache *cache) {
    if (LIB_UNLIKELY(cache->locale != current_locale() || !cache->ready)) {
        remake_tables(cache);
    }
}

const CaseTables *pattern_cases(PatternCache *cache) {
    follow_locale(cache);
    return &cache->cases;
}

/* Class letters, lower case, to 1 + class number; 0: the letter names none. */
static const uint8_t class_numbers[32] = {
    ['a' & 31] = 1, ['c' & 31] = 2, ['d' & 31] = 3, ['g' & 31] = 4,
    ['l' & 31] = 5, ['p' & 31] = 6, ['s' & 31] = 7, ['u' & 31] = 8,
    ['w' & 31] = 9, ['x' & 31] = 10, ['z' & 31] = 1 + CLASS_ZERO,
};

/* The class of a letter of either case, or -1. */
static inline int class_number(unsigned char letter) {
    bool is_letter = (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z');
    return is_letter ? class_numbers[letter & 31] - 1 : -1;
}

/* ---- parts of a program ---- */

static inline const Bitmap *program_sets(const Program *p) {
    return (const Bitmap *)((const char *)p + p->sets);
}

static inline const char *program_literals(const Program *p) {
    return (const char *)p + p->literals;
}

static inline const char *program_text(const Program *p) {
    return (const char *)p + p->text;
}

size_t pattern_size(const Program *p) {
    return p->size;
}

int pattern_captures(const Program *p) {
    return p->ncaptures;
}

/* ---- compiler ---- */

typedef enum { CAPTURE_OPEN, CAPTURE_CLOSED, CAPTURE_HERE } CaptureState;

typedef struct {
    Program *program;
    const Bitmap *classes;
    const unsigned char *p, *end; /* what is left; *end is '\0' */
    uint32_t nitems, nsets, nliterals;
    int ncaptures;
    uint8_t captures[PATTERN_MAX_CAPTURES]; /* CaptureState */
    bool done;
} Compiler;

static Item *emit(Compiler *c, ItemOp op) {
    Item *item = &c->program->items[c->nitems++];
    memset(item, 0, sizeof *item);
    item->op = (uint8_t)op;
    return item;
}

static void emit_error(Compiler *c, Malformed which, int number) {
    Item *item = emit(c, ITEM_ERROR);
    item->n = (uint8_t)which;
    item->at = (uint32_t)number;
    c->done = true;
}

static Bitmap *new_set(Compiler *c, uint32_t *at) {
    Bitmap *b = (Bitmap *)((char *)c->program + c->program->sets) + c->nsets;
    memset(b, 0, sizeof *b);
    *at = c->nsets++;
    return b;
}

/* Adds what `%letter` stands for: a class, or the byte itself. */
static void add_escape(const Compiler *c, Bitmap *set, unsigned char letter) {
    int k = class_number(letter);
    if (k < 0) {
        bitmap_add(set, letter);
    } else {
        bitmap_union(set, &c->classes[k], letter <= 'Z');
    }
}

/* The `]` that ends the set whose first member is at `p`, or NULL. */
static const unsigned char *set_end(const unsigned char *p, const unsigned char *end) {
    do {
        if (p == end) {
            return NULL;
        }
        if (*p++ == '%' && p < end) {
            p++;
        }
    } while (*p != ']');
    return p;
}

static void add_members(const Compiler *c, Bitmap *set, const unsigned char *p,
                        const unsigned char *close) {
    while (p < close) {
        if (*p == '%') {
            add_escape(c, set, p[1]);
            p += 2;
        } else if (p[1] == '-' && p + 2 < close) {
            bitmap_addrange(set, p[0], p[2]);
            p += 3;
        } else {
            bitmap_add(set, *p++);
        }
    }
}

/* Reads `[...]`; false after a missing bracket. */
static bool compile_set(Compiler *c, uint32_t *at) {
    const unsigned char *p = c->p + 1;
    bool complemented = *p == '^';
    p += complemented;
    const unsigned char *close = set_end(p, c->end);
    if (close == NULL) {
        emit_error(c, E_BRACKET, 0);
        return false;
    }
    Bitmap *set = new_set(c, at);
    add_members(c, set, p, close);
    if (complemented) {
        for (int i = 0; i < 4; i++) {
            set->words[i] = ~set->words[i];
        }
    }
    c->p = close + 1;
    return true;
}

/* Reads `%x` as a single byte matcher into `item`'s kind. */
static bool compile_escape(Compiler *c, Item *single) {
    if (c->p + 1 == c->end) {
        emit_error(c, E_PERCENT, 0);
        return false;
    }
    unsigned char letter = c->p[1];
    if (class_number(letter) < 0) {
        single->kind = KIND_BYTE;
        single->byte = letter;
    } else {
        single->kind = KIND_SET;
        add_escape(c, new_set(c, &single->at), letter);
    }
    c->p += 2;
    return true;
}

static bool compile_kind(Compiler *c, Item *single) {
    switch (*c->p) {
    case '.':
        single->kind = KIND_ANY;
        c->p++;
        return true;
    case '[':
        single->kind = KIND_SET;
        return compile_set(c, &single->at);
    case '%':
        return compile_escape(c, single);
    default:
        single->kind = KIND_BYTE;
        single->byte = *c->p++;
        return true;
    }
}

static ItemOp compile_suffix(Compiler *c) {
    ItemOp op;
    switch (*c->p) {
    case '*': op = ITEM_STAR; break;
    case '+': op = ITEM_PLUS; break;
    case '-': op = ITEM_MINUS; break;
    case '?': op = ITEM_OPTIONAL; break;
    default: return ITEM_ONE;
    }
    c->p++; /* *end is '\0', so this was a byte of the pattern */
    return op;
}

static void emit_literal(Compiler *c, unsigned char byte) {
    Item *last = c->nitems > 0 ? &c->program->items[c->nitems - 1] : NULL;
    if (last == NULL || last->op != ITEM_LITERAL) {
        last = emit(c, ITEM_LITERAL);
        last->at = c->nliterals;
    }
    ((char *)c->program + c->program->literals)[c->nliterals++] = (char)byte;
    last->len++;
}

static void compile_single(Compiler *c) {
    Item single = {0};
    if (!compile_kind(c, &single)) {
        return;
    }
    ItemOp op = compile_suffix(c);
    if (op == ITEM_ONE && single.kind == KIND_BYTE) {
        emit_literal(c, single.byte);
        return;
    }
    Item *item = emit(c, op);
    item->kind = single.kind;
    item->byte = single.byte;
    item->at = single.at;
}

static void compile_open(Compiler *c) {
    bool here = c->p[1] == ')';
    c->p += here ? 2 : 1;
    if (c->ncaptures == PATTERN_MAX_CAPTURES) {
        emit_error(c, E_CAPTURES, 0);
        return;
    }
    c->captures[c->ncaptures] = here ? CAPTURE_HERE : CAPTURE_OPEN;
    emit(c, here ? ITEM_HERE : ITEM_OPEN)->n = (uint8_t)c->ncaptures++;
}

static void compile_close(Compiler *c) {
    c->p++;
    for (int k = c->ncaptures - 1; k >= 0; k--) {
        if (c->captures[k] == CAPTURE_OPEN) {
            c->captures[k] = CAPTURE_CLOSED;
            emit(c, ITEM_CLOSE)->n = (uint8_t)k;
            return;
        }
    }
    emit_error(c, E_CLOSE, 0);
}

static void compile_backref(Compiler *c) {
    int k = c->p[1] - '1';
    c->p += 2;
    if (k < 0 || k >= c->ncaptures || c->captures[k] == CAPTURE_OPEN) {
        emit_error(c, E_BACKREF, k + 1);
    } else {
        emit(c, ITEM_BACKREF)->n = (uint8_t)k;
    }
}

static void compile_balance(Compiler *c) {
    if (c->end - c->p < 4) {
        emit_error(c, E_BALANCE, 0);
        return;
    }
    Item *item = emit(c, ITEM_BALANCE);
    item->byte = c->p[2];
    item->second = c->p[3];
    c->p += 4;
}

static void compile_frontier(Compiler *c) {
    uint32_t at;
    c->p += 2;
    if (*c->p != '[') {
        emit_error(c, E_FRONTIER, 0);
    } else if (compile_set(c, &at)) {
        emit(c, ITEM_FRONTIER)->at = at;
    }
}

static void compile_percent(Compiler *c) {
    unsigned char what = c->p[1];
    if (what == 'b') {
        compile_balance(c);
    } else if (what == 'f') {
        compile_frontier(c);
    } else if (what >= '0' && what <= '9') {
        compile_backref(c);
    } else {
        compile_single(c);
    }
}

static void compile_item(Compiler *c) {
    switch (*c->p) {
    case '(': compile_open(c); break;
    case ')': compile_close(c); break;
    case '%': compile_percent(c); break;
    case '$':
        if (c->p + 1 == c->end) {
            emit(c, ITEM_DOLLAR);
            c->done = true;
            break;
        }
        compile_single(c);
        break;
    default: compile_single(c); break;
    }
}

/* ---- what is known about an item's surroundings ---- */

static bool is_capture(const Item *item) {
    return item->op == ITEM_OPEN || item->op == ITEM_CLOSE || item->op == ITEM_HERE;
}

/* The item that looks at the next byte: captures take no byte and cannot fail. */
static const Item *skip_captures(const Item *item) {
    while (is_capture(item)) {
        item++;
    }
    return item;
}

static bool kind_has(const Program *p, const Item *item, unsigned char byte) {
    switch (item->kind) {
    case KIND_ANY: return true;
    case KIND_BYTE: return item->byte == byte;
    default: return bitmap_has(&program_sets(p)[item->at], byte);
    }
}

static bool kinds_disjoint(const Program *p, const Item *a, const Item *b) {
    if (a->kind == KIND_ANY || b->kind == KIND_ANY) {
        return false;
    }
    if (a->kind == KIND_BYTE) {
        return !kind_has(p, b, a->byte);
    }
    if (b->kind == KIND_BYTE) {
        return !kind_has(p, a, b->byte);
    }
    return bitmap_disjoint(&program_sets(p)[a->at], &program_sets(p)[b->at]);
}

/*
 * Sets the flags of a repetition from what follows it. All its bytes but the
 * one after the longest run are of its kind: if what follows cannot begin with
 * such a byte, giving bytes back is hopeless.
 */
static void look_ahead(const Program *p, Item *item) {
    const Item *next = skip_captures(item + 1);
    switch (next->op) {
    case ITEM_END:
    case ITEM_DOLLAR:
        item->flags |= ONLY_LONGEST;
        break;
    case ITEM_LITERAL:
        item->then = (uint8_t)program_literals(p)[next->at];
        item->flags |= THEN_BYTE;
        if (!kind_has(p, item, item->then)) {
            item->flags |= ONLY_LONGEST;
        }
        break;
    case ITEM_ONE:
    case ITEM_PLUS:
        if (kinds_disjoint(p, item, next)) {
            item->flags |= ONLY_LONGEST;
        }
        break;
    default: break;
    }
}

static void find_lead(Program *p) {
    const Item *first = skip_captures(p->items);
    p->leaditem = (uint32_t)(first - p->items);
    p->lead = LEAD_NONE;
    if (first->op == ITEM_LITERAL) {
        p->lead = first->len > 1 ? LEAD_LITERAL : LEAD_BYTE;
    } else if (first->op == ITEM_BALANCE) {
        p->lead = LEAD_BYTE;
    } else if (first->op == ITEM_PLUS || first->op == ITEM_ONE) {
        p->lead = first->kind == KIND_SET    ? LEAD_SET
                  : first->kind == KIND_BYTE ? LEAD_BYTE
                                             : LEAD_NONE;
    }
}

static void finish(Compiler *c) {
    Program *p = c->program;
    if (!c->done) {
        emit(c, ITEM_END);
    }
    for (uint32_t i = 0; i < c->nitems; i++) {
        if (p->items[i].op >= ITEM_STAR && p->items[i].op <= ITEM_MINUS) {
            look_ahead(p, &p->items[i]);
        }
    }
    p->nitems = c->nitems;
    p->ncaptures = (uint8_t)c->ncaptures;
    find_lead(p);
}

/* ---- storage and cache ---- */

typedef struct {
    size_t sets, literals, text, size;
} Layout;

/* An upper bound for each part: every `%` and `[` may need a bitmap. */
static Layout layout_of(const char *text, size_t len) {
    size_t nsets = 0;
    for (size_t i = 0; i < len; i++) {
        nsets += text[i] == '%' || text[i] == '[';
    }
    Layout l;
    l.sets = (sizeof(Program) + (len + 1) * sizeof(Item) + 7) & ~(size_t)7;
    l.literals = l.sets + nsets * sizeof(Bitmap);
    l.text = l.literals + len;
    l.size = l.text + len;
    return l;
}

static void compile(Program *p, const Layout *l, const Bitmap *classes, const char *text,
                    size_t len) {
    p->size = l->size;
    p->sets = (uint32_t)l->sets;
    p->literals = (uint32_t)l->literals;
    p->text = (uint32_t)l->text;
    memcpy((char *)p + l->text, text, len);
    Compiler c;
    c.program = p;
    c.classes = classes;
    c.p = (const unsigned char *)text;
    c.end = c.p + len;
    c.nitems = c.nsets = c.nliterals = 0;
    c.ncaptures = 0;
    c.done = false;
    while (!c.done && c.p < c.end) {
        compile_item(&c);
    }
    finish(&c);
}

void pattern_newcache(lua_State *L) {
    PatternCache *cache = lua_newuserdatauv(L, sizeof *cache, CACHE_SLOTS);
    memset(cache, 0, sizeof *cache);
}

unsigned pattern_generation(const PatternCache *cache) {
    return cache == NULL ? 0 : cache->generation;
}

static inline uint64_t load4(const char *s) {
    uint32_t v;
    memcpy(&v, s, 4);
    return v;
}

static inline uint64_t load8(const char *s) {
    uint64_t v;
    memcpy(&v, s, 8);
    return v;
}

static inline TextKey key_of(const char *text, size_t len) {
    TextKey k = {len, 0, 0};
    if (len >= 8) {
        k.first = load8(text);
        k.last = load8(text + len - 8);
    } else if (len >= 4) {
        k.first = load4(text);
        k.last = load4(text + len - 4);
    } else if (len > 0) { /* three bytes that may be the same */
        k.first = (unsigned char)text[0] | (uint64_t)(unsigned char)text[len - 1] << 16;
        k.last = (unsigned char)text[len / 2];
    }
    return k;
}

static inline unsigned slot_of(const TextKey *k) {
    uint64_t h = (k->first + k->len) * 0x9e3779b97f4a7c15u ^ k->last * 0xc2b2ae3d27d4eb4fu;
    return (unsigned)(h >> 58);
}

_Static_assert(CACHE_SLOTS == 64, "slot_of takes the upper six bits");

/* A program that nothing remembers; it stays on the stack. */
static const Program *compile_apart(lua_State *L, const PatternCache *cache, const char *text,
                                    size_t len) {
    Layout l = layout_of(text, len);
    if (l.size > UINT32_MAX) {
        luaL_error(L, "pattern too complex");
    }
    Bitmap classes[NCLASSES];
    if (cache == NULL) {
        make_classes(classes);
    }
    Program *p = lua_newuserdatauv(L, l.size, 0);
    p->capacity = l.size;
    compile(p, &l, cache == NULL ? classes : cache->classes, text, len);
    return p;
}

/* Room for a program in a slot: the old block if it is large enough. */
static Program *slot_room(lua_State *L, PatternCache *cache, unsigned number, size_t size) {
    Program *p = cache->slots[number].program;
    if (p != NULL && p->capacity >= size) {
        return p;
    }
    size_t capacity = MIN_PROGRAM;
    while (capacity < size) {
        capacity *= 2;
    }
    p = lua_newuserdatauv(L, capacity, 0);
    p->capacity = capacity;
    lua_setiuservalue(L, lua_upvalueindex(1), (int)number + 1);
    cache->slots[number].program = p;
    return p;
}

static __attribute__((noinline)) const Program *
compile_cached(lua_State *L, PatternCache *cache, const TextKey *key, const char *text) {
    Layout l = layout_of(text, key->len);
    unsigned number = slot_of(key);
    Program *p = slot_room(L, cache, number, l.size);
    cache->slots[number].key = *key;
    cache->generation++;
    compile(p, &l, cache->classes, text, key->len);
    return p;
}

const Program *pattern_get(lua_State *L, PatternCache *cache, const char *text, size_t len) {
    if (cache == NULL) {
        return compile_apart(L, NULL, text, len);
    }
    follow_locale(cache);
    if (len > CACHED_TEXT) {
        return compile_apart(L, cache, text, len);
    }
    TextKey key = key_of(text, len);
    const Slot *slot = &cache->slots[slot_of(&key)];
    if (LIB_LIKELY(slot->key.first == key.first && slot->key.last == key.last &&
                   slot->key.len == len && slot->program != NULL) &&
        (len <= EXACT_KEY || memcmp(program_text(slot->program), text, len) == 0)) {
        return slot->program;
    }
    return compile_cached(L, cache, &key, text);
}

/* ---- matcher ---- */

static const char *run(Match *m, const char *s, const Item *item, int depth);

/* One level deeper, as 5.4 counts levels. */
static inline int deeper(const Match *m, int depth) {
    if (LIB_UNLIKELY(--depth == 0)) {
        luaL_error(m->L, "pattern too complex");
    }
    return depth;
}

static inline bool accepts(const Match *m, const Item *item, const char *s) {
    return s < m->end && kind_has(m->program, item, (unsigned char)*s);
}

/* The end of the longest run of the item's kind. */
static inline const char *longest_run(const Match *m, const Item *item, const char *s) {
    const char *end = m->end;
    switch (item->kind) {
    case KIND_ANY: return end;
    case KIND_BYTE:
        while (s < end && (uint8_t)*s == item->byte) {
            s++;
        }
        return s;
    default: {
        const Bitmap *set = &program_sets(m->program)[item->at];
        while (s < end && bitmap_has(set, (unsigned char)*s)) {
            s++;
        }
        return s;
    }
    }
}

/* `*` and `+`, giving back bytes from `last` down to `first`. */
static const char *match_longest(Match *m, const char *first, const char *last, const Item *item,
                                 int depth) {
    bool filter = (item->flags & THEN_BYTE) && depth > CAPTURE_DEPTH;
    depth = deeper(m, depth);
    for (const char *s = last; s >= first; s--) {
        if (filter && (s == m->end || (uint8_t)*s != item->then)) {
            continue;
        }
        const char *e = run(m, s, item + 1, depth);
        if (e != NULL) {
            return e;
        }
    }
    return NULL;
}

/* Moves to the next place where the byte that must follow `kind-` stands. */
static const char *skip_to_then(const Match *m, const char *s, const Item *item) {
    if (item->kind == KIND_ANY) {
        return memchr(s, item->then, (size_t)(m->end - s));
    }
    while (s < m->end && (uint8_t)*s != item->then) {
        if (!kind_has(m->program, item, (unsigned char)*s)) {
            return NULL;
        }
        s++;
    }
    return s < m->end ? s : NULL;
}

static const char *match_shortest(Match *m, const char *s, const Item *item, int depth) {
    bool filter = (item->flags & THEN_BYTE) && depth > CAPTURE_DEPTH;
    depth = deeper(m, depth);
    for (;; s++) {
        if (filter && (s = skip_to_then(m, s, item)) == NULL) {
            return NULL;
        }
        const char *e = run(m, s, item + 1, depth);
        if (e != NULL) {
            return e;
        }
        if (!accepts(m, item, s)) {
            return NULL;
        }
    }
}

static const char *match_balance(const Match *m, const char *s, const Item *item) {
    if (s == m->end || (uint8_t)*s != item->byte) {
        return NULL;
    }
    size_t level = 1;
    while (++s < m->end) {
        if ((uint8_t)*s == item->second) { /* first, so that %bxx ends at the next x */
            if (--level == 0) {
                return s + 1;
            }
        } else if ((uint8_t)*s == item->byte) {
            level++;
        }
    }
    return NULL;
}

static bool at_frontier(const Match *m, const char *s, const Item *item) {
    const Bitmap *set = &program_sets(m->program)[item->at];
    unsigned char before = s == m->subject ? '\0' : (unsigned char)s[-1];
    return !bitmap_has(set, before) && bitmap_has(set, (unsigned char)*s);
}

/* The text of a position capture never comes again. */
static const char *match_backref(const Match *m, const char *s, const Item *item) {
    const Capture *c = &m->captures[item->n];
    if (c->len < 0 || m->end - s < c->len || memcmp(c->start, s, (size_t)c->len) != 0) {
        return NULL;
    }
    return s + c->len;
}

static inline const char *match_literal(const Match *m, const char *s, const Item *item) {
    const char *want = program_literals(m->program) + item->at;
    size_t len = item->len;
    if ((size_t)(m->end - s) < len || *s != *want || memcmp(s + 1, want + 1, len - 1) != 0) {
        return NULL;
    }
    return s + len;
}

static void raise_malformed(const Match *m, const Item *item) {
    luaL_error(m->L, malformed[item->n], (int)item->at);
}

static const char *run(Match *m, const char *s, const Item *item, int depth) {
    lib_step(m->L, &m->fuel);
    for (;; item++) {
        switch ((ItemOp)item->op) {
        case ITEM_END:
            return s;
        case ITEM_DOLLAR:
            return s == m->end ? s : NULL;
        case ITEM_LITERAL:
            s = match_literal(m, s, item);
            break;
        case ITEM_ONE:
            s = accepts(m, item, s) ? s + 1 : NULL;
            break;
        case ITEM_OPTIONAL:
            if (accepts(m, item, s)) {
                const char *e = run(m, s + 1, item + 1, deeper(m, depth));
                if (e != NULL) {
                    return e;
                }
            }
            break;
        case ITEM_STAR:
        case ITEM_PLUS: {
            const char *first = s + (item->op == ITEM_PLUS);
            const char *last = longest_run(m, item, s);
            if (last == s) { /* nothing to give back: no deeper */
                s = item->op == ITEM_STAR ? s : NULL;
                break;
            }
            if (!(item->flags & ONLY_LONGEST)) {
                return match_longest(m, first, last, item, depth);
            }
            depth = deeper(m, depth);
            s = last;
            break;
        }
        case ITEM_MINUS:
            if (accepts(m, item, s)) {
                return match_shortest(m, s, item, depth);
            }
            break;
        case ITEM_OPEN:
        case ITEM_HERE:
            m->captures[item->n] = (Capture){s, item->op == ITEM_OPEN ? PATTERN_UNFINISHED : PATTERN_POSITION};
            depth = deeper(m, depth);
            break;
        case ITEM_CLOSE:
            m->captures[item->n].len = s - m->captures[item->n].start;
            depth = deeper(m, depth);
            break;
        case ITEM_BACKREF:
            s = match_backref(m, s, item);
            break;
        case ITEM_BALANCE:
            s = match_balance(m, s, item);
            break;
        case ITEM_FRONTIER:
            s = at_frontier(m, s, item) ? s : NULL;
            break;
        case ITEM_ERROR:
            raise_malformed(m, item);
            break;
        }
        if (s == NULL) {
            return NULL;
        }
    }
}

const char *pattern_matchat(Match *m, const char *s) {
    return run(m, s, m->program->items, MAX_DEPTH);
}

/* ---- search ---- */

const char *pattern_findplain(lua_State *L, const char *s, size_t len, const char *what,
                              size_t whatlen) {
    if (whatlen == 0) {
        return s;
    }
    if (whatlen > len) {
        return NULL;
    }
    const char *last = s + (len - whatlen); /* the last place where it may begin */
    /*
     * Looking for the first byte is the fastest way when it is rare; memmem is
     * linear when it is not.
     */
    for (int tries = 0; tries < 16; tries++) {
        const char *at = memchr(s, *what, (size_t)(last - s) + 1);
        if (at == NULL || memcmp(at + 1, what + 1, whatlen - 1) == 0) {
            return at;
        }
        if (at == last) {
            return NULL;
        }
        s = at + 1;
    }
    lib_poll(L);
    return memmem(s, (size_t)(last - s) + whatlen, what, whatlen);
}

/* The next place where the pattern's first item can match, or NULL. */
static inline const char *next_candidate(const Match *m, const char *s) {
    const Program *p = m->program;
    const Item *item = &p->items[p->leaditem];
    size_t left = (size_t)(m->end - s);
    switch ((Lead)p->lead) {
    case LEAD_NONE:
        return s;
    case LEAD_BYTE: {
        char byte = item->op == ITEM_LITERAL ? program_literals(p)[item->at] : (char)item->byte;
        for (int near = 0; near < 4 && left > 0; near++, s++, left--) {
            if (*s == byte) {
                return s;
            }
        }
        return memchr(s, byte, left);
    }
    case LEAD_LITERAL:
        return pattern_findplain(m->L, s, left, program_literals(p) + item->at, item->len);
    default: {
        const Bitmap *set = &program_sets(p)[item->at];
        while (s < m->end && !bitmap_has(set, (unsigned char)*s)) {
            s++;
        }
        return s < m->end ? s : NULL;
    }
    }
}

const char *pattern_search(Match *m, const char *from, const char **start) {
    for (const char *s = from; s <= m->end; s++) {
        s = next_candidate(m, s);
        if (s == NULL) {
            return NULL;
        }
        const char *e = run(m, s, m->program->items, MAX_DEPTH);
        if (e != NULL) {
            *start = s;
            return e;
        }
    }
    return NULL;
}

bool pattern_isplain(const char *text, size_t len) {
    static const bool special[256] = {
        ['^'] = true, ['$'] = true, ['*'] = true, ['+'] = true, ['?'] = true, ['.'] = true,
        ['('] = true, ['['] = true, ['%'] = true, ['-'] = true,
    };
    for (size_t i = 0; i < len; i++) {
        if (special[(unsigned char)text[i]]) {
            return false;
        }
    }
    return true;
}
