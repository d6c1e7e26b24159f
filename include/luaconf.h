// SPDX-License-Identifier: MIT
/*
 * Configuration that the binary interface depends on.
 *
 * A host compiled against any Lua 5.4 header with 64-bit integers and doubles shares its types,
 * sizes and inline macros with this library, so nothing here may be changed without breaking such
 * hosts: every name of the reference configuration that programs use exists and has the reference's
 * value. Perigee has one numeric model only; the selectors of others are present to be compared
 * with, and choosing one of them is refused.
 */
#ifndef PERIGEE_LUACONF_H
#define PERIGEE_LUACONF_H

/* The conventional guard too: sources ask for it, and no other luaconf.h can be mixed in. */
#ifndef luaconf_h
#define luaconf_h
#endif

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

/* ---- Platform ------------------------------------------------------------------------------- */

/* POSIX is taken for granted; a build that names its system gets the usual names. */
#if defined(LUA_USE_LINUX) || defined(LUA_USE_MACOSX) || defined(LUA_USE_IOS)
#ifndef LUA_USE_POSIX
#define LUA_USE_POSIX
#endif
#ifndef LUA_USE_DLOPEN
#define LUA_USE_DLOPEN
#endif
#endif

#define LUAI_IS32INT ((UINT_MAX >> 30) >= 3)

/* ---- Numbers -------------------------------------------------------------------------------- */

#define LUA_INT_INT 1
#define LUA_INT_LONG 2
#define LUA_INT_LONGLONG 3

#define LUA_FLOAT_FLOAT 1
#define LUA_FLOAT_DOUBLE 2
#define LUA_FLOAT_LONGDOUBLE 3

#define LUA_INT_DEFAULT LUA_INT_LONGLONG
#define LUA_FLOAT_DEFAULT LUA_FLOAT_DOUBLE
#define LUA_INT_TYPE LUA_INT_DEFAULT
#define LUA_FLOAT_TYPE LUA_FLOAT_DEFAULT

#if defined(LUA_32BITS) && LUA_32BITS
#error "Perigee has 64-bit integers and doubles; LUA_32BITS is not available"
#endif
#ifndef LUA_32BITS
#define LUA_32BITS 0
#endif
#define LUA_C89_NUMBERS 0

#define LUA_INTEGER long long
#define LUA_UNSIGNED unsigned LUAI_UACINT
#define LUAI_UACINT LUA_INTEGER     /* what a lua_Integer becomes as a variadic argument */
#define LUA_INTEGER_FRMLEN "ll"
#define LUA_INTEGER_FMT "%" LUA_INTEGER_FRMLEN "d"
#define LUA_MAXINTEGER LLONG_MAX
#define LUA_MININTEGER LLONG_MIN
#define LUA_MAXUNSIGNED ULLONG_MAX

#define LUA_NUMBER double
#define LUAI_UACNUMBER double       /* what a lua_Number becomes as a variadic argument */
#define LUA_NUMBER_FRMLEN ""
#define LUA_NUMBER_FMT "%.14g"

/* Names through which portable libraries reach <math.h>, <float.h>, <stdlib.h> and <stdio.h>. */
#define l_mathop(op) op
#define l_floatatt(n) (DBL_##n)
#define l_floor(x) (l_mathop(floor)(x))
#define l_sprintf(s, sz, f, i) snprintf(s, sz, f, i)

#define lua_str2number(s, p) strtod((s), (p))
#define lua_strx2number(s, p) lua_str2number(s, p)
#define lua_number2str(s, sz, n) l_sprintf((s), sz, LUA_NUMBER_FMT, (LUAI_UACNUMBER)(n))
#define lua_number2strx(L, b, sz, f, n) ((void)L, l_sprintf(b, sz, f, (LUAI_UACNUMBER)(n)))
#define lua_integer2str(s, sz, n) l_sprintf((s), sz, LUA_INTEGER_FMT, (LUAI_UACINT)(n))
#define lua_pointer2str(buff, sz, p) l_sprintf(buff, sz, "%p", p)

/*
 * Store the integral float n in *p and yield 1, or yield 0 when it lies outside the integers. The
 * upper bound is written as minus the lower one because 2^63 is a double while 2^63 - 1 is not.
 */
#define lua_numbertointeger(n, p) \
    ((n) >= (LUA_NUMBER)(LUA_MININTEGER) && (n) < -(LUA_NUMBER)(LUA_MININTEGER) && \
     (*(p) = (LUA_INTEGER)(n), 1))

#ifndef lua_getlocaledecpoint
#define lua_getlocaledecpoint() (localeconv()->decimal_point[0])
#endif

#define LUA_KCONTEXT intptr_t

/* ---- Module paths --------------------------------------------------------------------------- */

#define LUA_PATH_SEP ";"
#define LUA_PATH_MARK "?"
#define LUA_EXEC_DIR "!"
#define LUA_IGMARK "-"      /* a module name is cut here when its luaopen_ function is named */
#ifndef LUA_DIRSEP
#define LUA_DIRSEP "/"
#endif

#define LUA_VDIR LUA_VERSION_MAJOR "." LUA_VERSION_MINOR

