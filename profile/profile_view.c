// SPDX-License-Identifier: MIT
/* See profile/profile_view.h. Which kind of profile an opcode keeps is one table; a function for each
 * kind turns cell, quickened opcode and recorded row into one statement.
 */
#include "profile/profile_view.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "sem/opcodes.h"

const char *const site_state_names[SITE_STATES] = {"none", "uninitialised", "monomorphic",
                                                   "polymorphic", "megamorphic"};

typedef enum Keeps {
    KEEPS_NONE,
    KEEPS_NUMBERS,  /* operand types */
    KEEPS_ORDER,    /* operand types, and whether it jumped */
    KEEPS_ELEMENTS, /* kinds of arrays */
    KEEPS_JUMP,     /* whether it jumped */
    KEEPS_SHAPES,   /* an inline cache */
    KEEPS_TARGET,   /* a callee */
    KEEPS_SIZES     /* what tables came to need */
} Keeps;

static const uint8_t keeps[OP_CANONICAL_COUNT] = {
    [OP_SUBI ... OP_UNM] = KEEPS_NUMBERS,
    [OP_FORLOOP] = KEEPS_NUMBERS,
    [OP_JLT ... OP_JNLE] = KEEPS_ORDER,
    [OP_JLTI ... OP_JNGEI] = KEEPS_ORDER,
    [OP_JEQ ... OP_JNE] = KEEPS_JUMP,
    [OP_JEQK ... OP_JNEI] = KEEPS_JUMP,
    [OP_JNIL ... OP_JFSET] = KEEPS_JUMP,
    [OP_GETTABLE ... OP_GETI] = KEEPS_ELEMENTS,
    [OP_SETTABLE ... OP_SETIK] = KEEPS_ELEMENTS,
    [OP_GETFIELD] = KEEPS_SHAPES, [OP_GETTABUP] = KEEPS_SHAPES, [OP_SELF] = KEEPS_SHAPES,
    [OP_SETFIELD] = KEEPS_SHAPES, [OP_SETFIELDK] = KEEPS_SHAPES, [OP_SETTABUP] = KEEPS_SHAPES,
    [OP_CALL] = KEEPS_TARGET, [OP_TAILCALL] = KEEPS_TARGET, [OP_TFORCALL] = KEEPS_TARGET,
    [OP_NEWTABLE] = KEEPS_SIZES,
};

static const char *name_of(unsigned op) {
    static const char *const names[] = {
#define VIEW_NAME(name, ...) #name,
        PERIGEE_OPCODES(VIEW_NAME)
        NULL, /* OP_CANONICAL_COUNT */
    };
    return names[op];
}

/* What a quickened opcode says beyond its cell. */
typedef enum Hint { HINT_NONE, HINT_NEW, HINT_FLOATS, HINT_STRINGS, HINT_GAVE_UP } Hint;

static Hint hint_of(unsigned op) {
    switch (op) {
#define FLOATS(name) case OP_##name##_NEW: return HINT_NEW; case OP_##name##_FLT: return HINT_FLOATS;
        FLOATS(ADD) FLOATS(SUB) FLOATS(MUL) FLOATS(DIV) FLOATS(ADDK) FLOATS(SUBK) FLOATS(MULK) FLOATS(DIVK)
        FLOATS(JLT) FLOATS(JNLT) FLOATS(JLE) FLOATS(JNLE)
#undef FLOATS
        case OP_SELF_STR: return HINT_STRINGS;
        case OP_GETFIELD_ANY: case OP_GETTABUP_ANY: case OP_SELF_ANY: case OP_SETFIELD_ANY: case OP_SETFIELDK_ANY:
        case OP_SETTABUP_ANY: return HINT_GAVE_UP;
        default: return HINT_NONE;
    }
}

/* Opcodes that begin as _NEW and became generic ran with something else than two floats. */
static bool has_new(unsigned op) {
    switch (op) {
        case OP_ADD: case OP_SUB: case OP_MUL: case OP_DIV: case OP_ADDK: case OP_SUBK: case OP_MULK: case OP_DIVK:
        case OP_JLT: case OP_JNLT: case OP_JLE: case OP_JNLE: return true;
        default: return false;
    }
}

ProfileView profile_view_of(const Proto *p) {
    const Feedback *f = p->feedback;
    ProfileView v = {.code = p->code, .k = p->k, .ninsns = p->sizecode, .lines = p->sizelineinfo > 0 ? p->lineinfo : NULL};
    if (f == NULL) return v;
    v.quick = f->quick;
    v.cells = f->cells;
    v.ncells = f->ncells;
    v.seen = (const uint8_t(*)[SEEN_WIDTH])f->seen;
    return v;
}

/* -------------------------------------------------------------------------------- kinds of sites */

static uint8_t state_by_count(unsigned n) {
    return n == 0 ? SITE_UNINITIALISED : n == 1 ? SITE_MONOMORPHIC : n <= POLY_MAX ? SITE_POLYMORPHIC : SITE_MEGAMORPHIC;
}

