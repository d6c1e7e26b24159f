// SPDX-License-Identifier: MIT
/* Frame of the C API tests. They use lua.h and its companions alone, so that each also runs against
 * any other Lua 5.4. */
#ifndef PERIGEE_TESTS_CAPI_H
#define PERIGEE_TESTS_CAPI_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lua.h"

#include "lauxlib.h"
#include "lualib.h"

static lua_State *L;

__attribute__((unused)) static void setup(void) {
    L = luaL_newstate();
    ck_assert_ptr_nonnull(L);
    luaL_openlibs(L);
}

__attribute__((unused)) static void teardown(void) { lua_close(L); }

/* Runs Lua code; nresults of its results are left on the stack. */
__attribute__((unused)) static void run(const char *code, int nresults) {
    int status = luaL_loadstring(L, code);
    if (status == LUA_OK) status = lua_pcall(L, 0, nresults, 0);
    if (status != LUA_OK) ck_abort_msg("%s: %s", code, lua_tostring(L, -1));
}

/* The message on top, which is popped. */
#define ck_assert_message(want)                       \
    do {                                              \
        ck_assert_str_eq(lua_tostring(L, -1), (want)); \
        lua_pop(L, 1);                                \
    } while (0)

static int run_suite(Suite *s) {
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
__attribute__((unused)) static int run_tests(const char *name, const TTest *const *tests, size_t n) {
    Suite *s = suite_create(name);
    TCase *c = tcase_create(name);
    tcase_set_timeout(c, 60);
    tcase_add_checked_fixture(c, setup, teardown);
    for (size_t i = 0; i < n; i++) tcase_add_test(c, tests[i]);
    suite_add_tcase(s, c);
    return run_suite(s);
}
#define RUN_TESTS(name, tests) run_tests((name), (tests), sizeof(tests) / sizeof *(tests))

#endif
