// SPDX-License-Identifier: MIT
/* Learning inline caches.
 *
 * What makes a hit sound (see object/shape.h for what shapes and the epoch promise):
 *   own slot            the receiver's shape id is the cell's: same key, same slot, inline or not
 *   through metatables  the receiver's shape id and Global.epoch are the cell's: every table on the
 *   way still lacks the key, and
 *                       the value still is at cell.u.slot; or the key is absent and u.slot is the
 *                       state's nil
 *   adding a key        the receiver's shape id is the cell's (and with a metatable the epoch): no __newindex is met
 *   globals             the table's shape id is the cell's: an owned shape, so the same table with the same keys
 * Keys that name metamethods are never stored through a cell, so that the absence bits in
 * Table.flags stay true.
 */
#include "sem/quicken.h"

#include "object/anchor.h"
#include "object/string.h"
#include "state/code.h"

/* -------------------------------------------------------------------------------------- warming */

/* first state of opcodes that quicken without a cell; otherwise the opcode itself */
static unsigned quick_plain(unsigned op) {
    switch (op) {
#define NEW_OF(name) case OP_##name: return OP_##name##_NEW;
        NEW_OF(ADD) NEW_OF(SUB) NEW_OF(MUL) NEW_OF(DIV) NEW_OF(ADDK) NEW_OF(SUBK) NEW_OF(MULK) NEW_OF(DIVK)
        NEW_OF(JLT) NEW_OF(JNLT) NEW_OF(JLE) NEW_OF(JNLE)
#undef NEW_OF
        default: return op;
    }
}

/* First state of opcodes that have a cell; 0: none. Profiled: for compilers, calls record whom they
 * call and numeric loops count. */
static unsigned quick_start(unsigned op, bool profiled) {
    switch (op) {
        case OP_CALL: case OP_TAILCALL: case OP_TFORCALL: return profiled ? op : 0;
        case OP_GETFIELD: return OP_GETFIELD_NEW;
        case OP_GETTABUP: return OP_GETTABUP_NEW;
        case OP_SELF: return OP_SELF_NEW;
        case OP_SETFIELD: return OP_SETFIELD_NEW;
        case OP_SETFIELDK: return OP_SETFIELDK_NEW;
        case OP_SETTABUP: return OP_SETTABUP_NEW;
        case OP_NEWTABLE: return OP_NEWTABLE_SITE;
        default: return 0;
    }
}

static uint32_t count_cells(const Proto *p, bool profiled) {
    uint32_t n = 0;
    for (uint32_t pc = 0; pc < p->sizecode; pc++) n += quick_start(insn_op(p->code[pc]), profiled) != 0;
    return n < NO_CELL ? n : NO_CELL; /* further sites stay canonical */
}

static void fill_quick(const Proto *p, Insn *quick, uint32_t ncells, bool profiled) {
    uint32_t cell = 0;
    for (uint32_t pc = 0; pc < p->sizecode; pc++) {
        Insn i = p->code[pc];
        unsigned q = quick_start(insn_op(i), profiled);
        if (q != 0 && cell < ncells)
            i = (i & ~(Insn)0xff) | q | (Insn)cell++ << 48;
        else if (q != 0 && q == insn_op(i))
            i |= (Insn)NO_CELL << 48;
        else if (insn_op(i) == OP_FORLOOP && profiled)
            i = (i & ~(Insn)0xff) | OP_FORLOOP_COUNT;
        else
            i = (i & ~(Insn)0xff) | quick_plain(insn_op(i));
        quick[pc] = i;
    }
}

static void make_warm(lua_State *L, Proto *p) {
    bool profiled = G(L)->seam != NULL;
    uint32_t ncells = count_cells(p, profiled);
    Feedback *f = feedback_new(L, p, NULL, ncells);
    anchor_push(L, f); /* it owns the code, whose allocation may fail */
    Insn *quick = stream_new(L, p->sizecode);
    anchor_pop(L);
    if (quick == NULL) state_throw(L, LUA_ERRMEM);
    fill_quick(p, quick, ncells, profiled);
    f->quick = quick;
    p->feedback = f;
    p->cells = f->cells;
    p->entry = quick;
    gc_barrier_obj(L, p, f);
}

