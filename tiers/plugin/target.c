// SPDX-License-Identifier: MIT
/* Modules to machine code: two target machines a tier, for light code (JitResult) and for other, for the life of the process (fresh ones would
 * cost 0.7 ms a function), position-independent code in the small model, which needs nothing of the
 * loader but the relocations it knows (tiers/engine/loader.h).
 *
 *     module ── verifier ── passes of the tier ── code generator ── ELF object in memory
 *                                             └── dump ir   └── dump asm
 */
#include "tiers/plugin/target.h"

#include <llvm-c/Analysis.h>
#include <llvm-c/Error.h>
#include <llvm-c/Support.h>
#include <llvm-c/Target.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <stdio.h>
#include <string.h>

#include "base/options.h"
#include "tiers/plugin/llvm_cxx.h"

typedef struct Generator {
    LLVMCodeGenOptLevel level;
    bool selects_fast;     /* instructions one by one: takes a quarter off the time of optimised code, and 2 to 14 % off the speed of numeric loops */
    bool allocates_fast;   /* registers block by block, with everything spilled between: takes half off the time of baseline code */
    LLVMTargetMachineRef machine;
    LLVMTargetDataRef layout;
    LlvmPasses *passes;
} Generator;

enum { NTIERS = TIER_OPT + 1 };
static Generator generators[NTIERS][2] = { /* [1]: for light code */
    [TIER_BASELINE] = {{.level = LLVMCodeGenLevelNone, .selects_fast = true},
                       {.level = LLVMCodeGenLevelNone, .selects_fast = true, .allocates_fast = true}},
    [TIER_OPT] = {{.level = LLVMCodeGenLevelDefault},
                  {.level = LLVMCodeGenLevelDefault, .selects_fast = true}},
};
static const char triple[] = "x86_64-pc-linux-gnu";
static char *cpu;

const char *target_cpu(void) { return cpu; }

bool target_start(char *err, size_t errlen) {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    LLVMTargetRef target;
    char *message;
    if (LLVMGetTargetFromTriple(triple, &target, &message)) {
        snprintf(err, errlen, "%s", message);
        LLVMDisposeMessage(message);
        return false;
    }
    cpu = LLVMGetHostCPUName();
    char *features = LLVMGetHostCPUFeatures();
    for (int n = 0; n < NTIERS * 2; n++) {
        Generator *g = &generators[n / 2][n % 2];
        if (n / 2 < TIER_BASELINE) continue;
        g->machine = LLVMCreateTargetMachine(target, triple, cpu, features, g->level, LLVMRelocPIC, LLVMCodeModelSmall);
        g->layout = LLVMCreateTargetDataLayout(g->machine);
        LLVMSetTargetMachineFastISel(g->machine, g->selects_fast);
    }
    LLVMDisposeMessage(features);
    return true;
}

void target_describe(LLVMModuleRef m, int tier) {
    LLVMSetTarget(m, triple);
    LLVMSetModuleDataLayout(m, generators[tier][0].layout);
}

// Whether the comma-separated list `dump` names `what`.
static bool wanted(const char *dump, const char *what) {
    size_t n = strlen(what);
    for (const char *p = dump; p != NULL; p = strchr(p, ',')) {
        p += *p == ',';
        if (strncmp(p, what, n) == 0 && (p[n] == '\0' || p[n] == ',')) return true;
    }
    return false;
}

static void dump_ir(LLVMModuleRef m) {
    char *text = LLVMPrintModuleToString(m);
    fputs(text, stderr);
    LLVMDisposeMessage(text);
}

// The code generator changes the module, so the listing is made of a copy.
static void dump_asm(LLVMModuleRef m, LLVMTargetMachineRef machine) {
    LLVMModuleRef copy = LLVMCloneModule(m);
    LLVMMemoryBufferRef text;
    char *message;
    if (LLVMTargetMachineEmitToMemoryBuffer(machine, copy, LLVMAssemblyFile, &message, &text)) {
        fprintf(stderr, "%s\n", message);
        LLVMDisposeMessage(message);
    } else {
        fwrite(LLVMGetBufferStart(text), 1, LLVMGetBufferSize(text), stderr);
        LLVMDisposeMemoryBuffer(text);
    }
    LLVMDisposeModule(copy);
}

// Wrong IR would crash the code generator somewhere. Checking costs 4 to 11 % of baseline's time: it is for
// tests, stress and dumps.
static bool verify(LLVMModuleRef m, char *err, size_t errlen) {
    char *message = NULL;
    bool broken = LLVMVerifyModule(m, LLVMReturnStatusAction, &message);
    if (broken) snprintf(err, errlen, "wrong IR: %s", message);
    LLVMDisposeMessage(message);
    return !broken;
}

