// SPDX-License-Identifier: MIT
/* Tables that meet in phis; part of pass_escape.c.
 *
 *      v0 = NEW_TABLE ..                       -
 *      loop: v = PHI v0 v1                     loop: x = PHI x0 x1
 *            a = FIELD v; ..                         ..
 *            v1 = NEW_TABLE; INIT_FIELD v1 ..        -
 *
 * A web is a set of phis and of the tables that they stand for, all of them made here and none seen by anybody else. Its
 * members are of one form where they meet; then each field has a phi of its own, and a member of the web is replaced as any table is,
 * a phi beginning with these. No table goes by two names at a time: an operand of a phi is not used any more behind it. So what is written
 * to one member concerns no other, and two members are never the same table. */

enum { MAX_WEB = 12 };

typedef struct Web {
    GNode *member[MAX_WEB];       /* phis and NEW_TABLEs */
    GNode **field[MAX_WEB];       /* of phis: those of its fields, and of its metatable behind them */
    unsigned n;
    bool fits, read;
} Web;

static int member_of(const Web *w, const GNode *n) {
    for (unsigned i = 0; i < w->n; i++)
        if (w->member[i] == n) return (int)i;
    return -1;
}

static void add_member(const Escape *e, Web *w, GNode *n) {
    if (member_of(w, n) >= 0) return;
    bool table = n->op == N_NEW_TABLE && n->id < e->nnodes && !(e->real[n->id] & 1) && e->elements[n->id] == 0;
    bool phi = n->op == N_PHI && n->type == T_TABLE;
    w->fits &= (table || phi) && w->n < MAX_WEB;
    if (w->fits) w->member[w->n++] = n;
}

/* Phis that have members as operands are members. */
static void add_phis(const Escape *e, Web *w) {
    for (uint32_t b = 1; b < e->g->norder && w->fits; b++)
        for (GNode *n = e->g->order[b]->first; n != NULL && n->op == N_PHI; n = n->next)
            for (uint32_t i = 0; i < n->nin && w->fits; i++)
                if (member_of(w, n->in[i]) >= 0) add_member(e, w, n);
}

static void find_web(const Escape *e, Web *w, GNode *phi) {
    *w = (Web){.fits = true};
    add_member(e, w, phi);
    for (unsigned before = 0; w->fits && before != w->n;) {
        before = w->n;
        for (unsigned i = 0; i < w->n && w->fits; i++)
            for (uint32_t p = 0; w->member[i]->op == N_PHI && p < w->member[i]->nin && w->fits; p++) add_member(e, w, w->member[i]->in[p]);
        add_phis(e, w);
    }
}

/* Inline slots of all its tables; none or different: it does not fit. */
static unsigned web_inline(Web *w) {
    int count = -1;
    for (unsigned i = 0; i < w->n; i++) {
        if (w->member[i]->op != N_NEW_TABLE) continue;
        w->fits &= count < 0 || count == (int)table_inline(w->member[i]);
        count = (int)table_inline(w->member[i]);
    }
    w->fits &= count >= 0;
    return count >= 0 ? (unsigned)count : 0;
}

static bool is_list_op(const GNode *n) { return needs_list(n) || n->op == N_SET_LIST; }

/* Do all users of its phis leave the table alone? */
static void check_users(const Escape *e, Web *w, unsigned ninline) {
    for (uint32_t b = 0; b < e->g->norder; b++)
        for (const GNode *n = e->g->order[b]->first; n != NULL; n = n->next)
            for (uint32_t i = 0; i < n->nin; i++) {
                if (n->in[i]->op != N_PHI || member_of(w, n->in[i]) < 0 || n->op == N_PHI) continue;
                w->fits &= keeps(ninline, n, i) && !is_list_op(n);
                w->read |= n->op == N_FIELD;
            }
}

/* ------------------------------------------------------------------------------------------- names */

typedef struct Live {
    uint8_t *in;        /* by block: x is used there or behind, and not made before */
    Block **work;
    uint32_t n;
    const GNode *x;
} Live;

static void is_used(Live *l, Block *b) {
    if (b == l->x->block || l->in[b->id]) return;
    l->in[b->id] = 1;
    l->work[l->n++] = b;
}

static bool state_has(const State *s, const GNode *x) {
    for (; s != NULL; s = s->caller)
        for (unsigned r = 0; r < s->nregs; r++)
            if (s->reg[r] == x) return true;
    return false;
}

static void find_uses(Live *l, Block *b) {
    for (const GNode *n = b->first; n != NULL; n = n->next) {
        bool used = n->state != NULL && state_has(n->state, l->x);
        for (uint32_t i = 0; i < n->nin; i++) {
            if (n->in[i] != l->x) continue;
            if (n->op == N_PHI) is_used(l, b->pred[i]);
            else used = true;
        }
        if (used) is_used(l, b);
    }
    for (uint32_t p = 0; b->before != NULL && p < b->npred; p++)
        if (!block_retreats(b->pred[p], b) && state_has(b->before, l->x)) is_used(l, b->pred[p]);
}

/* Is x used behind a phi that it is an operand of? */
static bool outlives_phis(const Escape *e, const Web *w, const GNode *x) {
    const Graph *g = e->g;
    Live l = {arena_alloc(g->arena, g->nblocks), arena_alloc(g->arena, g->nblocks * sizeof(Block *)), 0, x};
    for (uint32_t b = 1; b < g->norder; b++) find_uses(&l, g->order[b]);
    while (l.n > 0) {
        const Block *b = l.work[--l.n];
        for (uint32_t p = 0; p < b->npred; p++) is_used(&l, b->pred[p]);
    }
    for (unsigned i = 0; i < w->n; i++)
        for (uint32_t p = 0; w->member[i]->op == N_PHI && p < w->member[i]->nin; p++)
            if (w->member[i]->in[p] == x && l.in[w->member[i]->block->id]) return true;
    return false;
}

