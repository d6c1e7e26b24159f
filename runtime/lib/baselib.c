// SPDX-License-Identifier: MIT
/*
 * The basic functions (manual section 6.1), over lua.h and lauxlib.h.
 *
 * Functions that call back into Lua on their caller's behalf (pcall, xpcall, dofile, pairs) pass a
 * continuation, so that a coroutine may yield across them. Their stack is laid out so that the
 * continuation finds the results whichever way it is entered.
 */
#include <ctype.h>
#include <string.h>

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

/* ---- Output --------------------------------------------------------------------------------- */

static int base_print(lua_State *L) {
    int n = lua_gettop(L);
    for (int i = 1; i <= n; i++) {
        size_t l;
        const char *s = luaL_tolstring(L, i, &l);
        if (i != 1)
            lua_writestring("\t", 1);
        lua_writestring(s, l);
        lua_pop(L, 1);
    }
    lua_writeline();
    return 0;
}

/* All arguments are checked before the first is emitted: an error must not leave half a warning. */
static int base_warn(lua_State *L) {
    int n = lua_gettop(L);
    int i = 1;
    do {
        luaL_checkstring(L, i);
    } while (i++ < n);
    for (i = 1; i <= n; i++)
        lua_warning(L, lua_tostring(L, i), i < n);
    return 0;
}

/* ---- Types and conversions ------------------------------------------------------------------ */

static int base_type(lua_State *L) {
    luaL_checkany(L, 1);
    lua_pushstring(L, luaL_typename(L, 1));
    return 1;
}

static int base_tostring(lua_State *L) {
    luaL_checkany(L, 1);
    luaL_tolstring(L, 1, NULL);
    return 1;
}

static const char *skip_space(const char *s) {
    return s + strspn(s, " \f\n\r\t\v");
}

/* The value of a digit in bases up to 36; 36 for what is none. */
static int digit_value(char c) {
    unsigned char u = (unsigned char)c;
    if (isdigit(u))
        return u - '0';
    return isalpha(u) ? toupper(u) - 'A' + 10 : 36;
}

/* Read a numeral that wraps around like integers do; returns its end, NULL if it is none. */
static const char *read_integer(const char *s, int base, lua_Integer *value) {
    lua_Unsigned n = 0;
    const char *digits;
    int negative;
    s = skip_space(s);
    negative = *s == '-';
    digits = s += negative || *s == '+';
    for (; digit_value(*s) < base; s++)
        n = n * (lua_Unsigned)base + (lua_Unsigned)digit_value(*s);
    *value = (lua_Integer)(negative ? 0 - n : n);
    return s == digits ? NULL : skip_space(s);
}

static int tonumber_in_base(lua_State *L) {
    lua_Integer base = luaL_checkinteger(L, 2);
    lua_Integer value;
    size_t l;
    const char *s;
    luaL_checktype(L, 1, LUA_TSTRING);
    s = lua_tolstring(L, 1, &l);
    luaL_argcheck(L, base >= 2 && base <= 36, 2, "base out of range");
    if (read_integer(s, (int)base, &value) == s + l)
        lua_pushinteger(L, value);
    else
        luaL_pushfail(L);
    return 1;
}

static int base_tonumber(lua_State *L) {
    size_t l;
    const char *s;
    if (!lua_isnoneornil(L, 2))
        return tonumber_in_base(L);
    luaL_checkany(L, 1);
    if (lua_type(L, 1) == LUA_TNUMBER) {
        lua_settop(L, 1);
        return 1;
    }
    s = lua_tolstring(L, 1, &l);
    if (s == NULL || lua_stringtonumber(L, s) != l + 1)     /* also when a zero byte cut it short */
        luaL_pushfail(L);
    return 1;
}

/* ---- Errors --------------------------------------------------------------------------------- */

/* Raise the value in slot 1, a string prefixed with where the function at `level` is. */
static int raise_at(lua_State *L, int level) {
    lua_settop(L, 1);
    if (level > 0 && lua_type(L, 1) == LUA_TSTRING) {
        luaL_where(L, level);
        lua_insert(L, 1);
        lua_concat(L, 2);
    }
    return lua_error(L);
}

