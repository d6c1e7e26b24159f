// SPDX-License-Identifier: MIT
/* Tables against a model: an unordered list of keys and values. Random programs of writes, reads,
 * #, and traversals that clear and overwrite, over key
 * distributions that reach each kind of array, slots, and dictionary mode; collections come in
 * between. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "object_state.h"

enum { MAXKEYS = 600 };

typedef struct Model {
    TValue key[MAXKEYS], val[MAXKEYS];
    int n;
} Model;

static bool same(const TValue *a, const TValue *b) {
    if (a->tag != b->tag) return false;
    return a->tag <= TAG_TRUE || a->v.u == b->v.u;
}

static int model_find(const Model *m, const TValue *k) {
    for (int i = 0; i < m->n; i++)
        if (same(&m->key[i], k)) return i;
    return -1;
}

static void model_set(Model *m, TValue k, TValue v) {
    int i = model_find(m, &k);
    if (i < 0 && v.tag == TAG_NIL) return;
    if (i < 0) {
        ck_assert_int_lt(m->n, MAXKEYS);
        i = m->n++;
        m->key[i] = k;
    }
    m->val[i] = v;
    if (v.tag == TAG_NIL) {
        m->n--;
        m->key[i] = m->key[m->n];
        m->val[i] = m->val[m->n];
    }
}

static TValue model_get(const Model *m, TValue k) {
    int i = model_find(m, &k);
    return i < 0 ? test_nil() : m->val[i];
}

typedef struct World {
    lua_State *L;
    Table *t;
    Model m;
    uint64_t seed;
    int span, style;
    TValue objects[40];
} World;

static uint64_t rnd(World *w, uint64_t n) { return (test_random(&w->seed) >> 11) % n; }

static TValue random_object(World *w) { return w->objects[rnd(w, 40)]; }

/* styles: 0 dense integers, 1 integers anywhere, 2 strings, 3 everything, 4 a window of integers
 * that moves */
static TValue random_key(World *w) {
    switch (w->style) {
    case 0: return test_int(1 + (lua_Integer)rnd(w, (uint64_t)w->span));
    case 1:
        return test_int((lua_Integer)rnd(w, (uint64_t)w->span) * (rnd(w, 3) ? 1 : 1000003) - 20);
    case 2: return w->objects[rnd(w, 30)];
    case 4: return test_int((lua_Integer)(w->seed % 100) + w->m.n / 2 + (lua_Integer)rnd(w, 20));
    default: break;
    }
    switch (rnd(w, 5)) {
    case 0: return test_flt((double)rnd(w, 50) + 0.5);
    case 1: return (TValue){.tag = TAG_FALSE + (uint32_t)rnd(w, 2)};
    case 2: return test_int((lua_Integer)rnd(w, (uint64_t)w->span));
    default: return random_object(w);
    }
}

static TValue random_value(World *w, int bias) {
    uint64_t r = rnd(w, 100);
    if (r < 25) return test_nil();
    if (bias == 0 && r < 96) return test_int((lua_Integer)rnd(w, 1000));
    if (bias == 1 && r < 96) return test_flt((double)rnd(w, 1000));
    if (r < 60) return random_object(w);
    if (r < 70) return (TValue){.tag = TAG_TRUE};
    return r < 85 ? test_int((lua_Integer)rnd(w, 9)) : test_flt(0.25);
}

static void write_entry(World *w, TValue k, TValue v) {
    lua_State *L = w->L;
    if (k.tag == TAG_INT && rnd(w, 2)) {
        if (!table_append_fast(w->t, k.v.i, &v) && !table_set_int_fast(w->t, k.v.i, &v))
            table_set_int(L, w->t, k.v.i, &v);
        else gc_barrier_back(L, w->t, &v);
    } else if (k.tag == TAG_INT && rnd(w, 8) == 0) {
        TValue f = test_flt((double)k.v.i);
        table_set(L, w->t, &f, &v);
    } else {
        table_set(L, w->t, &k, &v);
    }
    model_set(&w->m, k, v);
}

static void check_get(World *w, TValue k) {
    TValue want = model_get(&w->m, k), got;
    ck_assert_uint_eq(table_get(w->L, w->t, &k, &got), got.tag);
    ck_assert(same(&want, &got));
}

