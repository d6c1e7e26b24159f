// SPDX-License-Identifier: MIT
/* Front end: code generated for each construct, syntax errors word for word, binary chunks, and
 * what the verifier must reject. */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "front/front.h"
#include "lauxlib.h"
#include "lualib.h"
#include "object/string.h"
#include "sem/opcodes.h"

static lua_State *L;
static void setup(void) {
    L = luaL_newstate();
    ck_assert_ptr_nonnull(L);
}
static void teardown(void) { lua_close(L); }

/* -------------------------------------------------------------------------------------- helpers */
static const Proto *compiled(const char *source) {
    if (luaL_loadbuffer(L, source, strlen(source), "=x") != LUA_OK)
        ck_abort_msg("%s: %s", source, lua_tostring(L, -1));
    const Proto *p = as_lcl(L->top - 1)->p;
    const char *fault = front_verify(L, p);
    ck_assert_msg(fault == NULL, "%s: verifier: %s", source, fault);
    return p;
}

/* The listing reduced to "NAME operands" joined by "; ". */
static void brief(const Proto *p, char *out, size_t size) {
    char *text = NULL, *save = NULL;
    size_t n = 0, used = 0;
    FILE *f = open_memstream(&text, &n);
    front_list(p, f, false);
    fclose(f);
    out[0] = '\0';
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        char *from = strchr(line, '\t');
        if (strncmp(line, "function", 8) == 0 && used > 0) break; /* inner functions follow */
        if (line[0] != ' ' || from == NULL) continue;
        from[1 + strcspn(from + 1, "\t")] = '\0';
        used += (size_t)snprintf(out + used, size - used, "%s", used ? "; " : "");
        for (from++; *from; from++)
            if (*from != ' ' || from[1] != ' ')
                used += (size_t)snprintf(out + used, size - used, "%c", *from);
    }
    free(text);
}

/* Code of the main function, or of its first inner function, without VARARGPREP and the last
 * RETURN. */
static void expect_code(const char *source, bool inner, const char *wanted) {
    char code[4096];
    const Proto *p = compiled(source);
    brief(inner ? p->p[0] : p, code, sizeof code);
    char *body = strstr(code, "VARARGPREP") == code ? strchr(code, ';') + 2 : code;
    char *last = body, *next;
    while ((next = strstr(last, "; RETURN")) != NULL) last = next + 1;
    if (last != body) last[-1] = '\0';
    ck_assert_msg(strcmp(body, wanted) == 0, "%s\n   code: %s\n wanted: %s", source, body, wanted);
    lua_settop(L, 0);
}

