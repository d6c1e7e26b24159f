// SPDX-License-Identifier: MIT
/* Errors: raising, catching, wording.
 *
 * A protected region is a setjmp buffer in a list that starts at L->errjmp. Raising jumps to the
 * newest one; a coroutine without one left hands the error to the main thread, and a state without
 * any calls the host's panic function and aborts.
 */
#include "state/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "object/string.h"
#include "state/frame.h"
#include "state/limits.h"
#include "state/state.h"

struct ErrorJump {
    ErrorJump *previous;
    jmp_buf buf;
    volatile int status;
};

void set_error_object(lua_State *L, int status, StkId oldtop) {
    switch (status) {
        case LUA_ERRMEM: set_gc(oldtop, G(L)->memerrmsg); break;
        case LUA_ERRERR: set_gc(oldtop, G(L)->errerrmsg); break;
        case LUA_OK: set_nil(oldtop); break; /* closing without an error */
        default: set_value(oldtop, L->top - 1); break;
    }
    L->top = oldtop + 1;
}

void state_throw(lua_State *L, int status) {
    if (status == LUA_ERRMEM && limits_refused_memory(L)) limits_hit(L, LIMIT_MEMORY);
    if (L->errjmp != NULL) {
        L->errjmp->status = status;
        longjmp(L->errjmp->buf, 1);
    }
    Global *g = G(L);
    lua_State *main = g->mainthread;
    status = thread_reset(L, status); /* leaves only the error object; runs __close */
    L->status = (uint8_t)status;
    if (main->errjmp != NULL && main != L) {
        set_value(main->top, L->top - 1);
        main->top++;
        g->current = NULL; /* resumes on the way are skipped */
        main->errjmp->status = status;
        longjmp(main->errjmp->buf, 1);
    }
    if (g->limits != NULL) limits_caught(L, main, status);
    if (g->panic != NULL) g->panic(L); /* last chance to leave by longjmp */
    abort();
}

int state_protected(lua_State *L, ProtectedFn f, void *ud) {
    uint32_t ncalls = L->ncalls;
    ErrorJump jump;
    jump.status = LUA_OK;
    jump.previous = L->errjmp;
    L->errjmp = &jump;
    if (setjmp(jump.buf) == 0) f(L, ud);
    L->errjmp = jump.previous;
    L->ncalls = ncalls;
    if (jump.status != LUA_OK && G(L)->limits != NULL) limits_unwound(G(L), &jump);
    return jump.status;
}

/* ----------------------------------------------------------------------------------- formatting */

enum { PIECE = 200 }; /* formatted text is gathered here between pushes */

typedef struct Format {
    lua_State *L;
    bool pushed; /* a partial result is on the stack */
    int n;
    char text[PIECE];
} Format;

/* Pushes bytes, joined to the partial result. */
static void format_push(Format *f, const char *bytes, size_t len) {
    lua_State *L = f->L;
    String *s = str_new(L, bytes, len);
    set_gc(L->top, s);
    if (!f->pushed) {
        stack_inc_top(L);
        f->pushed = true;
        return;
    }
    stack_inc_top(L);
    StkId left = L->top - 2;
    size_t total = str_len(as_str(left)) + len;
    if (total > STR_MAXSHORT) {
        char *to;
        LongString *joined = str_newlong(L, total, &to);
        memcpy(to, str_data(as_str(left)), total - len);
        memcpy(to + (total - len), str_data(as_str(left + 1)), len);
        set_gc(left, joined);
    } else {
        char buf[STR_MAXSHORT];
        memcpy(buf, str_data(as_str(left)), total - len);
        memcpy(buf + (total - len), str_data(as_str(left + 1)), len);
        set_gc(left, str_new(L, buf, total));
    }
    L->top--;
}

static void format_flush(Format *f) {
    if (f->n > 0) format_push(f, f->text, (size_t)f->n);
    f->n = 0;
}

static void format_add(Format *f, const char *bytes, size_t len) {
    if (len <= (size_t)(PIECE - f->n)) {
        memcpy(f->text + f->n, bytes, len);
        f->n += (int)len;
    } else {
        format_flush(f);
        format_push(f, bytes, len);
    }
}

static void format_number(Format *f, const TValue *num) {
    char buf[NUM_BUFFER];
    format_add(f, buf, num_format(num, buf));
}

/* UTF-8, also of values beyond Unicode, up to 2^31 */
static void format_utf8(Format *f, unsigned long x) {
    char buf[8];
    int n = 1;
    if (x < 0x80) {
        buf[7] = (char)x;
    } else {
        unsigned most = 0x3f; /* largest value that fits in the first byte */
        do {
            buf[8 - n++] = (char)(0x80 | (x & 0x3f));
            x >>= 6;
            most >>= 1;
        } while (x > most);
        buf[8 - n] = (char)((~most << 1) | x);
    }
    format_add(f, buf + 8 - n, (size_t)n);
}

