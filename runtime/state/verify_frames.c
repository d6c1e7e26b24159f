// SPDX-License-Identifier: MIT
/* Checker of the frames that an exit of optimised code left behind, for debug builds and the option verify-exits. The
 * interpreter is about to go on in them, so they must be what it would have made itself:
 *
 *  1. The chain: each frame's function stands in a register of the frame below, and has the prototype that the exit names.
 *  2. pc lies in a stream of that prototype; behind it, in frames that wait, stands the call of the frame above, by that register
 *     (metamethods are called by any instruction, and functions with extra arguments stand above these).
 *  3. The frame's registers lie on the stack and hold values: a known tag, and an object of that tag which is alive; variables in scope
 *     a tag of Lua's.
 *  4. Open upvalues lead downward and point to slots in use.
 *  5. Tables that the code did without until now stand in their registers, whole: of the shape that the exit names, with a metatable
 *     where that shape has one, with values in all slots. No description of a table is left.
 *
 * Whether the values are the right ones only a comparison of what the program does can tell. */
#include <stdio.h>
#include <stdlib.h>

#include "object/func.h"
#include "object/shape.h"
#include "state/code.h"
#include "state/frame.h"
#include "state/state.h"

typedef struct Check {
    lua_State *L;
    const CodeExit *exit;
    uint32_t frame;
} Check;

static _Noreturn void broken(const Check *c, const char *rule, long long found, long long expected) {
    fprintf(stderr, "exit: %s: found %lld, expected %lld; frame %u of %u, exit at line %d, instruction %u, reason %u\n", rule, found, expected,
            c->frame, c->exit->nframes, c->exit->line, c->exit->site, c->exit->reason);
    abort();
}

/* Registers that nobody reads any more may hold what the runtime had there, but nothing that is gone. */
static void check_value(const Check *c, const TValue *v, bool named, long long slot) {
    if (v->tag >= (named ? TAG_PROTO : TAG_COUNT) || v->tag == TAG_LCF + 1) broken(c, "no value in a register, which has tag", v->tag, slot);
    if (v->tag < TAG_SSTR) return;
    if (v->v.gc->tag != v->tag) broken(c, "object of another tag than its value", v->v.gc->tag, v->tag);
    bool stale = !named && gc_is_scrubbing(G(c->L));
    if (gc_is_dead(G(c->L), v->v.gc) && !stale) broken(c, "dead object in a register", slot, v->tag);
}

static void check_registers(const Check *c, const CallInfo *ci) {
    const Proto *p = frame_proto(ci);
    if (ci->top != ci->func + 1 + p->maxstack) broken(c, "limit of the frame", ci->top - ci->func - 1, p->maxstack);
    if (ci->top > c->L->stack_last) broken(c, "end of the stack", ci->top - c->L->stack, c->L->stack_last - c->L->stack);
    bool named = true;
    uint32_t waits = c->frame + 1 < c->exit->nframes; /* what its instruction gives is not there yet */
    for (StkId v = ci->func + 1; v < ci->top; v++) {
        named = named && func_local_name(p, (int)(v - ci->func), (int)(c->exit->frames[c->frame].pc - waits)) != NULL;
        check_value(c, v, named, v - ci->func - 1);
    }
}

static void check_pc(const Check *c, const CallInfo *ci, const CallInfo *above) {
    const Proto *p = frame_proto(ci);
    uint32_t index = code_index(p, ci->pc);
    if (index != c->exit->frames[c->frame].pc) broken(c, "pc", index, c->exit->frames[c->frame].pc);
    if (index >= p->sizecode) broken(c, "pc behind the code", index, p->sizecode);
    if (above == NULL || (above->status & CI_META)) return;
    Insn call = index > 0 ? p->code[index - 1] : 0;
    if (insn_op(call) != OP_CALL && insn_op(call) != OP_TAILCALL && insn_op(call) != OP_TFORCALL) broken(c, "no call before pc of a waiting frame", insn_op(call), OP_CALL);
    if (insn_op(call) == OP_CALL && (!frame_is_lua(above) || !frame_proto(above)->isvararg) && above->func != ci->func + 1 + insn_a(call)) broken(c, "register of the function called", above->func - ci->func - 1, insn_a(call));
}

static void check_frame(const Check *c, const CallInfo *ci, const CallInfo *above) {
    if (ci->status & CI_C || !is_lcl(ci->func)) broken(c, "no Lua function in its frame's slot, which has tag", ci->func->tag, TAG_LCL);
    if (c->exit->frames[c->frame].function != (uint32_t)frame_proto(ci)->id)
        broken(c, "another function's prototype, by FunctionId", (uint32_t)frame_proto(ci)->id, c->exit->frames[c->frame].function);
    if (above != NULL && (ci->next != above || above->prev != ci)) broken(c, "links of the frames", 0, 1);
    if (above != NULL && above->func <= ci->func) broken(c, "function below that of its caller", above->func - ci->func, 1);
    check_pc(c, ci, above);
    check_registers(c, ci);
}

