// SPDX-License-Identifier: MIT
/* Operations with metamethods: arithmetic, comparison, indexing, length, concatenation (manual §2.4).
 *
 * Operands arrive as pointers that may point into the stack: error messages find the variable's
 * name by that address, so they are passed on uncopied until a metamethod is called.
 */
#include <string.h>

#include "object/string.h"
#include "sem/sem.h"

/* ----------------------------------------------------------------------------------- arithmetic */

static bool is_bitwise(int event) { return (event >= TM_BAND && event <= TM_SHR) || event == TM_BNOT; }

_Noreturn static void no_arith_metamethod(lua_State *L, const TValue *a, const TValue *b, int event) {
    if (event == TM_CONCAT) rt_concat_error(L, a, b);
    if (is_bitwise(event)) {
        if (is_num(a) && is_num(b)) rt_toint_error(L, a, b);
        rt_arith_error(L, a, b, "perform bitwise operation on");
    }
    rt_arith_error(L, a, b, "perform arithmetic on");
}

void sem_binary_metamethod(lua_State *L, const TValue *a, const TValue *b, int event, TValue *f) {
    tm_of(L, a, event, f);
    if (is_nil(f)) tm_of(L, b, event, f);
    if (is_nil(f)) no_arith_metamethod(L, a, b, event);
}

static void binary_metamethod(lua_State *L, const TValue *a, const TValue *b, int event, ptrdiff_t res) {
    TValue f;
    sem_binary_metamethod(L, a, b, event, &f);
    tm_call_res(L, &f, a, b, res);
}

void sem_arith(lua_State *L, int op, const TValue *a, const TValue *b, ptrdiff_t res) {
    TValue out;
    if (arith_raw(L, op, a, b, &out))
        set_value(stack_restore(L, res), &out);
    else
        binary_metamethod(L, a, b, op - LUA_OPADD + TM_ADD, res);
}
_Static_assert(LUA_OPBNOT - LUA_OPADD == TM_BNOT - TM_ADD && LUA_OPUNM - LUA_OPADD == TM_UNM - TM_ADD &&
                   LUA_OPSHR - LUA_OPADD == TM_SHR - TM_ADD && LUA_OPIDIV - LUA_OPADD == TM_IDIV - TM_ADD,
               "operators of the C API and their events are in one order");

/* ----------------------------------------------------------------------------------- comparison */

/* a <= b as not (b < a): what 5.3 did without __le. The mark tells sem_finish_op to negate, should
 * __lt yield. */
static bool call_swapped_less(lua_State *L, const TValue *a, const TValue *b) {
    TValue f;
    tm_of(L, b, TM_LT, &f);
    if (is_nil(&f)) tm_of(L, a, TM_LT, &f);
    if (is_nil(&f)) rt_order_error(L, a, b);
    CallInfo *ci = L->ci;
    ci->status |= CI_LEQ;
    tm_call_res(L, &f, b, a, stack_save(L, L->top));
    ci->status &= (uint16_t)~CI_LEQ;
    return is_falsy(L->top);
}

static bool call_order(lua_State *L, const TValue *a, const TValue *b, int event) {
    TValue f;
    tm_of(L, a, event, &f);
    if (is_nil(&f)) tm_of(L, b, event, &f);
    if (is_nil(&f)) {
        if (event == TM_LE) return call_swapped_less(L, a, b);
        rt_order_error(L, a, b);
    }
    tm_call_res(L, &f, a, b, stack_save(L, L->top));
    return !is_falsy(L->top);
}

bool sem_less(lua_State *L, const TValue *a, const TValue *b) {
    if (is_num(a) && is_num(b)) return num_less(a, b);
    if (is_str(a) && is_str(b)) return str_compare(as_str(a), as_str(b)) < 0;
    return call_order(L, a, b, TM_LT);
}

bool sem_less_equal(lua_State *L, const TValue *a, const TValue *b) {
    if (is_num(a) && is_num(b)) return num_less_equal(a, b);
    if (is_str(a) && is_str(b)) return str_compare(as_str(a), as_str(b)) <= 0;
    return call_order(L, a, b, TM_LE);
}

