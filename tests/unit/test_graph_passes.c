// SPDX-License-Identifier: MIT
/* Folding and value numbering of the optimizing tier:
 *
 *   expressions   "(ISUB x 5)" becomes "(IADD x -5)"
 *   graphs        text in, text out; nodes are numbered anew in the order of the text
 *   random        graphs run in a small world before and after (graph_world.c)
 */
#include <check.h>
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph_world.h"

/* of its inner function: a constant, a variable, and one of the function's own upvalues */
static const JitUpvalue upvalues[] = {{1, 2, 1}, {1, 3, 0}, {0, 1, 1}};
static const JitChild child = {0, 3, upvalues};
static JitFunction function = {.name = "test", .ninsns = 4000, .maxstack = W_SLOTS, .children = &child, .nchildren = 1};

static void check_graph(Graph *g, const char *after) {
    const char *wrong = graph_verify(g);
    ck_assert_msg(wrong == NULL, "%s: %s", after, wrong);
}

/* ------------------------------------------------------------------------------------- expressions */

typedef struct Parser {
    Graph *g;
    const char *at;
    GNode *last; /* terminator that nodes go before */
} Parser;

static GNode *insert(Parser *p, Op op, unsigned type, unsigned nin, GNode **in, int64_t imm) {
    GNode *n = node_make(p->g, op, nin, 0);
    if (type != T_COUNT) n->type = (uint8_t)type;
    for (unsigned i = 0; i < nin; i++) n->in[i] = in[i];
    n->imm.i = imm;
    if (node_is_const(n)) node_append(p->g->blocks[0], n);
    else node_insert_before(p->last, n);
    return n;
}

/* x y: integers; f h: floats; v w: any; t u: tables; b c: tests */
static const char *const names = "xyfhvwtubc";
static unsigned name_type(char name) {
    switch (name) {
        case 'x': case 'y': return T_INT;
        case 'f': case 'h': return T_FLT;
        case 't': case 'u': return T_TABLE;
        default: return T_VALUE;
    }
}

static GNode *parse_name(Parser *p, char name) {
    unsigned slot = (unsigned)(strchr(names, name) - names);
    for (GNode *n = p->last->block->first; n != NULL; n = n->next)
        if (n->op == N_SLOT && n->imm.u == slot) return name == 'b' || name == 'c' ? n->next : n;
    GNode *n = insert(p, N_SLOT, name_type(name), 0, NULL, slot);
    return name == 'b' || name == 'c' ? insert(p, N_TRUTH, T_COUNT, 1, &n, 0) : n;
}

static GNode *parse_number(Parser *p) {
    char *end;
    int64_t i = strtoll(p->at, &end, 10);
    if (*end == ' ' || *end == ')' || *end == '\0') {
        p->at = end;
        return insert(p, N_INT, T_COUNT, 0, NULL, i);
    }
    double d = strtod(p->at, &end);
    p->at = end;
    GNode *n = insert(p, N_FLT, T_COUNT, 0, NULL, 0);
    n->imm.f = d;
    return n;
}

static bool accept(Parser *p, const char *word) {
    size_t n = strlen(word);
    if (strncmp(p->at, word, n) != 0 || isalnum((unsigned char)p->at[n])) return false;
    p->at += n;
    return true;
}

static unsigned find(const char *name, size_t n, const char *(*get)(unsigned), unsigned count) {
    for (unsigned i = 0; i < count; i++)
        if (strlen(get(i)) == n && strncmp(name, get(i), n) == 0) return i;
    ck_abort_msg("no %.*s", (int)n, name);
    return 0;
}
static const char *op_name(unsigned i) { return op_info[i].name; }
static const char *type_name(unsigned i) { return type_names[i]; }

/* (OP:imm operand ...), for UNTAG (UNTAG:TYPE operand) */
static GNode *parse(Parser *p) {
    while (*p->at == ' ') p->at++;
    if (accept(p, "nil")) return insert(p, N_NIL, T_COUNT, 0, NULL, 0);
    if (accept(p, "true")) return insert(p, N_BOOL, T_COUNT, 0, NULL, 1);
    if (accept(p, "false")) return insert(p, N_BOOL, T_COUNT, 0, NULL, 0);
    if (*p->at != '(' && strchr(names, *p->at) != NULL && !isalnum((unsigned char)p->at[1])) return parse_name(p, *p->at++);
    if (*p->at != '(') return parse_number(p);
    size_t length = strcspn(++p->at, " :)");
    Op op = (Op)find(p->at, length, op_name, N_OPS);
    GNode *in[3];
    unsigned nin = 0, type = T_COUNT;
    int64_t imm = 0;
    p->at += length;
    if (*p->at == ':' && op == N_UNTAG) {
        length = strcspn(++p->at, " ");
        type = find(p->at, length, type_name, T_COUNT);
        imm = type_tags[type];
        p->at += length;
    } else if (*p->at == ':') {
        imm = strtoll(p->at + 1, (char **)(uintptr_t)&p->at, 10);
    }
    while (*p->at == ' ') in[nin++] = parse(p);
    p->at++;
    return insert(p, op, type, nin, in, imm);
}

static void print_flt(double x, FILE *out) {
    if (isnan(x)) fputs(signbit(x) ? "-nan" : "nan", out);
    else if (isinf(x)) fputs(x < 0 ? "-inf" : "inf", out);
    else fprintf(out, x == floor(x) && fabs(x) < 1e16 ? "%.1f" : "%.17g", x);
}

static void print(const GNode *n, FILE *out) {
    const GNode *slot = n->op == N_TRUTH && n->in[0]->op == N_SLOT && n->in[0]->imm.i >= 8 ? n->in[0] : n;
    switch (slot->op) {
        case N_INT: fprintf(out, "%" PRId64, n->imm.i); return;
        case N_FLT: print_flt(n->imm.f, out); return;
        case N_BOOL: fputs(n->imm.i ? "true" : "false", out); return;
        case N_NIL: fputs("nil", out); return;
        case N_SLOT: fputc(names[slot->imm.i], out); return;
        default: break;
    }
    fprintf(out, "(%s", op_info[n->op].name);
    if (n->op == N_UNTAG) fprintf(out, ":%s", type_names[n->type]);
    else if (n->imm.i != 0) fprintf(out, ":%" PRId64, n->imm.i);
    for (uint32_t i = 0; i < n->nin; i++) {
        fputc(' ', out);
        print(n->in[i], out);
    }
    fputc(')', out);
}

static GNode *add(Block *b, GNode *n) {
    node_append(b, n);
    return n;
}

static char *folded(const char *text) {
    char *result;
    size_t size;
    Graph *g = graph_new(&function);
    Block *b = graph_block(g, 0);
    graph_entry(g, 0, b);
    GNode *put = node_make(g, N_PUT_SLOT, 1, 0);
    Parser p = {g, text, add(b, put)};
    add(b, node_make(g, N_LEAVE, 0, 0));
    put->in[0] = parse(&p);
    check_graph(g, text);
    g->optimisations_left = -1;
    pass_fold(g);
    check_graph(g, text);
    FILE *out = open_memstream(&result, &size);
    print(put->in[0], out);
    fclose(out);
    graph_free(g);
    return result;
}

typedef struct Row {
    const char *before, *after;
} Row;

static void check_rows(const Row *row, size_t n) {
    for (; n-- > 0; row++) {
        char *result = folded(row->before);
        ck_assert_msg(strcmp(result, row->after) == 0, "%s became %s, not %s", row->before, result, row->after);
        free(result);
    }
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof rows / sizeof rows[0])

