// SPDX-License-Identifier: MIT
/*
 * Binary packing (manual, section 6.4.2). A reader turns the format into items, each with its
 * kind, size and alignment padding; the three functions differ only in what they do
 * with an item. Integers up to 8 bytes are the low bytes of a register; wider ones have
 * sign bytes beyond those.
 */
#include "pack.h"

#include <limits.h>

union NativeAlign {
    lua_Number number;
    lua_Integer integer;
    void *pointer;
    long word;
};

enum {
    MAX_INTEGER_SIZE = 16,
    INTEGER_SIZE = (int)sizeof(lua_Integer),
    NATIVE_ALIGN = (int)_Alignof(union NativeAlign),
};

typedef enum {
    PACK_SIGNED,
    PACK_UNSIGNED,
    PACK_FLOAT,
    PACK_DOUBLE,
    PACK_CHARS,  /* c: fixed length */
    PACK_STRING, /* s: preceded by its length */
    PACK_ZSTRING,
    PACK_PADDING, /* x */
    PACK_ALIGN,   /* X */
    PACK_NOTHING, /* changes a setting */
} PackKind;

typedef struct {
    lua_State *L;
    const char *p; /* the rest of the format */
    bool little;
    int maxalign;
} PackReader;

typedef struct {
    PackKind kind;
    int size;
    int padding; /* bytes before it */
} PackItem;

/* What a letter stands for when nothing but its size matters. */
typedef struct {
    unsigned char kind, size; /* size 0: no such letter here */
} PackLetter;

static const PackLetter fixed_letters[128] = {
    ['b'] = {PACK_SIGNED, sizeof(char)},       ['B'] = {PACK_UNSIGNED, sizeof(char)},
    ['h'] = {PACK_SIGNED, sizeof(short)},      ['H'] = {PACK_UNSIGNED, sizeof(short)},
    ['l'] = {PACK_SIGNED, sizeof(long)},       ['L'] = {PACK_UNSIGNED, sizeof(long)},
    ['j'] = {PACK_SIGNED, sizeof(lua_Integer)}, ['J'] = {PACK_UNSIGNED, sizeof(lua_Integer)},
    ['T'] = {PACK_UNSIGNED, sizeof(size_t)},   ['f'] = {PACK_FLOAT, sizeof(float)},
    ['n'] = {PACK_DOUBLE, sizeof(lua_Number)}, ['d'] = {PACK_DOUBLE, sizeof(double)},
    ['x'] = {PACK_PADDING, 1},
};

static bool native_is_little(void) {
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
}

static PackReader reader(lua_State *L, const char *format) {
    return (PackReader){L, format, native_is_little(), 1};
}

/* ---- reading the format ---- */

static bool at_digit(const PackReader *r) {
    return *r->p >= '0' && *r->p <= '9';
}

/* A decimal number that stays an int; digits beyond that are left unread. */
static int read_number(PackReader *r, int otherwise) {
    if (!at_digit(r)) {
        return otherwise;
    }
    int n = 0;
    do {
        n = n * 10 + (*r->p++ - '0');
    } while (at_digit(r) && n <= (INT_MAX - 9) / 10);
    return n;
}

static int read_size(PackReader *r, int otherwise) {
    int size = read_number(r, otherwise);
    if (size < 1 || size > MAX_INTEGER_SIZE) {
        luaL_error(r->L, "integral size (%d) out of limits [1,%d]", size, MAX_INTEGER_SIZE);
    }
    return size;
}

static int read_chars(PackReader *r) {
    int size = read_number(r, -1);
    if (size == -1) {
        luaL_error(r->L, "missing size for format option 'c'");
    }
    return size;
}

/* Reads one option: its kind, and in `*size` its size. */
static inline __attribute__((always_inline)) PackKind read_option(PackReader *r, int *size) {
    unsigned char letter = (unsigned char)*r->p++;
    *size = 0;
    if (letter < 128 && fixed_letters[letter].size != 0) {
        *size = fixed_letters[letter].size;
        return (PackKind)fixed_letters[letter].kind;
    }
    switch (letter) {
    case 'i': *size = read_size(r, sizeof(int)); return PACK_SIGNED;
    case 'I': *size = read_size(r, sizeof(int)); return PACK_UNSIGNED;
    case 's': *size = read_size(r, sizeof(size_t)); return PACK_STRING;
    case 'c': *size = read_chars(r); return PACK_CHARS;
    case 'z': return PACK_ZSTRING;
    case 'X': return PACK_ALIGN;
    case ' ': break;
    case '<': r->little = true; break;
    case '>': r->little = false; break;
    case '=': r->little = native_is_little(); break;
    case '!': r->maxalign = read_size(r, NATIVE_ALIGN); break;
    default: luaL_error(r->L, "invalid format option '%c'", letter);
    }
    return PACK_NOTHING;
}

