// SPDX-License-Identifier: MIT
#ifndef PERIGEE_MUTATE_OBJECTS_H
#define PERIGEE_MUTATE_OBJECTS_H

#include <stddef.h>
#include <stdint.h>

typedef struct FuzzObject {
    uint8_t *bytes;
    size_t size;
} FuzzObject;

typedef struct FuzzCounts {
    unsigned placed, refused;
    unsigned leaked; /* mutations after which the region held more or less than before */
} FuzzCounts;

/* Places mutations number first .. first + count - 1 of the objects and frees them again; nothing
 * of them runs. Mutation n depends on n and the objects alone, so that one which crashes can be
 * repeated. `entry` is the global function that the undamaged objects define, `rt_near` and
 * `rt_far` what they may use. */
FuzzCounts mutate_objects(const FuzzObject *objects, unsigned nobjects, const char *entry,
                          uint64_t first, unsigned count);

#endif
