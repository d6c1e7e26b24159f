// SPDX-License-Identifier: MIT
/* Numerals: the rules of the language by example, and round trips. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "object_state.h"

static void is_integer(const char *s, lua_Integer want) {
    TValue v;
    ck_assert_msg(str_tonumber(s, &v) == strlen(s) + 1, "%s", s);
    ck_assert_msg(v.tag == TAG_INT && v.v.i == want, "%s", s);
}
static void is_float(const char *s, lua_Number want) {
    TValue v;
    ck_assert_msg(str_tonumber(s, &v) == strlen(s) + 1, "%s", s);
    ck_assert_msg(v.tag == TAG_FLT && v.v.n == want && signbit(v.v.n) == signbit(want), "%s", s);
}
static void is_text(TValue v, const char *want) {
    char buf[NUM_BUFFER + 1];
    buf[num_format(&v, buf)] = '\0';
    ck_assert_str_eq(buf, want);
}

START_TEST(integers) {
    is_integer("0", 0);
    is_integer(" \t\n\v\f\r12 ", 12);
    is_integer("-7", -7);
    is_integer("+7", 7);
    is_integer("9223372036854775807", LUA_MAXINTEGER);
    is_integer("-9223372036854775808", LUA_MININTEGER);
    is_integer("0xff", 255);
    is_integer("-0XA", -10);
    is_integer("0xffffffffffffffff", -1);
    is_integer("0x1ffffffffffffffff", -1);
    is_integer("00000000000000000000000000012", 12);
}
END_TEST

START_TEST(floats) {
    is_float("9223372036854775808", 0x1p63);
    is_float("-9223372036854775809", -0x1p63);
    is_float("1.5", 1.5);
    is_float("-0.0", -0.0);
    is_float(".5", 0.5);
    is_float("5.", 5.0);
    is_float("1e2", 100);
    is_float("1E+2", 100);
    is_float("1e-2", 0.01);
    is_float("1e400", HUGE_VAL);
    is_float("1e99999999999999999999", HUGE_VAL);
    is_float("0e12345678901", 0);
    is_float("0x1p4", 16);
    is_float("0x.8", 0.5);
    is_float("0x8.", 8);
    is_float("0xA.8p-1", 5.25);
    is_float("123456789012345678901234567890", 123456789012345678901234567890.0);
    is_float("2.2250738585072014e-308", 2.2250738585072014e-308);
    is_float("9007199254740993.0", 9007199254740992.0);
}
END_TEST

START_TEST(not_numerals) {
    static const char *const bad[] = {
        "",    " ",   "-",        "+",       ".",    "e",     "e1",  "1e",   "1e+", "0x",
        "0xg", "0x.", "0xp1",     "0x1p",    "1 2",  "1a",    "--1", "inf",  "nan", "-inf",
        "INF", "NaN", "infinity", "0x1.8.1", "1..2", "1e5.5", "- 1", "1_000"};
    TValue v;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(str_tonumber(bad[i], &v) == 0, "\"%s\"", bad[i]);
}
END_TEST

START_TEST(to_text) {
    is_text(test_int(0), "0");
    is_text(test_int(-1), "-1");
    is_text(test_int(100), "100");
    is_text(test_int(LUA_MININTEGER), "-9223372036854775808");
    is_text(test_int(LUA_MAXINTEGER), "9223372036854775807");
    is_text(test_flt(0.0), "0.0");
    is_text(test_flt(-0.0), "-0.0");
    is_text(test_flt(1.0), "1.0");
    is_text(test_flt(-123456.0), "-123456.0");
    is_text(test_flt(99999999999999.0), "99999999999999.0");
    is_text(test_flt(1e14), "1e+14");
    is_text(test_flt(1e15), "1e+15");
    is_text(test_flt(0.1), "0.1");
    is_text(test_flt(1e100), "1e+100");
    is_text(test_flt(HUGE_VAL), "inf");
    is_text(test_flt(-HUGE_VAL), "-inf");
    is_text(test_flt(3.14159265358979), "3.1415926535898");
}
END_TEST

START_TEST(agrees_with_the_library) {
    uint64_t seed = 99;
    char text[64], mine[NUM_BUFFER + 1], theirs[64];
    for (int i = 0; i < 300000; i++) {
        uint64_t bits = test_random(&seed);
        double x;
        if (i % 2) memcpy(&x, &bits, sizeof x);
        else x = (double)(int64_t)(bits >> (bits & 63)) / (double)(1 + (bits >> 40 & 0xfff));
        if (isnan(x)) continue;
        snprintf(text, sizeof text, i % 3 ? "%.17g" : "%.12g", x);
        TValue v;
        ck_assert_uint_eq(str_tonumber(text, &v), isinf(x) ? 0 : strlen(text) + 1);
        if (isinf(x)) continue;
        double got = v.tag == TAG_INT ? (double)v.v.i : v.v.n;
        ck_assert_msg(got == strtod(text, NULL), "%s", text);
        TValue f = test_flt(x);
        mine[num_format(&f, mine)] = '\0';
        snprintf(theirs, sizeof theirs, "%.14g", x);
        if (theirs[strspn(theirs, "-0123456789")] == '\0') strcat(theirs, ".0");
        ck_assert_str_eq(mine, theirs);
    }
}
END_TEST

/* Where rounding to fourteen digits is a close thing: beside powers of ten, at ties. */
START_TEST(agrees_at_edges) {
    char mine[NUM_BUFFER + 1], theirs[64];
    for (int e = -6; e <= 16; e++) {
        for (int n = -40; n <= 40; n++) {
            double power = strtod((snprintf(theirs, sizeof theirs, "1e%d", e), theirs), NULL), x = power;
            for (int i = 0; i < abs(n); i++) x = nextafter(x, n < 0 ? 0 : INFINITY);
            if (n % 2) x = floor(power) + n / 16.0;
            TValue f = test_flt(n % 3 ? x : -x);
            mine[num_format(&f, mine)] = '\0';
            snprintf(theirs, sizeof theirs, "%.14g", n % 3 ? x : -x);
            if (theirs[strspn(theirs, "-0123456789")] == '\0') strcat(theirs, ".0");
            ck_assert_str_eq(mine, theirs);
        }
    }
}
END_TEST

int main(void) {
    Suite *s = suite_create("number");
    TCase *c = tcase_create("number");
    tcase_set_timeout(c, 60);
    const TTest *const tests[] = {integers, floats, not_numerals, to_text, agrees_with_the_library, agrees_at_edges};
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) tcase_add_test(c, tests[i]);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