/* Phis of one block have no operand in common on any edge. */
static bool shares_operand(const Web *w, unsigned i) {
    const GNode *x = w->member[i];
    for (unsigned k = 0; k < i; k++) {
        const GNode *y = w->member[k];
        for (uint32_t p = 0; x->op == N_PHI && y->op == N_PHI && x->block == y->block && p < x->nin; p++)
            if (x->in[p] == y->in[p]) return true;
    }
    return false;
}

static void check_names(const Escape *e, Web *w) {
    for (unsigned i = 0; i < w->n && w->fits; i++) w->fits &= !shares_operand(w, i) && !outlives_phis(e, w, w->member[i]);
}

/* ------------------------------------------------------------------------------------------- forms */

/* The form of member x at the phis that it is an operand of; *known: one was met. */
static bool forms_meet(Escape *e, const Web *w, const GNode *x, bool *known) {
    for (unsigned i = 0; i < w->n; i++) {
        const GNode *phi = w->member[i];
        for (uint32_t p = 0; phi->op == N_PHI && p < phi->nin; p++) {
            if (phi->in[p] != x) continue;
            const Contents *c = e->end[phi->block->pred[p]->id];
            bool meta = c->metatable != NULL;
            if (*known && (e->start_shape != c->shape || e->start_metatable != meta)) return false;
            e->start_shape = c->shape;
            e->start_metatable = meta;
            *known = true;
        }
    }
    return true;
}

/* The tables first: they tell in which form the phis begin. */
static void check_forms(Escape *e, Web *w) {
    bool known = false;
    for (int phis = 0; phis < 2; phis++)
        for (unsigned i = 0; i < w->n && w->fits; i++) {
            if ((w->member[i]->op == N_PHI) != phis) continue;
            begin_table(e, w->member[i]);
            w->fits &= feasible(e) && forms_meet(e, w, w->member[i], &known);
        }
    w->fits &= known;
}

/* ------------------------------------------------------------------------------------- replacement */

static GNode *empty_phi(Escape *e, const GNode *of, unsigned type, GNode *x) {
    GNode *phi = node_make(e->g, N_PHI, 0, of->pc);
    phi->type = (uint8_t)type;
    for (uint32_t p = 0; p < of->nin; p++) phi_add(e->g, phi, x);
    node_insert_first(of->block, phi);
    return phi;
}

static void make_phis(Escape *e, Web *w, unsigned ninline) {
    for (unsigned i = 0; i < w->n; i++) {
        const GNode *n = w->member[i];
        if (n->op != N_PHI) continue;
        w->field[i] = arena_alloc(e->g->arena, (ninline + 1) * sizeof(GNode *));
        for (unsigned f = 0; f < ninline; f++) w->field[i][f] = empty_phi(e, n, T_VALUE, nil_node(e));
        if (e->start_metatable) w->field[i][ninline] = empty_phi(e, n, T_TABLE, nil_node(e));
    }
}

/* What the phis of the web get from x, which is replaced. */
static void fill_phis(Escape *e, const Web *w, const GNode *x, unsigned ninline) {
    for (unsigned i = 0; i < w->n; i++) {
        const GNode *phi = w->member[i];
        for (uint32_t p = 0; phi->op == N_PHI && p < phi->nin; p++) {
            if (phi->in[p] != x) continue;
            const Contents *c = e->end[phi->block->pred[p]->id];
            for (unsigned f = 0; f < ninline; f++) w->field[i][f]->in[p] = field_at(e, c, f);
            if (e->start_metatable) w->field[i][ninline]->in[p] = node_resolve(c->metatable);
        }
    }
}

static void replace_web(Escape *e, Web *w, unsigned ninline) {
    make_phis(e, w, ninline);
    for (unsigned i = 0; i < w->n; i++) {
        begin_table(e, w->member[i]);
        feasible(e); /* where what is written */
        e->start_field = w->field[i];
        replace_uses(e);
        fill_phis(e, w, w->member[i], ninline);
    }
    for (unsigned i = 0; i < w->n; i++) node_remove(w->member[i]);
    graph_apply_replacements(e->g);
    graph_remove_replaced(e->g);
}

static bool try_web(Escape *e, GNode *phi) {
    Graph *g = e->g;
    Web w;
    find_web(e, &w, phi);
    unsigned ninline = w.fits ? web_inline(&w) : 0;
    e->web_inline = ninline;
    if (w.fits) check_users(e, &w, ninline);
    w.fits &= w.read && g->rebuilt_values + w.n * (ninline + 1) <= MAX_VALUES;
    if (w.fits) check_names(e, &w);
    if (w.fits) check_forms(e, &w);
    if (!w.fits || !graph_may(g)) return false;
    g->rebuilt_values += w.n * (ninline + 1);
    replace_web(e, &w, ninline);
    return true;
}

/* One a round: what others are made of changes with it. */
static bool escape_carried(Graph *g) {
    Escape e = {.g = g};
    find_real(&e);
    for (uint32_t b = 1; b < g->norder; b++)
        for (GNode *n = g->order[b]->first; n != NULL && n->op == N_PHI; n = n->next)
            if (n->type == T_TABLE && n->id < e.nnodes && try_web(&e, n)) return true;
    return false;
}
