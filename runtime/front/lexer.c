// SPDX-License-Identifier: MIT
/* Lexer: characters to tokens (manual §3.1).
 *
 * Fast paths work on whole runs inside the reader's current piece: the letters of a name, the body
 * of a string up to its next special character, blanks, comments. They end at the piece's end,
 * where the general way, one character at a time through source_next, takes over. A name is looked
 * up by its bytes in the compilation's own set of strings, so each different one is interned in the
 * state once.
 *
 * Reserved words are recognised before that, by first letter and length, so no string needs a mark
 * for it.
 */
#include <limits.h>
#include <string.h>

#include "front/lexer.h"
#include "object/string.h"

static const char *const token_texts[] = {
#define TOKEN_TEXT(name, text) text,
    FRONT_TOKENS(TOKEN_TEXT)
#undef TOKEN_TEXT
};

/* ----------------------------------------------------------------------------------- characters */
enum {
    C_ALPHA = 1,
    C_DIGIT = 2,
    C_HEX = 4,
    C_SPACE = 8,
    C_STOP = 16 /* of a run inside a quoted string */,
    C_PRINT = 32
};

#define DIGIT_CLASS (C_DIGIT | C_HEX | C_PRINT)
#define HEX_CLASS (C_ALPHA | C_HEX | C_PRINT)
#define ALPHA_CLASS (C_ALPHA | C_PRINT)

/* ASCII whatever the locale; index shifted by one so that SOURCE_END has a row of its own */
static const uint8_t char_class[UCHAR_MAX + 2] = {
    [1 + '0' ... 1 + '9'] = DIGIT_CLASS,
    [1 + 'A' ... 1 + 'F'] = HEX_CLASS,
    [1 + 'G' ... 1 + 'Z'] = ALPHA_CLASS,
    [1 + 'a' ... 1 + 'f'] = HEX_CLASS,
    [1 + 'g' ... 1 + 'z'] = ALPHA_CLASS,
    [1 + '_'] = ALPHA_CLASS,
    [1 + '\t'] = C_SPACE,
    [1 + '\v'] = C_SPACE,
    [1 + '\f'] = C_SPACE,
    [1 + ' '] = C_SPACE | C_PRINT,
    [1 + '\n'] = C_SPACE | C_STOP,
    [1 + '\r'] = C_SPACE | C_STOP,
    [1 + '"'] = C_STOP | C_PRINT,
    [1 + '\''] = C_STOP | C_PRINT,
    [1 + '\\'] = C_STOP | C_PRINT,
    [1 + '!'] = C_PRINT,
    [1 + '#' ... 1 + '&'] = C_PRINT,
    [1 + '(' ... 1 + '/'] = C_PRINT,
    [1 + ':' ... 1 + '@'] = C_PRINT,
    [1 + '['] = C_PRINT,
    [1 + ']' ... 1 + '^'] = C_PRINT,
    [1 + '`'] = C_PRINT,
    [1 + '{' ... 1 + '~'] = C_PRINT,
};

static inline bool is_class(int c, int classes) { return (char_class[c + 1] & classes) != 0; }
static inline bool is_newline(int c) { return c == '\n' || c == '\r'; }
static inline void advance(Lexer *lx) { lx->cur = source_next(lx->src); }

static unsigned hex_value(int c) {
    if (c <= '9') return (unsigned)(c - '0');
    return (unsigned)((c | 0x20) - 'a' + 10);
}

/* ----------------------------------------------------------------------------------- token text */
static void text_room(Lexer *lx, size_t more) {
    size_t need = (size_t)lx->ntext + more;
    if (need <= lx->captext) return;
    if (need >= INT32_MAX) lexer_error(lx, "lexical element too long", T_NONE);
    lx->text = mem_grow(lx->L, lx->text, &lx->captext, (uint32_t)need, 1, INT32_MAX,
                        "characters in a token");
}

static inline void keep(Lexer *lx, int c) {
    if (lx->ntext == lx->captext) text_room(lx, 1);
    lx->text[lx->ntext++] = (char)c;
}

