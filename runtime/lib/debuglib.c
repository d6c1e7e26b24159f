// SPDX-License-Identifier: MIT
/*
 * The debug library (manual section 6.10), over lua.h and lauxlib.h.
 *
 * Many functions work on another thread if their first argument is one, which shifts the others by
 * one; `Target` holds both facts. The other thread may be in any state, so each push onto its stack
 * must be checked.
 *
 * Hooks written in Lua are kept in a table in the registry, from thread to function, with weak
 * keys. C sees one hook for all of them, which looks the function up.
 */
#include <stdio.h>
#include <string.h>

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

typedef struct Target {
    lua_State *L;               /* the thread to work on */
    int shift;                  /* 1 if it was given as an argument, else 0 */
} Target;

static Target get_target(lua_State *L) {
    lua_State *other = lua_tothread(L, 1);
    return other != NULL ? (Target){other, 1} : (Target){L, 0};
}

static void check_room(lua_State *L, Target target, int n) {
    if (luai_unlikely(target.L != L && !lua_checkstack(target.L, n)))
        luaL_error(L, "stack overflow");
}

/* Push what lua_getlocal and its like return: NULL becomes nil. */
static int return_name(lua_State *L, const char *name) {
    lua_pushstring(L, name);
    return 1;
}

/* ---- Registry, metatables, user values ------------------------------------------------------ */

static int debug_getregistry(lua_State *L) {
    lua_pushvalue(L, LUA_REGISTRYINDEX);
    return 1;
}

static int debug_getmetatable(lua_State *L) {
    luaL_checkany(L, 1);
    if (!lua_getmetatable(L, 1))
        lua_pushnil(L);
    return 1;
}

static int debug_setmetatable(lua_State *L) {
    int type = lua_type(L, 2);
    luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
    lua_settop(L, 2);
    lua_setmetatable(L, 1);
    return 1;
}

static int debug_getuservalue(lua_State *L) {
    int n = (int)luaL_optinteger(L, 2, 1);
    int type = LUA_TNONE;
    if (lua_type(L, 1) == LUA_TUSERDATA)
        type = lua_getiuservalue(L, 1, n);
    else
        luaL_pushfail(L);
    if (type == LUA_TNONE)
        return 1;
    lua_pushboolean(L, 1);
    return 2;
}

static int debug_setuservalue(lua_State *L) {
    int n = (int)luaL_optinteger(L, 3, 1);
    luaL_checktype(L, 1, LUA_TUSERDATA);
    luaL_checkany(L, 2);
    lua_pushvalue(L, 2);
    if (lua_setiuservalue(L, 1, n))
        lua_pushvalue(L, 1);
    else
        luaL_pushfail(L);
    return 1;
}

/* ---- Functions and frames ------------------------------------------------------------------- */

static void set_integer(lua_State *L, int table, const char *key, int value) {
    lua_pushinteger(L, value);
    lua_setfield(L, table, key);
}

static void set_boolean(lua_State *L, int table, const char *key, int value) {
    lua_pushboolean(L, value);
    lua_setfield(L, table, key);
}

static void set_string(lua_State *L, int table, const char *key, const char *value) {
    lua_pushstring(L, value);
    lua_setfield(L, table, key);
}

static void set_source(lua_State *L, int table, const lua_Debug *ar) {
    lua_pushlstring(L, ar->source, ar->srclen);
    lua_setfield(L, table, "source");
    set_string(L, table, "short_src", ar->short_src);
    set_string(L, table, "what", ar->what);
    set_integer(L, table, "linedefined", ar->linedefined);
    set_integer(L, table, "lastlinedefined", ar->lastlinedefined);
}

static void set_line(lua_State *L, int table, const lua_Debug *ar) {
    set_integer(L, table, "currentline", ar->currentline);
}

static void set_name(lua_State *L, int table, const lua_Debug *ar) {
    set_string(L, table, "name", ar->name);
    set_string(L, table, "namewhat", ar->namewhat);
}