static bool run_passes(LLVMModuleRef m, LLVMTargetMachineRef machine, const char *pipeline,
                       char *err, size_t errlen) {
    if (pipeline == NULL) return true;
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    LLVMErrorRef e = LLVMRunPasses(m, pipeline, machine, options);
    LLVMDisposePassBuilderOptions(options);
    if (e == LLVMErrorSuccess) return true;
    char *message = LLVMGetErrorMessage(e);
    snprintf(err, errlen, "%s", message);
    LLVMDisposeErrorMessage(message);
    return false;
}

LLVMMemoryBufferRef target_object(LLVMModuleRef m, int tier, bool light, const char *pipeline, const char *dump, bool trusted,
                                  char *err, size_t errlen) {
    Generator *g = &generators[tier][light];
    LLVMTargetMachineRef machine = g->machine;
    if (!trusted && !verify(m, err, errlen)) {
        if (wanted(dump, "ir")) dump_ir(m);
        return NULL;
    }
    if (!run_passes(m, machine, pipeline, err, errlen)) return NULL;
    if (wanted(dump, "ir")) dump_ir(m);
    llvm_schedule(g->level != LLVMCodeGenLevelNone); // a tenth of baseline's compile time
    if (wanted(dump, "asm")) dump_asm(m, machine);
    LLVMMemoryBufferRef object = llvm_object(&g->passes, machine, !g->allocates_fast, m);
    if (object == NULL) snprintf(err, errlen, "the code generator has no passes");
    return object;
}

// A function with something of everything: loads, integers, doubles, a switch, a call, a constant.
static void write_sample(LLVMModuleRef m) {
    LLVMContextRef cx = LLVMGetModuleContext(m);
    LLVMTypeRef ptr = LLVMPointerTypeInContext(cx, 0), i64 = LLVMInt64TypeInContext(cx),
                f64 = LLVMDoubleTypeInContext(cx), none = LLVMVoidTypeInContext(cx);
    LLVMTypeRef type = LLVMFunctionType(none, (LLVMTypeRef[]){ptr, i64}, 2, 0);
    LLVMValueRef f = LLVMAddFunction(m, "sample", type);
    LLVMValueRef callee = LLVMAddFunction(m, "elsewhere", type);
    LLVMValueRef slot = LLVMGetParam(f, 0), n = LLVMGetParam(f, 1);
    LLVMBasicBlockRef entry = LLVMAppendBasicBlockInContext(cx, f, ""),
                      loop = LLVMAppendBasicBlockInContext(cx, f, ""),
                      done = LLVMAppendBasicBlockInContext(cx, f, "");
    LLVMBuilderRef b = LLVMCreateBuilderInContext(cx);
    LLVMPositionBuilderAtEnd(b, entry);
    LLVMValueRef dispatch = LLVMBuildSwitch(b, n, loop, 2);
    LLVMAddCase(dispatch, LLVMConstInt(i64, 0, 0), done);
    LLVMAddCase(dispatch, LLVMConstInt(i64, 7, 0), done);
    LLVMPositionBuilderAtEnd(b, loop);
    LLVMValueRef x = LLVMBuildLoad2(b, f64, slot, "");
    LLVMBuildStore(b, LLVMBuildFAdd(b, x, LLVMConstReal(f64, 0.1), ""), slot);
    LLVMBuildCall2(b, type, callee, (LLVMValueRef[]){slot, LLVMBuildMul(b, n, n, "")}, 2, "");
    LLVMBuildCondBr(b, LLVMBuildFCmp(b, LLVMRealOLT, x, LLVMConstReal(f64, 9), ""), loop, done);
    LLVMPositionBuilderAtEnd(b, done);
    LLVMBuildRetVoid(b);
    LLVMDisposeBuilder(b);
}

bool target_warm_up(int tier, const char *pipeline, char *err, size_t errlen) {
    LLVMContextRef cx = LLVMContextCreate();
    LLVMModuleRef m = LLVMModuleCreateWithNameInContext("sample", cx);
    target_describe(m, tier);
    write_sample(m);
    LLVMMemoryBufferRef object = target_object(m, tier, tier == TIER_BASELINE, pipeline, NULL, false, err, errlen);
    if (object != NULL) LLVMDisposeMemoryBuffer(object);
    LLVMDisposeModule(m);
    LLVMContextDispose(cx);
    return object != NULL;
}
