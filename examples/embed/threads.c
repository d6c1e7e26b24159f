/* SPDX-License-Identifier: MIT
 *
 * Several states in several threads: each thread has a state of its own, nothing is shared between them but what the host shares.
 * Here they take pieces of work from a common counter.
 *
 *     cc -pthread threads.c $(pkg-config --cflags --libs perigee) -o threads
 */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

enum { THREADS = 4, PIECES = 50, SIZE = 2000 };

/* Counts the primes from `first` to `last`. */
static const char program[] =
    "local first, last = ...\n"
    "local function isPrime(n)\n"
    "  if n < 2 then return false end\n"
    "  for d = 2, math.floor(n ^ 0.5) do\n"
    "    if n % d == 0 then return false end\n"
    "  end\n"
    "  return true\n"
    "end\n"
    "local count = 0\n"
    "for n = first, last do\n"
    "  if isPrime(n) then count = count + 1 end\n"
    "end\n"
    "return count\n";

static atomic_int next_piece, primes, pieces_done;

static int run_piece(lua_State *L, int piece) {
    lua_pushvalue(L, 1);
    lua_pushinteger(L, (lua_Integer)piece * SIZE + 1);
    lua_pushinteger(L, (lua_Integer)(piece + 1) * SIZE);
    if (lua_pcall(L, 2, 1, 0) != LUA_OK) return -1;
    int count = (int)lua_tointeger(L, -1);
    lua_pop(L, 1);
    return count;
}

/* The program is loaded once a state; what gets hot in it is compiled once a state too, by one thread for all of them. */
static void *work(void *unused) {
    (void)unused;
    lua_State *L = luaL_newstate();
    if (L == NULL) return "no state";
    luaL_openlibs(L);
    const char *fault = luaL_loadbufferx(L, program, sizeof program - 1, "=primes", "t") == LUA_OK ? NULL : "does not load";
    for (int piece; fault == NULL && (piece = atomic_fetch_add(&next_piece, 1)) < PIECES;) {
        int count = run_piece(L, piece);
        if (count < 0) fault = "error in the program";
        else atomic_fetch_add(&primes, count);
        atomic_fetch_add(&pieces_done, 1);
    }
    lua_close(L);
    return (void *)fault;
}

int main(void) {
    pthread_t threads[THREADS];
    int failed = 0;
    for (int n = 0; n < THREADS; n++) pthread_create(&threads[n], NULL, work, NULL);
    for (int n = 0; n < THREADS; n++) {
        void *fault;
        pthread_join(threads[n], &fault);
        if (fault != NULL) fprintf(stderr, "thread %d: %s\n", n, (const char *)fault);
        failed |= fault != NULL;
    }
    printf("%d primes up to %d, in %d pieces by %d threads\n", primes, PIECES * SIZE, pieces_done, THREADS);
    return failed;
}
