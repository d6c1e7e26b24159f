// SPDX-License-Identifier: MIT
/* Reading a binary chunk (format: docs/bytecode.md, writer: dump.c).
 *
 * The chunk is not trusted. No count is believed before that many elements were read: arrays grow
 * as their elements arrive, so a short chunk that announces a long array ends as truncated, not in
 * a huge allocation. Numbers are checked against the fields that hold them, and each function goes
 * through the verifier. Nesting is limited like that of source text.
 *
 * Everything read hangs at once from the closure on the stack; the arrays of a Proto hold zeros
 * (nil, NULL) where nothing was read yet.
 */
#include "front/binary.h"
#include "front/verify.h"
#include "object/func.h"
#include "object/string.h"

typedef struct Undump {
    lua_State *L;
    Source *src;
    const char *name;
    LClosure *closure;
    char *buf; /* bytes of a string that does not lie in one piece */
    uint32_t capbuf;
} Undump;

static _Noreturn void malformed(Undump *u, const char *why) {
    state_pushf(u->L, "%s: bad binary format (%s)", u->name, why);
    state_throw(u->L, LUA_ERRSYNTAX);
}

static _Noreturn void truncated(Undump *u) { malformed(u, "truncated chunk"); }
static _Noreturn void too_large(Undump *u) { malformed(u, "integer overflow"); }

/* ---------------------------------------------------------------------------- bytes and numbers */
static uint8_t get_byte(Undump *u) {
    int b = source_next(u->src);
    if (b == SOURCE_END) truncated(u);
    return (uint8_t)b;
}

static void get(Undump *u, void *to, size_t n) {
    char *out = to;
    while (n > 0) {
        if (u->src->n == 0) {
            *out++ = (char)get_byte(u);
            n--;
            continue;
        }
        size_t part = n < u->src->n ? n : u->src->n;
        memcpy(out, u->src->p, part);
        u->src->p += part;
        u->src->n -= part;
        out += part;
        n -= part;
    }
}

static uint64_t get_size(Undump *u, uint64_t limit) {
    uint64_t n = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint64_t b = get_byte(u);
        if (shift == 63 ? b > 1 : shift > 63) too_large(u);
        n |= (b & 0x7f) << shift;
        if (b < 0x80) break;
    }
    if (n > limit) too_large(u);
    return n;
}

static int64_t get_signed(Undump *u) {
    uint64_t n = get_size(u, UINT64_MAX);
    return (int64_t)(n >> 1 ^ -(n & 1));
}

static int32_t get_int(Undump *u) { return (int32_t)get_size(u, INT32_MAX); }
static uint32_t get_count(Undump *u) { return (uint32_t)get_size(u, INT32_MAX); }

static uint8_t get_flags(Undump *u, unsigned max) {
    uint8_t b = get_byte(u);
    if (b > max) malformed(u, "bad flags");
    return b;
}

/* -------------------------------------------------------------------------------------- strings */

/* n bytes, of which the chunk may not have as many */
static const char *get_bytes(Undump *u, size_t n) {
    if (n <= u->src->n) { /* they lie in the current piece */
        const char *bytes = u->src->p;
        u->src->p += n;
        u->src->n -= n;
        return bytes;
    }
    enum { STEP = 4096 };
    for (size_t have = 0; have < n;) {
        size_t part = n - have < STEP ? n - have : STEP;
        if (have + part > u->capbuf)
            u->buf = mem_grow(u->L, u->buf, &u->capbuf, (uint32_t)(have + part), 1, INT32_MAX,
                              "bytes in a string");
        get(u, u->buf + have, part);
        have += part;
    }
    return u->buf;
}

/* NULL where the chunk has none. The caller anchors it. */
static String *get_string(Undump *u) {
    size_t n = get_size(u, INT32_MAX);
    if (n == 0) return NULL;
    const char *bytes = get_bytes(u, n - 1);
    return str_new(u->L, n == 1 ? "" : bytes, n - 1);
}

