// SPDX-License-Identifier: MIT
/* The optimizing tier as the plugin sees it: builds the graph, optimizes it, lowers it. */
#include <stdlib.h>
#include <string.h>

#include "tiers/optimizing/decisions.h"
#include "tiers/optimizing/lower.h"
#include "tiers/plugin/emitter.h"

static bool fail(JitResult *r, const char *why) {
    snprintf(r->failure, sizeof r->failure, "%s", why);
    return false;
}

static bool dumps(const JitJob *job, const char *what) { return job->dump != NULL && strstr(job->dump, what) != NULL; }

static bool set_entries(const Graph *g, JitResult *r) {
    size_t n = g->function->ninsns;
    r->entry_of = malloc((n ? n : 1) * sizeof(uint16_t));
    if (r->entry_of == NULL) return fail(r, "no memory");
    for (size_t pc = 0; pc < n; pc++) r->entry_of[pc] = JIT_NO_ENTRY;
    for (uint32_t e = 0; e < g->nentries; e++) r->entry_of[g->entries[e].pc] = (uint16_t)e;
    r->nentries = g->nentries;
    return true;
}

/* Functions that are not begun with, and graphs that are not optimised at this effort. */
enum { MAX_INSNS = 4000, MAX_NODES = 20000 };

/* --opt-bisect counts over all jobs; the plugin has one at a time. */
static const char *optimize(const JitJob *job, Graph *g) {
    static int64_t made;
    int64_t limit = job->opt_limit < 0 ? -1 : job->opt_limit > made ? job->opt_limit - made : 0;
    const char *wrong = graph_optimize(g, limit, dumps(job, "graph") ? stderr : NULL);
    if (limit >= 0) made += limit - g->optimisations_left;
    return wrong;
}

static const State *same_frame(const State *s, const State *among) {
    while (among != NULL && (among->function != s->function || state_base(among) != state_base(s))) among = among->caller;
    return among;
}

/* Registers that s stores and the exit before it does not: blocks of exits share the rest (lower_exits.h). */
static uint32_t count_stored(const State *s, const State *before) {
    uint32_t n = 0;
    for (; s != NULL; s = s->caller) {
        const State *b = before != NULL ? same_frame(s, before) : NULL;
        for (unsigned r = 0; r < s->nregs; r++) n += s->reg[r] != NULL && (b == NULL || r >= b->nregs || b->reg[r] != s->reg[r]);
    }
    return n;
}

static bool has_loops(const Graph *g) {
    for (uint32_t i = 0; i < g->norder; i++)
        if (g->order[i]->loop != NULL) return true;
    return false;
}

/* What the graph costs LLVM: its nodes, and the registers that its exits store; guards of one instruction share an exit. */
static uint32_t count_units(const Graph *g) {
    uint32_t n = 0;
    const State *last = NULL;
    for (uint32_t i = 0; i < g->norder; i++)
        for (const GNode *x = g->order[i]->first; x != NULL; x = x->next) {
            n++;
            if (x->state == NULL || x->state == last) continue;
            n += count_stored(x->state, last);
            last = x->state;
        }
    return n;
}

static bool emit_graph(const JitJob *job, Graph *g, LLVMModuleRef module, const char *symbol, JitResult *r) {
    if (g->nentries >= JIT_MAX_ENTRIES) return fail(r, "too many entries");
    if (job->decisions) decisions_report(g, r);
    r->light = !has_loops(g);
    if (!graph_lower(g, module, symbol, r)) return fail(r, "no memory");
    return set_entries(g, r);
}

/* The compile budget, in units of count_units, as the graph goes to LLVM, where the time goes: 70 to 95 ms a thousand of them, half
 * of that without loops (over all functions of the benchmarks). A graph beyond the budget is made anew with less
 * inlined, then without loops in strips, then with nothing inlined; what is beyond MOST_UNITS even then stays in the
 * baseline tier. */
enum { BUDGET_UNITS = 1300, MOST_UNITS = 4000, EFFORTS = 4 };

/* The optimised graph; NULL: r->failure says why. */
static Graph *make_graph(const JitJob *job, JitResult *r) {
    for (job->function->effort = 0;; job->function->effort++) {
        const char *why;
        Graph *g = graph_build(job->function, &why);
        if (g == NULL) return fail(r, why), NULL;
        bool last = job->function->effort + 1 == EFFORTS;
        const char *wrong = graph_verify(g);
        if (wrong == NULL && (last || g->nnodes <= MAX_NODES)) wrong = optimize(job, g);
        uint32_t n = count_units(g);
        if (wrong == NULL && (n <= BUDGET_UNITS || (last && n <= MOST_UNITS))) return g;
        graph_free(g);
        if (wrong == NULL && !last) continue;
        if (wrong == NULL) snprintf(r->failure, sizeof r->failure, "compile budget: %u units, %d are the most: split it into smaller functions", n, MOST_UNITS);
        else fail(r, wrong);
        return NULL;
    }
}

static bool optimizing_emit(const JitJob *job, LLVMModuleRef module, const char *symbol, JitResult *r) {
    if (job->function->ninsns > MAX_INSNS) return fail(r, "compile budget: too many instructions");
    Graph *g = make_graph(job, r);
    if (g == NULL) return false;
    bool ok = emit_graph(job, g, module, symbol, r);
    graph_free(g);
    return ok;
}

/* A short pipeline that has loop peeling's substitutes in our own passes; LLVM-NOTES has the costs. */
const Emitter optimizing_emitter = {
    .pipeline = "function(sroa,early-cse<memssa>,simplifycfg,instcombine<no-verify-fixpoint>,loop-mssa(loop-rotate,licm),simplifycfg,"
                "loop(indvars,loop-unroll-full),gvn,dse,loop-mssa(licm),loop-vectorize,loop-load-elim,instcombine<no-verify-fixpoint>,simplifycfg)",
    .light_pipeline = "function(sroa,early-cse<memssa>,simplifycfg,instcombine<no-verify-fixpoint>,early-cse<memssa>,simplifycfg)",
    .emit = optimizing_emit,
};
