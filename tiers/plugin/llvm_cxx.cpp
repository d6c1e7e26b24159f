// SPDX-License-Identifier: MIT
/* What LLVM's C interface lacks, in as little C++ as possible. The C handles of ORC are its C++
 * objects' addresses. */
#include "tiers/plugin/llvm_cxx.h"

#include <cstdlib>
#include <llvm-c/Core.h>
#include <llvm/ExecutionEngine/Orc/Core.h>
#if __has_include(<llvm/ExecutionEngine/Orc/SelfExecutorProcessControl.h>)
#include <llvm/ExecutionEngine/Orc/SelfExecutorProcessControl.h>
#else
#include <llvm/ExecutionEngine/Orc/ExecutorProcessControl.h> // until LLVM 21
#endif
#include <llvm/IR/Dominators.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/CBindingWrapping.h>
#include <llvm/Support/CommandLine.h>
#include <llvm/Support/ErrorHandling.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/Transforms/Utils/PromoteMemToReg.h>
#include <new>

using namespace llvm;
using namespace llvm::orc;

static void (*allocation_failed)(const char *reason);

// Returning would make `operator new` try again for ever.
static void new_failed() {
    allocation_failed("out of memory");
    abort();
}

static void malloc_failed(void *, const char *reason, bool) {
    (void)reason;
    new_failed();
}

void llvm_catch_failed_allocations(void (*handler)(const char *reason)) {
    allocation_failed = handler;
    std::set_new_handler(new_failed);
    install_bad_alloc_error_handler(malloc_failed);
}

LLVMOrcExecutionSessionRef llvm_create_session(LLVMErrorRef *err) {
    auto process = SelfExecutorProcessControl::Create();
    if (!process) {
        *err = wrap(process.takeError());
        return nullptr;
    }
    *err = nullptr;
    return reinterpret_cast<LLVMOrcExecutionSessionRef>(new ExecutionSession(std::move(*process)));
}

LLVMErrorRef llvm_define(LLVMOrcJITDylibRef dylib, LLVMOrcMaterializationUnitRef unit,
                         LLVMOrcResourceTrackerRef tracker) {
    std::unique_ptr<MaterializationUnit> owned(reinterpret_cast<MaterializationUnit *>(unit));
    ResourceTrackerSP shared(reinterpret_cast<ResourceTracker *>(tracker));
    Error e = reinterpret_cast<JITDylib *>(dylib)->define(owned, std::move(shared));
    if (e) (void)owned.release(); // stays the caller's
    return wrap(std::move(e));
}

void llvm_anywhere(LLVMValueRef variable) { unwrap<GlobalVariable>(variable)->setCodeModel(CodeModel::Large); }

void llvm_promote_locals(LLVMValueRef function) {
    Function *f = unwrap<Function>(function);
    SmallVector<AllocaInst *, 8> locals;
    for (Instruction &i : f->getEntryBlock())
        if (auto *local = dyn_cast<AllocaInst>(&i); local && isAllocaPromotable(local)) locals.push_back(local);
    DominatorTree dominators(*f);
    PromoteMemToReg(locals, dominators);
}

// Some choices of the code generator have no other way in. NULL: as the target wants it.
static void set_option(const char *name, const char *value) {
    cl::Option *option = cl::getRegisteredOptions().lookup(name);
    if (option == nullptr) return;
    option->reset();
    if (value != nullptr) option->addOccurrence(1, name, value);
}

void llvm_schedule(int on) { set_option("enable-misched", on ? nullptr : "false"); }

struct LlvmPasses {
    SmallVector<char, 0> bytes;
    raw_svector_ostream out{bytes};
    legacy::PassManager manager;
    bool running = false;
};

LLVMMemoryBufferRef llvm_object(LlvmPasses **passes, LLVMTargetMachineRef machine, int global, LLVMModuleRef module) {
    LlvmPasses *p = *passes;
    if (p == nullptr || p->running) { // what an accident left is lost
        p = new LlvmPasses;
        set_option("optimize-regalloc", global ? "true" : nullptr);
        auto *target = reinterpret_cast<TargetMachine *>(machine);
        if (target->addPassesToEmitFile(p->manager, p->out, nullptr, CodeGenFileType::ObjectFile)) return nullptr;
        *passes = p;
    }
    p->bytes.clear();
    p->running = true;
    p->manager.run(*unwrap(module));
    p->running = false;
    return LLVMCreateMemoryBufferWithMemoryRangeCopy(p->bytes.data(), p->bytes.size(), "object");
}
