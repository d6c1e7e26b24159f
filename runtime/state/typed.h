// SPDX-License-Identifier: MIT
/* Typed host functions: C functions that a host registered with a signature (perigee.h).
 *
 *      CClosure  f = typed_call (Global.typed)
 *         upvalue 1 -> Udata: Typed, and what libffi needs (api/typed.c)
 *
 * Calling one by the ordinary way runs typed_call, which converts and calls through libffi. Optimised code that knows
 * the closure converts in place and calls Typed.fn itself. A typed function gets no state and does
 * not use the one that it is called from; so nothing of the caller has to be stored. When its status tells of
 * an error, optimised code gives up its frame and runs Typed.failed as that call (interp/compiled.h).
 */
#ifndef PERIGEE_TYPED_H
#define PERIGEE_TYPED_H

#include "object/thread.h"

/*  T(letter in signatures, name, in messages, bits of integers, signed) */
#define TYPED_TYPES(T)                                                                             \
    T('v', VOID, "void", 0, 0)                                                                     \
    T('?', BOOL, "boolean", 0, 0)                                                                  \
    T('b', I8, "int8", 8, 1)                                                                       \
    T('B', U8, "uint8", 8, 0)                                                                      \
    T('h', I16, "int16", 16, 1)                                                                    \
    T('H', U16, "uint16", 16, 0)                                                                   \
    T('i', I32, "int32", 32, 1)                                                                    \
    T('I', U32, "uint32", 32, 0)                                                                   \
    T('q', I64, "int64", 64, 1)                                                                    \
    T('Q', U64, "uint64", 64, 0)                                                                   \
    T('f', F32, "float", 0, 0)                                                                     \
    T('d', F64, "double", 0, 0)                                                                    \
    T('P', POINTER, "pointer", 0, 0)                                                               \
    T('z', STRING, "string", 0, 0)                                                                 \
    T('u', UD, "ud", 0, 0) /* the registration's pointer; no argument */

typedef enum TypedType {
#define TYPED_ENUM(letter, name, text, bits, sign) TYPED_##name,
    TYPED_TYPES(TYPED_ENUM)
#undef TYPED_ENUM
    TYPED_COUNT
} TypedType;

enum { TYPED_MAX_PARAMS = 16 };

typedef struct Typed {
    void (*fn)(void);
    void *ud;
    const char *(*message)(void *ud, int status); /* NULL: there is a message for all */
    lua_CFunction failed;   /* raises the error for the status on top of the stack */
    bool status;            /* fn returns a status; its result comes by a pointer behind the parameters */
    uint8_t result, nparams, nargs; /* parameters of fn in the signature; arguments that Lua passes */
    uint8_t params[TYPED_MAX_PARAMS];
} Typed;

static inline bool typed_is_integer(unsigned t) { return t >= TYPED_I8 && t <= TYPED_U64; }

/* Of the typed function f; NULL: f is something else. */
static inline const Typed *typed_of(const Global *g, const TValue *f) {
    if (f->tag != TAG_CCL || as_ccl(f)->f != g->typed || g->typed == NULL) return NULL;
    return udata_bytes(as_udata(&as_ccl(f)->upvalue[0]));
}

#endif
