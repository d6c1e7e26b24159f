// SPDX-License-Identifier: MIT
/* From source text or binary chunk to a function. */
#ifndef PERIGEE_FRONT_H
#define PERIGEE_FRONT_H

#include "state/state.h"

/* A stream of bytes from a lua_Reader. */
typedef struct Source {
    lua_State *L;
    lua_Reader reader;
    void *data;
    const char *p; /* next byte */
    size_t n;      /* bytes left at p */
} Source;
enum { SOURCE_END = -1 };
int source_fill(Source *s); /* asks the reader; returns the first byte or SOURCE_END */
static inline int source_next(Source *s) { return s->n-- > 0 ? (unsigned char)*s->p++ : source_fill(s); }

/* Parses source text; first is its first byte, already read. Pushes the closure (its first upvalue,
 * if any, not yet set) and returns it. Raises LUA_ERRSYNTAX ("name:line: message near 'token'"). */
LClosure *front_parse(lua_State *L, Source *s, const char *name, int first);
/* Loads a binary chunk (first byte already read); the same contract. Every malformed chunk is rejected. */
LClosure *front_undump(lua_State *L, Source *s, const char *name);
/* Writes f as a binary chunk; returns the writer's status. */
int front_dump(lua_State *L, const Proto *f, lua_Writer w, void *data, bool strip);
/* Checks that code can be run safely; NULL: yes, else what is wrong. */
const char *front_verify(lua_State *L, const Proto *f);
/* Writes a listing of f to out (FILE *); full: with constants, locals, upvalues. */
void front_list(const Proto *f, void *out, bool full);

#endif
