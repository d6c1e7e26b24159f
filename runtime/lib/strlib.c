// SPDX-License-Identifier: MIT
/*
 * The string library (manual, section 6.4) but for what has files of its own:
 * patterns (pattern.c), string.format (format.c), pack and unpack (pack.c).
 *
 * The functions that need tables of the locale or compiled patterns have
 * the state's PatternCache as their first upvalue. Called without it (a host may
 * push the bare C function) they work, only slower.
 */
#include "lib.h"

#include <ctype.h>
#include <limits.h>

#include "lualib.h"

#include "builtins.h"
#include "format.h"
#include "pack.h"
#include "pattern.h"

/* Free stack slots that every C function finds, less a margin. */
enum { FREE_SLOTS = 16 };

static inline PatternCache *cache_of(lua_State *L) {
    return lua_touserdata(L, lua_upvalueindex(1));
}

static int str_len(lua_State *L) {
    size_t len;
    lib_checkstring(L, 1, &len);
    lua_pushinteger(L, (lua_Integer)len);
    return 1;
}

static int str_sub(lua_State *L) {
    size_t len;
    const char *s = lib_checkstring(L, 1, &len);
    size_t from = lib_startpos(lib_checkint(L, 2), len);
    size_t to = lib_endpos(lib_optint(L, 3, lua_gettop(L), -1), len);
    if (from > to) {
        lua_pushliteral(L, "");
    } else if (to - from + 1 == len) {
        lua_pushvalue(L, 1);
    } else {
        lua_pushlstring(L, s + from - 1, to - from + 1);
    }
    return 1;
}

static void reverse_bytes(char *out, const char *s, size_t len) {
    size_t left = len;
    for (; left >= 8; left -= 8) {
        uint64_t w;
        memcpy(&w, s + left - 8, 8);
        w = __builtin_bswap64(w);
        memcpy(out, &w, 8);
        out += 8;
    }
    while (left > 0) {
        *out++ = s[--left];
    }
}

static int str_reverse(lua_State *L) {
    LibRoom room;
    size_t len;
    const char *s = lib_checkstring(L, 1, &len);
    reverse_bytes(lib_room(L, &room, len), s, len);
    lib_push(L, &room, len);
    return 1;
}

/* ---- upper, lower ---- */

/*
 * Flips bit 5 of the bytes between `first` and `last`, ASCII letters, eight at a
 * time: a sum of seven-bit bytes carries into bit 7 where a bound is passed.
 */
static void flip_case(char *out, const char *s, size_t len, unsigned char first,
                      unsigned char last) {
    const uint64_t ones = 0x0101010101010101u, high = ones * 0x80;
    size_t i = 0;
    for (; i + 8 <= len; i += 8) {
        uint64_t w;
        memcpy(&w, s + i, 8);
        uint64_t low = w & ~high;
        uint64_t from = low + ones * (0x80u - first), beyond = low + ones * (0x7fu - last);
        w ^= ((from ^ beyond) & ~w & high) >> 2;
        memcpy(out + i, &w, 8);
    }
    for (; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        out[i] = (char)(c >= first && c <= last ? c ^ 0x20 : c);
    }
}

static void map_bytes(char *out, const char *s, size_t len, const unsigned char *map) {
    for (size_t i = 0; i < len; i++) {
        out[i] = (char)map[(unsigned char)s[i]];
    }
}

static int str_lower(lua_State *L) {
    LibRoom room;
    size_t len;
    const char *s = lib_checkstring(L, 1, &len);
    PatternCache *cache = cache_of(L);
    char *out = lib_room(L, &room, len);
    const CaseTables *cases = cache != NULL ? pattern_cases(cache) : NULL;
    if (cases == NULL) {
        for (size_t i = 0; i < len; i++) {
            out[i] = (char)tolower((unsigned char)s[i]);
        }
    } else if (cases->ascii) {
        flip_case(out, s, len, 'A', 'Z');
    } else {
        map_bytes(out, s, len, cases->lower);
    }
    lib_push(L, &room, len);
    return 1;
}