/* The Debian directory for libraries of one architecture, so that packaged modules are found. */
#ifndef DEB_HOST_MULTIARCH
#if defined(__x86_64__)
#define DEB_HOST_MULTIARCH "x86_64-linux-gnu"
#elif defined(__aarch64__)
#define DEB_HOST_MULTIARCH "aarch64-linux-gnu"
#elif defined(__riscv) && __riscv_xlen == 64
#define DEB_HOST_MULTIARCH "riscv64-linux-gnu"
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define DEB_HOST_MULTIARCH "powerpc64le-linux-gnu"
#elif defined(__s390x__)
#define DEB_HOST_MULTIARCH "s390x-linux-gnu"
#else
#define DEB_HOST_MULTIARCH "."
#endif
#endif

#define LUA_ROOT "/usr/local/"
#define LUA_ROOT2 "/usr/"
#define LUA_LDIR LUA_ROOT "share/lua/" LUA_VDIR "/"
#define LUA_LDIR2 LUA_ROOT2 "share/lua/" LUA_VDIR "/"
#define LUA_CDIR LUA_ROOT "lib/lua/" LUA_VDIR "/"
#define LUA_CDIR2 LUA_ROOT2 "lib/" DEB_HOST_MULTIARCH "/lua/" LUA_VDIR "/"
#define LUA_CDIR3 LUA_ROOT2 "lib/lua/" LUA_VDIR "/"

#ifndef LUA_PATH_DEFAULT
#define LUA_PATH_DEFAULT \
    LUA_LDIR "?.lua;" LUA_LDIR "?/init.lua;" \
    LUA_CDIR "?.lua;" LUA_CDIR "?/init.lua;" \
    LUA_LDIR2 "?.lua;" LUA_LDIR2 "?/init.lua;" \
    "./?.lua;" "./?/init.lua"
#endif

#ifndef LUA_CPATH_DEFAULT
#define LUA_CPATH_DEFAULT \
    LUA_CDIR "?.so;" LUA_CDIR2 "?.so;" LUA_CDIR3 "?.so;" LUA_CDIR "loadall.so;" "./?.so"
#endif

/* ---- Linkage -------------------------------------------------------------------------------- */

#if defined(__GNUC__)
#define LUAI_EXPORTED __attribute__((visibility("default")))
#define LUAI_HIDDEN __attribute__((visibility("hidden")))
#else
#define LUAI_EXPORTED
#define LUAI_HIDDEN
#endif

/* LUA_API marks what the library exports; the library itself is compiled with hidden visibility. */
#if defined(__cplusplus)
#define LUA_API extern "C" LUAI_EXPORTED
#else
#define LUA_API extern LUAI_EXPORTED
#endif
#define LUALIB_API LUA_API
#define LUAMOD_API LUA_API

/* Functions and data shared between the files of one library, seen by nobody else. */
#define LUAI_FUNC LUAI_HIDDEN extern
#define LUAI_DDEC(dec) LUAI_FUNC dec
#define LUAI_DDEF

/* ---- Names of earlier versions -------------------------------------------------------------- */

#if defined(LUA_COMPAT_5_3)
#ifndef LUA_COMPAT_MATHLIB
#define LUA_COMPAT_MATHLIB          /* math.pow, math.cosh, math.log10 and their like exist */
#endif
#ifndef LUA_COMPAT_APIINTCASTS
#define LUA_COMPAT_APIINTCASTS      /* macros for other integer types, in lua.h and lauxlib.h */
#endif
#ifndef LUA_COMPAT_LT_LE
#define LUA_COMPAT_LT_LE            /* a missing __le is tried as the negation of __lt, swapped */
#endif

#define lua_strlen(L, i) lua_rawlen(L, (i))
#define lua_objlen(L, i) lua_rawlen(L, (i))
#define lua_equal(L, idx1, idx2) lua_compare(L, (idx1), (idx2), LUA_OPEQ)
#define lua_lessthan(L, idx1, idx2) lua_compare(L, (idx1), (idx2), LUA_OPLT)
#endif

/* ---- Branch hints and checks ---------------------------------------------------------------- */

#ifndef luai_likely
#if defined(__GNUC__) && !defined(LUA_NOBUILTIN)
#define luai_likely(x) (__builtin_expect(((x) != 0), 1))
#define luai_unlikely(x) (__builtin_expect(((x) != 0), 0))
#else
#define luai_likely(x) (x)
#define luai_unlikely(x) (x)
#endif
#endif

#if defined(LUA_CORE) || defined(LUA_LIB)
#define l_likely(x) luai_likely(x)
#define l_unlikely(x) luai_unlikely(x)
#endif

#if defined(LUA_USE_APICHECK)
#include <assert.h>
#define luai_apicheck(l, e) assert(e)
#endif

/* ---- Sizes the binary interface fixes ------------------------------------------------------- */

#define LUAI_MAXSTACK 1000000               /* slots of one stack; pseudo-indices lie beyond it */
#define LUA_EXTRASPACE (sizeof(void *))     /* the host's bytes before each lua_State */
#define LUA_IDSIZE 60                       /* room for lua_Debug.short_src, terminator included */
#define LUAL_BUFFERSIZE ((int)(16 * sizeof(void *) * sizeof(lua_Number)))

/* Members of a union that is to be aligned for any C object. */
#define LUAI_MAXALIGN lua_Number n; double u; void *s; lua_Integer i; long l

#endif
