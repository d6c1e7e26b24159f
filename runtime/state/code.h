// SPDX-License-Identifier: MIT
/* Compiled code of a function and its instruction stream (docs/tiers.md). */
#ifndef PERIGEE_CODE_H
#define PERIGEE_CODE_H

#include "object/thread.h"
#include "sem/opcodes.h"

/* Functions of the runtime that compiled code uses, by symbol name: handlers of the interpreter's
 * convention that it jumps to (rt_exit ...), and C functions that it calls (rt_slow_concat ...). */
enum { CALL_NOT_HERE, CALL_HOOKED }; /* in place of a frame's base: of calls of C functions by baseline code */

typedef struct JitSymbol {
    const char *name;
    const void *address;
} JitSymbol;

/* One compilation of a function. Belongs to its Proto; lives until that dies, since frames may name
 * its stream. */
struct Code {
    Proto *proto;
    Code *older;          /* earlier compilations of the function */
    uint8_t tier;         /* TIER_BASELINE or TIER_OPT */
    uint8_t state;        /* CODE_ */
    bool profiled;        /* baseline: made when an earlier code had recorded what the function does */
    bool metered;         /* counts its steps in Global.fuel (state/limits.h) */
    uint16_t nentries;
    uint32_t ninsns;
    uint32_t exits;       /* exits since it was installed */
    uint32_t exit_limit;  /* ... at which the seam is told */
    uint32_t stale;       /* optimised: 1: a lookup it relies on may have another result; its tests fail, and the seam looks what holds */
    size_t code_bytes;
    void *handle;         /* the engine's: to free the machine code */
    Insn *stream;
};
enum { CODE_COMPILING, CODE_INSTALLED, CODE_INVALID };

/* An exit of optimised code, as constant data in it; its handler is rt_deopt (interp/compiled.h). The
 * exit's code has stored what is live to the stack slots of all frames named here. */
typedef struct CodeExitFrame {
    uint32_t func;     /* register of the outermost frame that holds the function; [0]: unused */
    uint32_t pc;       /* index of the instruction to go on at; of outer frames: the one behind the call */
    int16_t nresults;  /* wanted by the frame below (of pcall, if that called it); [0]: unused */
    uint16_t status;   /* CI_ flags of the frame; CI_YPCALL: pcall called it, whose frame lies between; [0]: unused */
    uint32_t nextra;   /* extra arguments, which lie below the function; [0]: unused */
    uint32_t function; /* the lower half of its FunctionId */
} CodeExitFrame;
/* A reason of exits: inlined code came to something that needs a frame of its own. Nothing went wrong: no deoptimisation. */
enum { CODE_EXIT_PLAIN = 0xff };
typedef struct CodeExit {
    uint16_t nframes;  /* the function's own and those inlined into it at this point */
    uint16_t reason;   /* DEOPT_ (profile/reasons.h), or CODE_EXIT_PLAIN */
    uint32_t site;     /* index of the instruction that the guard belongs to, in the function ... */
    uint64_t function; /* ... of this FunctionId: mostly the innermost frame's, unless the guard was moved */
    uint64_t number;   /* of what was expected: a tag, a shape's id, a kind of array, the address of a prototype */
    int32_t line;      /* of the instruction; 0: unknown */
    uint16_t where;    /* register that holds what was tested, from the outermost frame's first on; CODE_NOWHERE; */
    uint8_t expect;    /* EXPECT_: what the report says was expected there */
    uint8_t opcode;    /* canonical */
    uint32_t nobjects; /* to be made, described behind the frames */
    CodeExitFrame frames[];
} CodeExit;
enum { CODE_NOWHERE = 0xffff };
enum { EXPECT_NOTHING, EXPECT_TAG, EXPECT_NUMBER, EXPECT_STRING, EXPECT_PRESENT, EXPECT_SHAPE, EXPECT_KIND, EXPECT_FUNCTION,
       EXPECT_SAME, EXPECT_BOUNDS, EXPECT_NO_METATABLE, EXPECT_TRUE, EXPECT_UNCHANGED };

/* An object that the code did without until this exit. Its values are the next ones of Global.rebuilt, in the order of the objects;
 * those that others hold come first.
 *   table     its metatable (if has_metatable), its inline slots, and the elements of its array
 *   variable  a closed upvalue: what it holds
 *   closure   the enclosing one; of each upvalue the closed variable, or the value of a constant in its slot of the stack, or nil.
 *             shape: number of the function | register 0 of the frame (as places) << 16; ninline: 1 + number of the upvalue that is
 *             the closure itself, which goes to its slot; 0: none */