void proto_hot(lua_State *L, Proto *p) {
    const PerigeeSeam *seam = G(L)->seam;
    if (p->feedback == NULL) {
        proto_rearm(p, INT32_MAX); /* keeps an emergency collection's finalizers from coming back here */
        make_warm(L, p);
    }
    uint32_t was = G(L)->running;
    G(L)->running = RUN_COMPILE;
    if (seam != NULL) seam->hot(L, p);
    else proto_rearm(p, INT32_MAX);
    G(L)->running = was;
    enum { SOON = 5 };
    if (__builtin_expect(G(L)->randomtiers != 0, 0) && p->budget > SOON) proto_rearm(p, SOON);
}

const Insn *hot_loop(lua_State *L, CallInfo *ci, const Insn *pc) {
    Proto *p = frame_proto(ci);
    proto_hot(L, p);
    return ci->pc = code_best(G(L), p, pc);
}

/* ---------------------------------------------------------------------------------------- cells */

static Cell *cell_of(CallInfo *ci, Insn i) { return &frame_proto(ci)->cells[insn_d(i)]; }

void quick_rewrite(Proto *p, const Insn *pc, unsigned op) {
    Insn *at = &p->feedback->quick[code_index(p, pc) - 1];
    *at = (*at & ~(Insn)0xff) | op;
}

static void rewrite(CallInfo *ci, const Insn *pc, unsigned op) { quick_rewrite(frame_proto(ci), pc, op); }

/* A cache missed: the optimizing tier leaves seldom misses to the lower ones. */
static void note_miss(const CallInfo *ci, const Insn *pc) {
    const Proto *p = frame_proto(ci);
    if (p->feedback->seen == NULL) return;
    uint8_t *count = &p->feedback->seen[code_index(p, pc) - 1][SEEN_SLOW];
    *count += *count < UINT8_MAX;
}

/* states of one access: opcode by what its cell says */
typedef struct States {
    uint8_t none, inl, ovf, proto, call, add, poly, any;
} States;
static const States get_states = {OP_GETFIELD_NEW, OP_GETFIELD_INL, OP_GETFIELD_OVF, OP_GETFIELD_PROTO, OP_GETFIELD_CALL, 0, OP_GETFIELD_POLY, OP_GETFIELD_ANY};
static const States self_states = {OP_SELF_NEW, OP_SELF_INL, OP_SELF_OVF, OP_SELF_PROTO, 0, 0, OP_SELF_POLY, OP_SELF_ANY};
static const States set_states = {OP_SETFIELD_NEW, OP_SETFIELD_INL, OP_SETFIELD_OVF, 0, OP_SETFIELD_CALL, OP_SETFIELD_ADD, OP_SETFIELD_POLY, OP_SETFIELD_ANY};
static const States setk_states = {OP_SETFIELDK_NEW, OP_SETFIELDK_INL, OP_SETFIELDK_OVF, 0, OP_SETFIELDK_CALL, OP_SETFIELDK_ADD, OP_SETFIELDK_POLY, OP_SETFIELDK_ANY};

static unsigned state_of(const States *s, const Cell *c) {
    switch (c->kind) {
        case CELL_INL: return s->inl;
        case CELL_OVF: return s->ovf;
        case CELL_PROTO: return s->proto;
        case CELL_CALL: return s->call;
        default: return s->add; /* CELL_ADD */
    }
}

static bool make_poly(lua_State *L, Cell *cell) {
    Cell *entries = mem_try_realloc(L, NULL, 0, POLY_MAX * sizeof(Cell));
    if (entries == NULL) return false;
    memset(entries, 0, POLY_MAX * sizeof(Cell));
    entries[0] = *cell;
    cell->shape = 0;
    cell->kind = CELL_POLY;
    cell->u.poly = entries;
    return true;
}

/* a place for what was learnt about `shape` in a polymorphic cell; NULL: full */
static Cell *poly_entry(Cell *cell, uint32_t shape) {
    for (int n = 0; n < POLY_MAX; n++) {
        Cell *e = &cell->u.poly[n];
        if (e->shape == shape || e->kind == CELL_EMPTY) return e;
    }
    return NULL;
}

