// SPDX-License-Identifier: MIT
/* Tables generated from the rows of sem/opcodes.h. */
#include "sem/opcodes.h"

const char *const opcode_names[] = {
#define OP_NAME(name, format, formula) #name,
    PERIGEE_OPCODES(OP_NAME)
    PERIGEE_QUICK_OPCODES(OP_NAME)
#undef OP_NAME
};

const uint8_t opcode_formats[] = {
#define OP_FORMAT(name, format, formula) format,
    PERIGEE_OPCODES(OP_FORMAT)
#undef OP_FORMAT
};

const uint8_t opcode_base[] = {
#define OP_SELF_BASE(name, format, formula) OP_##name,
#define OP_BASE(name, base, what) OP_##base,
    PERIGEE_OPCODES(OP_SELF_BASE)
    PERIGEE_QUICK_OPCODES(OP_BASE)
#undef OP_SELF_BASE
#undef OP_BASE
};
