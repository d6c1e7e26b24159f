/* SPDX-License-Identifier: MIT
 *
 * Control of the compilers: a function that must not stutter is compiled before the work begins, another one never; what happened
 * meanwhile is told on standard error by events, statistics and a sentence for each function.
 *
 *     cc control.c $(pkg-config --cflags --libs perigee) -o control
 */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <perigee.h>
#include <stdio.h>

static const char program[] =
    "local x, v = 0, 1\n"
    "function update(dt) v = v - x * dt x = x + v * dt return x end\n"
    "function configure(n) return n end\n";

/* One line an event. Nothing of the state may be used here. */
static void on_event(void *ud, lua_State *L, const perigee_Event *e) {
    static const char *const names[] = {"requested", "started", "promoted", "failed", "dropped", "deoptimised", "invalidated", "compiled", "code freed"};
    (void)L;
    fprintf(ud, "%-11s %-11s %s%s%s\n", names[e->kind], perigee_tiername(e->tier), e->place, e->reason[0] != '\0' ? ": " : "", e->reason);
}

static lua_Number call(lua_State *L, const char *name, lua_Number argument) {
    lua_getglobal(L, name);
    lua_pushnumber(L, argument);
    lua_call(L, 1, 1);
    lua_Number result = lua_tonumber(L, -1);
    lua_pop(L, 1);
    return result;
}

static perigee_Function *function(lua_State *L, const char *name) {
    lua_getglobal(L, name);
    perigee_Function *f = perigee_function(L, -1);
    lua_pop(L, 1);
    return f; /* the global variable keeps it */
}

static void tell(lua_State *L, const char *name) {
    char why[256];
    perigee_why(L, function(L, name), why, sizeof why);
    fprintf(stderr, "%s: %s tier, %s\n", name, perigee_tiername(perigee_tier(L, function(L, name), NULL)), why);
}

/* A profile worth compiling by, then the compilation. */
static void prepare(lua_State *L, const char *name) {
    for (int n = 0; n < 300; n++) call(L, name, 1.0 / 60);
    perigee_Status status = perigee_compile(L, function(L, name), PERIGEE_OPTIMIZING);
    if (status != PERIGEE_OK) fprintf(stderr, "%s is not compiled: %s\n", name, perigee_statusname(status));
}

static void statistics(lua_State *L) {
    perigee_Stats s = {.size = sizeof s};
    perigee_stats(L, &s);
    fprintf(stderr, "%llu functions, %llu of them in the optimizing tier, %llu bytes of its code\n", s.functions, s.in_tier[PERIGEE_OPTIMIZING],
            s.code_bytes[PERIGEE_OPTIMIZING]);
    for (int n = 0; perigee_reasonname(n) != NULL; n++)
        if (s.deoptimisations[n] > 0) fprintf(stderr, "left compiled code %llu times: %s\n", s.deoptimisations[n], perigee_reasonname(n));
    for (int n = 0; perigee_endname(n) != NULL; n++)
        if (s.ends[n] > 0) fprintf(stderr, "not compiled %llu times: %s\n", s.ends[n], perigee_endname(n));
}

int main(void) {
    lua_State *L = luaL_newstate();
    if (L == NULL) return 1;
    luaL_openlibs(L);
    perigee_listen(L, on_event, stderr);
    if (luaL_loadbufferx(L, program, sizeof program - 1, "=program", "t") != LUA_OK || lua_pcall(L, 0, 0, 0) != LUA_OK) {
        fprintf(stderr, "error: %s\n", lua_tostring(L, -1));
        return 1;
    }
    perigee_cap(L, function(L, "configure"), PERIGEE_INTERPRETER);
    prepare(L, "update");
    lua_Number x = 0;
    for (int frame = 0; frame < 100000; frame++) {
        x = call(L, "update", 1.0 / 60);
        call(L, "configure", frame);
    }
    printf("after %d frames: %.6f\n", 100000, x);
    tell(L, "update");
    tell(L, "configure");
    statistics(L);
    perigee_listen(L, NULL, NULL); /* its stream may be gone when the state closes */
    lua_close(L);
    return 0;
}
