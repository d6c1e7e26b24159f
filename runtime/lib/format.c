// SPDX-License-Identifier: MIT
/*
 * string.format (manual, section 6.4). The conversions are C's, checked as strictly
 * as 5.4 checks them: a width or precision has two digits at most, and each
 * conversion knows its flags.
 *
 * Integers, characters, strings and pointers are laid out here, without printf.
 * So are `%f` and `%g` of ordinary size: a double is m * 2^e with m < 2^53; for up
 * to 22 decimals m * 10^d fits in 127 bits, so that the decimal digits, rounded
 * half to even like the C library's, are one multiplication and a shift away. Exact, or
 * left to snprintf.
 */

#include "format.h"

#include <ctype.h>
#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    MAX_SPEC = 20,   /* characters between '%' and the conversion */
    ITEM_SIZE = 128, /* room for any conversion but %f and strings: 99 digits and signs */
    FLOAT_SIZE = 99 + 309 + 16,
    MAX_DECIMALS = 18, /* of %f: the fraction alone fits in 63 bits */
    MAX_DIGITS = 17, /* significant ones that a 64-bit integer holds for sure */
};

/* ---- integers ---- */

static const char digit_pairs[201] = "00010203040506070809101112131415161718192021222324"
                                     "25262728293031323334353637383940414243444546474849"
                                     "50515253545556575859606162636465666768697071727374"
                                     "75767778798081828384858687888990919293949596979899";

static const uint64_t powers_of_ten[20] = {
    1u,
    10u,
    100u,
    1000u,
    10000u,
    100000u,
    1000000u,
    10000000u,
    100000000u,
    1000000000u,
    10000000000u,
    100000000000u,
    1000000000000u,
    10000000000000u,
    100000000000000u,
    1000000000000000u,
    10000000000000000u,
    100000000000000000u,
    1000000000000000000u,
    10000000000000000000u,
};

static inline int count_digits(uint64_t n) {
    int guess = (64 - __builtin_clzll(n | 1)) * 1233 >> 12; /* bits times log10(2) */
    return guess + (n >= powers_of_ten[guess] || n == 0);
}

/* Writes the last `count` decimal digits of n. */
static void write_digits(char *out, uint64_t n, int count) {
    for (; count >= 2; count -= 2) {
        memcpy(out + count - 2, digit_pairs + n % 100 * 2, 2);
        n /= 100;
    }
    if (count > 0) {
        *out = (char)('0' + n % 10);
    }
}

static inline int write_unsigned(char *out, uint64_t n) {
    int count = count_digits(n);
    write_digits(out, n, count);
    return count;
}

size_t format_integer(char *out, lua_Integer n) {
    uint64_t magnitude = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    *out = '-';
    return (size_t)(n < 0) + (size_t)write_unsigned(out + (n < 0), magnitude);
}

/* Octal or hexadecimal: bits to a digit is 3 or 4. */
static int write_radix(char *out, uint64_t n, int bits, const char *digits) {
    int count = n == 0 ? 1 : (64 - __builtin_clzll(n) + bits - 1) / bits;
    for (int i = count - 1; i >= 0; i--) {
        out[i] = digits[n & ((1u << bits) - 1)];
        n >>= bits;
    }
    return count;
}

/* ---- floats, exactly ---- */

/* |x| * 10^decimals, rounded half to even; false if that takes more than 63 bits. */
static bool scale(double x, int decimals, uint64_t *scaled) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int exponent = (int)(bits >> 52 & 0x7ff);
    uint64_t mantissa = bits & (((uint64_t)1 << 52) - 1);
    if (exponent == 0) {
        exponent = 1;
    } else {
        mantissa |= (uint64_t)1 << 52;
    }
    exponent -= 1075;
    int low = decimals > 11 ? 11 : decimals;
    unsigned __int128 product =
        (unsigned __int128)mantissa * powers_of_ten[low] * powers_of_ten[decimals - low];
    if (exponent >= 0) {
        if (exponent > 10 || product >> (63 - exponent) != 0) {
            return false;
        }
        *scaled = (uint64_t)product << exponent;
        return true;
    }
    int shift = -exponent;
    if (shift >= 128) { /* less than half a unit */
        *scaled = 0;
        return true;
    }
    unsigned __int128 whole = product >> shift;
    if (whole >> 63 != 0) {
        return false;
    }
    unsigned __int128 rest = product - (whole << shift);
    unsigned __int128 half = (unsigned __int128)1 << (shift - 1);
    *scaled = (uint64_t)whole + (rest > half || (rest == half && ((uint64_t)whole & 1)));
    return true;
}