static int base_error(lua_State *L) {
    return raise_at(L, (int)luaL_optinteger(L, 2, 1));
}

/* Without a message the standard text is one. Any further arguments are dropped. */
static int base_assert(lua_State *L) {
    if (luai_likely(lua_toboolean(L, 1)))
        return lua_gettop(L);
    luaL_checkany(L, 1);
    if (lua_gettop(L) == 1)
        lua_pushliteral(L, "assertion failed!");
    lua_remove(L, 1);
    return raise_at(L, 1);
}

/*
 * Results of a protected call, whose true lies above `below` slots; on error a message is on top.
 */
static int protected_results(lua_State *L, int status, lua_KContext below) {
    if (luai_likely(status == LUA_OK || status == LUA_YIELD))
        return lua_gettop(L) - (int)below;
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
}

/* The stack becomes: true, function, arguments. */
static int base_pcall(lua_State *L) {
    int arguments = lua_gettop(L) - 1;
    luaL_checkany(L, 1);
    lua_pushboolean(L, 1);
    lua_insert(L, 1);
    return protected_results(
        L, lua_pcallk(L, arguments, LUA_MULTRET, 0, 0, protected_results), 0);
}

/* The stack becomes: function, handler, true, function, arguments. */
static int base_xpcall(lua_State *L) {
    int arguments = lua_gettop(L) - 2;
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_pushboolean(L, 1);
    lua_pushvalue(L, 1);
    lua_rotate(L, 3, 2);
    return protected_results(
        L, lua_pcallk(L, arguments, LUA_MULTRET, 2, 2, protected_results), 2);
}

/* ---- Metatables and raw access -------------------------------------------------------------- */

static int base_getmetatable(lua_State *L) {
    luaL_checkany(L, 1);
    if (!lua_getmetatable(L, 1))
        lua_pushnil(L);
    else
        luaL_getmetafield(L, 1, "__metatable");     /* on top of the metatable, if there is one */
    return 1;
}

static int base_setmetatable(lua_State *L) {
    int type = lua_type(L, 2);
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
    if (luai_unlikely(luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL))
        return luaL_error(L, "cannot change a protected metatable");
    lua_settop(L, 2);
    lua_setmetatable(L, 1);
    return 1;
}

static int base_rawequal(lua_State *L) {
    luaL_checkany(L, 1);
    luaL_checkany(L, 2);
    lua_pushboolean(L, lua_rawequal(L, 1, 2));
    return 1;
}

static int base_rawlen(lua_State *L) {
    int type = lua_type(L, 1);
    luaL_argexpected(L, type == LUA_TTABLE || type == LUA_TSTRING, 1, "table or string");
    lua_pushinteger(L, (lua_Integer)lua_rawlen(L, 1));
    return 1;
}

/* Check for a table and n - 1 more arguments, and drop those beyond. */
static void check_raw_access(lua_State *L, int n) {
    luaL_checktype(L, 1, LUA_TTABLE);
    for (int i = 2; i <= n; i++)
        luaL_checkany(L, i);
    lua_settop(L, n);
}

static int base_rawget(lua_State *L) {
    check_raw_access(L, 2);
    lua_rawget(L, 1);
    return 1;
}

static int base_rawset(lua_State *L) {
    check_raw_access(L, 3);
    lua_rawset(L, 1);
    return 1;
}

/* ---- Traversal ------------------------------------------------------------------------------ */

static int base_next(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    if (lua_next(L, 1))
        return 2;
    lua_pushnil(L);
    return 1;
}

static int pairs_results(lua_State *L, int status, lua_KContext ctx) {
    (void)L;
    (void)status;
    (void)ctx;
    return 3;
}