static void check_border(World *w) {
    lua_Unsigned n = table_len(w->L, w->t);
    TValue here = model_get(&w->m, test_int((lua_Integer)n)),
           next = model_get(&w->m, test_int((lua_Integer)n + 1));
    ck_assert(n == 0 || here.tag != TAG_NIL);
    ck_assert(next.tag == TAG_NIL);
}

static void traverse(World *w, int mode) { /* 0 read, 1 clear some, 2 overwrite some, 3 clear all */
    StkId key = w->L->top;
    set_nil(key);
    w->L->top += 2;
    int seen = 0, want = w->m.n;
    while (table_next(w->L, w->t, key)) {
        ck_assert_int_le(++seen, want);
        TValue k = key[0], v = model_get(&w->m, k);
        ck_assert(same(&v, &key[1]));
        if (mode == 3 || (mode == 1 && rnd(w, 2))) write_entry(w, k, test_nil());
        else if (mode == 2 && rnd(w, 2)) write_entry(w, k, w->objects[rnd(w, 40)]);
        if (rnd(w, 400) == 0) gc_full(w->L);
    }
    w->L->top -= 2;
    ck_assert_int_eq(seen, want);
}

static void check_layout(World *w) {
    const ArrayHead *h = array_head(w->t);
    ck_assert(h->len <= h->cap);
    if (h->kind == KIND_VALUE) ck_assert(h->len == h->cap && h->hastags);
    if (h->kind == KIND_ZEROS) ck_assert(h->hint > 0 && h->hint < h->len && h->hastags);
    if (h->kind == KIND_NONE) ck_assert(h->len == 0);
    ck_assert_uint_eq(w->t->ninline, shape_of(G(w->L), w->t)->ninline);
    ck_assert_int_eq(table_isdict(w->t), shape_of(G(w->L), w->t)->isdict);
    for (uint32_t i = 0; i < table_nnodes(w->t); i++) {
        const Node *n = &table_nodes(w->t)[i];
        if (node_keytag(n) == TAG_INT && !is_nil(&n->val))
            ck_assert((uint64_t)n->key.i - (uint64_t)h->base >= h->cap);
    }
}

static void make_objects(World *w) {
    static const char *const longstr =
        "a string that is too long to be interned, so that it is compared by its bytes %d";
    char buf[120];
    for (int i = 0; i < 40; i++) {
        if (i < 30) {
            snprintf(buf, sizeof buf, "key%d", i);
            set_gc(w->L->top, str_newz(w->L, buf));
        } else if (i < 35) {
            snprintf(buf, sizeof buf, longstr, i);
            set_gc(w->L->top, str_newz(w->L, buf));
        } else {
            set_table(w->L->top, table_new(w->L, 0, 0, 0));
        }
        w->objects[i] = *w->L->top++;
    }
}

static void new_table(World *w) {
    w->m.n = 0;
    w->t = table_new(w->L, (unsigned)rnd(w, 5), rnd(w, 3) ? 0 : (uint32_t)rnd(w, 20),
                     rnd(w, 3) ? 0 : (uint32_t)rnd(w, 9));
    set_table(w->L->stack + 1, w->t);
    if (rnd(w, 4) == 0) shape_own(w->L, w->t);
}

static void step(World *w, int bias) {
    TValue k = random_key(w);
    uint64_t what = rnd(w, 100);
    if (what < 55) write_entry(w, k, random_value(w, bias));
    else if (what < 70)
        write_entry(w, test_int((lua_Integer)table_len(w->L, w->t) + 1), random_value(w, bias));
    else if (what < 73) write_entry(w, test_int((lua_Integer)table_len(w->L, w->t)), test_nil());
    else if (what < 90) check_get(w, k);
    else if (what < 98) check_border(w);
    else if (rnd(w, 5) == 0) traverse(w, (int)rnd(w, 4));
    else check_layout(w);
}

static void run_model(uint64_t seed, int rounds, unsigned stress) {
    World *w = calloc(1, sizeof *w);
    w->L = test_state_new();
    w->seed = seed;
    w->L->top++;
    make_objects(w);
    if (stress) gc_set_stress(w->L, stress);
    for (int round = 0; round < rounds; round++) {
        w->style = (int)rnd(w, 5);
        w->span = 1 + (int)rnd(w, rnd(w, 2) ? 12 : 200);
        new_table(w);
        int bias = (int)rnd(w, 3), steps = 20 + (int)rnd(w, 300);
        for (int i = 0; i < steps; i++) step(w, bias);
        traverse(w, 0);
        check_layout(w);
        gc_step_if_due(w->L);
        if (rnd(w, 20) == 0) gc_full(w->L);
    }
    gc_verify(w->L);
    test_state_free(w->L);
    free(w);
}

