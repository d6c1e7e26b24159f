// SPDX-License-Identifier: MIT
/* Strings: one object for equal short strings, through collections; appending in place and
 * branching; stable terminated pointers; order. */
#include <check.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "object_state.h"

static lua_State *L;
static void setup(void) { L = test_state_new(); }
static void teardown(void) { test_state_free(L); }

static String *push(const char *bytes, size_t n) {
    String *s = str_new(L, bytes, n);
    set_gc(L->top++, s);
    return s;
}
static String *append(StkId slot, const char *s) {
    String *r = str_append(L, (LongString *)slot->v.gc, s, strlen(s));
    set_gc(slot, r);
    return r;
}
static bool holds(const String *s, const char *want) {
    return str_len(s) == strlen(want) && memcmp(str_data(s), want, strlen(want)) == 0;
}

START_TEST(equal_short_strings_are_one) {
    char buf[64];
    for (int len = 0; len <= STR_MAXSHORT; len++) {
        memset(buf, 'x', sizeof buf);
        String *a = push(buf, (size_t)len);
        ck_assert_ptr_eq(a, str_new(L, buf, (size_t)len));
        ck_assert_int_eq(a->tag, TAG_SSTR);
        ck_assert_int_eq(a->bytes[len], 0);
        if (len > 0) {
            buf[len / 2] = 'y';
            ck_assert_ptr_ne(a, str_new(L, buf, (size_t)len));
        }
    }
    ck_assert_int_eq(push(buf, STR_MAXSHORT + 1)->tag, TAG_LSTR);
}
END_TEST

START_TEST(the_table_grows_and_shrinks) {
    char buf[32];
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 100000; i++) {
            snprintf(buf, sizeof buf, "s%d.%d", round, i);
            String *s = str_newz(L, buf);
            ck_assert_str_eq(s->bytes, buf);
            if (i % 5000 == 0) {
                gc_step_if_due(L);
                ck_assert_ptr_eq(str_newz(L, buf), str_newz(L, buf));
            }
        }
        gc_full(L);
    }
    for (int i = 0; i < 200; i++) {
        snprintf(buf, sizeof buf, "t%d", i);
        str_newz(L, buf);
        if (i % 20 == 0) gc_full(L);
    }
    ck_assert_uint_lt(G(L)->nstrings, 1000);
    ck_assert_uint_lt(G(L)->logstrings, 14);
}
END_TEST

START_TEST(kept_strings_survive_others) {
    char buf[32];
    String *kept[500];
    for (int i = 0; i < 500; i++) {
        snprintf(buf, sizeof buf, "kept%d", i);
        kept[i] = push(buf, strlen(buf));
    }
    for (int i = 0; i < 200000; i++) {
        snprintf(buf, sizeof buf, "x%d", i);
        str_newz(L, buf);
        gc_step_if_due(L);
        snprintf(buf, sizeof buf, "kept%d", i % 500);
        ck_assert_ptr_eq(str_newz(L, buf), kept[i % 500]);
    }
}
END_TEST

static const char base[] = "0123456789012345678901234567890123456789+";

START_TEST(appending_is_linear) {
    StkId s = L->top;
    push(base, sizeof base - 1);
    size_t want = sizeof base - 1, most = 0;
    for (int i = 0; i < 200000; i++) {
        append(s, "abcdefgh");
        want += 8;
        gc_step_if_due(L);
        if (gc_bytes(G(L)) > most) most = gc_bytes(G(L));
    }
    String *r = (String *)s->v.gc;
    ck_assert_uint_eq(str_len(r), want);
    for (size_t i = sizeof base - 1; i < want; i++)
        ck_assert_int_eq(str_data(r)[i], "abcdefgh"[(i - (sizeof base - 1)) % 8]);
    ck_assert_uint_lt(most, 16 * want);
}
END_TEST

START_TEST(branches_do_not_disturb_each_other) {
    StkId a = L->top;
    push(base, sizeof base - 1);
    append(a, "1");
    append(a, "2");
    append(a, "3"); /* in a buffer with room */
    StkId b = L->top++, c = L->top++;
    set_value(b, a);
    set_value(c, a);
    append(b, "left");
    append(c, "right");
    append(b, "L");
    append(c, "R");
    char want[80];
    snprintf(want, sizeof want, "%s123", base);
    ck_assert(holds((String *)a->v.gc, want));
    snprintf(want, sizeof want, "%s123leftL", base);
    ck_assert(holds((String *)b->v.gc, want));
    snprintf(want, sizeof want, "%s123rightR", base);
    ck_assert(holds((String *)c->v.gc, want));
}
END_TEST

