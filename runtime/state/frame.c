// SPDX-License-Identifier: MIT
/* See state/frame.h. A saved pc points into one of the function's streams, which are of one length:
 * all map to one index. */
#include "state/frame.h"

#include "object/func.h"
#include "state/code.h"

int frame_pc(const CallInfo *ci) {
    return (int)code_index(frame_proto(ci), ci->pc) - 1;
}

Insn frame_instruction(const CallInfo *ci) { return frame_proto(ci)->code[frame_pc(ci)]; }

int proto_line(const Proto *p, int pc) {
    return p->sizelineinfo != 0 && pc >= 0 ? p->lineinfo[pc] : -1;
}

int frame_line(const CallInfo *ci) { return proto_line(frame_proto(ci), frame_pc(ci)); }

static const char *extra_argument(CallInfo *ci, int n, StkId *slot) {
    if (!frame_proto(ci)->isvararg || n < -ci->nextra) return NULL;
    *slot = ci->func - ci->nextra - (n + 1);
    return "(vararg)";
}

const char *frame_local(lua_State *L, CallInfo *ci, int n, StkId *slot) {
    StkId base = ci->func + 1;
    const char *name = NULL;
    if (frame_is_lua(ci)) {
        if (n < 0) return extra_argument(ci, n, slot);
        name = func_local_name(frame_proto(ci), n, frame_pc(ci));
    }
    if (name == NULL) { /* a temporary, if inside the frame */
        StkId limit = ci == L->ci ? L->top : ci->next->func;
        if (n <= 0 || limit - base < n) return NULL;
        name = frame_is_lua(ci) ? "(temporary)" : "(C temporary)";
    }
    *slot = base + (n - 1);
    return name;
}
