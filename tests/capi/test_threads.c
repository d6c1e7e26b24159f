// SPDX-License-Identifier: MIT
/* Several states in several threads at once, all compiling: each thread makes a state, runs the example programs in it, compares what
 * they print, closes it, and begins again. `./dev sanitize-threads` runs it under the thread sanitizer for a minute.
 *
 *   PERIGEE_TEST_THREADS (8)    PERIGEE_TEST_SECONDS (3)    PERIGEE_OPTIONS (small thresholds)
 */
#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lauxlib.h"
#include "lualib.h"
#include "perigee.h"

enum { MAX_THREADS = 64 };
static const char *const names[] = {"bank_simulation", "json", "life", "lisp", "markdown", "nbody", "queens", "wordcount"};
enum { NAMES = sizeof names / sizeof *names };

static double seconds;
static atomic_ulong states;
static char *expected[NAMES];

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static char *read_file(const char *path) {
    FILE *f = fopen(path, "rb");
    if (f == NULL) return NULL;
    char *text = calloc(1, 1 << 16);
    size_t n = fread(text, 1, (1 << 16) - 1, f);
    fclose(f);
    text[n] = '\0';
    return text;
}

static double square_root(double x) { return __builtin_sqrt(x); }

/* What the program prints comes into a table. A typed function and a coroutine run on the side. */
static const char prelude[] =
    "local out, print = {}, print\n"
    "function _G.print(...) local t = table.pack(...) for i = 1, t.n do t[i] = tostring(t[i]) end out[#out + 1] = table.concat(t, '\\t') out[#out + 1] = '\\n' end\n"
    "function printed() return table.concat(out) end\n"
    "local s = 0 for i = 1, 2000 do s = s + root(i * i) end assert(s == 2001000)\n"
    "local w = coroutine.wrap(function() for i = 1, 2000 do coroutine.yield(i) end end) for i = 1, 2000 do assert(w() == i) end\n";

static bool is_right(lua_State *L, int which) {
    char path[512];
    static const perigee_Typed root = PERIGEE_TYPED("root", "d(d)", square_root);
    snprintf(path, sizeof path, "%s/%s.lua", EXAMPLES, names[which]);
    if (perigee_pushtyped(L, &root) != LUA_OK) return false;
    lua_setglobal(L, "root");
    lua_newtable(L);
    lua_pushstring(L, path);
    lua_rawseti(L, -2, 0);
    lua_setglobal(L, "arg");
    if (luaL_dostring(L, prelude) != LUA_OK || luaL_dofile(L, path) != LUA_OK || luaL_dostring(L, "return printed()") != LUA_OK) return false;
    return strcmp(lua_tostring(L, -1), expected[which]) == 0;
}

/* NULL, or what went wrong; to be freed. */
static void *work(void *number) {
    unsigned which = *(unsigned *)number;
    char *fault = NULL;
    for (double end = now() + seconds; now() < end && fault == NULL; which++) {
        lua_State *L = luaL_newstate();
        if (L == NULL) return strdup("no state");
        luaL_openlibs(L);
        if (!is_right(L, which % NAMES)) {
            const char *message = lua_tostring(L, -1);
            fault = malloc(4096);
            snprintf(fault, 4096, "%s: %.4000s", names[which % NAMES], message != NULL ? message : "?");
        }
        lua_close(L);
        atomic_fetch_add(&states, 1);
    }
    return fault;
}

static unsigned setting(const char *name, unsigned otherwise) {
    const char *text = getenv(name);
    return text != NULL ? (unsigned)atoi(text) : otherwise;
}

static void load_expectations(void) {
    char path[512];
    for (int n = 0; n < NAMES; n++) {
        snprintf(path, sizeof path, "%s/%s.out", EXPECTATIONS, names[n]);
        expected[n] = read_file(path);
        ck_assert_msg(expected[n] != NULL, "%s", path);
    }
}

START_TEST(states_in_threads) {
    pthread_t thread[MAX_THREADS];
    unsigned number[MAX_THREADS], n = setting("PERIGEE_TEST_THREADS", 8);
    ck_assert_uint_le(n, MAX_THREADS);
    seconds = setting("PERIGEE_TEST_SECONDS", 3);
    load_expectations();
    for (unsigned i = 0; i < n; i++) {
        number[i] = i;
        ck_assert_int_eq(pthread_create(&thread[i], NULL, work, &number[i]), 0);
    }
    for (unsigned i = 0; i < n; i++) {
        void *fault;
        pthread_join(thread[i], &fault);
        ck_assert_msg(fault == NULL, "%s", (char *)fault);
    }
    printf("%u threads, %g seconds, %lu states, each running a program\n", n, seconds, atomic_load(&states));
    for (int i = 0; i < NAMES; i++) free(expected[i]);
}
END_TEST

int main(int argc, char **argv) {
    char path[4096];
    const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
    snprintf(path, sizeof path, "%.*s/../libperigee-jit.so", slash != NULL ? (int)(slash - argv[0]) : 1, slash != NULL ? argv[0] : ".");
    setenv("PERIGEE_JIT", path, 0); /* the plugin of this build */
    setenv("PERIGEE_OPTIONS", "thresholds=20,200", 0);
    Suite *s = suite_create("threads");
    TCase *c = tcase_create("threads");
    tcase_set_timeout(c, 0);
    tcase_add_test(c, states_in_threads);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_set_fork_status(r, CK_NOFORK);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
