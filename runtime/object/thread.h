// SPDX-License-Identifier: MIT
/* Layout of a thread (lua_State), its frames, and what all threads of a state share (Global).
 * Operations on them live on higher floors (state/); the collector reads them here.
 *
 *      stack            ci->func  base            ci->top        L->top            stack_last
 *        |                 |       |                 |             |                   |
 *        v                 v       v                 v             v                   v
 *        +-----------------+-------+-----------------+--------------+-------------------+-- EXTRA --+
 *        | older frames    | func  | registers ...   |              | nil or stale      |           |
 *        +-----------------+-------+-----------------+--------------+-------------------+-----------+
 *
 * A frame of a vararg function has its extra arguments below `func`:  func' arg1..argn | func fixed-args registers...
 * (the function is copied up; nextra counts the extra arguments, so that func' == func - nextra -
 * numparams - 1).
 */
#ifndef PERIGEE_THREAD_H
#define PERIGEE_THREAD_H

#include <limits.h>
#include <setjmp.h>
#include <signal.h>

#include "object/object.h"

enum { REBUILT_MAX = 200 }; /* values of tables that exits make */
enum { STACK_EXTRA = 8, STACK_BASIC = 2 * LUA_MINSTACK, STACK_ERRSIZE = LUAI_MAXSTACK + 200 };

/* frame status bits */
enum {
    CI_C = 1 << 0,          /* runs a C function */
    CI_FRESH = 1 << 1,      /* entered from C: its return leaves the interpreter */
    CI_HOOKED = 1 << 2,     /* runs a hook */
    CI_YPCALL = 1 << 3,     /* a yieldable protected call */
    CI_TAIL = 1 << 4,       /* was tail called */
    CI_HOOKYIELD = 1 << 5,  /* the last hook yielded */
    CI_FIN = 1 << 6,        /* runs a finalizer */
    CI_TRAN = 1 << 7,       /* hook: ar has transfer information */
    CI_CLSRET = 1 << 8,     /* is closing variables on its way to return */
    CI_OLDALLOWHOOK = 1 << 9, /* allowhook when a yieldable pcall began */
    CI_RECST = 10,          /* 3 bits: error status being recovered from by a pcall that closes variables */
    CI_LEQ = 1 << 15,       /* Lua: runs __lt(b, a) in place of a missing __le(a, b) (compatibility with 5.3) */
    CI_META = 1 << 13,      /* Lua: a metamethod called by an instruction of the frame below, which sem_finish_op completes on return */
    CI_TBC = 1 << 14,       /* C: has to-be-closed slots (lua_toclose) */
    CI_SCANNED = 1 << 13    /* in `attention`, collector: this frame and all below were scanned in this cycle and not returned into since */
};

typedef struct CallInfo CallInfo;
struct CallInfo {
    StkId func;
    StkId top;        /* limit of this frame */
    const Insn *pc;   /* Lua: next instruction, when control is elsewhere */
    CallInfo *prev, *next;
    uint32_t attention; /* tested by the callee's return: stack scanned, code invalidated, ... */
    uint16_t status;
    int16_t nresults;   /* wanted by the caller, LUA_MULTRET: all */
    int32_t nextra;     /* Lua: number of extra arguments */
    union {             /* small scratch, by situation */
        int funcidx;       /* called-function index (yieldable pcall, offset from stack) */
        int nyield;        /* values yielded */
        int nres;          /* values returned (while closing variables) */
        struct { uint16_t ftransfer, ntransfer; } transfer;
    } u2;
    lua_KFunction k;    /* C: continuation */
    lua_KContext ctx;
    ptrdiff_t old_errfunc;
};

typedef struct ErrorJump ErrorJump; /* state/error.c */

struct lua_State {
    GC_HEADER;
    uint8_t status;     /* LUA_OK, LUA_YIELD or error */
    uint8_t allowhook;
    uint32_t nci;       /* CallInfo nodes in the list */
    StkId top;
    CallInfo *ci;
    StkId stack_limit;  /* what entry checks compare with: stack_last; NULL (always fails) when attention is wanted */
    const void *dispatch; /* interpreter: handler table in force (plain or hooked) */
    Global *g;
    StkId stack, stack_last;
    UpVal *openupval;
    StkId tbclist;      /* topmost to-be-closed slot (slot 0: none) */
    ErrorJump *errjmp;
    lua_State *twups_next; /* unused by threads without open upvalues; itself when not listed */
    CallInfo base_ci;
    volatile lua_Hook hook;
    ptrdiff_t errfunc;  /* message handler, offset in the stack; 0 none */
    uint32_t ncalls;    /* nested C calls (low 16 bits) and non-yieldable calls (high 16) */
    int32_t oldpc;      /* last instruction traced */
    int32_t basehookcount, hookcount;
    volatile sig_atomic_t hookmask;
    volatile uint32_t attention; /* non-zero: look at polls (set by atomic OR, also from signal handlers) */
    uint32_t resumecalls; /* nested C calls when the coroutine was resumed: with as many, only the interpreter stands between */
    uint32_t scan;      /* collector: progress of resumable marking of this stack, in slots */
};

