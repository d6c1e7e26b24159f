// SPDX-License-Identifier: MIT
/* What a call between a C host and Lua costs, in both directions, in nanoseconds.
 *
 * One source for several runtimes: lua5.4, LuaJIT and Perigee (which run.sh compares, interleaved, least of several
 * runs). A row is a function that makes n calls; a call's cost is the time of the row divided by n, loop and arguments included. Each
 * row runs in a state of its own, long enough beforehand for the compilers to be done.
 *
 *      call_cost [NAME...]        prints "name<TAB>nanoseconds" for each row, or those whose name begins so
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#ifdef PERIGEE
#include <perigee.h>
#endif

typedef struct Row {
    const char *name;
    const char *setup;                     /* Lua, leaves what `run` needs in global variables */
    void (*open)(lua_State *L);            /* before it; NULL: nothing */
    void (*run)(lua_State *L, long n);
} Row;

static double now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void fail(lua_State *L) {
    fprintf(stderr, "call_cost: %s\n", lua_tostring(L, -1));
    exit(1);
}

/* --------------------------------------------------------------------------------- host to Lua */

static void call_empty(lua_State *L, long n) {
    lua_getglobal(L, "f");
    for (long i = 0; i < n; i++) {
        lua_pushvalue(L, -1);
        lua_call(L, 0, 0);
    }
}

static void call_add(lua_State *L, long n) {
    double sum = 0;
    lua_getglobal(L, "f");
    for (long i = 0; i < n; i++) {
        lua_pushvalue(L, -1);
        lua_pushnumber(L, (double)i);
        lua_pushnumber(L, 1.5);
        lua_call(L, 2, 1);
        sum += lua_tonumber(L, -1);
        lua_pop(L, 1);
    }
    lua_pushnumber(L, sum);
    lua_setglobal(L, "sum");
}

static void pcall_add(lua_State *L, long n) {
    double sum = 0;
    lua_getglobal(L, "f");
    for (long i = 0; i < n; i++) {
        lua_pushvalue(L, -1);
        lua_pushnumber(L, (double)i);
        lua_pushnumber(L, 1.5);
        if (lua_pcall(L, 2, 1, 0) != 0) fail(L);
        sum += lua_tonumber(L, -1);
        lua_pop(L, 1);
    }
    lua_pushnumber(L, sum);
    lua_setglobal(L, "sum");
}

/* As hosts find event handlers: a field of a table, by name. */
static void call_handler(lua_State *L, long n) {
    lua_getglobal(L, "handlers");
    for (long i = 0; i < n; i++) {
        lua_getfield(L, -1, "update");
        lua_pushvalue(L, -2);
        lua_pushnumber(L, 0.25);
        if (lua_pcall(L, 2, 0, 0) != 0) fail(L);
    }
}

/* --------------------------------------------------------------------------------- Lua to host */

static double (*volatile add_pointer)(double, double);
static double add(double a, double b) { return a + b; }

static int add_binding(lua_State *L) {
    lua_pushnumber(L, add(luaL_checknumber(L, 1), luaL_checknumber(L, 2)));
    return 1;
}
static void open_binding(lua_State *L) { lua_register(L, "add", add_binding); }

static void run_loop(lua_State *L, long n) {
    lua_getglobal(L, "loop");
    lua_pushnumber(L, (lua_Number)n);
    if (lua_pcall(L, 1, 0, 0) != 0) fail(L);
}

static void call_pointer(lua_State *L, long n) {
    double sum = 0;
    (void)L;
    for (long i = 0; i < n; i++) sum = add_pointer(sum, 1.5);
    add_pointer(sum, 0);
}

/* ------------------------------------------------------------------------------------- the rows */

static const Row rows[] = {
    {"host to Lua: lua_call f()", "function f() end", NULL, call_empty},
    {"host to Lua: lua_call f(a, b)", "function f(a, b) return a + b end", NULL, call_add},
    {"host to Lua: lua_pcall f(a, b)", "function f(a, b) return a + b end", NULL, pcall_add},
    {"host to Lua: handlers:update(dt)", "handlers = {time = 0} function handlers:update(dt) self.time = self.time + dt end", NULL, call_handler},
    {"Lua to host: lua_CFunction add(a, b)", "local add = add function loop(n) local s = 0.0 for i = 1, n do s = add(s, 1.5) end return s end",
     open_binding, run_loop},
    {"C pointer add(a, b)", "", NULL, call_pointer},
};

static void wait_for_compilers(lua_State *L, const Row *row) {
    for (int round = 0; round < 20; round++) {
        struct timespec pause = {0, 10 * 1000 * 1000};
        row->run(L, 20000);
        lua_settop(L, 0);
        nanosleep(&pause, NULL);
    }
}

static double measure(const Row *row) {
    enum { CALLS = 10000, RUNS = 400 }; /* short runs: on a busy machine most are disturbed, the least is not */
    double least = 1e30;
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    if (row->open != NULL) row->open(L);
    if (luaL_dostring(L, row->setup) != 0) fail(L);
    wait_for_compilers(L, row);
    for (int round = 0; round < RUNS; round++) {
        double start = now_ns();
        row->run(L, CALLS);
        double took = (now_ns() - start) / CALLS;
        if (took < least) least = took;
        lua_settop(L, 0);
    }
    lua_close(L);
    return least;
}

static int is_chosen(const char *name, int argc, char **argv) {
    int chosen = argc <= 1;
    for (int n = 1; n < argc; n++) chosen |= strncmp(name, argv[n], strlen(argv[n])) == 0;
    return chosen;
}

int main(int argc, char **argv) {
    add_pointer = add;
    for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
        if (!is_chosen(rows[n].name, argc, argv)) continue;
        printf("%s\t%.2f\n", rows[n].name, measure(&rows[n]));
        fflush(stdout);
    }
    return 0;
}
