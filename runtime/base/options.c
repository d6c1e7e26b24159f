// SPDX-License-Identifier: MIT
/* See base/options.h. */
#include "base/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum Type { BOOL, NUMBER, LIMIT, TIER, THRESHOLDS, STATS, DUMP, FAIL, AMOUNT, BYTES, DURATION } Type;

typedef struct Row {
    const char *name;
    Type type;
    size_t field;
    const char *spelling;
    const char *help;
} Row;

#define ROW(name, type, field, spelling, help) {name, type, offsetof(Options, field), spelling, help}
static const Row rows[] = {
    ROW("tier", TIER, tier, "tier=interp|baseline|opt", "highest tier allowed"),
    ROW("thresholds", THRESHOLDS, baseline_at, "thresholds=B,O", "calls after which baseline, optimizing are wanted (100,1000)"),
    ROW("jit-sync", BOOL, jit_sync, "jit-sync", "compile in place instead of in the background"),
    ROW("tier-stats", STATS, stats, "tier-stats[=text|json][,FILE]", "report on tiers at exit, to FILE or standard error"),
    ROW("trace-tiers", BOOL, trace_tiers, "trace-tiers", "a line on standard error for each request, compilation, loss of code"),
    ROW("dump", DUMP, dump, "dump=WHAT[:FUNCTION]", "dump functions (all, or whose name contains FUNCTION) as they are compiled: bc,profile,ir,asm,graph,literals"),
    ROW("opt-bisect", LIMIT, opt_bisect, "opt-bisect=N", "make only the first N of the optimizing tier's optimisations, over the whole process"),
    ROW("max-instructions", AMOUNT, max_instructions, "max-instructions=N[K|M|G]", "stop programs that run more than N bytecodes (K, M, G: thousands, ...)"),
    ROW("max-time", DURATION, max_time, "max-time=N[ms|s|m]", "stop programs that run longer than N seconds of wall time (or ms, m)"),
    ROW("max-memory", BYTES, max_memory, "max-memory=N[K|M|G]", "stop programs that use more than N bytes (K, M, G: of 1024)"),
    ROW("max-code", BYTES, max_code, "max-code=N[K|M|G]", "compile no more when there are N bytes of machine code"),
    ROW("max-depth", AMOUNT, max_depth, "max-depth=N[K|M|G]", "calls nested deeper than N are an error"),
    ROW("seed", NUMBER, seed, "seed=N", "seed of the hashes of strings, by which pairs() orders them; 0: a new one each time"),
    ROW("gc-every", NUMBER, gc_every, "gc-every=N", "stress: a full collection at every Nth allocation"),
    ROW("fail-alloc", FAIL, fail_alloc, "fail-alloc=N[+]", "stress: the Nth allocation fails (+: and all after it)"),
    ROW("move-stack", BOOL, move_stack, "move-stack", "stress: the stack moves whenever it may"),
    ROW("random-tiers", NUMBER, random_tiers, "random-tiers=SEED", "stress: calls and loops go on in a tier chosen at random; 0: off"),
    ROW("fail-guard", NUMBER, fail_guard, "fail-guard=N", "stress: every Nth guard of optimised code fails; 0: off"),
    ROW("verify-exits", BOOL, verify_exits, "verify-exits", "stress: check the frames that exits of optimised code leave behind"),
    ROW("verify-heap", BOOL, verify_heap, "verify-heap", "stress: check the heap after each collection step"),
};
enum { NROWS = sizeof rows / sizeof rows[0] };

void options_init(Options *o) {
    memset(o, 0, sizeof *o);
    o->tier = TIER_OPT;
    o->forced = TIER_FREE;
    o->baseline_at = 100;
    o->opt_at = 1000;
    o->opt_bisect = -1;
    o->max_instructions = o->max_time = o->max_memory = o->max_code = o->max_depth = UINT64_MAX;
}

static bool parse_number(const char **p, uint32_t *out) {
    char *end;
    bool hexadecimal = strncmp(*p, "0x", 2) == 0;
    unsigned long v = strtoul(*p, &end, hexadecimal ? 16 : 10);
    if (end == *p || **p == '-' || v > UINT32_MAX) return false;
    *out = (uint32_t)v;
    *p = end;
    return true;
}

typedef struct Unit {
    const char *suffix;
    double factor;
} Unit;
static const Unit amounts[] = {{"", 1}, {"K", 1e3}, {"M", 1e6}, {"G", 1e9}, {NULL, 0}};
static const Unit sizes[] = {{"", 1}, {"K", 1024}, {"M", 1048576}, {"G", 1073741824}, {NULL, 0}};
static const Unit durations[] = {{"", 1e9}, {"s", 1e9}, {"ms", 1e6}, {"m", 60e9}, {NULL, 0}};