/* A table in dictionary mode, or one of many shapes: no cache will do. */
static void give_up_early(CallInfo *ci, const Insn *pc, Cell *cell, const States *s) {
    if (++cell->misses >= CELL_GIVEUP) {
        cell->misses = CELL_GIVEUP;
        rewrite(ci, pc, s->any);
    }
}

/* A metamethod to be called stands alone in its cell: polymorphic entries are slots. */
static bool takes_call(const Cell *cell, const Cell *learnt, const States *s) {
    if (s->call == 0 || cell->kind == CELL_POLY) return false;
    return cell->kind == CELL_EMPTY || cell->kind == CELL_CALL || cell->shape == learnt->shape;
}

enum { CELL_CALLS = 2 }; /* classes whose functions a cell names, one after the other */

static void install(lua_State *L, CallInfo *ci, const Insn *pc, Cell *cell, const Cell *learnt, const States *s) {
    Proto *p = frame_proto(ci);
    uint8_t misses = cell->misses;
    if (misses == CELL_GIVEUP) {
        rewrite(ci, pc, s->any);
        return;
    }
    Cell *e = cell;
    if (learnt->kind == CELL_CALL && !takes_call(cell, learnt, s)) {
        give_up_early(ci, pc, cell, s);
        return;
    }
    if (cell->kind != CELL_EMPTY) {
        misses++;
        bool other = cell->kind != CELL_POLY && cell->shape != learnt->shape;
        if (other && cell->kind == CELL_CALL && misses > CELL_CALLS) { /* metatables made for one object each */
            rewrite(ci, pc, s->any);
            return;
        }
        if (other && cell->kind == CELL_CALL) { /* cannot be one of several */
            *cell = *learnt;
            cell->misses = misses;
            gc_barrier_back_obj(L, p->feedback);
            rewrite(ci, pc, state_of(s, cell));
            return;
        }
        if (other && !make_poly(L, cell)) return;
        if (cell->kind == CELL_POLY && (e = poly_entry(cell, learnt->shape)) == NULL) {
            rewrite(ci, pc, s->any);
            return;
        }
    }
    *e = *learnt;
    cell->misses = misses;
    gc_barrier_back_obj(L, p->feedback);
    rewrite(ci, pc, cell->kind == CELL_POLY ? s->poly : state_of(s, cell));
}

/* -------------------------------------------------------------------------------------- reading */

static void learn_own(const Shape *s, int slot, Cell *c) {
    if (slot < s->ninline) {
        c->kind = CELL_INL;
        c->u.offset = (uint32_t)(sizeof(Table) + (size_t)slot * sizeof(TValue));
    } else {
        c->kind = CELL_OVF;
        c->u.offset = (uint32_t)((size_t)(slot - s->ninline + 1) * sizeof(TValue));
    }
}

/* Whatever makes the class say something else, or nothing, is a change of its metatable. */
static void watch_class(const Global *g, const Class *class) {
    if (class == NULL) return;
    if (class->mtshape != NULL) class->mtshape->watched = 1;
    if (class->owner != NULL) shape_of(g, class->owner)->watched = 1;
}

/* A key that tables of shape s lack: finds the slot that __index tables give, or the state's nil. watch: the shapes passed. */
static bool find_proto(Global *g, const Shape *s, const String *key, Cell *c, bool watch) {
    enum { MAX_DEPTH = 16 };
    c->kind = CELL_PROTO;
    c->epoch = g->epoch;
    for (int depth = 0; depth < MAX_DEPTH; depth++) {
        const Class *class = s->meta;
        if (watch) watch_class(g, class);
        if (class == NULL || (class->valid && !class->unknown && is_nil(&class->index))) {
            c->u.slot = &g->nilvalue;
            c->h.holder = NULL;
            return true;
        }
        if (!class->valid || class->unknown) return false;
        if (depth == 0 && is_func(&class->index)) {
            c->kind = CELL_CALL; /* the function is read from the class */
            c->u.slot = (TValue *)(uintptr_t)&class->index;
            c->h.holder = NULL;
            return true;
        }
        if (!is_table(&class->index)) return false;
        Table *holder = as_table(&class->index);
        s = shape_of(g, holder);
        if (s->kind != SHAPE_OWNED || s->isdict) return false;
        if (watch) shape_of(g, holder)->watched = 1;
        int slot = shape_find(s, key);
        if (slot >= 0 && !is_nil(table_slot(holder, (unsigned)slot))) {
            c->u.slot = table_slot(holder, (unsigned)slot);
            c->h.holder = holder;
            return true;
        }
    }
    return false;
}