static void set_transfer(lua_State *L, int table, const lua_Debug *ar) {
    set_integer(L, table, "ftransfer", ar->ftransfer);
    set_integer(L, table, "ntransfer", ar->ntransfer);
}

static void set_tail_call(lua_State *L, int table, const lua_Debug *ar) {
    set_boolean(L, table, "istailcall", ar->istailcall);
}

static void set_parameters(lua_State *L, int table, const lua_Debug *ar) {
    set_integer(L, table, "nups", ar->nups);
    set_integer(L, table, "nparams", ar->nparams);
    set_boolean(L, table, "isvararg", ar->isvararg);
}

/* What each option of getinfo adds to the result, for those that fill fields of lua_Debug. */
static const struct {
    char option;
    void (*set)(lua_State *L, int table, const lua_Debug *ar);
} info_fields[] = {
    {'S', set_source}, {'l', set_line},      {'n', set_name},
    {'r', set_transfer}, {'t', set_tail_call}, {'u', set_parameters},
};

/*
 * The other two options push an object each, the lines on top; take these from the thread's stack.
 */
static void set_pushed(lua_State *L, int table, lua_State *from, const char *options) {
    int lines = strchr(options, 'L') != NULL;
    int function = strchr(options, 'f') != NULL;
    lua_xmove(from, L, lines + function);
    if (lines)
        lua_setfield(L, table, "activelines");
    if (function)
        lua_setfield(L, table, "func");
}

static int debug_getinfo(lua_State *L) {
    Target target = get_target(L);
    int what = target.shift + 1;
    const char *options = luaL_optstring(L, what + 1, "flnSrtu");
    int table;
    lua_Debug ar;
    check_room(L, target, 3);
    luaL_argcheck(L, options[0] != '>', what + 1, "invalid option '>'");
    if (lua_isfunction(L, what)) {
        options = lua_pushfstring(L, ">%s", options);
    } else if (!lua_getstack(target.L, (int)luaL_checkinteger(L, what), &ar)) {
        luaL_pushfail(L);
        return 1;
    }
    lua_newtable(L);
    table = lua_gettop(L);
    if (options[0] == '>') {
        lua_pushvalue(L, what);
        lua_xmove(L, target.L, 1);
    }
    if (!lua_getinfo(target.L, options, &ar))
        return luaL_argerror(L, what + 1, "invalid option");
    set_pushed(L, table, target.L, options);
    for (size_t i = 0; i < sizeof info_fields / sizeof info_fields[0]; i++) {
        if (strchr(options, info_fields[i].option) != NULL)
            info_fields[i].set(L, table, &ar);
    }
    return 1;
}

/* Let ar name the frame whose level is the argument `arg`. */
static void check_level(lua_State *L, Target target, int arg, lua_Debug *ar) {
    int level = (int)luaL_checkinteger(L, arg);
    luaL_argcheck(L, lua_getstack(target.L, level, ar), arg, "level out of range");
}

static int debug_getlocal(lua_State *L) {
    Target target = get_target(L);
    int where = target.shift + 1;
    int n = (int)luaL_checkinteger(L, where + 1);
    const char *name;
    lua_Debug ar;
    if (lua_isfunction(L, where)) {                 /* only parameters, which have no values */
        lua_pushvalue(L, where);
        return return_name(L, lua_getlocal(L, NULL, n));
    }
    check_level(L, target, where, &ar);
    check_room(L, target, 1);
    name = lua_getlocal(target.L, &ar, n);
    if (name == NULL) {
        luaL_pushfail(L);
        return 1;
    }
    lua_xmove(target.L, L, 1);
    lua_pushstring(L, name);
    lua_insert(L, -2);
    return 2;
}

static int debug_setlocal(lua_State *L) {
    Target target = get_target(L);
    int where = target.shift + 1;
    const char *name;
    lua_Debug ar;
    int n;
    luaL_checkinteger(L, where);                    /* a bad level comes before a bad variable */
    n = (int)luaL_checkinteger(L, where + 1);
    check_level(L, target, where, &ar);
    luaL_checkany(L, where + 2);
    lua_settop(L, where + 2);
    check_room(L, target, 1);
    lua_xmove(L, target.L, 1);
    name = lua_setlocal(target.L, &ar, n);
    if (name == NULL)
        lua_pop(target.L, 1);
    return return_name(L, name);
}

