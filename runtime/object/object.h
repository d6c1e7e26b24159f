// SPDX-License-Identifier: MIT
/* Layout of every collectable object.
 *
 * Each begins with the 8-byte header below; the collector owns `marked`, the remaining six bytes
 * belong to the type. No object carries a link for the collector: objects live in size-class
 * blocks, or behind a hidden prefix (gc/gc.h).
 */
#ifndef PERIGEE_OBJECT_H
#define PERIGEE_OBJECT_H

#include "object/value.h"

#define GC_HEADER uint8_t tag; uint8_t marked

struct GCObject {
    GC_HEADER;
    uint8_t b2, b3;
    uint32_t w;
};

/* ------------------------------------------------------------------------------------------------ strings
 *
 * short (at most STR_MAXSHORT bytes), interned:      long:
 *   tag marked mark shrlen | hash                     tag marked flags - | hash (if LSTR_HASHED)
 *   bytes ... \0                                      len | data | owner
 *                                                     bytes ... \0   (data points here, or into a StrBuf)
 *
 * `mark` of a short string: 0; 1..NUM_RESERVED a reserved word; STR_META|event for the name of a metamethod.
 *
 * A long string made by appending shares a buffer: `owner` is the StrBuf and `data` points to its
 * start. The string whose end is the buffer's end may be appended to in place. Its terminator is
 * then overwritten, so a string whose pointer was handed to C (LSTR_EXPOSED) freezes the buffer,
 * and str_cstr of a string that is no longer last moves it to bytes of its own.
 */
enum { STR_MAXSHORT = 40, STR_META = 0x80 };
enum { LSTR_HASHED = 1, LSTR_EXPOSED = 2 };

struct String { /* common part, and all of a short string */
    GC_HEADER;
    uint8_t mark;   /* short: see above; long: LSTR_ flags */
    uint8_t shrlen; /* short only */
    uint32_t hash;
    char bytes[]; /* short only */
};

typedef struct StrBuf {
    GC_HEADER;
    uint8_t frozen; /* no more appending in place */
    uint8_t b3;
    uint32_t w;
    size_t used, cap; /* bytes used (without terminator), capacity without terminator */
    char bytes[];
} StrBuf;

typedef struct LongString {
    GC_HEADER;
    uint8_t mark;
    uint8_t b3;
    uint32_t hash;
    size_t len;
    char *data;
    StrBuf *owner; /* buffer that holds data; NULL: the bytes follow this header, or are a separate block (LSTR_SEPARATE) */
    char bytes[];
} LongString;
enum { LSTR_SEPARATE = 4 }; /* data is a raw block of len + 1 bytes, freed with the string */

static inline size_t str_len(const String *s) {
    return s->tag == TAG_SSTR ? s->shrlen : ((const LongString *)s)->len;
}
/* bytes without promise of a terminator; valid while the string is alive and str_cstr was not
 * called on it */
static inline const char *str_data(const String *s) {
    return s->tag == TAG_SSTR ? s->bytes : ((const LongString *)s)->data;
}

/* ------------------------------------------------------------------------------------------------ tables
 *
 *   header 8 | metatable | array ---------> payload 0 | payload 1 | ...   | tag bytes (VALUE kind only)
 *            | props --+                    ^ ArrayHead lies just before
 *   inline slots ...   |
 *                      +--> ... | overflow slot 1 | overflow slot 0 | PropsHead | node 0 | node 1 | ...
 *
 * Keys and where they live
 *   integers in [base, base+len) of the array part     array payload (and tag)
 *   short strings, while the table has a slotted shape   slot i: inline if i < ninline, else overflow slot i - ninline
 *   everything else; in dictionary mode strings too      dictionary nodes
 * No key is in two places. A slot or array element may hold nil (dead key): it counts as absent for
 * get and # but keeps its place, so that `next` finds it. Assigning nil never moves anything; only
 * inserting an absent key may.
 */
/* ZEROS: an array of integer zeros that floats are overwriting, which is how arrays of floats are
 * often begun. Tagged as VALUE is, but dense as the typed kinds are; when the last zero is gone it
 * becomes FLT. Anything else that happens to it makes it VALUE. */
enum { KIND_NONE = 0, KIND_INT, KIND_FLT, KIND_VALUE, KIND_ZEROS };
static inline bool kind_is_tagged(int kind) { return kind >= KIND_VALUE; }

typedef struct ArrayHead {
    lua_Integer base; /* key of payload 0; 1 but for queues */
    uint32_t len;     /* elements in use. INT, FLT, ZEROS: none is nil; VALUE: len == cap, and any may be nil; NONE: 0 */
    uint32_t cap;     /* payloads allocated; the keys [base, base+cap) belong to the array part: the dictionary has none of them alive */
    uint8_t kind;     /* KIND_; NONE with cap > 0: room was reserved, no element stored yet */
    uint8_t hastags;  /* cap tag bytes follow the payloads (always for VALUE and ZEROS) */
    uint8_t exact;    /* cap was given by a constructor, lua_createtable, ...: # has to answer as the reference does */
    uint8_t pad;
    uint32_t hint;    /* VALUE: where # begins to search; ZEROS: integers left */
} ArrayHead;
_Static_assert(sizeof(ArrayHead) == 24, "head before the payloads");