static int str_upper(lua_State *L) {
    LibRoom room;
    size_t len;
    const char *s = lib_checkstring(L, 1, &len);
    PatternCache *cache = cache_of(L);
    char *out = lib_room(L, &room, len);
    const CaseTables *cases = cache != NULL ? pattern_cases(cache) : NULL;
    if (cases == NULL) {
        for (size_t i = 0; i < len; i++) {
            out[i] = (char)toupper((unsigned char)s[i]);
        }
    } else if (cases->ascii) {
        flip_case(out, s, len, 'a', 'z');
    } else {
        map_bytes(out, s, len, cases->upper);
    }
    lib_push(L, &room, len);
    return 1;
}

/* ---- rep ---- */

/* Fills out[0 .. total) with copies of its first `period` bytes. */
static void repeat_prefix(lua_State *L, char *out, size_t period, size_t total) {
    size_t stretch = period * (LIB_POLL_BYTES / period + 1);
    size_t filled = period;
    while (filled < total) {
        size_t n = filled < stretch ? filled : stretch;
        if (n > total - filled) {
            n = total - filled;
        }
        memcpy(out + filled, out, n);
        filled += n;
        if (n == stretch) {
            lib_poll(L);
        }
    }
}

static int str_rep(lua_State *L) {
    size_t len, seplen = 0;
    int top = lua_gettop(L);
    const char *s = lib_checkstring(L, 1, &len);
    lua_Integer n = lib_checkint(L, 2);
    const char *sep = top < 3 ? "" : luaL_optlstring(L, 3, "", &seplen);
    if (n <= 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    if (len + seplen < len || (lua_Unsigned)(len + seplen) > (lua_Unsigned)(INT_MAX / n)) {
        return luaL_error(L, "resulting string too large");
    }
    LibRoom room;
    size_t total = (size_t)n * len + (size_t)(n - 1) * seplen;
    char *out = lib_room(L, &room, total);
    if (total < LIB_POLL_BYTES && len == 1 && seplen == 0) {
        memset(out, *s, total);
    } else if (total > 0) {
        memcpy(out, s, len);
        if (n > 1) {
            memcpy(out + len, sep, seplen);
            repeat_prefix(L, out, len + seplen, total);
        }
    }
    lib_push(L, &room, total);
    return 1;
}

/* ---- byte, char, dump ---- */

static int str_byte(lua_State *L) {
    size_t len;
    int top = lua_gettop(L);
    const char *s = lib_checkstring(L, 1, &len);
    lua_Integer first = lib_optint(L, 2, top, 1);
    size_t from = lib_startpos(first, len);
    size_t to = lib_endpos(lib_optint(L, 3, top, first), len);
    if (from > to) {
        return 0;
    }
    if (to - from >= INT_MAX) {
        return luaL_error(L, "string slice too long");
    }
    int n = (int)(to - from) + 1;
    if (n > FREE_SLOTS) {
        luaL_checkstack(L, n, "string slice too long");
    }
    for (int i = 0; i < n; i++) {
        lua_pushinteger(L, (unsigned char)s[from - 1 + (size_t)i]);
    }
    return n;
}

static int str_char(lua_State *L) {
    LibRoom room;
    int n = lua_gettop(L);
    char *out = lib_room(L, &room, (size_t)n);
    for (int i = 1; i <= n; i++) {
        lua_Unsigned c = (lua_Unsigned)lib_checkint(L, i);
        luaL_argcheck(L, c <= UCHAR_MAX, i, "value out of range");
        out[i - 1] = (char)c;
    }
    lib_push(L, &room, (size_t)n);
    return 1;
}

/* The buffer begins with the first piece, so that the function is at the top until then. */
typedef struct {
    bool begun;
    luaL_Buffer buffer;
} DumpOutput;

static int dump_piece(lua_State *L, const void *piece, size_t size, void *ud) {
    DumpOutput *out = ud;
    if (!out->begun) {
        out->begun = true;
        luaL_buffinit(L, &out->buffer);
    }
    luaL_addlstring(&out->buffer, piece, size);
    return 0;
}

static int str_dump(lua_State *L) {
    DumpOutput out;
    int strip = lua_toboolean(L, 2);
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 1);
    out.begun = false;
    if (lua_dump(L, dump_piece, &out, strip) != 0) {
        return luaL_error(L, "unable to dump given function");
    }
    luaL_pushresult(&out.buffer);
    return 1;
}

