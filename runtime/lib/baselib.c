// SPDX-License-Identifier: MIT
/*
 * The basic functions (manual section 6.1), over lua.h and lauxlib.h.
 *
 * The commonest of them run often enough for each call of the API to count: they try the usual case
 * first, and check arguments that only an error needs afterwards. Results that are on the stack
 * already are returned where they stand.
 *
 * Functions that call others let them yield. Each has a continuation, which does after a yield what
 * the function itself would have done on the way out.
 */
#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"
#include "object/table.h"
#include "state/state.h"

#include <string.h>

#include "builtins.h"

/* ---- Output --------------------------------------------------------------------------------- */

/* An argument as tostring writes it. A string or number that is not treated specially is read where
   it stands; else a value or two are pushed. */
static const char *text_of_arg(lua_State *L, int arg, size_t *len) {
    int type = lua_type(L, arg);
    if ((type == LUA_TSTRING || type == LUA_TNUMBER) &&
        luaL_getmetafield(L, arg, "__tostring") == LUA_TNIL)
        return lua_tolstring(L, arg, len);
    return luaL_tolstring(L, arg, len);
}

static int base_print(lua_State *L) {
    int n = lua_gettop(L);
    for (int arg = 1; arg <= n; arg++) {
        size_t len;
        const char *text = text_of_arg(L, arg, &len);
        if (arg > 1)
            lua_writestring("\t", 1);
        lua_writestring(text, len);
        lua_settop(L, n);
    }
    lua_writeline();
    return 0;
}

/* All arguments are checked before the first piece is sent. */
static int base_warn(lua_State *L) {
    int n = lua_gettop(L);
    int arg = 1;
    do {
        luaL_checkstring(L, arg);
    } while (++arg <= n);
    for (arg = 1; arg <= n; arg++)
        lua_warning(L, lua_tostring(L, arg), arg < n);
    return 0;
}

/* ---- Types and conversions ------------------------------------------------------------------ */

static int base_type(lua_State *L) {
    int type = lua_type(L, 1);
    luaL_argcheck(L, type != LUA_TNONE, 1, "value expected");
    lua_settop(L, 1);
    StkId x = L->ci->func + 1;
    set_gc(x, G(L)->typenames[x->tag]);
    return 1;
}

static int base_tostring(lua_State *L) {
    luaL_checkany(L, 1);
    luaL_tolstring(L, 1, NULL);
    return 1;
}

enum { NO_DIGIT = 36 };

/* Value of a character as a digit of the largest base; letters count in both cases. */
static int digit_of(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 'a' ^ 'A';
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : NO_DIGIT;
}

/*
 * Read a whole string, [space] [sign] digits [space], as an integer that wraps around. A byte of
 * zero is neither of these, so the terminator needs no other test than that it stands at the end.
 */
static int read_in_base(const char *s, size_t len, int base, lua_Integer *result) {
    static const char space[] = " \t\n\v\f\r";
    const char *p = s + strspn(s, space);
    int negative = *p == '-';
    if (negative || *p == '+')
        p++;
    lua_Unsigned n = 0;
    const char *first = p;
    for (int digit; (digit = digit_of(*p)) < base; p++)
        n = n * (lua_Unsigned)base + (lua_Unsigned)digit;
    *result = (lua_Integer)(negative ? 0 - n : n);
    return p > first && p + strspn(p, space) == s + len;
}

static int tonumber_in_base(lua_State *L) {
    size_t len;
    lua_Integer n;
    lua_Integer base = luaL_checkinteger(L, 2);
    luaL_checktype(L, 1, LUA_TSTRING);
    luaL_argcheck(L, base >= 2 && base <= 36, 2, "base out of range");
    const char *s = lua_tolstring(L, 1, &len);
    if (read_in_base(s, len, (int)base, &n))
        lua_pushinteger(L, n);
    else
        luaL_pushfail(L);
    return 1;
}

