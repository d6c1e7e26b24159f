// SPDX-License-Identifier: MIT
/* A host that runs hostile scripts under one limit each and checks what is left.
 *
 *      hostile_host KIND [own] FILE...        KIND: instructions, time, memory, depth; own: an allocator that counts
 *
 * For each file: a new state with the limit; the script must end with LUA_ERRRUN, the limit must be the one that is
 * reported, in the time allowed; then a sane script runs in the same state under the same limit, set anew, the
 * collector runs, and the state is closed: no byte may be left. Prints "name: why" for each failure, and how many failed. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"
#include "perigee.h"

/* Limits, and what a limit of another kind keeps from growing for ever. Times in seconds; the tolerance is in CPU time, since other
 * programs may keep the machine busy. */
enum { INSTRUCTIONS = 300000, MEMORY = 24 << 20, MEMORY_CAP = 256 << 20, DEPTH = 2000 };
static const double TIME = 0.1, TIME_CAP = 100;
static double tolerance = 1.5;

typedef struct Kind {
    const char *name;
    int limit;
    unsigned long long value;
} Kind;

static const Kind kinds[] = {
    {"instructions", PERIGEE_LIMIT_INSTRUCTIONS, INSTRUCTIONS},
    {"time", PERIGEE_LIMIT_TIME, 100000000},
    {"memory", PERIGEE_LIMIT_MEMORY, MEMORY},
    {"depth", PERIGEE_LIMIT_DEPTH, DEPTH},
};

static size_t live;

static void *counting(void *ud, void *block, size_t old, size_t size) {
    (void)ud;
    if (block == NULL) old = 0;
    if (size == 0) {
        free(block);
        live -= old;
        return NULL;
    }
    void *fresh = realloc(block, size);
    if (fresh != NULL) live += size - old;
    return fresh;
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A C function of the host that shrugs errors off. */
static int host_pcall(lua_State *L) {
    int n = lua_gettop(L);
    if (n == 0 || !lua_isfunction(L, 1)) return 0;
    lua_pushboolean(L, lua_pcall(L, n - 1, 0, 0) == LUA_OK);
    return 1;
}

static int host_resume(lua_State *L) {
    int results;
    lua_State *co = lua_newthread(L);
    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    lua_pushinteger(L, lua_resume(co, L, 0, &results));
    return 1;
}

static void set_limits(lua_State *L, const Kind *kind) {
    perigee_setlimit(L, PERIGEE_LIMIT_MEMORY, MEMORY_CAP);
    if (kind->limit != PERIGEE_LIMIT_TIME) perigee_setlimit(L, PERIGEE_LIMIT_TIME, (unsigned long long)(TIME_CAP * 1e9));
    perigee_setlimit(L, kind->limit, kind->value);
}

static const char *run_hostile(lua_State *L, const Kind *kind, const char *file) {
    static char why[512];
    set_limits(L, kind);
    double start = now();
    int status = luaL_loadfile(L, file);
    if (status != LUA_OK) return lua_tostring(L, -1);
    status = lua_pcall(L, 0, 0, 0);
    double took = now() - start;
    const char *message = status != LUA_OK ? lua_tostring(L, -1) : "(it ended)";
    bool told = message != NULL && (strstr(message, " limit of ") != NULL || kind->limit == PERIGEE_LIMIT_DEPTH);
    if (status != LUA_ERRRUN || !told) {
        snprintf(why, sizeof why, "status %d, %s", status, message != NULL ? message : "(no string)");
        return why;
    }
    if (perigee_limitreached(L) != kind->limit) {
        snprintf(why, sizeof why, "limit %d reported", perigee_limitreached(L));
        return why;
    }
    double most = kind->limit == PERIGEE_LIMIT_TIME ? TIME + tolerance : TIME_CAP;
    if (took > most) {
        snprintf(why, sizeof why, "took %.3f s", took);
        return why;
    }
    lua_settop(L, 0);
    return NULL;
}

/* Of the syntax alone: the script may have changed every global. */
static const char sane[] = "local s, t = 0, {} for i = 1, 1000 do t[i] = i end for i = 1, 1000 do s = s + t[i] end\n"
                           "local function f(n) if n > 0 then return f(n - 1) end return s end return f(100)";

static const char *run_sane(lua_State *L, const Kind *kind) {
    lua_sethook(L, NULL, 0, 0);
    set_limits(L, kind);
    lua_gc(L, LUA_GCRESTART);
    lua_gc(L, LUA_GCCOLLECT); /* finalizers, each stopped when the limit has been reached */
    set_limits(L, kind);
    if (kind->limit == PERIGEE_LIMIT_TIME) perigee_setlimit(L, PERIGEE_LIMIT_TIME, (unsigned long long)(TIME_CAP * 1e9));
    if (kind->limit == PERIGEE_LIMIT_MEMORY) perigee_setlimit(L, PERIGEE_LIMIT_MEMORY, 2 * MEMORY); /* what it hoarded is still there */
    lua_gc(L, LUA_GCSTOP); /* they may make more */
    if (luaL_loadstring(L, sane) != LUA_OK || lua_pcall(L, 0, 1, 0) != LUA_OK) return lua_tostring(L, -1);
    if (lua_tointeger(L, -1) != 500500) return "a sane script gave a wrong result";
    lua_settop(L, 0);
    return NULL;
}

static bool run(const Kind *kind, bool own, const char *file) {
    char why[600] = "";
    live = 0;
    lua_State *L = own ? lua_newstate(counting, NULL) : luaL_newstate();
    luaL_openlibs(L);
    lua_register(L, "hostpcall", host_pcall);
    lua_register(L, "hostresume", host_resume);
    const char *failure = run_hostile(L, kind, file);
    if (failure == NULL && (failure = run_sane(L, kind)) != NULL) snprintf(why, sizeof why, "afterwards: %s", failure);
    else if (failure != NULL) snprintf(why, sizeof why, "%s", failure);
    double start = now();
    lua_close(L);
    if (why[0] == '\0' && now() - start > TIME_CAP + tolerance) snprintf(why, sizeof why, "closing took %.3f s", now() - start);
    if (why[0] == '\0' && live != 0) snprintf(why, sizeof why, "%zu bytes left", live);
    if (why[0] != '\0') printf("FAIL %s under a limit of %s: %s\n", file, kind->name, why);
    return why[0] == '\0';
}

int main(int argc, char **argv) {
    const Kind *kind = NULL;
    int first = 2, failed = 0;
    for (size_t n = 0; argc > 1 && n < sizeof kinds / sizeof kinds[0]; n++)
        if (strcmp(kinds[n].name, argv[1]) == 0) kind = &kinds[n];
    if (kind == NULL) return 2;
    bool own = argc > 2 && strcmp(argv[2], "own") == 0;
    if (own) first++;
    if (getenv("HOSTILE_TOLERANCE") != NULL) tolerance = atof(getenv("HOSTILE_TOLERANCE"));
    for (int n = first; n < argc; n++) {
        fprintf(stderr, "%s\n", argv[n]);
        failed += !run(kind, own, argv[n]);
        fflush(stdout);
    }
    printf("%d passed, %d failed\n", argc - first - failed, failed);
    return failed != 0;
}