/* ---- captures ---- */

/* Capture `i` of the match s .. e, where 0 is all of it if the pattern has none. */
static Capture get_capture(const Match *m, int i, const char *s, const char *e) {
    if (i >= m->ncaptures) {
        if (i != 0) {
            luaL_error(m->L, "invalid capture index %%%d", i + 1);
        }
        return (Capture){s, e - s};
    }
    if (m->captures[i].len == PATTERN_UNFINISHED) {
        luaL_error(m->L, "unfinished capture");
    }
    return m->captures[i];
}

static void push_capture(const Match *m, const Capture *c) {
    if (c->len == PATTERN_POSITION) {
        lua_pushinteger(m->L, c->start - m->subject + 1);
    } else {
        lua_pushlstring(m->L, c->start, (size_t)c->len);
    }
}

/* Pushes the first `n` captures; one that is not there is all of the match. */
static int push_captures(const Match *m, int n, const char *s, const char *e) {
    if (n <= 1) {
        if (n == 1) {
            Capture c = get_capture(m, 0, s, e);
            push_capture(m, &c);
        }
        return n;
    }
    if (n > FREE_SLOTS / 2) {
        luaL_checkstack(m->L, n, "too many captures");
    }
    for (int i = 0; i < n; i++) {
        if (m->captures[i].len == PATTERN_UNFINISHED) {
            luaL_error(m->L, "unfinished capture");
        }
        push_capture(m, &m->captures[i]);
    }
    return n;
}

/* How many values a match yields: all of it counts when there is no capture. */
static inline int capture_results(const Match *m) {
    return m->ncaptures == 0 ? 1 : m->ncaptures;
}

/* ---- find, match ---- */

static int push_fail(lua_State *L) {
    luaL_pushfail(L);
    return 1;
}

/* A match from `init` on, anchored there if the pattern begins with `^`; NULL if none. */
static const char *first_match(Match *m, lua_State *L, const char *s, size_t len, size_t init,
                               const char *p, size_t plen, const char **start) {
    bool anchored = plen > 0 && *p == '^';
    const Program *program = pattern_get(L, cache_of(L), p + anchored, plen - anchored);
    pattern_start(m, L, s, len, program);
    if (anchored) {
        *start = s + init;
        return pattern_matchat(m, s + init);
    }
    return pattern_search(m, s + init, start);
}

static int push_found(lua_State *L, const char *s, const char *start, const char *end) {
    lua_pushinteger(L, start - s + 1);
    lua_pushinteger(L, end - s);
    return 2;
}

static int str_find(lua_State *L) {
    size_t len, plen;
    int top = lua_gettop(L);
    const char *s = lib_checkstring(L, 1, &len);
    const char *p = lib_checkstring(L, 2, &plen);
    size_t init = lib_startpos(lib_optint(L, 3, top, 1), len) - 1;
    if (init > len) {
        return push_fail(L);
    }
    const char *start;
    if ((top >= 4 && lua_toboolean(L, 4)) || pattern_isplain(p, plen)) {
        start = pattern_findplain(L, s + init, len - init, p, plen);
        return start == NULL ? push_fail(L) : push_found(L, s, start, start + plen);
    }
    Match m;
    const char *end = first_match(&m, L, s, len, init, p, plen, &start);
    if (end == NULL) {
        return push_fail(L);
    }
    push_found(L, s, start, end);
    return 2 + push_captures(&m, m.ncaptures, start, end);
}

