// SPDX-License-Identifier: MIT
/* Library functions that baseline code calls without a frame (interp/in_place.h); part of compiled.h.
 *
 * Arguments lie behind the function's register f, of which insn_b(i) tells how many; the results go to f and behind it. What the
 * function would refuse, or what would call something, is not for these: false, nothing has happened, and the call is made
 * as any other. Those that make objects may collect garbage when the result lies in its place, and the stack may have moved
 * then. pc: behind the call. */

#define IN_PLACE(name) static bool rt_do_##name(lua_State *L, const Insn *pc, TValue *f, Insn i)

static inline unsigned nargs_of(const lua_State *L, const TValue *f, Insn i) {
    return insn_b(i) != 0 ? insn_b(i) - 1 : (unsigned)(L->top - f) - 1;
}

static inline void may_allocate(lua_State *L, const Insn *pc) {
    L->ci->pc = pc;
    L->top = L->ci->top;
}

/* n results are in f; those that nobody makes are nil */
static inline void pad_results(TValue *f, Insn i, unsigned n) {
    for (; n + 1 < insn_c(i); n++) set_nil(f + n);
}

/* --- numbers --- */

static bool put_integral(TValue *f, lua_Number x) {
    if (!(x >= -0x1p63 && x < 0x1p63)) set_flt(f, x);
    else set_int(f, (lua_Integer)x);
    return true;
}

#define ROUND(name, function)                                                                                  \
    IN_PLACE(name) {                                                                                           \
        (void)L, (void)pc, (void)i;                                                                            \
        if (is_flt(f + 1)) return put_integral(f, function(f[1].v.n));                                         \
        if (!is_int(f + 1)) return false;                                                                      \
        set_int(f, f[1].v.i);                                                                                  \
        return true;                                                                                           \
    }
ROUND(floor, floor)
ROUND(ceil, ceil)

IN_PLACE(abs) {
    (void)L, (void)pc, (void)i;
    if (is_flt(f + 1)) set_flt(f, fabs(f[1].v.n));
    else if (is_int(f + 1)) set_int(f, f[1].v.i < 0 ? int_neg(f[1].v.i) : f[1].v.i);
    else return false;
    return true;
}

static inline lua_Number float_argument(const TValue *x) { return is_flt(x) ? x->v.n : int_to_flt(x->v.i); }

#define OF_FLOAT(name)                                                                                         \
    IN_PLACE(name) {                                                                                           \
        (void)L, (void)pc, (void)i;                                                                            \
        if (!is_num(f + 1)) return false;                                                                      \
        set_flt(f, name(float_argument(f + 1)));                                                               \
        return true;                                                                                           \
    }
OF_FLOAT(sqrt)
OF_FLOAT(sin)
OF_FLOAT(cos)
OF_FLOAT(exp)
OF_FLOAT(log)

/* of numbers of one type */
#define EXTREME(name, better)                                                                                  \
    IN_PLACE(name) {                                                                                           \
        unsigned n = nargs_of(L, f, i), best = 1;                                                              \
        (void)pc;                                                                                              \
        if (!is_num(f + 1)) return false;                                                                      \
        for (unsigned k = 2; k <= n; k++) {                                                                    \
            if (f[k].tag != f[1].tag) return false;                                                            \
            if (is_flt(f + 1) ? f[k].v.n better f[best].v.n : f[k].v.i better f[best].v.i) best = k;           \
        }                                                                                                      \
        set_value(f, f + best);                                                                                \
        return true;                                                                                           \
    }
EXTREME(max, >)
EXTREME(min, <)

/* --- strings --- */

/* a character that is there */
IN_PLACE(byte) {
    unsigned n = nargs_of(L, f, i);
    (void)pc;
    if (!is_str(f + 1) || (n > 1 && !is_int(f + 2))) return false;
    const String *s = as_str(f + 1);
    lua_Integer at = n > 1 ? f[2].v.i : 1;
    size_t len = str_len(s);
    if (at < 0) at = int_add(at, (lua_Integer)len + 1);
    if ((lua_Unsigned)at - 1 >= len) return false;
    set_int(f, (uint8_t)str_data(s)[at - 1]);
    return true;
}

IN_PLACE(len) {
    (void)L, (void)pc, (void)i;
    if (!is_str(f + 1)) return false;
    set_int(f, (lua_Integer)str_len(as_str(f + 1)));
    return true;
}

IN_PLACE(sub) {
    bool has_end = nargs_of(L, f, i) > 2;
    if (!is_str(f + 1) || !is_int(f + 2) || (has_end && !is_int(f + 3))) return false;
    may_allocate(L, pc);
    String *s = as_str(f + 1), *r = substring(L, s, f[2].v.i, has_end ? f[3].v.i : -1);
    set_gc(f, r);
    if (r != s) step_after(L, f);
    return true;
}

IN_PLACE(char) {
    if (!is_int(f + 1) || (lua_Unsigned)f[1].v.i > UCHAR_MAX) return false;
    char byte = (char)f[1].v.i;
    (void)i;
    may_allocate(L, pc);
    set_gc(f, str_new(L, &byte, 1));
    step_after(L, f);
    return true;
}

IN_PLACE(tostring) {
    (void)i;
    if (!is_num(f + 1) || G(L)->mt[LUA_TNUMBER] != NULL) return false;
    may_allocate(L, pc);
    set_value(f, f + 1);
    value_to_string(L, f);
    step_after(L, f);
    return true;
}

