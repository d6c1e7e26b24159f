// SPDX-License-Identifier: MIT
/* Strings.
 *
 * Short strings are interned in Global.strings: open addressing, linear probing, at most half full,
 * so that equal strings are one
 * object. The table holds them weakly: str_release takes a dying one out. A dead
 * string that the collector has not yet freed may be
 * found again and is revived.
 *
 * Building a string step by step (s = s .. x) is linear: the second append to a long string moves
 * it to a StrBuf with room, where
 * later appends write behind its end and make only a new header:
 *
 *       LongString "ab"      LongString "abcd"
 *        data |  len 2        data |  len 4
 *             v                    v
 *       StrBuf: a b c d . . . . . .        used = 4, cap = 10
 *
 * The first append makes a plain long string (marked LSTR_APPENDED): most concatenations are not
 * continued, and room would be waste.
 *
 * The hash takes eight bytes at a time by a 64x64->128 bit multiplication, in the manner of wyhash;
 * the seed is the state's.
 */
#include "object/string.h"
#include "state/error.h"

#include <locale.h>

#include "gc/gc.h"
#include "object/anchor.h"

enum { LSTR_APPENDED = 8, STR_MINLOG = 8 };

/* -------------------------------------------------------------------------------------- hashing */

static uint64_t load8(const char *p) { uint64_t x; memcpy(&x, p, 8); return x; }
static uint64_t load4(const char *p) { uint32_t x; memcpy(&x, p, 4); return x; }

static uint64_t mix(uint64_t a, uint64_t b) {
    unsigned __int128 m = (unsigned __int128)a * b;
    return (uint64_t)m ^ (uint64_t)(m >> 64);
}

/* up to 16 bytes as two words; every byte counts, some twice */
static void load_tail(const char *p, size_t len, uint64_t *a, uint64_t *b) {
    if (len >= 8) {
        *a = load8(p);
        *b = load8(p + len - 8);
    } else if (len >= 4) {
        *a = load4(p);
        *b = load4(p + len - 4);
    } else if (len > 0) {
        const unsigned char *u = (const unsigned char *)p;
        *a = (uint64_t)u[0] << 16 | (uint64_t)u[len >> 1] << 8 | u[len - 1];
        *b = 0;
    } else {
        *a = *b = 0;
    }
}

uint32_t str_hash(const Global *g, const char *bytes, size_t len) {
    static const uint64_t k0 = UINT64_C(0x9fb21c651e98df25), k1 = UINT64_C(0xd6e8feb86659fd93);
    uint64_t h = g->seed ^ mix(len ^ k0, k1), a, b;
    for (; len > 16; bytes += 16, len -= 16) h = mix(load8(bytes) ^ k0, load8(bytes + 8) ^ h);
    load_tail(bytes, len, &a, &b);
    h = mix(a ^ k1, b ^ h);
    h = mix(h ^ k0, k1);
    return (uint32_t)(h ^ h >> 32);
}

uint32_t str_longhash(const Global *g, LongString *s) {
    if (!(s->mark & LSTR_HASHED)) {
        s->hash = str_hash(g, s->data, s->len);
        s->mark |= LSTR_HASHED;
    }
    return s->hash;
}

/* ------------------------------------------------------------------------------------ interning */

/* An entry is a string's address with half of its hash in the upper 16 bits, which addresses leave
 * free: a search seldom looks at a string that it does not mean. 0: no entry. */
static uint64_t entry_of(String *s) { return (uint64_t)(uintptr_t)s | (uint64_t)(s->hash >> 16) << 48; }
static String *entry_string(uint64_t e) { return (String *)(uintptr_t)(e & (UINT64_MAX >> 16)); }

static uint32_t intern_mask(const Global *g) { return (1u << g->logstrings) - 1; }

static void intern_put(Global *g, String *s) {
    uint32_t i = s->hash & intern_mask(g);
    while (g->strings[i] != 0) i = (i + 1) & intern_mask(g);
    g->strings[i] = entry_of(s);
    g->nstrings++;
}