static int debug_traceback(lua_State *L) {
    Target target = get_target(L);
    int arg = target.shift + 1;
    const char *message = lua_tostring(L, arg);
    if (message == NULL && !lua_isnoneornil(L, arg)) {
        lua_pushvalue(L, arg);                      /* not for people to read: pass it on */
    } else {
        int level = (int)luaL_optinteger(L, arg + 1, target.L == L ? 1 : 0);
        luaL_traceback(L, target.L, message, level);
    }
    return 1;
}

/* ---- Upvalues ------------------------------------------------------------------------------- */

/* The upvalue's number in argument `arg + 1` is checked before the function in `arg`. */
static int check_upvalue(lua_State *L, int arg) {
    int n = (int)luaL_checkinteger(L, arg + 1);
    luaL_checktype(L, arg, LUA_TFUNCTION);
    return n;
}

static int debug_getupvalue(lua_State *L) {
    const char *name = lua_getupvalue(L, 1, check_upvalue(L, 1));
    if (name == NULL)
        return 0;
    lua_pushstring(L, name);
    lua_insert(L, -2);
    return 2;
}

static int debug_setupvalue(lua_State *L) {
    const char *name;
    luaL_checkany(L, 3);
    name = lua_setupvalue(L, 1, check_upvalue(L, 1));
    return name != NULL ? return_name(L, name) : 0;
}

static int debug_upvalueid(lua_State *L) {
    void *id = lua_upvalueid(L, 1, check_upvalue(L, 1));
    if (id != NULL)
        lua_pushlightuserdata(L, id);
    else
        luaL_pushfail(L);
    return 1;
}

static int check_existing_upvalue(lua_State *L, int arg) {
    int n = check_upvalue(L, arg);
    luaL_argcheck(L, lua_upvalueid(L, arg, n) != NULL, arg + 1, "invalid upvalue index");
    return n;
}

/* Arguments: closure and number, twice. All numbers are checked before any closure's kind. */
static int debug_upvaluejoin(lua_State *L) {
    int n[2];
    for (int i = 0; i < 2; i++)
        n[i] = check_existing_upvalue(L, 1 + 2 * i);
    for (int arg = 1; arg <= 3; arg += 2)
        luaL_argcheck(L, !lua_iscfunction(L, arg), arg, "Lua function expected");
    lua_upvaluejoin(L, 1, n[0], 3, n[1]);
    return 0;
}

/* ---- Hooks ---------------------------------------------------------------------------------- */

#define HOOKS "_HOOKKEY"

/* Push the table of hooks. It is its own metatable, for the weak keys. */
static void push_hooks(lua_State *L) {
    if (luaL_getsubtable(L, LUA_REGISTRYINDEX, HOOKS))
        return;
    lua_pushliteral(L, "k");
    lua_setfield(L, -2, "__mode");
    lua_pushvalue(L, -1);
    lua_setmetatable(L, -2);
}

/* Push the target thread onto L. */
static void push_target(lua_State *L, Target target) {
    check_room(L, target, 1);
    lua_pushthread(target.L);
    lua_xmove(target.L, L, 1);
}

static void call_hook(lua_State *L, lua_Debug *ar) {
    static const char *const names[] = {
        [LUA_HOOKCALL] = "call",   [LUA_HOOKRET] = "return",       [LUA_HOOKLINE] = "line",
        [LUA_HOOKCOUNT] = "count", [LUA_HOOKTAILCALL] = "tail call",
    };
    lua_getfield(L, LUA_REGISTRYINDEX, HOOKS);
    lua_pushthread(L);
    if (lua_rawget(L, -2) != LUA_TFUNCTION)
        return;
    lua_pushstring(L, names[ar->event]);
    if (ar->currentline >= 0)
        lua_pushinteger(L, ar->currentline);
    else
        lua_pushnil(L);
    lua_call(L, 2, 0);
}

