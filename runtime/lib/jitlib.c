// SPDX-License-Identifier: MIT
/*
 * require "jit": what a script may say and ask of the compiling tiers, over perigee.h.
 *
 * There is no global of that name, since programs take one for a sign of LuaJIT; and a module `jit` of the program's own goes
 * first: ours is what the last searcher finds (packagelib.c).
 *
 * Where LuaJIT has a function of the same name it is called the same way. Editors know the module from
 * share/perigee/library/jit.lua, which names each function here (tests/lang/jit_annotations.lua compares).
 */
#include <limits.h>

#include "lib.h"
#include "lualib.h"
#include "perigee.h"

/* ---- Arguments ------------------------------------------------------------------------------ */

static perigee_Function *check_function(lua_State *L, int arg) {
    luaL_checktype(L, arg, LUA_TFUNCTION);
    perigee_Function *f = perigee_function(L, arg);
    luaL_argcheck(L, f != NULL, arg, "Lua function expected");
    return f;
}

/* `true` is the function that calls. */
static perigee_Function *caller(lua_State *L, int arg) {
    lua_Debug ar;
    perigee_Function *f = NULL;
    if (lua_getstack(L, 1, &ar) && lua_getinfo(L, "f", &ar)) {
        f = perigee_function(L, -1);
        lua_pop(L, 1);
    }
    luaL_argcheck(L, f != NULL, arg, "not called by a Lua function");
    return f;
}

/* NULL: all functions. */
static perigee_Function *opt_function(lua_State *L, int arg) {
    if (lua_isnoneornil(L, arg))
        return NULL;
    return lua_isboolean(L, arg) && lua_toboolean(L, arg) ? caller(L, arg) : check_function(L, arg);
}

/* The rest of what can happen shows in other answers. */
static void check_memory(lua_State *L, perigee_Status status) {
    if (LIB_UNLIKELY(status == PERIGEE_NO_MEMORY))
        luaL_error(L, "not enough memory");
}

/* ---- Control -------------------------------------------------------------------------------- */

static void cap(lua_State *L, perigee_Function *f, int tier, bool nested) {
    check_memory(L, perigee_cap(L, f, tier));
    for (int n = 0; nested && perigee_nested(L, f, n) != NULL; n++)
        cap(L, perigee_nested(L, f, n), tier, nested);
}

static int switch_to(lua_State *L, bool on) {
    perigee_Function *f = opt_function(L, 1);
    if (f != NULL)
        cap(L, f, on ? PERIGEE_OPTIMIZING : PERIGEE_INTERPRETER, lua_toboolean(L, 2));
    else
        check_memory(L, perigee_enable(L, on));
    return 0;
}

static int jit_on(lua_State *L) { return switch_to(L, true); }
static int jit_off(lua_State *L) { return switch_to(L, false); }

static int jit_flush(lua_State *L) {
    perigee_invalidate(L, opt_function(L, 1));
    return 0;
}

static int jit_compile(lua_State *L) {
    static const char *const tiers[] = {"baseline", "optimizing", NULL};
    char why[256];
    perigee_Function *f = check_function(L, 1);
    perigee_Status status = perigee_compile(L, f, PERIGEE_BASELINE + luaL_checkoption(L, 2, "optimizing", tiers));
    check_memory(L, status);
    if (status == PERIGEE_OK) {
        lua_pushboolean(L, 1);
        return 1;
    }
    perigee_why(L, f, why, sizeof why);
    luaL_pushfail(L);
    lua_pushstring(L, why);
    lua_pushstring(L, perigee_statusname(status));
    return 3;
}

static unsigned check_threshold(lua_State *L, int arg, unsigned least) {
    lua_Integer n = lib_checkint(L, arg);
    luaL_argcheck(L, n >= (lua_Integer)least && n <= UINT_MAX, arg, "out of range");
    return (unsigned)n;
}

static int jit_thresholds(lua_State *L) {
    unsigned baseline, optimizing;
    perigee_getthresholds(L, &baseline, &optimizing);
    if (lua_gettop(L) > 0) {
        unsigned first = check_threshold(L, 1, 1);
        check_memory(L, perigee_setthresholds(L, first, check_threshold(L, 2, first)));
    }
    lua_pushinteger(L, baseline);
    lua_pushinteger(L, optimizing);
    return 2;
}

/* ---- Questions ------------------------------------------------------------------------------ */

static int jit_tier(lua_State *L) {
    int wanted, tier = perigee_tier(L, check_function(L, 1), &wanted);
    lua_pushstring(L, perigee_tiername(tier));
    lua_pushstring(L, perigee_tiername(wanted));
    return 2;
}