static bool learn_proto(Global *g, const Shape *s, const String *key, Cell *c) { return find_proto(g, s, key, c, false); }

/* Is the key, absent in tables of shape s itself, absent all along the way? */
static bool absent_beyond(Global *g, const Shape *s, const String *key) {
    Cell c;
    return learn_proto(g, s, key, &c) && c.kind == CELL_PROTO && c.u.slot == &g->nilvalue;
}

void lookup_fill(Global *g, Table *t, const String *key, Lookup *e) {
    const Shape *s = shape_of(g, t);
    Cell c;
    *e = (Lookup){.key = key, .shape = t->shape, .stamp = g->gcstamp, .epoch = g->epoch, .slot = shape_find(s, key)};
    if (learn_proto(g, s, key, &c) && c.kind == CELL_PROTO) e->far = c.u.slot;
    if (e->slot >= 0 && s->kind == SHAPE_SHARED && !s->constmeta && !(key->mark & STR_META))
        e->storable = s->meta == NULL ? STORE_ALWAYS : STORE_OVER;
}

static bool learn_get(Global *g, Table *t, const String *key, Cell *c) {
    const Shape *s = shape_of(g, t);
    memset(c, 0, sizeof *c);
    c->shape = t->shape;
    if (s->isdict) return false;
    int slot = shape_find(s, key);
    if (slot < 0) return learn_proto(g, s, key, c);
    c->nilok = s->meta == NULL ? 1 : absent_beyond(g, s, key) ? 2 : 0;
    c->epoch = g->epoch;
    if (is_nil(table_slot(t, (unsigned)slot)) && c->nilok == 0) return false;
    learn_own(s, slot, c);
    return true;
}

static void enter(lua_State *L, CallInfo *ci, const Insn *pc) {
    ci->pc = pc;
    L->top = ci->top;
}

static const Insn *get_and_learn(lua_State *L, const Insn *pc, Insn i, const States *states, StkId ra) {
    CallInfo *ci = L->ci;
    note_miss(ci, pc);
    const TValue *o = ci->func + 1 + insn_rb(i), *key = frame_proto(ci)->k + insn_c(i);
    enter(L, ci, pc);
    if (is_table(o)) {
        Cell learnt, *cell = cell_of(ci, i);
        if (learn_get(G(L), as_table(o), as_str(key), &learnt))
            install(L, ci, pc, cell, &learnt, states);
        else
            give_up_early(ci, pc, cell, states);
        o = ci->func + 1 + insn_rb(i);
    }
    return get_or_call(L, pc, o, key, ra);
}

const Insn *quick_get(lua_State *L, const Insn *pc, Insn i) {
    return get_and_learn(L, pc, i, &get_states, L->ci->func + 1 + insn_a(i));
}

/* The method table of all strings, as a cell valid in this epoch. */
static bool learn_string_method(lua_State *L, const String *key, Cell *c) {
    Global *g = G(L);
    Table *mt = g->mt[LUA_TSTRING];
    if (mt == NULL) return false;
    const Class *class = shape_class_of_metatable(L, mt);
    if (class->unknown || !class->valid || !is_table(&class->index)) return false;
    Table *holder = as_table(&class->index);
    const Shape *s = shape_of(g, holder);
    int slot = s->isdict || s->kind != SHAPE_OWNED ? -1 : shape_find(s, key);
    if (slot < 0 || is_nil(table_slot(holder, (unsigned)slot))) return false;
    memset(c, 0, sizeof *c);
    c->kind = CELL_PROTO;
    c->epoch = g->epoch;
    c->u.slot = table_slot(holder, (unsigned)slot);
    c->h.holder = holder;
    return true;
}