static const struct {
    char letter;
    int mask;
} hook_masks[] = {{'c', LUA_MASKCALL}, {'r', LUA_MASKRET}, {'l', LUA_MASKLINE}};

enum { HOOK_MASKS = sizeof hook_masks / sizeof hook_masks[0] };

static int read_mask(const char *letters, int count) {
    int mask = count > 0 ? LUA_MASKCOUNT : 0;
    for (int i = 0; i < HOOK_MASKS; i++) {
        if (strchr(letters, hook_masks[i].letter) != NULL)
            mask |= hook_masks[i].mask;
    }
    return mask;
}

static void push_mask(lua_State *L, int mask) {
    char letters[HOOK_MASKS];
    size_t n = 0;
    for (int i = 0; i < HOOK_MASKS; i++) {
        if (mask & hook_masks[i].mask)
            letters[n++] = hook_masks[i].letter;
    }
    lua_pushlstring(L, letters, n);
}

/* Without a function hooks are turned off, and a nil takes the former one out of the table. */
static int debug_sethook(lua_State *L) {
    Target target = get_target(L);
    int hook = target.shift + 1;
    lua_Hook function = NULL;
    int mask = 0, count = 0;
    if (lua_isnoneornil(L, hook)) {
        lua_settop(L, hook);
    } else {
        const char *letters = luaL_checkstring(L, hook + 1);
        luaL_checktype(L, hook, LUA_TFUNCTION);
        count = (int)luaL_optinteger(L, hook + 2, 0);
        mask = read_mask(letters, count);
        function = call_hook;
    }
    push_hooks(L);
    push_target(L, target);
    lua_pushvalue(L, hook);
    lua_rawset(L, -3);
    lua_sethook(target.L, function, mask, count);
    return 0;
}

static int debug_gethook(lua_State *L) {
    Target target = get_target(L);
    lua_Hook hook = lua_gethook(target.L);
    if (hook == NULL) {
        luaL_pushfail(L);
        return 1;
    }
    if (hook == call_hook) {
        push_hooks(L);
        push_target(L, target);
        lua_rawget(L, -2);
    } else {
        lua_pushliteral(L, "external hook");
    }
    push_mask(L, lua_gethookmask(target.L));
    lua_pushinteger(L, lua_gethookcount(target.L));
    return 3;
}

/* ---- Interaction and limits ----------------------------------------------------------------- */

static int debug_debug(lua_State *L) {
    char line[250];
    for (;;) {
        lua_writestringerror("%s", "lua_debug> ");
        if (fgets(line, sizeof line, stdin) == NULL || strcmp(line, "cont\n") == 0)
            return 0;
        if (luaL_loadbuffer(L, line, strlen(line), "=(debug command)") != LUA_OK ||
            lua_pcall(L, 0, 0, 0) != LUA_OK)
            lua_writestringerror("%s\n", luaL_tolstring(L, -1, NULL));
        lua_settop(L, 0);
    }
}

static int debug_setcstacklimit(lua_State *L) {
    lua_pushinteger(L, lua_setcstacklimit(L, (unsigned int)luaL_checkinteger(L, 1)));
    return 1;
}

/* ---- The library ---------------------------------------------------------------------------- */

static const luaL_Reg functions[] = {
    {"debug", debug_debug},
    {"gethook", debug_gethook},
    {"getinfo", debug_getinfo},
    {"getlocal", debug_getlocal},
    {"getmetatable", debug_getmetatable},
    {"getregistry", debug_getregistry},
    {"getupvalue", debug_getupvalue},
    {"getuservalue", debug_getuservalue},
    {"setcstacklimit", debug_setcstacklimit},
    {"sethook", debug_sethook},
    {"setlocal", debug_setlocal},
    {"setmetatable", debug_setmetatable},
    {"setupvalue", debug_setupvalue},
    {"setuservalue", debug_setuservalue},
    {"traceback", debug_traceback},
    {"upvalueid", debug_upvalueid},
    {"upvaluejoin", debug_upvaluejoin},
    {NULL, NULL},
};

int luaopen_debug(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
