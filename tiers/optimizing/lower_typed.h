// SPDX-License-Identifier: MIT
/* Direct calls of typed host functions as LLVM's calls by the platform's convention; part of lower.c.
 *
 * The caller extends small integers to 32 bits, as compilers for x86-64 expect (signext, zeroext); the callee leaves what is
 * above a small result's bits undefined, so the result has the type of its bits. The function touches no memory of
 * Lua's: what was loaded before stays valid (memory effects: arguments, inaccessible memory). */

static LLVMTypeRef typed_type(Lower *l, unsigned type) {
    switch (type) {
        case TYPED_VOID: return LLVMVoidTypeInContext(l->c);
        case TYPED_BOOL: case TYPED_I8: case TYPED_U8: return l->i8;
        case TYPED_I16: case TYPED_U16: return LLVMInt16TypeInContext(l->c);
        case TYPED_I32: case TYPED_U32: return l->i32;
        case TYPED_I64: case TYPED_U64: return l->i64;
        case TYPED_F32: return LLVMFloatTypeInContext(l->c);
        case TYPED_F64: return l->flt;
        default: return l->ptr;
    }
}

static LLVMValueRef typed_argument(Lower *l, const GNode *x, unsigned type) {
    LLVMTypeRef to = typed_type(l, type);
    switch (type) {
        case TYPED_BOOL: return LLVMBuildZExt(l->b, value(x), to, "");
        case TYPED_F32: return LLVMBuildFPTrunc(l->b, value(x), to, "");
        case TYPED_F64: case TYPED_POINTER: case TYPED_STRING: return value(x);
        default: return LLVMBuildTrunc(l->b, value(x), to, "");
    }
}

static LLVMValueRef typed_result(Lower *l, LLVMValueRef x, unsigned type) {
    switch (type) {
        case TYPED_VOID: return NULL;
        case TYPED_BOOL: return icmp(l, LLVMIntNE, x, LLVMConstInt(l->i8, 0, false));
        case TYPED_I8: case TYPED_I16: case TYPED_I32: return LLVMBuildSExt(l->b, x, l->i64, "");
        case TYPED_U8: case TYPED_U16: case TYPED_U32: return LLVMBuildZExt(l->b, x, l->i64, "");
        case TYPED_F32: return LLVMBuildFPExt(l->b, x, l->flt, "");
        default: return x;
    }
}

static void call_attribute(Lower *l, LLVMValueRef x, LLVMAttributeIndex at, const char *name, uint64_t how) {
    unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
    LLVMAddCallSiteAttribute(x, at, LLVMCreateEnumAttribute(l->c, kind, how));
}

/* As the callee expects what is narrower than a register. */
static void extend_arguments(Lower *l, LLVMValueRef x, const Typed *t) {
    for (unsigned n = 0; n < t->nparams; n++) {
        bool small = t->params[n] >= TYPED_BOOL && t->params[n] <= TYPED_U16;
        bool sign = t->params[n] == TYPED_I8 || t->params[n] == TYPED_I16;
        if (small) call_attribute(l, x, (LLVMAttributeIndex)(n + 1), sign ? "signext" : "zeroext", 0);
    }
}

enum { TYPED_MEMORY = 0xf /* LLVM's MemoryEffects: reads and writes what arguments point to, and what is inaccessible here */ };

static LLVMValueRef call_host(Lower *l, const GNode *n, LLVMValueRef out) {
    const Typed *t = (const Typed *)(uintptr_t)n->imm.u;
    LLVMValueRef args[TYPED_MAX_PARAMS + 1];
    LLVMTypeRef types[TYPED_MAX_PARAMS + 1];
    unsigned count = 0, k = 0;
    for (; count < t->nparams; count++) {
        if (t->params[count] == TYPED_UD) args[count] = address(l, LITERAL_HOST, (uint64_t)(uintptr_t)t->ud);
        else args[count] = typed_argument(l, n->in[k++], t->params[count]);
        types[count] = typed_type(l, t->params[count]);
    }
    if (out != NULL) {
        args[count] = out;
        types[count++] = l->ptr;
    }
    LLVMTypeRef type = LLVMFunctionType(t->status ? l->i32 : typed_type(l, t->result), types, count, false);
    LLVMValueRef x = LLVMBuildCall2(l->b, type, address(l, LITERAL_HOST, (uint64_t)(uintptr_t)t->fn), args, count, "");
    extend_arguments(l, x, t);
    call_attribute(l, x, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, "nounwind", 0);
    call_attribute(l, x, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, "memory", TYPED_MEMORY);
    return x;
}