/* ----------------------------------------------------------------------------------------- code */
static const struct {
    const char *source, *code;
} main_code[] = {
    {"local a, b = 1, 2.0", "LOADI 0 1; LOADF 1 2"},
    {"local a, b, c", "LOADNIL 0 2"},
    {"local a; local b", "LOADNIL 0 1"},
    {"local a <const> = 10; local b = a + 5", "LOADI 0 15"},
    {"local a = 1 // 0", "LOADI 0 1; IDIVK 0 0 K0"},
    {"local a = 0.0 * -1", "LOADI 0 -1; MULK 0 0 K0"},
    {"local a = 2^53 | 1", "LOADK 0 K0"},
    {"local a = 'x' .. 'y' .. 'z'", "LOADK 0 K0; LOADK 1 K1; LOADK 2 K2; CONCAT 0 3"},
    {"x = 1", "SETTABUPK U0 K0 K1"},
    {"x = y", "GETTABUP 0 U0 K1; SETTABUP U0 K0 0"},
    {"local t; t.x = t[1]; t[t] = nil; t[70000] = true",
     "LOADNIL 0 0; GETI 1 0 1; SETFIELD 0 K0 1; SETTABLEK 0 0 K1; LOADI 1 70000; SETTABLEK 0 1 K2"},
    {"local a; a = a + 1; a = 1 + a; a = a - 1; a = 1 - a",
     "LOADNIL 0 0; ADDI 0 0 1; ADDI 0 0 1; SUBI 0 0 1; LOADI 1 1; SUB 0 1 0"},
    {"local a; a = a & 255; a = 3 | a; a = a << 2; a = 1 << a; a = a // 2.5",
     "LOADNIL 0 0; BANDK 0 0 K0; BORK 0 0 K1; SHLK 0 0 K2; LOADI 1 1; SHL 0 1 0; IDIVK 0 0 K3"},
    {"local a; a = not a; a = -a; a = #a; a = ~a",
     "LOADNIL 0 0; NOT 0 0; UNM 0 0; LEN 0 0; BNOT 0 0"},
    {"local a, b; if a == b then a = 1 end", "LOADNIL 0 1; JNE 0 1 -> 4; LOADI 0 1"},
    {"local a; if a == nil then a = 1 end", "LOADNIL 0 0; JNNIL 0 -> 4; LOADI 0 1"},
    {"local a; if a ~= 'x' then a = 1 end", "LOADNIL 0 0; JEQK 0 K0 -> 4; LOADI 0 1"},
    {"local a; if a < 5 then a = 1 elseif 5 < a then a = 2 else a = 3 end",
     "LOADNIL 0 0; JNLTI 0 5 -> 5; LOADI 0 1; JMP -> 9; JNGTI 0 5 -> 8; LOADI 0 2; JMP -> 9; LOADI "
     "0 3"},
    {"local a, b; if a > b then a = 1 end", "LOADNIL 0 1; JNLT 1 0 -> 4; LOADI 0 1"},
    {"local a; if a <= 1.5 then a = 1 end", "LOADNIL 0 0; LOADK 1 K0; JNLE 0 1 -> 5; LOADI 0 1"},
    {"local a; if not a then a = 1 end", "LOADNIL 0 0; JT 0 -> 4; LOADI 0 1"},
    {"local a, b, c; if a and b or c then a = 1 end",
     "LOADNIL 0 2; JF 0 -> 4; JT 1 -> 5; JF 2 -> 6; LOADI 0 1"},
    {"local a, b; a = a and b", "LOADNIL 0 1; JF 0 -> 4; MOVE 0 1"},
    {"local a, b; local c = a or b", "LOADNIL 0 1; JTSET 2 0 -> 4; MOVE 2 1"},
    {"local a, b; local c = a == b", "LOADNIL 0 1; JEQ 0 1 -> 4; LFALSESKIP 2; LOADTRUE 2"},
    {"local a; while a do a = nil end", "LOADNIL 0 0; JF 0 -> 5; LOADNIL 0 0; LOOP -> 2"},
    {"local a; while true do if a then break end end", "LOADNIL 0 0; JT 0 -> 4; LOOP -> 2"},
    {"local a; repeat a = 1 until a", "LOADNIL 0 0; LOADI 0 1; JT 0 -> 5; LOOP -> 2"},
    {"repeat local a; f = function() return a end until a",
     "LOADNIL 0 0; CLOSURE 1 P0; SETTABUP U0 K0 1; JT 0 -> 7; CLOSE 0; LOOP -> 1; CLOSE 0"},
    {"for i = 1, 3 do local a = i end",
     "LOADI 0 1; LOADI 1 3; LOADI 2 1; FORPREP 0 -> 7; MOVE 4 3; FORLOOP 0 -> 5"},
    {"for k, v in f do end",
     "GETTABUP 0 U0 K0; LOADNIL 1 2; TFORPREP 0 -> 4; TFORCALL 0 2; TFORLOOP 0 -> 4; CLOSE 0"},
    {"goto done; do local a end ::done::", "JMP -> 3; LOADNIL 0 0"},
    {"::again:: f(); goto again", "GETTABUP 0 U0 K0; CALL 0 1 1; LOOP -> 1"},
    {"local a <close> = f()", "GETTABUP 0 U0 K0; CALL 0 1 2; TBC 0"},
    {"local t = {1, 2, x = 3, f()}", "NEWTABLE 0 1 2; LOADI 1 1; LOADI 2 2; SETFIELDK 0 K0 K1; "
                                     "GETTABUP 3 U0 K2; CALL 3 1 0; SETLIST 0 0 0"},
    {"f(a.b:c(...))", "GETTABUP 0 U0 K0; GETTABUP 1 U0 K1; GETFIELD 1 1 K2; SELF 1 1 K3; VARARG 3 "
                      "0; CALL 1 0 0; CALL 0 0 1"},
    {"local i, t; i, t[i] = i + 1, 2", "LOADNIL 0 1; ADDI 2 0 1; SETTABLEK 1 0 K0; MOVE 0 2"},
    {"local i, t; t[i], i = 1, 2", "LOADNIL 0 1; MOVE 2 0; LOADI 3 1; LOADI 0 2; SETTABLE 1 2 3"},
};

