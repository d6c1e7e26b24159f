// SPDX-License-Identifier: MIT
/* The pipeline.
 *
 *   build --> fold --> gvn --> fold --> escape --> hoist --> range --> gvn --> fold --> dead --> lower
 *
 *   fold   constants, identities, strength; control that follows
 *   gvn    one node for each value; guards and loads that a dominating one makes needless
 *   escape tables that nobody else sees are not made
 *   hoist  what does not change in a loop, guards included, before it
 *   range  counted loops in strips, whose bounds are checked once before each
 *   dead   nodes nobody needs
 *
 * Passes number their optimisations by graph_may (bisection: the first N are made, no others). */
#include "tiers/optimizing/graph.h"

const Pass graph_passes[] = {
    {"fold", pass_fold},
    {"gvn", pass_gvn},
    {"fold", pass_fold},
    {"escape", pass_escape},
    {"hoist", pass_hoist},
    {"range", pass_range},
    {"gvn", pass_gvn},
    {"fold", pass_fold},
    {"dead", pass_dead},
};
const unsigned graph_npasses = sizeof graph_passes / sizeof graph_passes[0];

const char *graph_optimize(Graph *g, int64_t limit, FILE *dump) {
    g->optimisations_left = limit;
    if (dump != NULL) {
        fprintf(dump, "--- built\n");
        graph_print(g, dump);
    }
    for (unsigned p = 0; p < graph_npasses; p++) {
        graph_order(g);
        if (!graph_passes[p].run(g)) continue;
        if (dump != NULL) {
            fprintf(dump, "--- %s\n", graph_passes[p].name);
            graph_print(g, dump);
        }
#ifndef NDEBUG
        const char *wrong = graph_verify(g);
        if (wrong != NULL) {
            fprintf(stderr, "perigee: pass %s of %s: %s\n", graph_passes[p].name, g->function->name, wrong);
            return wrong;
        }
#endif
    }
    graph_order(g);
    return NULL;
}

bool graph_may(Graph *g) {
    if (g->optimisations_left == 0) return false;
    if (g->optimisations_left > 0) g->optimisations_left--;
    return true;
}