/* node of the dictionary: `val.extra` holds the key's tag (low 8 bits, 0: node free) and the signed
 * chain link (high 24 bits, in nodes, 0: end of chain) */
typedef struct Node {
    Value key;
    TValue val;
} Node;

enum { NODE_LINKBITS = 24 };
static inline uint32_t node_keytag(const Node *n) { return n->val.extra & 0xff; }
static inline int32_t node_link(const Node *n) { return (int32_t)n->val.extra >> 8; }

typedef struct PropsHead {
    uint32_t nslots;  /* overflow slots allocated, below this head */
    uint8_t lognodes; /* log2 of the node count; nodes exist if hasnodes */
    uint8_t hasnodes;
    uint16_t pad;
    uint32_t used;    /* nodes with a key, dead or alive */
    uint32_t pad2;
} PropsHead;
_Static_assert(sizeof(PropsHead) == 16, "slots and nodes stay 8-byte aligned");

/* main position of a key with that hash: by the top bits, which multiplication mixes best */
static inline size_t node_main(const PropsHead *p, uint32_t hash) { return (size_t)((uint64_t)hash >> (32 - p->lognodes)); }

struct Table {
    GC_HEADER;
    uint8_t ninline; /* inline slots allocated behind the header */
    uint8_t flags;   /* TABLE_ flags */
    uint32_t shape;  /* id of its shape: index into Global.shapes; odd: dictionary mode */
    Table *metatable;
    Value *array;     /* payloads; &empty_array.payload when there is none, never NULL */
    PropsHead *props; /* &empty_props when there is none, never NULL */
    TValue slot[];
};
_Static_assert(sizeof(Table) == 32, "the header of a table is at most 32 bytes");

/* flags, used as a metatable: event e (< 6) known to be absent: bit e set. Cleared by every
 * insertion of a key and every write through the slow path; fast stores never write to keys whose
 * name begins with two underscores. */
enum { TABLE_ABSENT_MASK = 0x3f, TABLE_WEAK = 0x40 /* free for the collector */, TABLE_ROLE = 0x80 /* owned shape */ };

static inline ArrayHead *array_head(const Table *t) { return (ArrayHead *)(void *)t->array - 1; }
static inline size_t array_bytes(const ArrayHead *h) { /* of the raw block, head included */
    return sizeof(ArrayHead) + (size_t)h->cap * (sizeof(Value) + h->hastags);
}
static inline uint8_t *array_tags(const Table *t) { return (uint8_t *)(t->array + array_head(t)->cap); }
static inline TValue *table_slot(Table *t, unsigned i) {
    return i < t->ninline ? &t->slot[i] : (TValue *)(void *)t->props - (i - t->ninline) - 1;
}
static inline Node *table_nodes(const Table *t) { return (Node *)(void *)(t->props + 1); }
static inline bool table_isdict(const Table *t) { return t->shape & 1; }
static inline uint32_t table_nnodes(const Table *t) { return t->props->hasnodes ? 1u << t->props->lognodes : 0; }

/* ------------------------------------------------------------------------------------------------ shapes
 *
 * A shape names the keys in a table's slots, in order, and the class of its metatable. Tables point
 * to shapes by a 32-bit id, so that one comparison guards a read, a write, or an absence. See
 * object/shape.h.
 */
typedef struct Class Class;

typedef struct Descs { /* keys of a line of shapes, append-only; shape s owns the first s->nslots of them */
    GC_HEADER;
    uint8_t b2, b3;
    uint32_t count; /* keys appended */
    uint32_t cap;
    uint32_t logindex;  /* log2 size of index, 0: none yet (few keys are searched in order) */
    String **key;       /* raw block of cap */
    uint32_t *index;    /* raw block: slot + 1, hashed by key; 0 free */
    uint8_t *state;     /* owned shapes: SLOT_ state of each slot; else NULL */
} Descs;
enum { SLOT_CONST = 0, SLOT_TYPE = 1, SLOT_ANY = 2 };

enum { SHAPE_SHARED = 0, SHAPE_OWNED = 1 /* of one table: metatable, __index target or _ENV */ };

struct Shape {
    GC_HEADER;
    uint8_t kind;   /* SHAPE_ */
    uint8_t isdict; /* strings live in the dictionary; no slots */
    uint32_t id;
    uint32_t nslots;
    uint8_t constmeta; /* shared shape of metatables whose __index and __newindex are constant: asclass */
    uint8_t ninline;   /* inline slots of each table of this shape */
    uint8_t broken;    /* how often a class of metatables with these keys was broken (saturates) */
    uint8_t watched;   /* optimised code relies on lookups through tables of this shape: shape_fire tells Global.lookups_fired */
    Descs *descs;     /* NULL while nslots == 0 */
    Class *meta;      /* class of the metatable of tables of this shape; NULL: no metatable */
    Class *asclass;   /* the class that a metatable of this shape stands for; NULL: not asked yet */
    Shape *parent;    /* the shape this one is a transition of: without its last key, without the class (== plain), or not constmeta;
                       * NULL for roots and owned shapes. Strong */
    Shape *plain;     /* the same keys without metatable; NULL if meta == NULL or not asked yet. Strong */
    Shape *lastchild; /* weak: the most recent transition, checked first */
    void *children;   /* weak: raw hash table of further transitions (shape.c), NULL if none */
};