#define stack_save(L, p) ((char *)(p) - (char *)(L)->stack)
#define stack_restore(L, n) ((StkId)(void *)((char *)(L)->stack + (n)))
#define stack_size(L) ((int)((L)->stack_last - (L)->stack))

enum { /* events; the first six have a bit in Table.flags. Names in the same order in state/tm.c */
    TM_INDEX, TM_NEWINDEX, TM_GC, TM_MODE, TM_LEN, TM_EQ, TM_FAST_END = TM_EQ,
    TM_ADD, TM_SUB, TM_MUL, TM_MOD, TM_POW, TM_DIV, TM_IDIV, TM_BAND, TM_BOR, TM_BXOR, TM_SHL, TM_SHR,
    TM_UNM, TM_BNOT, TM_LT, TM_LE, TM_CONCAT, TM_CALL, TM_CLOSE,
    TM_COUNT
};

typedef struct GCState GCState; /* gc/gc_internal.h */

/* cache of what setmetatable does to shapes (table_set_metatable): from the shape of a table and
 * that of its new metatable to the next shape */
enum { METASTEPS = 64 };
typedef struct MetaStep {
    uint32_t from, mt, to;
    uint32_t stamp, epoch; /* Global.gcstamp and .epoch when it was entered; dead with others */
} MetaStep;

/* Second-level cache of field lookups (sem/quicken.h): what a key is to tables of a shape. Dead
 * with another stamp; `far` also with another epoch. */
enum { LOOKUP_SIZE = 512 };
typedef struct Lookup {
    const String *key;
    const TValue *far;   /* where the search goes on when the table has no value of its own: found there, or the state's nil; NULL: unknown */
    uint32_t shape, stamp, epoch;
    int32_t slot;        /* own slot; -1: none */
    uint8_t storable;    /* STORE_ how instructions may store to that slot */
} Lookup;
enum { STORE_NEVER, STORE_OVER /* if it is not nil */, STORE_ALWAYS };
enum { GC_CLASSES = 65, GC_MAXCELL = 1024 }; /* objects up to this size come in cells of 16, 32, ... bytes; class 0 is unused */