bool sem_equal(lua_State *L, const TValue *a, const TValue *b) {
    if (value_raw_equal(a, b)) return true;
    if (a->tag != b->tag || (a->tag != TAG_TABLE && a->tag != TAG_UDATA)) return false;
    TValue f;
    tm_fast(L, metatable_of(L, a), TM_EQ, &f);
    if (is_nil(&f)) tm_fast(L, metatable_of(L, b), TM_EQ, &f);
    if (is_nil(&f)) return false;
    tm_call_res(L, &f, a, b, stack_save(L, L->top));
    return !is_falsy(L->top);
}

/* ------------------------------------------------------------------------------------- indexing */

bool sem_find(lua_State *L, const TValue *o, const TValue *key, TValue *out, TValue *self) {
    TValue handler;
    set_value(self, o); /* then the handler that is indexed next; the metatable keeps it alive, nothing runs in between */
    for (int depth = 0; depth < MAX_CHAIN; depth++) {
        if (is_table(self)) {
            if (table_get(L, as_table(self), key, out) != TAG_NIL ||
                tm_fast(L, as_table(self)->metatable, TM_INDEX, &handler) == TAG_NIL)
                return true;
        } else {
            tm_of(L, self, TM_INDEX, &handler);
            if (is_nil(&handler)) rt_type_error(L, depth == 0 ? o : self, "index");
        }
        if (is_func(&handler)) {
            *out = handler;
            return false;
        }
        *self = handler;
    }
    rt_error(L, "'__index' chain too long; possible loop");
}

void sem_get(lua_State *L, const TValue *o, const TValue *key, ptrdiff_t res) {
    TValue out, self;
    if (sem_find(L, o, key, &out, &self))
        set_value(stack_restore(L, res), &out);
    else
        tm_call_res(L, &out, &self, key, res);
}

/* True: the key is present with a value that is not nil, or there is no __newindex: a raw store is due. */
static bool stores_raw(lua_State *L, Table *t, const TValue *key, TValue *handler) {
    TValue old;
    return t->metatable == NULL || table_get(L, t, key, &old) != TAG_NIL ||
           tm_fast(L, t->metatable, TM_NEWINDEX, handler) == TAG_NIL;
}

bool sem_store(lua_State *L, const TValue *o, const TValue *key, const TValue *val, TValue *handler, TValue *self) {
    set_value(self, o);
    for (int depth = 0; depth < MAX_CHAIN; depth++) {
        if (is_table(self)) {
            if (stores_raw(L, as_table(self), key, handler)) {
                table_set(L, as_table(self), key, val);
                return true;
            }
        } else {
            tm_of(L, self, TM_NEWINDEX, handler);
            if (is_nil(handler)) rt_type_error(L, depth == 0 ? o : self, "index");
        }
        if (is_func(handler)) return false;
        *self = *handler;
    }
    rt_error(L, "'__newindex' chain too long; possible loop");
}

void sem_set(lua_State *L, const TValue *o, const TValue *key, const TValue *val) {
    TValue handler, self;
    if (!sem_store(L, o, key, val, &handler, &self)) tm_call_set(L, &handler, &self, key, val);
}

void sem_len(lua_State *L, const TValue *o, ptrdiff_t res) {
    TValue f;
    if (is_table(o)) {
        if (tm_fast(L, as_table(o)->metatable, TM_LEN, &f) == TAG_NIL) {
            set_int(stack_restore(L, res), (lua_Integer)table_len(L, as_table(o)));
            return;
        }
    } else if (is_str(o)) {
        set_int(stack_restore(L, res), (lua_Integer)str_len(as_str(o)));
        return;
    } else {
        tm_of(L, o, TM_LEN, &f);
        if (is_nil(&f)) rt_type_error(L, o, "get length of");
    }
    tm_call_res(L, &f, o, o, res);
}

/* -------------------------------------------------------------------------------- concatenation */