static String *get_string_into(Undump *u, Proto *p, String **slot) {
    *slot = get_string(u);
    if (*slot) gc_barrier_obj(u->L, p, *slot);
    return *slot;
}

/* --------------------------------------------------------------------------------------- arrays */

/* Room for element i of an array that is to have n; new room is zero. *size is its size in
 * elements. */
static void *array_room(Undump *u, void *block, uint32_t *size, uint32_t i, uint32_t n,
                        size_t elem) {
    enum { FIRST = 32 };
    if (i < *size) return block;
    uint32_t more = *size < FIRST ? FIRST : *size;
    uint32_t size_new = n - *size < more ? n : *size + more;
    block = mem_realloc(u->L, block, *size * elem, size_new * elem);
    memset((char *)block + *size * elem, 0, (size_new - *size) * elem);
    *size = size_new;
    return block;
}

#define ROOM(u, p, field, sizefield, i, n) \
    ((p)->field = array_room(u, (p)->field, &(p)->sizefield, i, n, sizeof *(p)->field))

static void get_code(Undump *u, Proto *p) {
    uint32_t n = get_count(u);
    for (uint32_t i = 0; i < n; i = p->sizecode) {
        ROOM(u, p, code, sizecode, i, n);
        get(u, p->code + i, (p->sizecode - i) * sizeof *p->code);
    }
}

static void get_constant(Undump *u, Proto *p, TValue *k) {
    String *s;
    switch (get_byte(u)) {
        case BINARY_NIL: set_nil(k); break;
        case BINARY_FALSE: set_bool(k, false); break;
        case BINARY_TRUE: set_bool(k, true); break;
        case BINARY_INT: set_int(k, get_signed(u)); break;
        case BINARY_FLT:
            get(u, &k->v.n, sizeof k->v.n);
            k->tag = TAG_FLT;
            break;
        case BINARY_STRING:
            s = get_string(u);
            if (s == NULL) malformed(u, "bad format for constant string");
            set_gc(k, s);
            gc_barrier_obj(u->L, p, s);
            break;
        default: malformed(u, "unknown kind of constant");
    }
}

static void get_constants(Undump *u, Proto *p) {
    uint32_t n = get_count(u);
    for (uint32_t i = 0; i < n; i++) {
        ROOM(u, p, k, sizek, i, n);
        get_constant(u, p, &p->k[i]);
    }
}

static void get_upvalues(Undump *u, Proto *p) {
    uint32_t n = (uint32_t)get_size(u, UINT8_MAX);
    for (uint32_t i = 0; i < n; i++) {
        ROOM(u, p, upvalues, sizeupvalues, i, n);
        UpvalDesc *d = &p->upvalues[i];
        uint8_t flags = get_flags(u, 3);
        d->instack = flags & 1;
        d->constant = flags >> 1;
        d->idx = get_byte(u);
        d->kind = get_flags(u, 3);
        get_string_into(u, p, &d->name);
    }
}

static void get_lines(Undump *u, Proto *p) {
    uint32_t n = get_count(u);
    int64_t line = p->linedefined;
    if (n != 0 && n != p->sizecode) malformed(u, "bad line information");
    for (uint32_t i = 0; i < n; i++) {
        ROOM(u, p, lineinfo, sizelineinfo, i, n);
        int64_t delta = get_signed(u);
        if (delta < -INT32_MAX || delta > INT32_MAX) too_large(u);
        line += delta;
        if (line < 0 || line > INT32_MAX) malformed(u, "bad line information");
        p->lineinfo[i] = (int32_t)line;
    }
}

static void get_locals(Undump *u, Proto *p) {
    uint32_t n = get_count(u);
    for (uint32_t i = 0; i < n; i++) {
        ROOM(u, p, locvars, sizelocvars, i, n);
        LocVar *v = &p->locvars[i];
        if (get_string_into(u, p, &v->name) == NULL) malformed(u, "local variable without name");
        v->startpc = get_int(u);
        v->endpc = get_int(u);
    }
}

/* ------------------------------------------------------------------------------------ functions */
static void get_function(Undump *u, Proto *p, Proto *outer);