static bool point_is_dot(void) {
    const char *point = nl_langinfo(RADIXCHAR);
    return point[0] == '.' && point[1] == '\0';
}

/* |x| with `decimals` digits after the point; the length, or 0 for snprintf to do it. */
static int write_fixed(char *out, double x, int decimals) {
    uint64_t scaled;
    if (decimals > MAX_DECIMALS || !scale(x, decimals, &scaled)) {
        return 0;
    }
    if (decimals == 0) {
        return write_unsigned(out, scaled);
    }
    int count = count_digits(scaled);
    int before = count > decimals ? count - decimals : 1;
    write_digits(out, scaled / powers_of_ten[decimals], before);
    out[before] = '.';
    write_digits(out + before + 1, scaled % powers_of_ten[decimals], decimals);
    return before + 1 + decimals;
}

/*
 * The `digits` significant digits of |x| and its decimal exponent after rounding;
 * false if %g would not write it without exponent, or it is too large for `scale`.
 */
static bool significant(double x, int digits, uint64_t *scaled, int *exponent) {
    int e = (int)floor((double)ilogb(x) * 0.30102999566398120); /* right or one too small */
    for (;; e++) {
        if (e < -5 || e >= digits) {
            return false;
        }
        if (!scale(x, digits - 1 - e, scaled)) {
            return false;
        }
        if (*scaled < powers_of_ten[digits]) {
            break;
        }
    }
    *exponent = e;
    return e >= -4;
}

/* |x| as %.<digits>g writes it; the length, or 0 for snprintf to do it. */
static int write_general(char *out, double x, int digits) {
    uint64_t scaled;
    int exponent;
    if (x == 0) {
        *out = '0';
        return 1;
    }
    if (digits > MAX_DIGITS || !significant(x, digits, &scaled, &exponent)) {
        return 0;
    }
    int decimals = digits - 1 - exponent;
    while (decimals > 0 && scaled % 10 == 0) {
        scaled /= 10;
        decimals--;
    }
    if (decimals == 0) {
        return write_unsigned(out, scaled);
    }
    int count = count_digits(scaled);
    if (count > decimals) {
        write_digits(out, scaled / powers_of_ten[decimals], count - decimals);
        out[count - decimals] = '.';
        write_digits(out + count - decimals + 1, scaled % powers_of_ten[decimals], decimals);
        return count + 1;
    }
    memcpy(out, "0.", 2);
    memset(out + 2, '0', (size_t)(decimals - count));
    write_digits(out + 2 + decimals - count, scaled, count);
    return 2 + decimals;
}

static bool reads_as_integer(const char *s, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (s[i] != '-' && (s[i] < '0' || s[i] > '9')) {
            return false;
        }
    }
    return true;
}

size_t format_number(char *out, lua_Number x) {
    size_t len = 0;
    if (isfinite(x) && point_is_dot()) {
        bool negative = signbit(x) != 0;
        *out = '-';
        int n = write_general(out + negative, x, 14);
        len = n == 0 ? 0 : (size_t)n + negative;
    }
    if (len == 0) {
        len = (size_t)snprintf(out, FORMAT_NUMBER_SIZE - 4, LUA_NUMBER_FMT, x);
    }
    if (reads_as_integer(out, len)) {
        out[len] = lua_getlocaledecpoint();
        out[len + 1] = '0';
        len += 2;
    }
    return len;
}

/* ---- specifications ---- */

typedef struct {
    bool left, plus, space, alternate, zero;
    int width, precision; /* precision -1: none */
    char conversion;
    bool plain;               /* nothing between '%' and the conversion */
    char text[MAX_SPEC + 3];  /* all of it, for messages and for snprintf */
} Spec;

