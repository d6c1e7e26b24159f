// SPDX-License-Identifier: MIT
/* Object code names nothing of the state that it was compiled in: two states that run one program get the same objects byte by byte,
 * whose literal pools differ, and an object of one runs in the other when it is bound to that one's pool. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interp/interp.h"
#include "lauxlib.h"
#include "lualib.h"
#include "object/table.h"
#include "state/code.h"
#include "tiers/engine/engine_internal.h"
#include "tiers/engine/literals.h"
#include "tiers/engine/loader.h"

/* ------------------------------------------------------------------------------ what the loader is given */

typedef struct Placed {
    uint8_t *object;
    size_t size;
    char entry[64];
    JitLiteral *literals;
    uint32_t nliterals;
    void *code;
} Placed;

enum { MOST = 200 };
typedef struct Record {
    Placed placed[MOST];
    int n;
} Record;
static Record *record; /* NULL: nobody asks */

void *__real_object_place(const void *object, size_t size, const char *entry, const JitNames *names, void **handle, size_t *code_bytes, char *err, size_t errlen);
void *__wrap_object_place(const void *object, size_t size, const char *entry, const JitNames *names, void **handle, size_t *code_bytes, char *err, size_t errlen);

/* (The program is linked so that the engine calls this one.) */
void *__wrap_object_place(const void *object, size_t size, const char *entry, const JitNames *names, void **handle, size_t *code_bytes, char *err, size_t errlen) {
    void *code = __real_object_place(object, size, entry, names, handle, code_bytes, err, errlen);
    if (code == NULL || record == NULL || record->n == MOST) return code;
    Placed *p = &record->placed[record->n++];
    *p = (Placed){.object = malloc(size), .size = size, .literals = malloc((names->nliterals + 1) * sizeof(JitLiteral)), .nliterals = names->nliterals, .code = code};
    snprintf(p->entry, sizeof p->entry, "%s", entry);
    memcpy(p->object, object, size);
    if (names->nliterals > 0) memcpy(p->literals, names->literals, names->nliterals * sizeof(JitLiteral));
    return code;
}

static void forget(Record *r) {
    for (int n = 0; n < r->n; n++) {
        free(r->placed[n].object);
        free(r->placed[n].literals);
    }
    r->n = 0;
}

static bool is_optimised(const Placed *p) { return strstr(p->entry, ".optimized") != NULL; }

/* --------------------------------------------------------------------------------------------- states */

/* Something of each kind. */
static const char program[] =
    "Point = {} Point.__index = Point "
    "local function new(x, y) return setmetatable({x = x, y = y, name = 'a point'}, Point) end "
    "function Point:sum(o) return self.x + self.y + (o and o.x or 1) end "
    "function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end "
    "local kept "
    "function work(n) "
    "  local s, t = 0, {} "
    "  for i = 1, n do "
    "    local p = new(i, i + 1) kept = p t[i] = p "
    "    s = s + p:sum(t[1]) + fib(3) + #p.name + math.floor(i / 2) + (type(p) == 'table' and 1 or 0) "
    "    if p.name ~= 'a point' then s = 'wrong' end "
    "  end "
    "  for k, v in pairs(t) do s = s + v.x end "
    "  return s .. ' in all' "
    "end "
    "for i = 1, 40 do result = work(i) end";

/* Other shapes and objects come first, so that neither ids nor addresses are those of a state without them. */
static const char others[] = "local t = {} for i = 1, 50 do local o = {} o['k' .. i] = i o.z = i t[i] = setmetatable(o, {__index = o}) end debug.getregistry().others = t";

static void run(lua_State *L, const char *source) {
    if (luaL_loadbuffer(L, source, strlen(source), "=test") != LUA_OK || lua_pcall(L, 0, 0, 0) != LUA_OK) ck_abort_msg("%s", lua_tostring(L, -1));
}

static lua_State *state(const char *options, const char *before, Record *r) {
    setenv("PERIGEE_OPTIONS", options, 1);
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    record = NULL;
    run(L, before);
    record = r;
    run(L, program);
    record = NULL;
    return L;
}

static const char *const modes[] = {"jit-sync thresholds=2,20 seed=1", "jit-sync thresholds=2,20 seed=1 fail-guard=50"};
static const char *result_of(lua_State *L) {
    lua_getglobal(L, "result");
    const char *text = lua_tostring(L, -1);
    lua_pop(L, 1);
    return text;
}