static int str_match(lua_State *L) {
    size_t len, plen;
    const char *s = lib_checkstring(L, 1, &len);
    const char *p = lib_checkstring(L, 2, &plen);
    size_t init = lib_startpos(lib_optint(L, 3, lua_gettop(L), 1), len) - 1;
    if (init > len) {
        return push_fail(L);
    }
    Match m;
    const char *start, *end = first_match(&m, L, s, len, init, p, plen, &start);
    return end == NULL ? push_fail(L) : push_captures(&m, capture_results(&m), start, end);
}

/* ---- gmatch ---- */

/* Upvalue 2 of the iterator: where it is, and a copy of the program behind it. */
typedef struct {
    const char *subject;
    size_t len;
    const char *next; /* where the next search begins; NULL when there is none */
    const char *last; /* end of the last match, which an empty match may not repeat */
} Gmatch;

static const Program *gmatch_program(const Gmatch *g) {
    return (const Program *)(g + 1);
}

_Static_assert(sizeof(Gmatch) % 8 == 0, "the program behind it is aligned");

static int gmatch_next(lua_State *L) {
    Gmatch *g = lua_touserdata(L, lua_upvalueindex(2));
    const char *from = g->next, *start;
    if (from == NULL) {
        return 0;
    }
    Match m;
    pattern_start(&m, L, g->subject, g->len, gmatch_program(g));
    const char *end = pattern_search(&m, from, &start);
    while (end != NULL && end == g->last) {
        end = start < m.end ? pattern_search(&m, start + 1, &start) : NULL;
    }
    g->next = g->last = end;
    return end == NULL ? 0 : push_captures(&m, capture_results(&m), start, end);
}

static int str_gmatch(lua_State *L) {
    size_t len, plen;
    int top = lua_gettop(L);
    const char *s = lib_checkstring(L, 1, &len);
    const char *p = lib_checkstring(L, 2, &plen);
    size_t init = lib_startpos(lib_optint(L, 3, top, 1), len) - 1;
    lua_settop(L, 2);
    const Program *program = pattern_get(L, cache_of(L), p, plen);
    size_t size = pattern_size(program);
    lua_pushvalue(L, 1);
    Gmatch *g = lua_newuserdatauv(L, sizeof *g + size, 0);
    program = pattern_get(L, cache_of(L), p, plen); /* the allocation may have run a finalizer */
    memcpy(g + 1, program, pattern_size(program));
    g->subject = s;
    g->len = len;
    g->next = init > len ? NULL : s + init;
    g->last = NULL;
    lua_pushcclosure(L, gmatch_next, 2);
    return 1;
}

/* ---- gsub ---- */

typedef struct {
    Match m;
    luaL_Buffer out;
    const char *text; /* a replacement string */
    size_t textlen;
    int type;         /* of the replacement, LUA_T... */
    bool plain;       /* the string has no `%` */
    const char *kept; /* the subject from here on is not yet copied */
    bool changed;
} Gsub;

/* Puts the value at the top into the buffer; that it is there, the buffer knows. */
static void add_capture(Gsub *g, int i, const char *s, const char *e) {
    Capture c = get_capture(&g->m, i, s, e);
    if (c.len == PATTERN_POSITION) {
        char *digits = lib_reserve(&g->out, FORMAT_INTEGER_SIZE);
        luaL_addsize(&g->out, format_integer(digits, c.start - g->m.subject + 1));
    } else {
        lib_add(&g->out, c.start, (size_t)c.len);
    }
}

/* A replacement string with escapes. */
static void add_template(Gsub *g, const char *s, const char *e) {
    const char *p = g->text, *end = p + g->textlen;
    for (;;) {
        const char *escape = p;
        while (escape < end && *escape != '%') {
            escape++;
        }
        lib_add(&g->out, p, (size_t)(escape - p));
        if (escape == end) {
            return;
        }
        unsigned char what = (unsigned char)escape[1];
        if (what == '%') {
            lib_addchar(&g->out, '%');
        } else if (what == '0') {
            lib_add(&g->out, s, (size_t)(e - s));
        } else if (what >= '1' && what <= '9') {
            add_capture(g, what - '1', s, e);
        } else {
            luaL_error(g->m.L, "invalid use of '%c' in replacement string", '%');
        }
        p = escape + 2;
    }
}