/* `X` aligns as the option that follows it would be, and consumes that. */
static __attribute__((noinline)) int read_alignment(PackReader *r) {
    int align = 0;
    if (*r->p == '\0' || read_option(r, &align) == PACK_CHARS || align == 0) {
        luaL_argerror(r->L, 1, "invalid next option for option 'X'");
    }
    return align;
}

/* Reads the next item, which will stand after `offset` bytes. */
static inline __attribute__((always_inline)) PackItem read_item(PackReader *r, size_t offset) {
    PackItem item = {PACK_NOTHING, 0, 0};
    item.kind = read_option(r, &item.size);
    int align = item.kind == PACK_ALIGN ? read_alignment(r) : item.size;
    if (align <= 1 || item.kind == PACK_CHARS) {
        return item;
    }
    if (align > r->maxalign) {
        align = r->maxalign;
    }
    if ((align & (align - 1)) != 0) {
        luaL_argerror(r->L, 1, "format asks for alignment not power of 2");
    }
    item.padding = (align - (int)(offset & (size_t)(align - 1))) & (align - 1);
    return item;
}

/* ---- bytes ---- */

static void reverse_copy(char *to, const char *from, int size) {
    for (int i = 0; i < size; i++) {
        to[i] = from[size - 1 - i];
    }
}

static void copy_ordered(char *to, const char *from, int size, bool little) {
    if (little == native_is_little()) {
        memcpy(to, from, (size_t)size);
    } else {
        reverse_copy(to, from, size);
    }
}

/* The low `size` bytes of n, at most 8, least significant first. */
static inline void store_low(char *to, uint64_t n, int size) {
    if (native_is_little() && size == 4) {
        memcpy(to, &n, 4);
    } else if (native_is_little() && size == 8) {
        memcpy(to, &n, 8);
    } else {
        for (int i = 0; i < size; i++) {
            to[i] = (char)(n >> (8 * i));
        }
    }
}

static inline uint64_t load_low(const char *from, int size) {
    uint64_t n = 0;
    if (native_is_little() && size == 4) {
        memcpy(&n, from, 4);
    } else if (native_is_little() && size == 8) {
        memcpy(&n, from, 8);
    } else {
        for (int i = 0; i < size; i++) {
            n |= (uint64_t)(unsigned char)from[i] << (8 * i);
        }
    }
    return n;
}

static void write_wide(char *to, uint64_t n, int size, bool little, bool negative) {
    char bytes[MAX_INTEGER_SIZE]; /* least significant first */
    store_low(bytes, n, INTEGER_SIZE);
    memset(bytes + INTEGER_SIZE, negative ? 0xff : 0, sizeof bytes - INTEGER_SIZE);
    if (little) {
        memcpy(to, bytes, (size_t)size);
    } else {
        reverse_copy(to, bytes, size);
    }
}

static inline void write_integer(char *to, uint64_t n, int size, bool little, bool negative) {
    if (LIB_UNLIKELY(size > INTEGER_SIZE)) {
        write_wide(to, n, size, little, negative);
    } else {
        store_low(to, little ? n : __builtin_bswap64(n) >> (64 - 8 * size), size);
    }
}

/* Bytes beyond a Lua integer must be copies of its sign. */
static void check_excess(lua_State *L, const char *bytes, int size, uint64_t n, bool is_signed) {
    unsigned char want = is_signed && n >> 63 != 0 ? 0xff : 0;
    for (int i = INTEGER_SIZE; i < size; i++) {
        if ((unsigned char)bytes[i] != want) {
            luaL_error(L, "%d-byte integer does not fit into Lua Integer", size);
        }
    }
}