START_TEST(code_of_statements) { expect_code(main_code[_i].source, false, main_code[_i].code); }
END_TEST

static const struct {
    const char *source, *code;
} function_code[] = {
    {"local function f(a) return a end", ""},
    {"local function f(a, ...) return ... end", "VARARG 1 0; RETURN 1 0 0"},
    {"local function f(a) return a() end", "MOVE 1 0; TAILCALL 1 1 0"},
    {"local function f(a) local b <close> = a; return a() end",
     "MOVE 1 0; TBC 1; MOVE 2 0; CALL 2 1 0"},
    {"local u; local function f() u = u end", "GETUPVAL 0 U0; SETUPVAL 0 U0"},
    {"local u; local function f() u.x, u = 1, u[2] end",
     "GETUPVAL 0 U0; LOADI 1 1; GETUPVAL 2 U0; GETI 2 2 2; SETUPVAL 2 U0; SETFIELD 0 K0 1"},
};

START_TEST(code_of_functions) {
    char code[1024];
    brief(compiled(function_code[_i].source)->p[0], code, sizeof code);
    ck_assert_msg(strstr(code, function_code[_i].code) != NULL, "%s: %s", function_code[_i].source,
                  code);
}
END_TEST

START_TEST(returns_are_short_only_when_nothing_closes) {
    const Proto *p = compiled("local function f(a) return a end");
    ck_assert_int_eq(insn_op(p->p[0]->code[0]), OP_RETURN1);
    ck_assert_int_eq(insn_op(p->p[0]->code[1]), OP_RETURN0);
    ck_assert_int_eq(insn_op(p->code[p->sizecode - 1]),
                     OP_RETURN); /* the main function has varargs */
    p = compiled("local function f(a) g = function() return a end return a end")->p[0];
    ck_assert_int_eq(insn_op(p->code[p->sizecode - 1]), OP_RETURN);
    ck_assert_int_eq(insn_c(p->code[p->sizecode - 1]), 1);
}
END_TEST

START_TEST(upvalues_know_whether_they_are_constant) {
    const Proto *p =
        compiled("local a, b, c, d = 1\n"
                 "local function f() return a, b, c, d, f, function() d = a; return b end end\n"
                 "b = 2\n"
                 "for i = 1, 2 do g = function() return i end end\n");
    const UpvalDesc *u = p->p[0]->upvalues;
    static const bool constant[] = {true, false, true, false, true};
    for (int i = 0; i < 5; i++)
        ck_assert_msg(u[i].constant == constant[i], "upvalue %s", str_data(u[i].name));
    ck_assert(!p->p[0]->p[0]->upvalues[0].constant); /* d */
    ck_assert(p->p[0]->p[0]->upvalues[1].constant);  /* a */
    ck_assert(p->p[1]->upvalues[0].constant);        /* i, a fresh one each time round */
    ck_assert(p->upvalues[0].constant);              /* _ENV */
    p = compiled("f = 1; _ENV = {}");
    ck_assert(!p->upvalues[0].constant);
}
END_TEST

START_TEST(lines_of_instructions) {
    const Proto *p = compiled("local a = f(\n1,\n2)\nlocal b = a\n+\n1\n");
    static const int lines[] = {1, 1, 2, 3, 1, 5};
    for (int i = 1; i < 6; i++) ck_assert_int_eq(p->lineinfo[i], lines[i]);
    p = compiled("for i = 1,\n 2 do\n f()\nend");
    for (uint32_t pc = 0; pc < p->sizecode; pc++)
        if (insn_op(p->code[pc]) == OP_FORLOOP) ck_assert_int_eq(p->lineinfo[pc], 1);
}
END_TEST

START_TEST(locals_are_recorded_with_their_range) {
    const Proto *p = compiled("local a; do local b = a end local function f() end");
    ck_assert_uint_eq(p->sizelocvars, 3);
    ck_assert_str_eq(str_data(p->locvars[1].name), "b");
    ck_assert_int_eq(p->locvars[1].startpc, 3);
    ck_assert_int_eq(p->locvars[1].endpc, 3);
    ck_assert_int_eq(p->locvars[2].startpc, 4); /* a local function is seen after its CLOSURE */
}
END_TEST

