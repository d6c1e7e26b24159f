// SPDX-License-Identifier: MIT
/* Feedback of a warm function: its quickened instruction stream and one cell for each instruction
 * that caches or records something.
 *
 * The canonical code stays as the front end made it. When a function is warm it gets a Feedback: a
 * copy of the code whose instructions are rewritten in place (quickened) as cells learn.
 * Instruction i of the copy stands for instruction i of the original.
 */
#ifndef PERIGEE_FEEDBACK_H
#define PERIGEE_FEEDBACK_H

#include "object/thread.h"

/* An inline cache. Which fields mean something depends on the quickened opcode (sem/quicken.c). A
 * cell holds its shapes strongly: their ids are not recycled while it names them. */
typedef struct Cell {
    uint32_t shape;    /* id of the receiver's shape; 0: empty */
    union {
        uint32_t epoch;     /* Global.epoch when `slot` was found through metatables */
        uint32_t metashape; /* CALLS_SETMETATABLE: id of the metatable's shape */
    };
    union {
        uint32_t offset; /* bytes from the table (inline slot), or below its props (overflow slot) */
        TValue *slot;    /* place of the value in `holder` */
        struct Cell *poly; /* POLY_MAX entries, raw block (feedback_make_few) */
        GCObject *target;  /* a call site's only callee: its Proto, or the typed host function */
        lua_CFunction f;   /* ... or C function */
    } u;
    union {
        Table *holder;
        uint32_t newshape; /* id of the shape after the insertion, or with the metatable */
        GCObject *protected; /* CALLS_PCALL: the Proto of the function that pcall calls; NULL: none yet */
    } h;
    uint8_t kind;      /* CELL_ what the fields describe, for the collector and the printer */
    union {
        uint8_t nilok; /* a nil in the slot needs no metamethod: 1 never, 2 while the epoch stands */
        uint8_t calls; /* of a call site: CALLS_ */
    };
    uint8_t misses;    /* times the cache was refilled; at CELL_GIVEUP the instruction goes megamorphic */
    union {
        uint8_t tag;      /* stores to owned tables: required tag; TAG_COUNT: any but nil */
        uint8_t in_place; /* CELL_CFUNCTION: the function's number (interp/in_place.h) */
    };
    uint32_t count;
} Cell;
_Static_assert(sizeof(Cell) == 32, "two cells a cache line");

enum { CELL_EMPTY, CELL_INL, CELL_OVF, CELL_PROTO, CELL_CALL, CELL_ADD, CELL_POLY, CELL_SITE, CELL_TARGET, CELL_CFUNCTION, CELL_FEW /* call site: up to POLY_MAX Lua functions, u.poly, each a CELL_TARGET */, CELL_TARGETS, CELL_TYPED };
/* What is known of a call site (CELL_CFUNCTION) besides its function. Of setmetatable: a table of `shape` gets a metatable of `metashape` and
 * has `newshape` then. Of pcall: it calls `protected`. OPAQUE: nothing more is recorded, there were several of these.
 * UNNAMED (CELL_TARGETS): it was given up at once, for a C function with upvalues or what is no function. */
enum { CALLS_PLAIN, CALLS_SETMETATABLE, CALLS_PCALL, CALLS_OPAQUE, CALLS_UNNAMED };
enum { POLY_MAX = 4, CELL_GIVEUP = 16, NO_CELL = 0xffff /* in D of calls: too many sites */ };

/* What instructions met, as baseline code records it (a byte of a row is 0 or 1, but slow paths are counted up to
 * 255; nobody clears):
 *   arithmetic                 integers; floats; the slow path; an integer among floats
 *   order, loops               integers; floats; the slow path
 *   indexing by numbers        kind INT; kind FLT; kind VALUE; anything else
 *   jumps                      [SEEN_JUMP]
 *   inline caches              [SEEN_SLOW] */
enum { SEEN_INT, SEEN_FLT, SEEN_SLOW, SEEN_JUMP, SEEN_WIDTH, SEEN_VALUE = SEEN_SLOW, SEEN_OTHER = SEEN_JUMP, SEEN_MIXED = SEEN_JUMP };

/* Does a row say that the instruction ran? (What keeps no row may have.) */
static inline bool seen_anything(const uint8_t row[SEEN_WIDTH]) { return (row[0] | row[1] | row[2] | row[3]) != 0; }
_Static_assert(SEEN_WIDTH == 4, "of four bytes");

/* An arithmetic instruction or a comparison called a metamethod written in Lua: found in which metatable. An access to fields, or a call, did:
 * in whatever metatable (mt is NULL). */
typedef struct Meta {
    uint32_t pc;
    uint8_t second;    /* the second operand gave it, the first was a number */
    uint8_t several;   /* at other times it did something else */
    uint8_t others;    /* compiled code that knew of nothing else met other operands here */
    Table *mt;
    GCObject *target;  /* the function's Proto */
    Cell cell;         /* CELL_INL or CELL_OVF: where it is in the metatable */
} Meta;
enum { MAX_METAS = 64 };

struct Feedback {
    GC_HEADER;
    uint8_t b2, b3;
    uint32_t ncells;
    uint32_t ninsns;
    uint32_t failed_checks; /* of baseline code that knew types: counted by it */
    Proto *proto;      /* weak: the owner */
    GCObject **kept;   /* raw block: shapes, tables and functions that optimised code of proto names; NULL: none */
    uint32_t nkept, capkept;
    Meta *metas;       /* raw block of MAX_METAS, nmetas of them used; entries stay; NULL: none */
    uint32_t nmetas;
    Insn *quick;       /* ninsns, by stream_new */
    uint8_t (*seen)[SEEN_WIDTH]; /* raw block of ninsns rows, written by baseline code; NULL until there is some */
    Cell cells[];
};

/* Room for a copy of a function's code, NULL: no memory. A pc belongs to a stream from its start up to
 * its end inclusive, so a word more on each side keeps streams apart. */
Insn *stream_new(lua_State *L, uint32_t ninsns);
void stream_free(lua_State *L, Insn *stream, uint32_t ninsns);

/* quick: from stream_new for p->sizecode instructions, taken over. Raises LUA_ERRMEM. */
Feedback *feedback_new(lua_State *L, Proto *p, Insn *quick, uint32_t ncells);
/* Keeps alive what optimised code is about to rely on, now named by the cells given (ncells of them); false: no
 * memory. */
bool feedback_keep(lua_State *L, Feedback *f, const Cell *cells, uint32_t ncells);
/* A call site calls another Lua function: f's cell holds both. False: no memory. */
bool feedback_make_few(lua_State *L, Feedback *f, Cell *c);
/* It calls anything. */
void feedback_give_up(lua_State *L, Cell *c);
/* Room for one more, all zero and not counted yet; NULL: none. */
Meta *feedback_new_meta(lua_State *L, Feedback *f);
/* Keeps alive what metas name, as feedback_keep. */
bool feedback_keep_metas(lua_State *L, Feedback *f, const Meta *metas, uint32_t n);
/* Makes f->seen, all zero, unless it is there; false: no memory. */
bool feedback_record(lua_State *L, Feedback *f);

#endif