typedef struct CodeExitObject {
    uint32_t shape;
    uint8_t ninline, nvalues, has_metatable, kind : 2, nelements : 6;
    uint32_t nplaces;
    uint32_t places[]; /* registers of the outermost frame, or CODE_EXIT_INNER and the number of a value in Global.rebuilt */
} CodeExitObject;
enum { CODE_EXIT_INNER = 1 << 30 };
enum { CODE_EXIT_TABLE, CODE_EXIT_VARIABLE, CODE_EXIT_CLOSURE };

/* The seam by which the runtime talks to whoever compiles; Global.seam, NULL: nobody. All functions
 * are called on the state's own thread. */
typedef struct PerigeeSeam {
    void *ud;
    /* The budget of p is used up: sets a new budget and may request or install code. May not run Lua
     * code, raise errors or move the stack. */
    void (*hot)(lua_State *L, Proto *p);
    /* Installed code left through guards exit_limit times: sets a new limit; may invalidate it. */
    void (*many_exits)(lua_State *L, Code *code);
    /* Optimised code was left at an exit (already carried out: L->ci is the innermost frame). reason: the exit's, or
     * DEOPT_INJECTED. */
    void (*deoptimised)(lua_State *L, Code *code, const CodeExit *exit, unsigned reason);
    /* Optimised code with `stale` set was left: does what it relies on hold after all? Then it is good again, else it is
     * invalid. */
    bool (*still_holds)(lua_State *L, Code *code);
    /* A frame leaves optimised code for a reason that is not the code's own, at instruction `site`. */
    void (*left)(lua_State *L, Code *code, uint32_t site, unsigned reason);
    /* Code that was installed with rt_offer as its machine code is about to go on, i being its
     * OP_COMPILED and *pc the place behind it. Returns the instruction to be run instead, with *pc
     * behind it, or an OP_RETURN that ends the frame. May do all that an instruction may but yield. */
    Insn (*offer)(lua_State *L, const Insn **pc, Insn i);
    /* G(L)->vigilant says since now, or no more, that steps are counted: code of the other kind may not run any
     * longer. NULL: compiled code does not run while steps are counted. */
    void (*metering)(lua_State *L);
    /* Bytes of machine code that the state's functions have. NULL: none. */
    size_t (*code_bytes)(const Global *g);
    /* p dies: forgets pending requests and frees handles of its codes. */
    void (*proto_dies)(Global *g, Proto *p);
    /* The state closes. */
    void (*close)(Global *g);
} PerigeeSeam;

/* A record with a stream of OP_INTERPRET; NULL: no memory. Not yet linked to p. */
Code *code_new(lua_State *L, Proto *p, int tier);
/* Frees a record that was never installed. */
void code_discard(Global *g, Code *c);
/* Makes calls and resumptions of c->proto run `entry`; entry_of[n]: number of the entry for
 * instruction n, or 0xffff. */
void code_install(lua_State *L, Code *c, const void *entry, const uint16_t *entry_of, uint32_t nentries);
/* Frames in c and later calls go on in an older valid code or in the interpreter. */
void code_invalidate(lua_State *L, Code *c);
/* The newest valid code of p; NULL: none. */
Code *code_current(const Proto *p);
/* Where a frame of p that leaves optimised code goes on: instruction `index` in the best stream of a lower
 * tier. */
const Insn *code_lower(const Proto *p, uint32_t index);
/* The frame leaves optimised code at its next return: its registers are about to be written from outside. */
void code_abandon_frame(CallInfo *ci);
/* The same instruction in the best stream, or under random-tiers in any valid one: pc of any stream of p. */
const Insn *code_best(Global *g, const Proto *p, const Insn *pc);
/* The frame goes on elsewhere at its next return, or is interpreted from now on: counts in the report as a deoptimisation if it
 * is in optimised code. */
void code_note_left(lua_State *L, const CallInfo *ci, unsigned reason);
/* Hooks are on: frames in optimised code are interpreted from now on. */
void code_note_hooked(lua_State *L);
/* The frames that an exit made, L->ci being the innermost and no instruction run in it: aborts if they are not sound. */
void code_verify_exit(lua_State *L, const CodeExit *exit);
/* Index of the instruction pc points to, whichever stream of p it is in. */
uint32_t code_index(const Proto *p, const Insn *pc);
/* p dies. */
void code_release_all(Global *g, Proto *p);

static inline Insn insn_compiled(const void *entry, unsigned number) {
    return OP_COMPILED | (Insn)number << 8 | ((Insn)(uintptr_t)entry >> 4) << 21;
}
static inline Insn insn_interpret(uint32_t index) { return OP_INTERPRET | (Insn)index << 32; }

#endif