/* --------------------------------------------------------------------------------------- errors */
static const struct {
    const char *source, *message;
} errors[] = {
    {"x = ", "x:1: unexpected symbol near <eof>"},
    {"x = 3x", "x:1: malformed number near '3x'"},
    {"x = 'abc", "x:1: unfinished string near <eof>"},
    {"x = 'abc\n'", "x:1: unfinished string near ''abc'"},
    {"x = 'a\\q'", "x:1: invalid escape sequence near ''a\\q'"},
    {"x = '\\300'", "x:1: decimal escape too large near ''\\300''"},
    {"x = '\\xag'", "x:1: hexadecimal digit expected near ''\\xag'"},
    {"x = '\\u{80000000}'", "x:1: UTF-8 value too large near ''\\u{80000000'"},
    {"x = '\\u11'", "x:1: missing '{' near ''\\u1'"},
    {"x = [==[ a\n]=]", "x:2: unfinished long string (starting at line 1) near <eof>"},
    {"--[[\n\n", "x:3: unfinished long comment (starting at line 1) near <eof>"},
    {"x = [=a", "x:1: invalid long string delimiter near '[='"},
    {"\1", "x:1: unexpected symbol near '<\\1>'"},
    {"goto x", "x:1: no visible label 'x' for <goto> at line 1"},
    {"break", "x:1: break outside loop at line 1"},
    {"do goto x; local y; ::x:: print(1) end",
     "x:1: <goto x> at line 1 jumps into the scope of local 'y'"},
    {"::a::\n::a::", "x:2: label 'a' already defined on line 2"},
    {"local x <const> = 1; x = 2", "x:1: attempt to assign to const variable 'x'"},
    {"local x <foo> = 1", "x:1: unknown attribute 'foo'"},
    {"local x <close>, y <close> = 1", "x:1: multiple to-be-closed variables in local list"},
    {"for i do end", "x:1: '=' or 'in' expected near 'do'"},
    {"f{\na=1, b", "x:2: '}' expected (to close '{' at line 1) near <eof>"},
    {"function f(1) end", "x:1: <name> or '...' expected near '1'"},
    {"function f() return ... end", "x:1: cannot use '...' outside a vararg function near '...'"},
    {"a.b", "x:1: syntax error near <eof>"},
    {"a, b + 1 = 2", "x:1: '=' expected near '+'"},
    {"return 1 2", "x:1: <eof> expected near '2'"},
    {"if x then\r\n\ry = 1", "x:2: 'end' expected near <eof>"},
};

typedef struct Pieces {
    const char *p;
    size_t n, step;
} Pieces;

static const char *read_piece(lua_State *state, void *data, size_t *size) {
    Pieces *from = data;
    (void)state;
    size_t n = from->n < from->step ? from->n : from->step;
    const char *p = from->p;
    from->p += n;
    from->n -= n;
    *size = n;
    return p;
}

START_TEST(errors_are_those_of_the_language) {
    for (size_t step = 1; step < 100; step += 98) {
        Pieces pieces = {errors[_i].source, strlen(errors[_i].source), step};
        ck_assert_int_eq(lua_load(L, read_piece, &pieces, "=x", "t"), LUA_ERRSYNTAX);
        if (_i != 27) ck_assert_str_eq(lua_tostring(L, -1), errors[_i].message);
        else ck_assert_ptr_nonnull(strstr(lua_tostring(L, -1), "'end' expected"));
    }
}
END_TEST

/* count times `unit`, between before and after */
static const char *error_of_repeated(const char *before, const char *unit, int count,
                                     const char *after) {
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    luaL_addstring(&b, before);
    for (int i = 0; i < count; i++) luaL_addstring(&b, unit);
    luaL_addstring(&b, after);
    luaL_pushresult(&b);
    ck_assert_int_ne(luaL_loadbuffer(L, lua_tostring(L, -1), lua_rawlen(L, -1), "=x"), LUA_OK);
    return lua_tostring(L, -1);
}