START_TEST(integers_fold_as_they_wrap) {
    static const Row rows[] = {
        {"(IADD 9223372036854775807 1)", "-9223372036854775808"},
        {"(ISUB -9223372036854775808 1)", "9223372036854775807"},
        {"(IMUL 4611686018427387904 2)", "-9223372036854775808"},
        {"(IDIV -7 2)", "-4"}, {"(IDIV 7 -2)", "-4"}, {"(IDIV -9223372036854775808 -1)", "-9223372036854775808"},
        {"(IMOD -7 3)", "2"}, {"(IMOD 7 -3)", "-2"}, {"(IMOD -9223372036854775808 -1)", "0"}, {"(IMOD -6 3)", "0"},
        {"(IDIV 1 0)", "(IDIV 1 0)"}, {"(IMOD 1 0)", "(IMOD 1 0)"},
        {"(UDIV -1 2)", "9223372036854775807"},
        {"(ISHL 1 63)", "-9223372036854775808"}, {"(ISHL 1 64)", "0"}, {"(ISHL -1 -63)", "1"}, {"(ISHR -1 63)", "1"},
        {"(ISHR 1 -9223372036854775808)", "0"}, {"(ISHL 5 -64)", "0"},
        {"(IAND 12 10)", "8"}, {"(IOR 12 10)", "14"}, {"(IXOR 12 10)", "6"}, {"(INOT 0)", "-1"}, {"(INEG -9223372036854775808)", "-9223372036854775808"},
        {"(IEQ 1 2)", "false"}, {"(ILT -1 0)", "true"}, {"(ULT -1 0)", "false"}, {"(ILE 3 3)", "true"},
    };
    CHECK_ROWS(rows);
}
END_TEST

START_TEST(integer_identities_hold) {
    static const Row rows[] = {
        {"(IADD x 0)", "x"}, {"(IADD 0 x)", "x"}, {"(IADD 3 x)", "(IADD x 3)"}, {"(ISUB x 5)", "(IADD x -5)"}, {"(ISUB x 0)", "x"},
        {"(ISUB x -9223372036854775808)", "(IADD x -9223372036854775808)"},
        {"(ISUB x x)", "0"}, {"(ISUB 0 x)", "(INEG x)"}, {"(ISUB 4 x)", "(ISUB 4 x)"},
        {"(IADD (IADD x 3) 4)", "(IADD x 7)"}, {"(ISUB (IADD x 3) 3)", "x"}, {"(ISUB 5 (IADD x 3))", "(ISUB 2 x)"},
        {"(IADD (ISUB x y) y)", "x"}, {"(ISUB (IADD x y) y)", "x"}, {"(ISUB (IADD x y) x)", "y"}, {"(ISUB x (INEG y))", "(IADD x y)"},
        {"(IADD x (INEG y))", "(ISUB x y)"},
        {"(IMUL x 1)", "x"}, {"(IMUL 0 x)", "0"}, {"(IMUL x -1)", "(INEG x)"}, {"(IMUL (IMUL x 3) 5)", "(IMUL x 15)"}, {"(IMUL x 8)", "(IMUL x 8)"},
        {"(IDIV x 1)", "x"}, {"(IDIV x -1)", "(INEG x)"}, {"(IMOD x 1)", "0"}, {"(IMOD x -1)", "0"}, {"(IMOD (IMOD x 7) 7)", "(IMOD x 7)"},
        {"(IAND x 0)", "0"}, {"(IAND x -1)", "x"}, {"(IAND x x)", "x"}, {"(IAND (IAND x 12) 10)", "(IAND x 8)"},
        {"(IOR x 0)", "x"}, {"(IOR x -1)", "-1"}, {"(IOR (IOR x 1) 2)", "(IOR x 3)"},
        {"(IXOR x x)", "0"}, {"(IXOR x -1)", "(INOT x)"}, {"(IXOR (IXOR x 5) 5)", "x"}, {"(INOT (INOT x))", "x"}, {"(INEG (INEG x))", "x"},
        {"(INEG (ISUB x y))", "(ISUB y x)"},
        {"(ISHL x 0)", "x"}, {"(ISHL x 64)", "0"}, {"(ISHL x -3)", "(ISHR x 3)"}, {"(ISHL (ISHL x 3) 4)", "(ISHL x 7)"}, {"(ISHL (ISHL x 63) 63)", "0"},
        {"(ISHR (ISHL x 3) 3)", "(ISHR (ISHL x 3) 3)"}, {"(ISHL 0 x)", "0"},
        {"(IEQ (IADD x 3) 10)", "(IEQ x 7)"}, {"(IEQ (IADD x 3) (IADD y 3))", "(IEQ x y)"}, {"(ILT (IADD x 3) 10)", "(ILT (IADD x 3) 10)"},
        {"(IEQ x x)", "true"}, {"(ILT x x)", "false"}, {"(ILE x x)", "true"}, {"(ULT x x)", "false"}, {"(ULT x 0)", "false"},
        {"(ILE -9223372036854775808 x)", "true"}, {"(ILT x -9223372036854775808)", "false"},
        {"(NOT (ILT x y))", "(ILE y x)"}, {"(NOT (ILE x y))", "(ILT y x)"}, {"(NOT (NOT b))", "b"}, {"(NOT (IEQ x 0))", "(NOT (IEQ x 0))"},
    };
    CHECK_ROWS(rows);
}
END_TEST

START_TEST(floats_fold_only_when_bits_are_the_same) {
    static const Row rows[] = {
        {"(FADD 0.5 0.25)", "0.75"}, {"(FDIV 1.0 0.0)", "inf"}, {"(FDIV 1.0 -0.0)", "-inf"}, {"(FDIV 0.0 0.0)", "-nan"}, {"(FNEG (FDIV 0.0 0.0))", "nan"},
        {"(FADD -0.0 0.0)", "0.0"}, {"(FADD f 0.0)", "(FADD f 0.0)"}, {"(FADD f -0.0)", "f"}, {"(FSUB f 0.0)", "f"}, {"(FSUB f -0.0)", "(FSUB f -0.0)"},
        {"(FSUB f f)", "(FSUB f f)"}, {"(FMUL f 0.0)", "(FMUL f 0.0)"}, {"(FMUL f 1.0)", "f"}, {"(FMUL f -1.0)", "(FMUL f -1.0)"},
        {"(FMUL f 2.0)", "(FADD f f)"}, {"(FMUL 2.0 f)", "(FADD f f)"}, {"(FDIV f 4.0)", "(FMUL f 0.25)"}, {"(FDIV f 0.5)", "(FADD f f)"},
        {"(FDIV f 3.0)", "(FDIV f 3.0)"}, {"(FDIV f 0.0)", "(FDIV f 0.0)"}, {"(FDIV f 1.0)", "f"}, {"(FDIV f inf)", "(FDIV f inf)"},
        {"(FDIV f 4.9406564584124654e-324)", "(FDIV f 4.9406564584124654e-324)"},
        {"(FADD (FADD f 1.0) 1.0)", "(FADD (FADD f 1.0) 1.0)"}, {"(FADD 1.0 f)", "(FADD 1.0 f)"},
        {"(FMOD -7.0 3.0)", "2.0"}, {"(FMOD 7.0 -3.0)", "-2.0"}, {"(FMOD 5.0 -inf)", "-inf"}, {"(FMOD 5.0 inf)", "5.0"}, {"(FMOD -6.0 3.0)", "-0.0"},
        {"(FIDIV -7.0 2.0)", "-4.0"}, {"(FIDIV 1.0 0.0)", "inf"}, {"(FPOW 3.0 2.0)", "9.0"}, {"(FPOW f 2.0)", "(FMUL f f)"}, {"(FPOW f 1.0)", "f"},
        {"(FPOW f 0.5)", "(FPOW f 0.5)"},
        {"(FEQ f f)", "(FEQ f f)"}, {"(FLE f f)", "(FLE f f)"}, {"(FLESS f f)", "false"}, {"(FEQ (ITOF x) (ITOF x))", "(FEQ (ITOF x) (ITOF x))"},
        {"(FEQ 0.0 -0.0)", "true"}, {"(FLESS nan 1.0)", "false"}, {"(NOT (FLESS f h))", "(NOT (FLESS f h))"},
        {"(ITOF 9007199254740993)", "9007199254740992.0"}, {"(ITOF 3)", "3.0"}, {"(NTOF x)", "(ITOF x)"}, {"(NTOF f)", "f"}, {"(NTOF v)", "(NTOF v)"},
        {"(FOR_GOES f h 1.0)", "(FLE f h)"}, {"(FOR_GOES f h -1.0)", "(FLE h f)"}, {"(FOR_GOES f h f)", "(FOR_GOES f h f)"},
    };
    CHECK_ROWS(rows);
}
END_TEST

