// SPDX-License-Identifier: MIT
/* Between the engine (in the runtime) and the plugin (with LLVM): closed snapshots go in, placed
 * machine code comes out. Plain structs and function tables, so that neither links to the other.
 *
 * Threads: `compile` and `release` are called by one thread at a time (the compile thread, or the
 * state's own thread under --jit-sync while the compile thread is idle; the engine holds a lock). A
 * snapshot is closed: the compiler reads nothing of the state. Addresses in it are numbers to be
 * put into code.
 */
#ifndef PERIGEE_JIT_H
#define PERIGEE_JIT_H

#include <stddef.h>

#include "profile/feedback.h"
#include "state/code.h"
#include "state/typed.h"

/* A function as the compiler sees it. All pointers lead into the job's arena. */
/* A named local variable: debug.getlocal shows it while it is in scope, live or not. */
typedef struct JitLocal {
    uint32_t start, end;     /* instructions [start, end) */
    uint8_t reg;
} JitLocal;

/* A function that the function's code makes closures of. */
typedef struct JitUpvalue {
    uint8_t instack, idx, constant; /* as of UpvalDesc */
} JitUpvalue;
typedef struct JitChild {
    uint64_t proto;
    uint32_t nupvalues;
    const JitUpvalue *upvalues;
} JitChild;

/* What a frame of the one function that a site calls takes. */
typedef struct JitTarget {
    uint64_t entry_address, budget_address; /* of its Proto's fields */
    uint8_t numparams, maxstack;
    bool fits;               /* is it known, and nothing special? */
} JitTarget;

typedef struct JitFunction JitFunction;
struct JitFunction {
    uint64_t id;             /* FunctionId */
    const char *name;        /* "chunk:line", for dumps, symbols and the report */
    uint32_t ninsns, ncells, nk, nupvalues;
    const Insn *code;        /* canonical */
    const Insn *quick;       /* the quickened stream as it was at the request */
    const Cell *cells;       /* as they were; entries of polymorphic cells likewise copied */
    const uint8_t (*seen)[SEEN_WIDTH]; /* NULL: nothing recorded yet */
    const TValue *k;
    const int32_t *lines;    /* NULL: stripped */
    const JitLocal *locals;  /* nlocals of them */
    uint32_t nlocals;
    uint8_t numparams, isvararg, maxstack;
    uint64_t checks_address; /* uint32_t Feedback.failed_checks */
    const JitTarget *targets; /* by cell index, for baseline code made from a profile; NULL: none */
    bool profiled;           /* baseline code recorded `seen` for long enough */
    /* addresses in the state, for code */
    uint64_t proto, k_address, cells_address, budget_address, stream_address, seen_address;
    /* the stream to go on in where this job's code does not apply: that of the newest older code, or
     * the quickened one */
    uint64_t fallback_address;
    const uint8_t *captured; /* by register: an inner function has it as a variable that is assigned later; NULL: unknown */
    const JitChild *children; /* nchildren of them; NULL: unknown */
    uint32_t nchildren;
    const uint8_t *fixed;    /* by upvalue: never assigned after its initialisation; NULL: unknown */
    uint64_t running_address; /* uint32_t Global.running, to which sampled baseline code stores RUN_BASELINE at entries and RUN_INTERP at exits; 0: it does not */
    uint64_t fuel_address;   /* int64_t Global.fuel, which code that counts its steps takes them from; 0: it does not count */
    uint64_t quick_address;  /* the quickened stream: where counting code goes on when the fuel runs short */
    uint64_t stale_address;   /* of the function compiled: uint32_t Code.stale; 0: unknown */
    uint8_t *relied;         /* by cell index, written by the compiler: code relies on what the cell found through metatables; NULL: nobody asks */
    uint64_t empty_array_address, empty_props_address; /* what tables without elements and far fields point to; 0: unknown */
    uint64_t next_address, ipairs_step_address; /* the library's iterators */
    uint64_t typenames[TAG_COUNT], intname, fltname, countname; /* strings: by tag, what math.type gives, "#" */
    const uint8_t *builtins; /* by cell index: BUILTIN_ (lib/builtins.h) of the C function that the site calls; NULL: none known */
    uint32_t spins_at;       /* where a frame of it was when this was made; JIT_NOWHERE: there was none that stays there for long */
    bool loops_long;         /* a frame of it was in a loop with many iterations to come */
    const Typed **typed;     /* by cell index: copy of what the site calls, if that is a typed host function; NULL: none at all */
    uint8_t effort;          /* the compiler's: how much it leaves aside to meet its budget (optimizing.c) */
    bool fail_guards;        /* stress: each guard of optimised code asks rt_guard_holds as well */
    const Meta *metas;       /* metamethods that operators call, nmetas of them */
    uint32_t nmetas;
    JitFunction **handlers;  /* ... the functions; NULL: left out */
    JitFunction *(*few)[POLY_MAX]; /* by cell index: callees of sites that call a few functions, in the order of the cell's entries; NULL: none at all */
    JitFunction **callees;   /* by cell index: whom a call site always calls, for inlining; NULL: unknown. NULL: none at all */
};