const Insn *quick_self(lua_State *L, const Insn *pc, Insn i) {
    CallInfo *ci = L->ci;
    StkId ra = ci->func + 1 + insn_a(i), rb = ci->func + 1 + insn_rb(i);
    note_miss(ci, pc);
    if (is_str(rb)) {
        Cell learnt, *cell = cell_of(ci, i);
        enter(L, ci, pc);
        if (cell->misses < CELL_GIVEUP && cell->kind != CELL_POLY && cell->shape == 0 &&
            learn_string_method(L, as_str(frame_proto(ci)->k + insn_c(i)), &learnt)) {
            learnt.misses = (uint8_t)(cell->misses + 1);
            *cell = learnt;
            gc_barrier_back_obj(L, frame_proto(ci)->feedback);
            rewrite(ci, pc, OP_SELF_STR);
        }
        return slow_self(L, pc, i);
    }
    if (!is_table(rb)) return slow_self(L, pc, i);
    if (insn_op(i) == OP_SELF_STR) { /* strings before, tables now */
        memset(cell_of(ci, i), 0, sizeof(Cell));
        cell_of(ci, i)->misses = CELL_GIVEUP / 2;
    }
    set_value(ra + 1, rb);
    const TValue *key = frame_proto(ci)->k + insn_c(i);
    Cell learnt, *cell = cell_of(ci, i);
    enter(L, ci, pc);
    if (learn_get(G(L), as_table(ra + 1), as_str(key), &learnt))
        install(L, ci, pc, cell, &learnt, &self_states);
    else
        give_up_early(ci, pc, cell, &self_states);
    ra = ci->func + 1 + insn_a(i);
    return get_or_call(L, pc, ra + 1, key, ra);
}

/* Overflow slot of `key` in an owned table; -1: not cacheable. (Tables of globals are made without
 * inline slots.) */
static int owned_slot(Global *g, const TValue *o, const String *key) {
    if (!is_table(o)) return -1;
    const Shape *s = shape_of(g, as_table(o));
    int slot = s->kind == SHAPE_OWNED && !s->isdict ? shape_find(s, key) : -1;
    return slot >= s->ninline ? slot : -1;
}

static void learn_owned(lua_State *L, CallInfo *ci, Table *t, int slot, Cell *c) {
    uint8_t misses = c->misses;
    memset(c, 0, sizeof *c);
    c->misses = misses;
    c->shape = t->shape;
    learn_own(shape_of(G(L), t), slot, c);
    gc_barrier_back_obj(L, frame_proto(ci)->feedback);
}

/* What was learnt becomes the only entry. */
static void install_only(lua_State *L, CallInfo *ci, Cell *cell, const Cell *learnt) {
    uint8_t misses = cell->misses;
    *cell = *learnt;
    cell->misses = misses;
    gc_barrier_back_obj(L, frame_proto(ci)->feedback);
}

const Insn *quick_getglobal(lua_State *L, const Insn *pc, Insn i) {
    CallInfo *ci = L->ci;
    note_miss(ci, pc);
    const TValue *o = as_lcl(ci->func)->upvals[insn_b(i)]->v;
    const String *key = as_str(frame_proto(ci)->k + insn_c(i));
    Cell learnt, *cell = cell_of(ci, i);
    int slot = owned_slot(G(L), o, key);
    if (slot >= 0) {
        learn_owned(L, ci, as_table(o), slot, cell);
        rewrite(ci, pc, OP_GETTABUP_OWN);
    } else if (++cell->misses >= CELL_GIVEUP) {
        rewrite(ci, pc, OP_GETTABUP_ANY);
    } else if (is_table(o) && learn_get(G(L), as_table(o), key, &learnt) && learnt.kind == CELL_INL) {
        install_only(L, ci, cell, &learnt); /* an upvalue that holds a table of one's own */
        rewrite(ci, pc, OP_GETTABUP_INL);
    }
    return slow_get(L, pc, i);
}

/* -------------------------------------------------------------------------------------- writing */

/* How a nil in the slot is to be taken by a store: 1 plain, 2 plain while the epoch stands, 0
 * __newindex may have to be called. */