typedef struct {
    lua_State *L;
    luaL_Buffer out;
    int arg, top;
    bool knows_tostring; /* upvalue 1 is "__tostring" */
} Format;

static bool in_spec(char c) {
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == ' ' || c == '#' || c == '.';
}

/* Reads one specification behind its '%'; what follows it. */
static const char *read_spec(lua_State *L, const char *p, Spec *spec) {
    size_t n = 0;
    while (in_spec(p[n])) {
        n++;
    }
    if (n > MAX_SPEC) {
        luaL_error(L, "invalid format (too long)");
    }
    spec->plain = n == 0;
    spec->conversion = p[n];
    if (n > 0) {
        spec->text[0] = '%';
        memcpy(spec->text + 1, p, n + 1);
        spec->text[n + 2] = '\0';
    }
    spec->left = spec->plus = spec->space = spec->alternate = spec->zero = false;
    spec->width = 0;
    spec->precision = -1;
    return p + n + 1;
}

static void set_flag(Spec *spec, char flag) {
    switch (flag) {
    case '-': spec->left = true; break;
    case '+': spec->plus = true; break;
    case ' ': spec->space = true; break;
    case '#': spec->alternate = true; break;
    default: spec->zero = true; break;
    }
}

static const char *read_two_digits(const char *p, int *number) {
    *number = 0;
    for (int i = 0; i < 2 && *p >= '0' && *p <= '9'; i++) {
        *number = *number * 10 + (*p++ - '0');
    }
    return p;
}

/* Flags (of those allowed), width, and a precision if there may be one; nothing else. */
static void parse_spec(lua_State *L, Spec *spec, const char *flags, bool precision) {
    if (spec->plain) {
        return;
    }
    const char *p = spec->text + 1;
    for (; *p != '\0' && strchr(flags, *p) != NULL; p++) {
        set_flag(spec, *p);
    }
    if (*p != '0') {
        p = read_two_digits(p, &spec->width);
        if (*p == '.' && precision) {
            p = read_two_digits(p + 1, &spec->precision);
        }
    }
    if (!isalpha((unsigned char)*p)) {
        luaL_error(L, "invalid conversion specification: '%s'", spec->text);
    }
}

/* Where it is nothing but the conversion, the text is made on demand only. */
static const char *spec_text(Spec *spec) {
    if (spec->plain) {
        spec->text[0] = '%';
        spec->text[1] = spec->conversion;
        spec->text[2] = '\0';
    }
    return spec->text;
}

/* ---- layout ---- */

/* Adds `len` bytes, padded with blanks to the width. */
static void add_padded(Format *f, const Spec *spec, const char *s, size_t len) {
    size_t width = (size_t)spec->width;
    if (len >= width) {
        lib_add(&f->out, s, len);
        return;
    }
    char *to = lib_reserve(&f->out, width);
    memset(to, ' ', width);
    memcpy(spec->left ? to : to + (width - len), s, len);
    luaL_addsize(&f->out, width);
}

/* Adds a number: prefix (sign or 0x), `zeros` zeros, digits; zeros to the width if asked. */
static void add_digits(Format *f, const Spec *spec, const char *prefix, size_t zeros,
                       bool fill, const char *digits, size_t len) {
    size_t prefixlen = strlen(prefix);
    size_t used = prefixlen + zeros + len, width = (size_t)spec->width;
    if (fill && !spec->left && used < width) {
        zeros += width - used;
        used = width;
    }
    size_t pad = used < width ? width - used : 0;
    char *to = lib_reserve(&f->out, used + pad);
    if (!spec->left) {
        memset(to, ' ', pad);
        to += pad;
    }
    memcpy(to, prefix, prefixlen);
    memset(to + prefixlen, '0', zeros);
    memcpy(to + prefixlen + zeros, digits, len);
    if (spec->left) {
        memset(to + used, ' ', pad);
    }
    luaL_addsize(&f->out, used + pad);
}

static const char *sign_of(const Spec *spec, bool negative) {
    return negative ? "-" : spec->plus ? "+" : spec->space ? " " : "";
}

/* ---- conversions of integers ---- */

