// SPDX-License-Identifier: MIT
/* Listing of bytecode, for people (docs/bytecode.md says how to read one).
 *
 * One line an instruction: pc, source line, name, the operands that it has, and as a comment what
 * they stand for. Registers are bare numbers, constants K, upvalues U, inner functions P; a jump
 * shows the pc that it goes to.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "front/front.h"
#include "front/operands.h"
#include "object/func.h"
#include "object/string.h"

typedef struct Listing {
    FILE *out;
    const Proto *p;
    bool full;
    char comment[256];
    size_t n;
} Listing;

__attribute__((format(printf, 2, 3))) static void remark(Listing *l, const char *fmt, ...) {
    va_list args;
    size_t room = sizeof l->comment - l->n;
    va_start(args, fmt);
    int n = vsnprintf(l->comment + l->n, room, fmt, args);
    va_end(args);
    if (n > 0) l->n += (size_t)n < room ? (size_t)n : room - 1;
}

/* --------------------------------------------------------------------------------------- values */
enum { SHOWN_BYTES = 60 };

static void remark_string(Listing *l, const String *s) {
    const char *bytes = str_data(s);
    size_t len = str_len(s);
    remark(l, "\"");
    for (size_t i = 0; i < len && i < SHOWN_BYTES; i++) {
        unsigned char ch = (unsigned char)bytes[i];
        if (ch == '"' || ch == '\\')
            remark(l, "\\%c", ch);
        else if (ch == '\n')
            remark(l, "\\n");
        else if (ch >= ' ' && ch < 127)
            remark(l, "%c", ch);
        else
            remark(l, "\\%03u", ch);
    }
    remark(l, len > SHOWN_BYTES ? "\"..." : "\"");
}

static void remark_float(Listing *l, lua_Number n) {
    remark(l, "%.17g%s", n, fabs(n) < 1e15 && n == floor(n) ? ".0" : "");
}

static void remark_value(Listing *l, const TValue *v) {
    switch (v->tag) {
        case TAG_NIL: remark(l, "nil"); break;
        case TAG_FALSE: remark(l, "false"); break;
        case TAG_TRUE: remark(l, "true"); break;
        case TAG_INT: remark(l, "%" PRId64, (int64_t)v->v.i); break;
        case TAG_FLT: remark_float(l, v->v.n); break;
        default: remark_string(l, as_str(v));
    }
}

static void remark_const(Listing *l, uint32_t k) {
    if (k < l->p->sizek) remark_value(l, &l->p->k[k]);
}

static const char *name_or_dash(const String *s) { return s ? str_data(s) : "-"; }

static void remark_upvalue(Listing *l, unsigned u) {
    if (u < l->p->sizeupvalues) remark(l, "%s", name_or_dash(l->p->upvalues[u].name));
}

static void remark_inner(Listing *l, uint32_t i) {
    if (i < l->p->sizep) remark(l, "lines %d to %d", l->p->p[i]->linedefined, l->p->p[i]->lastline);
}

/* ------------------------------------------------------------------------------------- operands */
static void space_remark(Listing *l) {
    if (l->n > 0) remark(l, " ");
}

/* Prints operand x, whose role is given; value is its number, wide the same of 32 bits. */
static void operand(Listing *l, unsigned role, unsigned value, int32_t wide, int32_t next) {
    switch (role) {
        case ROLE_NO: break;
        case ROLE_RF:
            fprintf(l->out, " %u", value & 0xff);
            if (value & FLIP) {
                space_remark(l);
                remark(l, "flip");
            }
            break;
        case ROLE_U:
            fprintf(l->out, " U%u", value);
            space_remark(l);
            remark_upvalue(l, value);
            break;
        case ROLE_K: case ROLE_KS: case ROLE_KN: case ROLE_KI: case ROLE_KX:
            if (role != ROLE_KX) wide = (int32_t)value;
            fprintf(l->out, " K%" PRIu32, (uint32_t)wide);
            space_remark(l);
            remark_const(l, (uint32_t)wide);
            break;
        case ROLE_PX:
            fprintf(l->out, " P%" PRId32, wide);
            space_remark(l);
            remark_inner(l, (uint32_t)wide);
            break;
        case ROLE_S: fprintf(l->out, " %d", (int16_t)value); break;
        case ROLE_IX: fprintf(l->out, " %" PRId32, wide); break;
        case ROLE_JF: case ROLE_JB: fprintf(l->out, " -> %" PRId32, next + wide); break;
        default: fprintf(l->out, " %u", value);
    }
}