START_TEST(known_types_decide_tests) {
    static const Row rows[] = {
        {"(HAS_TAG:4 x)", "true"}, {"(HAS_TAG:5 x)", "false"}, {"(HAS_TAG:4 v)", "(HAS_TAG:4 v)"}, {"(HAS_TAG:2 b)", "b"}, {"(HAS_TAG:1 b)", "(NOT b)"},
        {"(HAS_TAG:0 b)", "false"}, {"(HAS_TAG:0 nil)", "true"}, {"(UNTAG:INT x)", "x"}, {"(UNTAG:INT v)", "(UNTAG:INT v)"}, {"(UNTAG:NIL v)", "nil"},
        {"(IS_NUM x)", "true"}, {"(IS_NUM t)", "false"}, {"(IS_STR x)", "false"}, {"(TRUTH x)", "true"}, {"(TRUTH nil)", "false"}, {"(TRUTH b)", "b"},
        {"(SAME x x)", "true"}, {"(SAME v v)", "true"}, {"(SAME x y)", "(IEQ x y)"}, {"(SAME x f)", "false"}, {"(SAME v nil)", "(HAS_TAG v)"},
        {"(SAME true v)", "(HAS_TAG:2 v)"}, {"(SAME b true)", "b"}, {"(SAME t u)", "(SAME t u)"},
        {"(DECIDED x y)", "true"}, {"(DECIDED x f)", "false"}, {"(DECIDED f f)", "false"}, {"(DECIDED v nil)", "true"}, {"(DECIDED v x)", "(DECIDED v x)"},
        {"(DECIDED t x)", "true"}, {"(DECIDED t t)", "true"}, {"(DECIDED t u)", "(DECIDED t u)"}, {"(DECIDED v v)", "(DECIDED v v)"},
        {"(RAW_EQUAL x y)", "(IEQ x y)"}, {"(RAW_EQUAL f f)", "(FEQ f f)"}, {"(RAW_EQUAL x f)", "(RAW_EQUAL x f)"}, {"(RAW_EQUAL x t)", "false"},
        {"(RAW_EQUAL v nil)", "(HAS_TAG v)"}, {"(RAW_EQUAL t u)", "(SAME t u)"}, {"(RAW_EQUAL v v)", "(RAW_EQUAL v v)"},
    };
    CHECK_ROWS(rows);
}
END_TEST

/* ------------------------------------------------------------------------------------------- graphs */

/* Lines of the tests leave out what is zero: "imm 0", "pc 0". */
static char *complete(const char *text) {
    char *result;
    size_t size;
    FILE *out = open_memstream(&result, &size);
    fputs("function test\n", out);
    if (strstr(text, "entry") == NULL) fputs("entry 0 pc 0 block 1\n", out);
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        char line[256];
        snprintf(line, sizeof line, "%.*s", (int)n, text);
        text += n + (text[n] == '\n');
        char *tail = line[0] == '%' ? strstr(line, " exit ") : strstr(line, " from ");
        if (tail == NULL && line[0] == '%') tail = strstr(line, " to ");
        if (tail == NULL) tail = line + strlen(line);
        fprintf(out, "%.*s", (int)(tail - line), line);
        if (line[0] == '%' && strstr(line, " imm ") == NULL) fputs(" imm 0", out);
        if (line[0] == '%' || strncmp(line, "block", 5) == 0) fputs(" pc 0", out);
        fprintf(out, "%s\n", tail);
    }
    fclose(out);
    return result;
}

/* The other way; nodes and blocks by the order in which they are named. */
static char *compact(const char *text) {
    char *result;
    size_t size;
    unsigned number[1000], n = 0;
    memset(number, 0xff, sizeof number);
    FILE *out = open_memstream(&result, &size);
    while (*text != '\0') {
        if (strncmp(text, " imm 0 ", 7) == 0) text += 6;
        else if (strncmp(text, " pc 0", 5) == 0 && !isdigit((unsigned char)text[5])) text += 5;
        else if (strncmp(text, "\n  %", 4) == 0) text += 3, fputc('\n', out);
        else if (*text == '%') {
            unsigned long id = strtoul(text + 1, (char **)(uintptr_t)&text, 10);
            if (number[id] == ~0u) number[id] = n++;
            fprintf(out, "%%%u", number[id]);
        } else fputc(*text++, out);
    }
    fclose(out);
    return result;
}

static char *text_of(const Graph *g) {
    char *text, *result;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    graph_print(g, out);
    fclose(out);
    result = compact(text);
    free(text);
    return result;
}

static Graph *graph_of(const char *text) {
    const char *fault;
    char *all = complete(text);
    Graph *g = graph_read(all, &function, &fault);
    ck_assert_msg(g != NULL, "%s in %s", fault, all);
    g->optimisations_left = -1;
    check_graph(g, "reading");
    free(all);
    return g;
}

typedef bool (*PassFunction)(Graph *g);

static void run(Graph *g, PassFunction pass) {
    graph_order(g);
    pass(g);
    check_graph(g, "pass");
    graph_order(g);
}

/* After the pass, folding, and without dead nodes. */
static void check_pass(PassFunction pass, const char *before, const char *after) {
    Graph *g = graph_of(before), *wanted = graph_of(after);
    run(g, pass);
    if (pass != pass_fold) run(g, pass_fold);
    run(g, pass_dead);
    char *x = text_of(g), *y = text_of(wanted);
    ck_assert_msg(strcmp(x, y) == 0, "became\n%snot\n%s", x, y);
    free(x);
    free(y);
    graph_free(g);
    graph_free(wanted);
}

START_TEST(branches_on_constants_go) {
    check_pass(pass_fold,
               "block 0\n%0 BOOL BOOL imm 1\n%1 INT INT imm 7\n%2 INT INT imm 8\n"
               "block 1 from 0\n%3 NONE BRANCH %0 to 2 3\n"
               "block 2 from 1\n%4 NONE GOTO to 4\n"
               "block 3 from 1\n%5 NONE GOTO to 4\n"
               "block 4 from 2 3\n%6 INT PHI %1 %2\n%7 NONE PUT_SLOT %6\n%8 NONE LEAVE\n",
               "block 0\n%1 INT INT imm 7\n"
               "block 1 from 0\n%7 NONE PUT_SLOT %1\n%8 NONE LEAVE\n");
}
END_TEST

