// SPDX-License-Identifier: MIT
/* Numbers: conversions, arithmetic, exact comparison (manual §3.4.1 to §3.4.4).
 *
 * Integers wrap; // and % round towards minus infinity; a comparison of an integer with a float is
 * decided on the mathematical values, never by converting the integer where that would round.
 */
#include <stdlib.h>

#include "object/string.h"
#include "sem/sem.h"

lua_Integer sem_idiv(lua_State *L, lua_Integer a, lua_Integer b) {
    if ((lua_Unsigned)b + 1u <= 1u) { /* 0 or -1 */
        if (b == 0) rt_error(L, "attempt to divide by zero");
        return int_neg(a); /* the machine would trap on mininteger // -1 */
    }
    return int_floordiv(a, b);
}

lua_Integer sem_mod(lua_State *L, lua_Integer a, lua_Integer b) {
    if ((lua_Unsigned)b + 1u <= 1u) {
        if (b == 0) rt_error(L, "attempt to perform 'n%%0'");
        return 0;
    }
    return int_floormod(a, b);
}

lua_Number flt_mod(lua_Number a, lua_Number b) {
    lua_Number r = fmod(a, b);
    if (r != 0 && (r < 0) != (b < 0)) r += b;
    return r;
}

lua_Number flt_pow(lua_Number a, lua_Number b) { return b == 2 ? a * a : pow(a, b); }

bool flt_to_int(lua_Number n, lua_Integer *out, int round) {
    lua_Number f = floor(n);
    if (f != n) {
        if (round == ROUND_EXACT) return false;
        if (round == ROUND_CEIL) f += 1;
    }
    if (!(f >= -0x1p63 && f < 0x1p63)) return false;
    *out = (lua_Integer)f;
    return true;
}

bool str_to_num(const String *s, TValue *out) {
    size_t len = str_len(s);
    char buf[256]; /* terminated copy: a shared buffer's string has no terminator of its own */
    if (len < sizeof buf) {
        memcpy(buf, str_data(s), len);
        buf[len] = '\0';
        return str_tonumber(buf, out) == len + 1;
    }
    char *copy = strndup(str_data(s), len); /* numerals this long are white space or digits beyond any use */
    bool ok = copy != NULL && str_tonumber(copy, out) == len + 1;
    free(copy);
    return ok;
}

bool value_to_int_nostr(const TValue *o, lua_Integer *out, int round) {
    if (is_int(o)) {
        *out = o->v.i;
        return true;
    }
    return is_flt(o) && flt_to_int(o->v.n, out, round);
}

bool value_to_int(const TValue *o, lua_Integer *out, int round) {
    TValue num;
    if (is_str(o)) {
        if (!str_to_num(as_str(o), &num)) return false;
        o = &num;
    }
    return value_to_int_nostr(o, out, round);
}

bool value_to_flt(const TValue *o, lua_Number *out) {
    TValue num;
    if (is_str(o) && str_to_num(as_str(o), &num)) o = &num;
    if (is_flt(o))
        *out = o->v.n;
    else if (is_int(o))
        *out = (lua_Number)o->v.i;
    else
        return false;
    return true;
}

static bool num_to_flt(const TValue *o, lua_Number *out) {
    if (is_flt(o))
        *out = o->v.n;
    else if (is_int(o))
        *out = (lua_Number)o->v.i;
    else
        return false;
    return true;
}

static lua_Integer arith_int(lua_State *L, int op, lua_Integer a, lua_Integer b) {
    switch (op) {
        case LUA_OPADD: return int_add(a, b);
        case LUA_OPSUB: return int_sub(a, b);
        case LUA_OPMUL: return int_mul(a, b);
        case LUA_OPMOD: return sem_mod(L, a, b);
        case LUA_OPIDIV: return sem_idiv(L, a, b);
        case LUA_OPBAND: return a & b;
        case LUA_OPBOR: return a | b;
        case LUA_OPBXOR: return a ^ b;
        case LUA_OPSHL: return int_shl(a, b);
        case LUA_OPSHR: return int_shl(a, int_neg(b));
        case LUA_OPUNM: return int_neg(a);
        default: return ~a; /* LUA_OPBNOT */
    }
}

static lua_Number arith_flt(int op, lua_Number a, lua_Number b) {
    switch (op) {
        case LUA_OPADD: return a + b;
        case LUA_OPSUB: return a - b;
        case LUA_OPMUL: return a * b;
        case LUA_OPDIV: return a / b;
        case LUA_OPPOW: return flt_pow(a, b);
        case LUA_OPIDIV: return flt_idiv(a, b);
        case LUA_OPMOD: return flt_mod(a, b);
        default: return -a; /* LUA_OPUNM */
    }
}

bool arith_raw(lua_State *L, int op, const TValue *a, const TValue *b, TValue *out) {
    lua_Integer i, j;
    lua_Number x, y;
    switch (op) {
        case LUA_OPBAND: case LUA_OPBOR: case LUA_OPBXOR: case LUA_OPSHL: case LUA_OPSHR: case LUA_OPBNOT:
            if (!value_to_int_nostr(a, &i, ROUND_EXACT) || !value_to_int_nostr(b, &j, ROUND_EXACT)) return false;
            set_int(out, arith_int(L, op, i, j));
            return true;
        case LUA_OPDIV: case LUA_OPPOW: break; /* always floats */
        default:
            if (is_int(a) && is_int(b)) {
                set_int(out, arith_int(L, op, a->v.i, b->v.i));
                return true;
            }
    }
    if (!num_to_flt(a, &x) || !num_to_flt(b, &y)) return false;
    set_flt(out, arith_flt(op, x, y));
    return true;
}