typedef struct JitJob {
    int tier;                /* TIER_BASELINE or TIER_OPT */
    JitFunction *function;
    int64_t opt_limit;       /* optimisations to be made, over all jobs of the process; -1: all */
    bool trusted;            /* the IR need not be verified */
    bool decisions;          /* tell what was inlined (JitResult.decisions) */
    const char *dump;        /* what to dump to stderr: comma-separated of "ir", "asm", "graph"; NULL: nothing */
} JitJob;

/* What object code names of the state: entries of its literal pool, which the loader binds to it. A kind says by
 * which recipe the value is found again (tiers/engine/literals.h), so that object code could be stored.
 *
 *   L(name, word in dumps) */
#define JIT_LITERALS(L)                                                                                            \
    L(SHAPE, "shape")         /* its id, 32 bits */                                                                \
    L(STRING, "string")                                                                                            \
    L(PROTO, "function")      /* a prototype, or a field of it */                                                  \
    L(LIBRARY, "library")     /* a C function; the library's have a recipe */                                      \
    L(SLOT, "slot")           /* of a value; global variables have a recipe */                                     \
    L(OBJECT, "object")       /* any other object; has none */                                                     \
    L(HOST, "host")           /* a typed host function or its data; has none */                                    \
    L(EMPTY_ARRAY, "empty-array")                                                                                  \
    L(EMPTY_PROPS, "empty-props")                                                                                  \
    L(FUEL, "fuel")                                                                                                \
    /* of the function compiled, or of this code of it */                                                          \
    L(STALE, "stale")                                                                                              \
    L(STREAM, "stream")                                                                                            \
    L(FALLBACK, "fallback")                                                                                        \
    L(SEEN, "seen")

typedef enum JitLiteralKind {
#define LITERAL_ENUM(name, word) LITERAL_##name,
    JIT_LITERALS(LITERAL_ENUM)
#undef LITERAL_ENUM
    LITERAL_COUNT
} JitLiteralKind;

typedef struct JitLiteral {
    uint64_t value;          /* in this state, with the offset added */
    uint32_t offset;         /* bytes from what the recipe finds */
    uint32_t chain;          /* the compiler's */
    uint8_t kind;            /* LITERAL_ */
} JitLiteral;

/* What the loader binds undefined symbols of an object to: functions and data of the runtime by name; "literals" is the pool,
 * an array of 64-bit values that is placed beside the code; "literal.N" has the value of entry N. */
typedef struct JitNames {
    const JitSymbol *symbols; /* ends with a NULL name */
    const JitLiteral *literals;
    uint32_t nliterals;
} JitNames;

enum { JIT_NOWHERE = INT32_MAX, JIT_NO_ENTRY = 0xffff, JIT_MAX_ENTRIES = 1 << 13 };

/* A call site: inlined, or why not. */
typedef struct JitDecision {
    char function[64];       /* in which the call is, by JitFunction.name */
    char callee[64];
    char why[64];            /* "": inlined */
    uint32_t pc;
    int32_t line;            /* 0: unknown */
    uint8_t opcode;          /* canonical */
    bool inlined;
} JitDecision;

typedef struct JitResult {
    void *code;              /* entry of the machine code, aligned to 16; NULL: failed */
    size_t code_bytes;
    void *handle;            /* plugin's: to be released by JitPlugin.release */
    uint16_t *entry_of;      /* by instruction: number of the entry or JIT_NO_ENTRY; malloc'ed, the engine frees it */
    uint32_t nentries;
    JitDecision *decisions;  /* malloc'ed, the engine frees it; NULL: none */
    uint32_t ndecisions;
    JitLiteral *literals;    /* malloc'ed, the engine frees it; NULL: the code names nothing of the state */
    uint32_t nliterals;
    bool light;              /* it is compiled with less effort: first baseline code; optimised code without loops */
    double milliseconds;     /* CPU time of the compiling thread */
    char failure[128];       /* why not, when code is NULL */
} JitResult;

/* What the plugin gets from the engine. */
typedef struct JitHost {
    const char *build_id;    /* must equal the plugin's */
    const JitSymbol *symbols; /* ends with a NULL name */
    /* Places a relocatable x86-64 ELF object into executable memory and resolves its undefined
     * symbols by `names` (symbols: this table). Returns the address of global symbol `entry`; NULL: err says why. *handle frees it. */
    void *(*place)(const void *object, size_t size, const char *entry, const JitNames *names, void **handle, size_t *code_bytes, char *err, size_t errlen);
    void (*unplace)(void *handle);
} JitHost;

typedef struct JitPlugin {
    const char *build_id;
    const char *llvm_version;  /* for the report */
    const char *cpu;
    bool ends_quietly;         /* nothing of it is destroyed when the process exits: a compilation may go on meanwhile */
    /* Compiles; false: r->failure says why. */
    bool (*compile)(const JitJob *job, JitResult *r);
    void (*release)(void *handle); /* frees the code of a result, any time later */
} JitPlugin;

/* The one symbol that libperigee-jit.so exports ("perigee_jit_open"): starts LLVM, once a process;
 * NULL: err says why. */
typedef const JitPlugin *(*JitOpen)(const JitHost *host, char *err, size_t errlen);

#endif
