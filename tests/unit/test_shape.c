// SPDX-License-Identifier: MIT
/* Shapes and classes: sharing, bounds on how many there are, and that every promise of a class
 * holds or is withdrawn. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "object_state.h"

static lua_State *L;
static void setup(void) { L = test_state_new(); }
static void teardown(void) { test_state_free(L); }

static Table *push(void) { return test_push_table(L, 0, 0, 0); }
static void field(Table *t, const char *name, TValue v) { test_set_field(L, t, name, v); }
static Shape *shape(const Table *t) { return shape_of(G(L), t); }

static uint32_t shapes_alive(void) {
    uint32_t n = 0;
    for (uint32_t i = 1; i < G(L)->nshapes; i++)
        n += G(L)->shapes[i] && !((uintptr_t)G(L)->shapes[i] & 1);
    return n;
}

/* rule 1 of shape.c for one object */
static void check_promise(Table *o) {
    Class *c = shape(o)->meta;
    ck_assert_int_eq(c == NULL, o->metatable == NULL);
    ck_assert_uint_eq(shape(o)->ninline, o->ninline);
    if (c == NULL || c->unknown || !c->valid) return;
    TValue v;
    table_get_str(G(L), o->metatable, G(L)->tmname[TM_INDEX], &v);
    ck_assert(v.tag == c->index.tag && (v.tag == TAG_NIL || v.v.u == c->index.v.u));
    table_get_str(G(L), o->metatable, G(L)->tmname[TM_NEWINDEX], &v);
    ck_assert(v.tag == c->newindex.tag && (v.tag == TAG_NIL || v.v.u == c->newindex.v.u));
}

START_TEST(same_keys_same_shape) {
    Table *a = push(), *b = push(), *c = push();
    field(a, "x", test_int(1)), field(a, "y", test_int(2));
    field(b, "x", test_flt(1)), field(b, "y", test_nil());
    ck_assert(shape(a) != shape(b)); /* nil adds no key */
    field(b, "y", test_int(1));
    ck_assert_ptr_eq(shape(a), shape(b));
    field(c, "y", test_int(1)), field(c, "x", test_int(1));
    ck_assert(shape(a) != shape(c));
    field(a, "x", test_nil());
    ck_assert_ptr_eq(shape(a), shape(b));
}
END_TEST

START_TEST(many_keys_are_found) {
    Table *t = push();
    shape_own(L, t);
    char name[20];
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "n%d", i);
        field(t, name, test_int(i));
    }
    gc_full(L);
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "n%d", i);
        TValue *v = table_find_str(G(L), t, test_push_string(L, name));
        ck_assert(v && v->v.i == i);
        L->top--;
    }
    ck_assert(!shape(t)->isdict && shape(t)->kind == SHAPE_OWNED);
}
END_TEST

START_TEST(unshared_metatables_share_shapes) {
    Table *C = push(), *first = NULL, *firstmt = NULL;
    for (int i = 0; i < 200000; i++) {
        StkId top = L->top;
        Table *o = push(), *mt = push();
        field(mt, "__index", test_table(C));
        table_set_metatable(L, o, mt);
        if (i == 0) {
            first = o, firstmt = mt;
            top = L->top;
        } else {
            ck_assert_ptr_eq(shape(o), shape(first));
            ck_assert_ptr_eq(shape(mt), shape(firstmt));
        }
        L->top = top;
        gc_step_if_due(L);
    }
    Class *c = shape(first)->meta;
    ck_assert(c->valid && !c->unknown && c->index.v.gc == (GCObject *)C);
    ck_assert(C->flags & TABLE_ROLE);
    ck_assert_uint_lt(shapes_alive(), 20);
}
END_TEST

START_TEST(distinct_key_sequences_are_collected) {
    char name[24];
    for (int i = 0; i < 200000; i++) {
        StkId top = L->top;
        Table *o = push();
        for (int j = 0; j < 3; j++) {
            snprintf(name, sizeof name, "%d_%d", i, j);
            field(o, name, test_int(j));
        }
        L->top = top;
        gc_step_if_due(L);
    }
    gc_full(L);
    ck_assert_uint_lt(shapes_alive(), 20);
    ck_assert_uint_lt(gc_bytes(G(L)), 4u << 20);
}
END_TEST

START_TEST(distinct_classes_are_bounded) {
    for (int i = 0; i < 50000; i++) {
        StkId top = L->top;
        Table *C = push(), *o = push(), *mt = push();
        field(mt, "__index", test_table(C));
        table_set_metatable(L, o, mt);
        check_promise(o);
        L->top = i % 50 == 0 && i < 100000 && L->top < L->stack_last - 100 ? L->top : top;
        gc_step_if_due(L);
    }
    gc_full(L);
    ck_assert_uint_lt(shapes_alive(), 8000);
}
END_TEST

START_TEST(toggling_metatables_makes_no_shapes) {
    Table *o = push(), *a = push(), *b = push();
    field(a, "__index", test_table(a));
    field(b, "__index", test_table(b));
    for (int i = 0; i < 5; i++) {
        char name[16];
        snprintf(name, sizeof name, "f%d", i);
        table_set_metatable(L, o, i & 1 ? a : b);
        field(o, name, test_int(i));
    }
    uint32_t before = 0;
    for (int i = 0; i < 1000; i++) {
        table_set_metatable(L, o, a);
        table_set_metatable(L, o, b);
        table_set_metatable(L, o, NULL);
        check_promise(o);
        if (i == 10) before = shapes_alive();
    }
    ck_assert_uint_eq(shapes_alive(), before);
}
END_TEST