struct Global {
    lua_Alloc alloc;
    void *allocud;
    GCState *gc;
    ptrdiff_t gcdebt;    /* bytes allocated past the point where the collector should work; > 0: a step is due */
    struct FreeCell *cells[GC_CLASSES]; /* free cells by size class, see gc/gc_alloc.h */
    uint8_t white;       /* current white, as set in the header of new objects */
    uint8_t gcstop;      /* GCSTOP_ bits; no step while non-zero */
    uint8_t closing;     /* lua_close has begun */
    void (*lookups_fired)(struct Global *g); /* lookups through a table of a watched shape may have another result; NULL: nobody cares */
    uint32_t epoch;      /* advances when anything that cached lookups through metatables rely on changes */
    uint32_t gcstamp;    /* advances each time the collector is about to free objects: weak hints with another stamp are dead */
    uint32_t seed;       /* of string hashes */
    /* strings (object/string.c): open addressing, NULL free */
    uint64_t *strings;
    uint32_t nstrings;
    uint32_t logstrings;
    /* shapes (object/shape.c) */
    Shape **shapes;      /* by id; NULL or free-list link (odd) for unused ids */
    uint32_t nshapes, capshapes, freeshape, freedictshape;
    Shape *rootshape[65];  /* empty shapes by number of inline slots; [0] always there, others made on demand (shape_root) */
    Shape *dictshape[65];  /* the same for tables in dictionary mode */
    Class *unknownclass;
    Lookup lookup[LOOKUP_SIZE];
    MetaStep metasteps[METASTEPS];
    /* roots */
    TValue registry;
    TValue nilvalue;     /* tag nil once the state is complete */
    lua_State *mainthread;
    Table *mt[LUA_NUMTYPES]; /* metatables of basic types */
    String *tmname[TM_COUNT];
    String *typenames[TAG_COUNT];       /* by tag, as `type` gives them; NULL: no Lua value */
    String *intname, *fltname;          /* what math.type gives */
    String *metatablename, *countname;  /* "__metatable", "#" */
    String *chars[UCHAR_MAX + 1];       /* strings of one byte, as they were met; roots; NULL: not yet */
    String *memerrmsg, *cstackerrmsg, *errerrmsg;
    lua_State *twups;    /* threads with open upvalues */
    void (*execute)(lua_State *L, CallInfo *ci); /* the interpreter: runs ci, a fresh Lua frame, until it returns */
    void (*finish_op)(lua_State *L); /* completes the instruction that a yield interrupted (sem/) */
    void (*set_dispatch)(lua_State *L); /* sets L->dispatch from L->hookmask */
    void (*proto_hot)(lua_State *L, Proto *p); /* the budget of p is used up (sem/quicken.c) */
    void (*release_code)(Global *g, Proto *p); /* frees the code of a dying function (state/code.c) */
    void (*run_finalizer)(lua_State *L, GCObject *o); /* calls __gc of o, errors become warnings (state/) */
    lua_CFunction yield; /* coroutine.yield, which the interpreter runs in place; NULL: not opened */
    lua_CFunction next, ipairs_step; /* iterators of the base library, which the interpreter runs in place; NULL: not opened */
    unsigned (*in_place)(lua_CFunction f); /* the library functions' numbers (interp/in_place.h); NULL: not opened */
    lua_CFunction typed; /* what runs typed host functions (state/typed.h); NULL: there are none */
    int typedstatus;     /* from optimised code to rt_typed_failed */
    lua_CFunction pcall;     /* of the base library: call sites record whom it calls; NULL: not opened */
    lua_KFunction pcall_done; /* its continuation: the number of results, once its call came to an end */
    lua_CFunction setmetatable; /* of the base library: call sites record the shapes that it makes; NULL: not opened */
    lua_CFunction panic;
    lua_WarnFunction warnf;
    void *warnud;
    const struct PerigeeSeam *seam; /* compilers (state/code.h); NULL: none */
    struct Profile *profile; /* ids and tiers of functions; NULL: nothing was asked yet (profile/profile.h) */
    struct Options *options; /* this state's copy of the options; NULL: all at their defaults */
    bool movestack;      /* stress: the stack moves at every call */
    volatile uint32_t running;   /* RUN_, for --tier-stats (api/sampler.c) */
    lua_State *volatile current; /* the coroutine that runs; NULL: the main thread */
    void (*proto_died)(Global *g, const Proto *p); /* counts functions that are collected; NULL: nobody counts */
    uint32_t failguard, guards; /* stress: every Nth guard of optimised code fails, 0: off; guards since the last */
    bool verifyexits;           /* stress: frames are checked after each exit of optimised code */
    bool injected;              /* stress: the guard that just failed did so for that */
    uint32_t randomtiers; /* stress: state of the generator that chooses tiers; 0: off */
    volatile sig_atomic_t interrupted; /* an error "interrupted!" is due at the next poll; `vigilant` or not */
    uint32_t vigilant;    /* VIGIL_ (state/limits.h): limits that are set, or were hit; 0: none */
    int64_t fuel;         /* steps that may still be run; counts only while there is a limit of instructions */
    struct Limits *limits; /* NULL: none was ever set */
    bool finalizers_wait; /* one of them reached a limit: the others are called in the next cycle */
    String *limitmsg;     /* the pending error's message */
    uint32_t nrebuilt;   /* values of `rebuilt` in use */
    TValue rebuilt[REBUILT_MAX]; /* what tables hold that optimised code is about to make for an exit (state/code.h) */
};
/* Global.running, what the state's thread is doing. The runtime stores where it goes on for long,
 * and puts back what it found. Baseline code stores RUN_BASELINE where it is entered and RUN_INTERP where it leaves an
 * instruction to the interpreter, only if the state was made with --tier-stats. The rest is not stored: the running
 * frame tells. */
enum { RUN_INTERP, RUN_BASELINE, RUN_OPT, RUN_GC, RUN_LOAD, RUN_COMPILE, RUN_C, RUN_HOST, RUN_STATES };

/* Global.vigilant (state/limits.h) */
enum {
    VIGIL_METERED = 1,  /* steps are counted */
    VIGIL_STOPPED = 2,  /* a limit was hit: no Lua code runs */
    VIGIL_TIME = 4,
    VIGIL_MEMORY = 8,
    VIGIL_DEPTH = 16,
    VIGIL_PENDING = 32  /* a limit was hit and the host does not know yet: no finalizer runs */
};

enum { GCSTOP_USER = 1, GCSTOP_CLOSING = 2, GCSTOP_BUSY = 4 /* inside a step or a finalizer */ };

#define G(L) ((L)->g)

/* L is to see at its next call or poll what is wanted of it. Safe in signal handlers and in other threads. */
static inline void thread_want_attention(lua_State *L) {
    __atomic_or_fetch(&L->attention, 1u, __ATOMIC_SEQ_CST);
    __atomic_store_n(&L->stack_limit, NULL, __ATOMIC_RELAXED);
}

#endif