/* ---------------------------------------------------------------------------------------- order */

/* Integers in this range convert to floats exactly. */
static bool fits_float(lua_Integer i) {
    return (lua_Unsigned)i + (1ull << 53) <= 1ull << 54;
}

static bool int_less_flt(lua_Integer i, lua_Number f) {
    if (fits_float(i)) return (lua_Number)i < f;
    lua_Integer fi;
    if (flt_to_int(f, &fi, ROUND_CEIL)) return i < fi; /* i < f  <=>  i < ceil(f) */
    return f > 0;                                      /* beyond all integers, or NaN */
}
static bool int_le_flt(lua_Integer i, lua_Number f) {
    if (fits_float(i)) return (lua_Number)i <= f;
    lua_Integer fi;
    if (flt_to_int(f, &fi, ROUND_FLOOR)) return i <= fi;
    return f > 0;
}
static bool flt_less_int(lua_Number f, lua_Integer i) {
    if (fits_float(i)) return f < (lua_Number)i;
    lua_Integer fi;
    if (flt_to_int(f, &fi, ROUND_FLOOR)) return fi < i;
    return f < 0;
}
static bool flt_le_int(lua_Number f, lua_Integer i) {
    if (fits_float(i)) return f <= (lua_Number)i;
    lua_Integer fi;
    if (flt_to_int(f, &fi, ROUND_CEIL)) return fi <= i;
    return f < 0;
}

bool num_less(const TValue *a, const TValue *b) {
    if (is_int(a)) return is_int(b) ? a->v.i < b->v.i : int_less_flt(a->v.i, b->v.n);
    return is_flt(b) ? a->v.n < b->v.n : flt_less_int(a->v.n, b->v.i);
}

bool num_less_equal(const TValue *a, const TValue *b) {
    if (is_int(a)) return is_int(b) ? a->v.i <= b->v.i : int_le_flt(a->v.i, b->v.n);
    return is_flt(b) ? a->v.n <= b->v.n : flt_le_int(a->v.n, b->v.i);
}

bool value_raw_equal(const TValue *a, const TValue *b) {
    if (a->tag != b->tag) {
        lua_Integer i;
        if (is_int(a) && is_flt(b)) return flt_to_int(b->v.n, &i, ROUND_EXACT) && i == a->v.i;
        if (is_flt(a) && is_int(b)) return flt_to_int(a->v.n, &i, ROUND_EXACT) && i == b->v.i;
        return false;
    }
    switch (a->tag) {
        case TAG_NIL: case TAG_FALSE: case TAG_TRUE: return true;
        case TAG_FLT: return a->v.n == b->v.n;
        case TAG_LSTR: return str_equal(as_str(a), as_str(b));
        default: return a->v.u == b->v.u;
    }
}

/* ---------------------------------------------------------------------------------- numeric for */

/* Limit of an integer loop: a float limit is clipped to the integers. True: the loop does not run. */
static bool for_limit(lua_State *L, lua_Integer init, const TValue *limit, lua_Integer *out, lua_Integer step) {
    if (!value_to_int(limit, out, step < 0 ? ROUND_CEIL : ROUND_FLOOR)) {
        lua_Number f;
        if (!value_to_flt(limit, &f)) rt_for_error(L, limit, "limit");
        if (f > 0) { /* above all integers */
            if (step < 0) return true;
            *out = LUA_MAXINTEGER;
        } else { /* below all integers, or NaN */
            if (step > 0) return true;
            *out = LUA_MININTEGER;
        }
    }
    return step > 0 ? init > *out : init < *out;
}

static bool forprep_int(lua_State *L, StkId ra, lua_Unsigned *iterations) {
    lua_Integer init = ra[0].v.i, step = ra[2].v.i, limit;
    if (step == 0) rt_error(L, "'for' step is zero");
    set_int(ra + 3, init);
    if (for_limit(L, init, ra + 1, &limit, step)) return true;
    lua_Unsigned n;
    if (step > 0) {
        n = (lua_Unsigned)limit - (lua_Unsigned)init;
        if (step != 1) n /= (lua_Unsigned)step;
    } else {
        n = (lua_Unsigned)init - (lua_Unsigned)limit;
        n /= (lua_Unsigned)(-(step + 1)) + 1u;
    }
    ra[1].v.u = n; /* the limit slot keeps the number of iterations left: no overflow to care about */
    ra[1].tag = TAG_INT;
    *iterations = n;
    return false;
}

bool sem_forprep(lua_State *L, StkId ra, lua_Unsigned *iterations) {
    if (is_int(ra) && is_int(ra + 2)) return forprep_int(L, ra, iterations);
    lua_Number init, limit, step;
    if (!value_to_flt(ra + 1, &limit)) rt_for_error(L, ra + 1, "limit");
    if (!value_to_flt(ra + 2, &step)) rt_for_error(L, ra + 2, "step");
    if (!value_to_flt(ra, &init)) rt_for_error(L, ra, "initial value");
    if (step == 0) rt_error(L, "'for' step is zero");
    if (step > 0 ? limit < init : init < limit) return true;
    set_flt(ra + 1, limit);
    set_flt(ra + 2, step);
    set_flt(ra, init);
    set_flt(ra + 3, init);
    lua_Number n = (limit - init) / step;
    *iterations = n < 1e9 ? (lua_Unsigned)n : 1000000000u;
    return false;
}

bool sem_forloop_flt(StkId ra) {
    lua_Number step = ra[2].v.n, limit = ra[1].v.n, i = ra[0].v.n + step;
    if (!(step > 0 ? i <= limit : limit <= i)) return false;
    ra[0].v.n = i;
    set_flt(ra + 3, i);
    return true;
}