static inline void keep_and_advance(Lexer *lx) {
    keep(lx, lx->cur);
    advance(lx);
}

static void keep_run(Lexer *lx, const char *bytes, size_t n) {
    text_room(lx, n);
    memcpy(lx->text + lx->ntext, bytes, n);
    lx->ntext += (uint32_t)n;
}

/* Leaves out the next n bytes of the piece; cur is the byte after them. */
static void skip_run(Lexer *lx, size_t n) {
    lx->src->p += n;
    lx->src->n -= n;
    advance(lx);
}

/* --------------------------------------------------------------------------------------- errors */
const char *lexer_token_name(Lexer *lx, int token) {
    if (token > UCHAR_MAX) {
        const char *text = token_texts[token - T_FIRST_RESERVED];
        return token < T_EOS ? state_pushf(lx->L, "'%s'", text) : text;
    }
    if (is_class(token, C_PRINT)) return state_pushf(lx->L, "'%c'", token);
    return state_pushf(lx->L, "'<\\%d>'", token);
}

/* What the message shows for a token: its spelling where it has one of its own. */
static const char *token_spelling(Lexer *lx, int token) {
    switch (token) {
        case T_STRING: case T_FLT: case T_INT:
            keep(lx, '\0');
            return state_pushf(lx->L, "'%s'", lx->text);
        case T_NAME:
            return state_pushf(lx->L, "'%s'", str_cstr(lx->L, lx->t.u.s));
        default:
            return lexer_token_name(lx, token);
    }
}

void lexer_error(Lexer *lx, const char *message, int token) {
    char where[LUA_IDSIZE];
    chunk_id(where, str_cstr(lx->L, lx->chunk), str_len(lx->chunk));
    message = state_pushf(lx->L, "%s:%d: %s", where, lx->line, message);
    if (token != T_NONE) {
        const char *near = token_spelling(lx, token);
        state_pushf(lx->L, "%s near %s", message, near);
    }
    state_throw(lx->L, LUA_ERRSYNTAX);
}

void lexer_syntax_error(Lexer *lx, const char *message) { lexer_error(lx, message, lx->t.kind); }

/* -------------------------------------------------------------------------------------- strings */
enum { FIRST_LOG_STRINGS = 6 };

static uint32_t hash_bytes(const Lexer *lx, const char *bytes, size_t len) {
    uint32_t h = lx->L->g->seed ^ (uint32_t)len;
    for (size_t i = 0; i < len; i++) h = (h ^ (uint8_t)bytes[i]) * 0x01000193u;
    return h ^ h >> 15;
}

static struct InternedString *find_string(const Lexer *lx, const char *bytes, size_t len,
                                          uint32_t hash) {
    uint32_t mask = (1u << lx->logstrings) - 1;
    for (uint32_t i = hash & mask;; i = (i + 1) & mask) {
        struct InternedString *e = &lx->strings[i];
        if (e->s == NULL) return e;
        if (e->hash == hash && str_len(e->s) == len && memcmp(str_data(e->s), bytes, len) == 0)
            return e;
    }
}

static void resize_strings(Lexer *lx, uint32_t lognew) {
    size_t size = sizeof(struct InternedString) << lognew;
    struct InternedString *fresh = mem_alloc(lx->L, size), *old = lx->strings;
    uint32_t nold = old ? 1u << lx->logstrings : 0, mask = (1u << lognew) - 1;
    memset(fresh, 0, size);
    for (uint32_t i = 0; i < nold; i++) {
        if (old[i].s == NULL) continue;
        uint32_t j = old[i].hash & mask;
        while (fresh[j].s != NULL) j = (j + 1) & mask;
        fresh[j] = old[i];
    }
    if (old) mem_free(lx->L, old, nold * sizeof *old);
    lx->strings = fresh;
    lx->logstrings = lognew;
}

