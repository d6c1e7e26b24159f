// SPDX-License-Identifier: MIT
/* The few things of LLVM that its C interface lacks. */
#ifndef PERIGEE_LLVM_CXX_H
#define PERIGEE_LLVM_CXX_H

#include <llvm-c/Orc.h>
#include <llvm-c/TargetMachine.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A session without the linking layers that LLVMOrcCreateLLJIT adds; NULL: err is the reason. */
LLVMOrcExecutionSessionRef llvm_create_session(LLVMErrorRef *err);

/* LLVMOrcJITDylibDefine under a tracker; takes over the unit if there is no error. */
LLVMErrorRef llvm_define(LLVMOrcJITDylibRef dylib, LLVMOrcMaterializationUnitRef unit,
                         LLVMOrcResourceTrackerRef tracker);

/* Whether machine instructions are scheduled from now on, as the target wants it, or never. */
void llvm_schedule(int on);

/* The machine code of the module as an ELF object; NULL: none. The passes are made at the first call, into *passes, and
 * serve all later ones: to make them takes half a millisecond. global: they allocate registers over the whole function, also at level None. Should a call not return (guard.c) the next makes new ones. */
typedef struct LlvmPasses LlvmPasses;
LLVMMemoryBufferRef llvm_object(LlvmPasses **passes, LLVMTargetMachineRef machine, int global, LLVMModuleRef module);

/* The global variable may be anywhere: its address takes 64 bits. */
void llvm_anywhere(LLVMValueRef variable);

/* Local variables of the function, allocated in its first block, become SSA values. */
void llvm_promote_locals(LLVMValueRef function);

/* Calls `handler` when an allocation inside LLVM fails; where it returns, the process ends. Once. */
void llvm_catch_failed_allocations(void (*handler)(const char *reason));

#ifdef __cplusplus
}
#endif
#endif