START_TEST(terminated_pointers_are_stable) {
    StkId a = L->top;
    push(base, sizeof base - 1);
    for (int i = 0; i < 3; i++) append(a, "x");
    StkId b = L->top++;
    set_value(b, a);
    const char *p = str_cstr(L, (String *)a->v.gc);
    append(b, "tail");
    ck_assert_uint_eq(strlen(p), sizeof base - 1 + 3);
    append(b, "more");
    append(b, "more");
    StkId c = L->top++;
    set_value(c, b);
    append(b, "end");
    const char *q = str_cstr(L, (String *)c->v.gc); /* no longer the last of its buffer */
    ck_assert_uint_eq(strlen(q), sizeof base - 1 + 3 + 12);
    gc_full(L);
    ck_assert_ptr_eq(q, str_cstr(L, (String *)c->v.gc));
    ck_assert_ptr_eq(p, str_cstr(L, (String *)a->v.gc));
    ck_assert_uint_eq(strlen(p), sizeof base - 1 + 3);
    ck_assert(str_equal((String *)a->v.gc, (String *)a->v.gc));
}
END_TEST

START_TEST(hashes_depend_on_every_byte) {
    char buf[100];
    for (size_t len = 1; len < sizeof buf; len++) {
        memset(buf, 'a', len);
        uint32_t h = str_hash(G(L), buf, len);
        for (size_t i = 0; i < len; i++) {
            buf[i] ^= 1;
            ck_assert_uint_ne(h, str_hash(G(L), buf, len));
            buf[i] ^= 1;
        }
        ck_assert_uint_ne(h, str_hash(G(L), buf, len - 1));
    }
    uint32_t seen[1024] = {0};
    for (int i = 0; i < 65536; i++) {
        int n = snprintf(buf, sizeof buf, "%d", i);
        seen[str_hash(G(L), buf, (size_t)n) & 1023]++;
    }
    for (int i = 0; i < 1024; i++) ck_assert(seen[i] > 16 && seen[i] < 140);
}
END_TEST

START_TEST(order) {
    static const struct { const char *s; size_t n;
    } in_order[] = {{"", 0},    {"\0", 1},   {"\0\0", 2}, {"\0a", 2}, {"A", 1}, {"a", 1},
                    {"a\0", 2}, {"a\0b", 3}, {"a\1", 2},  {"aa", 2},  {"b", 1}, {"\377", 1}};
    enum { N = sizeof in_order / sizeof *in_order };
    String *s[N];
    for (int i = 0; i < N; i++) s[i] = push(in_order[i].s, in_order[i].n);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            int c = str_compare(s[i], s[j]);
            ck_assert_int_eq((c > 0) - (c < 0), (i > j) - (i < j));
        }
}
END_TEST

START_TEST(order_of_a_locale) {
    if (setlocale(LC_ALL, "C.UTF-8") == NULL) return;
    StkId a = L->top;
    push(base, sizeof base - 1);
    for (int i = 0; i < 3; i++) append(a, "x");
    StkId b = L->top++;
    set_value(b, a);
    append(b, "y");
    String *other = push("0123456789012345678901234567890123456789+xxz", 44);
    ck_assert_int_lt(str_compare((String *)a->v.gc, (String *)b->v.gc), 0);
    ck_assert_int_gt(str_compare((String *)b->v.gc, (String *)a->v.gc), 0);
    ck_assert_int_lt(str_compare((String *)a->v.gc, other), 0);
    ck_assert_int_gt(str_compare(other, (String *)b->v.gc), 0);
    ck_assert_int_eq(str_compare(push("a\0b", 3), push("a\0b", 3)), 0);
    ck_assert_int_lt(str_compare(push("a\0b", 3), push("a\0c", 3)), 0);
    ck_assert_int_lt(str_compare(push("a", 1), push("a\0c", 3)), 0);
    setlocale(LC_ALL, "C");
}
END_TEST

int main(void) {
    Suite *s = suite_create("string");
    TCase *c = tcase_create("string");
    tcase_set_timeout(c, 120);
    tcase_add_checked_fixture(c, setup, teardown);
    const TTest *const tests[] = {equal_short_strings_are_one,
                                  the_table_grows_and_shrinks,
                                  kept_strings_survive_others,
                                  appending_is_linear,
                                  branches_do_not_disturb_each_other,
                                  terminated_pointers_are_stable,
                                  hashes_depend_on_every_byte,
                                  order,
                                  order_of_a_locale};
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) tcase_add_test(c, tests[i]);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