/* Pushes what a table or function gives for the match. */
static void push_replacement(Gsub *g, const char *s, const char *e) {
    lua_State *L = g->m.L;
    if (g->type == LUA_TTABLE) {
        Capture c = get_capture(&g->m, 0, s, e);
        push_capture(&g->m, &c);
        lua_gettable(L, 3);
    } else {
        lua_pushvalue(L, 3);
        lua_call(L, push_captures(&g->m, capture_results(&g->m), s, e), 1);
    }
}

/* The value at the top replaces s .. e, or nothing does when it is false. */
static void add_replacement(Gsub *g, const char *e) {
    lua_State *L = g->m.L;
    int type = lua_type(L, -1);
    if (type == LUA_TSTRING || type == LUA_TNUMBER) {
        size_t len;
        const char *s = lua_tolstring(L, -1, &len);
        if (LIB_LIKELY(g->out.size - g->out.n >= len)) {
            lib_add(&g->out, s, len);
            lua_pop(L, 1);
        } else {
            luaL_addvalue(&g->out);
        }
        g->kept = e;
        g->changed = true;
    } else if (!lua_toboolean(L, -1)) {
        lua_pop(L, 1);
    } else {
        luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    }
}

static void add_kept(Gsub *g, const char *to) {
    lib_add(&g->out, g->kept, (size_t)(to - g->kept));
    g->kept = to;
}

static void replace(Gsub *g, const char *s, const char *e) {
    add_kept(g, s);
    if (g->type == LUA_TTABLE || g->type == LUA_TFUNCTION) {
        push_replacement(g, s, e);
        add_replacement(g, e);
        return;
    }
    if (g->plain) {
        lib_add(&g->out, g->text, g->textlen);
    } else {
        add_template(g, s, e);
    }
    g->kept = e;
    g->changed = true;
}

static void gsub_begin(Gsub *g, lua_State *L) {
    g->type = lua_type(L, 3);
    luaL_argexpected(L,
                     g->type == LUA_TNUMBER || g->type == LUA_TSTRING ||
                         g->type == LUA_TTABLE || g->type == LUA_TFUNCTION,
                     3, "string/function/table");
    if (g->type == LUA_TNUMBER || g->type == LUA_TSTRING) {
        g->text = lua_tolstring(L, 3, &g->textlen);
        g->plain = memchr(g->text, '%', g->textlen) == NULL;
    }
    g->changed = false;
}

/* Replaces up to `most` matches; returns how many. */
static lua_Integer replace_all(Gsub *g, PatternCache *cache, const char *p, size_t plen,
                               lua_Integer most) {
    bool anchored = plen > 0 && *p == '^';
    p += anchored;
    plen -= anchored;
    const char *s = g->m.subject, *last = NULL;
    unsigned generation = pattern_generation(cache);
    lua_Integer n = 0;
    while (n < most) {
        if (LIB_UNLIKELY(generation != pattern_generation(cache))) {
            g->m.program = pattern_get(g->m.L, cache, p, plen);
            generation = pattern_generation(cache);
        }
        const char *start = s;
        const char *e = anchored ? pattern_matchat(&g->m, s) : pattern_search(&g->m, s, &start);
        if (e == NULL) {
            break;
        }
        if (e != last) {
            n++;
            replace(g, start, e);
            s = last = e;
        } else if (start < g->m.end) {
            s = start + 1;
        } else {
            break;
        }
        if (anchored) {
            break;
        }
    }
    return n;
}

static int str_gsub(lua_State *L) {
    Gsub g;
    size_t len, plen;
    const char *s = lib_checkstring(L, 1, &len);
    const char *p = lib_checkstring(L, 2, &plen);
    gsub_begin(&g, L);
    lua_Integer most = lib_optint(L, 4, lua_gettop(L), (lua_Integer)len + 1);
    PatternCache *cache = cache_of(L);
    bool anchored = plen > 0 && *p == '^';
    pattern_start(&g.m, L, s, len, pattern_get(L, cache, p + anchored, plen - anchored));
    luaL_buffinit(L, &g.out);
    g.kept = s;
    lua_Integer n = replace_all(&g, cache, p, plen, most);
    if (!g.changed) {
        lua_pushvalue(L, 1);
    } else {
        add_kept(&g, g.m.end);
        luaL_pushresult(&g.out);
    }
    lua_pushinteger(L, n);
    return 2;
}