START_TEST(random_programs) {
    const char *given = getenv("TABLE_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL) * 2654435761u + 1;
    printf("test_table: TABLE_SEED=%llu\n", (unsigned long long)seed);
    fflush(stdout);
    run_model(seed, 2500, 0);
}
END_TEST

START_TEST(random_programs_under_stress) { run_model(77, 150, 3); }
END_TEST

/* --------------------------------------------------------------------------------------- arrays */

static lua_State *L;
static void setup(void) {
    L = test_state_new();
    set_table(L->top++, table_new(L, 0, 0, 0));
}
static void teardown(void) { test_state_free(L); }
static Table *fresh(void) {
    Table *t = table_new(L, 0, 0, 0);
    set_table(L->stack + 1, t);
    return t;
}
static void put(Table *t, lua_Integer k, TValue v) { table_set_int(L, t, k, &v); }
static uint32_t in_array(Table *t, lua_Integer lo, lua_Integer hi) {
    const ArrayHead *h = array_head(t);
    uint32_t n = 0;
    for (lua_Integer k = lo; k <= hi; k++) n += (uint64_t)k - (uint64_t)h->base < h->len;
    return n;
}

START_TEST(appending_keeps_the_kind) {
    Table *t = fresh();
    for (int i = 1; i <= 1000; i++) put(t, i, test_int(i));
    ck_assert_int_eq(array_head(t)->kind, KIND_INT);
    ck_assert_uint_eq(table_len(L, t), 1000);
    put(t, 1000, test_nil());
    ck_assert_int_eq(array_head(t)->kind, KIND_INT);
    ck_assert_uint_eq(table_len(L, t), 999);
    put(t, 500, test_flt(1));
    ck_assert_int_eq(array_head(t)->kind, KIND_VALUE);
    t = fresh();
    for (int i = 1; i <= 1000; i++) put(t, i, test_flt(i));
    ck_assert_int_eq(array_head(t)->kind, KIND_FLT);
    put(t, 500, test_nil());
    ck_assert_int_eq(array_head(t)->kind, KIND_VALUE);
}
END_TEST

/* elements of an array of zeros being overwritten that are still integers */
static uint32_t zeros_left(const Table *t) {
    const ArrayHead *h = array_head(t);
    uint32_t n = 0;
    for (uint32_t i = 0; i < h->len; i++) n += array_tags(t)[i] == TAG_INT;
    return n;
}

START_TEST(zeros_overwritten_by_floats_become_floats) {
    Table *t = fresh();
    for (int i = 1; i <= 100; i++) put(t, i, test_int(0));
    ck_assert_int_eq(array_head(t)->kind, KIND_INT);
    for (int i = 100; i >= 2; i--) {
        put(t, i, test_flt(i));
        ck_assert_int_eq(array_head(t)->kind, KIND_ZEROS);
        ck_assert_uint_eq(array_head(t)->hint, zeros_left(t));
        ck_assert_uint_eq(table_len(L, t), 100);
    }
    put(t, 1, test_flt(1));
    ck_assert_int_eq(array_head(t)->kind, KIND_FLT);
    TValue v;
    for (int i = 1; i <= 100; i++)
        ck_assert(table_get_int(t, i, &v) == TAG_FLT && v.v.n == (lua_Number)i);
    put(t, 101, test_flt(101)); /* and grows as floats do */
    ck_assert_int_eq(array_head(t)->kind, KIND_FLT);
    t = fresh();
    for (int i = 1; i <= 10; i++) put(t, i, test_int(i == 7));
    put(t, 1, test_flt(1)); /* not all were zeros */
    ck_assert_int_eq(array_head(t)->kind, KIND_VALUE);
}
END_TEST

START_TEST(filled_backward_is_an_array) {
    Table *t = fresh();
    for (int i = 10000; i >= 1; i--) put(t, i, test_int(i));
    ck_assert_uint_eq(in_array(t, 1, 10000), 10000);
    ck_assert_uint_eq(table_len(L, t), 10000);
}
END_TEST

START_TEST(filled_in_random_order_is_an_array) {
    static int order[5000];
    uint64_t seed = 42;
    for (int n = 5; n <= 5000; n = n * 3 / 2) {
        for (int i = 0; i < n; i++) order[i] = i + 1;
        for (int i = n - 1; i > 0; i--) {
            int j = (int)(test_random(&seed) % (uint64_t)(i + 1)), k = order[i];
            order[i] = order[j];
            order[j] = k;
        }
        Table *t = fresh();
        for (int i = 0; i < n; i++) put(t, order[i], test_int(i));
        ck_assert_uint_eq(in_array(t, 1, n), (uint32_t)n);
        ck_assert_uint_eq(table_len(L, t), (lua_Unsigned)n);
    }
}
END_TEST

START_TEST(queue_with_two_indices_stays_small) {
    Table *t = fresh();
    int head = 1, tail = 1;
    for (; tail <= 50; tail++) put(t, tail, test_int(tail));
    for (; tail <= 200000; tail++, head++) {
        put(t, tail, test_int(tail));
        TValue v;
        ck_assert_int_eq(table_get_int(t, head, &v), TAG_INT);
        put(t, head, test_nil());
    }
    ck_assert_uint_eq(in_array(t, head, tail - 1), 50);
    ck_assert_uint_le(array_head(t)->cap, 256);
    ck_assert(!t->props->hasnodes || t->props->lognodes < 6);
}
END_TEST

START_TEST(array_with_holes_stays_an_array) {
    Table *t = fresh();
    for (int i = 1; i <= 3000; i++)
        if (i % 3 != 0) put(t, i, test_int(i));
    ck_assert_uint_ge(in_array(t, 1, 3000), 2900);
    t = fresh();
    for (int i = 100000; i < 103000; i++) put(t, i, test_int(i));
    ck_assert_uint_eq(in_array(t, 100000, 102999), 3000);
}
END_TEST

START_TEST(sparse_keys_are_no_array) {
    Table *t = fresh();
    for (int i = 1; i <= 3000; i++) put(t, (lua_Integer)i * 1000, test_int(i));
    ck_assert_uint_eq(array_head(t)->len, 0);
}
END_TEST

START_TEST(keys_at_the_ends_of_the_integers) {
    static const lua_Integer ks[] = {
        LUA_MAXINTEGER, LUA_MININTEGER, LUA_MAXINTEGER - 1, LUA_MININTEGER + 1, 0, -1, 1};
    Table *t = fresh();
    for (int i = 0; i < 7; i++) put(t, ks[i], test_int(i));
    for (int i = 1; i < 40; i++)
        put(t, LUA_MAXINTEGER - i, test_int(i)), put(t, LUA_MININTEGER + i, test_int(-i));
    for (int i = 1; i < 40; i++) {
        TValue v;
        table_get_int(t, LUA_MAXINTEGER - i, &v);
        ck_assert_int_eq(v.v.i, i);
        table_get_int(t, LUA_MININTEGER + i, &v);
        ck_assert_int_eq(v.v.i, -i);
    }
    ck_assert_uint_eq(table_len(L, t), 1);
}
END_TEST

START_TEST(appends_meet_keys_of_the_dictionary) {
    Table *t = fresh();
    for (int i = 20; i <= 24; i++) put(t, i * 3, test_int(i));
    for (int i = 1; i <= 59; i++) put(t, i, test_int(i));
    ck_assert_uint_eq(table_len(L, t), 60);
}
END_TEST

static Table *list(const TValue *v, uint32_t n) {
    Table *t = fresh();
    table_setlist(L, t, 1, v, n);
    return t;
}

START_TEST(constructors_choose_the_kind) {
    TValue ints[] = {test_int(1), test_int(2), test_int(3)}, flts[] = {test_flt(1), test_flt(2)};
    TValue holes[] = {test_int(1), test_int(2), test_nil(), test_int(4)},
           late[] = {test_nil(), test_nil(), test_int(3)};
    Table *t = list(ints, 3);
    ck_assert_int_eq(array_head(t)->kind, KIND_INT);
    ck_assert_int_eq(array_head(list(flts, 2))->kind, KIND_FLT);
    ck_assert_uint_eq(table_len(L, list(holes, 4)), 4);
    ck_assert_uint_eq(table_len(L, list(late, 3)), 3);
    ck_assert_uint_eq(table_len(L, list(holes, 3)), 2);
}
END_TEST

START_TEST(bad_keys_raise) {
    Table *t = fresh();
    TValue nil = test_nil(), nan = test_flt(__builtin_nan("")), one = test_int(1);
    ck_assert(CATCH(L, table_set(L, t, &nil, &one)));
    ck_assert_str_eq(test_message, "table index is nil");
    ck_assert(CATCH(L, table_set(L, t, &nan, &nil)));
    ck_assert_str_eq(test_message, "table index is NaN");
    L->top[0] = test_int(7);
    ck_assert(CATCH(L, table_next(L, t, L->top)));
    ck_assert_str_eq(test_message, "invalid key to 'next'");
}
END_TEST

START_TEST(many_strings_go_to_the_dictionary) {
    Table *t = fresh();
    char buf[64];
    for (int i = 0; i < 5000; i++) {
        snprintf(buf, sizeof buf, "k%d", i);
        test_set_field(L, t, buf, test_int(i));
        ck_assert_int_eq(table_isdict(t), i >= SHAPE_MAXSLOTS);
    }
    for (int i = 0; i < 5000; i++) {
        snprintf(buf, sizeof buf, "k%d", i);
        TValue v;
        table_get_str(G(L), t, str_newz(L, buf), &v);
        ck_assert_int_eq(v.v.i, i);
    }
    gc_full(L);
}
END_TEST

/* Marking goes through a large table in pieces while insertions move its nodes. */
START_TEST(large_tables_are_marked_while_they_change) {
    enum { N = 60000 };
    for (int round = 0; round < 4; round++) {
        Table *t = fresh();
        char buf[32];
        for (int i = 0; i < N; i++) {
            Table *value = test_push_table(L, 0, 0, 0);
            set_int(&L->top[0], i);
            table_set_int(L, value, 1, L->top);
            TValue key = test_int((lua_Integer)i * 7777777 + round), val = test_table(value);
            if (round & 1) {
                snprintf(buf, sizeof buf, "%d.%d", round, i);
                set_gc(L->top++, str_newz(L, buf));
                key = L->top[-1];
            }
            table_set(L, t, &key, &val);
            L->top = L->stack + 2;
            gc_step_if_due(L);
        }
        TValue *k = L->top;
        set_nil(k);
        L->top += 2;
        int seen = 0;
        for (; table_next(L, t, k); seen++) ck_assert_uint_eq(table_len(L, as_table(&k[1])), 1);
        ck_assert_int_eq(seen, N);
        L->top -= 2;
        gc_verify(L);
    }
}
END_TEST

START_TEST(every_allocation_may_fail) {
    for (volatile long nth = 1; nth < 400; nth++) {
        Table *t = fresh();
        char buf[64];
        static uint64_t seed;
        seed = (uint64_t)nth;
        mem_fail_at(L, nth, false);
        bool failed = CATCH(L, {
            for (int i = 0; i < 90; i++) {
                put(t, (lua_Integer)(test_random(&seed) % 120), test_int(i));
                snprintf(buf, sizeof buf, "f%ld.%d", nth, i);
                test_set_field(L, t, buf, test_int(i));
                if (i == 30) shape_own(L, t);
                if (i == 40) table_set_metatable(L, t, t);
                if (i == 60) put(t, 3, test_flt(1));
            }
        });
        mem_fail_at(L, 0, false);
        if (nth % 20 == 0) gc_full(L), gc_verify(L);
        TValue *k = L->top;
        set_nil(k);
        L->top += 2;
        while (table_next(L, t, k)) ck_assert_int_ne(k[1].tag, TAG_NIL);
        L->top -= 2;
        if (!failed && nth > 200) break;
    }
}
END_TEST

int main(void) {
    Suite *s = suite_create("table");
    TCase *model = tcase_create("model"), *c = tcase_create("arrays");
    tcase_set_timeout(model, 300);
    tcase_set_timeout(c, 60);
    tcase_add_test(model, random_programs);
    tcase_add_test(model, random_programs_under_stress);
    tcase_add_checked_fixture(c, setup, teardown);
    const TTest *const tests[] = {
        zeros_overwritten_by_floats_become_floats, appending_keeps_the_kind,           filled_backward_is_an_array,
        filled_in_random_order_is_an_array, queue_with_two_indices_stays_small,
        array_with_holes_stays_an_array,    sparse_keys_are_no_array,
        keys_at_the_ends_of_the_integers,   appends_meet_keys_of_the_dictionary,
        constructors_choose_the_kind,       bad_keys_raise,
        many_strings_go_to_the_dictionary,  every_allocation_may_fail, large_tables_are_marked_while_they_change};
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) tcase_add_test(c, tests[i]);
    suite_add_tcase(s, model);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