static int base_pairs(lua_State *L) {
    luaL_checkany(L, 1);
    if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
        lua_pushvalue(L, 1);
        lua_callk(L, 1, 3, 0, pairs_results);
    } else {
        lua_pushcfunction(L, base_next);
        lua_pushvalue(L, 1);
        lua_pushnil(L);
    }
    return 3;
}

static int ipairs_step(lua_State *L) {
    lua_Integer i = luaL_intop(+, luaL_checkinteger(L, 2), 1);
    lua_pushinteger(L, i);
    return lua_geti(L, 1, i) != LUA_TNIL ? 2 : 1;
}

static int base_ipairs(lua_State *L) {
    luaL_checkany(L, 1);
    lua_pushcfunction(L, ipairs_step);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

static int base_select(lua_State *L) {
    lua_Integer n = lua_gettop(L);
    lua_Integer from;
    if (lua_type(L, 1) == LUA_TSTRING && lua_tostring(L, 1)[0] == '#') {
        lua_pushinteger(L, n - 1);
        return 1;
    }
    from = luaL_checkinteger(L, 1);
    if (from < 0)
        from += n;
    luaL_argcheck(L, from >= 1, 1, "index out of range");
    return from < n ? (int)(n - from) : 0;
}

/* ---- Chunks --------------------------------------------------------------------------------- */

/*
 * Results of load: the function, with the value at `env` (0: none) as its first upvalue; or fail.
 */
static int load_results(lua_State *L, int status, int env) {
    if (luai_unlikely(status != LUA_OK)) {
        luaL_pushfail(L);
        lua_insert(L, -2);
        return 2;
    }
    if (env != 0) {
        lua_pushvalue(L, env);
        if (lua_setupvalue(L, -2, 1) == NULL)
            lua_pop(L, 1);
    }
    return 1;
}

/* The slot of an optional environment: given as nil is not the same as not given. */
static int environment(lua_State *L, int arg) {
    return lua_isnone(L, arg) ? 0 : arg;
}

static int base_loadfile(lua_State *L) {
    const char *file = luaL_optstring(L, 1, NULL);
    const char *mode = luaL_optstring(L, 2, NULL);
    int env = environment(L, 3);
    return load_results(L, luaL_loadfilex(L, file, mode), env);
}

/* Above the arguments of load: where the piece that is being read is kept from the collector. */
enum { PIECE_SLOT = 5 };

/* Call the reader in slot 1 for a piece. The compiler owns the top of the stack meanwhile. */
static const char *read_piece(lua_State *L, void *ud, size_t *sz) {
    (void)ud;
    luaL_checkstack(L, 2, "too many nested functions");
    lua_pushvalue(L, 1);
    lua_call(L, 0, 1);
    if (luai_unlikely(!lua_isnil(L, -1) && !lua_isstring(L, -1)))
        luaL_error(L, "reader function must return a string");
    lua_replace(L, PIECE_SLOT);
    *sz = 0;                                        /* stays so for nil, which ends the chunk */
    return lua_tolstring(L, PIECE_SLOT, sz);
}

static int base_load(lua_State *L) {
    size_t l;
    const char *text = lua_tolstring(L, 1, &l);
    const char *mode = luaL_optstring(L, 3, "bt");
    int env = environment(L, 4);
    const char *name = luaL_optstring(L, 2, text != NULL ? text : "=(load)");
    if (text != NULL)
        return load_results(L, luaL_loadbufferx(L, text, l, name, mode), env);
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, PIECE_SLOT);
    return load_results(L, lua_load(L, read_piece, NULL, name, mode), env);
}

/* What the chunk left above the file's name. */
static int dofile_results(lua_State *L, int status, lua_KContext ctx) {
    (void)status;
    (void)ctx;
    return lua_gettop(L) - 1;
}

static int base_dofile(lua_State *L) {
    const char *file = luaL_optstring(L, 1, NULL);
    lua_settop(L, 1);
    if (luai_unlikely(luaL_loadfile(L, file) != LUA_OK))
        return lua_error(L);
    lua_callk(L, 0, LUA_MULTRET, 0, dofile_results);
    return dofile_results(L, LUA_OK, 0);
}