static int base_tonumber(lua_State *L) {
    size_t len;
    const char *s;
    if (!lua_isnoneornil(L, 2))
        return tonumber_in_base(L);
    switch (lua_type(L, 1)) {
    case LUA_TNUMBER:
        lua_settop(L, 1);
        return 1;
    case LUA_TSTRING:
        s = lua_tolstring(L, 1, &len);
        if (lua_stringtonumber(L, s) == len + 1)
            return 1;
        break;
    case LUA_TNONE:
        return luaL_argerror(L, 1, "value expected");
    default:
        break;
    }
    luaL_pushfail(L);
    return 1;
}

/* ---- Errors and protected calls ------------------------------------------------------------- */

/* Raise the value at index 1. If it is a string and level is not 0, it tells where. */
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

static int base_assert(lua_State *L) {
    if (luai_likely(lua_toboolean(L, 1)))
        return lua_gettop(L);
    luaL_checkany(L, 1);
    if (lua_gettop(L) == 1)
        lua_pushliteral(L, "assertion failed!");
    lua_copy(L, 2, 1);
    return raise_at(L, 1);
}

/*
 * The results of pcall and xpcall. Before the call `true` was put below the function, on top of
 * `kept` slots that are no results.
 */
static int after_protected(lua_State *L, int status, lua_KContext kept) {
    if (luai_likely(status == LUA_OK || status == LUA_YIELD))
        return lua_gettop(L) - (int)kept;
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
}

static void call_all(lua_State *L, void *func) { call_value(L, func, LUA_MULTRET); }
static void call_all_noyield(lua_State *L, void *func) { call_value_noyield(L, func, LUA_MULTRET); }

/* As lua_pcallk does it, without going through the API. */
static int base_pcall(lua_State *L) {
    CallInfo *ci = L->ci;
    StkId first = ci->func + 1;
    int status = LUA_OK;
    if (luai_unlikely(L->top == first))
        return luaL_argerror(L, 1, "value expected");
    for (StkId p = L->top++; p > first; p--)
        set_value(p, p - 1);
    set_bool(first, true);
    ptrdiff_t func = stack_save(L, first + 1);
    if (is_yieldable(L)) {
        ci->k = after_protected;
        ci->ctx = 0;
        call_yieldable(L, call_all, first + 1, func, 0);
    } else {
        status = call_protected(L, call_all_noyield, first + 1, func, 0);
    }
    if (ci->top < L->top)
        ci->top = L->top;
    if (luai_likely(status == LUA_OK))
        return (int)(L->top - (ci->func + 1));
    return after_protected(L, status, 0);
}

/* The stack is made: function, handler, true, function, arguments. */
static int base_xpcall(lua_State *L) {
    enum { HANDLER = 2 };
    int n = lua_gettop(L) - HANDLER;
    luaL_checktype(L, HANDLER, LUA_TFUNCTION);
    lua_pushboolean(L, 1);
    lua_pushvalue(L, 1);
    lua_rotate(L, HANDLER + 1, 2);
    int status = lua_pcallk(L, n, LUA_MULTRET, HANDLER, HANDLER, after_protected);
    return after_protected(L, status, HANDLER);
}

/* ---- Metatables and access without them ----------------------------------------------------- */

static int base_getmetatable(lua_State *L) {
    luaL_checkany(L, 1);
    if (!lua_getmetatable(L, 1))
        lua_pushnil(L);
    else
        luaL_getmetafield(L, 1, "__metatable");     /* on top of the metatable, if there is one */
    return 1;
}

/* The usual call, without going through the API: a table that has no metatable yet gets one without
 * finalizer. */
static bool set_plain_metatable(lua_State *L) {
    StkId arg = L->ci->func + 1;
    if (L->top - arg != 2 || !is_table(arg) || !is_table(arg + 1)) return false;
    Table *t = as_table(arg), *mt = as_table(arg + 1);
    if (t->metatable != NULL || !(mt->flags & 1u << TM_GC)) return false;
    table_set_metatable(L, t, mt);
    L->top = arg + 1;
    return true;
}