bool value_to_string(lua_State *L, TValue *o) {
    if (is_str(o)) return true;
    if (!is_num(o)) return false;
    char buf[NUM_BUFFER];
    unsigned n = num_format(o, buf);
    set_gc(o, str_new(L, buf, n));
    return true;
}

/* How many of the topmost values (at least two, at most total) are strings or numbers; converts the
 * numbers. *len: their bytes in all. */
static int strings_on_top(lua_State *L, int total, size_t *len) {
    StkId top = L->top;
    int n = 0;
    size_t sum = 0;
    while (n < total && value_to_string(L, top - n - 1)) {
        size_t l = str_len(as_str(top - n - 1));
        if (l > (size_t)LUA_MAXINTEGER - sum - sizeof(LongString) - 1) {
            L->top = top - total; /* pop them, so that the message fits */
            rt_error(L, "string length overflow");
        }
        sum += l;
        n++;
    }
    *len = sum;
    return n;
}

static void copy_strings(StkId first, int n, char *to) {
    for (int i = 0; i < n; i++) {
        const String *s = as_str(first + i);
        memcpy(to, str_data(s), str_len(s));
        to += str_len(s);
    }
}

enum { MAX_PIECE = 256 };

static void join_strings(lua_State *L, StkId first, int n, size_t len) {
    if (len <= STR_MAXSHORT) {
        char buf[STR_MAXSHORT];
        copy_strings(first, n, buf);
        set_gc(first, str_new(L, buf, len));
    } else if (n == 2 && first->tag == TAG_LSTR) { /* s .. x: grow the buffer of s */
        String *right = as_str(first + 1);
        set_gc(first, str_append(L, (LongString *)first->v.gc, str_data(right), str_len(right)));
    } else if (first->tag == TAG_LSTR && len - str_len(as_str(first)) <= MAX_PIECE) { /* s .. x .. y */
        char piece[MAX_PIECE];
        copy_strings(first + 1, n - 1, piece);
        set_gc(first, str_append(L, (LongString *)first->v.gc, piece, len - str_len(as_str(first))));
    } else {
        char *to;
        LongString *s = str_newlong(L, len, &to);
        copy_strings(first, n, to);
        set_gc(first, s);
    }
}

static bool is_text(const TValue *o) { return is_str(o) || is_num(o); }

/* The usual concatenation: a few strings and numbers that make a short string. Numbers are written
 * straight into the result. False: not of that kind. */
static bool join_short(lua_State *L, StkId first, int n) {
    char buf[STR_MAXSHORT + NUM_BUFFER];
    size_t len = 0;
    for (int i = 0; i < n; i++) {
        const TValue *o = first + i;
        if (is_sstr(o)) {
            const String *s = as_str(o);
            if (len + s->shrlen > STR_MAXSHORT) return false;
            memcpy(buf + len, s->bytes, s->shrlen);
            len += s->shrlen;
        } else if (is_num(o)) {
            len += num_format(o, buf + len);
            if (len > STR_MAXSHORT) return false;
        } else {
            return false;
        }
    }
    set_gc(first, str_new(L, buf, len));
    return true;
}

void sem_concat(lua_State *L, int total) {
    if (join_short(L, L->top - total, total)) {
        L->top -= total - 1;
        return;
    }
    while (total > 1) {
        StkId top = L->top;
        int n = 2; /* values joined in this round */
        if (!is_text(top - 2) || !is_text(top - 1)) {
            binary_metamethod(L, top - 2, top - 1, TM_CONCAT, stack_save(L, top - 2));
        } else {
            size_t len;
            n = strings_on_top(L, total, &len);
            top = L->top;
            if (str_len(as_str(top - 1)) == 0 && n == 2) {
                /* nothing to add */
            } else if (n == 2 && str_len(as_str(top - 2)) == 0) {
                set_value(top - 2, top - 1);
            } else {
                join_strings(L, top - n, n, len);
            }
        }
        total -= n - 1;
        L->top -= n - 1;
    }
}