/* A new string, made reachable from the anchor before anything else is allocated. */
static String *anchored_string(Lexer *lx, const char *bytes, size_t len) {
    lua_State *L = lx->L;
    stack_check(L, 1);
    String *s = str_new(L, bytes, len);
    set_gc(L->top, s);
    L->top++;
    table_set_int(L, as_table(stack_restore(L, lx->anchor)), (lua_Integer)lx->nstrings + 1,
                  L->top - 1);
    L->top--;
    return s;
}

String *lexer_string(Lexer *lx, const char *bytes, size_t len) {
    uint32_t hash = hash_bytes(lx, bytes, len);
    struct InternedString *e = find_string(lx, bytes, len, hash);
    if (e->s != NULL) return e->s;
    String *s = anchored_string(lx, bytes, len);
    e->hash = hash;
    e->s = s;
    if (++lx->nstrings > 3u << lx->logstrings >> 2) resize_strings(lx, lx->logstrings + 1);
    return s;
}

/* -------------------------------------------------------------------------- line ends, comments */
static void next_line(Lexer *lx) {
    int first = lx->cur;
    advance(lx);
    if (is_newline(lx->cur) && lx->cur != first) advance(lx); /* \r\n and \n\r are one line end */
    if (++lx->line >= INT_MAX) lexer_error(lx, "chunk has too many lines", T_NONE);
}

/* cur is '[' or ']'; keeps it and the '=' after it. Returns how many: -1 when there is no second
 * bracket of the same kind. */
static int bracket_level(Lexer *lx, int *equals) {
    int bracket = lx->cur, n = 0;
    keep_and_advance(lx);
    while (lx->cur == '=') {
        keep_and_advance(lx);
        n++;
    }
    *equals = n;
    return lx->cur == bracket ? n : -1;
}

/* Bytes from src->p on that are plain inside a long bracket. */
static size_t long_run(const Source *src) {
    size_t n = 0;
    while (n < src->n && src->p[n] != ']' && !is_newline(src->p[n])) n++;
    return n;
}

static _Noreturn void unfinished_long(Lexer *lx, const char *what, int line) {
    lexer_error(lx, state_pushf(lx->L, "unfinished long %s (starting at line %d)", what, line),
                T_EOS);
}

/* cur is the second '[' of an opening bracket. The text ends up between its brackets; of a comment
 * nothing is kept. */
static void read_long_bracket(Lexer *lx, int level, bool comment) {
    int line = lx->line, equals;
    keep_and_advance(lx);
    if (is_newline(lx->cur))
        next_line(lx); /* a line end right after the bracket is not part of the string */
    for (;;) {
        if (lx->cur == SOURCE_END) unfinished_long(lx, comment ? "comment" : "string", line);
        if (comment) lx->ntext = 0;
        if (lx->cur == ']') {
            if (bracket_level(lx, &equals) == level) break;
        } else if (is_newline(lx->cur)) {
            keep(lx, '\n');
            next_line(lx);
        } else {
            size_t n = long_run(lx->src);
            keep(lx, lx->cur);
            if (!comment) keep_run(lx, lx->src->p, n);
            skip_run(lx, n);
        }
    }
    keep_and_advance(lx);
}

static void skip_line(Lexer *lx) {
    while (!is_newline(lx->cur) && lx->cur != SOURCE_END) {
        size_t n = 0;
        while (n < lx->src->n && !is_newline(lx->src->p[n])) n++;
        skip_run(lx, n);
    }
}

/* cur is the second '-'. */
static void skip_comment(Lexer *lx) {
    advance(lx);
    if (lx->cur == '[') {
        int equals, level = bracket_level(lx, &equals);
        lx->ntext = 0;
        if (level >= 0) {
            read_long_bracket(lx, level, true);
            lx->ntext = 0;
            return;
        }
    }
    skip_line(lx);
}

/* ------------------------------------------------------------------------------------- numerals */
static bool take_one_of(Lexer *lx, int a, int b) {
    if (lx->cur != a && lx->cur != b) return false;
    keep_and_advance(lx);
    return true;
}