static void get_inner_functions(Undump *u, Proto *p) {
    uint32_t n = get_count(u);
    for (uint32_t i = 0; i < n; i++) {
        ROOM(u, p, p, sizep, i, n);
        p->p[i] = proto_new(u->L);
        gc_barrier_obj(u->L, p, p->p[i]);
        get_function(u, p->p[i], p);
    }
}

static void get_source(Undump *u, Proto *p, const Proto *outer) {
    if (get_string_into(u, p, &p->source) != NULL || outer == NULL || outer->source == NULL) return;
    p->source = outer->source;
    gc_barrier_obj(u->L, p, p->source);
}

static void get_function(Undump *u, Proto *p, Proto *outer) {
    ccalls_enter(u->L);
    get_source(u, p, outer);
    p->linedefined = get_int(u);
    p->lastline = get_int(u);
    p->numparams = get_byte(u);
    p->isvararg = get_flags(u, 1);
    p->maxstack = get_byte(u);
    get_code(u, p);
    get_constants(u, p);
    get_upvalues(u, p);
    get_lines(u, p);
    get_locals(u, p);
    get_inner_functions(u, p);
    p->entry = p->code;
    const char *fault = verify_function(u->L, p);
    if (fault) malformed(u, fault);
    u->L->ncalls--;
}

/* ---------------------------------------------------------------------------------------- chunk */
static void expect_bytes(Undump *u, const char *wanted, size_t n, const char *why) {
    for (size_t i = 0; i < n; i++)
        if (get_byte(u) != (uint8_t)wanted[i]) malformed(u, why);
}

/* The signature's first byte was read to know that this is a binary chunk. */
static void check_header(Undump *u) {
    lua_Integer integer;
    lua_Number number;
    expect_bytes(u, &LUA_SIGNATURE[1], sizeof LUA_SIGNATURE - 2, "not a binary chunk");
    if (get_byte(u) != BINARY_VERSION) malformed(u, "version mismatch");
    if (get_byte(u) != BINARY_FORMAT) malformed(u, "format mismatch");
    expect_bytes(u, BINARY_TRAP, sizeof BINARY_TRAP - 1, "corrupted chunk");
    expect_bytes(u, BINARY_SIZES, 1, "Instruction size mismatch");
    expect_bytes(u, &BINARY_SIZES[1], 1, "lua_Integer size mismatch");
    expect_bytes(u, &BINARY_SIZES[2], 1, "lua_Number size mismatch");
    get(u, &integer, sizeof integer);
    if (integer != BINARY_INTEGER) malformed(u, "integer format mismatch");
    get(u, &number, sizeof number);
    if (number != BINARY_NUMBER) malformed(u, "float format mismatch");
    expect_bytes(u, BINARY_MARK, sizeof BINARY_MARK - 1, "compiled for another virtual machine");
}

static void undump(lua_State *L, void *ud) {
    Undump *u = ud;
    check_header(u);
    unsigned nupvalues = get_byte(u);
    stack_check(L, 1);
    u->closure = lclosure_new(L, NULL, nupvalues);
    set_gc(L->top, u->closure);
    L->top++;
    Proto *p = u->closure->p = proto_new(L);
    gc_barrier_obj(L, u->closure, p);
    get_function(u, p, NULL);
    if (p->sizeupvalues != nupvalues) malformed(u, "wrong number of upvalues");
}

static const char *shown_name(const char *name) {
    if (*name == '@' || *name == '=') return name + 1;
    return *name == *LUA_SIGNATURE ? "binary string" : name;
}

LClosure *front_undump(lua_State *L, Source *s, const char *name) {
    Undump u = {.L = L, .src = s, .name = shown_name(name)};
    uint32_t ncalls = L->ncalls;
    int status = state_protected(L, undump, &u);
    L->ncalls = ncalls;
    if (u.buf) mem_free(L, u.buf, u.capbuf);
    if (status != LUA_OK) state_throw(L, status);
    return u.closure;
}