static int base_setmetatable(lua_State *L) {
    if (set_plain_metatable(L))
        return 1;
    int type = lua_type(L, 2);
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argexpected(L, type == LUA_TTABLE || type == LUA_TNIL, 2, "nil or table");
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

/* A table and n - 1 other arguments, nothing above them. */
static void take_table_and_args(lua_State *L, int n) {
    luaL_checktype(L, 1, LUA_TTABLE);
    int top = lua_gettop(L);
    if (luai_likely(top == n))
        return;
    if (top < n)
        luaL_argerror(L, top + 1, "value expected");
    lua_settop(L, n);
}

static int base_rawget(lua_State *L) {
    take_table_and_args(L, 2);
    lua_rawget(L, 1);
    return 1;
}

static int base_rawset(lua_State *L) {
    take_table_and_args(L, 3);
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

static int after_pairs(lua_State *L, int status, lua_KContext results) {
    (void)L;
    (void)status;
    return (int)results;
}

static int base_pairs(lua_State *L) {
    enum { RESULTS = 3 };
    luaL_checkany(L, 1);
    if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
        lua_pushvalue(L, 1);
        lua_callk(L, 1, RESULTS, RESULTS, after_pairs);
    } else {
        lua_pushcfunction(L, base_next);
        lua_pushvalue(L, 1);
        lua_pushnil(L);
    }
    return RESULTS;
}

/* The key after the largest integer is the smallest: the sum wraps around. */
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

/* ---- Selecting arguments -------------------------------------------------------------------- */

/* select(i, ...) for what is no integer; of a string only the first character is looked at. */
static int select_count(lua_State *L, int count) {
    if (lua_type(L, 1) == LUA_TSTRING && *lua_tostring(L, 1) == '#')
        lua_pushinteger(L, count);
    else
        luaL_checkinteger(L, 1);    /* raises */
    return 1;
}

/* The values asked for are on top already. */
static int base_select(lua_State *L) {
    int is_integer;
    int count = lua_gettop(L) - 1;
    lua_Integer i = lua_tointegerx(L, 1, &is_integer);
    if (!is_integer)
        return select_count(L, count);
    if (i > 0)
        return i <= count ? count - (int)i + 1 : 0;
    luaL_argcheck(L, i != 0 && i >= -count, 1, "index out of range");
    return (int)-i;
}

/* ---- Loading -------------------------------------------------------------------------------- */

/* Is there an environment, even nil? Its index, or 0. */
static int environment(lua_State *L, int arg) {
    return lua_isnone(L, arg) ? 0 : arg;
}

/* The results for what a load left on top; a function's first upvalue becomes the environment. */
static int loaded(lua_State *L, int status, int env) {
    if (luai_unlikely(status != LUA_OK)) {
        luaL_pushfail(L);
        lua_insert(L, -2);
        return 2;
    }
    if (env != 0) {
        int f = lua_gettop(L);
        lua_pushvalue(L, env);
        lua_setupvalue(L, f, 1);
        lua_settop(L, f);           /* drops the value if there is no upvalue */
    }
    return 1;
}

static int base_loadfile(lua_State *L) {
    const char *filename = luaL_optstring(L, 1, NULL);
    const char *mode = luaL_optstring(L, 2, NULL);
    int env = environment(L, 3);
    return loaded(L, luaL_loadfilex(L, filename, mode), env);
}

/* Above the four arguments: the piece being read, which must not be collected. */
enum { PIECE = 5 };

static const char *call_reader(lua_State *L, void *ud, size_t *size) {
    (void)ud;
    luaL_checkstack(L, 2, "too many nested functions");
    lua_pushvalue(L, 1);
    lua_call(L, 0, 1);
    lua_replace(L, PIECE);
    const char *piece = lua_tolstring(L, PIECE, size);
    if (piece == NULL && !lua_isnil(L, PIECE))
        luaL_error(L, "reader function must return a string");
    return piece;
}

static int base_load(lua_State *L) {
    size_t len;
    const char *s = lua_tolstring(L, 1, &len);
    const char *mode = luaL_optstring(L, 3, "bt");
    const char *name = luaL_optstring(L, 2, s != NULL ? s : "=(load)");
    int env = environment(L, 4);
    if (s != NULL)
        return loaded(L, luaL_loadbufferx(L, s, len, name, mode), env);
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, PIECE);
    return loaded(L, lua_load(L, call_reader, NULL, name, mode), env);
}