static void format_one(Format *f, char conversion, va_list *ap) {
    TValue num;
    switch (conversion) {
        case 's': {
            const char *s = va_arg(*ap, const char *);
            if (s == NULL) s = "(null)";
            format_add(f, s, strlen(s));
            break;
        }
        case 'c': {
            char c = (char)va_arg(*ap, int);
            format_add(f, &c, 1);
            break;
        }
        case 'd':
            set_int(&num, va_arg(*ap, int));
            format_number(f, &num);
            break;
        case 'I':
            set_int(&num, (lua_Integer)va_arg(*ap, LUAI_UACINT));
            format_number(f, &num);
            break;
        case 'f':
            set_flt(&num, (lua_Number)va_arg(*ap, LUAI_UACNUMBER));
            format_number(f, &num);
            break;
        case 'p': {
            char buf[32];
            format_add(f, buf, (size_t)snprintf(buf, sizeof buf, "%p", va_arg(*ap, void *)));
            break;
        }
        case 'U': format_utf8(f, va_arg(*ap, unsigned long)); break;
        case '%': format_add(f, "%", 1); break;
        default: rt_error(f->L, "invalid conversion '%%%c' to 'lua_pushfstring'", conversion);
    }
}

const char *state_vpushf(lua_State *L, const char *fmt, va_list ap) {
    Format f = {.L = L, .pushed = false, .n = 0};
    va_list args;
    va_copy(args, ap);
    for (const char *e; (e = strchr(fmt, '%')) != NULL; fmt = e + 2) {
        format_add(&f, fmt, (size_t)(e - fmt));
        format_one(&f, e[1], &args);
    }
    va_end(args);
    format_add(&f, fmt, strlen(fmt));
    if (f.n > 0 || !f.pushed) {
        format_push(&f, f.text, (size_t)f.n);
        f.n = 0;
    }
    return str_cstr(L, as_str(L->top - 1));
}

const char *state_pushf(lua_State *L, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    const char *s = state_vpushf(L, fmt, ap);
    va_end(ap);
    return s;
}

void chunk_id(char *out, const char *source, size_t len) {
    size_t room = LUA_IDSIZE - 1;
    if (*source == '=') { /* literal name, cut at the end */
        size_t n = len - 1 < room ? len - 1 : room;
        memcpy(out, source + 1, n);
        out[n] = '\0';
    } else if (*source == '@') { /* file name, cut at the front */
        if (len - 1 <= room) {
            memcpy(out, source + 1, len - 1);
            out[len - 1] = '\0';
        } else {
            memcpy(out, "...", 3);
            memcpy(out + 3, source + len - (room - 3), room - 3);
            out[room] = '\0';
        }
    } else { /* source text: its first line */
        const char *newline = memchr(source, '\n', len);
        static const char before[] = "[string \"", dots[] = "...", after[] = "\"]";
        size_t space = room - (sizeof before - 1) - (sizeof dots - 1) - (sizeof after - 1);
        size_t n = newline != NULL ? (size_t)(newline - source) : len;
        bool cut = newline != NULL || n > space;
        if (n > space) n = space;
        char *p = out;
        memcpy(p, before, sizeof before - 1), p += sizeof before - 1;
        memcpy(p, source, n), p += n;
        if (cut) memcpy(p, dots, sizeof dots - 1), p += sizeof dots - 1;
        memcpy(p, after, sizeof after);
    }
}

/* ------------------------------------------------------------------------------- runtime errors */

/* The handler of a limit's error may be the host's, in C; Lua code would only raise it again. */
static bool handler_may_run(lua_State *L) {
    return !(G(L)->vigilant & VIGIL_STOPPED) || !is_lcl(stack_restore(L, L->errfunc));
}

void rt_error_value(lua_State *L) {
    if (L->errfunc != 0 && handler_may_run(L)) { /* the handler gets the value and leaves its result in place */
        StkId handler = stack_restore(L, L->errfunc);
        set_value(L->top, L->top - 1);
        set_value(L->top - 1, handler);
        L->top++; /* within the spare slots */
        call_value_noyield(L, L->top - 2, 1);
    }
    state_throw(L, LUA_ERRRUN);
}

void rt_add_position(lua_State *L) {
    CallInfo *ci = L->ci;
    if (!frame_is_lua(ci)) return;
    const Proto *p = frame_proto(ci);
    char id[LUA_IDSIZE];
    if (p->source != NULL)
        chunk_id(id, str_data(p->source), str_len(p->source));
    else
        memcpy(id, "?", 2);
    state_pushf(L, "%s:%d: %s", id, frame_line(ci), str_cstr(L, as_str(L->top - 1)));
    set_value(L->top - 2, L->top - 1);
    L->top--;
}

void rt_error(lua_State *L, const char *fmt, ...) {
    gc_step_if_due(L); /* messages are garbage too: a loop that provokes errors must not grow */
    va_list ap;
    va_start(ap, fmt);
    state_vpushf(L, fmt, ap);
    va_end(ap);
    rt_add_position(L);
    rt_error_value(L);
}