/* The table with 2^log places; false: no memory (the old one stays). */
static bool intern_resize(lua_State *L, uint32_t log) {
    Global *g = G(L);
    uint64_t *fresh = mem_try_realloc(L, NULL, 0, sizeof *fresh << log);
    if (fresh == NULL) return false;
    memset(fresh, 0, sizeof *fresh << log);
    uint64_t *old = g->strings;
    uint32_t oldlog = g->logstrings;
    g->strings = fresh;
    g->logstrings = log;
    g->nstrings = 0;
    if (old == NULL) return true;
    for (uint32_t i = 0; i < 1u << oldlog; i++)
        if (old[i] != 0) intern_put(g, entry_string(old[i]));
    mem_free(L, old, sizeof *old << oldlog);
    return true;
}

/* Smaller when nearly empty, but not below a size that young garbage fills and empties all the time. */
static uint32_t fitting_log(const Global *g) {
    enum { LOG_KEPT = 13 };
    uint32_t log = g->logstrings;
    while (log > LOG_KEPT && g->nstrings < (1u << log) / 32) log--;
    return log;
}

void str_table_fit(lua_State *L) {
    uint32_t log = fitting_log(G(L));
    if (log != G(L)->logstrings) intern_resize(L, log); /* failing to shrink is no error */
}

/* Room for one more: doubles at half full. */
static void intern_reserve(lua_State *L) {
    Global *g = G(L);
    uint32_t cap = 1u << g->logstrings;
    if (g->nstrings < cap / 2) str_table_fit(L);
    else if (!intern_resize(L, g->logstrings + 1) && g->nstrings + 1 >= cap) mem_toobig(L);
}

static String *intern_find(lua_State *L, const char *bytes, size_t len, uint32_t hash) {
    Global *g = G(L);
    uint32_t mask = intern_mask(g);
    for (uint32_t i = hash & mask;; i = (i + 1) & mask) {
        uint64_t e = g->strings[i];
        if (e == 0) return NULL;
        if (e >> 48 != hash >> 16) continue;
        String *s = entry_string(e);
        if (s->hash != hash || s->shrlen != len || memcmp(s->bytes, bytes, len) != 0) continue;
        if (gc_is_dead(g, s)) gc_revive(L, (GCObject *)s);
        return s;
    }
}

/* Strings behind the hole move up, unless that were before their first place: so no tombs are
 * needed (Knuth, 6.4, algorithm R). */
static void intern_remove(Global *g, const String *s) {
    uint32_t mask = intern_mask(g), hole = s->hash & mask;
    if (g->strings == NULL) return;
    while (entry_string(g->strings[hole]) != s) {
        if (g->strings[hole] == 0) return; /* was never entered: the state is being built or taken down */
        hole = (hole + 1) & mask;
    }
    for (uint32_t i = (hole + 1) & mask; g->strings[i] != 0; i = (i + 1) & mask) {
        uint32_t home = entry_string(g->strings[i])->hash & mask;
        if (((i - home) & mask) < ((i - hole) & mask)) continue;
        g->strings[hole] = g->strings[i];
        hole = i;
    }
    g->strings[hole] = 0;
    g->nstrings--;
}

static String *str_intern(lua_State *L, const char *bytes, size_t len) {
    uint32_t hash = str_hash(G(L), bytes, len);
    String *s = intern_find(L, bytes, len, hash);
    if (s != NULL) return s;
    intern_reserve(L);
    s = (String *)gc_new(L, TAG_SSTR, sizeof(String) + len + 1);
    s->mark = 0;
    s->shrlen = (uint8_t)len;
    s->hash = hash;
    memcpy(s->bytes, bytes, len);
    s->bytes[len] = '\0';
    intern_put(G(L), s);
    return s;
}

void str_init(lua_State *L) {
    G(L)->strings = NULL;
    if (!intern_resize(L, STR_MINLOG)) state_throw(L, LUA_ERRMEM);
}

void str_close(lua_State *L) {
    Global *g = G(L);
    if (g->strings) mem_free(L, g->strings, sizeof(String *) << g->logstrings);
    g->strings = NULL;
}

/* --------------------------------------------------------------------------------- long strings */

static LongString *header_new(lua_State *L, size_t extra) {
    if (extra > (size_t)PTRDIFF_MAX - sizeof(LongString)) mem_toobig(L);
    LongString *s = (LongString *)gc_new(L, TAG_LSTR, sizeof(LongString) + extra);
    s->mark = 0;
    s->hash = 0;
    s->owner = NULL;
    return s;
}