/* Everything above the file's name. */
static int after_dofile(lua_State *L, int status, lua_KContext ctx) {
    (void)status;
    (void)ctx;
    return lua_gettop(L) - 1;
}

static int base_dofile(lua_State *L) {
    const char *filename = luaL_optstring(L, 1, NULL);
    lua_settop(L, 1);
    if (luai_unlikely(luaL_loadfile(L, filename) != LUA_OK))
        return lua_error(L);
    lua_callk(L, 0, LUA_MULTRET, 0, after_dofile);
    return after_dofile(L, LUA_OK, 0);
}

/* ---- The collector -------------------------------------------------------------------------- */

/* What collectgarbage makes of the number that lua_gc returns, if that is not -1. */
static void push_integer(lua_State *L, int result) {
    lua_pushinteger(L, result);
}

static void push_boolean(lua_State *L, int result) {
    lua_pushboolean(L, result);
}

static void push_mode(lua_State *L, int result) {
    lua_pushstring(L, result == LUA_GCINC ? "incremental" : "generational");
}

static void push_kilobytes(lua_State *L, int result) {
    lua_pushnumber(L, result + lua_gc(L, LUA_GCCOUNTB) / (lua_Number)1024);
}

enum { GC_OPTIONS = 10, GC_PARAMETERS = 3 };

static const char *const gc_names[GC_OPTIONS + 1] = {
    "collect", "count", "step", "isrunning", "stop", "restart", "generational", "incremental",
    "setpause", "setstepmul", NULL,
};

/* By the same index: the option of lua_gc, how many integers follow, what the result means. */
static const struct {
    int what;
    int parameters;
    void (*push)(lua_State *L, int result);
} gc_options[GC_OPTIONS] = {
    {LUA_GCCOLLECT, 0, push_integer},   {LUA_GCCOUNT, 0, push_kilobytes},
    {LUA_GCSTEP, 1, push_boolean},      {LUA_GCISRUNNING, 0, push_boolean},
    {LUA_GCSTOP, 0, push_integer},      {LUA_GCRESTART, 0, push_integer},
    {LUA_GCGEN, 2, push_mode},          {LUA_GCINC, 3, push_mode},
    {LUA_GCSETPAUSE, 1, push_integer},  {LUA_GCSETSTEPMUL, 1, push_integer},
};

static int base_collectgarbage(lua_State *L) {
    int parameters[GC_PARAMETERS] = {0};
    int option = luaL_checkoption(L, 1, "collect", gc_names);
    for (int i = 0; i < gc_options[option].parameters; i++)
        parameters[i] = (int)luaL_optinteger(L, i + 2, 0);
    /* Parameters that an option does not have are not looked at. */
    int result = lua_gc(L, gc_options[option].what, parameters[0], parameters[1], parameters[2]);
    if (result == -1)       /* refused: a finalizer is running */
        luaL_pushfail(L);
    else
        gc_options[option].push(L, result);
    return 1;
}

/* ---- The library ---------------------------------------------------------------------------- */

const luaL_Reg lib_base_functions[] = {
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
    G(L)->next = base_next;
    G(L)->ipairs_step = ipairs_step;
    G(L)->in_place = lib_in_place;
    G(L)->setmetatable = base_setmetatable;
    G(L)->pcall = base_pcall;
    G(L)->pcall_done = after_protected;
    lua_pushglobaltable(L);
    luaL_setfuncs(L, lib_base_functions, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, LUA_GNAME);
    lua_pushliteral(L, LUA_VERSION);
    lua_setfield(L, -2, "_VERSION");
    return 1;
}