/* Minimal digits by precision; the `zero` flag counts only without one. */
static void add_integer(Format *f, const Spec *spec, const char *prefix, const char *digits,
                        size_t len, bool is_zero) {
    size_t zeros = 0;
    if (spec->precision >= 0) {
        if (spec->precision == 0 && is_zero) {
            len = 0;
        }
        zeros = (size_t)spec->precision > len ? (size_t)spec->precision - len : 0;
    }
    if (spec->alternate && spec->conversion == 'o' && zeros == 0 && (len == 0 || *digits != '0')) {
        zeros = 1;
    }
    add_digits(f, spec, prefix, zeros, spec->zero && spec->precision < 0, digits, len);
}

static void format_signed(Format *f, Spec *spec) {
    lua_Integer n = lib_checkint(f->L, f->arg);
    if (spec->plain) {
        char *to = lib_reserve(&f->out, FORMAT_INTEGER_SIZE);
        luaL_addsize(&f->out, format_integer(to, n));
        return;
    }
    parse_spec(f->L, spec, "-+0 ", true);
    char digits[FORMAT_INTEGER_SIZE];
    uint64_t magnitude = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    int len = write_unsigned(digits, magnitude);
    add_integer(f, spec, sign_of(spec, n < 0), digits, (size_t)len, n == 0);
}

static void format_unsigned(Format *f, Spec *spec) {
    uint64_t n = (uint64_t)lib_checkint(f->L, f->arg);
    char digits[ITEM_SIZE];
    int len;
    const char *prefix = "";
    parse_spec(f->L, spec, spec->conversion == 'u' ? "-0" : "-#0", true);
    switch (spec->conversion) {
    case 'u': len = write_unsigned(digits, n); break;
    case 'o': len = write_radix(digits, n, 3, "01234567"); break;
    case 'x':
        len = write_radix(digits, n, 4, "0123456789abcdef");
        prefix = spec->alternate && n != 0 ? "0x" : "";
        break;
    default:
        len = write_radix(digits, n, 4, "0123456789ABCDEF");
        prefix = spec->alternate && n != 0 ? "0X" : "";
        break;
    }
    add_integer(f, spec, prefix, digits, (size_t)len, n == 0);
}

static void format_char(Format *f, Spec *spec) {
    parse_spec(f->L, spec, "-", false);
    char c = (char)lib_checkint(f->L, f->arg);
    add_padded(f, spec, &c, 1);
}

static void format_pointer(Format *f, Spec *spec) {
    const void *p = lua_topointer(f->L, f->arg);
    parse_spec(f->L, spec, "-", false);
    if (p == NULL) {
        add_padded(f, spec, "(null)", 6);
        return;
    }
    char text[ITEM_SIZE] = "0x";
    int len = write_radix(text + 2, (uint64_t)(uintptr_t)p, 4, "0123456789abcdef");
    add_padded(f, spec, text, (size_t)len + 2);
}

/* ---- conversions of floats ---- */

/* %f and %g without printf; false where that is not possible. */
static bool add_float(Format *f, const Spec *spec, double x) {
    if (spec->alternate || !isfinite(x) || !point_is_dot()) {
        return false;
    }
    char digits[ITEM_SIZE];
    int precision = spec->precision < 0 ? 6 : spec->precision;
    int len = spec->conversion == 'f' ? write_fixed(digits, x, precision)
                                      : write_general(digits, x, precision == 0 ? 1 : precision);
    if (len == 0) {
        return false;
    }
    add_digits(f, spec, sign_of(spec, signbit(x) != 0), 0, spec->zero, digits, (size_t)len);
    return true;
}

static void print_float(Format *f, Spec *spec, double x) {
    char *to = lib_reserve(&f->out, FLOAT_SIZE);
    int len = snprintf(to, FLOAT_SIZE, spec_text(spec), x);
    luaL_addsize(&f->out, (size_t)len);
}

static void format_float(Format *f, Spec *spec) {
    double x = lib_checknum(f->L, f->arg);
    parse_spec(f->L, spec, "-+#0 ", true);
    bool simple = spec->conversion == 'f' || spec->conversion == 'g' || spec->conversion == 'G';
    if (!simple || !add_float(f, spec, x)) {
        print_float(f, spec, x);
    }
}