static void look_at_alternatives(const ProfileView *v, Site *s) {
    s->state = s->seen != 0 || v->seen != NULL ? state_by_count((unsigned)__builtin_popcount(s->seen)) : SITE_NONE;
}

static void look_at_numbers(const ProfileView *v, Site *s) {
    if (v->seen != NULL) {
        const uint8_t *row = v->seen[s->pc];
        s->seen = (uint8_t)((row[SEEN_INT] ? SAW_INT : 0) | (row[SEEN_FLT] ? SAW_FLT : 0) |
                            (row[SEEN_SLOW] ? SAW_OTHER : 0));
    }
    Hint hint = hint_of(s->quick);
    if (s->seen == 0 && hint == HINT_FLOATS) s->seen = SAW_FLT;
    if (s->seen == 0 && hint == HINT_NONE && has_new(s->quick)) s->seen = SAW_INT | SAW_OTHER;
    look_at_alternatives(v, s);
    if (hint == HINT_NEW && s->seen == 0) s->state = SITE_UNINITIALISED;
}

static void look_at_jump(const ProfileView *v, Site *s) {
    if (v->seen == NULL) return;
    if (v->seen[s->pc][SEEN_JUMP]) s->seen |= SAW_JUMP;
    if (s->state == SITE_NONE) s->state = s->seen & SAW_JUMP ? SITE_MONOMORPHIC : SITE_UNINITIALISED;
}

static void look_at_elements(const ProfileView *v, Site *s) {
    if (v->seen != NULL) {
        const uint8_t *row = v->seen[s->pc];
        s->seen = (uint8_t)((row[SEEN_INT] ? SAW_INT : 0) | (row[SEEN_FLT] ? SAW_FLT : 0) |
                            (row[SEEN_VALUE] ? SAW_VALUE : 0) | (row[SEEN_OTHER] ? SAW_OTHER : 0));
    }
    look_at_alternatives(v, s);
}

static bool has_cell(const ProfileView *v, uint32_t pc) {
    unsigned op = insn_op(v->code[pc]);
    bool rewritten = insn_op(v->quick[pc]) != op;
    return keeps[op] == KEEPS_TARGET || ((keeps[op] == KEEPS_SHAPES || keeps[op] == KEEPS_SIZES) && rewritten);
}

/* Of functions that became warm while nobody compiled, calls have no cells, and D is 0: then another
 * instruction has the first cell. */
static bool has_first_cell(const ProfileView *v, uint32_t pc) {
    for (uint32_t n = 0; n < v->ninsns; n++)
        if (n != pc && insn_d(v->quick[n]) == 0 && has_cell(v, n)) return false;
    return true;
}

static const Cell *cell_of_site(const ProfileView *v, const Site *s) {
    if (v->quick == NULL) return NULL;
    unsigned d = insn_d(v->quick[s->pc]);
    if (d >= v->ncells || !has_cell(v, s->pc)) return NULL;
    if (d == 0 && keeps[s->op] == KEEPS_TARGET && !has_first_cell(v, s->pc)) return NULL;
    return &v->cells[d];
}

static void take_cases(Site *s, const Cell *c) {
    if (c->kind != CELL_POLY) {
        s->cases[s->ncases++] = c;
        return;
    }
    for (int n = 0; n < POLY_MAX; n++)
        if (c->u.poly[n].kind != CELL_EMPTY) s->cases[s->ncases++] = &c->u.poly[n];
}

static void look_at_shapes(const ProfileView *v, Site *s) {
    const Cell *c = cell_of_site(v, s);
    Hint hint = hint_of(s->quick);
    if (c == NULL) return;
    if (c->kind == CELL_EMPTY || hint == HINT_GAVE_UP || hint == HINT_STRINGS) {
        s->state = hint == HINT_STRINGS ? SITE_MONOMORPHIC
                   : hint == HINT_GAVE_UP || c->misses > 0 ? SITE_MEGAMORPHIC : SITE_UNINITIALISED;
        return;
    }
    take_cases(s, c);
    s->state = state_by_count(s->ncases);
}

static void look_at_target(const ProfileView *v, Site *s) {
    const Cell *c = cell_of_site(v, s);
    if (c == NULL) return;
    s->state = c->kind == CELL_TARGET || c->kind == CELL_CFUNCTION || c->kind == CELL_TYPED ? SITE_MONOMORPHIC
               : c->kind == CELL_FEW                               ? SITE_POLYMORPHIC
               : c->kind == CELL_TARGETS                           ? SITE_MEGAMORPHIC
                                                                   : SITE_UNINITIALISED;
    switch (c->kind) {
        case CELL_TARGET:
            s->target_kind = TARGET_LUA;
            s->target = (const Proto *)(const void *)c->u.target;
            break;
        case CELL_CFUNCTION:
            s->target_kind = TARGET_C;
            s->cfunction = c->u.f;
            break;
        case CELL_TYPED:
            s->target_kind = TARGET_C;
            s->cfunction = ((const CClosure *)(const void *)c->u.target)->f;
            break;
        case CELL_FEW: case CELL_TARGETS: s->target_kind = TARGET_SEVERAL; break;
        default: break;
    }
}

