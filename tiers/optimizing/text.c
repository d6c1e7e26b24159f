// SPDX-License-Identifier: MIT
/* Graphs as text, written and read.
 *
 *   function NAME
 *   entry 0 pc 0 block 1
 *   block 1 pc 0 from 0
 *     %5 INT IADD %3 %4 imm 0 pc 2
 *     %7 NONE GUARD %6 imm 0 pc 3 exit TYPE at 3 r0=%2 r4=%5
 *     %8 NONE BRANCH %6 imm 0 pc 3 to 2 3
 *
 * An immediate that is a float is written by its bits. A block's predecessors stand in order, since phis
 * depend on it. Loop headers have a line `before 12 r1=%3` for their state from outside. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tiers/optimizing/graph.h"

/* ----------------------------------------------------------------------------------------- writing */

static void print_state(const State *s, FILE *out) {
    for (; s != NULL; s = s->caller) {
        fprintf(out, " at %u", s->pc);
        if (s->unspent > 0) fprintf(out, " unspent %u", s->unspent);
        for (unsigned r = 0; r < s->nregs; r++)
            if (s->reg[r] != NULL) fprintf(out, " r%u=%%%u", r, s->reg[r]->id);
    }
}

static void print_node(const GNode *n, FILE *out) {
    fprintf(out, "  %%%u %s %s", n->id, type_names[n->type], op_info[n->op].name);
    for (uint32_t i = 0; i < n->nin; i++) fprintf(out, " %%%u", n->in[i]->id);
    fprintf(out, " imm %" PRId64 " pc %u", n->imm.i, n->pc);
    if (node_exits(n)) fprintf(out, " exit %s", reason_names[n->reason]);
    print_state(n->state, out);
    if (n->op == N_GOTO || n->op == N_BRANCH)
        for (uint32_t s = 0; s < n->block->nsucc; s++) fprintf(out, "%s %u", s ? "" : " to", n->block->succ[s]->id);
    fputc('\n', out);
}

static void print_block(const Block *b, FILE *out) {
    fprintf(out, "block %u pc %u", b->id, b->pc);
    if (b->npred) fprintf(out, " from");
    for (uint32_t p = 0; p < b->npred; p++) fprintf(out, " %u", b->pred[p]->id);
    fputc('\n', out);
    if (b->before != NULL) {
        fprintf(out, "  before");
        print_state(b->before, out);
        fputc('\n', out);
    }
    for (const GNode *n = b->first; n != NULL; n = n->next) print_node(n, out);
}

void graph_print(const Graph *g, FILE *out) {
    fprintf(out, "function %s\n", g->function->name);
    for (const Note *n = g->notes; n != NULL; n = n->next)
        fprintf(out, "inline %s into %s at %u: %s\n", n->callee, n->function->name, n->pc, n->why != NULL ? n->why : "yes");
    for (uint32_t n = 0; n < g->nentries; n++) fprintf(out, "entry %u pc %u block %u\n", n, g->entries[n].pc, g->entries[n].block->id);
    for (uint32_t i = 0; i < g->norder; i++) print_block(g->order[i], out);
}

/* ----------------------------------------------------------------------------------------- reading */

typedef struct Reader {
    Graph *g;
    const char *at;
    const char *fault;
    GNode **nodes;   /* by the number in the text */
    uint32_t nnodes;
    Block *block;
} Reader;

static void skip_spaces(Reader *r) { while (*r->at == ' ') r->at++; }

static bool accept(Reader *r, const char *word) {
    skip_spaces(r);
    size_t n = strlen(word);
    if (strncmp(r->at, word, n) != 0) return false;
    if (r->at[n] != ' ' && r->at[n] != '\n' && r->at[n] != '\0') return false;
    r->at += n;
    return true;
}

static bool fail(Reader *r, const char *why) {
    if (r->fault == NULL) r->fault = why;
    return false;
}

static bool read_number(Reader *r, int64_t *x) {
    char *end;
    skip_spaces(r);
    *x = strtoll(r->at, &end, 10);
    if (end == r->at) return fail(r, "number expected");
    r->at = end;
    return true;
}

static bool wanted(Reader *r, const char *word) { return accept(r, word) || fail(r, "word expected"); }

static bool read_index(Reader *r, uint32_t *x) {
    int64_t n;
    if (!read_number(r, &n) || n < 0 || n > 1000000) return fail(r, "index expected");
    *x = (uint32_t)n;
    return true;
}

/* The node of that number, made when first named. */
static GNode *node_named(Reader *r, uint32_t id) {
    if (id >= r->nnodes) return NULL;
    if (r->nodes[id] == NULL) {
        r->nodes[id] = node_make(r->g, N_NIL, 0, 0);
        r->nodes[id]->id = id;
    }
    return r->nodes[id];
}

static GNode *read_ref(Reader *r) {
    uint32_t id;
    skip_spaces(r);
    if (*r->at != '%') return NULL;
    r->at++;
    if (!read_index(r, &id)) return NULL;
    GNode *n = node_named(r, id);
    if (n == NULL) fail(r, "node number out of range");
    return n;
}

static int find_name(Reader *r, const char *(*name)(unsigned), unsigned count) {
    for (unsigned i = 0; i < count; i++)
        if (accept(r, name(i))) return (int)i;
    fail(r, "unknown name");
    return -1;
}
static const char *op_name(unsigned i) { return op_info[i].name; }
static const char *type_name(unsigned i) { return type_names[i]; }
static const char *reason_name(unsigned i) { return reason_names[i]; }