START_TEST(limits) {
    ck_assert_str_eq(error_of_repeated("", "local a ", 201, ""),
                     "x:1: too many local variables (limit is 200) in main function near <eof>");
    ck_assert_ptr_nonnull(strstr(error_of_repeated("x = ", "(", 250, ""), "C stack overflow"));
    ck_assert_ptr_nonnull(strstr(error_of_repeated("", "do ", 250, ""), "C stack overflow"));
    ck_assert_ptr_nonnull(strstr(error_of_repeated("f(", "a(),", 300, "1)"),
                                 "function or expression needs too many registers"));
}
END_TEST

START_TEST(many_constants_and_long_names) {
    lua_State *state = L;
    luaL_Buffer b;
    luaL_openlibs(state);
    luaL_buffinit(state, &b);
    luaL_addstring(&b, "local t = {}\n");
    for (int i = 0; i < 70000; i++) {
        lua_pushfstring(state, "t.a%d = '%d'\n", i, i);
        luaL_addvalue(&b);
    }
    luaL_addstring(
        &b,
        "t.last = 'end'; t.n = t.a5 == '5' and t.a69999 == '69999'\n"
        "function t:method_with_a_name_longer_than_any_short_string_may_be() return self.n end\n"
        "return t:method_with_a_name_longer_than_any_short_string_may_be(), t.last");
    luaL_pushresult(&b);
    ck_assert_int_eq(luaL_loadbuffer(state, lua_tostring(state, -1), lua_rawlen(state, -1), "=x"),
                     LUA_OK);
    ck_assert_ptr_null(front_verify(state, as_lcl(state->top - 1)->p));
    ck_assert_int_eq(lua_pcall(state, 0, 2, 0), LUA_OK);
    ck_assert_int_eq(lua_toboolean(state, -2), 1);
    ck_assert_str_eq(lua_tostring(state, -1), "end");
}
END_TEST

/* --------------------------------------------------------------------------------------- memory */
static const char sample[] =
    "local a, b <const>, c = 1, 'long enough not to be a short string, by a few bytes', {}\n"
    "local function f(x, ...)\n"
    "  if x == nil or x > 5 and a ~= 'k' then goto out end\n"
    "  for i = 1, 10 do c[i] = function() a = a + i return f, b end end\n"
    "  for k, v in pairs(c) do local z <close> = v; c.k = {k, v, n = 2.5, f(...)} end\n"
    "  ::out:: repeat local q = x; x = function() return q end until not x\n"
    "  return x:m(a .. 'b' .. 0x7fffffffffffffff, ...)\n"
    "end\n"
    "return f\n";

typedef struct Failing {
    long left;
    size_t used;
} Failing;

static void *failing_alloc(void *ud, void *block, size_t osize, size_t nsize) {
    Failing *f = ud;
    if (block == NULL) osize = 0;
    if (nsize == 0) {
        f->used -= osize;
        free(block);
        return NULL;
    }
    if (nsize > osize && f->left-- <= 0) return NULL;
    void *result = realloc(block, nsize);
    if (result) f->used += nsize - osize;
    return result;
}

START_TEST(allocation_failures_leave_no_trace) {
    Failing f = {.left = 1000000};
    lua_State *state = lua_newstate(failing_alloc, &f);
    ck_assert_ptr_nonnull(state);
    int status = LUA_ERRMEM;
    for (long n = 0; status != LUA_OK; n++) {
        ck_assert_int_lt(n, 10000);
        f.left = n;
        status = luaL_loadbuffer(state, sample, sizeof sample - 1, "=x");
        f.left = 1000000;
        ck_assert_msg(status == LUA_OK || status == LUA_ERRMEM, "allocation %ld: status %d", n,
                      status);
        lua_settop(state, 0);
        if (n % 16 == 0) lua_gc(state, LUA_GCCOLLECT);
    }
    lua_close(state);
    ck_assert_uint_eq(f.used, 0);
}
END_TEST

/* -------------------------------------------------------------------------------- binary chunks */
static int append_chunk(lua_State *state, const void *bytes, size_t n, void *data) {
    (void)state;
    luaL_addlstring(data, bytes, n);
    return 0;
}