static int jit_why(lua_State *L) {
    char why[256];
    perigee_why(L, check_function(L, 1), why, sizeof why);
    lua_pushstring(L, why);
    return 1;
}

static int jit_status(lua_State *L) {
    perigee_Stats stats = {.size = sizeof stats};
    int highest = perigee_allowed(L, NULL);
    perigee_stats(L, &stats);
    lua_settop(L, 0);
    lua_pushboolean(L, perigee_enabled(L));
    for (int tier = PERIGEE_BASELINE; tier <= highest; tier++)
        lua_pushstring(L, perigee_tiername(tier));
    if (stats.unavailable != NULL)
        lua_pushstring(L, stats.unavailable);
    if (stats.llvm_version != NULL) {
        lua_pushfstring(L, "LLVM %s", stats.llvm_version);
        lua_pushstring(L, stats.cpu);
    }
    return lua_gettop(L);
}

/* ---- Statistics ----------------------------------------------------------------------------- */

static void set_count(lua_State *L, const char *name, unsigned long long n) {
    lua_pushinteger(L, (lua_Integer)n);
    lua_setfield(L, -2, name);
}

static void set_ms(lua_State *L, const char *name, unsigned long long ns) {
    lua_pushnumber(L, (lua_Number)ns / 1e6);
    lua_setfield(L, -2, name);
}

static void set_tier(lua_State *L, const perigee_Stats *s, int tier) {
    lua_newtable(L);
    set_count(L, "functions", s->in_tier[tier]);
    if (tier > PERIGEE_INTERPRETER) {
        set_count(L, "requests", s->requests[tier]);
        set_count(L, "compiled", s->compiled[tier]);
        set_count(L, "failed", s->failed[tier]);
        set_count(L, "dropped", s->dropped[tier]);
        set_count(L, "code_bytes", s->code_bytes[tier]);
        set_ms(L, "compile_ms", s->compile_ns[tier]);
        set_ms(L, "wait_ms", s->wait_ns[tier]);
    }
    lua_setfield(L, -2, perigee_tiername(tier));
}

/* A table of those that occurred, by name. */
static void set_occurred(lua_State *L, const char *name, const unsigned long long *counts, const char *(*names)(int)) {
    lua_newtable(L);
    for (int n = 0; names(n) != NULL; n++)
        if (counts[n] > 0)
            set_count(L, names(n), counts[n]);
    lua_setfield(L, -2, name);
}

static int jit_stats(lua_State *L) {
    perigee_Stats s = {.size = sizeof s};
    perigee_stats(L, &s);
    lua_newtable(L);
    set_count(L, "functions", s.functions);
    set_count(L, "uses", s.uses);
    set_count(L, "waiting", s.waiting);
    set_count(L, "codes_freed", s.codes_freed);
    set_count(L, "codes_lost", s.codes_lost);
    set_ms(L, "start_ms", s.start_ns);
    for (int tier = 0; perigee_tiername(tier) != NULL; tier++)
        set_tier(L, &s, tier);
    set_occurred(L, "ends", s.ends, perigee_endname);
    set_occurred(L, "deoptimisations", s.deoptimisations, perigee_reasonname);
    return 1;
}

/* ---- The library ---------------------------------------------------------------------------- */

/* Names as LuaJIT has them. */
#if defined(__linux__)
#define OS "Linux"
#elif defined(__APPLE__)
#define OS "OSX"
#elif defined(__FreeBSD__) || defined(__OpenBSD__) || defined(__NetBSD__)
#define OS "BSD"
#elif defined(__unix__)
#define OS "POSIX"
#else
#define OS "Other"
#endif

#if defined(__x86_64__)
#define ARCH "x64"
#elif defined(__aarch64__)
#define ARCH "arm64"
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH "riscv64"
#else
#define ARCH "other"
#endif

static const luaL_Reg functions[] = {
    {"compile", jit_compile},
    {"flush", jit_flush},
    {"off", jit_off},
    {"on", jit_on},
    {"stats", jit_stats},
    {"status", jit_status},
    {"thresholds", jit_thresholds},
    {"tier", jit_tier},
    {"why", jit_why},
    {"arch", NULL},
    {"os", NULL},
    {"version", NULL},
    {NULL, NULL},
};

int lib_open_jit(lua_State *L) {
    luaL_newlib(L, functions);
    lua_pushliteral(L, ARCH);
    lua_setfield(L, -2, "arch");
    lua_pushliteral(L, OS);
    lua_setfield(L, -2, "os");
    lua_pushliteral(L, "Perigee " PERIGEE_VERSION);
    lua_setfield(L, -2, "version");
    return 1;
}