/* --------------------------------------------------------------------------------------------- the tests */

static Record first, second;

static void expect_no_address(const Placed *p) {
    for (uint32_t n = 0; n < p->nliterals; n++) {
        uint64_t value = p->literals[n].value;
        if (value >> 32 != 0 && memmem(p->object, p->size, &value, 8) != NULL) ck_abort_msg("%s contains the address %llx", p->entry, (unsigned long long)value);
    }
}

static bool pools_differ(const Placed *a, const Placed *b) {
    for (uint32_t n = 0; n < a->nliterals; n++)
        if (a->literals[n].value != b->literals[n].value) return true;
    return false;
}

static void expect_same_code(const Placed *a, const Placed *b) {
    ck_assert_str_eq(a->entry, b->entry);
    ck_assert_msg(a->size == b->size && memcmp(a->object, b->object, a->size) == 0, "%s differs", a->entry);
    ck_assert_uint_eq(a->nliterals, b->nliterals);
    for (uint32_t n = 0; n < a->nliterals; n++) {
        ck_assert_int_eq(a->literals[n].kind, b->literals[n].kind);
        ck_assert_uint_eq(a->literals[n].offset, b->literals[n].offset);
    }
}

START_TEST(equal_objects) {
    lua_State *A = state(modes[_i], "", &first), *B = state(modes[_i], others, &second);
    int compared = 0;
    ck_assert_int_eq(first.n, second.n);
    for (int n = 0; n < first.n; n++) {
        if (!is_optimised(&first.placed[n])) continue;
        expect_same_code(&first.placed[n], &second.placed[n]);
        ck_assert(pools_differ(&first.placed[n], &second.placed[n]));
        expect_no_address(&first.placed[n]);
        expect_no_address(&second.placed[n]);
        compared++;
    }
    ck_assert_int_ge(compared, 3);
    ck_assert_str_eq(result_of(A), result_of(B));
    lua_close(A);
    lua_close(B);
}
END_TEST

/* The code's stream gets its entries in the other object. */
static void enter_elsewhere(Code *c, const void *entry) {
    for (uint32_t n = 0; n < c->ninsns; n++)
        if (insn_op(c->stream[n]) == OP_COMPILED) c->stream[n] = insn_compiled(entry, c->stream[n] >> 8 & (JIT_MAX_ENTRIES - 1));
}

static Code *code_at(lua_State *L, const void *entry) {
    static const char *const names[] = {"work", "fib"};
    for (int n = 0; n < 2; n++) {
        lua_getglobal(L, names[n]);
        Code *c = as_lcl(L->top - 1)->p->compiled;
        lua_pop(L, 1);
        for (; c != NULL; c = c->older)
            if (c->state == CODE_INSTALLED && (c->stream[0] & ~(Insn)0x1fff00) == insn_compiled(entry, 0)) return c;
    }
    return NULL;
}

static unsigned kinds_met;

/* The recipes of one code give the values that they were made of; those of another state's twin the values that this one was compiled with. */
static void expect_recipe(lua_State *L, const Code *c, const char *recipe, const JitLiteral *literal) {
    uint64_t value;
    int top = lua_gettop(L);
    lua_gc(L, LUA_GCSTOP);
    if (!literal_find(L, c, recipe, &value)) ck_abort_msg("%s: not found", recipe);
    ck_assert_msg(value == literal->value - literal->offset, "%s: %llx, not %llx", recipe, (unsigned long long)value,
                  (unsigned long long)(literal->value - literal->offset));
    ck_assert_int_eq(lua_gettop(L), top + 1);
    lua_settop(L, top);
    lua_gc(L, LUA_GCRESTART);
    kinds_met |= 1u << literal->kind;
}

START_TEST(recipes) {
    lua_State *A = state(modes[0], "", &first), *B = state(modes[0], others, &second);
    for (int n = 0; n < first.n; n++) {
        const Placed *p = &first.placed[n], *q = &second.placed[n];
        const Code *c = is_optimised(p) ? code_at(A, p->code) : NULL, *d = c != NULL ? code_at(B, q->code) : NULL;
        for (uint32_t i = 0; d != NULL && i < p->nliterals; i++) {
            char text[1024];
            if (!literal_recipe(A, &p->literals[i], text, sizeof text)) ck_abort_msg("%s: no recipe", text);
            expect_recipe(A, c, text, &p->literals[i]);
            expect_recipe(B, d, text, &q->literals[i]);
        }
    }
    unsigned all = 1u << LITERAL_SHAPE | 1u << LITERAL_STRING | 1u << LITERAL_PROTO | 1u << LITERAL_LIBRARY | 1u << LITERAL_SLOT |
                   1u << LITERAL_STALE | 1u << LITERAL_STREAM | 1u << LITERAL_FALLBACK;
    ck_assert_msg((kinds_met & all) == all, "kinds %x", kinds_met);
    lua_close(A);
    lua_close(B);
}
END_TEST