START_TEST(guards_that_fail_are_exits) {
    check_pass(pass_fold,
               "block 0\n%0 INT INT imm 7\n"
               "block 1 from 0\n%1 VALUE SLOT imm 3\n%2 BOOL TRUTH %1\n%3 NONE BRANCH %2 to 2 3\n"
               "block 2 from 1\n%4 BOOL ILT %0 %0\n%5 NONE GUARD %4 exit TYPE at 5 r1=%1\n%6 NONE PUT_SLOT %0\n%7 NONE GOTO to 4\n"
               "block 3 from 1\n%8 BOOL IEQ %0 %0\n%9 NONE GUARD %8 exit TYPE at 6\n%10 NONE GOTO to 4\n"
               "block 4 from 2 3\n%11 VALUE PHI %0 %1\n%12 NONE PUT_SLOT %11\n%13 NONE LEAVE\n",
               "block 0\n"
               "block 1 from 0\n%1 VALUE SLOT imm 3\n%2 BOOL TRUTH %1\n%3 NONE BRANCH %2 to 2 3\n"
               "block 3 from 1\n%12 NONE PUT_SLOT %1\n%13 NONE LEAVE\n"
               "block 2 from 1\n%5 NONE EXIT exit TYPE at 5 r1=%1\n");
}
END_TEST

START_TEST(phis_of_booleans_are_conditions) {
    check_pass(pass_fold,
               "block 0\n%0 BOOL BOOL imm 0\n%1 BOOL BOOL imm 1\n"
               "block 1 from 0\n%3 INT SLOT\n%4 INT SLOT imm 1\n%5 BOOL ILT %3 %4\n%6 NONE BRANCH %5 to 2 3\n"
               "block 2 from 1\n%7 NONE GOTO to 4\n"
               "block 3 from 1\n%8 NONE GOTO to 4\n"
               "block 4 from 2 3\n%9 VALUE PHI %0 %1\n%10 BOOL TRUTH %9\n%11 NONE PUT_SLOT %10 imm 3\n%12 NONE LEAVE\n",
               "block 0\n"
               "block 1 from 0\n%3 INT SLOT\n%4 INT SLOT imm 1\n%5 BOOL ILT %3 %4\n%6 NONE BRANCH %5 to 2 3\n"
               "block 3 from 1\n%8 NONE GOTO to 4\n"
               "block 2 from 1\n%7 NONE GOTO to 4\n"
               "block 4 from 2 3\n%10 BOOL ILE %4 %3\n%11 NONE PUT_SLOT %10 imm 3\n%12 NONE LEAVE\n");
}
END_TEST

/* A loop's phi is an integer if it begins as one and every iteration makes one. */
START_TEST(phis_get_types) {
    check_pass(pass_fold,
               "block 0\n%0 INT INT imm 1\n"
               "block 1 from 0\n%1 NONE GOTO to 2\n"
               "block 2 from 1 3\n%2 VALUE PHI %0 %6\n%3 BOOL HAS_TAG %2 imm 4\n%4 NONE GUARD %3 exit TYPE at 1\n%5 INT UNTAG %2 imm 4\n"
               "%6 INT IADD %5 %0\n%7 BOOL ILT %6 %0\n%8 NONE BRANCH %7 to 3 4\n"
               "block 3 from 2\n%9 NONE GOTO to 2\n"
               "block 4 from 2\n%10 NONE PUT_SLOT %6 imm 3\n%11 NONE LEAVE\n",
               "block 0\n%0 INT INT imm 1\n"
               "block 1 from 0\n%1 NONE GOTO to 2\n"
               "block 2 from 1 3\n%2 INT PHI %0 %6\n%6 INT IADD %2 %0\n%7 BOOL ILT %6 %0\n%8 NONE BRANCH %7 to 3 4\n"
               "block 4 from 2\n%10 NONE PUT_SLOT %6 imm 3\n%11 NONE LEAVE\n"
               "block 3 from 2\n%9 NONE GOTO to 2\n");
}
END_TEST

START_TEST(equal_values_are_one) {
    check_pass(pass_gvn,
               "block 0\n%0 INT INT imm 3\n%1 INT INT imm 3\n"
               "block 1 from 0\n%2 INT SLOT\n%3 INT IADD %2 %0\n%4 INT IADD %2 %1\n%5 INT IMUL %3 %2\n%6 INT IMUL %2 %4\n"
               "%7 NONE PUT_SLOT %5 imm 3\n%8 NONE PUT_SLOT %6 imm 4\n%9 NONE LEAVE\n",
               "block 0\n%0 INT INT imm 3\n"
               "block 1 from 0\n%2 INT SLOT\n%3 INT IADD %2 %0\n%5 INT IMUL %3 %2\n"
               "%7 NONE PUT_SLOT %5 imm 3\n%8 NONE PUT_SLOT %5 imm 4\n%9 NONE LEAVE\n");
}
END_TEST

START_TEST(dominating_tests_decide) {
    check_pass(pass_gvn,
               "block 0\n%0 INT INT imm 3\n"
               "block 1 from 0\n%1 VALUE SLOT imm 3\n%2 BOOL HAS_TAG %1 imm 4\n%3 NONE GUARD %2 exit TYPE at 1\n%4 INT UNTAG %1 imm 4\n"
               "%5 BOOL IS_NUM %1\n%6 NONE GUARD %5 exit TYPE at 2\n%7 BOOL HAS_TAG %1 imm 5\n%8 BOOL ILT %4 %0\n%9 NONE BRANCH %8 to 2 3\n"
               "block 2 from 1\n%10 BOOL ILE %0 %4\n%11 NONE PUT_SLOT %10 imm 3\n%12 NONE PUT_SLOT %7 imm 4\n%13 NONE LEAVE\n"
               "block 3 from 1\n%14 BOOL ILE %0 %4\n%15 NONE GUARD %14 exit TYPE at 3\n%16 NONE LEAVE\n",
               "block 0\n%0 INT INT imm 3\n%20 BOOL BOOL imm 0\n"
               "block 1 from 0\n%1 VALUE SLOT imm 3\n%2 BOOL HAS_TAG %1 imm 4\n%3 NONE GUARD %2 exit TYPE at 1\n%4 INT UNTAG %1 imm 4\n"
               "%8 BOOL ILT %4 %0\n%9 NONE BRANCH %8 to 2 3\n"
               "block 3 from 1\n%16 NONE LEAVE\n"
               "block 2 from 1\n%11 NONE PUT_SLOT %20 imm 3\n%12 NONE PUT_SLOT %20 imm 4\n%13 NONE LEAVE\n");
}
END_TEST

START_TEST(stores_are_forwarded_past_other_fields) {
    check_pass(pass_gvn,
               "block 0\n%0 INT INT imm 3\n"
               "block 1 from 0\n%1 TABLE SLOT imm 5\n%2 TABLE SLOT imm 6\n%3 NONE PUT_FIELD %1 %0 imm 32\n%4 NONE PUT_FIELD %2 %1 imm 48\n"
               "%5 VALUE FIELD %1 imm 32\n%6 NONE PUT_SLOT %5 imm 3\n%7 NONE PUT_FIELD %2 %1 imm 32\n%8 VALUE FIELD %1 imm 32\n"
               "%9 NONE PUT_SLOT %8 imm 4\n%10 NONE LEAVE\n",
               "block 0\n%0 INT INT imm 3\n"
               "block 1 from 0\n%1 TABLE SLOT imm 5\n%2 TABLE SLOT imm 6\n%3 NONE PUT_FIELD %1 %0 imm 32\n%4 NONE PUT_FIELD %2 %1 imm 48\n"
               "%6 NONE PUT_SLOT %0 imm 3\n%7 NONE PUT_FIELD %2 %1 imm 32\n%8 VALUE FIELD %1 imm 32\n"
               "%9 NONE PUT_SLOT %8 imm 4\n%10 NONE LEAVE\n");
}
END_TEST