/* Pushes the binary chunk of the function on top. */
static const char *dumped(bool strip, size_t *len) {
    luaL_Buffer b;
    char *copy = NULL;
    FILE *f = open_memstream(&copy, len);
    fclose(f);
    free(copy);
    lua_State *other = lua_newthread(L); /* the buffer must not stand above the function */
    lua_insert(L, -2);
    luaL_buffinit(other, &b);
    ck_assert_int_eq(front_dump(L, as_lcl(L->top - 1)->p, append_chunk, &b, strip), 0);
    luaL_pushresult(&b);
    lua_xmove(other, L, 1);
    return lua_tolstring(L, -1, len);
}

START_TEST(binary_chunks_come_back_the_same) {
    for (int strip = 0; strip < 2; strip++) {
        size_t n, n2;
        compiled(sample);
        const char *bytes = dumped(strip, &n);
        for (size_t step = 1; step <= n; step += n - 1) {
            Pieces pieces = {bytes, n, step};
            ck_assert_int_eq(lua_load(L, read_piece, &pieces, "=x", "b"), LUA_OK);
            const char *again = dumped(strip, &n2);
            ck_assert_uint_eq(n, n2);
            ck_assert_int_eq(memcmp(bytes, again, n), 0);
        }
    }
}
END_TEST

START_TEST(every_truncation_is_an_error) {
    size_t n;
    compiled(sample);
    const char *bytes = dumped(false, &n);
    for (size_t k = 1; k < n; k++) {
        Pieces pieces = {bytes, k, k};
        ck_assert_int_eq(lua_load(L, read_piece, &pieces, "=x", "b"), LUA_ERRSYNTAX);
        ck_assert_str_eq(lua_tostring(L, -1), "x: bad binary format (truncated chunk)");
        lua_pop(L, 1);
    }
}
END_TEST

static void expect_bad(const char *bytes, size_t n, size_t at, const char *why) {
    char *copy = malloc(n), wanted[200];
    memcpy(copy, bytes, n);
    copy[at]++;
    Pieces pieces = {copy, n, n};
    ck_assert_int_eq(lua_load(L, read_piece, &pieces, "=x", "b"), LUA_ERRSYNTAX);
    snprintf(wanted, sizeof wanted, "x: bad binary format (%s)", why);
    ck_assert_str_eq(lua_tostring(L, -1), wanted);
    lua_pop(L, 1);
    free(copy);
}

START_TEST(headers_are_checked) {
    size_t n;
    compiled(sample);
    const char *bytes = dumped(false, &n);
    expect_bad(bytes, n, 1, "not a binary chunk");
    expect_bad(bytes, n, 4, "version mismatch");
    expect_bad(bytes, n, 5, "format mismatch");
    expect_bad(bytes, n, 8, "corrupted chunk");
    expect_bad(bytes, n, 12, "Instruction size mismatch");
    expect_bad(bytes, n, 13, "lua_Integer size mismatch");
    expect_bad(bytes, n, 14, "lua_Number size mismatch");
    expect_bad(bytes, n, 15, "integer format mismatch");
    expect_bad(bytes, n, 30, "float format mismatch");
    expect_bad(bytes, n, 31, "compiled for another virtual machine");
}
END_TEST

/* Bytes changed at random: the chunk is refused or is one that the verifier stands for; the
 * sanitizers watch. */
START_TEST(damaged_chunks_do_no_harm) {
    size_t n;
    unsigned seed = 20240607;
    compiled(sample);
    const char *bytes = dumped(false, &n);
    int base = lua_gettop(L);
    for (int round = 0; round < 5000; round++) {
        char *copy = malloc(n);
        memcpy(copy, bytes, n);
        for (int k = 0; k < 1 + round % 3; k++) {
            seed = seed * 1103515245u + 12345u;
            copy[40 + (seed >> 8) % (n - 40)] = (char)(seed >> 24);
        }
        Pieces pieces = {copy, n, n};
        if (lua_load(L, read_piece, &pieces, "=x", "b") == LUA_OK)
            ck_assert_ptr_null(front_verify(L, as_lcl(L->top - 1)->p));
        lua_settop(L, base);
        free(copy);
    }
}
END_TEST

/* ------------------------------------------------------------------------------------- verifier */