/* Values that a recipe is made of and found by, or that have none. */
static void expect_text(lua_State *L, unsigned kind, uint64_t value, const char *expected) {
    char text[256];
    JitLiteral literal = {.kind = (uint8_t)kind, .value = value};
    bool has_one = literal_recipe(L, &literal, text, sizeof text);
    ck_assert_msg(has_one == (expected != NULL), "%s", text);
    if (!has_one) return;
    ck_assert_msg(strncmp(text, expected, strlen(expected)) == 0, "%s, not %s", text, expected);
    lua_getglobal(L, "work");
    const Code *c = as_lcl(L->top - 1)->p->compiled;
    expect_recipe(L, c, text, &literal);
    lua_pop(L, 1);
}

static uint64_t object(lua_State *L, const char *expression) {
    char source[256];
    snprintf(source, sizeof source, "return %s", expression);
    if (luaL_dostring(L, source) != LUA_OK) ck_abort_msg("%s", lua_tostring(L, -1));
    uint64_t value = (uintptr_t)(L->top - 1)->v.gc;
    lua_pop(L, 1);
    return value;
}

static uint64_t shape(lua_State *L, const char *expression) { return ((const Table *)(uintptr_t)object(L, expression))->shape; }

START_TEST(texts) {
    lua_State *L = state(modes[0], others, &first);
    lua_gc(L, LUA_GCSTOP);
    run(L, "odd = {['a b.%'] = 1, [''] = 2} keep = setmetatable({x = 1}, Point) keep2 = {p = 1, q = 2} mine = setmetatable({}, {__index = {}})"
           "long = ('x y'):rep(100)");
    expect_text(L, LITERAL_STRING, object(L, "'a b\\0%'"), "string a%20b%00%25");
    expect_text(L, LITERAL_STRING, object(L, "''"), "string ");
    expect_text(L, LITERAL_OBJECT, object(L, "Point"), "object Point");
    expect_text(L, LITERAL_OBJECT, object(L, "Point.sum"), "object Point.sum");
    expect_text(L, LITERAL_OBJECT, object(L, "{}"), NULL);
    expect_text(L, LITERAL_SHAPE, shape(L, "keep2"), "shape 2 +p +q");
    expect_text(L, LITERAL_SHAPE, shape(L, "keep"), "shape 1 +x ^Point");
    expect_text(L, LITERAL_SHAPE, shape(L, "odd"), "shape 2 +a%20b%2E%25 +");
    expect_text(L, LITERAL_SHAPE, shape(L, "mine"), NULL);  /* its metatable is nobody's */
    expect_text(L, LITERAL_SHAPE, shape(L, "Point"), "shape =Point 0 ");
    expect_text(L, LITERAL_SHAPE, shape(L, "_G"), "shape =_G 0 ");
    expect_text(L, LITERAL_HOST, (uintptr_t)run, NULL);
    expect_text(L, LITERAL_EMPTY_ARRAY, (uintptr_t)&table_empty_array.payload, "empty-array");
    expect_text(L, LITERAL_EMPTY_PROPS, (uintptr_t)&table_empty_props.head, "empty-props");
    expect_text(L, LITERAL_FUEL, (uintptr_t)&G(L)->fuel, "fuel");
    expect_text(L, LITERAL_LIBRARY, (uintptr_t)lua_tocfunction(L, (lua_getglobal(L, "next"), -1)), "library base.next");
    uint64_t value;
    lua_getglobal(L, "work");
    const Code *c = as_lcl(L->top - 1)->p->compiled;
    static const char *const wrong[] = {"", "nothing", "shape 99", "shape 2 x", "shape 2 ^fib", "shape =Point 0 123", "shape =keep2 2", "shape =", "slot nowhere", "object nowhere.at", "object fib.x", "library os.exit",
                                        "function 123", "host"};
    for (unsigned n = 0; n < sizeof wrong / sizeof wrong[0]; n++) {
        int top = lua_gettop(L);
        ck_assert_msg(!literal_find(L, c, wrong[n], &value), "%s", wrong[n]);
        ck_assert_int_eq(lua_gettop(L), top + 1);
        lua_settop(L, top);
    }
    lua_close(L);
}
END_TEST