START_TEST(tables_of_other_shapes_are_others) {
    check_pass(pass_gvn,
               "block 0\n%0 INT INT imm 3\n"
               "block 1 from 0\n%1 TABLE SLOT imm 5\n%2 TABLE SLOT imm 6\n"
               "%11 BOOL HAS_SHAPE %1 imm 7\n%12 NONE GUARD %11 exit SHAPE at 1\n%13 BOOL HAS_SHAPE %2 imm 8\n%14 NONE GUARD %13 exit SHAPE at 1\n"
               "%5 VALUE FIELD %1 imm 32\n%7 NONE PUT_FIELD %2 %1 imm 32\n%8 VALUE FIELD %1 imm 32\n"
               "%15 BOOL HAS_SHAPE %1 imm 8\n%9 NONE PUT_SLOT %8 imm 4\n%6 NONE PUT_SLOT %15 imm 3\n%10 NONE LEAVE\n",
               "block 0\n%20 BOOL BOOL imm 0\n"
               "block 1 from 0\n%1 TABLE SLOT imm 5\n%2 TABLE SLOT imm 6\n"
               "%11 BOOL HAS_SHAPE %1 imm 7\n%12 NONE GUARD %11 exit SHAPE at 1\n%13 BOOL HAS_SHAPE %2 imm 8\n%14 NONE GUARD %13 exit SHAPE at 1\n"
               "%5 VALUE FIELD %1 imm 32\n%7 NONE PUT_FIELD %2 %1 imm 32\n"
               "%9 NONE PUT_SLOT %5 imm 4\n%6 NONE PUT_SLOT %20 imm 3\n%10 NONE LEAVE\n");
}
END_TEST

/* Stores of three fields with their shapes, as in a constructor: only the last shape is stored, guards go. */
START_TEST(constructors_lose_their_shape_changes) {
    check_pass(pass_gvn,
               "block 0\n%0 INT INT imm 3\n"
               "block 1 from 0\n%1 TABLE SLOT imm 5\n%2 BOOL HAS_SHAPE %1 imm 7\n%3 NONE GUARD %2 exit SHAPE at 1\n"
               "%4 NONE PUT_FIELD %1 %0 imm 32\n%5 NONE PUT_SHAPE %1 imm 8\n%6 BOOL HAS_SHAPE %1 imm 8\n%7 NONE GUARD %6 exit SHAPE at 2\n"
               "%8 NONE PUT_FIELD %1 %0 imm 48\n%9 NONE PUT_SHAPE %1 imm 9\n%10 NONE LEAVE\n",
               "block 0\n%0 INT INT imm 3\n"
               "block 1 from 0\n%1 TABLE SLOT imm 5\n%2 BOOL HAS_SHAPE %1 imm 7\n%3 NONE GUARD %2 exit SHAPE at 1\n"
               "%4 NONE PUT_FIELD %1 %0 imm 32\n%8 NONE PUT_FIELD %1 %0 imm 48\n%9 NONE PUT_SHAPE %1 imm 9\n%10 NONE LEAVE\n");
}
END_TEST

START_TEST(elements_at_other_indices_stay) {
    check_pass(pass_gvn,
               "block 0\n%0 INT INT imm 1\n"
               "block 1 from 0\n%1 TABLE SLOT imm 5\n%2 PTR ARRAY %1\n%3 INT SLOT\n%4 INT ABASE %2\n%5 INT ISUB %3 %4\n%6 INT IADD %3 %0\n%7 INT ISUB %6 %4\n"
               "%8 INT ELEM_INT %2 %5\n%9 NONE PUT_ELEM %2 %7 %3\n%10 INT ELEM_INT %2 %5\n%11 FLT ELEM_FLT %2 %7\n%12 INT ELEM_INT %2 %7\n"
               "%13 NONE PUT_SLOT %8\n%14 NONE PUT_SLOT %10 imm 1\n%15 NONE PUT_SLOT %12 imm 3\n%16 NONE PUT_SLOT %11 imm 4\n%17 NONE LEAVE\n",
               "block 0\n%0 INT INT imm 1\n"
               "block 1 from 0\n%1 TABLE SLOT imm 5\n%2 PTR ARRAY %1\n%3 INT SLOT\n%4 INT ABASE %2\n%5 INT ISUB %3 %4\n%6 INT IADD %3 %0\n%7 INT ISUB %6 %4\n"
               "%8 INT ELEM_INT %2 %5\n%9 NONE PUT_ELEM %2 %7 %3\n%11 FLT ELEM_FLT %2 %7\n"
               "%13 NONE PUT_SLOT %8\n%14 NONE PUT_SLOT %8 imm 1\n%15 NONE PUT_SLOT %3 imm 3\n%16 NONE PUT_SLOT %11 imm 4\n%17 NONE LEAVE\n");
}
END_TEST

/* What an iteration stores at i + 1 the next reads at i. */
START_TEST(other_indices_are_told_within_an_iteration_only) {
    static const char loop[] =
        "block 0\n%0 INT INT imm 1\n%1 INT INT imm 0\n%20 INT INT imm 9\n"
        "block 1 from 0\n%2 TABLE SLOT imm 5\n%3 PTR ARRAY %2\n%4 INT ELEM_INT %3 %1\n%5 NONE GOTO to 2\n"
        "block 2 from 1 3\n%6 INT PHI %1 %9\n%7 INT ELEM_INT %3 %6\n%8 INT ELEM_INT %3 %1\n%9 INT IADD %6 %0\n%10 NONE PUT_ELEM %3 %9 %9\n"
        "%11 NONE PUT_SLOT %7\n%12 NONE PUT_SLOT %8 imm 1\n%13 BOOL ILT %9 %20\n%14 NONE BRANCH %13 to 3 4\n"
        "block 4 from 2\n%16 NONE PUT_SLOT %4 imm 3\n%17 NONE LEAVE\n"
        "block 3 from 2\n%15 NONE GOTO to 2\n";
    check_pass(pass_gvn, loop, loop);
}
END_TEST

/* A loop that writes one field; the other is read before it only. The cycle has two entries. */
START_TEST(loads_are_seen_past_loops) {
    check_pass(pass_gvn,
               "entry 0 pc 0 block 1\n"
               "block 0\n%0 INT INT imm 1\n"
               "block 1 from 0\n%1 TABLE SLOT imm 5\n%2 VALUE FIELD %1 imm 32\n%3 VALUE FIELD %1 imm 48\n%4 NONE GOTO to 2\n"
               "block 2 from 1 3\n%5 VALUE FIELD %1 imm 32\n%6 VALUE FIELD %1 imm 48\n%7 NONE PUT_FIELD %1 %5 imm 48\n%8 BOOL TRUTH %6\n%9 NONE BRANCH %8 to 3 4\n"
               "block 3 from 2\n%10 NONE GOTO to 2\n"
               "block 4 from 2\n%11 VALUE FIELD %1 imm 32\n%12 NONE PUT_SLOT %11 imm 3\n%13 NONE PUT_SLOT %3 imm 4\n%14 NONE LEAVE\n",
               "entry 0 pc 0 block 1\n"
               "block 0\n"
               "block 1 from 0\n%1 TABLE SLOT imm 5\n%2 VALUE FIELD %1 imm 32\n%3 VALUE FIELD %1 imm 48\n%4 NONE GOTO to 2\n"
               "block 2 from 1 3\n%6 VALUE FIELD %1 imm 48\n%7 NONE PUT_FIELD %1 %2 imm 48\n%8 BOOL TRUTH %6\n%9 NONE BRANCH %8 to 3 4\n"
               "block 4 from 2\n%12 NONE PUT_SLOT %2 imm 3\n%13 NONE PUT_SLOT %3 imm 4\n%14 NONE LEAVE\n"
               "block 3 from 2\n%10 NONE GOTO to 2\n");
}
END_TEST

