// SPDX-License-Identifier: MIT
/* Tokens of a source text (manual §3.1).
 *
 *     Source (reader pieces) --> cur, one character ahead --> token t
 *                                      and, in table constructors, one token ahead
 *
 * Strings that tokens carry are kept alive by an anchor, an array in a stack slot, and each occurs
 * once: two tokens with the same bytes hold the same String, long or short, so that later phases
 * compare pointers.
 */
#ifndef PERIGEE_LEXER_H
#define PERIGEE_LEXER_H

#include "front/front.h"
#include "object/table.h"

/* Tokens of more than one character; single ones are their own code. Reserved words come first, in
 * alphabetical order. */
#define FRONT_TOKENS(T)                                                                           \
    T(AND, "and") T(BREAK, "break") T(DO, "do") T(ELSE, "else") T(ELSEIF, "elseif") T(END, "end") \
    T(FALSE, "false") T(FOR, "for") T(FUNCTION, "function") T(GOTO, "goto") T(IF, "if")           \
    T(IN, "in") T(LOCAL, "local") T(NIL, "nil") T(NOT, "not") T(OR, "or") T(REPEAT, "repeat")     \
    T(RETURN, "return") T(THEN, "then") T(TRUE, "true") T(UNTIL, "until") T(WHILE, "while")       \
    T(IDIV, "//") T(CONCAT, "..") T(DOTS, "...") T(EQ, "==") T(GE, ">=") T(LE, "<=") T(NE, "~=")  \
    T(SHL, "<<") T(SHR, ">>") T(DBCOLON, "::") T(EOS, "<eof>") T(FLT, "<number>")                 \
    T(INT, "<integer>") T(NAME, "<name>") T(STRING, "<string>")

enum {
    T_NONE = 0,
    T_BEFORE_FIRST = UCHAR_MAX,
#define TOKEN_ENUM(name, text) T_##name,
    FRONT_TOKENS(TOKEN_ENUM)
#undef TOKEN_ENUM
    T_LIMIT,
    T_FIRST_RESERVED = T_AND,
    T_LAST_RESERVED = T_WHILE
};

typedef struct Token {
    int kind;
    union {
        lua_Integer i;
        lua_Number n;
        String *s;
    } u;
} Token;

typedef struct Lexer {
    lua_State *L;
    Source *src;
    int cur;      /* character under examination, SOURCE_END past the last one */
    int line;     /* line of cur */
    int lastline; /* line of the last token that the parser consumed */
    Token t;      /* current token */
    Token ahead;  /* T_EOS: none */
    const char *origin; /* src->p at the start: the byte before it may not be cur */
    /* text of the token being read */
    char *text;
    uint32_t ntext, captext;
    /* every string met so far: open addressing by content */
    struct InternedString {
        uint32_t hash;
        String *s; /* NULL: free */
    } *strings;
    uint32_t nstrings, logstrings;
    ptrdiff_t anchor; /* stack offset of the array that keeps them alive */
    String *chunk;    /* name of the chunk */
} Lexer;

/* Slot anchor holds a table; chunk is reachable. Nothing is read yet but first. */
void lexer_init(Lexer *lx, lua_State *L, Source *src, ptrdiff_t anchor, String *chunk, int first);
void lexer_free(Lexer *lx);
void lexer_next(Lexer *lx);      /* consumes t */
int lexer_look_ahead(Lexer *lx); /* kind of the token after t */
/* the one anchored string with this content */
String *lexer_string(Lexer *lx, const char *bytes, size_t len);

/* "near" token, T_NONE: without it */
_Noreturn void lexer_error(Lexer *lx, const char *message, int token);
_Noreturn void lexer_syntax_error(Lexer *lx, const char *message);     /* near the current token */
const char *lexer_token_name(Lexer *lx, int token); /* pushed on the stack */

#endif