START_TEST(writes_lower_the_state_of_slots) {
    Table *t = push();
    field(t, "f", test_int(1));
    shape_own(L, t);
    Descs *d = shape(t)->descs;
    ck_assert_int_eq(d->state[0], SLOT_CONST);
    field(t, "f", test_int(1));
    ck_assert_int_eq(d->state[0], SLOT_CONST);
    field(t, "f", test_int(2));
    ck_assert_int_eq(d->state[0], SLOT_TYPE);
    uint32_t epoch = G(L)->epoch, id = t->shape;
    field(t, "f", test_int(3));
    ck_assert_uint_eq(G(L)->epoch, epoch);
    field(t, "f", test_flt(3));
    ck_assert_int_eq(d->state[0], SLOT_ANY);
    field(t, "f", test_nil());
    ck_assert_uint_ne(G(L)->epoch, epoch);
    ck_assert_uint_eq(t->shape, id);
    field(t, "g", test_int(1));
    ck_assert_uint_ne(t->shape, id);
}
END_TEST

START_TEST(a_class_follows_its_owner) {
    Table *C = push(), *o = push(), *D = push();
    field(C, "__index", test_table(C));
    table_set_metatable(L, o, C);
    uint32_t epoch = G(L)->epoch;
    Class *c = shape(o)->meta;
    ck_assert_ptr_eq(c->owner, C);
    field(C, "__index", test_table(D));
    ck_assert_uint_ne(G(L)->epoch, epoch);
    ck_assert(c->valid && c->index.v.gc == (GCObject *)D);
    ck_assert(D->flags & TABLE_ROLE);
    check_promise(o);
    field(C, "__index", test_nil());
    check_promise(o);
}
END_TEST

START_TEST(shared_classes_break) {
    Table *C = push(), *o = push(), *p = push(), *mt = push(), *mt2 = push();
    field(mt, "__index", test_table(C));
    field(mt2, "__index", test_table(C));
    table_set_metatable(L, o, mt);
    table_set_metatable(L, p, mt2);
    ck_assert_ptr_eq(shape(o), shape(p));
    field(mt, "__index", test_table(o));
    ck_assert(!shape(o)->meta->valid);
    check_promise(o), check_promise(p);
    table_set_metatable(L, p, mt2);
    ck_assert(shape(p)->meta->valid && !shape(p)->meta->unknown);
    field(mt2, "__call", test_int(1));
    check_promise(p);
    ck_assert(!shape(p)->meta->valid);
}
END_TEST

/* Everything that may happen to a handful of tables, each of which is object, metatable and __index
 * target at times. */
START_TEST(promises_hold_in_random_programs) {
    enum { N = 8 };
    static const char *const names[] = {"__index", "__newindex", "__gc", "a", "b", "c"};
    uint64_t seed = 4711;
    for (int round = 0; round < 3000; round++) {
        StkId top = L->top;
        Table *t[N];
        for (int i = 0; i < N; i++)
            t[i] = test_push_table(L, (unsigned)(test_random(&seed) % 3), 0, 0);
        if (round % 10 == 0) gc_set_stress(L, 2);
        for (int i = 0; i < 60; i++) {
            uint64_t r = test_random(&seed) >> 8;
            Table *x = t[r % N], *y = t[r / 8 % N];
            const char *name = names[r / 64 % 6];
            switch (r / 512 % 6) {
            case 0: field(x, name, test_table(y)); break;
            case 1: field(x, name, r & 4096 ? test_nil() : test_int(1)); break;
            case 2: table_set_metatable(L, x, y); break;
            case 3: table_set_metatable(L, x, r & 4096 ? NULL : y); break;
            case 4: if (r & 4096) shape_own(L, x); break;
            case 5:
                if (r & 0xf000) break;
                for (int j = 0; j < 70; j++) {
                    char key[16];
                    snprintf(key, sizeof key, "k%d", j);
                    field(x, key, test_int(j));
                }
            }
            for (int j = 0; j < N; j++) check_promise(t[j]);
        }
        gc_set_stress(L, 0);
        L->top = top;
        gc_step_if_due(L);
    }
    gc_full(L);
    gc_verify(L);
    ck_assert_uint_lt(shapes_alive(), 40);
}
END_TEST

START_TEST(the_epoch_stops_at_zero) {
    Table *t = push();
    shape_own(L, t);
    G(L)->epoch = UINT32_MAX;
    field(t, "a", test_int(1));
    ck_assert_uint_eq(G(L)->epoch, 0);
    field(t, "b", test_int(1));
    ck_assert_uint_eq(G(L)->epoch, 0);
}
END_TEST

int main(void) {
    Suite *s = suite_create("shape");
    TCase *c = tcase_create("shape");
    tcase_set_timeout(c, 120);
    tcase_add_checked_fixture(c, setup, teardown);
    const TTest *const tests[] = {same_keys_same_shape,
                                  many_keys_are_found,
                                  unshared_metatables_share_shapes,
                                  distinct_key_sequences_are_collected,
                                  distinct_classes_are_bounded,
                                  toggling_metatables_makes_no_shapes,
                                  writes_lower_the_state_of_slots,
                                  a_class_follows_its_owner,
                                  shared_classes_break,
                                  promises_hold_in_random_programs,
                                  the_epoch_stops_at_zero};
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) tcase_add_test(c, tests[i]);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