/* No instruction needs what it names to be near: every object can be bound to values far away. */
START_TEST(far_values) {
    lua_State *L = state(modes[0], "", &first);
    for (int n = 0; n < first.n; n++) {
        const Placed *p = &first.placed[n];
        for (uint32_t i = 0; i < p->nliterals; i++)
            if (p->literals[i].kind != LITERAL_SHAPE) p->literals[i].value ^= UINT64_C(0x5555) << 40;
        JitNames names = {vm_jit_symbols(), p->literals, p->nliterals};
        char err[128] = "";
        size_t bytes;
        void *handle;
        ck_assert_msg(__real_object_place(p->object, p->size, p->entry, &names, &handle, &bytes, err, sizeof err) != NULL, "%s: %s", p->entry, err);
        object_unplace(handle);
    }
    lua_close(L);
}
END_TEST

/* The pool that the recipes of one state's code give in another. */
static JitNames pool_by_recipes(lua_State *A, const Placed *p, lua_State *B, const Code *c, JitLiteral *pool) {
    for (uint32_t i = 0; i < p->nliterals; i++) {
        char text[1024];
        uint64_t value = 0;
        ck_assert(literal_recipe(A, &p->literals[i], text, sizeof text));
        ck_assert(literal_find(B, c, text, &value)); /* stays on the stack */
        pool[i] = (JitLiteral){.value = value + p->literals[i].offset};
    }
    return (JitNames){vm_jit_symbols(), pool, p->nliterals};
}

/* The objects of the first state are bound in the second by their recipes, and take the place of what runs there. */
START_TEST(bound_to_another_state) {
    lua_State *A = state(modes[0], "", &first), *B = state(modes[0], others, &second);
    void *handles[MOST];
    int replaced = 0;
    ck_assert(lua_checkstack(B, 1000));
    for (int n = 0; n < first.n; n++) {
        Code *c = is_optimised(&first.placed[n]) ? code_at(B, second.placed[n].code) : NULL;
        if (c == NULL) continue;
        JitLiteral pool[500];
        ck_assert_uint_le(first.placed[n].nliterals, 500);
        JitNames names = pool_by_recipes(A, &first.placed[n], B, c, pool);
        char err[128] = "";
        size_t bytes;
        void *code = __real_object_place(first.placed[n].object, first.placed[n].size, first.placed[n].entry, &names, &handles[replaced], &bytes, err, sizeof err);
        ck_assert_msg(code != NULL, "%s", err);
        enter_elsewhere(c, code);
        replaced++;
    }
    ck_assert_int_eq(replaced, 2);
    lua_close(A); /* what it had is gone */
    char *before = strdup(result_of(B));
    run(B, "result = nil for i = 1, 40 do result = work(i) end assert(fib(20) == 6765)");
    ck_assert_str_eq(before, result_of(B));
    free(before);
    lua_close(B);
    while (replaced > 0) object_unplace(handles[--replaced]);
}
END_TEST

static void tidy(void) {
    forget(&first);
    forget(&second);
}

static Suite *suite(void) {
    Suite *s = suite_create("literals");
    TCase *t = tcase_create("literals");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, NULL, tidy);
    tcase_add_loop_test(t, equal_objects, 0, 2);
    tcase_add_test(t, far_values);
    tcase_add_test(t, recipes);
    tcase_add_test(t, texts);
    tcase_add_test(t, bound_to_another_state);
    suite_add_tcase(s, t);
    return s;
}

/* The plugin of this build lies in the directory above, unless it is named. */
static void choose_plugin(const char *self) {
    const char *slash = strrchr(self, '/');
    char path[4096];
    snprintf(path, sizeof path, "%.*s../libperigee-jit.so", slash != NULL ? (int)(slash + 1 - self) : 0, self);
    setenv("PERIGEE_JIT", path, 0);
}

int main(int argc, char **argv) {
    (void)argc;
    choose_plugin(argv[0]);
    SRunner *runner = srunner_create(suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