static uint8_t nil_rule(const Shape *s) {
    if (s->meta == NULL) return 1;
    return s->meta->valid && !s->meta->unknown && is_nil(&s->meta->newindex) ? 2 : 0;
}

static bool learn_set(Global *g, Table *t, const String *key, Cell *c) {
    const Shape *s = shape_of(g, t);
    memset(c, 0, sizeof *c);
    c->shape = t->shape;
    c->epoch = g->epoch;
    if (s->isdict || s->kind != SHAPE_SHARED || s->constmeta || (key->mark & STR_META)) return false;
    c->nilok = nil_rule(s);
    int slot = shape_find(s, key);
    if (slot >= 0) {
        learn_own(s, slot, c);
        return true;
    }
    if (c->nilok == 0 && s->meta->valid && !s->meta->unknown && is_func(&s->meta->newindex)) {
        c->kind = CELL_CALL;
        c->u.slot = &s->meta->newindex;
        return true;
    }
    if (c->nilok == 0 || s->nslots >= s->ninline) return false;
    c->kind = CELL_ADD; /* h.newshape follows when the key was added */
    c->u.offset = (uint32_t)(sizeof(Table) + (size_t)s->nslots * sizeof(TValue));
    return true;
}

const Insn *quick_set(lua_State *L, const Insn *pc, Insn i) {
    CallInfo *ci = L->ci;
    note_miss(ci, pc);
    bool constant = opcode_base[insn_op(i)] == OP_SETFIELDK;
    const States *states = constant ? &setk_states : &set_states;
    const TValue *o = ci->func + 1 + insn_a(i);
    if (!is_table(o)) return slow_set(L, pc, i);
    const String *key = as_str(frame_proto(ci)->k + insn_b(i));
    Cell learnt, *cell = cell_of(ci, i);
    Table *t = as_table(o);
    bool ok = learn_set(G(L), t, key, &learnt);
    if (!ok) {
        give_up_early(ci, pc, cell, states);
        return slow_set(L, pc, i);
    }
    if (learnt.kind != CELL_ADD) {
        enter(L, ci, pc);
        install(L, ci, pc, cell, &learnt, states);
        return slow_set(L, pc, i);
    }
    slow_set(L, pc, i); /* no __newindex: t stays reachable from its register */
    const Shape *after = shape_of(G(L), t);
    if (after->isdict || after->parent == NULL || after->parent->id != learnt.shape) return pc;
    learnt.h.newshape = t->shape;
    install(L, ci, pc, cell, &learnt, states);
    return pc;
}

const Insn *quick_setglobal(lua_State *L, const Insn *pc, Insn i) {
    CallInfo *ci = L->ci;
    note_miss(ci, pc);
    const TValue *o = as_lcl(ci->func)->upvals[insn_a(i)]->v;
    const String *key = as_str(frame_proto(ci)->k + insn_b(i));
    Cell learnt, *cell = cell_of(ci, i);
    int slot = owned_slot(G(L), o, key);
    uint8_t state = slot >= 0 ? shape_of(G(L), as_table(o))->descs->state[slot] : SLOT_CONST;
    if (slot >= 0 && state != SLOT_CONST && !(key->mark & STR_META)) {
        learn_owned(L, ci, as_table(o), slot, cell);
        cell->tag = state == SLOT_TYPE ? (uint8_t)table_slot(as_table(o), (unsigned)slot)->tag : TAG_COUNT;
        rewrite(ci, pc, OP_SETTABUP_OWN);
    } else if (++cell->misses >= CELL_GIVEUP) {
        rewrite(ci, pc, OP_SETTABUP_ANY);
    } else if (is_table(o) && learn_set(G(L), as_table(o), key, &learnt) && learnt.kind == CELL_INL) {
        install_only(L, ci, cell, &learnt);
        rewrite(ci, pc, OP_SETTABUP_INL);
    }
    return slow_set(L, pc, i);
}

/* --------------------------------------------------------------------------- cached metamethods */

const Insn *quick_call_index(lua_State *L, const Insn *pc, Insn i) {
    CallInfo *ci = L->ci;
    enter(L, ci, pc);
    return call_handler(L, cell_of(ci, i)->u.slot, ci->func + 1 + insn_rb(i), frame_proto(ci)->k + insn_c(i), NULL, 1);
}

