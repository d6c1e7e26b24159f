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

/* Larger functions stay in the baseline tier: compile time grows faster than size. */
enum { MAX_INSNS = 4000, MAX_NODES = 40000 };

/* --opt-bisect counts over all jobs; the plugin has one at a time. */
static const char *optimize(const JitJob *job, Graph *g) {
    static int64_t made;
    int64_t limit = job->opt_limit < 0 ? -1 : job->opt_limit > made ? job->opt_limit - made : 0;
    const char *wrong = graph_optimize(g, limit, dumps(job, "graph") ? stderr : NULL);
    if (limit >= 0) made += limit - g->optimisations_left;
    return wrong;
}

static bool emit_graph(const JitJob *job, Graph *g, LLVMModuleRef module, const char *symbol, JitResult *r) {
    const char *wrong = graph_verify(g);
    if (wrong == NULL) wrong = optimize(job, g);
    if (wrong != NULL) return fail(r, wrong);
    if (g->nentries >= JIT_MAX_ENTRIES) return fail(r, "too many entries");
    if (g->nnodes > MAX_NODES) return fail(r, "too large for the optimizing tier");
    if (job->decisions) decisions_report(g, r);
    graph_lower(g, module, symbol);
    return set_entries(g, r);
}

static bool optimizing_emit(const JitJob *job, LLVMModuleRef module, const char *symbol, JitResult *r) {
    const char *why;
    if (job->function->ninsns > MAX_INSNS) return fail(r, "too large for the optimizing tier");
    Graph *g = graph_build(job->function, &why);
    if (g == NULL) return fail(r, why);
    bool ok = emit_graph(job, g, module, symbol, r);
    graph_free(g);
    return ok;
}

/* A short pipeline that has loop peeling's substitutes in our own passes; LLVM-NOTES has the costs. */
const Emitter optimizing_emitter = {
    .pipeline = "function(sroa,early-cse<memssa>,simplifycfg,instcombine<no-verify-fixpoint>,loop-mssa(loop-rotate,licm),simplifycfg,"
                "loop(indvars,loop-unroll-full),gvn,dse,loop-mssa(licm),loop-vectorize,loop-load-elim,instcombine<no-verify-fixpoint>,simplifycfg)",
    .emit = optimizing_emit,
};