static State *read_state(Reader *r) {
    uint32_t pc, reg;
    if (!read_index(r, &pc)) return NULL;
    State *s = state_new(r->g, r->g->function, pc);
    if (accept(r, "unspent") && !read_index(r, &s->unspent)) return NULL;
    for (skip_spaces(r); *r->at == 'r'; skip_spaces(r)) {
        r->at++;
        if (!read_index(r, &reg) || reg >= s->nregs || *r->at++ != '=') {
            fail(r, "register expected");
            return s;
        }
        s->reg[reg] = read_ref(r);
    }
    return s;
}

static Block *block_named(Reader *r, uint32_t id) {
    if (id > 100000) return NULL;
    while (r->g->nblocks <= id) graph_block(r->g, 0);
    return r->g->blocks[id];
}

static void read_operands(Reader *r, GNode *n) {
    GNode *in[256];
    uint32_t count = 0;
    for (GNode *x; count < 256 && (x = read_ref(r)) != NULL;) in[count++] = x;
    if (n->op == N_PHI) {
        for (uint32_t i = 0; i < count; i++) phi_add(r->g, n, in[i]);
        return;
    }
    n->nin = count;
    n->in = arena_alloc(r->g->arena, (count + 1) * sizeof(GNode *));
    memcpy(n->in, in, count * sizeof(GNode *));
}

static void read_targets(Reader *r) {
    uint32_t id;
    while (skip_spaces(r), *r->at != '\n' && *r->at != '\0') {
        if (!read_index(r, &id) || r->block->nsucc == 2) {
            fail(r, "target expected");
            return;
        }
        r->block->succ[r->block->nsucc++] = block_named(r, id);
    }
}

static void read_node(Reader *r) {
    GNode *n = read_ref(r);
    if (n == NULL || r->block == NULL || n->block != NULL) {
        fail(r, "node expected");
        return;
    }
    int type = find_name(r, type_name, T_COUNT), op = find_name(r, op_name, N_OPS);
    if (type < 0 || op < 0) return;
    n->type = (uint8_t)type;
    n->op = (uint8_t)op;
    read_operands(r, n);
    if (!wanted(r, "imm") || !read_number(r, &n->imm.i) || !wanted(r, "pc") || !read_index(r, &n->pc)) return;
    if (accept(r, "exit")) n->reason = accept(r, reason_names[CODE_EXIT_PLAIN]) ? CODE_EXIT_PLAIN : (uint8_t)find_name(r, reason_name, DEOPT_COUNT);
    if (accept(r, "at")) n->state = read_state(r);
    if (accept(r, "to")) read_targets(r);
    node_append(r->block, n);
}

static void read_block(Reader *r) {
    uint32_t id, pc, from;
    if (!read_index(r, &id) || !wanted(r, "pc") || !read_index(r, &pc)) return;
    r->block = block_named(r, id);
    r->block->pc = pc;
    if (!accept(r, "from")) return;
    while (skip_spaces(r), *r->at != '\n' && *r->at != '\0') {
        if (!read_index(r, &from)) return;
        Block *p = block_named(r, from), **bigger = arena_alloc(r->g->arena, (r->block->npred + 1) * sizeof(Block *));
        if (r->block->npred) memcpy(bigger, r->block->pred, r->block->npred * sizeof(Block *));
        bigger[r->block->npred++] = p;
        r->block->pred = bigger;
        r->block->cappred = r->block->npred;
    }
}

static void read_entry(Reader *r) {
    uint32_t number, pc, block;
    if (!read_index(r, &number) || !wanted(r, "pc") || !read_index(r, &pc) || !wanted(r, "block") || !read_index(r, &block)) return;
    Block *b = block_named(r, block);
    graph_entry(r->g, pc, b);
    b->npred = 0; /* the block's own line names them */
}

static void read_line(Reader *r) {
    if (accept(r, "function") || accept(r, "inline")) r->at += strcspn(r->at, "\n");
    else if (accept(r, "entry")) read_entry(r);
    else if (accept(r, "block")) read_block(r);
    else if (accept(r, "before") && r->block != NULL && wanted(r, "at")) r->block->before = read_state(r);
    else if (skip_spaces(r), *r->at == '%') read_node(r);
    skip_spaces(r);
    if (*r->at == '\n') r->at++;
    else if (*r->at != '\0') fail(r, "line not understood");
}

static uint32_t count_nodes(const char *text) {
    uint32_t most = 0;
    for (const char *p = strchr(text, '%'); p != NULL; p = strchr(p + 1, '%')) {
        uint32_t id = (uint32_t)strtoul(p + 1, NULL, 10);
        if (id > most) most = id;
    }
    return most < 1000000 ? most + 1 : 0;
}

Graph *graph_read(const char *text, JitFunction *f, const char **why) {
    Reader r = {.g = graph_new(f), .at = text, .nnodes = count_nodes(text)};
    r.nodes = arena_alloc(r.g->arena, (r.nnodes + 1) * sizeof(GNode *));
    while (*r.at != '\0' && r.fault == NULL) read_line(&r);
    *why = r.fault;
    if (r.fault != NULL) {
        graph_free(r.g);
        return NULL;
    }
    r.g->nnodes = r.nnodes;
    return r.g;
}
