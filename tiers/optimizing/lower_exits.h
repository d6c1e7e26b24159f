// SPDX-License-Identifier: MIT
/* Blocks of exits that share what they store; part of lower.c.
 *
 * Exits of one function store mostly the same registers: without sharing, half to three quarters of the IR of functions with
 * much inlined in them. What an exit stores, pairs of a slot and a node, is a path in a tree; pairs that many exits have stand near
 * the root, so that paths have long ends in common (the order of Han's frequent-pattern trees, 2000):
 *
 *     exit 1: R7=a \
 *                   >-- R3=x, R4=y \
 *     exit 2: R7=b /                >-- R0=t, R1=u -- rt_deopt(record)
 *                       exit 3: ---/
 *
 * An exit's own block stores what no other path has; where paths meet there is one block, with a phi of the records. Slots
 * are different within an exit, so the order of stores does not matter. A node dominates all exits that store it, hence
 * the blocks where those meet. */

typedef struct Stored {      /* "slot r gets x" */
    unsigned reg;
    const GNode *x;          /* NULL: nil */
    uint32_t number, count;  /* of exits that do it */
    struct Stored *next;     /* of the bucket */
} Stored;

typedef struct Path Path;    /* a node of the tree */
struct Path {
    Path *parent, *child, *sibling;
    const Stored *stored;    /* NULL: the root */
    uint32_t meeting;        /* children and exits that end here */
    LLVMBasicBlockRef block; /* where paths meet; NULL: not made */
    LLVMValueRef id;         /* its phi */
};

enum { STORED_BUCKETS = 256 };
typedef struct Exits {
    Stored *buckets[STORED_BUCKETS];
    uint32_t nstored;
    Path root;
} Exits;

static Stored *stored_of(Lower *l, Exits *t, unsigned reg, const GNode *x) {
    Stored **bucket = &t->buckets[(reg * 31 + (x != NULL ? x->id : 0)) % STORED_BUCKETS], *s = *bucket;
    while (s != NULL && (s->reg != reg || s->x != x)) s = s->next;
    if (s != NULL) return s;
    s = arena_alloc(l->g->arena, sizeof *s);
    *s = (Stored){reg, x, t->nstored++, 0, *bucket};
    return *bucket = s;
}

typedef struct StoredList {
    Stored **s;
    uint32_t n;
} StoredList;

/* As store_state has them: a frame further out comes later. */
static void add_stored(StoredList *list, Stored *s) {
    uint32_t at = 0;
    while (at < list->n && list->s[at]->reg != s->reg) at++;
    list->s[at] = s;
    list->n += at == list->n;
}

static StoredList stored_by(Lower *l, Exits *t, const State *s) {
    StoredList list = {arena_alloc(l->g->arena, (count_registers(s) + 1) * sizeof(Stored *)), 0};
    for (; s != NULL; s = s->caller)
        for (unsigned r = 0; r < s->nregs; r++) {
            const GNode *x = s->reg[r];
            if (x != NULL) add_stored(&list, stored_of(l, t, state_base(s) + r, x->op == N_REBUILT ? NULL : x));
        }
    for (uint32_t i = 0; i < list.n; i++) list.s[i]->count++;
    return list;
}

static int more_frequent(const void *a, const void *b) {
    const Stored *x = *(Stored *const *)a, *y = *(Stored *const *)b;
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    return x->number < y->number ? -1 : 1;
}

static Path *longer_path(Lower *l, Path *p, const Stored *s) {
    for (Path *c = p->child; c != NULL; c = c->sibling)
        if (c->stored == s) return c;
    Path *c = arena_alloc(l->g->arena, sizeof *c);
    *c = (Path){.parent = p, .sibling = p->child, .stored = s};
    p->meeting++;
    return p->child = c;
}

static Path *path_of(Lower *l, Exits *t, StoredList list) {
    Path *p = &t->root;
    qsort(list.s, list.n, sizeof *list.s, more_frequent);
    for (uint32_t i = 0; i < list.n; i++) p = longer_path(l, p, list.s[i]);
    p->meeting++;
    return p;
}

static void store_one(Lower *l, const Stored *s) {
    LLVMValueRef p = slot(l, s->reg);
    if (s->x == NULL) put_nil(l, p);
    else put_value(l, s->x, p, A_STACK);
}

/* The rest of the path from p on, in the present block, which has the record. */
static void follow_path(Lower *l, Path *p, LLVMValueRef id) {
    while (p->stored != NULL && p->meeting < 2) {
        store_one(l, p->stored);
        p = p->parent;
    }
    if (p->meeting < 2) {
        tail_call(l, RT_deopt, LLVMGetUndef(l->ptr), id, i64c(l, 0));
        return;
    }
    LLVMBasicBlockRef from = here(l);
    if (p->block != NULL) {
        LLVMBuildBr(l->b, p->block);
        LLVMAddIncoming(p->id, &id, &from, 1);
        return;
    }
    LLVMBuildBr(l->b, p->block = new_block(l, "exits"));
    at(l, p->block);
    p->id = LLVMBuildPhi(l->b, l->ptr, "");
    LLVMAddIncoming(p->id, &id, &from, 1);
    if (p->stored == NULL) {
        tail_call(l, RT_deopt, LLVMGetUndef(l->ptr), p->id, i64c(l, 0));
        return;
    }
    store_one(l, p->stored);
    follow_path(l, p->parent, p->id);
}

static void lower_exit(Lower *l, const Exit *e, Path *path) {
    at(l, e->block);
    RebuiltTables tables = rebuilt_tables(l, e->state);
    store_rebuilt(l, &tables);
    refund_rest(l, e->state);
    follow_path(l, path, e->id);
}

/* Exits to handlers of their own store by themselves. */
static void lower_other_exit(Lower *l, const Exit *e) {
    at(l, e->block);
    store_state(l, e->state);
    refund_rest(l, e->state);
    uint32_t pc = e->state->pc;
    if (e->handler == RT_poll)
        tail_call(l, RT_poll, has_entry(l->g, pc) ? stream_pc(l, pc) : fallback_pc(l, pc), NULL, i64c(l, 0));
    else
        tail_call(l, e->handler, LLVMGetUndef(l->ptr), e->id, i64c(l, 0));
}

static void lower_exits(Lower *l) {
    Exits *t = arena_alloc(l->g->arena, sizeof *t);
    uint32_t n = 0, i = 0;
    for (const Exit *e = l->exits; e != NULL; e = e->next) n++;
    StoredList *lists = arena_alloc(l->g->arena, (n + 1) * sizeof *lists);
    Path **paths = arena_alloc(l->g->arena, (n + 1) * sizeof *paths);
    *t = (Exits){.nstored = 0};
    for (const Exit *e = l->exits; e != NULL; e = e->next)
        if (e->handler == RT_deopt) lists[i++] = stored_by(l, t, e->state);
    for (n = i, i = 0; i < n; i++) paths[i] = path_of(l, t, lists[i]);
    i = 0;
    for (const Exit *e = l->exits; e != NULL; e = e->next) {
        if (e->handler == RT_deopt) lower_exit(l, e, paths[i++]);
        else lower_other_exit(l, e);
    }
}
