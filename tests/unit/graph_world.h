// SPDX-License-Identifier: MIT
/* Random graphs and a small world to run them in, for tests of passes. */
#ifndef PERIGEE_GRAPH_WORLD_H
#define PERIGEE_GRAPH_WORLD_H

#include "tiers/optimizing/graph.h"

enum { W_SLOTS = 8, W_UPVALS = 3, W_TABLES = 3, W_FIELDS = 4, W_ELEMS = 4 };

typedef struct Val {
    uint64_t tag; /* TAG_COUNT: of a pointer */
    union {
        int64_t i; /* tables: their number */
        double f;
    } v;
} Val;

/* Registers by number: 0, 1 INT; 2 FLT; 3, 4 any value; 5, 6 TABLE (which may be the same); 7 unused. */
typedef struct World {
    Val slot[W_SLOTS], upval[W_UPVALS], field[W_TABLES][W_FIELDS], elem[W_TABLES][3][W_ELEMS]; /* elements by kind - 1 */
    uint64_t shape[W_TABLES];
    uint64_t outcome, pc, slow; /* slow: paths taken so far */
} World;

uint64_t world_random(uint64_t *seed);
void world_make(World *w, uint64_t *seed);
/* Runs g from an entry; NULL, or what it does that no graph may. */
const char *world_run(const Graph *g, unsigned entry, World *w);
Graph *random_graph(JitFunction *f, uint64_t seed);

#endif
