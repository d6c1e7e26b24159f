// SPDX-License-Identifier: MIT
/* FunctionIdMapper: names prototypes by what they are.
 *
 * The id of a function is a hash of its content (code, constants, upvalue descriptors, the ids of
 * nested functions) and its position (chunk name, ordinal in the chunk, lines). It does not depend
 * on addresses, on the seed of string hashes or on what ran before, so that the same function gets
 * the same id when it is loaded again, in this state or in another process. A second hash, made
 * with other constants, tells functions with the same first hash apart; the later one then gets the
 * next free id derived from both. No two contents share an id in one state. 0 is no id.
 *
 * The name of a function is no part of its key.
 */
#ifndef PERIGEE_FUNCTION_ID_H
#define PERIGEE_FUNCTION_ID_H

#include "object/thread.h"

typedef uint64_t FunctionId;

/* Two independent hashes of content and position. */
typedef struct FunctionKey {
    uint64_t hash, check;
} FunctionKey;

typedef struct IdRow {
    FunctionKey key; /* of what bears the id; key.hash == id unless ids collided */
    FunctionId id;   /* 0: free row */
} IdRow;

typedef struct FunctionIdMapper {
    IdRow *rows;       /* open addressing by id; raw block of `capacity` rows, a power of two, or NULL */
    uint32_t capacity, count;
} FunctionIdMapper;

enum { FUNCTION_IDS_MAX = 1 << 17 }; /* rows remembered; more start a new table (ids stay, only collisions are forgotten) */

/* The id of p and, on the way, of the functions nested in it: made when asked for first, and kept
 * in Proto.id. 0: no memory, or another function (which can be asked again). Raises no error; may run an
 * emergency collection. */
FunctionId function_id_of(lua_State *L, Proto *p);
/* The id p has or would get, without remembering anything; 0: its content is not known to the mapper. */
FunctionId function_id_lookup(const Global *g, const Proto *p);
/* Forgets all keys. Functions alive keep their ids; the same functions get them again. */
void function_ids_clear(lua_State *L);

/* Numbers the functions of a chunk in the order of their beginnings (Proto.ordinal): two functions
 * with the same text in one line then differ in position. To be called when a chunk was loaded. */
void function_ids_number(Proto *chunk);

/* --- for tests: the mapper alone --- */
FunctionId function_id_for_key(lua_State *L, FunctionIdMapper *m, FunctionKey key);
FunctionId function_id_find(const FunctionIdMapper *m, FunctionKey key);

#endif
