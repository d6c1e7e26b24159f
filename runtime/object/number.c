// SPDX-License-Identifier: MIT
/* Numerals: text to number and back, by the rules of the language (manual 3.1, 3.4.3).
 *
 * Decimal digits only: an integer, or a float when it does not fit. Hexadecimal digits only: an
 * integer, modulo 2^64. Otherwise a float: short
 * ones exactly by one multiplication or division (Clinger: mantissa below 2^53, power of ten up to
 * 22, both exact), the
 * rest by strtod. "inf" and "nan" are no numerals. Floats of the usual size are printed from exact products, others by printf. The locale's decimal point is accepted besides
 * the dot, and printed, as in the reference.
 */
#include <langinfo.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "object/string.h"

static int hex_value(unsigned char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
static bool is_digit(char c) { return (unsigned char)(c - '0') < 10; }
static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static const char *skip_space(const char *s) {
    while (is_space(*s)) s++;
    return s;
}

static const char *skip_sign(const char *s, bool *negative) {
    *negative = *s == '-';
    return *s == '-' || *s == '+' ? s + 1 : s;
}

/* the end of the text if nothing but space follows, else NULL */
static const char *at_end(const char *s) {
    s = skip_space(s);
    return *s == '\0' ? s : NULL;
}

static const char *read_hex(const char *s, uint64_t *out) {
    uint64_t a = 0;
    int d;
    const char *start = s;
    for (; (d = hex_value((unsigned char)*s)) >= 0; s++) a = a << 4 | (unsigned)d;
    *out = a;
    return s == start ? NULL : s;
}

/* NULL also for an integer that does not fit */
static const char *read_decimal(const char *s, bool negative, uint64_t *out) {
    const uint64_t most = (uint64_t)LUA_MAXINTEGER + negative;
    uint64_t a = 0;
    const char *start = s;
    for (; is_digit(*s); s++) {
        unsigned d = (unsigned)(*s - '0');
        if (a > (most - d) / 10) return NULL;
        a = a * 10 + d;
    }
    *out = a;
    return s == start ? NULL : s;
}

static const char *to_integer(const char *s, lua_Integer *out) {
    bool negative;
    uint64_t a;
    s = skip_sign(skip_space(s), &negative);
    if (s[0] == '0' && (s[1] | 0x20) == 'x') s = read_hex(s + 2, &a);
    else s = read_decimal(s, negative, &a);
    if (s == NULL || (s = at_end(s)) == NULL) return NULL;
    *out = (lua_Integer)(negative ? 0 - a : a);
    return s;
}

/* mantissa and decimal exponent of digits with a dot; false if the text is anything else or has
 * more digits than fit */
static const char *read_simple(const char *s, uint64_t *mantissa, int *exponent) {
    uint64_t a = 0;
    int digits = 0, e = 0, seen = 0;
    for (; is_digit(*s); s++, seen++) a = a * 10 + (unsigned)(*s - '0'), digits += a != 0;
    if (*s == '.')
        for (s++; is_digit(*s); s++, seen++, e--)
            a = a * 10 + (unsigned)(*s - '0'), digits += a != 0;
    if (seen == 0 || digits > 18) return NULL;
    if ((*s | 0x20) == 'e') {
        bool negative;
        int x = 0;
        s = skip_sign(s + 1, &negative);
        if (!is_digit(*s)) return NULL;
        for (; is_digit(*s); s++)
            if (x < 10000) x = x * 10 + (*s - '0');
        e += negative ? -x : x;
    }
    *mantissa = a;
    *exponent = e;
    return s;
}

static const char *to_float_exactly(const char *s, lua_Number *out) {
    static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    bool negative;
    uint64_t mantissa;
    int exponent;
    s = read_simple(skip_sign(skip_space(s), &negative), &mantissa, &exponent);
    if (s == NULL || (s = at_end(s)) == NULL) return NULL;
    if (mantissa > (UINT64_C(1) << 53) || exponent < -22 || exponent > 22) return NULL;
    double x = (double)mantissa;
    x = exponent < 0 ? x / power[-exponent] : x * power[exponent];
    *out = negative ? -x : x;
    return s;
}

static const char *by_strtod(const char *s, lua_Number *out) {
    char *end;
    *out = strtod(s, &end);
    return end == s ? NULL : at_end(end);
}

/* the library's function wants the locale's decimal point */
static const char *by_strtod_localized(const char *s, lua_Number *out) {
    char copy[201];
    const char *dot = strchr(s, '.');
    size_t n = strlen(s);
    if (dot == NULL || n >= sizeof copy) return NULL;
    memcpy(copy, s, n + 1);
    copy[dot - s] = *nl_langinfo(RADIXCHAR);
    const char *end = by_strtod(copy, out);
    return end ? s + (end - copy) : NULL;
}

static const char *to_float(const char *s, lua_Number *out) {
    const char *end = to_float_exactly(s, out);
    if (end != NULL) return end;
    if (strpbrk(s, "nN") != NULL) return NULL; /* "inf", "nan" */
    end = by_strtod(s, out);
    return end ? end : by_strtod_localized(s, out);
}

/* A numeral begins with blanks, a sign, a digit or the decimal point (of any locale: no letter):
 * most other text is told at its first byte. */
static bool may_be_numeral(const char *s) {
    unsigned char c = (unsigned char)*s;
    return !(c == '\0' || c == '#' || c == '_' || (unsigned)((c | 0x20) - 'a') < 26u);
}

size_t str_tonumber(const char *s, TValue *out) {
    lua_Integer i;
    lua_Number n;
    if (!may_be_numeral(s)) return 0;
    const char *end = to_integer(s, &i);
    if (end != NULL) {
        set_int(out, i);
    } else {
        end = to_float(s, &n);
        if (end == NULL) return 0;
        set_flt(out, n);
    }
    return (size_t)(end - s) + 1;
}

/* ------------------------------------------------------------------------------- number to text */

static unsigned format_unsigned(uint64_t a, char *buf) {
    static const char pairs[] =
        "000102030405060708091011121314151617181920212223242526272829303132333435363738394041424344"
        "45464748495051525354555657585960616263"
        "646566676869707172737475767778798081828384858687888990919293949596979899";
    char digits[20], *p = digits + sizeof digits;
    while (a >= 100) {
        p -= 2;
        memcpy(p, pairs + 2 * (a % 100), 2);
        a /= 100;
    }
    if (a >= 10) {
        p -= 2;
        memcpy(p, pairs + 2 * a, 2);
    } else {
        *--p = (char)('0' + a);
    }
    unsigned n = (unsigned)(digits + sizeof digits - p);
    memcpy(buf, p, n);
    return n;
}

static unsigned format_integer(lua_Integer i, char *buf) {
    if (i >= 0) return format_unsigned((uint64_t)i, buf);
    *buf = '-';
    return 1 + format_unsigned(0 - (uint64_t)i, buf + 1);
}

/* looks like an integer: digits and sign only */
static bool lacks_point(const char *s, unsigned n) {
    for (unsigned i = 0; i < n; i++)
        if (!is_digit(s[i]) && s[i] != '-') return false;
    return true;
}

static unsigned add_point(char *buf, unsigned n) {
    buf[n] = *nl_langinfo(RADIXCHAR);
    buf[n + 1] = '0';
    return n + 2;
}

enum { DIGITS = 14 };

/* x to 14 digits, in [1e13, 1e14], rounded to the nearest, as printf does; 10^*exponent <= x. For 1e-4 <= x < 1e14: x is m / 2^s,
 * and m * 10^k is less than 2^110, so that this is exact. */
static uint64_t round_to_digits(lua_Number x, int *exponent) {
    static const double bounds[] = {1e-3, 1e-2, 1e-1, 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14};
    static const uint64_t power[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000,
                                     1000000000000, 10000000000000, 100000000000000, 1000000000000000, 10000000000000000, 100000000000000000};
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    unsigned s = 1075 - (unsigned)(bits >> 52);
    uint64_t m = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52;
    int e = -4;
    while (x >= bounds[e + 4]) e++;
    unsigned __int128 scaled = (unsigned __int128)m * power[DIGITS - 1 - e], half = (unsigned __int128)1 << (s - 1);
    uint64_t q = (uint64_t)(scaled >> s);
    unsigned __int128 rest = scaled - ((unsigned __int128)q << s);
    *exponent = e;
    return q + (rest > half || (rest == half && (q & 1)));
}

/* As %.14g, without the sign; 0: it is not for this function. */
static unsigned format_fraction(lua_Number x, char *buf) {
    char digits[DIGITS + 1];
    const char *point = nl_langinfo(RADIXCHAR);
    int e;
    if (!(x >= 1e-4 && x < 1e14) || point[1] != '\0') return 0;
    uint64_t q = round_to_digits(x, &e);
    if (q == UINT64_C(100000000000000)) { /* up to the next power of ten */
        q /= 10;
        if (++e == DIGITS) return 0;
    }
    unsigned n = format_unsigned(q, digits), whole = e >= 0 ? (unsigned)e + 1 : 0, at = whole;
    while (digits[n - 1] == '0') n--;
    memcpy(buf, digits, whole);
    if (n <= whole) return whole;
    if (whole == 0) buf[at++] = '0';
    buf[at++] = *point;
    for (; e < -1; e++) buf[at++] = '0';
    memcpy(buf + at, digits + whole, n - whole);
    return at + n - whole;
}

static unsigned format_float(lua_Number x, char *buf) {
    /* at most 14 digits: %.14g would print them all */
    if (fabs(x) < 1e14 && x == (lua_Number)(int64_t)x) {
        unsigned sign = signbit(x) != 0;
        *buf = '-';
        return add_point(buf, sign + format_unsigned((uint64_t)fabs(x), buf + sign));
    }
    unsigned sign = signbit(x) != 0, n = format_fraction(fabs(x), buf + sign);
    if (sign) *buf = '-';
    if (n != 0) n += sign;
    else n = (unsigned)snprintf(buf, NUM_BUFFER, "%.14g", x);
    return lacks_point(buf, n) ? add_point(buf, n) : n;
}

unsigned num_format(const TValue *num, char *buf) {
    return num->tag == TAG_INT ? format_integer(num->v.i, buf) : format_float(num->v.n, buf);
}