static uint64_t read_wide(lua_State *L, const char *from, int size, bool little, bool is_signed) {
    char bytes[MAX_INTEGER_SIZE] = {0};
    if (little) {
        memcpy(bytes, from, (size_t)size);
    } else {
        reverse_copy(bytes, from, size);
    }
    uint64_t n = load_low(bytes, INTEGER_SIZE);
    check_excess(L, bytes, size, n, is_signed);
    return n;
}

static inline lua_Integer read_integer(lua_State *L, const char *from, int size, bool little,
                                       bool is_signed) {
    if (LIB_UNLIKELY(size > INTEGER_SIZE)) {
        return (lua_Integer)read_wide(L, from, size, little, is_signed);
    }
    uint64_t n = load_low(from, size);
    int unused = 64 - 8 * size; /* bits */
    if (!little) {
        n = __builtin_bswap64(n) >> unused;
    }
    /* the shift to the right of a signed number copies its sign */
    return is_signed ? (int64_t)(n << unused) >> unused : (lua_Integer)n;
}

/* ---- pack ---- */

typedef struct {
    PackReader r;
    luaL_Buffer out;
    int arg;
    size_t total; /* bytes so far, for alignment */
} Packer;

static void put_integer(Packer *p, uint64_t n, int size, bool negative) {
    write_integer(lib_reserve(&p->out, (size_t)size), n, size, p->r.little, negative);
    luaL_addsize(&p->out, (size_t)size);
}

static void put_ordered(Packer *p, const char *bytes, int size) {
    copy_ordered(lib_reserve(&p->out, (size_t)size), bytes, size, p->r.little);
    luaL_addsize(&p->out, (size_t)size);
}

static void put_fill(Packer *p, size_t size) {
    memset(lib_reserve(&p->out, size), 0, size);
    luaL_addsize(&p->out, size);
}

static void pack_signed(Packer *p, int size) {
    lua_Integer n = lib_checkint(p->r.L, p->arg);
    if (size < INTEGER_SIZE) {
        lua_Integer limit = (lua_Integer)1 << (size * 8 - 1);
        luaL_argcheck(p->r.L, -limit <= n && n < limit, p->arg, "integer overflow");
    }
    put_integer(p, (uint64_t)n, size, n < 0);
}

static void pack_unsigned(Packer *p, int size) {
    uint64_t n = (uint64_t)lib_checkint(p->r.L, p->arg);
    if (size < INTEGER_SIZE) {
        luaL_argcheck(p->r.L, n < (uint64_t)1 << (size * 8), p->arg, "unsigned overflow");
    }
    put_integer(p, n, size, false);
}

static void pack_chars(Packer *p, size_t size) {
    size_t len;
    const char *s = lib_checkstring(p->r.L, p->arg, &len);
    luaL_argcheck(p->r.L, len <= size, p->arg, "string longer than given size");
    lib_add(&p->out, s, len);
    put_fill(p, size - len);
}

static void pack_string(Packer *p, int size) {
    size_t len;
    const char *s = lib_checkstring(p->r.L, p->arg, &len);
    luaL_argcheck(p->r.L, size >= (int)sizeof(size_t) || len < (size_t)1 << (size * 8), p->arg,
                  "string length does not fit in given size");
    put_integer(p, len, size, false);
    lib_add(&p->out, s, len);
    p->total += len;
}

static void pack_zstring(Packer *p) {
    size_t len;
    const char *s = lib_checkstring(p->r.L, p->arg, &len);
    luaL_argcheck(p->r.L, memchr(s, '\0', len) == NULL, p->arg, "string contains zeros");
    lib_add(&p->out, s, len);
    lib_addchar(&p->out, '\0');
    p->total += len + 1;
}

static void pack_item(Packer *p, const PackItem *item) {
    lua_State *L = p->r.L;
    p->total += (size_t)(item->padding + item->size);
    if (item->padding != 0) {
        put_fill(p, (size_t)item->padding);
    }
    p->arg++;
    switch (item->kind) {
    case PACK_SIGNED: pack_signed(p, item->size); break;
    case PACK_UNSIGNED: pack_unsigned(p, item->size); break;
    case PACK_FLOAT: {
        float x = (float)lib_checknum(L, p->arg);
        put_ordered(p, (const char *)&x, sizeof x);
        break;
    }
    case PACK_DOUBLE: {
        double x = lib_checknum(L, p->arg);
        put_ordered(p, (const char *)&x, sizeof x);
        break;
    }
    case PACK_CHARS: pack_chars(p, (size_t)item->size); break;
    case PACK_STRING: pack_string(p, item->size); break;
    case PACK_ZSTRING: pack_zstring(p); break;
    case PACK_PADDING: put_fill(p, 1); p->arg--; break;
    default: p->arg--; break;
    }
}

