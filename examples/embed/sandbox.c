/* SPDX-License-Identifier: MIT
 *
 * A host of plugins that it does not trust: each is loaded as text only, sees a table of harmless functions in place of the
 * globals, and runs under limits. A plugin that exceeds one is stopped, whatever it does to catch the error; the
 * state goes on with the next.
 *
 *     cc sandbox.c $(pkg-config --cflags --libs perigee) -o sandbox
 */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <perigee.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *text;
} plugins[] = {
    {"greeter", "say('hello, ' .. ('%d'):format(6 * 7))"},
    {"mistaken", "local t = nil\nsay(t.x)"},
    {"endless", "while true do pcall(function() while true do end end) end"},
    {"greedy", "local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end"},
    {"recursive", "local function f(n) return 1 + f(n + 1) end say(pcall(f, 1))"},
    {"curious", "say(io == nil and os == nil and debug == nil and load == nil)"},
    {"polite", "for i = 1, 3 do say('still here', i) end"},
};

/* What plugins may use: pure functions of the base library, and three libraries. No load, which takes bytecode; no io, os, debug,
 * package; no collectgarbage; no getmetatable, which leads from a string to the table that all strings share. */
static const char *const names[] = {"assert", "error", "ipairs", "next", "pairs", "pcall", "select", "tonumber", "tostring", "type", "xpcall"};
static const char *const libraries[] = {"math", "string", "table"};

static int say(lua_State *L) {
    int count = lua_gettop(L);
    for (int n = 1; n <= count; n++) {
        printf("%s%s", n > 1 ? " " : "    ", luaL_tolstring(L, n, NULL));
        lua_pop(L, 1);
    }
    printf("\n");
    return 0;
}

/* Each plugin gets libraries of its own, so that none changes what the next one calls. */
static void push_copy(lua_State *L, const char *library) {
    lua_newtable(L);
    lua_getglobal(L, library);
    for (lua_pushnil(L); lua_next(L, -2) != 0;) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_settable(L, -5);
    }
    lua_pop(L, 1);
}

static void push_environment(lua_State *L) {
    lua_newtable(L);
    for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
        lua_getglobal(L, names[n]);
        lua_setfield(L, -2, names[n]);
    }
    for (size_t n = 0; n < sizeof libraries / sizeof *libraries; n++) {
        push_copy(L, libraries[n]);
        lua_setfield(L, -2, libraries[n]);
    }
    lua_pushcfunction(L, say);
    lua_setfield(L, -2, "say");
}

/* What the last plugin used up, and its garbage, is not the next one's. */
static void clear_limits(lua_State *L) {
    for (int which = PERIGEE_LIMIT_INSTRUCTIONS; which <= PERIGEE_LIMIT_DEPTH; which++) perigee_clearlimit(L, which);
    lua_gc(L, LUA_GCCOLLECT);
}

static void set_limits(lua_State *L) {
    unsigned long long used = perigee_usage(L, PERIGEE_LIMIT_MEMORY);
    perigee_setlimit(L, PERIGEE_LIMIT_INSTRUCTIONS, 5 * 1000 * 1000);
    perigee_setlimit(L, PERIGEE_LIMIT_TIME, 10ULL * 1000 * 1000 * 1000); /* ns */
    perigee_setlimit(L, PERIGEE_LIMIT_MEMORY, used + 4 * 1024 * 1024);
    perigee_setlimit(L, PERIGEE_LIMIT_DEPTH, 200);
}

/* NULL: no limit did it. */
static const char *reason(lua_State *L) {
    switch (perigee_limitreached(L)) {
        case PERIGEE_LIMIT_INSTRUCTIONS: return "too many instructions";
        case PERIGEE_LIMIT_TIME: return "too much time";
        case PERIGEE_LIMIT_MEMORY: return "too much memory";
        default: return NULL; /* an error of its own; too deep calls raise an ordinary one */
    }
}

static void run(lua_State *L, const char *name, const char *text) {
    printf("%s\n", name);
    clear_limits(L);
    if (luaL_loadbufferx(L, text, strlen(text), name, "t") == LUA_OK) {
        push_environment(L);
        lua_setupvalue(L, -2, 1); /* the first upvalue of a chunk is _ENV */
        set_limits(L);
        if (lua_pcall(L, 0, 0, 0) == LUA_OK) return;
    }
    const char *stopped = reason(L);
    if (stopped != NULL) printf("    stopped, %s\n", stopped);
    else printf("    failed: %s\n", lua_tostring(L, -1));
    lua_settop(L, 0);
}

int main(void) {
    lua_State *L = luaL_newstate();
    if (L == NULL) return 1;
    luaL_openlibs(L);
    for (size_t n = 0; n < sizeof plugins / sizeof *plugins; n++) run(L, plugins[n].name, plugins[n].text);
    lua_close(L);
    return 0;
}
