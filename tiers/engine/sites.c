// SPDX-License-Identifier: MIT
/* Where optimised code was left, for the report: one row for each instruction, reason, expectation and sort of value met
 * instead. The rows say it in words from the first time on, as what is named in them may be gone when the report is written.
 *
 * A row is made when a frame leaves, which is rare, and looked for by hashing, which is all that a repeated one costs. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gc/gc.h"
#include "object/table.h"
#include "state/error.h"
#include "state/frame.h"
#include "tiers/engine/engine_internal.h"

enum { MAX_KEYS_SHOWN = 8 };

/* What was met, as far as rows differ by it. */
typedef struct Met {
    enum { MET_UNKNOWN, MET_TAG, MET_INDEX, MET_SHAPE, MET_KIND, MET_FUNCTION } what;
    uint64_t number;
} Met;

/* ---------------------------------------------------------------------------------------- words */

typedef struct Text {
    char *at;
    size_t room;
} Text;

__attribute__((format(printf, 2, 3))) static void put(Text *t, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(t->at, t->room, format, ap);
    va_end(ap);
    size_t used = n < 0 ? 0 : (size_t)n < t->room ? (size_t)n : t->room - 1;
    t->at += used;
    t->room -= used;
}

static const char *tag_word(uint64_t tag) {
    switch (tag) {
        case TAG_NIL: return "nil";
        case TAG_FALSE: case TAG_TRUE: return "boolean";
        case TAG_INT: return "integer";
        case TAG_FLT: return "float";
        case TAG_SSTR: return "short string";
        case TAG_LSTR: return "long string";
        case TAG_TABLE: return "table";
        case TAG_LCL: return "Lua function";
        case TAG_LCF: case TAG_CCL: return "C function";
        case TAG_THREAD: return "coroutine";
        default: return "userdata";
    }
}

static const char *kind_words(uint64_t kind) {
    switch (kind) {
        case KIND_INT: return "array of integers";
        case KIND_FLT: return "array of floats";
        case KIND_VALUE: return "array of values of any type";
        case KIND_ZEROS: return "array of integer zeros and floats";
        default: return "no array";
    }
}

static void put_shape(Text *t, const Global *g, uint64_t id) {
    const Shape *s = id < g->nshapes ? g->shapes[id] : NULL;
    if (s == NULL || ((uintptr_t)s & 1)) {
        put(t, "a shape that is no more");
        return;
    }
    put(t, s->isdict ? "a dictionary" : "{");
    for (uint32_t n = 0; !s->isdict && n < s->nslots && n < MAX_KEYS_SHOWN; n++)
        put(t, "%s%.*s", n > 0 ? ", " : "", (int)str_len(s->descs->key[n]), str_data(s->descs->key[n]));
    if (!s->isdict) put(t, s->nslots > MAX_KEYS_SHOWN ? ", ...}" : "}");
    if (s->meta != NULL) put(t, " with a metatable");
}

static void put_function(Text *t, const Proto *p) {
    char id[LUA_IDSIZE] = "?";
    if (p->source != NULL) chunk_id(id, str_data(p->source), str_len(p->source));
    put(t, "function %s:%d", id, p->linedefined);
}

static void put_expected(Text *t, Engine *e, const CodeExit *x) {
    switch (x->expect) {
        case EXPECT_TAG: put(t, "%s", tag_word(x->number)); break;
        case EXPECT_NUMBER: put(t, "number"); break;
        case EXPECT_STRING: put(t, "string"); break;
        case EXPECT_PRESENT: put(t, "a value"); break;
        case EXPECT_SHAPE: put_shape(t, e->g, x->number); break;
        case EXPECT_KIND: put(t, "%s", kind_words(x->number)); break;
        case EXPECT_FUNCTION: {
            const Function *f = function_find(e, (const Proto *)(uintptr_t)x->number);
            if (f != NULL) put_function(t, f->proto);
            else put(t, "one certain function");
            break;
        }
        case EXPECT_SAME: put(t, "the same value as before"); break;
        case EXPECT_BOUNDS: put(t, "an index within the bounds"); break;
        case EXPECT_NO_METATABLE: put(t, "no metatable"); break;
        case EXPECT_TRUE: put(t, "a true value"); break;
        case EXPECT_UNCHANGED: put(t, "metatables and classes as they were"); break;
        default: break;
    }
}

static void put_met(Text *t, const Global *g, const Met *met, const TValue *v) {
    switch (met->what) {
        case MET_TAG: put(t, "%s", tag_word(met->number)); break;
        case MET_INDEX: put(t, "%lld", (long long)v->v.i); break; /* the first of them */
        case MET_SHAPE: put_shape(t, g, met->number); break;
        case MET_KIND: put(t, "%s", kind_words(met->number)); break;
        case MET_FUNCTION: put_function(t, as_lcl(v)->p); break;
        default: break;
    }
}

/* ------------------------------------------------------------------------------------- observing */

/* The register named by the exit, whose frames L->ci and those below are; NULL: none. */
static const TValue *tested(const lua_State *L, const CodeExit *x) {
    const CallInfo *ci = L->ci;
    if (x->where == CODE_NOWHERE) return NULL;
    for (unsigned n = 1; n < x->nframes; n++)
        do ci = ci->prev;
        while (!frame_is_lua(ci)); /* pcall's */
    return ci->func + 1 + x->where;
}

