// SPDX-License-Identifier: MIT
/*
 * Lua patterns (manual, section 6.4.1): compiled to a short program of items,
 * remembered per state, and run by a backtracking matcher.
 *
 *   text ── pattern_get ──> Program (cached) ── pattern_search ──> Match, captures
 */
#ifndef PERIGEE_LIB_PATTERN_H
#define PERIGEE_LIB_PATTERN_H

#include "lib.h"

enum {
    PATTERN_MAX_CAPTURES = 32,
    PATTERN_UNFINISHED = -1, /* lengths of captures that are no substrings */
    PATTERN_POSITION = -2,
};

typedef struct Program Program;
typedef struct PatternCache PatternCache;

typedef struct {
    const char *start;
    ptrdiff_t len; /* or PATTERN_UNFINISHED, PATTERN_POSITION */
} Capture;

/* One subject under one pattern. The captures are those of the last success. */
typedef struct {
    lua_State *L;
    const char *subject, *end; /* *end is readable and '\0' */
    const Program *program;
    unsigned fuel; /* steps until the next poll */
    int ncaptures;
    Capture captures[PATTERN_MAX_CAPTURES];
} Match;

/* Pushes a new cache: a userdata that the library's functions keep as upvalue. */
void pattern_newcache(lua_State *L);

/*
 * The program of a pattern (without its anchor). `cache` may be NULL. Leaves at
 * most one value on the stack, which keeps the program alive. A cached program
 * is valid until the cache's generation changes, that is, as long as no Lua code
 * runs and nothing is allocated.
 */
const Program *pattern_get(lua_State *L, PatternCache *cache, const char *text, size_t len);
unsigned pattern_generation(const PatternCache *cache);

/* A program may be copied with memcpy, to memory aligned to 8 bytes. */
size_t pattern_size(const Program *program);
int pattern_captures(const Program *program);

static inline void pattern_start(Match *m, lua_State *L, const char *s, size_t len,
                                 const Program *program) {
    m->L = L;
    m->subject = s;
    m->end = s + len;
    m->program = program;
    m->fuel = LIB_POLL_STEPS;
    m->ncaptures = pattern_captures(program);
}

/* Match exactly at `s`: the end of the match, or NULL. */
const char *pattern_matchat(Match *m, const char *s);

/* The first match at or after `from`: its end and, in `*start`, its beginning; or NULL. */
const char *pattern_search(Match *m, const char *from, const char **start);

/* Position of a plain string, or NULL. */
const char *pattern_findplain(lua_State *L, const char *s, size_t len, const char *what,
                              size_t whatlen);
bool pattern_isplain(const char *text, size_t len);

/* Case tables in the current locale, as toupper and tolower give them. */
typedef struct {
    bool ascii; /* only the 26 letters have cases */
    unsigned char upper[256], lower[256];
} CaseTables;

const CaseTables *pattern_cases(PatternCache *cache);

#endif