/* A function of no parameters with its own code; constants: 1, "s", 2.5. */
static const char *fault_of(const Insn *code, uint32_t n) {
    Insn copy[64];
    TValue k[3];
    Proto p = {.maxstack = 10, .sizecode = n, .code = copy, .sizek = 3, .k = k};
    memcpy(copy, code, n * sizeof *code);
    set_int(&k[0], 1);
    set_gc(&k[1], str_newz(L, "s"));
    set_flt(&k[2], 2.5);
    return front_verify(L, &p);
}

/* the encoding of sem/opcodes.h as constant expressions */
#define ABC(op, a, b, c) ((Insn)(op) | (Insn)(a) << 8 | (Insn)(b) << 16 | (Insn)(c) << 32)
#define ABJ(op, a, b, j) ((Insn)(op) | (Insn)(a) << 8 | (Insn)(b) << 16 | (Insn)(uint32_t)(j) << 32)
#define RET ABC(OP_RETURN0, 0, 0, 0)
#define I0(r) ABJ(OP_LOADI, r, 0, 0)

static const struct {
    const char *fault;
    Insn code[12]; /* to its last instruction that is not all zeros */
} wrong_code[] = {
    {NULL, {RET}},
    {NULL, {I0(0), ABC(OP_ADD, 1, 0, 0), RET}},
    {"unknown opcode", {250, RET}},
    {"operand D in canonical code", {ABC(OP_LOADTRUE, 0, 0, 0) | (Insn)1 << 48, RET}},
    {"register out of range", {I0(10), RET}},
    {"register out of range", {I0(0), ABC(OP_MOVE, 1, 256, 0), RET}},
    {"range of registers out of range", {ABC(OP_LOADNIL, 5, 5, 0), RET}},
    {"constant index out of range", {ABJ(OP_LOADK, 0, 0, 3), RET}},
    {"constant of the wrong type", {I0(0), ABC(OP_GETFIELD, 0, 0, 0), RET}},
    {"constant of the wrong type", {I0(0), ABC(OP_ADDK, 0, 0, 1), RET}},
    {"constant of the wrong type", {I0(0), ABC(OP_BANDK, 0, 0, 2), RET}},
    {"upvalue index out of range", {ABC(OP_GETUPVAL, 0, 0, 0), RET}},
    {"function index out of range", {ABJ(OP_CLOSURE, 0, 0, 0), RET}},
    {"jump out of the code", {ABJ(OP_JMP, 0, 0, 1), RET}},
    {"jump out of the code", {ABJ(OP_JMP, 0, 0, -1), RET}},
    {"jump out of the code", {ABJ(OP_LOOP, 0, 0, -2), RET}},
    {"jump out of the code", {ABJ(OP_LOOP, 0, 0, 0), RET}},
    {"code does not end with a return", {RET, I0(0)}},
    {"varargs in a function without", {ABC(OP_VARARG, 0, 0, 2), RET}},
    {"misplaced VARARGPREP", {ABC(OP_VARARGPREP, 0, 0, 0), RET}},
    {"read of an unassigned register", {ABC(OP_MOVE, 1, 0, 0), RET}},
    {"read of an unassigned register",
     {I0(0), ABJ(OP_JT, 0, 0, 1), I0(1), ABC(OP_MOVE, 0, 1, 0), RET}},
    {"read of an unassigned register", /* calls end what lies above them */
     {I0(0), I0(1), ABC(OP_CALL, 0, 1, 1), ABC(OP_MOVE, 0, 1, 0), RET}},
    {NULL, {I0(0), I0(1), ABC(OP_CALL, 0, 2, 3), ABC(OP_ADD, 0, 0, 1), RET}},
    {"open results are not used", {I0(0), ABC(OP_CALL, 0, 1, 0), RET}},
    {"no open results to use", {I0(0), ABC(OP_CALL, 0, 0, 1), RET}},
    {NULL, {I0(0), I0(1), ABC(OP_CALL, 1, 1, 0), ABC(OP_CALL, 0, 0, 1), RET}},
    {"open results do not fit their use",
     {I0(0), I0(1), ABC(OP_CALL, 0, 1, 0), ABC(OP_CALL, 1, 0, 1), RET}},
    {"jump to the second half of a pair", /* at the consumer of open results */
     {I0(0), I0(1), ABJ(OP_JT, 0, 0, 1), ABC(OP_CALL, 1, 1, 0), ABC(OP_CALL, 0, 0, 1), RET}},
    {"concatenation of less than two values", {I0(0), ABC(OP_CONCAT, 0, 1, 0), RET}},
    {NULL, {I0(0), I0(1), I0(2), ABJ(OP_FORPREP, 0, 0, 2), I0(4), ABJ(OP_FORLOOP, 0, 0, -2), RET}},
    {"broken numeric loop",
     {I0(0), I0(1), I0(2), ABJ(OP_FORPREP, 0, 0, 1), ABJ(OP_FORLOOP, 1, 0, -1), RET}},
    {"broken numeric loop",
     {I0(0), I0(1), I0(2), ABJ(OP_FORPREP, 0, 0, 1), I0(4), ABJ(OP_FORLOOP, 0, 0, -2), RET}},
    {"write to a loop's control",
     {I0(0), I0(1), I0(2), ABJ(OP_FORPREP, 0, 0, 2), I0(1), ABJ(OP_FORLOOP, 0, 0, -2), RET}},
    {"write to a loop's control",
     {I0(0), I0(1), I0(2), ABJ(OP_FORPREP, 0, 0, 2), ABC(OP_CALL, 2, 1, 1),
      ABJ(OP_FORLOOP, 0, 0, -2), RET}},
    {"jump into a loop",
     {I0(0), I0(1), I0(2), ABJ(OP_JT, 0, 0, 1), ABJ(OP_FORPREP, 0, 0, 2), I0(4),
      ABJ(OP_FORLOOP, 0, 0, -2), RET}},
    {"broken generic loop", {I0(0), I0(1), I0(2), I0(3), ABJ(OP_TFORPREP, 0, 0, 0), RET}},
    {"broken generic loop", {I0(0), ABJ(OP_TFORLOOP, 0, 0, -1), RET}},
    {"variables to be closed are out of order",
     {I0(0), I0(1), ABC(OP_TBC, 1, 0, 0), ABC(OP_TBC, 0, 0, 0), RET}},
    {"return without closing", {I0(0), ABC(OP_TBC, 0, 0, 0), RET}},
    {NULL, {I0(0), ABC(OP_TBC, 0, 0, 0), ABC(OP_CLOSE, 0, 0, 0), RET}},
    {NULL, {I0(0), ABC(OP_TBC, 0, 0, 0), ABC(OP_RETURN, 0, 2, 1)}},
    {"call over a captured variable",
     {I0(0), I0(1), ABC(OP_TBC, 1, 0, 0), ABC(OP_CALL, 0, 1, 1), ABC(OP_RETURN, 0, 1, 1)}},
};

