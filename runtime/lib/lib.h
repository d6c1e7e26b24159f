// SPDX-License-Identifier: MIT
/*
 * What the files of the standard library share: the poll word, argument
 * readers that cost one API call in the usual case, and result buffers that
 * need no copy while the result is small.
 *
 * The library stands on the public API (lua.h, lauxlib.h) alone.
 */
#ifndef PERIGEE_LIB_H
#define PERIGEE_LIB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lua.h"

#include "lauxlib.h"
#include "perigee.h"

#define LIB_LIKELY(x) __builtin_expect(!!(x), 1)
#define LIB_UNLIKELY(x) __builtin_expect(!!(x), 0)

/* The module `jit`; as a lua_CFunction it pushes the module (jitlib.c). */
int lib_open_jit(lua_State *L);

/* Steps a loop may take between two polls, and bytes that count as such a stretch. */
enum { LIB_POLL_STEPS = 256, LIB_POLL_BYTES = 1 << 20 };

/*
 * A safepoint for C loops whose length the script decides: it gives limits
 * and interrupts a chance. Contract: it may raise an error (long jump), but it
 * neither runs Lua code nor moves or frees anything reachable from the stack.
 * Callers therefore hold no resource across it that only they know of.
 */
static inline void lib_poll(lua_State *L) {
    perigee_poll(L);
}

/* Counts one step of a long loop; polls when `*fuel` is used up. */
static inline void lib_step(lua_State *L, unsigned *fuel) {
    if (LIB_UNLIKELY((*fuel)-- == 0)) {
        *fuel = LIB_POLL_STEPS;
        lib_poll(L);
    }
}

/* luaL_checklstring, luaL_checkinteger, luaL_checknumber with the good case inline. */
static inline const char *lib_checkstring(lua_State *L, int arg, size_t *len) {
    const char *s = lua_tolstring(L, arg, len);
    return LIB_LIKELY(s != NULL) ? s : luaL_checklstring(L, arg, len);
}

static inline lua_Integer lib_checkint(lua_State *L, int arg) {
    int ok;
    lua_Integer n = lua_tointegerx(L, arg, &ok);
    return LIB_LIKELY(ok) ? n : luaL_checkinteger(L, arg);
}

static inline lua_Number lib_checknum(lua_State *L, int arg) {
    int ok;
    lua_Number n = lua_tonumberx(L, arg, &ok);
    return LIB_LIKELY(ok) ? n : luaL_checknumber(L, arg);
}

/* `top` is lua_gettop at entry: an argument that was not passed costs no call. */
static inline lua_Integer lib_optint(lua_State *L, int arg, int top, lua_Integer otherwise) {
    if (arg > top) {
        return otherwise;
    }
    int ok;
    lua_Integer n = lua_tointegerx(L, arg, &ok);
    return LIB_LIKELY(ok) ? n : luaL_optinteger(L, arg, otherwise);
}

/*
 * A result of known size: `lib_room` gives where to write it, `lib_push` makes
 * the string. Small ones live in the C frame; larger ones in a luaL_Buffer, so
 * nothing may be left on the stack above it between the two calls.
 */
typedef struct {
    bool is_small;
    char small[512];
    luaL_Buffer large;
} LibRoom;

static inline char *lib_room(lua_State *L, LibRoom *r, size_t size) {
    r->is_small = size <= sizeof r->small;
    return r->is_small ? r->small : luaL_buffinitsize(L, &r->large, size);
}

/* `size` may be less than was asked for. */
static inline void lib_push(lua_State *L, LibRoom *r, size_t size) {
    if (r->is_small) {
        lua_pushlstring(L, r->small, size);
    } else {
        luaL_pushresultsize(&r->large, size);
    }
}

/* memcpy, better for the few bytes that most pieces of text have. */
static inline void lib_copy(char *to, const char *from, size_t len) {
    if (len > 16) {
        memcpy(to, from, len);
    } else if (len >= 8) { /* two words that overlap */
        uint64_t first, last;
        memcpy(&first, from, 8);
        memcpy(&last, from + len - 8, 8);
        memcpy(to, &first, 8);
        memcpy(to + len - 8, &last, 8);
    } else {
        for (size_t i = 0; i < len; i++) {
            to[i] = from[i];
        }
    }
}

/* luaL_addlstring whose usual case is one comparison and a copy. */
static inline void lib_add(luaL_Buffer *b, const char *s, size_t len) {
    if (LIB_LIKELY(b->size - b->n >= len)) {
        lib_copy(b->b + b->n, s, len);
        b->n += len;
    } else {
        luaL_addlstring(b, s, len);
    }
}

static inline void lib_addchar(luaL_Buffer *b, char c) {
    luaL_addchar(b, c);
}

/* At least `size` free bytes at the end of the buffer. */
static inline char *lib_reserve(luaL_Buffer *b, size_t size) {
    return LIB_LIKELY(b->size - b->n >= size) ? b->b + b->n : luaL_prepbuffsize(b, size);
}

/*
 * String positions as the manual's section 6.4 counts them: negative ones from
 * the end. The first gives a start, at least 1; the second an end, at most `len`.
 */
static inline size_t lib_startpos(lua_Integer pos, size_t len) {
    if (LIB_LIKELY(pos > 0)) {
        return (size_t)pos;
    }
    return pos == 0 || pos < -(lua_Integer)len ? 1 : len + (size_t)pos + 1;
}

static inline size_t lib_endpos(lua_Integer pos, size_t len) {
    if (pos > (lua_Integer)len) {
        return len;
    }
    if (pos >= 0) {
        return (size_t)pos;
    }
    return pos < -(lua_Integer)len ? 0 : len + (size_t)pos + 1;
}

#endif
