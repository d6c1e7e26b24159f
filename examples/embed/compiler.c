/* SPDX-License-Identifier: MIT
 *
 * A compiler of the host's own: it has machine code for some functions already, in C, and puts it in place of the Lua functions when
 * they get hot. A real one would read the bytecode that perigee_functioninfo shows (docs/bytecode.md); what it is asked
 * and what it answers is the same.
 *
 *     cc compiler.c $(pkg-config --cflags --libs perigee) -o compiler
 */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <perigee.h>
#include <stdio.h>

static const char program[] =
    "local function gcd(a, b)\n" /* line 1 */
    "  while b ~= 0 do a, b = b, a % b end\n"
    "  return a\n"
    "end\n"
    "local function other(a) return a + 1 end\n" /* line 5 */
    "local sum = 0\n"
    "for i = 1, 1000 do sum = sum + gcd(i, 360) + other(i) end\n"
    "print('sum', sum)\n"
    "print('float', gcd(2.5, 0.5))\n"; /* the compiler declines, the interpreter goes on */

typedef struct Compiler {
    perigee_Function *gcd;
    int asked, ran, declined;
} Compiler;

/* Hot, says the runtime. Is it one of ours? */
static int request(void *ud, lua_State *L, perigee_Function *f, unsigned long long uses) {
    Compiler *c = ud;
    perigee_FunctionInfo info = {.size = sizeof info};
    perigee_functioninfo(L, f, &info);
    (void)uses;
    printf("%s:%d is hot\n", info.source + 1, info.linedefined);
    c->asked++;
    if (info.linedefined != 1 || info.nparams != 2) return PERIGEE_NEVER;
    c->gcd = f;
    return PERIGEE_COMPILED;
}

/* Parameters are registers 0 and 1, that is, stack indices 1 and 2. */
static int call(void *ud, lua_State *L, perigee_Function *f) {
    Compiler *c = ud;
    if (f != c->gcd || !lua_isinteger(L, 1) || !lua_isinteger(L, 2)) {
        c->declined++;
        return PERIGEE_DECLINED;
    }
    lua_Integer a = lua_tointeger(L, 1), b = lua_tointeger(L, 2);
    if (a < 0 || b < 0) return PERIGEE_DECLINED; /* C's remainder is another then */
    while (b != 0) {
        lua_Integer rest = a % b;
        a = b;
        b = rest;
    }
    c->ran++;
    lua_pushinteger(L, a);
    return 1;
}

static void invalidate(void *ud, perigee_Function *f, int why) {
    Compiler *c = ud;
    (void)why;
    if (c->gcd == f) c->gcd = NULL;
}

static void closed(void *ud) {
    const Compiler *c = ud;
    printf("asked %d times, ran %s of 1000 calls, declined %d\n", c->asked, c->ran > 800 ? "most" : "few", c->declined);
}

int main(void) {
    Compiler c = {0};
    perigee_Compiler table = {.size = sizeof table, .ud = &c, .request = request, .call = call, .invalidate = invalidate, .close = closed};
    lua_State *L = luaL_newstate();
    if (L == NULL) return 1;
    luaL_openlibs(L);
    int status = perigee_setcompiler(L, &table); /* before any Lua code */
    if (status == LUA_OK) status = luaL_loadbufferx(L, program, sizeof program - 1, "=program", "t");
    if (status == LUA_OK) status = lua_pcall(L, 0, 0, 0);
    if (status != LUA_OK) fprintf(stderr, "error: %s\n", lua_tostring(L, -1));
    lua_close(L);
    return status != LUA_OK;
}
