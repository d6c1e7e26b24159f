// SPDX-License-Identifier: MIT
/* What a call from Lua to the host costs: lua_to_host.py builds this against each Lua there is and runs the programs in turn.
 *
 *   -DPERIGEE: typed functions and lua_CFunctions    -DLUAJIT: its FFI and lua_CFunctions    else: lua_CFunctions
 *
 * Prints a line `name nanoseconds` for each way to call: time of a loop's iteration, least of several. "c" is the same loop in C, with the
 * functions called through a pointer that the compiler cannot see through.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lua.h"

#include "lauxlib.h"
#include "lualib.h"
#ifdef PERIGEE
#include "perigee.h"
#endif

enum { CALLS = 20 * 1000 * 1000, ROUNDS = 5, FIRST = 200 * 1000 };

/* ------------------------------------------------------------------------------ the host's functions */

static double add(double x, double y) { return x + y; }
static int32_t step(int32_t x, int32_t y) { return (x ^ y) + 1; }
static uint64_t length(const char *s) { return strlen(s); }
static int try_add(double x, double y, double *sum) {
    *sum = x + y;
    return isnan(*sum);
}

static int c_add(lua_State *L) {
    lua_pushnumber(L, add(luaL_checknumber(L, 1), luaL_checknumber(L, 2)));
    return 1;
}
static int c_step(lua_State *L) {
    lua_pushinteger(L, step((int32_t)luaL_checkinteger(L, 1), (int32_t)luaL_checkinteger(L, 2)));
    return 1;
}
static int c_length(lua_State *L) {
    lua_pushinteger(L, (lua_Integer)length(luaL_checkstring(L, 1)));
    return 1;
}
static int c_try_add(lua_State *L) {
    double sum;
    if (try_add(luaL_checknumber(L, 1), luaL_checknumber(L, 2), &sum)) return luaL_error(L, "not a number");
    lua_pushnumber(L, sum);
    return 1;
}

/* ------------------------------------------------------------------------------------------- in C */

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double (*volatile at_add)(double, double) = add;
static int32_t (*volatile at_step)(int32_t, int32_t) = step;
static uint64_t (*volatile at_length)(const char *) = length;
static int (*volatile at_try_add)(double, double, double *) = try_add;
static volatile double sink;

static void loop_add(int n) {
    double (*f)(double, double) = at_add, s = 0;
    for (int i = 1; i <= n; i++) s = f(s, i);
    sink = s;
}
static void loop_step(int n) {
    int32_t (*f)(int32_t, int32_t) = at_step, s = 0;
    for (int i = 1; i <= n; i++) s = f(s, i & 0xffff);
    sink = s;
}
static void loop_length(int n) {
    uint64_t (*f)(const char *) = at_length, s = 0;
    for (int i = 1; i <= n; i++) s += f("a string");
    sink = (double)s;
}
static void loop_try_add(int n) {
    int (*f)(double, double, double *) = at_try_add;
    double s = 0;
    for (int i = 1; i <= n; i++)
        if (f(s, i, &s)) abort();
    sink = s;
}

static void report(const char *way, const char *name, double best, int calls) { printf("%s_%s %.3f\n", way, name, best / calls); }

static void measure_c(const char *name, void (*loop)(int)) {
    double best = INFINITY;
    for (int n = 0; n < ROUNDS; n++) {
        double start = now();
        loop(CALLS);
        best = fmin(best, now() - start);
    }
    report("c", name, best, CALLS);
}

/* ------------------------------------------------------------------------------------------ in Lua */

/* f is the way's function, a local variable outside the loop as good programs have it. */
static const char *const loops[][2] = {
    {"add", "local f = ... return function(n) local s = 0.0 for i = 1, n do s = f(s, i) end return s end"},
    {"step", "local f = ... return function(n) local s, k = 0, 0 for i = 1, n do s = f(s, k) k = k + 1 if k == 65536 then k = 0 end end return s end"},
    {"length", "local f = ... return function(n) local s = 0 for i = 1, n do s = s + f('a string') end return tonumber(s) end"},
    {"try_add", "local f = ... return function(n) local s = 0.0 for i = 1, n do s = f(s, i) end return s end"},
};
enum { LOOPS = sizeof loops / sizeof *loops };

static void must(lua_State *L, int status) {
    if (status == 0) return;
    fprintf(stderr, "%s\n", lua_tostring(L, -1));
    exit(1);
}

static double run(lua_State *L, int calls) {
    lua_pushvalue(L, -1);
    lua_pushinteger(L, calls);
    double start = now();
    must(L, lua_pcall(L, 1, 1, 0));
    double took = now() - start;
    lua_pop(L, 1);
    return took;
}

/* The way's function is on top. */
static void measure(lua_State *L, const char *way, int which, int calls) {
    must(L, luaL_loadstring(L, loops[which][1]));
    lua_insert(L, -2);
    must(L, lua_pcall(L, 1, 1, 0));
    double best = INFINITY, until = now() + 3e8; /* compilers get hot */
    while (now() < until) run(L, FIRST);
    for (int n = 0; n < ROUNDS; n++) best = fmin(best, run(L, calls));
    report(way, loops[which][0], best, calls);
    lua_pop(L, 1);
}

static void measure_cfunctions(lua_State *L) {
    static const lua_CFunction functions[LOOPS] = {c_add, c_step, c_length, c_try_add};
    for (int n = 0; n < LOOPS; n++) {
        lua_pushcfunction(L, functions[n]);
        measure(L, "cfunction", n, CALLS / 4);
    }
}

#ifdef PERIGEE
static const char *message(void *ud, int status) { return (void)ud, status ? "not a number" : NULL; }

static void measure_typed(lua_State *L) {
    const perigee_Typed functions[LOOPS] = {
        PERIGEE_TYPED("add", "d(dd)", add), PERIGEE_TYPED("step", "i(ii)", step), PERIGEE_TYPED("length", "Q(z)", length),
        {sizeof(perigee_Typed), "try_add", "!d(dd)", (void (*)(void))try_add, NULL, message}};
    for (int n = 0; n < LOOPS; n++) {
        must(L, perigee_pushtyped(L, &functions[n]));
        measure(L, "typed", n, CALLS);
    }
}
#elif defined(LUAJIT)
static void measure_typed(lua_State *L) {
    static const char *const cast = "local p, type = ... return require('ffi').cast(type, p)";
    static const char *const types[LOOPS - 1] = {"double (*)(double, double)", "int32_t (*)(int32_t, int32_t)", "uint64_t (*)(const char *)"};
    void *const places[LOOPS - 1] = {(void *)add, (void *)step, (void *)length};
    for (int n = 0; n < LOOPS - 1; n++) {
        must(L, luaL_loadstring(L, cast));
        lua_pushlightuserdata(L, places[n]);
        lua_pushstring(L, types[n]);
        must(L, lua_pcall(L, 2, 1, 0));
        measure(L, "typed", n, CALLS);
    }
}
#else
static void measure_typed(lua_State *L) { (void)L; }
#endif

int main(void) {
    lua_State *L = luaL_newstate();
    if (L == NULL) return 1;
    luaL_openlibs(L);
    measure_c("add", loop_add);
    measure_c("step", loop_step);
    measure_c("length", loop_length);
    measure_c("try_add", loop_try_add);
    measure_typed(L);
    measure_cfunctions(L);
    lua_close(L);
    return 0;
}
