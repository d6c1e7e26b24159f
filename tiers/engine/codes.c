// SPDX-License-Identifier: MIT
/* Code records: from the beginning of a compilation to the death of the function, and what code
 * relies on.
 *
 * Code that has a callee inlined names its prototype by address. The feedback of the function may
 * let go of the callee, and its address may come to mean something else; so each such prototype
 * lists the code as a dependent, and when it dies the code is lost. (Cells of the function keep what
 * else code names: shapes and tables, as long as the code's own guards hold.)
 */
#include <stdlib.h>

#include "tiers/engine/engine_internal.h"

#include "sem/opcodes.h"
#include "state/state.h"

/* ---------------------------------------------------------------------------------- dependents */

static bool add_dependents(Engine *e, Code *code) {
    CodeInfo *info = code_info(code);
    for (uint32_t n = 0; n < info->ncallees; n++) {
        Function *f = function_get(e, info->callees[n]);
        Dependent *d = f != NULL ? malloc(sizeof *d) : NULL;
        if (d == NULL) {
            if (f != NULL) function_tidy(e, f);
            info->ncallees = n;
            return false;
        }
        *d = (Dependent){f->dependents, code};
        f->dependents = d;
    }
    return true;
}

static void remove_dependent(Engine *e, const Proto *callee, const Code *code) {
    Function *f = function_find(e, callee);
    if (f == NULL) return;
    for (Dependent **link = &f->dependents; *link != NULL; link = &(*link)->next) {
        Dependent *d = *link;
        if (d->code != code) continue;
        *link = d->next;
        free(d);
        break;
    }
    function_tidy(e, f);
}

static void remove_dependents(Engine *e, const Code *code) {
    CodeInfo *info = code_info(code);
    for (uint32_t n = 0; n < info->ncallees; n++) remove_dependent(e, info->callees[n], code);
    info->ncallees = 0;
}

static void forget_callee(CodeInfo *info, const Proto *callee) {
    for (uint32_t n = 0; n < info->ncallees; n++)
        if (info->callees[n] == callee) info->callees[n--] = info->callees[--info->ncallees];
}

void codes_depend_on(Engine *e, Function *f, DeoptReason reason) {
    while (f->dependents != NULL) {
        Dependent *d = f->dependents;
        Code *code = d->code;
        f->dependents = d->next;
        free(d);
        forget_callee(code_info(code), f->proto);
        if (code->state == CODE_INSTALLED)
            code_lost(e->g->mainthread, e, code, reason);
        else
            code->state = CODE_INVALID; /* its job will be thrown away when it comes back */
    }
}

/* ---------------------------------------------------------------------------------------- codes */

enum { LONG = 30000 }; /* iterations: worth an entry of their own */

/* Iterations that are left of the loop that ends at pc, where known. */
static double iterations_left(const Proto *p, const CallInfo *ci, uint32_t pc) {
    Insn i = p->code[pc];
    const TValue *left = ci->func + 1 + insn_a(i) + 1;
    return insn_op(i) == OP_FORLOOP && is_int(left) ? 1 + (double)(uint64_t)left->v.i : LONG;
}

/* Will the frame spin for long before it comes round its outermost loop? */
static bool spins_long(const Proto *p, const CallInfo *ci, uint32_t at) {
    double product = 1, outermost = 1;
    for (uint32_t pc = at; pc < p->sizecode; pc++) { /* ends of outer loops come behind those of inner ones */
        if (!opcode_loops(insn_op(p->code[pc])) || (int32_t)pc + 1 + insn_j(p->code[pc]) > (int32_t)at) continue;
        product *= outermost;
        outermost = iterations_left(p, ci, pc);
    }
    return product >= LONG;
}

/* ... for long in any loop that says how long? */
static bool loops_long(const Proto *p, const CallInfo *ci, uint32_t at) {
    for (uint32_t pc = at; pc < p->sizecode; pc++)
        if (insn_op(p->code[pc]) == OP_FORLOOP && (int32_t)pc + 1 + insn_j(p->code[pc]) <= (int32_t)at && iterations_left(p, ci, pc) > LONG) return true;
    return false;
}

/* Where the newest frame of f's prototype is, and for how long. */
static void find_frame(const lua_State *L, const Proto *p, JitFunction *f) {
    const CallInfo *ci = L->ci;
    for (int n = 0; n < 64 && ci != NULL; n++, ci = ci->prev) {
        if (!frame_is_lua(ci) || as_lcl(ci->func)->p != p || ci->pc == NULL) continue;
        uint32_t at = code_index(p, ci->pc);
        if (spins_long(p, ci, at)) f->spins_at = at;
        f->loops_long = loops_long(p, ci, at);
        return;
    }
}

