// SPDX-License-Identifier: MIT
/* JSON documents: what is built comes out by the grammar (RFC 8259), and can be found again. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

static void is_written(const Json *v, const char *want) {
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    json_write(f, v);
    fclose(f);
    ck_assert_str_eq(text, want);
    free(text);
}

START_TEST(values) {
    JsonDoc doc = {0};
    is_written(json_null(&doc, NULL, NULL), "null");
    is_written(json_bool(&doc, NULL, NULL, true), "true");
    is_written(json_bool(&doc, NULL, NULL, false), "false");
    is_written(json_int(&doc, NULL, NULL, 0), "0");
    is_written(json_int(&doc, NULL, NULL, INT64_MIN), "-9223372036854775808");
    is_written(json_int(&doc, NULL, NULL, INT64_MAX), "9223372036854775807");
    is_written(json_real(&doc, NULL, NULL, 0.5), "0.500");
    is_written(json_real(&doc, NULL, NULL, -1234.5678), "-1234.568");
    is_written(json_real(&doc, NULL, NULL, 1e15), "1000000000000000.000");
    is_written(json_real(&doc, NULL, NULL, NAN), "null");
    is_written(json_real(&doc, NULL, NULL, -INFINITY), "null");
    is_written(json_string(&doc, NULL, NULL, ""), "\"\"");
    is_written(json_string(&doc, NULL, NULL, NULL), "null");
    is_written(NULL, "null");
    json_free(&doc);
}
END_TEST

START_TEST(strings) {
    static const char *const cases[][2] = {
        {"plain", "\"plain\""},
        {"a\"b\\c/", "\"a\\\"b\\\\c/\""},
        {"\x01\n\t\x1f\x7f", "\"\\u0001\\u000a\\u0009\\u001f\\u007f\""},
        {"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\""},
        {"\xff", "\"\\ufffd\""},
        {"a\x80z", "\"a\\ufffdz\""},
        {"\xc3", "\"\\ufffd\""},                                       /* cut off */
        {"\xe2\x82", "\"\\ufffd\\ufffd\""},
        {"\xc0\xaf", "\"\\ufffd\\ufffd\""},                            /* overlong */
        {"\xe0\x80\xaf", "\"\\ufffd\\ufffd\\ufffd\""},
        {"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""},                 /* a surrogate */
        {"\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},      /* beyond Unicode */
        {"\xf0\x80\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
    };
    JsonDoc doc = {0};
    for (size_t n = 0; n < sizeof cases / sizeof cases[0]; n++) is_written(json_string(&doc, NULL, NULL, cases[n][0]), cases[n][1]);
    json_free(&doc);
}
END_TEST

START_TEST(trees) {
    JsonDoc doc = {0};
    Json *root = json_object(&doc, NULL, NULL);
    is_written(root, "{}");
    Json *list = json_array(&doc, root, "list");
    is_written(list, "[]");
    json_int(&doc, list, NULL, 1);
    json_string(&doc, list, NULL, "two");
    json_real(&doc, json_object(&doc, list, NULL), "deep", 3);
    json_bool(&doc, root, "last", false);
    is_written(root, "{\"list\": [1, \"two\", {\"deep\": 3.000}], \"last\": false}");
    ck_assert_uint_eq(root->count, 2);
    ck_assert_uint_eq(list->count, 3);
    json_free(&doc);
    ck_assert_ptr_null(doc.blocks);
}
END_TEST

START_TEST(paths) {
    JsonDoc doc = {0};
    Json *root = json_object(&doc, NULL, NULL);
    Json *a = json_object(&doc, root, "a");
    json_int(&doc, json_object(&doc, a, "b"), "c", 42);
    json_string(&doc, root, "ab", "text");
    json_real(&doc, root, "real", 2.5);
    json_bool(&doc, root, "yes", true);
    json_null(&doc, root, "none");
    ck_assert_int_eq(json_get_int(root, "a.b.c"), 42);
    ck_assert(json_get_real(root, "a.b.c") == 42);
    ck_assert(json_get_real(root, "real") == 2.5);
    ck_assert_str_eq(json_get_string(root, "ab"), "text");
    ck_assert(json_get_bool(root, "yes"));
    ck_assert(json_is_null(root, "none") && json_is_null(root, "a.x.c") && !json_is_null(root, "a"));
    ck_assert_ptr_eq(json_get(root, "a"), a);
    ck_assert_ptr_null(json_get(root, "a.b.c.d"));
    ck_assert_ptr_null(json_get(root, "b"));
    ck_assert_ptr_null(json_get(NULL, "a"));
    /* of another kind */
    ck_assert_int_eq(json_get_int(root, "ab"), 0);
    ck_assert_str_eq(json_get_string(root, "real"), "");
    ck_assert(!json_get_bool(root, "ab"));
    json_free(&doc);
}
END_TEST

/* More than a block holds, and one value that is larger than a block. */
START_TEST(large) {
    enum { ELEMENTS = 20000, LONG = 100000 };
    JsonDoc doc = {0};
    Json *list = json_array(&doc, NULL, NULL);
    char *text = malloc(LONG + 1);
    memset(text, 'x', LONG);
    text[LONG] = '\0';
    for (int n = 0; n < ELEMENTS; n++) json_int(&doc, list, NULL, n);
    json_string(&doc, list, NULL, text);
    ck_assert(!doc.failed && list->count == ELEMENTS + 1);
    int64_t sum = 0;
    JSON_EACH(element, list) if (element->kind == JSON_INT) sum += element->u.integer;
    ck_assert_int_eq(sum, (int64_t)ELEMENTS * (ELEMENTS - 1) / 2);
    ck_assert_str_eq(list->last->u.string, text);
    free(text);
    json_free(&doc);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {values, strings, trees, paths, large};
    Suite *suite = suite_create("json");
    TCase *all = tcase_create("all");
    for (size_t n = 0; n < sizeof tests / sizeof tests[0]; n++) tcase_add_test(all, tests[n]);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
