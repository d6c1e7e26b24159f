// SPDX-License-Identifier: MIT
/*
 * The utf8 library (manual, section 6.5). Decoding reads a terminated string, so that
 * a sequence cut off by the end meets '\0', which continues nothing.
 */
#include "lib.h"

#include <limits.h>

#include "lualib.h"

enum { MAX_UNICODE = 0x10FFFF, MAX_CODE = 0x7FFFFFFF, MAX_SEQUENCE = 6 };

static const char invalid_code[] = "invalid UTF-8 code";

static inline bool continues(char c) {
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* Like lib_endpos, but a position is not clipped: callers check it. */
static lua_Integer relative_position(lua_Integer pos, size_t len) {
    if (pos >= 0) {
        return pos;
    }
    return 0u - (size_t)pos > len ? 0 : (lua_Integer)len + pos + 1;
}

/* The number of continuation bytes that a first byte announces, or -1. */
static int announced(unsigned char first) {
    if (first < 0x80) {
        return 0;
    }
    int ones = __builtin_clz(~((unsigned)first << 24));
    return ones < 2 || ones > MAX_SEQUENCE ? -1 : ones - 1;
}

/*
 * Reads one sequence: what follows it, or NULL if it is malformed, longer than
 * necessary, or (strict) no Unicode scalar value.
 */
static const char *decode(const char *s, uint32_t *code, bool strict) {
    static const uint32_t least[MAX_SEQUENCE] = {0, 0x80, 0x800, 0x10000, 0x200000, 0x4000000};
    unsigned char first = (unsigned char)*s++;
    if (first < 0x80) {
        *code = first;
        return s;
    }
    int count = announced(first);
    if (count < 0) {
        return NULL;
    }
    uint32_t c = first & (0x3Fu >> count);
    for (int i = 0; i < count; i++) {
        if (!continues(*s)) {
            return NULL;
        }
        c = c << 6 | ((unsigned char)*s++ & 0x3F);
    }
    if (c < least[count] || (strict && (c > MAX_UNICODE || (c >= 0xD800 && c <= 0xDFFF)))) {
        return NULL;
    }
    *code = c;
    return s;
}

/* Writes the sequence for a code; its length. */
static size_t encode(char *out, uint32_t code) {
    if (code < 0x80) {
        *out = (char)code;
        return 1;
    }
    int count = 1; /* continuation bytes: the first byte has 6 - count bits left */
    while (code >> (6 * count) >= 1u << (6 - count)) {
        count++;
    }
    *out = (char)((0xFF80u >> count & 0xFF) | code >> (6 * count));
    for (int i = 1; i <= count; i++) {
        out[i] = (char)(0x80 | (code >> (6 * (count - i)) & 0x3F));
    }
    return (size_t)count + 1;
}

/* How many bytes from s on are ASCII for sure, a multiple of 8. */
static size_t ascii_stretch(const char *s, size_t len) {
    size_t i = 0;
    for (; i + 8 <= len; i += 8) {
        uint64_t w;
        memcpy(&w, s + i, 8);
        if (w & 0x8080808080808080u) {
            break;
        }
    }
    return i;
}

static int utf8_len(lua_State *L) {
    size_t len;
    int top = lua_gettop(L);
    const char *s = lib_checkstring(L, 1, &len);
    lua_Integer pos = relative_position(lib_optint(L, 2, top, 1), len);
    lua_Integer last = relative_position(lib_optint(L, 3, top, -1), len);
    bool strict = !lua_toboolean(L, 4);
    luaL_argcheck(L, pos >= 1 && pos - 1 <= (lua_Integer)len, 2,
                  "initial position out of bounds");
    luaL_argcheck(L, last - 1 < (lua_Integer)len, 3, "final position out of bounds");
    lua_Integer count = 0;
    for (pos--; pos < last; count++) {
        size_t ascii = ascii_stretch(s + pos, (size_t)(last - pos));
        count += (lua_Integer)ascii;
        pos += (lua_Integer)ascii;
        if (pos >= last) {
            break;
        }
        uint32_t code;
        const char *next = decode(s + pos, &code, strict);
        if (next == NULL) {
            luaL_pushfail(L);
            lua_pushinteger(L, pos + 1);
            return 2;
        }
        pos = next - s;
    }
    lua_pushinteger(L, count);
    return 1;
}

static int utf8_codepoint(lua_State *L) {
    size_t len;
    int top = lua_gettop(L);
    const char *s = lib_checkstring(L, 1, &len);
    lua_Integer from = relative_position(lib_optint(L, 2, top, 1), len);
    lua_Integer to = relative_position(lib_optint(L, 3, top, from), len);
    bool strict = !lua_toboolean(L, 4);
    luaL_argcheck(L, from >= 1, 2, "out of bounds");
    luaL_argcheck(L, to <= (lua_Integer)len, 3, "out of bounds");
    if (from > to) {
        return 0;
    }
    if (to - from >= INT_MAX) {
        return luaL_error(L, "string slice too long");
    }
    luaL_checkstack(L, (int)(to - from) + 1, "string slice too long");
    int n = 0;
    for (const char *p = s + from - 1, *end = s + to; p < end; n++) {
        uint32_t code;
        p = decode(p, &code, strict);
        if (p == NULL) {
            return luaL_error(L, invalid_code);
        }
        lua_pushinteger(L, code);
    }
    return n;
}

static int utf8_char(lua_State *L) {
    LibRoom room;
    int n = lua_gettop(L);
    char *out = lib_room(L, &room, (size_t)n * MAX_SEQUENCE);
    size_t len = 0;
    for (int i = 1; i <= n; i++) {
        lua_Unsigned code = (lua_Unsigned)lib_checkint(L, i);
        luaL_argcheck(L, code <= MAX_CODE, i, "value out of range");
        len += encode(out + len, (uint32_t)code);
    }
    lib_push(L, &room, len);
    return 1;
}

/* Moves `n` characters back (n < 0) or forward; what is left of n. */
static lua_Integer move_by(const char *s, lua_Integer len, lua_Integer *pos, lua_Integer n) {
    lua_Integer p = *pos;
    for (; n < 0 && p > 0; n++) {
        do {
            p--;
        } while (p > 0 && continues(s[p]));
    }
    for (; n > 0 && p < len; n--) {
        do {
            p++;
        } while (continues(s[p])); /* ends at the final '\0' */
    }
    *pos = p;
    return n;
}

static int utf8_offset(lua_State *L) {
    size_t len;
    const char *s = lib_checkstring(L, 1, &len);
    lua_Integer n = lib_checkint(L, 2);
    lua_Integer start = n >= 0 ? 1 : (lua_Integer)len + 1;
    lua_Integer pos = relative_position(lib_optint(L, 3, lua_gettop(L), start), len);
    luaL_argcheck(L, pos >= 1 && pos - 1 <= (lua_Integer)len, 3, "position out of bounds");
    pos--;
    if (n == 0) {
        while (pos > 0 && continues(s[pos])) {
            pos--;
        }
    } else {
        if (continues(s[pos])) {
            return luaL_error(L, "initial position is a continuation byte");
        }
        n = move_by(s, (lua_Integer)len, &pos, n > 0 ? n - 1 : n);
    }
    if (n == 0) {
        lua_pushinteger(L, pos + 1);
    } else {
        luaL_pushfail(L);
    }
    return 1;
}

/* ---- codes ---- */

static int next_code(lua_State *L, bool strict) {
    size_t len;
    const char *s = lib_checkstring(L, 1, &len);
    lua_Unsigned pos = (lua_Unsigned)lua_tointeger(L, 2);
    if (pos < len) { /* the byte at `pos` belongs to the character before */
        while (continues(s[pos])) {
            pos++;
        }
    }
    if (pos >= len) {
        return 0;
    }
    uint32_t code;
    const char *next = decode(s + pos, &code, strict);
    if (next == NULL || continues(*next)) {
        return luaL_error(L, invalid_code);
    }
    lua_pushinteger(L, (lua_Integer)pos + 1);
    lua_pushinteger(L, code);
    return 2;
}

static int next_strict(lua_State *L) {
    return next_code(L, true);
}

static int next_lax(lua_State *L) {
    return next_code(L, false);
}

static int utf8_codes(lua_State *L) {
    bool lax = lua_toboolean(L, 2);
    const char *s = luaL_checkstring(L, 1);
    luaL_argcheck(L, !continues(*s), 1, invalid_code);
    lua_pushcfunction(L, lax ? next_lax : next_strict);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

static const luaL_Reg utf8_functions[] = {
    {"char", utf8_char},   {"codepoint", utf8_codepoint}, {"codes", utf8_codes},
    {"len", utf8_len},     {"offset", utf8_offset},       {"charpattern", NULL},
    {NULL, NULL},
};

LUAMOD_API int luaopen_utf8(lua_State *L) {
    static const char charpattern[] = "[\0-\x7F\xC2-\xFD][\x80-\xBF]*";
    luaL_newlib(L, utf8_functions);
    lua_pushlstring(L, charpattern, sizeof charpattern - 1);
    lua_setfield(L, -2, "charpattern");
    return 1;
}
