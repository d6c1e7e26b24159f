// SPDX-License-Identifier: MIT
/* The literal pool of the function being emitted: everything of the state that its code names (JitLiteral), each once.
 *
 *   - A symbol with a value, "literal.N", which the loader writes into the instructions: the same ones as with constants. To LLVM it is
 *     an object apart from all others: what is written to must have one literal alone.
 *   - A value loaded from the pool, which the loader places beside the code: one instruction with a constant distance. LLVM is told
 *     that the pool never changes, and nothing of what the address points to. For code that FastISel translates, which
 *     leaves instructions with such symbols to the slower selection. */
#ifndef PERIGEE_LITERALS_H
#define PERIGEE_LITERALS_H

#include <llvm-c/Core.h>

#include "tiers/shared/jit.h"

enum { LITERAL_BUCKETS = 64 };
typedef struct Literals {
    JitResult *r;           /* whose literals they become */
    LLVMModuleRef m;
    LLVMTypeRef i8, i64, ptr;
    LLVMValueRef pool;      /* the symbol; NULL: not used yet */
    LLVMValueRef none;      /* metadata */
    LLVMMetadataRef range, any; /* of symbols: 32 bits, 64 bits */
    unsigned invariant, absolute;
    uint32_t capacity;
    uint32_t bucket[LITERAL_BUCKETS]; /* number of the first + 1, further ones by JitLiteral.chain */
    bool failed;            /* no memory: the code is worth nothing */
} Literals;

void literals_begin(Literals *p, LLVMModuleRef m, JitResult *r);
/* The value, loaded where the builder stands. It is what the recipe of that kind finds and `offset` bytes more. */
LLVMValueRef literal_load(Literals *p, LLVMBuilderRef b, LLVMTypeRef type, JitLiteralKind kind, uint64_t value, uint32_t offset);
LLVMValueRef literal_address(Literals *p, LLVMBuilderRef b, JitLiteralKind kind, uint64_t address, uint32_t offset);
/* The same as a constant, written into the instructions. */
LLVMValueRef literal_pointer(Literals *p, JitLiteralKind kind, uint64_t address, uint32_t offset);
/* A constant integer of the type, for instructions if it has 32 bits, and for initialisers. */
LLVMValueRef literal_number(Literals *p, LLVMTypeRef type, JitLiteralKind kind, uint64_t number);

#endif
