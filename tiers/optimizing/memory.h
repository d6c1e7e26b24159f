// SPDX-License-Identifier: MIT
/* Which write a read sees: one version for each state of each category of memory (memory.c). */
#ifndef PERIGEE_MEMORY_H
#define PERIGEE_MEMORY_H

#include "tiers/optimizing/graph.h"

typedef struct Memory Memory;

/* Of an ordered graph. Nodes made later are unknown to it, so they must neither read nor write. */
Memory *memory_new(Graph *g);

/* The last write, at or before n, that may change what n reads of category number c (0..E_COUNT-1). Nodes of the same
 * operation and operands with the same versions, one dominating the other, read the same. */
uint32_t memory_version(Memory *m, const GNode *n, unsigned c);
/* As if n stood where `at` stands, which reads or writes memory. */
uint32_t memory_version_at(Memory *m, const GNode *n, const GNode *at, unsigned c);
/* The node that wrote a version; NULL: several paths meet, or the code was entered. */
GNode *memory_writer(const Memory *m, uint32_t version);
/* Where it began: a load does not change in a loop that does not hold this block. */
Block *memory_place(const Memory *m, uint32_t version);
uint32_t memory_written(const Memory *m, const GNode *writer); /* the version it makes */

/* Of a node that accesses fields or changes the shape: the shape that its table has at that point. */
void memory_note_shape(Memory *m, const GNode *n, uint32_t shape);

/* Can the writer not change what n reads? Operands of both mean the same then. */
bool memory_apart(const Memory *m, const GNode *writer, const GNode *n);
/* Do they access the same place for certain, both in the same block or one dominating the other? */
bool memory_same_place(const GNode *writer, const GNode *n);

#endif