static Met of_tag(const TValue *v) { return (Met){MET_TAG, v->tag == TAG_FALSE ? TAG_TRUE : v->tag}; }

static Met meet(const CodeExit *x, const TValue *v) {
    if (v == NULL) return x->expect == EXPECT_PRESENT ? (Met){MET_TAG, TAG_NIL} : (Met){MET_UNKNOWN, 0};
    switch (x->expect) {
        case EXPECT_SHAPE: return is_table(v) ? (Met){MET_SHAPE, as_table(v)->shape} : of_tag(v);
        case EXPECT_KIND: return is_table(v) ? (Met){MET_KIND, array_head(as_table(v))->kind} : of_tag(v);
        case EXPECT_FUNCTION: return is_lcl(v) ? (Met){MET_FUNCTION, (uintptr_t)as_lcl(v)->p} : of_tag(v);
        case EXPECT_BOUNDS: return v->tag == TAG_INT ? (Met){MET_INDEX, 0} : of_tag(v);
        case EXPECT_NO_METATABLE: return (Met){MET_UNKNOWN, 0};
        default: return of_tag(v);
    }
}

/* ------------------------------------------------------------------------------------------ rows */

static uint64_t mix(uint64_t h, uint64_t x) { return (h ^ x) * UINT64_C(0x9e3779b97f4a7c15) >> 7 ^ h << 9; }

static uint64_t key_of(const CodeExit *x, unsigned reason, const Met *met) {
    return mix(mix(mix(mix(mix(x->function, x->site), reason), x->expect), x->number), met->number << 3 | met->what);
}

/* The row with that key, or the free place for it; NULL: no room. Keys are taken for different where they are: 64 bits. */
static EngineSite *row_for(Sites *s, uint64_t key) {
    if (s->rows == NULL) {
        s->rows = calloc(MAX_SITES, sizeof *s->rows);
        if (s->rows == NULL) return NULL;
    }
    for (uint32_t n = 0, at = (uint32_t)key; n < MAX_SITES; n++, at++) {
        EngineSite *row = &s->rows[at % MAX_SITES];
        if (row->count == 0 || row->key == key) return s->count < MAX_SITES / 2 || row->count > 0 ? row : NULL;
    }
    return NULL;
}

static void describe(Engine *e, EngineSite *row, const CodeExit *x, const Met *met, const TValue *v) {
    const TierEntry *entry = tier_entry_find(e->g, x->function);
    Text expected = {row->expected, sizeof row->expected}, seen = {row->seen, sizeof row->seen};
    snprintf(row->function, sizeof row->function, "%s", entry != NULL ? entry->label : "?");
    row->id = x->function;
    row->pc = x->site;
    row->line = x->line;
    row->opcode = x->opcode;
    put_expected(&expected, e, x);
    put_met(&seen, e->g, met, v);
    if (met->what == MET_SHAPE && strcmp(row->expected, row->seen) == 0) put(&seen, ", another one");
}

const EngineSite *site_note(lua_State *L, Engine *e, const CodeExit *x, unsigned reason) {
    const TValue *v = tested(L, x);
    Met met = reason == DEOPT_INJECTED ? (Met){MET_UNKNOWN, 0} : meet(x, v);
    uint64_t key = key_of(x, reason, &met);
    EngineSite *row = row_for(&e->sites, key);
    if (row == NULL) {
        e->sites.more++;
        return NULL;
    }
    if (row->count++ > 0) return row;
    e->sites.count++;
    row->key = key;
    row->reason = (uint8_t)reason;
    describe(e, row, x, &met, v);
    return row;
}

void site_note_loss(Engine *e, const TierEntry *entry, int32_t line, unsigned reason) {
    uint64_t key = mix(mix(entry->id, reason), ~UINT64_C(0));
    EngineSite *row = row_for(&e->sites, key);
    if (row == NULL) {
        e->sites.more++;
        return;
    }
    if (row->count++ > 0) return;
    e->sites.count++;
    *row = (EngineSite){.key = key, .id = entry->id, .line = line, .opcode = ENGINE_NO_OPCODE, .reason = (uint8_t)reason, .count = 1};
    snprintf(row->function, sizeof row->function, "%s", entry->label);
}

/* ------------------------------------------------------------------------------------- inlining */

void decisions_keep(Engine *e, const TierEntry *entry, JitResult *r) {
    Decided *d = e->decided;
    while (d != NULL && d->id != entry->id) d = d->next;
    if (d == NULL) {
        if (r->decisions == NULL || (d = calloc(1, sizeof *d)) == NULL) return;
        *d = (Decided){.next = e->decided, .id = entry->id};
        snprintf(d->compiled, sizeof d->compiled, "%s", entry->label);
        e->decided = d;
    }
    free(d->rows);
    d->rows = r->decisions;
    d->count = r->ndecisions;
    r->decisions = NULL;
}

void sites_free(Engine *e) {
    free(e->sites.rows);
    for (Decided *d = e->decided, *next; d != NULL; d = next) {
        next = d->next;
        free(d->rows);
        free(d);
    }
}