LongString *str_newlong(lua_State *L, size_t len, char **bytes) {
    LongString *s = header_new(L, len == SIZE_MAX ? len : len + 1);
    s->len = len;
    s->data = s->bytes;
    s->bytes[len] = '\0';
    *bytes = s->bytes;
    return s;
}

static String *str_char(lua_State *L, const char *byte) {
    String **known = &G(L)->chars[(unsigned char)*byte];
    if (*known == NULL) *known = str_intern(L, byte, 1);
    return *known;
}

String *str_new(lua_State *L, const char *bytes, size_t len) {
    if (len == 1) return str_char(L, bytes);
    if (len <= STR_MAXSHORT) return str_intern(L, bytes, len);
    char *to;
    LongString *s = str_newlong(L, len, &to);
    memcpy(to, bytes, len);
    return (String *)s;
}

void str_release(lua_State *L, String *s) {
    if (s->tag == TAG_SSTR) {
        intern_remove(G(L), s);
    } else {
        LongString *l = (LongString *)s;
        if (l->mark & LSTR_SEPARATE) mem_free(L, l->data, l->len + 1);
    }
}

/* ------------------------------------------------------------------------------------ appending */

static bool is_last(const LongString *s) {
    return s->data + s->len == s->owner->bytes + s->owner->used;
}

/* a string that is the whole of buf */
static String *buffer_view(lua_State *L, StrBuf *buf) {
    LongString *s = header_new(L, 0);
    s->data = buf->bytes;
    s->len = buf->used;
    s->owner = buf;
    return (String *)s;
}

static void buffer_write(StrBuf *buf, const char *bytes, size_t len) {
    memcpy(buf->bytes + buf->used, bytes, len);
    buf->used += len;
    buf->bytes[buf->used] = '\0';
}

/* Room for as much again, or half as much when that would be many megabytes. */
static StrBuf *buffer_new(lua_State *L, size_t len) {
    size_t cap = len + (len < (1u << 24) ? len : len / 2);
    StrBuf *buf = (StrBuf *)gc_new(L, TAG_STRBUF, sizeof(StrBuf) + cap + 1);
    buf->used = 0;
    buf->cap = cap;
    buf->frozen = 0;
    return buf;
}

static String *append_to_new_buffer(lua_State *L, LongString *left, const char *right,
                                    size_t rlen) {
    StrBuf *buf = buffer_new(L, left->len + rlen);
    buffer_write(buf, left->data, left->len);
    buffer_write(buf, right, rlen);
    anchor_push(L, buf);
    String *s = buffer_view(L, buf);
    anchor_pop(L);
    return s;
}

static String *append_plain(lua_State *L, const LongString *left, const char *right, size_t rlen) {
    char *to;
    LongString *s = str_newlong(L, left->len + rlen, &to);
    memcpy(to, left->data, left->len);
    memcpy(to + left->len, right, rlen);
    s->mark |= LSTR_APPENDED;
    return (String *)s;
}

String *str_append(lua_State *L, LongString *left, const char *right, size_t rlen) {
    if (rlen > (size_t)PTRDIFF_MAX / 4 - left->len) mem_toobig(L);
    StrBuf *buf = left->owner;
    if (buf == NULL)
        return left->mark & LSTR_APPENDED ? append_to_new_buffer(L, left, right, rlen)
                                          : append_plain(L, left, right, rlen);
    /* the end has been written over: a branch */
    if (!is_last(left)) return append_plain(L, left, right, rlen);
    if (buf->frozen || buf->cap - buf->used < rlen)
        return append_to_new_buffer(L, left, right, rlen);
    String *s = buffer_view(L, buf); /* first: it may fail */
    buffer_write(buf, right, rlen);
    ((LongString *)s)->len = buf->used;
    return s;
}

/* Writes x, a string or a number, to a place with room for so many bytes; how many it took, SIZE_MAX: it has no room, or is neither. */
static size_t write_text(const TValue *x, char *to, size_t room) {
    if (is_num(x)) return room >= NUM_BUFFER ? num_format(x, to) : SIZE_MAX;
    if (!is_str(x)) return SIZE_MAX;
    size_t len = str_len(as_str(x));
    if (len > room) return SIZE_MAX;
    if (len == 1) *to = *str_data(as_str(x)); /* what programs append most often */
    else memcpy(to, str_data(as_str(x)), len);
    return len;
}