IN_PLACE(tonumber) {
    TValue x;
    (void)L, (void)pc, (void)i;
    if (is_num(f + 1)) set_value(f, f + 1);
    else if (!is_str(f + 1)) return false;
    else if (str_to_num(as_str(f + 1), &x)) set_value(f, &x);
    else set_nil(f);
    return true;
}

/* --- tables --- */

IN_PLACE(insert) {
    if (!is_table(f + 1) || as_table(f + 1)->metatable != NULL || is_nil(f + 2)) return false;
    Table *t = as_table(f + 1);
    (void)i;
    lua_Integer n = (lua_Integer)table_len(L, t) + 1;
    if (table_append_fast(t, n, f + 2)) return true;
    may_allocate(L, pc);
    table_set_int(L, t, n, f + 2);
    return true;
}

IN_PLACE(remove) {
    TValue x;
    (void)pc, (void)i;
    if (!is_table(f + 1) || !rt_remove_last(L, as_table(f + 1), &x)) return false;
    set_value(f, &x);
    return true;
}

IN_PLACE(rawget) {
    TValue x;
    (void)pc, (void)i;
    if (!is_table(f + 1)) return false;
    table_get(L, as_table(f + 1), f + 2, &x);
    set_value(f, &x);
    return true;
}

IN_PLACE(rawlen) {
    (void)pc, (void)i;
    if (!is_table(f + 1)) return false;
    set_int(f, (lua_Integer)table_len(L, as_table(f + 1)));
    return true;
}

IN_PLACE(rawequal) {
    (void)L, (void)pc, (void)i;
    set_bool(f, value_raw_equal(f + 1, f + 2));
    return true;
}

IN_PLACE(setmetatable) {
    (void)pc;
    if (!is_table(f + 1) || !is_table(f + 2)) return false;
    const LClosure *cl = as_lcl(L->ci->func);
    note_target(L, cl, cl->p->cells, f, i);
    if (!rt_set_metatable(L, as_table(f + 1), as_table(f + 2))) return false;
    set_value(f, f + 1);
    return true;
}

IN_PLACE(getmetatable) {
    TValue mt;
    (void)pc, (void)i;
    rt_get_metatable(L, f + 1, &mt);
    set_value(f, &mt);
    return true;
}

/* --- any values --- */

IN_PLACE(type) {
    (void)pc, (void)i;
    set_gc(f, G(L)->typenames[f[1].tag]);
    return true;
}

IN_PLACE(assert) {
    unsigned n = nargs_of(L, f, i), wanted = insn_c(i) - 1;
    (void)pc;
    if (is_falsy(f + 1)) return false;
    for (unsigned k = 0; k < n && k < wanted; k++) set_value(f + k, f + k + 1);
    pad_results(f, i, n);
    return true;
}

IN_PLACE(select) {
    unsigned extra = nargs_of(L, f, i) - 1;
    (void)pc;
    if (f[1].tag == TAG_SSTR && as_str(f + 1) == G(L)->countname) {
        set_int(f, extra);
        return true;
    }
    if (!is_int(f + 1) || f[1].v.i < 1 || insn_c(i) == 0) return false; /* all from there on */
    if (f[1].v.i <= (lua_Integer)extra) set_value(f, f + 1 + f[1].v.i);
    else set_nil(f);
    return true;
}

IN_PLACE(ipairs) {
    (void)pc;
    set_lcf(f, G(L)->ipairs_step);
    set_int(f + 2, 0);
    pad_results(f, i, 3);
    return true;
}

IN_PLACE(pairs) {
    (void)pc;
    if (!is_table(f + 1) || as_table(f + 1)->metatable != NULL) return false;
    set_lcf(f, G(L)->next);
    set_nil(f + 2);
    pad_results(f, i, 3);
    return true;
}

/* --- by number --- */

typedef bool InPlace(lua_State *L, const Insn *pc, TValue *f, Insn i);
static InPlace *const in_place[IN_PLACE_COUNT] = {
#define IN_PLACE_ROW(library, name, ...) [IN_PLACE_##name] = rt_do_##name,
    PERIGEE_IN_PLACE(IN_PLACE_ROW)
#undef IN_PLACE_ROW
};

static inline bool call_in_place(unsigned number, lua_State *L, const Insn *pc, TValue *f, Insn i) { return in_place[number](L, pc, f, i); }

static bool takes_arguments(Insn i, unsigned least, unsigned most) {
    if (insn_b(i) == 0) return most == IN_PLACE_OPEN;
    return insn_b(i) - 1 >= least && insn_b(i) - 1 <= most;
}

static bool gives_results(Insn i, unsigned results) {
    switch (results) {
        case IN_PLACE_ONE: return insn_c(i) <= 2;
        case IN_PLACE_NONE: return insn_c(i) == 1;
        case IN_PLACE_SOME: return insn_c(i) >= 1;
        default: return insn_c(i) >= 4;
    }
}

/* The number of what a site calls, if that suits its arguments and results; 0. */
static uint8_t in_place_at(const Global *g, lua_CFunction f, Insn i) {
    static const uint8_t rows[IN_PLACE_COUNT][3] = {
#define IN_PLACE_ROW(library, name, least, most, results) [IN_PLACE_##name] = {least, most, IN_PLACE_##results},
        PERIGEE_IN_PLACE(IN_PLACE_ROW)
#undef IN_PLACE_ROW
    };
    if (insn_op(i) != OP_CALL || g->in_place == NULL) return NOT_IN_PLACE;
    unsigned n = g->in_place(f);
    return n != NOT_IN_PLACE && takes_arguments(i, rows[n][0], rows[n][1]) && gives_results(i, rows[n][2]) ? (uint8_t)n : NOT_IN_PLACE;
}