static void typed_call(Lower *l, GNode *n) {
    LLVMValueRef x = typed_result(l, call_host(l, n, NULL), ((const Typed *)(uintptr_t)n->imm.u)->result);
    if (x != NULL) lowered(n)->v = x;
}

/* A status other than 0 goes to Global, and the frame to rt_typed_failed. */
static void typed_try(Lower *l, GNode *n) {
    const Typed *t = (const Typed *)(uintptr_t)n->imm.u;
    LLVMValueRef out = t->result != TYPED_VOID ? offset(l, l->scratch, 0) : NULL;
    if (out != NULL) LLVMBuildStore(l->b, i64c(l, 0), out); /* a function that gives none gives zero */
    LLVMValueRef status = call_host(l, n, out);
    LLVMBasicBlockRef on = new_block(l, ""), bad = new_block(l, "failed");
    LLVMSetMetadata(LLVMBuildCondBr(l->b, is_zero(l, status), on, bad), l->prof, l->likely);
    at(l, bad);
    store(l, status, offset(l, l->global, offsetof(Global, typedstatus)), A_STATE);
    LLVMBuildBr(l->b, exit_block(l, n));
    at(l, on);
    if (out != NULL) lowered(n)->v = typed_result(l, LLVMBuildLoad2(l->b, typed_type(l, t->result), out, ""), t->result);
}

static LLVMValueRef is_pointer(Lower *l, GNode *x) {
    return tag_among(l, x, 1u << TAG_NIL | 1u << TAG_LIGHTUD | 1u << TAG_UDATA);
}

static LLVMValueRef userdata_bytes(Lower *l, LLVMValueRef u) {
    LLVMValueRef count = LLVMBuildZExt(l->b, load_invariant(l, LLVMInt16TypeInContext(l->c), u, offsetof(Udata, nuvalue)), l->i64, "");
    LLVMValueRef bytes = LLVMBuildShl(l->b, count, i64c(l, 4), "");
    _Static_assert(sizeof(TValue) == 16, "user values are counted by shifts");
    return indexed(l, l->i8, offset(l, u, offsetof(Udata, uv)), bytes);
}

static LLVMValueRef pointer_of(Lower *l, GNode *x) {
    if (x->type == T_NIL) return LLVMConstNull(l->ptr);
    if (x->type == T_LIGHTUD) return value(x);
    if (x->type == T_UDATA) return userdata_bytes(l, value(x));
    LLVMBasicBlockRef full = new_block(l, ""), on = new_block(l, ""), from = here(l);
    LLVMValueRef p = LLVMBuildIntToPtr(l->b, value(x), l->ptr, "");
    LLVMValueRef light = LLVMBuildSelect(l->b, icmp(l, LLVMIntEQ, tag(l, x), i32c(l, TAG_NIL)), LLVMConstNull(l->ptr), p, "");
    LLVMValueRef is_full = icmp(l, LLVMIntEQ, tag(l, x), i32c(l, TAG_UDATA));
    LLVMBuildCondBr(l->b, is_full, full, on);
    at(l, full);
    LLVMValueRef block = userdata_bytes(l, p);
    LLVMBuildBr(l->b, on);
    at(l, on);
    LLVMValueRef phi = LLVMBuildPhi(l->b, l->ptr, "");
    LLVMAddIncoming(phi, (LLVMValueRef[]){light, block}, (LLVMBasicBlockRef[]){from, full}, 2);
    return phi;
}

static void pointer_value(Lower *l, GNode *n) {
    LLVMValueRef p = value(n->in[0]);
    lowered(n)->v = LLVMBuildPtrToInt(l->b, p, l->i64, "");
    lowered(n)->tag = LLVMBuildSelect(l->b, LLVMBuildIsNull(l->b, p, ""), i32c(l, TAG_NIL), i32c(l, TAG_LIGHTUD), "");
}