enum { MANY_FAILED_CHECKS = 2000 }; /* after which nothing is taken for known from one instruction to the next */

Job *code_begin(lua_State *L, Engine *e, Function *f) {
    Feedback *feedback = f->proto->feedback;
    bool profiled = feedback->seen != NULL;
    if (f->tier == TIER_BASELINE && !feedback_record(L, feedback)) return NULL;
    Code *code = code_new(L, f->proto, f->tier);
    if (code == NULL) return NULL;
    code->profiled = profiled;
    code->metered = (e->g->vigilant & VIGIL_METERED) != 0;
    Job *job = job_new(e, f, code);
    if (job != NULL) find_frame(L, f->proto, job->jit.function);
    if (job != NULL) job->jit.function->profiled = profiled && feedback->failed_checks < MANY_FAILED_CHECKS;
    if (job != NULL && add_dependents(e, code)) return job;
    if (job != NULL) job_free(job);
    code_drop(e, code);
    return NULL;
}

void code_drop(Engine *e, Code *code) {
    if (code_info(code) != NULL) remove_dependents(e, code), reliance_end(e, code);
    free(code_info(code));
    code_discard(e->g, code);
}

static void retire_machine(Engine *e, const Code *code) {
    Retired *r = &e->retired;
    if (r->count == r->capacity) {
        uint32_t capacity = r->capacity > 0 ? 2 * r->capacity : 16;
        struct RetiredCode *codes = realloc(r->codes, capacity * sizeof *codes);
        if (codes == NULL) return; /* the code stays where it is */
        r->codes = codes;
        r->capacity = capacity;
    }
    r->codes[r->count++] = (struct RetiredCode){code_info(code)->machine, code->proto->id, code->code_bytes, code->tier};
}

static void tell_freed(Engine *e, const struct RetiredCode *c) {
    const TierEntry *entry = tier_entry_find(e->g, c->id);
    EngineEvent event = {.kind = ENGINE_FREED, .tier = c->tier, .id = c->id, .function = entry != NULL ? entry->label : "?", .reason = "",
                         .code_bytes = c->bytes};
    engine_tell_host(e, &event);
}

void retired_release(Engine *e) {
    while (e->retired.count > 0) {
        struct RetiredCode c = e->retired.codes[--e->retired.count];
        e->stats.released++;
        queue_release(c.machine);
        tell_freed(e, &c);
    }
}

static void note_gone(Engine *e, Code *code) {
    reliance_end(e, code);
    code_info(code)->gone = true;
    e->stats.tier[code->tier].code_bytes -= code->code_bytes;
}

void code_retire(Engine *e, Code *code) {
    CodeInfo *info = code_info(code);
    TierEntry *entry = tier_entry_peek(e->g, code->proto);
    remove_dependents(e, code);
    if (!info->gone) {
        note_gone(e, code);
        if (entry != NULL) tier_code_gone(entry, code->tier, code->code_bytes, DEOPT_COUNT);
    }
    if (info->machine != NULL) retire_machine(e, code);
    free(info);
    code->handle = NULL;
}

/* Newer baseline code takes its place. Frames go on in it. */
void code_superseded(Engine *e, Code *code) {
    TierEntry *entry = tier_entry_peek(e->g, code->proto);
    remove_dependents(e, code);
    note_gone(e, code);
    if (entry != NULL) tier_code_gone(entry, code->tier, code->code_bytes, DEOPT_COUNT);
}

static void lose_superseded(lua_State *L, const Code *newer) {
    for (Code *c = newer->older; c != NULL; c = c->older)
        if (c->tier == newer->tier && c->state == CODE_INSTALLED) code_invalidate(L, c);
}

void code_lost(lua_State *L, Engine *e, Code *code, DeoptReason reason) {
    Proto *p = code->proto;
    lose_superseded(L, code);
    if (code->state == CODE_INSTALLED) code_invalidate(L, code);
    if (code_info(code)->gone) return;
    remove_dependents(e, code);
    note_gone(e, code);
    const Code *current = code_current(p);
    e->stats.lost++;
    e->stats.deopts[reason]++;
    const TierEntry *entry = tier_entry_peek(e->g, p);
    if (entry != NULL && reason < DEOPT_COUNT) site_note_loss(e, entry, p->linedefined, reason);
    engine_event(e, p, ENGINE_LOST, code->tier, deopt_names[reason], NULL);
    policy_lost(L, p, code->tier, current != NULL ? current->tier : TIER_INTERP, code->code_bytes, reason);
}