bool str_extend(LongString *s, const TValue *more, unsigned n) {
    StrBuf *buf = s->owner;
    if (buf == NULL || buf->frozen || !is_last(s)) return false;
    char *const from = buf->bytes + buf->used, *const end = buf->bytes + buf->cap, *to = from;
    for (unsigned i = 0; i < n; i++) {
        size_t len = write_text(more + i, to, (size_t)(end - to));
        if (len == SIZE_MAX) {
            *from = '\0';
            return false;
        }
        to += len;
    }
    *to = '\0';
    s->len = buf->used = (size_t)(to - buf->bytes);
    return true;
}

const char *str_cstr_at_hand(String *str) {
    if (str->tag == TAG_SSTR) return str->bytes;
    LongString *s = (LongString *)str;
    if (s->owner == NULL || (s->mark & LSTR_EXPOSED)) return s->data;
    if (!is_last(s)) return NULL;
    s->mark |= LSTR_EXPOSED;
    s->owner->frozen = 1;
    return s->data;
}

const char *str_cstr(lua_State *L, String *str) {
    const char *data = str_cstr_at_hand(str);
    if (data != NULL) return data;
    LongString *s = (LongString *)str;
    char *own = mem_alloc(L, s->len + 1);
    memcpy(own, s->data, s->len);
    own[s->len] = '\0';
    s->data = own;
    s->mark |= LSTR_SEPARATE;
    s->owner = NULL;
    return own;
}

/* ------------------------------------------------------------------------------------ comparing */

bool str_equal(const String *a, const String *b) {
    if (a == b) return true;
    if (a->tag != TAG_LSTR || b->tag != TAG_LSTR) return false;
    const LongString *x = (const LongString *)a, *y = (const LongString *)b;
    if (x->len != y->len) return false;
    if ((x->mark & y->mark & LSTR_HASHED) && x->hash != y->hash) return false;
    return x->data == y->data || memcmp(x->data, y->data, x->len) == 0;
}

static int compare_bytes(const char *a, size_t alen, const char *b, size_t blen) {
    int c = memcmp(a, b, alen < blen ? alen : blen);
    return c != 0 ? c : alen < blen ? -1 : alen > blen;
}

static bool collates_by_bytes(void) {
    const char *name = setlocale(LC_COLLATE, NULL);
    return name == NULL || strcmp(name, "C") == 0 || strcmp(name, "POSIX") == 0;
}

/* strcoll stops at zero bytes: it compares the pieces between them in turn */
static int compare_pieces(const char *a, size_t alen, const char *b, size_t blen) {
    for (;;) {
        int c = strcoll(a, b);
        if (c != 0) return c;
        size_t n = strlen(a), m = strlen(b);
        if (m == blen) return n == alen ? 0 : 1;
        if (n == alen) return -1;
        a += n + 1, alen -= n + 1;
        b += m + 1, blen -= m + 1;
    }
}

/* A string inside a buffer may lack its terminator: it gets one for the time of the comparison. The
 * bytes are the state's own. */
static char *terminate(const String *s, char *saved) {
    if (s->tag == TAG_SSTR) return NULL;
    const LongString *l = (const LongString *)s;
    char *end = l->data + l->len;
    *saved = *end;
    if (*saved == '\0') return NULL;
    *end = '\0';
    return end;
}

static int compare_collated(const String *a, const String *b) {
    char abyte, bbyte;
    if (str_data(a) == str_data(b))
        return compare_bytes("", 0, "", 0) + (str_len(a) > str_len(b)) - (str_len(a) < str_len(b));
    char *aend = terminate(a, &abyte), *bend = terminate(b, &bbyte);
    int c = compare_pieces(str_data(a), str_len(a), str_data(b), str_len(b));
    if (aend) *aend = abyte;
    if (bend) *bend = bbyte;
    return c;
}

int str_compare(const String *a, const String *b) {
    if (a == b) return 0;
    if (a->tag == TAG_SSTR && b->tag == TAG_SSTR) /* terminated: quicker than asking for the locale */
        return compare_pieces(a->bytes, a->shrlen, b->bytes, b->shrlen);
    if (collates_by_bytes()) return compare_bytes(str_data(a), str_len(a), str_data(b), str_len(b));
    return compare_collated(a, b);
}
