// SPDX-License-Identifier: MIT
/* See literals.h. */
#include "tiers/plugin/literals.h"

#include <stdio.h>
#include <stdlib.h>

#include "tiers/plugin/llvm_cxx.h"

enum { MOST_LITERALS = 1 << 20 };

void literals_begin(Literals *p, LLVMModuleRef m, JitResult *r) {
    LLVMContextRef c = LLVMGetModuleContext(m);
    LLVMTypeRef i64 = LLVMInt64TypeInContext(c);
    LLVMMetadataRef from = LLVMValueAsMetadata(LLVMConstInt(i64, 0, false)), to = LLVMValueAsMetadata(LLVMConstInt(i64, UINT64_C(1) << 32, false));
    *p = (Literals){.r = r, .m = m, .i8 = LLVMInt8TypeInContext(c), .i64 = i64, .ptr = LLVMPointerTypeInContext(c, 0)};
    p->none = LLVMMetadataAsValue(c, LLVMMDNodeInContext2(c, NULL, 0));
    p->range = LLVMMDNodeInContext2(c, (LLVMMetadataRef[]){from, to}, 2);
    LLVMMetadataRef all = LLVMValueAsMetadata(LLVMConstAllOnes(i64));
    p->any = LLVMMDNodeInContext2(c, (LLVMMetadataRef[]){all, all}, 2);
    p->invariant = LLVMGetMDKindIDInContext(c, "invariant.load", 14);
    p->absolute = LLVMGetMDKindIDInContext(c, "absolute_symbol", 15);
}

static bool has_room(Literals *p) {
    if (p->r->nliterals < p->capacity) return true;
    uint32_t capacity = p->capacity > 0 ? 2 * p->capacity : 32;
    JitLiteral *more = capacity <= MOST_LITERALS ? realloc(p->r->literals, capacity * sizeof *more) : NULL;
    if (more == NULL) return false;
    p->r->literals = more;
    p->capacity = capacity;
    return true;
}

/* Equal values of different kinds are two entries: in another state they may differ. */
static uint32_t number_of(Literals *p, JitLiteralKind kind, uint64_t value, uint32_t offset) {
    uint32_t *bucket = &p->bucket[((value >> 3) * 31 + value + kind) % LITERAL_BUCKETS];
    for (uint32_t n = *bucket; n != 0; n = p->r->literals[n - 1].chain) {
        const JitLiteral *l = &p->r->literals[n - 1];
        if (l->value == value && l->kind == kind && l->offset == offset) return n - 1;
    }
    if (!has_room(p)) {
        p->failed = true;
        return 0;
    }
    p->r->literals[p->r->nliterals] = (JitLiteral){.value = value, .offset = offset, .chain = *bucket, .kind = (uint8_t)kind};
    *bucket = p->r->nliterals + 1;
    return p->r->nliterals++;
}

/* Hidden: the loader places it within reach of the code. */
static LLVMValueRef pool_of(Literals *p) {
    if (p->pool != NULL) return p->pool;
    p->pool = LLVMAddGlobal(p->m, LLVMArrayType2(p->i64, MOST_LITERALS), "literals");
    LLVMSetVisibility(p->pool, LLVMHiddenVisibility);
    LLVMSetGlobalConstant(p->pool, true);
    LLVMSetAlignment(p->pool, 8);
    return p->pool;
}

LLVMValueRef literal_load(Literals *p, LLVMBuilderRef b, LLVMTypeRef type, JitLiteralKind kind, uint64_t value, uint32_t offset) {
    LLVMValueRef n = LLVMConstInt(p->i64, number_of(p, kind, value, offset), false);
    LLVMValueRef x = LLVMBuildLoad2(b, type, LLVMConstGEP2(p->i64, pool_of(p), &n, 1), "");
    LLVMSetMetadata(x, p->invariant, p->none);
    LLVMSetAlignment(x, 8);
    return x;
}

LLVMValueRef literal_address(Literals *p, LLVMBuilderRef b, JitLiteralKind kind, uint64_t address, uint32_t offset) {
    return literal_load(p, b, p->ptr, kind, address, offset);
}

/* (unnamed_addr: that two symbols differ does not mean that their values do.) */
static LLVMValueRef symbol_of(Literals *p, uint32_t n, bool narrow) {
    char name[24];
    snprintf(name, sizeof name, "literal.%u", (unsigned)n);
    LLVMValueRef symbol = LLVMGetNamedGlobal(p->m, name);
    if (symbol != NULL) return symbol;
    symbol = LLVMAddGlobal(p->m, p->i8, name);
    LLVMSetUnnamedAddress(symbol, LLVMGlobalUnnamedAddr);
    LLVMGlobalSetMetadata(symbol, p->absolute, narrow ? p->range : p->any);
    if (!narrow) llvm_anywhere(symbol);
    return symbol;
}

LLVMValueRef literal_number(Literals *p, LLVMTypeRef type, JitLiteralKind kind, uint64_t number) {
    return LLVMConstPtrToInt(symbol_of(p, number_of(p, kind, number, 0), kind == LITERAL_SHAPE), type);
}

LLVMValueRef literal_pointer(Literals *p, JitLiteralKind kind, uint64_t address, uint32_t offset) {
    return symbol_of(p, number_of(p, kind, address, offset), false);
}