/* Keeps all that looks like a numeral; whether it is one, str_tonumber decides. */
static void scan_numeral(Lexer *lx) {
    bool zero = lx->cur == '0';
    int exponent = 'e';
    keep_and_advance(lx);
    if (zero && take_one_of(lx, 'x', 'X')) exponent = 'p';
    for (;;) {
        if (take_one_of(lx, exponent, exponent - 'a' + 'A'))
            take_one_of(lx, '-', '+');
        else if (is_class(lx->cur, C_HEX) || lx->cur == '.')
            keep_and_advance(lx);
        else
            break;
    }
    if (is_class(lx->cur, C_ALPHA))
        keep_and_advance(lx); /* a letter touching the numeral makes it malformed */
}

/* Digits only, too few to overflow: the usual numeral. */
static bool small_decimal(const Lexer *lx, lua_Integer *out) {
    if (lx->ntext > 18) return false;
    lua_Integer value = 0;
    for (uint32_t i = 0; i < lx->ntext; i++) {
        if (!is_class((uint8_t)lx->text[i], C_DIGIT)) return false;
        value = value * 10 + (lx->text[i] - '0');
    }
    *out = value;
    return true;
}

/* The text may already hold a '.' that a digit follows. */
static int read_numeral(Lexer *lx, Token *t) {
    TValue v;
    scan_numeral(lx);
    if (small_decimal(lx, &t->u.i)) return T_INT;
    keep(lx, '\0');
    lx->ntext--;
    if (str_tonumber(lx->text, &v) != (size_t)lx->ntext + 1)
        lexer_error(lx, "malformed number", T_FLT);
    if (is_int(&v)) {
        t->u.i = v.v.i;
        return T_INT;
    }
    t->u.n = v.v.n;
    return T_FLT;
}

/* ------------------------------------------------------------------------------- quoted strings */

/* The text holds the escape sequence so far; the message shows it and the character at fault. */
static void escape_check(Lexer *lx, bool ok, const char *message) {
    if (ok) return;
    if (lx->cur != SOURCE_END) keep_and_advance(lx);
    lexer_error(lx, message, T_STRING);
}

static unsigned take_hex(Lexer *lx) {
    keep_and_advance(lx);
    escape_check(lx, is_class(lx->cur, C_HEX), "hexadecimal digit expected");
    return hex_value(lx->cur);
}

static int read_hex_escape(Lexer *lx) {
    unsigned high = take_hex(lx);
    unsigned value = high << 4 | take_hex(lx);
    advance(lx);
    return (int)value;
}

static int read_decimal_escape(Lexer *lx) {
    int value = 0;
    for (int i = 0; i < 3 && is_class(lx->cur, C_DIGIT); i++) {
        value = value * 10 + (lx->cur - '0');
        keep_and_advance(lx);
    }
    escape_check(lx, value <= UCHAR_MAX, "decimal escape too large");
    return value;
}

static uint32_t read_code_point(Lexer *lx) {
    keep_and_advance(lx); /* 'u' */
    escape_check(lx, lx->cur == '{', "missing '{'");
    uint32_t value = take_hex(lx);
    while (keep_and_advance(lx), is_class(lx->cur, C_HEX)) {
        escape_check(lx, value <= 0x7FFFFFFFu >> 4, "UTF-8 value too large");
        value = value << 4 | hex_value(lx->cur);
    }
    escape_check(lx, lx->cur == '}', "missing '}'");
    advance(lx);
    return value;
}

/* UTF-8 as first defined, with sequences of up to six bytes for values below 2^31. */
static void keep_code_point(Lexer *lx, uint32_t value) {
    uint8_t tail[6];
    int n = 0;
    uint32_t room = 0x3f; /* what the first byte can still hold */
    if (value < 0x80) {
        keep(lx, (int)value);
        return;
    }
    while (value > room) {
        tail[n++] = 0x80 | (value & 0x3f);
        value >>= 6;
        room >>= 1;
    }
    keep(lx, (int)((~room << 1 | value) & 0xff));
    while (n > 0) keep(lx, tail[--n]);
}