static void format_hexfloat(Format *f, Spec *spec) {
    parse_spec(f->L, spec, "-+#0 ", true);
    print_float(f, spec, lib_checknum(f->L, f->arg));
}

/* ---- strings ---- */

static bool has_tostring(const Format *f, int arg) {
    if (!lua_getmetatable(f->L, arg)) {
        return false;
    }
    if (!f->knows_tostring) {
        lua_pop(f->L, 1);
        return true; /* luaL_tolstring will see */
    }
    lua_pushvalue(f->L, lua_upvalueindex(1));
    bool found = lua_rawget(f->L, -2) != LUA_TNIL;
    lua_pop(f->L, 2);
    return found;
}

static void add_number(Format *f) {
    lua_State *L = f->L;
    char *to = lib_reserve(&f->out, FORMAT_NUMBER_SIZE);
    if (lua_isinteger(L, f->arg)) {
        luaL_addsize(&f->out, format_integer(to, lua_tointegerx(L, f->arg, NULL)));
    } else {
        luaL_addsize(&f->out, format_number(to, lua_tonumberx(L, f->arg, NULL)));
    }
}

/* `%s` of a simple value that no metamethod turns into something else; or false. */
static bool add_plain_value(Format *f) {
    lua_State *L = f->L;
    int type = lua_type(L, f->arg);
    if (type > LUA_TSTRING || type == LUA_TLIGHTUSERDATA || has_tostring(f, f->arg)) {
        return false;
    }
    size_t len;
    const char *s;
    switch (type) {
    case LUA_TSTRING:
        s = lua_tolstring(L, f->arg, &len);
        lib_add(&f->out, s, len);
        break;
    case LUA_TNUMBER: add_number(f); break;
    case LUA_TBOOLEAN:
        s = lua_toboolean(L, f->arg) ? "true" : "false";
        lib_add(&f->out, s, strlen(s));
        break;
    default: lib_add(&f->out, "nil", 3); break;
    }
    return true;
}

/* The buffer may only grow while nothing lies above it, so the text is below a copy. */
static void format_string(Format *f, Spec *spec) {
    lua_State *L = f->L;
    if (spec->plain && add_plain_value(f)) {
        return;
    }
    size_t len;
    const char *s = luaL_tolstring(L, f->arg, &len);
    if (spec->plain) {
        luaL_addvalue(&f->out);
        return;
    }
    luaL_argcheck(L, memchr(s, '\0', len) == NULL, f->arg, "string contains zeros");
    parse_spec(L, spec, "-", true);
    if (spec->precision < 0 && len >= 100) {
        luaL_addvalue(&f->out);
        return;
    }
    if (spec->precision >= 0 && (size_t)spec->precision < len) {
        len = (size_t)spec->precision;
    }
    char text[100];
    memcpy(text, s, len);
    lua_pop(L, 1);
    add_padded(f, spec, text, len);
}

/* ---- %q ---- */

/* Writes the escape for a byte that cannot stand for itself; its length. */
static size_t write_escape(char *out, unsigned char c, unsigned char next) {
    out[0] = '\\';
    if (!iscntrl(c) || c == '\n') {
        out[1] = (char)c;
        return 2;
    }
    if (isdigit(next)) { /* the digit must not belong to the escape */
        memcpy(out + 1, "000", 3);
        write_digits(out + 1, c, 3);
        return 4;
    }
    return 1 + (size_t)write_unsigned(out + 1, c);
}

/* A byte that stands for itself in a string literal. */
static inline bool is_ordinary(unsigned char c) {
    if (c < 0x80) {
        return c >= ' ' && c != 0x7f && c != '"' && c != '\\';
    }
    return !iscntrl(c);
}

static void add_quoted(Format *f, const char *s, size_t len) {
    const char *end = s + len;
    lib_addchar(&f->out, '"');
    while (s < end) {
        const char *run = s;
        while (s < end && is_ordinary((unsigned char)*s)) {
            s++;
        }
        lib_add(&f->out, run, (size_t)(s - run));
        if (s < end) {
            char escape[8];
            lib_add(&f->out, escape,
                    write_escape(escape, (unsigned char)*s, (unsigned char)s[1]));
            s++;
        }
    }
    lib_addchar(&f->out, '"');
}