START_TEST(overwritten_stores_go) {
    check_pass(pass_gvn,
               "block 0\n%0 INT INT imm 1\n"
               "block 1 from 0\n%1 TABLE SLOT imm 5\n%2 TABLE SLOT imm 6\n%3 VALUE SLOT imm 3\n%4 NONE PUT_FIELD %1 %0 imm 32\n%5 VALUE FIELD %2 imm 48\n"
               "%6 NONE PUT_FIELD %1 %3 imm 32\n%7 VALUE FIELD %2 imm 32\n%8 NONE PUT_FIELD %1 %0 imm 32\n%9 BOOL TRUTH %3\n"
               "%10 NONE GUARD %9 exit TYPE at 1 r3=%7 r4=%5\n%11 NONE PUT_FIELD %1 %3 imm 32\n%12 NONE LEAVE\n",
               "block 0\n%0 INT INT imm 1\n"
               "block 1 from 0\n%1 TABLE SLOT imm 5\n%2 TABLE SLOT imm 6\n%3 VALUE SLOT imm 3\n%5 VALUE FIELD %2 imm 48\n"
               "%6 NONE PUT_FIELD %1 %3 imm 32\n%7 VALUE FIELD %2 imm 32\n%8 NONE PUT_FIELD %1 %0 imm 32\n%9 BOOL TRUTH %3\n"
               "%10 NONE GUARD %9 exit TYPE at 1 r3=%7 r4=%5\n%11 NONE PUT_FIELD %1 %3 imm 32\n%12 NONE LEAVE\n");
}
END_TEST

/* Shape 6, two inline slots, read by somebody. */
#define NEW_TABLE "TABLE NEW_TABLE imm 4611686027017322502 exit PLAIN at 1\n"

START_TEST(tables_that_only_exits_see_are_not_made) {
    check_pass(pass_escape,
               "block 0\n%0 INT INT imm 3\n"
               "block 1 from 0\n%1 " NEW_TABLE "%2 NONE INIT_FIELD %1 %0 imm 32\n%3 NONE INIT_SHAPE %1 imm 8\n"
               "%4 VALUE SLOT imm 3\n%5 BOOL TRUTH %4\n%6 NONE GUARD %5 exit TYPE at 2 r1=%1 r2=%1\n%11 BOOL HAS_SHAPE %1 imm 8\n"
               "%12 NONE GUARD %11 exit SHAPE at 2 r1=%1\n%7 VALUE FIELD %1 imm 32\n%8 NONE PUT_SLOT %7 imm 4\n%9 NONE LEAVE\n",
               "block 0\n%0 INT INT imm 3\n"
               "block 1 from 0\n%4 VALUE SLOT imm 3\n%5 BOOL TRUTH %4\n%10 TABLE REBUILT %0 imm 8589934600\n"
               "%6 NONE GUARD %5 exit TYPE at 2 r1=%10 r2=%10\n%8 NONE PUT_SLOT %0 imm 4\n%9 NONE LEAVE\n");
}
END_TEST

START_TEST(fields_of_tables_not_made_meet_in_phis) {
    check_pass(pass_escape,
               "block 0\n%0 INT INT imm 3\n%20 INT INT imm 4\n"
               "block 1 from 0\n%1 " NEW_TABLE "%2 NONE INIT_FIELD %1 %0 imm 32\n%3 NONE INIT_SHAPE %1 imm 8\n"
               "%4 VALUE SLOT imm 3\n%5 BOOL TRUTH %4\n%6 NONE BRANCH %5 to 2 3\n"
               "block 3 from 1\n%10 NONE GOTO to 4\n"
               "block 2 from 1\n%11 NONE PUT_FIELD %1 %20 imm 32\n%12 NONE GOTO to 4\n"
               "block 4 from 2 3\n%7 VALUE FIELD %1 imm 32\n%8 NONE PUT_SLOT %7 imm 4\n%9 NONE LEAVE\n",
               "block 0\n%0 INT INT imm 3\n%20 INT INT imm 4\n"
               "block 1 from 0\n%4 VALUE SLOT imm 3\n%5 BOOL TRUTH %4\n%6 NONE BRANCH %5 to 2 3\n"
               "block 3 from 1\n%10 NONE GOTO to 4\n"
               "block 2 from 1\n%12 NONE GOTO to 4\n"
               "block 4 from 2 3\n%7 INT PHI %20 %0\n%8 NONE PUT_SLOT %7 imm 4\n%9 NONE LEAVE\n");
}
END_TEST

/* Stored in a slot; of a shape that depends on the way; read by nobody. */
START_TEST(other_tables_are_made) {
    static const char *const stored = "block 0\n%0 INT INT imm 3\n"
                                      "block 1 from 0\n%1 " NEW_TABLE "%2 NONE INIT_FIELD %1 %0 imm 32\n%3 NONE INIT_SHAPE %1 imm 8\n"
                                      "%8 NONE PUT_SLOT %1 imm 4\n%9 NONE LEAVE\n";
    static const char *const forked = "block 0\n%0 INT INT imm 3\n"
                                      "block 1 from 0\n%1 " NEW_TABLE "%4 VALUE SLOT imm 3\n%5 BOOL TRUTH %4\n%6 NONE BRANCH %5 to 2 3\n"
                                      "block 3 from 1\n%10 NONE GOTO to 4\n"
                                      "block 2 from 1\n%2 NONE INIT_FIELD %1 %0 imm 32\n%3 NONE INIT_SHAPE %1 imm 8\n%12 NONE GOTO to 4\n"
                                      "block 4 from 2 3\n%7 BOOL HAS_SHAPE %1 imm 8\n%8 NONE PUT_SLOT %7 imm 4\n%9 NONE LEAVE\n";
    static const char *const unread = "block 0\n%0 INT INT imm 3\n"
                                      "block 1 from 0\n%1 TABLE NEW_TABLE imm 8589934598 exit PLAIN at 1\n%2 NONE INIT_FIELD %1 %0 imm 32\n%9 NONE LEAVE\n";
    check_pass(pass_escape, stored, stored);
    check_pass(pass_escape, forked, forked);
    check_pass(pass_escape, unread, unread);
}
END_TEST