int pack_pack(lua_State *L) {
    Packer p;
    p.r = reader(L, luaL_checkstring(L, 1));
    p.arg = 1;
    p.total = 0;
    lua_pushnil(L); /* keeps the arguments apart from the buffer */
    luaL_buffinit(L, &p.out);
    while (*p.r.p != '\0') {
        PackItem item = read_item(&p.r, p.total);
        pack_item(&p, &item);
    }
    luaL_pushresult(&p.out);
    return 1;
}

/* ---- packsize ---- */

int pack_size(lua_State *L) {
    PackReader r = reader(L, luaL_checkstring(L, 1));
    size_t total = 0;
    while (*r.p != '\0') {
        PackItem item = read_item(&r, total);
        luaL_argcheck(L, item.kind != PACK_STRING && item.kind != PACK_ZSTRING, 1,
                      "variable-length format");
        size_t size = (size_t)item.size + (size_t)item.padding;
        luaL_argcheck(L, total <= (size_t)INT_MAX - size, 1, "format result too large");
        total += size;
    }
    lua_pushinteger(L, (lua_Integer)total);
    return 1;
}

/* ---- unpack ---- */

typedef struct {
    PackReader r;
    const char *data;
    size_t len, pos;
} Unpacker;

static void unpack_string(Unpacker *u, int size) {
    lua_State *L = u->r.L;
    const char *at = u->data + u->pos;
    size_t len = (size_t)read_integer(L, at, size, u->r.little, false);
    luaL_argcheck(L, len <= u->len - u->pos - (size_t)size, 2, "data string too short");
    lua_pushlstring(L, at + size, len);
    u->pos += len;
}

static void unpack_zstring(Unpacker *u) {
    lua_State *L = u->r.L;
    const char *at = u->data + u->pos;
    const char *zero = memchr(at, '\0', u->len - u->pos);
    luaL_argcheck(L, zero != NULL, 2, "unfinished string for format 'z'");
    lua_pushlstring(L, at, (size_t)(zero - at));
    u->pos += (size_t)(zero - at) + 1;
}

/* Pushes the item's value; how many values that were, 0 or 1. */
static int unpack_item(Unpacker *u, const PackItem *item) {
    lua_State *L = u->r.L;
    const char *at = u->data + u->pos;
    switch (item->kind) {
    case PACK_SIGNED:
    case PACK_UNSIGNED:
        lua_pushinteger(
            L, read_integer(L, at, item->size, u->r.little, item->kind == PACK_SIGNED));
        break;
    case PACK_FLOAT: {
        float x;
        copy_ordered((char *)&x, at, sizeof x, u->r.little);
        lua_pushnumber(L, x);
        break;
    }
    case PACK_DOUBLE: {
        double x;
        copy_ordered((char *)&x, at, sizeof x, u->r.little);
        lua_pushnumber(L, x);
        break;
    }
    case PACK_CHARS: lua_pushlstring(L, at, (size_t)item->size); break;
    case PACK_STRING: unpack_string(u, item->size); break;
    case PACK_ZSTRING: unpack_zstring(u); break;
    default: u->pos += (size_t)item->size; return 0;
    }
    u->pos += (size_t)item->size;
    return 1;
}

int pack_unpack(lua_State *L) {
    Unpacker u;
    u.r = reader(L, luaL_checkstring(L, 1));
    u.data = lib_checkstring(L, 2, &u.len);
    u.pos = lib_startpos(lib_optint(L, 3, lua_gettop(L), 1), u.len) - 1;
    luaL_argcheck(L, u.pos <= u.len, 3, "initial position out of string");
    int n = 0;
    while (*u.r.p != '\0') {
        PackItem item = read_item(&u.r, u.pos);
        luaL_argcheck(L, (size_t)item.padding + (size_t)item.size <= u.len - u.pos, 2,
                      "data string too short");
        u.pos += (size_t)item.padding;
        luaL_checkstack(L, 2, "too many results");
        n += unpack_item(&u, &item);
    }
    lua_pushinteger(L, (lua_Integer)u.pos + 1);
    return n + 1;
}
