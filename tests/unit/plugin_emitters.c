// SPDX-License-Identifier: MIT
/* Emitters for tests of the plugin: the job's function name says what to write.
 *
 *     exit          jumps to rt_exit_instruction with its own arguments
 *     large         as many loads and stores as the function has instructions, then as `exit`
 *     refused       nothing: the emitter fails
 *     invalid       IR that the verifier rejects
 *     unresolved    jumps to a symbol that the runtime does not have
 *     fatal         ends in a fatal error of LLVM
 *     diagnosed     an error that the code generator reports and then ignores
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tiers/plugin/emitter.h"

typedef struct Module {
    LLVMContextRef cx;
    LLVMModuleRef m;
    LLVMTypeRef handler;
    LLVMValueRef f;
    LLVMBuilderRef b;
} Module;

static LLVMTypeRef handler_type(LLVMContextRef cx) {
    LLVMTypeRef p = LLVMPointerTypeInContext(cx, 0);
    return LLVMFunctionType(LLVMVoidTypeInContext(cx),
                            (LLVMTypeRef[]){p, p, p, p, p, p, p, LLVMInt64TypeInContext(cx)}, 8, 0);
}

static LLVMValueRef handler(Module *w, const char *name) {
    LLVMValueRef f = LLVMAddFunction(w->m, name, w->handler);
    LLVMSetFunctionCallConv(f, EMITTER_PRESERVE_NONE);
    return f;
}

static void tail_call(Module *w, const char *name) {
    LLVMValueRef args[8];
    LLVMGetParams(w->f, args);
    LLVMValueRef call = LLVMBuildCall2(w->b, w->handler, handler(w, name), args, 8, "");
    LLVMSetInstructionCallConv(call, EMITTER_PRESERVE_NONE);
    LLVMSetTailCallKind(call, LLVMTailCallKindMustTail);
    LLVMBuildRetVoid(w->b);
}

static void inline_asm(Module *w, const char *text, const char *constraints) {
    LLVMTypeRef type = LLVMFunctionType(LLVMVoidTypeInContext(w->cx),
                                        (LLVMTypeRef[]){LLVMInt64TypeInContext(w->cx)}, 1, 0);
    LLVMValueRef code = LLVMGetInlineAsm(type, (char *)text, strlen(text), (char *)constraints,
                                         strlen(constraints), 1, 0, LLVMInlineAsmDialectATT, 0);
    LLVMBuildCall2(w->b, type, code, (LLVMValueRef[]){LLVMGetParam(w->f, 7)}, 1, "");
}

static void loads_and_stores(Module *w, uint32_t n) {
    LLVMTypeRef i64 = LLVMInt64TypeInContext(w->cx);
    for (uint32_t i = 0; i < n; i++) {
        LLVMValueRef offset = LLVMConstInt(i64, i % 64 * 8, 0);
        LLVMValueRef at = LLVMBuildGEP2(w->b, LLVMInt8TypeInContext(w->cx), LLVMGetParam(w->f, 2),
                                        &offset, 1, "");
        LLVMValueRef v = LLVMBuildLoad2(w->b, i64, at, "");
        LLVMBuildStore(w->b, LLVMBuildMul(w->b, v, LLVMConstInt(i64, i + 3, 0), ""), at);
    }
}

static void write_body(Module *w, const JitFunction *f) {
    const char *what = f->name;
    if (strcmp(what, "invalid") == 0) return; // no terminator
    if (strcmp(what, "large") == 0) loads_and_stores(w, f->ninsns);
    if (strcmp(what, "fatal") == 0) inline_asm(w, "nonsense $0", "r");
    if (strcmp(what, "diagnosed") == 0) inline_asm(w, "", "{no such register}");
    tail_call(w, strcmp(what, "unresolved") == 0 ? "rt_unknown" : "rt_exit_instruction");
}

static bool emit(const JitJob *job, LLVMModuleRef m, const char *symbol, JitResult *r) {
    const JitFunction *f = job->function;
    if (strcmp(f->name, "refused") == 0) {
        snprintf(r->failure, sizeof r->failure, "refused by the emitter");
        return false;
    }
    LLVMContextRef cx = LLVMGetModuleContext(m);
    Module w = {.cx = cx, .m = m, .handler = handler_type(cx), .b = LLVMCreateBuilderInContext(cx)};
    w.f = handler(&w, symbol);
    LLVMPositionBuilderAtEnd(w.b, LLVMAppendBasicBlockInContext(cx, w.f, ""));
    write_body(&w, f);
    LLVMDisposeBuilder(w.b);
    r->entry_of = calloc(f->ninsns, sizeof *r->entry_of);
    r->nentries = 1;
    return r->entry_of != NULL;
}

const Emitter baseline_emitter = {.pipeline = NULL, .emit = emit};
const Emitter optimizing_emitter = {.pipeline = "default<O2>", .emit = emit};