START_TEST(lists_are_values) {
    check_pass(pass_escape,
               "block 0\n%0 INT INT imm 3\n%20 INT INT imm 4\n%21 INT INT imm 2\n"
               "block 1 from 0\n%1 " NEW_TABLE "%2 NONE SET_LIST %1 %0 %20 imm 5 exit PLAIN at 1\n%3 PTR ARRAY %1\n%4 BOOL KIND_IS %3 imm 1\n"
               "%5 NONE GUARD %4 exit KIND at 2 r1=%1\n%6 INT ABASE %3\n%7 INT ISUB %21 %6\n%8 INT ELEM_INT %3 %7\n%9 INT LENGTH %1\n"
               "%10 VALUE SLOT imm 3\n%11 BOOL TRUTH %10\n%12 NONE GUARD %11 exit TYPE at 3 r1=%1\n"
               "%13 NONE PUT_SLOT %8 imm 4\n%14 NONE PUT_SLOT %9 imm 6\n%15 NONE LEAVE\n",
               "block 0\n%0 INT INT imm 3\n%20 INT INT imm 4\n%21 INT INT imm 2\n"
               "block 1 from 0\n%10 VALUE SLOT imm 3\n%11 BOOL TRUTH %10\n%16 TABLE REBUILT %0 %20 imm 144115196665790470\n"
               "%12 NONE GUARD %11 exit TYPE at 3 r1=%16\n%13 NONE PUT_SLOT %20 imm 4\n%14 NONE PUT_SLOT %21 imm 6\n%15 NONE LEAVE\n");
}
END_TEST

/* What may be nil is looked at, with what is known before the list is there; an element at any place is chosen. */
START_TEST(elements_at_any_place_are_chosen) {
    check_pass(pass_escape,
               "block 0\n%0 INT INT imm 3\n"
               "block 1 from 0\n%1 " NEW_TABLE "%16 VALUE SLOT imm 7\n%17 INT SLOT imm 8\n%2 NONE SET_LIST %1 %0 %16 imm 5 exit PLAIN at 1 r1=%1\n"
               "%3 PTR ARRAY %1\n%8 VALUE ELEM_TAGGED %3 %17\n%13 NONE PUT_SLOT %8 imm 4\n%15 NONE LEAVE\n",
               "block 0\n%0 INT INT imm 3\n%20 INT INT imm 0\n"
               "block 1 from 0\n%16 VALUE SLOT imm 7\n%17 INT SLOT imm 8\n%4 BOOL HAS_TAG %16 imm 0\n%5 BOOL NOT %4\n%19 TABLE REBUILT imm 8589934598\n"
               "%6 NONE GUARD %5 exit NIL at 1 r1=%19\n%18 BOOL IEQ %17 %20\n%8 VALUE SELECT %18 %0 %16\n%13 NONE PUT_SLOT %8 imm 4\n%15 NONE LEAVE\n");
}
END_TEST

/* The loop's table is made anew in each iteration. */
START_TEST(tables_go_round_as_fields) {
    check_pass(pass_escape,
               "block 0\n%0 INT INT imm 3\n"
               "block 1 from 0\n%1 " NEW_TABLE "%2 NONE INIT_FIELD %1 %0 imm 32\n%3 NONE INIT_SHAPE %1 imm 8\n%4 NONE GOTO to 2\n"
               "block 2 from 1 3\n%5 TABLE PHI %1 %9\n%6 VALUE FIELD %5 imm 32\n%7 BOOL TRUTH %6\n%8 NONE GUARD %7 exit TYPE at 2 r1=%5\n"
               "%20 VALUE SLOT imm 9\n%9 " NEW_TABLE "%10 NONE INIT_FIELD %9 %20 imm 32\n%11 NONE INIT_SHAPE %9 imm 8\n"
               "%12 BOOL TRUTH %20\n%13 NONE BRANCH %12 to 3 4\n"
               "block 3 from 2\n%14 NONE GOTO to 2\n"
               "block 4 from 2\n%15 NONE PUT_SLOT %6 imm 4\n%16 NONE LEAVE\n",
               "block 0\n%0 INT INT imm 3\n%1 NIL NIL\n"
               "block 1 from 0\n%4 NONE GOTO to 2\n"
               "block 2 from 1 3\n%6 VALUE PHI %0 %20\n%7 BOOL TRUTH %6\n%17 TABLE REBUILT %6 %1 imm 8589934600\n%8 NONE GUARD %7 exit TYPE at 2 r1=%17\n"
               "%20 VALUE SLOT imm 9\n%12 BOOL TRUTH %20\n%13 NONE BRANCH %12 to 3 4\n"
               "block 4 from 2\n%15 NONE PUT_SLOT %6 imm 4\n%16 NONE LEAVE\n"
               "block 3 from 2\n%14 NONE GOTO to 2\n");
}
END_TEST

/* The first one is read in each iteration: it goes by two names. */
START_TEST(tables_by_two_names_are_made) {
    static const char *const twice =
        "block 0\n%0 INT INT imm 3\n"
        "block 1 from 0\n%1 " NEW_TABLE "%2 NONE INIT_FIELD %1 %0 imm 32\n%3 NONE INIT_SHAPE %1 imm 8\n%4 NONE GOTO to 2\n"
        "block 2 from 1 3\n%5 TABLE PHI %1 %9\n%6 VALUE FIELD %5 imm 32\n%7 VALUE FIELD %1 imm 32\n%8 NONE PUT_SLOT %7 imm 5\n"
        "%20 VALUE SLOT imm 9\n%9 " NEW_TABLE "%10 NONE INIT_FIELD %9 %20 imm 32\n%11 NONE INIT_SHAPE %9 imm 8\n"
        "%12 BOOL TRUTH %20\n%13 NONE BRANCH %12 to 3 4\n"
        "block 4 from 2\n%15 NONE PUT_SLOT %6 imm 4\n%16 NONE LEAVE\n"
        "block 3 from 2\n%14 NONE GOTO to 2\n";
    check_pass(pass_escape, twice, twice);
}
END_TEST

START_TEST(closures_that_only_exits_see_are_not_made) {
    check_pass(pass_escape,
               "block 0\n%0 INT INT imm 3\n%1 NIL NIL\n"
               "block 1 from 0\n%2 LCL SELF\n%3 LCL NEW_CLOSURE %2 %0 %1 %1 imm 4611686035607257088 exit PLAIN at 1\n"
               "%4 VALUE UPVAL_OF %3 imm 0\n%5 VALUE UPVAL_OF %3 imm 1\n%6 VALUE UPVAL_OF %3 imm 2\n%7 BOOL TRUTH %5\n"
               "%8 NONE GUARD %7 exit TYPE at 2 r4=%3\n%9 NONE PUT_UPVAL_OF %3 %4 imm 1\n%10 NONE PUT_SLOT %6 imm 5\n%11 NONE LEAVE\n",
               "block 0\n%0 INT INT imm 3\n%1 NIL NIL\n"
               "block 1 from 0\n%2 LCL SELF\n%5 VALUE SLOT imm 3\n%6 VALUE UPVAL imm 1\n%7 BOOL TRUTH %5\n%12 LCL REBUILT %2 %0 %1 %1\n"
               "%8 NONE GUARD %7 exit TYPE at 2 r4=%12\n%9 NONE PUT_SLOT %0 imm 3\n%10 NONE PUT_SLOT %6 imm 5\n%11 NONE LEAVE\n");
}
END_TEST