static void skip_blanks(Lexer *lx) {
    while (is_class(lx->cur, C_SPACE)) {
        if (is_newline(lx->cur)) {
            next_line(lx);
        } else {
            size_t n = 0;
            while (n < lx->src->n && lx->src->p[n] == ' ') n++;
            skip_run(lx, n);
        }
    }
}

static int simple_escape(int c) {
    switch (c) {
        case 'a': return '\a';
        case 'b': return '\b';
        case 'f': return '\f';
        case 'n': return '\n';
        case 'r': return '\r';
        case 't': return '\t';
        case 'v': return '\v';
        case '\\': case '"': case '\'': return c;
        default: return -1;
    }
}

/* cur is a backslash. It and what follows stay in the text until the sequence proved well formed */
static void read_escape(Lexer *lx) {
    uint32_t start = lx->ntext;
    int c;
    keep_and_advance(lx);
    if ((c = simple_escape(lx->cur)) >= 0) {
        advance(lx);
    } else if (lx->cur == 'x') {
        c = read_hex_escape(lx);
    } else if (lx->cur == 'u') {
        uint32_t value = read_code_point(lx);
        lx->ntext = start;
        keep_code_point(lx, value);
        return;
    } else if (is_newline(lx->cur)) {
        next_line(lx);
        c = '\n';
    } else if (lx->cur == 'z') {
        advance(lx);
        lx->ntext = start;
        skip_blanks(lx);
        return;
    } else if (lx->cur == SOURCE_END) {
        return; /* the string's own loop reports it */
    } else {
        escape_check(lx, is_class(lx->cur, C_DIGIT), "invalid escape sequence");
        c = read_decimal_escape(lx);
    }
    lx->ntext = start;
    keep(lx, c);
}

static size_t string_run(const Source *src) {
    size_t n = 0;
    while (n < src->n && !is_class((uint8_t)src->p[n], C_STOP)) n++;
    return n;
}

static int read_string(Lexer *lx, Token *t) {
    int quote = lx->cur;
    keep_and_advance(lx);
    while (lx->cur != quote) {
        if (lx->cur == '\\') {
            read_escape(lx);
        } else if (lx->cur == SOURCE_END) {
            lexer_error(lx, "unfinished string", T_EOS);
        } else if (is_newline(lx->cur)) {
            lexer_error(lx, "unfinished string", T_STRING);
        } else {
            size_t n = string_run(lx->src);
            keep(lx, lx->cur);
            keep_run(lx, lx->src->p, n);
            skip_run(lx, n);
        }
    }
    keep_and_advance(lx);
    t->u.s = lexer_string(lx, lx->text + 1, lx->ntext - 2);
    return T_STRING;
}

static int read_long_string(Lexer *lx, Token *t) {
    int equals, level = bracket_level(lx, &equals);
    if (level < 0) {
        if (equals == 0) return '[';
        lexer_error(lx, "invalid long string delimiter", T_STRING);
    }
    read_long_bracket(lx, level, false);
    size_t bracket = (size_t)level + 2;
    t->u.s = lexer_string(lx, lx->text + bracket, lx->ntext - 2 * bracket);
    return T_STRING;
}

/* ---------------------------------------------------------------------------------------- names */

/* Rows of token_texts by first letter: reserved words are sorted. */
static int reserved_word(const char *name, size_t len) {
    static const uint8_t first_row['z' - 'a' + 2] = {0,  1,  2,  2,  3,  6,  9,  10, 10,
                                                     12, 12, 12, 13, 13, 15, 16, 16, 16,
                                                     18, 18, 20, 21, 21, 22, 22, 22, 22};
    unsigned letter = (unsigned)(uint8_t)name[0] - 'a';
    if (letter > 'z' - 'a' || len < 2 || len > 8) return T_NONE;
    for (unsigned row = first_row[letter]; row < first_row[letter + 1]; row++) {
        const char *word = token_texts[row];
        if (strncmp(word, name, len) == 0 && word[len] == '\0') return T_FIRST_RESERVED + (int)row;
    }
    return T_NONE;
}

static int classify_name(Lexer *lx, Token *t, const char *name, size_t len) {
    int word = reserved_word(name, len);
    if (word != T_NONE) return word;
    t->u.s = lexer_string(lx, name, len);
    return T_NAME;
}