/* Class of metatables: what tables of a shape know of their metatable without looking at it. While
 * `valid`, every metatable of this class has __index and __newindex as recorded. Whatever makes
 * that false clears `valid` or updates the record, and advances Global.epoch. */
struct Class {
    GC_HEADER;
    uint8_t valid;
    uint8_t unknown; /* the class of all metatables that nothing is known of */
    uint32_t w;
    Shape *mtshape;  /* shape of the metatables (constmeta); NULL for an owned metatable */
    Table *owner;    /* the one metatable, if owned; strong */
    TValue index;    /* value of __index, nil if absent */
    TValue newindex;
};

/* ------------------------------------------------------------------------------------ functions */
struct UpVal {
    GC_HEADER;
    uint8_t b2, b3;
    uint32_t w;
    TValue *v; /* points into the stack while open, to `closed` afterwards */
    union {
        TValue closed;
        struct {
            UpVal *next;      /* in the thread's list of open upvalues, deepest slot last */
            UpVal **previous;
        } open;
    } u;
};
static inline bool upval_is_open(const UpVal *uv) { return uv->v != &uv->u.closed; }

struct LClosure {
    GC_HEADER;
    uint8_t nupvalues;
    uint8_t b3;
    uint32_t w;
    Proto *p;
    UpVal *upvals[];
};

struct CClosure {
    GC_HEADER;
    uint8_t nupvalues;
    uint8_t b3;
    uint32_t w;
    lua_CFunction f;
    TValue upvalue[];
};

/* User values precede the bytes. The payload is aligned to 16. */
struct Udata {
    GC_HEADER;
    uint16_t nuvalue;
    uint32_t w;
    size_t len;
    Table *metatable;
    void *pad;
    TValue uv[];
};
static inline void *udata_bytes(Udata *u) { return (void *)(u->uv + u->nuvalue); }

typedef uint64_t Insn; /* sem/opcodes.h */

typedef struct UpvalDesc {
    String *name;     /* for debug information, may be NULL */
    uint8_t instack;  /* in the enclosing function's stack (register idx), else its upvalue idx */
    uint8_t idx;
    uint8_t kind;     /* VAR_ kind of the variable (front/) */
    uint8_t constant; /* never assigned after its initialisation, by any closure */
} UpvalDesc;

typedef struct LocVar {
    String *name;
    int32_t startpc, endpc; /* live in [startpc, endpc) */
} LocVar;

typedef struct Feedback Feedback; /* profile/feedback.h */
typedef struct Code Code;         /* state/code.h */

/* Function prototype. From `code` to `lastline` it is immutable once the front end has built it;
 * the tail is the runtime's. */
struct Proto {
    GC_HEADER;
    uint8_t numparams;
    uint8_t isvararg;
    uint8_t maxstack; /* registers needed */
    uint8_t pad[3];
    uint32_t sizecode, sizek, sizep, sizeupvalues, sizelocvars, sizelineinfo;
    int32_t linedefined, lastline;
    Insn *code;
    TValue *k;
    Proto **p;
    UpvalDesc *upvalues;
    int32_t *lineinfo; /* line of each instruction; sizelineinfo is 0 or sizecode */
    LocVar *locvars;   /* ordered by startpc */
    String *source;    /* NULL when stripped */
    /* runtime */
    const Insn *entry; /* stream that a call starts in: canonical, quickened or compiled (docs/tiers.md) */
    int32_t budget;    /* calls and loop iterations left until the function is looked at (profile/policy.h): PROTO_COLD at first */
    uint32_t ordinal;  /* position among the functions of its chunk, which is 0 (profile/function_id.h) */
    Feedback *feedback; /* NULL while cold */
    struct Cell *cells; /* feedback->cells, for the interpreter */
    Code *compiled;     /* compilations, newest first (state/code.h) */
    int64_t armed;      /* sum of all budgets given: armed - budget calls and iterations were counted */
    uint64_t id;        /* FunctionId; 0: not asked for yet */
    uint32_t counted;   /* among the living functions of its tier entry (profile/tier_table.h) */
    uint32_t w2;
};

/* Calls and loop iterations so far, or since compiled code of the function was last given up. */
static inline uint64_t proto_uses(const Proto *p) { return (uint64_t)(p->armed - p->budget); }
/* The function is looked at again after n more uses (n > 0). */
static inline void proto_rearm(Proto *p, int32_t n) {
    p->armed += (int64_t)n - p->budget;
    p->budget = n;
}

enum { PROTO_COLD = 4 };

#endif