/* A number, perhaps with a fraction, and a unit. */
static bool parse_quantity(const char *v, const Unit *units, uint64_t *out) {
    if (strspn(v, "0123456789.") == 0 || strspn(v, "0123456789.") > 18) return false;
    char *end;
    double x = strtod(v, &end);
    if (end != v + strspn(v, "0123456789.")) return false;
    for (const Unit *u = units; u->suffix != NULL; u++) {
        if (strcmp(end, u->suffix) != 0) continue;
        x *= u->factor;
        if (x >= 9e18) return false;
        *out = (uint64_t)x;
        return true;
    }
    return false;
}

static bool parse_tier(const char *v, int *out) {
    static const char *const names[] = {"interp", "baseline", "opt"};
    for (int n = 0; n < 3; n++)
        if (strcmp(v, names[n]) == 0) return *out = n, true;
    return false;
}

static bool parse_stats(const char *v, Options *o) {
    size_t len = strcspn(v, ",");
    if (len == 0 || (len == 4 && memcmp(v, "text", 4) == 0))
        o->stats = STATS_TEXT;
    else if (len == 4 && memcmp(v, "json", 4) == 0)
        o->stats = STATS_JSON;
    else
        return false;
    const char *file = v[len] == ',' ? v + len + 1 : "";
    if (strlen(file) >= sizeof o->stats_file) return false;
    strcpy(o->stats_file, file);
    return true;
}

static bool parse_dump(const char *v, Options *o) {
    static const char *const words[] = {"bc", "profile", "ir", "asm", "graph", "literals"};
    const char *at = v;
    while (*at != '\0' && *at != ':') {
        size_t len = strcspn(at, ",:");
        bool known = false;
        for (size_t n = 0; n < sizeof words / sizeof words[0]; n++)
            known |= len == strlen(words[n]) && memcmp(at, words[n], len) == 0;
        if (!known) return false;
        at += len + (at[len] == ',');
    }
    if (strlen(v) >= sizeof o->dump) return false;
    strcpy(o->dump, v);
    return at > v;
}

static bool parse_value(const Row *row, const char *v, Options *o) {
    void *field = (char *)o + row->field;
    switch (row->type) {
        case BOOL:
            *(bool *)field = strcmp(v, "0") != 0 && strcmp(v, "no") != 0;
            return *v == '\0' || strcmp(v, "0") == 0 || strcmp(v, "1") == 0 || strcmp(v, "no") == 0 || strcmp(v, "yes") == 0;
        case LIMIT: {
            uint32_t n;
            if (!parse_number(&v, &n) || *v != '\0') return false;
            *(int64_t *)field = n;
            return true;
        }
        case NUMBER: return parse_number(&v, field) && *v == '\0';
        case TIER: return parse_tier(v, field);
        case THRESHOLDS:
            return parse_number(&v, &o->baseline_at) && *v++ == ',' && parse_number(&v, &o->opt_at) && *v == '\0';
        case AMOUNT: return parse_quantity(v, amounts, field);
        case BYTES: return parse_quantity(v, sizes, field);
        case DURATION: return parse_quantity(v, durations, field);
        case STATS: return parse_stats(v, o);
        case DUMP: return parse_dump(v, o);
        default: /* FAIL */
            if (!parse_number(&v, &o->fail_alloc)) return false;
            o->fail_from = *v == '+';
            return strcmp(v, "+") == 0 || *v == '\0';
    }
}

int options_set(Options *o, const char *text, size_t len, char *err, size_t errlen) {
    while (len > 0 && *text == '-') text++, len--;
    char copy[320];
    if (len >= sizeof copy) return OPTION_UNKNOWN;
    memcpy(copy, text, len);
    copy[len] = '\0';
    char *value = strchr(copy, '=');
    if (value != NULL) *value++ = '\0';
    for (unsigned n = 0; n < NROWS; n++) {
        if (strcmp(rows[n].name, copy) != 0) continue;
        Options changed = *o;
        if (!parse_value(&rows[n], value != NULL ? value : "", &changed)) {
            snprintf(err, errlen, "bad value for option '%s' (expected %s)", copy, rows[n].spelling);
            return OPTION_INVALID;
        }
        *o = changed;
        return OPTION_SET;
    }
    return OPTION_UNKNOWN;
}

int options_parse(Options *o, const char *list, char *err, size_t errlen) {
    for (;;) {
        list += strspn(list, " \t\n");
        size_t len = strcspn(list, " \t\n");
        if (len == 0) return OPTION_SET;
        int result = options_set(o, list, len, err, errlen);
        if (result == OPTION_UNKNOWN) snprintf(err, errlen, "unknown option '%.*s'", (int)len, list);
        if (result != OPTION_SET) return result;
        list += len;
    }
}

const char *options_row(unsigned n, const char **help) {
    if (n >= NROWS) return NULL;
    *help = rows[n].help;
    return rows[n].spelling;
}