/* The frame of pcall, ci, which called the one above. */
static void check_protected(const Check *c, const CallInfo *ci, const CallInfo *above) {
    const Proto *p = frame_proto(above);
    StkId func = above->func - (p->isvararg ? above->nextra + p->numparams + 1 : 0);
    if (frame_is_lua(ci) || ci->next != above || !(above->status & CI_FRESH)) broken(c, "no frame of pcall below its function's", ci->status, above->status);
    if (ci->func != func - 2 || ci->func->tag != TAG_LCF || ci->func[1].tag != TAG_TRUE) broken(c, "function and first result of pcall", func - ci->func, ci->func[1].tag);
}

static void check_upvalues(const Check *c) {
    const TValue *last = NULL;
    for (const UpVal *uv = c->L->openupval; uv != NULL; uv = uv->u.open.next) {
        if (!upval_is_open(uv) || uv->v < c->L->stack || uv->v >= c->L->stack_last) broken(c, "open upvalue outside of the stack", uv->v - c->L->stack, c->L->stack_last - c->L->stack);
        if (last != NULL && uv->v >= last) broken(c, "order of open upvalues", uv->v - c->L->stack, last - c->L->stack);
        last = uv->v;
    }
}

static void check_rebuilt(const Check *c, const CodeExitObject *o, const Table *t) {
    if (t->shape != o->shape) broken(c, "shape of a rebuilt table", t->shape, o->shape);
    const Shape *s = shape_of(G(c->L), t);
    if (s->ninline != o->ninline || o->nvalues > o->ninline) broken(c, "inline slots of a rebuilt table", o->ninline, s->ninline);
    if ((t->metatable != NULL) != (o->has_metatable != 0) || (t->metatable != NULL) != (s->meta != NULL)) broken(c, "metatable of a rebuilt table", t->metatable != NULL, s->meta != NULL);
    if (t->metatable != NULL && gc_is_dead(G(c->L), (const GCObject *)t->metatable)) broken(c, "dead metatable of a rebuilt table", 1, 0);
    for (unsigned i = 0; i < o->nvalues; i++) check_value(c, &t->slot[i], true, i);
}

static void check_closures(const Check *c, const CodeExitObject *o, const TValue *base) {
    for (uint32_t i = 0; i < o->nplaces; i++) {
        if (o->places[i] & CODE_EXIT_INNER) continue;
        const TValue *v = base + o->places[i];
        if (v->tag != TAG_LCL) broken(c, "no closure in the register of a rebuilt one, which has tag", v->tag, TAG_LCL);
        const LClosure *cl = as_lcl(v);
        for (unsigned u = 0; u < cl->nupvalues; u++)
            if (cl->upvals[u] == NULL || gc_is_dead(G(c->L), cl->upvals[u])) broken(c, "upvalue of a rebuilt closure", u, cl->nupvalues);
    }
}

static void check_objects(const Check *c, const TValue *base) {
    const CodeExitObject *o = (const CodeExitObject *)(const void *)&c->exit->frames[c->exit->nframes];
    for (uint32_t n = 0; n < c->exit->nobjects; n++, o = (const CodeExitObject *)(const void *)&o->places[o->nplaces]) {
        const Table *t = NULL;
        if (o->kind == CODE_EXIT_CLOSURE) check_closures(c, o, base);
        if (o->kind != CODE_EXIT_TABLE) continue;
        for (uint32_t i = 0; i < o->nplaces; i++) {
            if (o->places[i] & CODE_EXIT_INNER) continue;
            const TValue *v = base + o->places[i];
            if (!is_table(v)) broken(c, "no table in the register of a rebuilt one, which has tag", v->tag, TAG_TABLE);
            if (t != NULL && as_table(v) != t) broken(c, "one rebuilt table became two", o->places[i], n);
            t = as_table(v);
        }
        if (t != NULL) check_rebuilt(c, o, t);
    }
    if (G(c->L)->nrebuilt != 0) broken(c, "values of rebuilt tables are left", G(c->L)->nrebuilt, 0);
}

void code_verify_exit(lua_State *L, const CodeExit *exit) {
    const CallInfo *ci = L->ci, *above = NULL;
    Check c = {L, exit, exit->nframes};
    while (c.frame-- > 0) {
        check_frame(&c, ci, above);
        above = ci;
        ci = ci->prev;
        if (!(exit->frames[c.frame].status & CI_YPCALL)) continue;
        check_protected(&c, ci, above);
        above = ci;
        ci = ci->prev;
    }
    c.frame = 0;
    check_objects(&c, above->func + 1);
    check_upvalues(&c);
}