/* A float as a literal that reads back as the same float. */
static void add_literal_float(Format *f, double x) {
    if (isinf(x)) {
        lib_add(&f->out, x > 0 ? "1e9999" : "-1e9999", x > 0 ? 6 : 7);
        return;
    }
    if (isnan(x)) {
        lib_add(&f->out, "(0/0)", 5);
        return;
    }
    char text[ITEM_SIZE];
    int len = snprintf(text, sizeof text, "%a", x);
    if (memchr(text, '.', (size_t)len) == NULL) { /* a locale's point */
        char *point = memchr(text, lua_getlocaledecpoint(), (size_t)len);
        if (point != NULL) {
            *point = '.';
        }
    }
    lib_add(&f->out, text, (size_t)len);
}

static void add_literal_number(Format *f) {
    lua_State *L = f->L;
    if (!lua_isinteger(L, f->arg)) {
        add_literal_float(f, lua_tonumberx(L, f->arg, NULL));
        return;
    }
    lua_Integer n = lua_tointegerx(L, f->arg, NULL);
    if (n == LUA_MININTEGER) { /* its magnitude is no decimal integer */
        lib_add(&f->out, "0x8000000000000000", 18);
        return;
    }
    char *to = lib_reserve(&f->out, FORMAT_INTEGER_SIZE);
    luaL_addsize(&f->out, format_integer(to, n));
}

static void format_literal(Format *f, Spec *spec) {
    lua_State *L = f->L;
    if (!spec->plain) {
        luaL_error(L, "specifier '%%q' cannot have modifiers");
    }
    switch (lua_type(L, f->arg)) {
    case LUA_TSTRING: {
        size_t len;
        const char *s = lua_tolstring(L, f->arg, &len);
        add_quoted(f, s, len);
        break;
    }
    case LUA_TNUMBER: add_literal_number(f); break;
    case LUA_TNIL:
    case LUA_TBOOLEAN:
        luaL_tolstring(L, f->arg, NULL);
        luaL_addvalue(&f->out);
        break;
    default: luaL_argerror(L, f->arg, "value has no literal form");
    }
}

/* ---- the function ---- */

static const char *format_item(Format *f, const char *p) {
    Spec spec;
    if (++f->arg > f->top) {
        luaL_argerror(f->L, f->arg, "no value");
    }
    p = read_spec(f->L, p, &spec);
    switch (spec.conversion) {
    case 'd':
    case 'i': format_signed(f, &spec); break;
    case 's': format_string(f, &spec); break;
    case 'f':
    case 'e':
    case 'E':
    case 'g':
    case 'G': format_float(f, &spec); break;
    case 'u':
    case 'o':
    case 'x':
    case 'X': format_unsigned(f, &spec); break;
    case 'c': format_char(f, &spec); break;
    case 'a':
    case 'A': format_hexfloat(f, &spec); break;
    case 'p': format_pointer(f, &spec); break;
    case 'q': format_literal(f, &spec); break;
    default: luaL_error(f->L, "invalid conversion '%s' to 'format'", spec_text(&spec));
    }
    return p;
}

static int str_format(lua_State *L) {
    Format f;
    size_t len;
    f.L = L;
    f.arg = 1;
    f.top = lua_gettop(L);
    f.knows_tostring = lua_type(L, lua_upvalueindex(1)) == LUA_TSTRING;
    const char *p = lib_checkstring(L, 1, &len), *end = p + len;
    luaL_buffinit(L, &f.out);
    for (;;) {
        const char *percent = memchr(p, '%', (size_t)(end - p));
        if (percent == NULL) {
            break;
        }
        lib_add(&f.out, p, (size_t)(percent - p));
        if (percent[1] == '%') {
            lib_addchar(&f.out, '%');
            p = percent + 2;
        } else {
            p = format_item(&f, percent + 1);
        }
    }
    lib_add(&f.out, p, (size_t)(end - p));
    luaL_pushresult(&f.out);
    return 1;
}

void format_push(lua_State *L) {
    lua_pushliteral(L, "__tostring");
    lua_pushcclosure(L, str_format, 1);
}
