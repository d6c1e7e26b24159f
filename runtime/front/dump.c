// SPDX-License-Identifier: MIT
/* Writing a function as a binary chunk. The format is described in docs/bytecode.md; undump.c is
 * its reader.
 *
 * Errors of the writer are kept: after the first one nothing more is written, and its status is the
 * result.
 */
#include "front/binary.h"
#include "object/string.h"

typedef struct Dump {
    lua_State *L;
    lua_Writer writer;
    void *data;
    bool strip;
    int status;
} Dump;

static void put(Dump *d, const void *bytes, size_t n) {
    if (d->status == 0 && n > 0) d->status = d->writer(d->L, bytes, n, d->data);
}

static void put_byte(Dump *d, unsigned b) {
    uint8_t byte = (uint8_t)b;
    put(d, &byte, 1);
}

/* Seven bits a byte, the least significant first; the last byte has the high bit clear. */
static void put_size(Dump *d, uint64_t n) {
    uint8_t bytes[10];
    size_t len = 0;
    for (; n >= 0x80; n >>= 7) bytes[len++] = 0x80 | (n & 0x7f);
    bytes[len++] = (uint8_t)n;
    put(d, bytes, len);
}

/* Signed numbers near zero stay short. */
static void put_signed(Dump *d, int64_t n) { put_size(d, (uint64_t)n << 1 ^ (n < 0 ? UINT64_MAX : 0)); }

/* The length plus one; zero stands for no string. */
static void put_string(Dump *d, const String *s) {
    if (s == NULL) {
        put_size(d, 0);
    } else {
        put_size(d, (uint64_t)str_len(s) + 1);
        put(d, str_data(s), str_len(s));
    }
}

static void put_constant(Dump *d, const TValue *v) {
    switch (v->tag) {
        case TAG_NIL: put_byte(d, BINARY_NIL); break;
        case TAG_FALSE: put_byte(d, BINARY_FALSE); break;
        case TAG_TRUE: put_byte(d, BINARY_TRUE); break;
        case TAG_INT:
            put_byte(d, BINARY_INT);
            put_signed(d, v->v.i);
            break;
        case TAG_FLT:
            put_byte(d, BINARY_FLT);
            put(d, &v->v.n, sizeof v->v.n);
            break;
        default:
            put_byte(d, BINARY_STRING);
            put_string(d, as_str(v));
    }
}

static void put_upvalue(Dump *d, const UpvalDesc *u) {
    put_byte(d, u->instack | u->constant << 1u);
    put_byte(d, u->idx);
    put_byte(d, u->kind);
    put_string(d, d->strip ? NULL : u->name);
}

static void put_lines(Dump *d, const Proto *p) {
    uint32_t n = d->strip ? 0 : p->sizelineinfo;
    int32_t line = p->linedefined;
    put_size(d, n);
    for (uint32_t i = 0; i < n; i++) {
        put_signed(d, (int64_t)p->lineinfo[i] - line);
        line = p->lineinfo[i];
    }
}

static void put_locals(Dump *d, const Proto *p) {
    uint32_t n = d->strip ? 0 : p->sizelocvars;
    put_size(d, n);
    for (uint32_t i = 0; i < n; i++) {
        put_string(d, p->locvars[i].name);
        put_size(d, (uint32_t)p->locvars[i].startpc);
        put_size(d, (uint32_t)p->locvars[i].endpc);
    }
}

static void put_function(Dump *d, const Proto *p, const String *outer_source) {
    put_string(d, d->strip || p->source == outer_source ? NULL : p->source);
    put_size(d, (uint32_t)p->linedefined);
    put_size(d, (uint32_t)p->lastline);
    put_byte(d, p->numparams);
    put_byte(d, p->isvararg);
    put_byte(d, p->maxstack);
    put_size(d, p->sizecode);
    put(d, p->code, p->sizecode * sizeof *p->code);
    put_size(d, p->sizek);
    for (uint32_t i = 0; i < p->sizek; i++) put_constant(d, &p->k[i]);
    put_size(d, p->sizeupvalues);
    for (uint32_t i = 0; i < p->sizeupvalues; i++) put_upvalue(d, &p->upvalues[i]);
    put_lines(d, p);
    put_locals(d, p);
    put_size(d, p->sizep);
    for (uint32_t i = 0; i < p->sizep; i++) put_function(d, p->p[i], p->source);
}

int front_dump(lua_State *L, const Proto *p, lua_Writer w, void *data, bool strip) {
    Dump d = {.L = L, .writer = w, .data = data, .strip = strip};
    const lua_Integer integer = BINARY_INTEGER;
    const lua_Number number = BINARY_NUMBER;
    put(&d, LUA_SIGNATURE, sizeof LUA_SIGNATURE - 1);
    put(&d, BINARY_PREFIX, sizeof BINARY_PREFIX - 1);
    put(&d, &integer, sizeof integer);
    put(&d, &number, sizeof number);
    put(&d, BINARY_MARK, sizeof BINARY_MARK - 1);
    put_byte(&d, p->sizeupvalues);
    put_function(&d, p, NULL);
    return d.status;
}