START_TEST(the_verifier_rejects) {
    uint32_t n = 12;
    while (wrong_code[_i].code[n - 1] == 0) n--;
    const char *fault = fault_of(wrong_code[_i].code, n), *wanted = wrong_code[_i].fault;
    ck_assert_msg(wanted ? fault && strcmp(fault, wanted) == 0 : fault == NULL,
                  "case %d: '%s', wanted '%s'", _i, fault, wanted);
}
END_TEST

/* ---------------------------------------------------------------------------------------------  */
#define COUNT(array) (int)(sizeof(array) / sizeof *(array))

int main(void) {
    Suite *s = suite_create("front");
    TCase *t = tcase_create("front");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, code_of_statements, 0, COUNT(main_code));
    tcase_add_loop_test(t, code_of_functions, 0, COUNT(function_code));
    tcase_add_test(t, returns_are_short_only_when_nothing_closes);
    tcase_add_test(t, upvalues_know_whether_they_are_constant);
    tcase_add_test(t, lines_of_instructions);
    tcase_add_test(t, locals_are_recorded_with_their_range);
    tcase_add_loop_test(t, errors_are_those_of_the_language, 0, COUNT(errors));
    tcase_add_test(t, limits);
    tcase_add_test(t, many_constants_and_long_names);
    tcase_add_test(t, allocation_failures_leave_no_trace);
    tcase_add_test(t, binary_chunks_come_back_the_same);
    tcase_add_test(t, every_truncation_is_an_error);
    tcase_add_test(t, headers_are_checked);
    tcase_add_test(t, damaged_chunks_do_no_harm);
    tcase_add_loop_test(t, the_verifier_rejects, 0, COUNT(wrong_code));
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
