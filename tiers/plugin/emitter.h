// SPDX-License-Identifier: MIT
/* What a tier supplies to the plugin: how to write a function's IR. The rest (symbols, passes,
 * machine code, placing, memory) is the plugin's, the same for all tiers. */
#ifndef PERIGEE_EMITTER_H
#define PERIGEE_EMITTER_H

#include <llvm-c/Core.h>

#include "tiers/shared/jit.h"

/* Numeric id of LLVM's `preserve_none`, the convention of the interpreter's handlers. */
enum { EMITTER_PRESERVE_NONE = 21 };

typedef struct Emitter {
    const char *pipeline; /* passes as `opt -passes=` takes them; NULL: none */
    const char *light_pipeline; /* ... for code that says it is JitResult.light */
    /* Fills the empty module, whose target and data layout are set, with one global function named
     * `symbol`, void(ptr, ptr, ptr, ptr, ptr, ptr, ptr, i64) in convention EMITTER_PRESERVE_NONE, and
     * sets r->entry_of (malloc'ed) and r->nentries. The module's other globals are private or
     * undefined symbols of the runtime. False: r->failure says why.
     *
     * A failed allocation or a fatal error of LLVM leaves it by longjmp: what it allocates meanwhile
     * is lost, and it may hold no lock nor change anything that outlives the job. */
    bool (*emit)(const JitJob *job, LLVMModuleRef module, const char *symbol, JitResult *r);
} Emitter;

#pragma GCC visibility push(hidden)
extern const Emitter baseline_emitter, optimizing_emitter;
#pragma GCC visibility pop

#endif