/* ---- arithmetic on strings ---- */

/* Pushes argument `arg` as a number, if it is one or a string that reads as one. */
static bool push_number(lua_State *L, int arg) {
    if (lua_type(L, arg) == LUA_TNUMBER) {
        lua_pushvalue(L, arg);
        return true;
    }
    size_t len;
    const char *s = lua_tolstring(L, arg, &len);
    return s != NULL && lua_stringtonumber(L, s) == len + 1;
}

/* The other operand's metamethod gets its chance; strings have only this one. */
static void other_metamethod(lua_State *L, const char *event) {
    lua_settop(L, 2);
    if (lua_type(L, 2) == LUA_TSTRING || luaL_getmetafield(L, 2, event) == LUA_TNIL) {
        luaL_error(L, "attempt to %s a '%s' with a '%s'", event + 2, luaL_typename(L, 1),
                   luaL_typename(L, 2));
    }
    lua_insert(L, 1);
    lua_call(L, 2, 1);
}

static int arithmetic(lua_State *L, int op, const char *event) {
    if (push_number(L, 1) && push_number(L, 2)) {
        lua_arith(L, op);
    } else {
        other_metamethod(L, event);
    }
    return 1;
}

#define ARITHMETIC(ROW) \
    ROW(add, LUA_OPADD) \
    ROW(sub, LUA_OPSUB) \
    ROW(mul, LUA_OPMUL) \
    ROW(mod, LUA_OPMOD) \
    ROW(pow, LUA_OPPOW) \
    ROW(div, LUA_OPDIV) \
    ROW(idiv, LUA_OPIDIV) \
    ROW(unm, LUA_OPUNM)

#define DEFINE_ARITHMETIC(name, op)               \
    static int arith_##name(lua_State *L) {       \
        return arithmetic(L, op, "__" #name);     \
    }
ARITHMETIC(DEFINE_ARITHMETIC)

/* ---- opening ---- */

static const luaL_Reg string_metamethods[] = {
#define REGISTER_ARITHMETIC(name, op) {"__" #name, arith_##name},
    ARITHMETIC(REGISTER_ARITHMETIC){"__index", NULL}, /* room for the library */
    {NULL, NULL},
};

const luaL_Reg lib_string_functions[] = {
    {"byte", str_byte},
    {"char", str_char},
    {"dump", str_dump},
    {"len", str_len},
    {"pack", pack_pack},
    {"packsize", pack_size},
    {"rep", str_rep},
    {"reverse", str_reverse},
    {"sub", str_sub},
    {"unpack", pack_unpack},
    /* set below, with upvalues */
    {"find", NULL},
    {"format", NULL},
    {"gmatch", NULL},
    {"gsub", NULL},
    {"lower", NULL},
    {"match", NULL},
    {"upper", NULL},
    {NULL, NULL},
};

static const luaL_Reg cached_functions[] = {
    {"find", str_find},   {"gmatch", str_gmatch}, {"gsub", str_gsub}, {"lower", str_lower},
    {"match", str_match}, {"upper", str_upper},   {NULL, NULL},
};

static void set_string_metatable(lua_State *L) {
    luaL_newlib(L, string_metamethods);
    lua_pushliteral(L, "");
    lua_pushvalue(L, -2);
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}

LUAMOD_API int luaopen_string(lua_State *L) {
    luaL_newlib(L, lib_string_functions);
    pattern_newcache(L);
    luaL_setfuncs(L, cached_functions, 1);
    format_push(L);
    lua_setfield(L, -2, "format");
    set_string_metatable(L);
    return 1;
}