static void instruction(Listing *l, int32_t pc) {
    Insn i = l->p->code[pc];
    unsigned op = insn_op(i);
    const Operands *roles = &opcode_operands[op];
    int line = l->p->sizelineinfo ? l->p->lineinfo[pc] : -1;
    l->n = 0;
    if (line > 0)
        fprintf(l->out, "  %5" PRId32 "  [%d]", pc, line);
    else
        fprintf(l->out, "  %5" PRId32 "  [-]", pc);
    fprintf(l->out, "\t%-10s", opcode_names[op]);
    operand(l, roles->a, insn_a(i), 0, 0);
    operand(l, roles->b, insn_b(i), 0, 0);
    operand(l, roles->c, insn_c(i), insn_j(i), pc + 1);
    if (l->n > 0) fprintf(l->out, "\t; %s", l->comment);
    fputc('\n', l->out);
}

/* ------------------------------------------------------------------------------------ functions */
static const char *plural(uint32_t n) { return n == 1 ? "" : "s"; }

static void heading(const Listing *l) {
    const Proto *p = l->p;
    const char *source = p->source ? str_data(p->source) : "=?";
    if (*source == '@' || *source == '=') source++;
    else source = *source == *LUA_SIGNATURE ? "(bstring)" : "(string)";
    fprintf(l->out, "\n%s <%s:%d,%d> (%" PRIu32 " instruction%s)\n",
            p->linedefined == 0 ? "main" : "function", source, p->linedefined, p->lastline,
            p->sizecode, plural(p->sizecode));
    fprintf(l->out,
            "%u%s parameter%s, %u register%s, %" PRIu32 " upvalue%s, %" PRIu32 " local%s, %" PRIu32
            " constant%s, %" PRIu32 " function%s\n",
            p->numparams, p->isvararg ? "+" : "", plural(p->numparams), p->maxstack,
            plural(p->maxstack), p->sizeupvalues, plural(p->sizeupvalues), p->sizelocvars,
            plural(p->sizelocvars), p->sizek, plural(p->sizek), p->sizep, plural(p->sizep));
}

static void list_constants(Listing *l) {
    fprintf(l->out, "constants\n");
    for (uint32_t i = 0; i < l->p->sizek; i++) {
        l->n = 0;
        remark_value(l, &l->p->k[i]);
        fprintf(l->out, "  K%" PRIu32 "\t%s\n", i, l->comment);
    }
}

static void list_locals(const Listing *l) {
    fprintf(l->out, "locals\n");
    for (uint32_t i = 0; i < l->p->sizelocvars; i++) {
        const LocVar *v = &l->p->locvars[i];
        fprintf(l->out, "  %" PRIu32 "\t%s\t[%" PRId32 ", %" PRId32 ")\n", i, name_or_dash(v->name),
                v->startpc, v->endpc);
    }
}

static void list_upvalues(const Listing *l) {
    static const char *const kinds[] = {"", " const", " close", " compile-time"};
    fprintf(l->out, "upvalues\n");
    for (uint32_t i = 0; i < l->p->sizeupvalues; i++) {
        const UpvalDesc *u = &l->p->upvalues[i];
        fprintf(l->out, "  U%" PRIu32 "\t%s\tfrom %s %u%s%s\n", i, name_or_dash(u->name),
                u->instack ? "register" : "upvalue", u->idx, kinds[u->kind & 3],
                u->constant ? ", never reassigned" : "");
    }
}

void front_list(const Proto *p, void *out, bool full) {
    Listing l = {.out = out, .p = p, .full = full};
    heading(&l);
    for (uint32_t pc = 0; pc < p->sizecode; pc++) instruction(&l, (int32_t)pc);
    if (full) {
        list_constants(&l);
        list_locals(&l);
        list_upvalues(&l);
    }
    for (uint32_t i = 0; i < p->sizep; i++) front_list(p->p[i], out, full);
}