static void look_at_sizes(const ProfileView *v, Site *s) {
    const Cell *c = cell_of_site(v, s);
    if (c == NULL) return;
    s->count = c->count;
    s->state = c->count > 0 ? SITE_MONOMORPHIC : SITE_UNINITIALISED;
    if (c->count > 0) take_cases(s, c);
}

Site profile_site(const ProfileView *v, uint32_t pc) {
    Site s = {.pc = pc, .line = v->lines != NULL ? v->lines[pc] : 0, .op = (uint8_t)insn_op(v->code[pc])};
    s.quick = v->quick != NULL ? (uint8_t)insn_op(v->quick[pc]) : s.op;
    if (v->quick == NULL) {
        s.state = keeps[s.op] != KEEPS_NONE ? SITE_UNINITIALISED : SITE_NONE;
        return s;
    }
    switch ((Keeps)keeps[s.op]) {
        case KEEPS_NUMBERS: look_at_numbers(v, &s); break;
        case KEEPS_ORDER: look_at_numbers(v, &s), look_at_jump(v, &s); break;
        case KEEPS_ELEMENTS: look_at_elements(v, &s); break;
        case KEEPS_JUMP: look_at_jump(v, &s); break;
        case KEEPS_SHAPES: look_at_shapes(v, &s); break;
        case KEEPS_TARGET: look_at_target(v, &s); break;
        case KEEPS_SIZES: look_at_sizes(v, &s); break;
        default: break;
    }
    return s;
}

/* -------------------------------------------------------------------------------------- printing */

typedef struct Text {
    char *out;
    size_t used, size;
} Text;

__attribute__((format(printf, 2, 3))) static void put(Text *t, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(t->out + t->used, t->size - t->used, format, ap);
    va_end(ap);
    if (n > 0) t->used = t->used + (size_t)n < t->size ? t->used + (size_t)n : t->size - 1;
}

static void put_key(Text *t, const ProfileView *v, const Site *s) {
    if (v->k == NULL) return;
    bool store = s->op == OP_SETFIELD || s->op == OP_SETFIELDK || s->op == OP_SETTABUP;
    Insn i = v->code[s->pc];
    const String *key = as_str(v->k + (store ? insn_b(i) : insn_c(i)));
    put(t, " .%.*s", (int)str_len(key), str_data(key));
}

static void put_case(Text *t, const Cell *c) {
    switch (c->kind) {
        case CELL_INL: put(t, " shape %u inline +%u", c->shape, c->u.offset); break;
        case CELL_OVF: put(t, " shape %u overflow -%u", c->shape, c->u.offset); break;
        case CELL_PROTO: put(t, " shape %u through metatables", c->shape); break;
        case CELL_CALL: put(t, " shape %u metamethod", c->shape); break;
        case CELL_ADD: put(t, " shape %u adds, then %u", c->shape, c->h.newshape); break;
        default: break;
    }
}

static void put_seen(Text *t, const Site *s) {
    static const char *const words[2][5] = {{"integers", "floats", "", "slow", "jumped"},
                                            {"integer array", "float array", "array", "other", ""}};
    for (int n = 0; n < 5; n++)
        if (s->seen >> n & 1) put(t, " %s", words[keeps[s->op] == KEEPS_ELEMENTS][n]);
}

static void put_target(Text *t, const Site *s) {
    if (s->target_kind == TARGET_LUA) put(t, " function of line %d", s->target->linedefined);
    if (s->target_kind == TARGET_C) put(t, " C function");
    if (s->target_kind == TARGET_SEVERAL) put(t, " several functions");
}

void profile_site_text(const ProfileView *v, const Site *s, char *out, size_t size) {
    Text t = {out, 0, size};
    out[0] = '\0';
    if (keeps[s->op] == KEEPS_SHAPES) put_key(&t, v, s);
    if (keeps[s->op] == KEEPS_SIZES && s->ncases > 0) put(&t, " %u sampled, %u slots", s->count, s->cases[0]->u.offset);
    for (unsigned n = 0; n < s->ncases; n++) put_case(&t, s->cases[n]);
    put_seen(&t, s);
    put_target(&t, s);
}

void profile_print(FILE *f, const Proto *p) {
    ProfileView v = profile_view_of(p);
    const char *source = p->source != NULL ? str_data(p->source) : "=?";
    if (*source == '@' || *source == '=') source++;
    fprintf(f, "profile of %.*s:%d  %" PRIu64 " uses%s\n", (int)strcspn(source, "\n"), source,
            p->linedefined, proto_uses(p), v.quick == NULL ? ", cold" : "");
    for (uint32_t pc = 0; pc < v.ninsns && v.quick != NULL; pc++) {
        char text[256];
        Site s = profile_site(&v, pc);
        if (s.state == SITE_NONE) continue;
        profile_site_text(&v, &s, text, sizeof text);
        fprintf(f, "%6" PRIu32 " %6" PRId32 "  %-10s %-14s%s\n", pc, s.line, name_of(s.op),
                site_state_names[s.state], text);
    }
}