const Insn *quick_call_newindex(lua_State *L, const Insn *pc, Insn i) {
    CallInfo *ci = L->ci;
    const TValue *k = frame_proto(ci)->k;
    const TValue *v = opcode_base[insn_op(i)] == OP_SETFIELDK ? k + insn_c(i) : ci->func + 1 + insn_rc(i);
    enter(L, ci, pc);
    return call_handler(L, cell_of(ci, i)->u.slot, ci->func + 1 + insn_a(i), k + insn_b(i), v, 0);
}

/* ---------------------------------------------------------------------- metamethods of operators */

static const Meta *find_meta(const Feedback *f, uint32_t pc) {
    for (uint32_t n = 0; n < f->nmetas; n++)
        if (f->metas[n].pc == pc) return &f->metas[n];
    return NULL;
}

/* False: nothing that compilers could rely on. */
static bool describe_handler(lua_State *L, Meta *m, int event, const TValue *a, const TValue *b, const TValue *f) {
    TValue own;
    tm_of(L, a, event, &own);
    m->second = is_nil(&own);
    const TValue *x = m->second ? b : a;
    if (!is_table(x) || !is_lcl(f) || (m->second && !is_num(a))) return false;
    Table *mt = as_table(x)->metatable;
    const Shape *s = shape_of(G(L), mt);
    int slot = s->kind == SHAPE_OWNED && !s->isdict ? shape_find(s, G(L)->tmname[event]) : -1;
    if (slot < 0) return false;
    m->mt = mt;
    m->target = (GCObject *)as_lcl(f)->p;
    m->cell.shape = mt->shape;
    learn_own(s, slot, &m->cell);
    return true;
}

/* Is it what was met before? Such a metatable has not changed its keys, nor what is under the event's. */
static bool handler_known(const Meta *m, const TValue *a, const TValue *b, const TValue *f) {
    const TValue *x = m->second ? b : a;
    return (!m->second || is_num(a)) && is_table(x) && as_table(x)->metatable == m->mt && m->mt->shape == m->cell.shape && is_lcl(f) &&
           (GCObject *)as_lcl(f)->p == m->target;
}

void quick_note_handler(lua_State *L, int event, const TValue *a, const TValue *b, const TValue *f) {
    Proto *p = frame_proto(L->ci);
    Feedback *feedback = p->feedback;
    if (feedback == NULL || feedback->seen == NULL || is_nil(f)) return;
    uint32_t pc = code_index(p, L->ci->pc) - 1;
    Meta *known = (Meta *)(uintptr_t)find_meta(feedback, pc), now = {.pc = pc};
    if (known != NULL && (known->several || handler_known(known, a, b, f))) return;
    if (known == NULL && (known = feedback_new_meta(L, feedback)) == NULL) return;
    bool fresh = known == &feedback->metas[feedback->nmetas];
    bool clear = describe_handler(L, &now, event, a, b, f);
    if (fresh) {
        now.several = !clear;
        *known = now;
        feedback->nmetas++;
        gc_barrier_back_obj(L, feedback);
    } else if (!clear || now.mt != known->mt || now.target != known->target || now.second != known->second || now.cell.shape != known->cell.shape) {
        known->several = 1;
    }
}

void quick_note_function(lua_State *L, Proto *p, uint32_t pc, const TValue *f) {
    Feedback *feedback = p->feedback;
    if (feedback == NULL || feedback->seen == NULL) return;
    GCObject *target = is_lcl(f) ? (GCObject *)as_lcl(f)->p : NULL;
    Meta *m = (Meta *)(uintptr_t)find_meta(feedback, pc);
    if (m != NULL) {
        if (m->target != target) m->several = 1;
        return;
    }
    if ((m = feedback_new_meta(L, feedback)) == NULL) return;
    *m = (Meta){.pc = pc, .target = target, .several = target == NULL};
    feedback->nmetas++;
    gc_barrier_back_obj(L, feedback);
}

/* ----------------------------------------------------------------------------- allocation sites */

/* The table that a site made last shows what such tables come to need. The hint is weak: it is dead
 * once the collector freed anything. */
