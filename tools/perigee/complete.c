// SPDX-License-Identifier: MIT
//
// The word is a path: names, each followed by '.' or ':', and an unfinished name.
//
//      io.stdout:wr          starts from the table of globals; each finished name is looked up,
//      \___path__/\/prefix   then the fields of what was found are offered
//
// Lookups and listings are raw. Where the language would ask __index, they go on in that value
// while it is data; a function there ends the search, since completion must not run the program's
// code. For the same reason the collector rests: a finalizer is code too.

#include "complete.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lauxlib.h"

enum {
    MAX_INDEX_CHAIN = 100,   // values of __index followed, against circles
    MAX_MATCHES = 5000,
};

typedef struct {
    const char *word;
    const char *prefix;   // the unfinished name at the end of the word
    bool methods_only;
    size_t count;
    size_t capacity;
    char **matches;       // null after the last; null if there are none
} Completion;

static const char *const keywords[] = {
    "and",      "break", "do",  "else", "elseif", "end",    "false", "for",
    "function", "goto",  "if",  "in",   "local",  "nil",    "not",   "or",
    "repeat",   "return", "then", "true", "until", "while",
};

/* ---- Matches ----------------------------------------------------------------------------- */

static bool reserve_match(Completion *c) {
    if (c->count + 2 <= c->capacity)
        return true;
    size_t capacity = c->capacity == 0 ? 16 : 2 * c->capacity;
    char **matches = realloc(c->matches, capacity * sizeof *matches);
    if (matches == NULL)
        return false;
    c->matches = matches;
    c->capacity = capacity;
    return true;
}

/* Adds the word with its unfinished name replaced by `name`. */
static void add_match(Completion *c, const char *name) {
    size_t path = (size_t)(c->prefix - c->word);
    if (c->count >= MAX_MATCHES || !reserve_match(c))
        return;
    char *match = malloc(path + strlen(name) + 1);
    if (match == NULL)
        return;
    memcpy(match, c->word, path);
    strcpy(match + path, name);
    c->matches[c->count++] = match;
    c->matches[c->count] = NULL;
}

static bool has_prefix(const Completion *c, const char *name) {
    return strncmp(name, c->prefix, strlen(c->prefix)) == 0;
}

static void add_keywords(Completion *c) {
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        if (has_prefix(c, keywords[i]))
            add_match(c, keywords[i]);
    }
}

/* ---- Raw walks --------------------------------------------------------------------------- */

/* Replaces the value on the top by its __index; false, and nothing on the top, without one. */
static bool follow_index(lua_State *L) {
    if (!lua_getmetatable(L, -1)) {
        lua_pop(L, 1);
        return false;
    }
    lua_pushliteral(L, "__index");
    int type = lua_rawget(L, -2);
    lua_replace(L, -3);
    lua_pop(L, 1);
    if (type != LUA_TNIL && type != LUA_TFUNCTION)
        return true;
    lua_pop(L, 1);
    return false;
}

/* Replaces the value on the top by its field; false, and nothing on the top, without one. */
static bool enter_field(lua_State *L, const char *name, size_t length) {
    for (int i = 0; i < MAX_INDEX_CHAIN; i++) {
        if (lua_istable(L, -1)) {
            lua_pushlstring(L, name, length);
            if (lua_rawget(L, -2) != LUA_TNIL) {
                lua_replace(L, -2);
                return true;
            }
            lua_pop(L, 1);
        }
        if (!follow_index(L))
            return false;
    }
    lua_pop(L, 1);
    return false;
}

static bool is_name(const char *text, size_t length) {
    if (length == 0 || isdigit((unsigned char)text[0]))
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)text[i]) && text[i] != '_')
            return false;
    }
    return true;
}

/* Whether the key below the top, with its value on the top, is to be offered. */
static bool is_candidate(lua_State *L, const Completion *c) {
    size_t length;
    if (lua_type(L, -2) != LUA_TSTRING || (c->methods_only && !lua_isfunction(L, -1)))
        return false;
    const char *name = lua_tolstring(L, -2, &length);
    return is_name(name, length) && has_prefix(c, name);
}

/* Offers the key below the top unless the table at index `seen` has it. */
static void add_once(lua_State *L, Completion *c, int seen) {
    lua_pushvalue(L, -2);
    if (lua_rawget(L, seen) == LUA_TNIL) {
        add_match(c, lua_tostring(L, -3));
        lua_pushvalue(L, -3);
        lua_pushboolean(L, 1);
        lua_rawset(L, seen);
    }
    lua_pop(L, 1);
}

static void add_fields(lua_State *L, Completion *c, int seen) {
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        if (is_candidate(L, c))
            add_once(L, c, seen);
        lua_pop(L, 1);
    }
}

/* Offers the fields of the value on the top and of all that its __index leads to; pops it. */
static void add_all_fields(lua_State *L, Completion *c) {
    lua_newtable(L);
    lua_insert(L, -2);
    int seen = lua_gettop(L) - 1;
    for (int i = 0; i < MAX_INDEX_CHAIN; i++) {
        if (lua_istable(L, -1))
            add_fields(L, c, seen);
        if (!follow_index(L))
            return;
    }
}

/* ---- The search -------------------------------------------------------------------------- */

static int search(lua_State *L) {
    Completion *c = lua_touserdata(L, 1);
    luaL_checkstack(L, 20, NULL);
    lua_pushglobaltable(L);
    for (;;) {
        size_t length = strcspn(c->prefix, ".:");
        char separator = c->prefix[length];
        if (separator == '\0')
            break;
        if (!enter_field(L, c->prefix, length))
            return 0;
        c->prefix += length + 1;
        c->methods_only = separator == ':';
    }
    if (c->prefix == c->word)
        add_keywords(c);
    add_all_fields(L, c);
    return 0;
}

char **complete_word(lua_State *L, const char *word) {
    Completion c = {.word = word, .prefix = word};
    if (!lua_checkstack(L, 3))
        return NULL;
    int collecting = lua_gc(L, LUA_GCISRUNNING);
    lua_gc(L, LUA_GCSTOP);
    lua_pushcfunction(L, search);
    lua_pushlightuserdata(L, &c);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK)   // out of memory: what was found so far will do
        lua_pop(L, 1);
    if (collecting)
        lua_gc(L, LUA_GCRESTART);
    return c.matches;
}
