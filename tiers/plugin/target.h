// SPDX-License-Identifier: MIT
/* This machine as LLVM sees it, and a module's way to machine code. */
#ifndef PERIGEE_TARGET_H
#define PERIGEE_TARGET_H

#include <llvm-c/Core.h>
#include <llvm-c/TargetMachine.h>

#include "tiers/shared/jit.h"

/* Starts LLVM's x86-64 code generator; once. False: err says why. */
bool target_start(char *err, size_t errlen);
const char *target_cpu(void);

/* Target triple and data layout; to be set before any IR is built. */
void target_describe(LLVMModuleRef m, int tier);
/* Runs the tier's code through all of LLVM once, so that what LLVM initialises at first use is done.
 * Ends by longjmp where the guard is left. False: err. */
bool target_warm_up(int tier, const char *pipeline, char *err, size_t errlen);
/* Machine code as an ELF object; NULL: err says why. Prints what `dump` (JitJob) asks for. The module
 * is used up. trusted: its IR is not checked; light: as JitResult. */
LLVMMemoryBufferRef target_object(LLVMModuleRef m, int tier, bool light, const char *pipeline, const char *dump, bool trusted,
                                  char *err, size_t errlen);

#endif
