// SPDX-License-Identifier: MIT
/* See tiers/shared/runs.h. */
#include "tiers/shared/runs.h"

#include "sem/opcodes.h"

bool has_target(unsigned opcode) { return opcode_formats[opcode] == FMT_AJ && opcode != OP_LOADI && opcode != OP_LOADF; }

static bool ends_run(unsigned opcode) {
    switch (opcode) {
        case OP_CALL: case OP_TAILCALL: case OP_RETURN: case OP_RETURN0: case OP_RETURN1: case OP_TFORCALL: case OP_LFALSESKIP:
        case OP_CONCAT: case OP_CLOSE: case OP_TBC: case OP_CLOSURE: case OP_VARARG: case OP_VARARGPREP: case OP_NEWTABLE: case OP_SETLIST:
            return true;
        default: return has_target(opcode);
    }
}

/* Runs begin at targets of jumps, behind ends of runs, and at 0. */
void measure_runs(const JitFunction *f, bool *begins, uint32_t *rest) {
    for (uint32_t n = 0; n < f->ninsns; n++) {
        unsigned opcode = insn_op(f->code[n]);
        if (n == 0) begins[n] = true;
        if (ends_run(opcode)) begins[n + 1] = true;
        if (opcode == OP_LFALSESKIP) begins[n + 2] = true;
        if (has_target(opcode)) begins[(int64_t)n + 1 + insn_j(f->code[n])] = true;
    }
    for (uint32_t n = f->ninsns; n-- > 0;) rest[n] = n + 1 == f->ninsns || begins[n + 1] ? 1 : rest[n + 1] + 1;
}