/* ---- The collector -------------------------------------------------------------------------- */

typedef enum GcResult { GC_INTEGER, GC_BOOLEAN, GC_MODE, GC_MEMORY } GcResult;

/* name, option of lua_gc, number of integer arguments (each 0 by default), what the result means */
#define GC_OPTIONS(row) \
    row("collect", LUA_GCCOLLECT, 0, GC_INTEGER) \
    row("stop", LUA_GCSTOP, 0, GC_INTEGER) \
    row("restart", LUA_GCRESTART, 0, GC_INTEGER) \
    row("count", LUA_GCCOUNT, 0, GC_MEMORY) \
    row("step", LUA_GCSTEP, 1, GC_BOOLEAN) \
    row("isrunning", LUA_GCISRUNNING, 0, GC_BOOLEAN) \
    row("generational", LUA_GCGEN, 2, GC_MODE) \
    row("incremental", LUA_GCINC, 3, GC_MODE) \
    row("setpause", LUA_GCSETPAUSE, 1, GC_INTEGER) \
    row("setstepmul", LUA_GCSETSTEPMUL, 1, GC_INTEGER)

static void push_gc_result(lua_State *L, GcResult meaning, int result) {
    switch (meaning) {
    case GC_INTEGER:
        lua_pushinteger(L, result);
        break;
    case GC_BOOLEAN:
        lua_pushboolean(L, result);
        break;
    case GC_MODE:
        lua_pushstring(L, result == LUA_GCINC ? "incremental" : "generational");
        break;
    case GC_MEMORY:                                 /* kilobytes, and a fraction for the rest */
        lua_pushnumber(L, (lua_Number)result + (lua_Number)lua_gc(L, LUA_GCCOUNTB) / 1024);
        break;
    }
}

static int base_collectgarbage(lua_State *L) {
#define ROW_NAME(name, what, arguments, result) name,
#define ROW(name, what, arguments, result) {what, arguments, result},
    static const char *const names[] = {GC_OPTIONS(ROW_NAME) NULL};
    static const struct {
        int what, arguments;
        GcResult result;
    } options[] = {GC_OPTIONS(ROW)};
#undef ROW_NAME
#undef ROW
    int o = luaL_checkoption(L, 1, "collect", names);
    int a[3] = {0, 0, 0};
    int result;
    for (int i = 0; i < options[o].arguments; i++)
        a[i] = (int)luaL_optinteger(L, i + 2, 0);
    result = lua_gc(L, options[o].what, a[0], a[1], a[2]);
    if (result == -1)                               /* a finalizer cannot control the collector */
        luaL_pushfail(L);
    else
        push_gc_result(L, options[o].result, result);
    return 1;
}

/* ---- The library ---------------------------------------------------------------------------- */

static const luaL_Reg functions[] = {
    {"assert", base_assert},
    {"collectgarbage", base_collectgarbage},
    {"dofile", base_dofile},
    {"error", base_error},
    {"getmetatable", base_getmetatable},
    {"ipairs", base_ipairs},
    {"load", base_load},
    {"loadfile", base_loadfile},
    {"next", base_next},
    {"pairs", base_pairs},
    {"pcall", base_pcall},
    {"print", base_print},
    {"rawequal", base_rawequal},
    {"rawget", base_rawget},
    {"rawlen", base_rawlen},
    {"rawset", base_rawset},
    {"select", base_select},
    {"setmetatable", base_setmetatable},
    {"tonumber", base_tonumber},
    {"tostring", base_tostring},
    {"type", base_type},
    {"warn", base_warn},
    {"xpcall", base_xpcall},
    {NULL, NULL},
};

int luaopen_base(lua_State *L) {
    lua_pushglobaltable(L);
    luaL_setfuncs(L, functions, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, LUA_GNAME);
    lua_pushliteral(L, LUA_VERSION);
    lua_setfield(L, -2, "_VERSION");
    return 1;
}
