// SPDX-License-Identifier: MIT
/* Strings: interning, long strings, append buffers. Layout in object/object.h. */
#ifndef PERIGEE_STRING_H
#define PERIGEE_STRING_H

#include <string.h>

#include "object/thread.h"

void str_init(lua_State *L);   /* intern table (for a new state) */
void str_close(lua_State *L);
String *str_new(lua_State *L, const char *bytes, size_t len); /* short ones interned; bytes may point into a Lua string on the stack */
static inline String *str_newz(lua_State *L, const char *s) { return str_new(L, s, strlen(s)); }
/* A long string of len bytes to be filled in by the caller through *bytes before anything else
 * happens (len > STR_MAXSHORT). Terminated. */
LongString *str_newlong(lua_State *L, size_t len, char **bytes);
/* left .. right for total length > STR_MAXSHORT: appends in place when left ends its buffer; left long */
String *str_append(lua_State *L, LongString *left, const char *right, size_t rlen);
/* The same in place, for a string that nobody else has: n strings or numbers. False: nothing happened; there is no room, or one is neither. */
bool str_extend(LongString *s, const TValue *more, unsigned n);
/* Terminated bytes that stay valid and in place while the string lives (lua_tolstring). May
 * allocate; the string must be reachable. */
const char *str_cstr(lua_State *L, String *s);
const char *str_cstr_at_hand(String *s); /* NULL: it would have to be copied */
bool str_equal(const String *a, const String *b);  /* any two strings */
int str_compare(const String *a, const String *b); /* by strcoll, piecewise across zero bytes, as l_strcmp order of the manual */
uint32_t str_hash(const Global *g, const char *bytes, size_t len);
uint32_t str_longhash(const Global *g, LongString *s); /* computed once */

/* number <-> text; exact rules of the language */
size_t str_tonumber(const char *s, TValue *out); /* length of s + 1 consumed if all of s is a numeral, else 0 (as lua_stringtonumber) */
enum { NUM_BUFFER = 48 };
unsigned num_format(const TValue *num, char *buf); /* text of an integer or float ("%.14g", ".0" added), not terminated; returns length */

#endif