static int read_name(Lexer *lx, Token *t) {
    Source *src = lx->src;
    size_t n = 0;
    while (n < src->n && is_class((uint8_t)src->p[n], C_ALPHA | C_DIGIT)) n++;
    /* does the whole name lie in this piece, its first letter just before p? */
    if (n < src->n && src->p != lx->origin) {
        int kind = classify_name(lx, t, src->p - 1, n + 1);
        skip_run(lx, n);
        return kind;
    }
    do keep_and_advance(lx);
    while (is_class(lx->cur, C_ALPHA | C_DIGIT));
    return classify_name(lx, t, lx->text, lx->ntext);
}

/* --------------------------------------------------------------------------------------- tokens */
static int if_next(Lexer *lx, int c, int yes, int no) {
    if (lx->cur != c) return no;
    advance(lx);
    return yes;
}

/* c, or c=, or cc */
static int read_angle(Lexer *lx, int c, int or_equal, int shift) {
    return lx->cur == '=' ? if_next(lx, '=', or_equal, c) : if_next(lx, c, shift, c);
}

static int read_dots(Lexer *lx, Token *t) {
    keep_and_advance(lx);
    if (take_one_of(lx, '.', '.')) return take_one_of(lx, '.', '.') ? T_DOTS : T_CONCAT;
    return is_class(lx->cur, C_DIGIT) ? read_numeral(lx, t) : '.';
}

/* Operators that a second character may extend. */
static int read_operator(Lexer *lx) {
    int c = lx->cur;
    advance(lx);
    switch (c) {
        case '=': return if_next(lx, '=', T_EQ, '=');
        case '<': return read_angle(lx, '<', T_LE, T_SHL);
        case '>': return read_angle(lx, '>', T_GE, T_SHR);
        case '/': return if_next(lx, '/', T_IDIV, '/');
        case '~': return if_next(lx, '=', T_NE, '~');
        case ':': return if_next(lx, ':', T_DBCOLON, ':');
        default: return c;
    }
}

static int read_token(Lexer *lx, Token *t) {
    lx->ntext = 0;
    for (;;) {
        int c = lx->cur;
        if (is_class(c, C_ALPHA)) return read_name(lx, t);
        if (is_class(c, C_SPACE)) {
            skip_blanks(lx);
            continue;
        }
        if (is_class(c, C_DIGIT)) return read_numeral(lx, t);
        switch (c) {
            case '-':
                advance(lx);
                if (lx->cur != '-') return '-';
                skip_comment(lx);
                continue;
            case '"': case '\'': return read_string(lx, t);
            case '[': return read_long_string(lx, t);
            case '.': return read_dots(lx, t);
            case SOURCE_END: return T_EOS;
            default: return read_operator(lx);
        }
    }
}

void lexer_next(Lexer *lx) {
    lx->lastline = lx->line;
    if (lx->ahead.kind != T_EOS) {
        lx->t = lx->ahead;
        lx->ahead.kind = T_EOS;
    } else {
        lx->t.kind = read_token(lx, &lx->t);
    }
}

int lexer_look_ahead(Lexer *lx) {
    lx->ahead.kind = read_token(lx, &lx->ahead);
    return lx->ahead.kind;
}

void lexer_init(Lexer *lx, lua_State *L, Source *src, ptrdiff_t anchor, String *chunk, int first) {
    *lx = (Lexer){.L = L,
                  .src = src,
                  .cur = first,
                  .line = 1,
                  .lastline = 1,
                  .anchor = anchor,
                  .chunk = chunk};
    lx->t.kind = T_NONE;
    lx->ahead.kind = T_EOS;
    lx->origin = src->p;
    resize_strings(lx, FIRST_LOG_STRINGS);
}

void lexer_free(Lexer *lx) {
    if (lx->strings) mem_free(lx->L, lx->strings, sizeof *lx->strings << lx->logstrings);
    if (lx->text) mem_free(lx->L, lx->text, lx->captext);
}
