// SPDX-License-Identifier: MIT
/* Call, count and line events of Lua functions (manual, lua_Hook).
 *
 * While a hook is set the interpreter comes here before each instruction. Order of events at an
 * instruction: call (when it is a function's first), count, line. A line event is due when the line
 * differs from that of L->oldpc, the instruction traced before in this function, or when control
 * went backwards. A vararg function has its call event, and everything else, only when VARARGPREP
 * has arranged its arguments.
 *
 * A count or line hook may yield: the coroutine leaves right after it with the instruction still to
 * be run. When resumed it comes here again for the same instruction, which CI_HOOKYIELD tells.
 */
#include "state/trace.h"

#include "sem/opcodes.h"

/* Does the instruction take its operands up to L->top, as the one before left it? */
static bool uses_top(Insn i) {
    switch (insn_op(i)) {
        case OP_CALL: case OP_TAILCALL: case OP_RETURN: case OP_SETLIST: return insn_b(i) == 0;
        default: return false;
    }
}

/* L->oldpc of a function whose loop is about to go back to its first instruction: arriving there is
 * no call. As an old pc it counts as 0. */
enum { BACK_TO_START = -2 };

/* The call event of a function about to run its first instruction. False: nothing is traced yet. */
static bool trace_entry(lua_State *L, CallInfo *ci, const Insn *pc) {
    if (frame_proto(ci)->isvararg) return false;
    if (L->oldpc == BACK_TO_START || (ci->status & CI_HOOKYIELD)) return true;
    ci->pc = pc;
    hook_call(L, ci);
    ci->pc = pc + 1;
    return true;
}

static bool loops_to_start(const CallInfo *ci) {
    Insn i = frame_instruction(ci);
    return insn_op(i) == OP_LOOP && frame_pc(ci) + 1 + insn_j(i) == 0;
}

static void trace_line(lua_State *L, CallInfo *ci) {
    const Proto *p = frame_proto(ci);
    int pc = frame_pc(ci);
    int old = L->oldpc >= 0 && (uint32_t)L->oldpc < p->sizecode ? L->oldpc : 0; /* may be of another function, after an error */
    /* Compiled branches reach the end of a loop's body by a jump to its LOOP; to the reader of a
     * trace that is one jump to the loop's start. */
    if (insn_op(frame_instruction(ci)) == OP_LOOP && pc > old + 1) return;
    if (pc <= old || proto_line(p, old) != proto_line(p, pc)) hook_run(L, LUA_HOOKLINE, proto_line(p, pc), 0, 0);
    L->oldpc = pc;
}

_Noreturn static void leave_by_yield(lua_State *L, CallInfo *ci, bool counted) {
    if (counted) L->hookcount = 1; /* the count event comes again, and is then passed over */
    ci->status |= CI_HOOKYIELD;
    ci->pc--; /* the instruction has not been executed; current_line (api/debug.c) knows */
    state_throw(L, LUA_YIELD);
}

static void trace_events(lua_State *L, CallInfo *ci) {
    int mask = L->hookmask;
    bool counted = (mask & LUA_MASKCOUNT) && --L->hookcount == 0;
    if (counted)
        L->hookcount = L->basehookcount;
    else if (!(mask & LUA_MASKLINE))
        return;
    if (ci->status & CI_HOOKYIELD) { /* these events were delivered before the yield */
        ci->status &= (uint16_t)~CI_HOOKYIELD;
        return;
    }
    if (!uses_top(frame_instruction(ci))) L->top = ci->top;
    if (counted) hook_run(L, LUA_HOOKCOUNT, -1, 0, 0);
    if (mask & LUA_MASKLINE) trace_line(L, ci);
    if (L->status == LUA_YIELD) leave_by_yield(L, ci, counted);
}

int trace_instruction(lua_State *L, const Insn *pc) {
    CallInfo *ci = L->ci;
    ci->pc = pc + 1; /* readers of frames expect it past the instruction */
    if (frame_pc(ci) == 0 && !trace_entry(L, ci, pc)) return 1;
    if (L->hookmask & (LUA_MASKLINE | LUA_MASKCOUNT)) trace_events(L, ci);
    if (L->oldpc == BACK_TO_START) L->oldpc = 0;
    if (loops_to_start(ci)) L->oldpc = BACK_TO_START;
    return L->hookmask != 0;
}
