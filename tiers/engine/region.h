// SPDX-License-Identifier: MIT
/* Where machine code lives: one region of address space per process, shared by all its states.
 *
 * Pages of the region are never writable and executable at once. Blocks are handed out by
 * region_alloc, filled by region_write and found by their address; a block's contents stand for as
 * long as it lives. All functions may be called from any thread. A child of fork() goes on with a
 * private copy.
 */
#ifndef PERIGEE_REGION_H
#define PERIGEE_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct RegionBlock RegionBlock;

/* How code gets into the region; a later one is better. The state can only fall while a process
 * runs (PACKED to PAGED, when the process loses its access to /proc). */
typedef enum RegionState {
    REGION_FORBIDDEN, /* the system forbids executable memory: there is no region */
    REGION_PAGED,     /* whole pages for each block, made executable once it is written */
    REGION_PACKED     /* blocks side by side in pages that are executable from the start */
} RegionState;

typedef struct RegionStatistics {
    size_t used;   /* bytes of live blocks */
    size_t peak;   /* ... at most so far */
    size_t blocks; /* live blocks */
    size_t opened; /* bytes of the region that were made executable so far */
    size_t limit;  /* for `used`; SIZE_MAX: none */
} RegionStatistics;

/* Reserves the region at the first call. */
RegionState region_state(void);
/* Why the state is not better, in words; "" for PACKED. */
const char *region_reason(void);
/* Restricts the region to a state at most; for tests, before anything else is called. */
void region_allow(RegionState best);
/* Lets region_alloc fail when live blocks would take more than this. */
void region_set_limit(size_t bytes);
RegionStatistics region_statistics(void);
/* Whether rel32 displacements reach the target from everywhere in the region. */
bool region_reaches(uint64_t target);

/* Bytes of memory for code, whose address is a multiple of 16 and of `align` (a power of two, at
 * most a page). NULL: the region or its limit is exhausted, or there is none. */
RegionBlock *region_alloc(size_t size, size_t align);
uint64_t region_address(const RegionBlock *b);
/* Bytes it takes of the region. */
size_t region_size(const RegionBlock *b);
/* Fills the block from its start, once. False: the system refused; the block can only be freed. */
bool region_write(RegionBlock *b, const void *bytes, size_t size);
/* No thread may run in it any more. NULL does nothing. */
void region_free(RegionBlock *b);

#endif