/* Made by an inlined function, whose variables are closed when it returns. */
START_TEST(closed_variables_are_values) {
    check_pass(pass_escape,
               "block 0\n%0 INT INT imm 3\n%1 NIL NIL\n"
               "block 1 from 0\n%2 LCL SELF\n%3 LCL NEW_CLOSURE %2 %0 %1 %1 imm 4611686061377454080 exit PLAIN at 1\n%4 NONE CLOSE imm 6\n"
               "%5 VALUE UPVAL_OF %3 imm 1\n%6 NONE PUT_UPVAL_OF %3 %0 imm 1\n%7 VALUE UPVAL_OF %3 imm 1\n"
               "%8 NONE PUT_SLOT %5 imm 1\n%9 NONE PUT_SLOT %7 imm 2\n%10 NONE LEAVE\n",
               "block 0\n%0 INT INT imm 3\n"
               "block 1 from 0\n%4 NONE CLOSE imm 6\n%5 VALUE SLOT imm 9\n%8 NONE PUT_SLOT %5 imm 1\n%9 NONE PUT_SLOT %0 imm 2\n%10 NONE LEAVE\n");
}
END_TEST

/* Stored; closed where closures of other tiers may have the variable, and seen by an exit; called by nobody. */
START_TEST(other_closures_are_made) {
    static const char *const stored = "block 0\n%0 INT INT imm 3\n%1 NIL NIL\n"
                                      "block 1 from 0\n%2 LCL SELF\n%3 LCL NEW_CLOSURE %2 %0 %1 %1 imm 4611686035607257088 exit PLAIN at 1\n"
                                      "%4 NONE PUT_SLOT %3 imm 4\n%9 NONE LEAVE\n";
    static const char *const closed = "block 0\n%0 INT INT imm 3\n%1 NIL NIL\n"
                                      "block 1 from 0\n%2 LCL SELF\n%3 LCL NEW_CLOSURE %2 %0 %1 %1 imm 4611686035607257088 exit PLAIN at 1\n"
                                      "%4 NONE CLOSE imm 2\n%5 VALUE SLOT imm 7\n%6 BOOL TRUTH %5\n%7 NONE GUARD %6 exit TYPE at 2 r4=%3\n%9 NONE LEAVE\n";
    static const char *const unread = "block 0\n%0 INT INT imm 3\n%1 NIL NIL\n"
                                      "block 1 from 0\n%2 LCL SELF\n%3 LCL NEW_CLOSURE %2 %0 %1 %1 imm 17179869184 exit PLAIN at 1\n%9 NONE LEAVE\n";
    check_pass(pass_escape, stored, stored);
    check_pass(pass_escape, closed, closed);
    check_pass(pass_escape, unread, unread);
}
END_TEST

/* ------------------------------------------------------------------------------------------- random */

enum { WORLDS = 6 };

static void run_worlds(const Graph *g, uint64_t seed, World *w, unsigned entries, bool *ran) {
    for (unsigned e = 0; e < entries; e++) {
        for (unsigned n = 0; n < WORLDS; n++) {
            World *x = &w[e * WORLDS + n];
            world_make(x, &seed);
            const char *fault = world_run(g, e, x);
            if (fault != NULL && ran == NULL) ck_abort_msg("seed %" PRIu64 ": %s", seed, fault);
            if (ran != NULL) ran[e * WORLDS + n] = fault == NULL;
        }
    }
}

static void compare(uint64_t seed, const char *passes, const World *x, const World *y, const bool *ran, unsigned n) {
    for (unsigned i = 0; i < n; i++)
        ck_assert_msg(!ran[i] || memcmp(&x[i], &y[i], sizeof *x) == 0, "seed %" PRIu64 ", %s: world %u differs", seed, passes, i);
}

static void check_random(uint64_t seed, const char *passes, int limit) {
    Graph *g = random_graph(&function, seed);
    World *before = calloc(g->nentries * WORLDS, sizeof *before), *after = calloc(g->nentries * WORLDS, sizeof *after);
    bool *ran = calloc(g->nentries * WORLDS, sizeof *ran);
    check_graph(g, "random_graph");
    g->optimisations_left = limit;
    run_worlds(g, seed, before, g->nentries, ran);
    for (const char *p = passes; *p != '\0'; p++) {
        graph_order(g);
        (*p == 'f' ? pass_fold : *p == 'g' ? pass_gvn : pass_dead)(g);
        const char *wrong = graph_verify(g);
        ck_assert_msg(wrong == NULL, "seed %" PRIu64 ", %s: %s", seed, passes, wrong);
    }
    run_worlds(g, seed, after, g->nentries, NULL);
    compare(seed, passes, before, after, ran, g->nentries * WORLDS);
    graph_free(g);
    free(before);
    free(after);
    free(ran);
}

static uint64_t first_seed(void) {
    const char *s = getenv("PERIGEE_SEED");
    return s != NULL ? strtoull(s, NULL, 10) : 1;
}
static unsigned rounds(unsigned usual) {
    const char *s = getenv("PERIGEE_ROUNDS");
    return s != NULL ? (unsigned)strtoul(s, NULL, 10) : usual;
}

START_TEST(random_graphs_mean_the_same) {
    static const char *const passes[] = {"f", "g", "fgfd", "gfgfd"};
    uint64_t seed = first_seed();
    for (unsigned n = rounds(1000); n-- > 0; seed++) check_random(seed, passes[seed % 4], -1);
}
END_TEST

/* Any number of optimisations leaves a graph that verifies and means the same. */
START_TEST(random_graphs_can_be_bisected) {
    uint64_t seed = first_seed();
    for (unsigned n = rounds(300); n-- > 0; seed++) check_random(seed, "fgfd", (int)(seed * 7 % 60));
}
END_TEST

int main(void) {
    Suite *s = suite_create("graph passes");
    TCase *fold = tcase_create("fold"), *gvn = tcase_create("gvn"), *random = tcase_create("random"), *escape = tcase_create("escape");
    tcase_add_test(fold, integers_fold_as_they_wrap);
    tcase_add_test(fold, integer_identities_hold);
    tcase_add_test(fold, floats_fold_only_when_bits_are_the_same);
    tcase_add_test(fold, known_types_decide_tests);
    tcase_add_test(fold, branches_on_constants_go);
    tcase_add_test(fold, guards_that_fail_are_exits);
    tcase_add_test(fold, phis_of_booleans_are_conditions);
    tcase_add_test(fold, phis_get_types);
    tcase_add_test(gvn, equal_values_are_one);
    tcase_add_test(gvn, dominating_tests_decide);
    tcase_add_test(gvn, stores_are_forwarded_past_other_fields);
    tcase_add_test(gvn, tables_of_other_shapes_are_others);
    tcase_add_test(gvn, constructors_lose_their_shape_changes);
    tcase_add_test(gvn, elements_at_other_indices_stay);
    tcase_add_test(gvn, other_indices_are_told_within_an_iteration_only);
    tcase_add_test(gvn, loads_are_seen_past_loops);
    tcase_add_test(gvn, overwritten_stores_go);
    tcase_add_test(escape, tables_that_only_exits_see_are_not_made);
    tcase_add_test(escape, fields_of_tables_not_made_meet_in_phis);
    tcase_add_test(escape, other_tables_are_made);
    tcase_add_test(escape, lists_are_values);
    tcase_add_test(escape, elements_at_any_place_are_chosen);
    tcase_add_test(escape, tables_go_round_as_fields);
    tcase_add_test(escape, tables_by_two_names_are_made);
    tcase_add_test(escape, closures_that_only_exits_see_are_not_made);
    tcase_add_test(escape, closed_variables_are_values);
    tcase_add_test(escape, other_closures_are_made);
    tcase_add_test(random, random_graphs_mean_the_same);
    tcase_add_test(random, random_graphs_can_be_bisected);
    tcase_set_timeout(random, 300);
    suite_add_tcase(s, fold);
    suite_add_tcase(s, gvn);
    suite_add_tcase(s, escape);
    suite_add_tcase(s, random);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