static void learn_site(Global *g, Cell *c) {
    enum { SAMPLES = 24 };
    if (c->h.holder != NULL && c->epoch == g->gcstamp) {
        Table *last = c->h.holder;
        const Shape *s = shape_of(g, last);
        uint32_t slots = s->isdict ? 0 : s->nslots;
        if (slots > c->u.offset) c->u.offset = slots < SHAPE_MAXINLINE ? slots : SHAPE_MAXINLINE;
    }
    c->h.holder = NULL;
    if (c->count < SAMPLES) c->count++;
    else c->kind = CELL_SITE; /* settled */
}

const Insn *quick_newtable(lua_State *L, const Insn *pc, Insn i) {
    CallInfo *ci = L->ci;
    Cell *c = cell_of(ci, i);
    enter(L, ci, pc);
    if (c->kind != CELL_SITE) learn_site(G(L), c);
    unsigned ninline = insn_b(i) > c->u.offset ? insn_b(i) : c->u.offset;
    Table *t = new_table_for(L, ninline, insn_b(i), insn_c(i));
    StkId ra = ci->func + 1 + insn_a(i);
    set_table(ra, t);
    if (c->kind != CELL_SITE) {
        c->h.holder = t;
        c->epoch = G(L)->gcstamp;
    }
    step_after(L, ra);
    return pc;
}

/* ------------------------------------------------------------------------- what optimised code relies on */

static const Shape *shape_by_id(const Global *g, uint32_t id) {
    const Shape *s = id != 0 && id < g->nshapes ? g->shapes[id] : NULL;
    return ((uintptr_t)s & 1) ? NULL : s;
}

static bool string_method_holds(Global *g, const Reliance *r) {
    Table *mt = g->mt[LUA_TSTRING];
    const Class *class = mt != NULL ? shape_of(g, mt)->asclass : NULL;
    if (class == NULL || class->unknown || !class->valid || !is_table(&class->index)) return false;
    Table *holder = as_table(&class->index);
    Shape *s = shape_of(g, holder);
    int slot = s->isdict || s->kind != SHAPE_OWNED ? -1 : shape_find(s, r->key);
    shape_of(g, mt)->watched = s->watched = 1;
    return slot >= 0 && table_slot(holder, (unsigned)slot) == r->cell.u.slot && !is_nil(r->cell.u.slot);
}

static bool get_holds(Global *g, const Reliance *r, const Shape *s) {
    Cell now;
    if (!find_proto(g, s, r->key, &now, true)) return false;
    if (r->cell.kind == CELL_PROTO || r->cell.kind == CELL_CALL) return now.kind == r->cell.kind && now.u.slot == r->cell.u.slot;
    return r->cell.nilok != 2 || (now.kind == CELL_PROTO && now.u.slot == &g->nilvalue);
}

static bool set_holds(const Global *g, const Reliance *r, const Shape *s) {
    watch_class(g, s->meta);
    if (r->cell.kind == CELL_CALL) return s->meta != NULL && s->meta->valid && !s->meta->unknown && is_func(&s->meta->newindex) && r->cell.u.slot == &s->meta->newindex;
    return nil_rule(s) != 0;
}

static bool cell_holds(Global *g, const Reliance *r) {
    const Shape *s = shape_by_id(g, r->cell.shape);
    if (!r->stores && r->cell.kind == CELL_PROTO && r->cell.shape == 0) return string_method_holds(g, r);
    if (s == NULL) return false;
    return r->stores ? set_holds(g, r, s) : get_holds(g, r, s);
}

/* Does it depend on metatables? */
static bool looks_far(const Cell *c) { return c->kind == CELL_PROTO || c->kind == CELL_CALL || c->kind == CELL_ADD || c->nilok == 2; }

bool quick_holds(Global *g, const Reliance *r) {
    if (r->cell.kind != CELL_POLY) return !looks_far(&r->cell) || cell_holds(g, r);
    for (unsigned n = 0; n < POLY_MAX; n++) {
        Reliance entry = {.key = r->key, .stores = r->stores, .cell = r->poly[n]};
        if (looks_far(&entry.cell) && !cell_holds(g, &entry)) return false;
    }
    return true;
}
