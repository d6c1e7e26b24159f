// SPDX-License-Identifier: MIT
/* A job: the emitter writes a module, LLVM makes an object of it, the host places that.
 *
 * Memory first: LLVM takes at most about 1.5 MB and 1.1 kB per IR instruction, and its time grows faster than the
 * size. So a job is refused by its number of bytecodes before, and by its number of IR instructions
 * once they are known; and the memory it may need is asked of the system before LLVM would need it,
 * since a refusal costs nothing and a failed allocation inside LLVM leaks the job (guard.c).
 */
#include "tiers/plugin/job.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/options.h"
#include "tiers/plugin/target.h"

/* The most a tier takes at once. Leaving the process waits for the job in progress, so a job may last
 * less than a second: 80 us a bytecode in baseline, some 300 in the optimizing tier. */
typedef struct Limit {
    uint32_t bytecodes, ir;
    uint32_t ir_of_bytecode; /* as a rule, to ask for memory */
} Limit;

static const Limit limits[] = {
    [TIER_BASELINE] = {.bytecodes = 10000, .ir = 300000, .ir_of_bytecode = 32},
    [TIER_OPT] = {.bytecodes = 3000, .ir = 60000, .ir_of_bytecode = 20},
};

static bool fail(const Job *j, const char *why) {
    snprintf(j->r->failure, sizeof j->r->failure, "%s", why);
    return false;
}

static bool memory_for(uint64_t ir) {
    size_t bytes = 1500000 + ir * 1100;
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) return false;
    munmap(p, bytes);
    return true;
}

bool job_admit(const Job *j) {
    const Limit *limit = &limits[j->job->tier];
    uint32_t n = j->job->function->ninsns;
    if (n > limit->bytecodes) return fail(j, "function too large");
    if (!memory_for((uint64_t)n * limit->ir_of_bytecode)) return fail(j, "not enough memory");
    return true;
}

static uint32_t count_instructions(LLVMModuleRef m) {
    uint32_t n = 0;
    for (LLVMValueRef f = LLVMGetFirstFunction(m); f != NULL; f = LLVMGetNextFunction(f))
        for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(f); b != NULL;
             b = LLVMGetNextBasicBlock(b))
            for (LLVMValueRef i = LLVMGetFirstInstruction(b); i != NULL;
                 i = LLVMGetNextInstruction(i))
                n++;
    return n;
}

// The code generator reports some errors here only, and succeeds nevertheless.
static void on_diagnostic(LLVMDiagnosticInfoRef info, void *ud) {
    Job *j = ud;
    if (LLVMGetDiagInfoSeverity(info) != LLVMDSError) return;
    char *text = LLVMGetDiagInfoDescription(info);
    fail(j, text);
    LLVMDisposeMessage(text);
}

static void place(Job *j, LLVMMemoryBufferRef object, const char *symbol) {
    JitResult *r = j->r;
    JitNames names = {j->host->symbols, r->literals, r->nliterals};
    j->code = j->host->place(LLVMGetBufferStart(object), LLVMGetBufferSize(object), symbol, &names,
                             &j->placed, &r->code_bytes, r->failure, sizeof r->failure);
}

// What the function is called in the object: nothing in there depends on the process, or on what was compiled before.
enum { NAME_SIZE = 40 };
static void name_function(char name[NAME_SIZE], const JitJob *job) {
    snprintf(name, NAME_SIZE, "f%016llx.%s", (unsigned long long)job->function->id,
             job->tier == TIER_BASELINE ? "baseline" : "optimized");
}

static void build(Job *j, LLVMModuleRef m) {
    const JitJob *job = j->job;
    JitResult *r = j->r;
    char symbol[NAME_SIZE];
    name_function(symbol, job);
    if (!j->emitter->emit(job, m, symbol, r)) return;
    if (count_instructions(m) > limits[job->tier].ir) {
        fail(j, "function too large");
        return;
    }
    const char *pipeline = r->light ? j->emitter->light_pipeline : j->emitter->pipeline;
    LLVMMemoryBufferRef object =
        target_object(m, job->tier, r->light, pipeline, job->dump, job->trusted, r->failure, sizeof r->failure);
    if (object == NULL) return;
    if (r->failure[0] == '\0') place(j, object, symbol);
    LLVMDisposeMemoryBuffer(object);
}

void job_run(void *ud) {
    Job *j = ud;
    LLVMContextRef cx = LLVMContextCreate();
    LLVMContextSetDiagnosticHandler(cx, on_diagnostic, j);
    LLVMModuleRef m = LLVMModuleCreateWithNameInContext(j->job->function->name, cx);
    target_describe(m, j->job->tier);
    build(j, m);
    LLVMDisposeModule(m);
    LLVMContextDispose(cx);
}
