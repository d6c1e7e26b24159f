// SPDX-License-Identifier: MIT
/* From the state to the report's JSON tree; docs/tier-stats.md explains the members, and
 * docs/tier-stats.schema.json states their types.
 *
 * Functions are rows: one for each entry of the tier table (which may stand for several living
 * prototypes, or for dead ones), and one for each other living prototype.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/api.h"
#include "api/reporter.h"
#include "base/options.h"
#include "gc/gc.h"
#include "interp/interp.h"
#include "profile/policy.h"
#include "profile/profile.h"
#include "profile/profile_view.h"
#include "state/error.h"
#include "tiers/engine/engine.h"

enum { HOTTEST = 20 };

typedef struct Row {
    const Proto *p;              /* a living prototype; NULL: all are dead */
    const TierEntry *e;          /* NULL: never wanted in a higher tier */
    uint64_t uses;
    uint64_t self;               /* samples in it */
    uint64_t in[TIERS];          /* ... by tier */
} Row;

typedef struct CacheClass {
    uint32_t sites[SITE_STATES];
    uint64_t misses;
    double uses, hits;           /* estimated */
} CacheClass;
enum { CACHE_FIELDS, CACHE_METHODS, CACHE_GLOBALS, CACHE_STORES, CACHE_CALLS, CACHE_CLASSES };

typedef struct Gather {
    lua_State *L;
    Global *g;
    const Reporter *r;
    JsonDoc *doc;
    const EngineStats *engine;   /* NULL: none */
    int max_tier;
    Row *rows;
    uint32_t nrows, capacity, nentries; /* the first nentries are of the tier table, by address of the entry */
    uint32_t warm;
    CacheClass caches[CACHE_CLASSES];
    Installation *installed[TIERS]; /* sorted copies */
    bool failed;
} Gather;

/* ---------------------------------------------------------------------------------------- rows */

static Row *row_add(Gather *a) {
    if (a->nrows == a->capacity) {
        uint32_t capacity = a->capacity * 2 + 256;
        Row *rows = realloc(a->rows, capacity * sizeof *rows);
        if (rows == NULL) {
            a->failed = true;
            return NULL;
        }
        a->rows = rows;
        a->capacity = capacity;
    }
    Row *row = &a->rows[a->nrows++];
    *row = (Row){0};
    return row;
}

static void add_entry(void *ud, TierEntry *e) {
    Row *row = row_add(ud);
    if (row == NULL) return;
    row->e = e;
    row->uses = e->settled;
}

static int by_entry(const void *a, const void *b) {
    const Row *x = a, *y = b;
    return x->e < y->e ? -1 : x->e > y->e;
}

static Row *row_of(Gather *a, const Proto *p) {
    Row key = {.e = tier_entry_peek(a->g, p)};
    return key.e != NULL && a->nentries > 0 ? bsearch(&key, a->rows, a->nentries, sizeof key, by_entry) : NULL;
}

static void add_samples(Row *row, const FunctionSamples *s) {
    if (s == NULL) return;
    for (int t = 0; t < TIERS; t++) {
        row->in[t] += s->in[RUN_INTERP + t];
        row->self += s->in[RUN_INTERP + t];
    }
}

/* --- inline caches --- */

static int cache_class(unsigned op) {
    switch (op) {
        case OP_GETFIELD: return CACHE_FIELDS;
        case OP_SELF: return CACHE_METHODS;
        case OP_GETTABUP: case OP_SETTABUP: return CACHE_GLOBALS;
        case OP_SETFIELD: case OP_SETFIELDK: return CACHE_STORES;
        case OP_CALL: case OP_TAILCALL: case OP_TFORCALL: return CACHE_CALLS;
        default: return CACHE_CLASSES;
    }
}

/* How often a site ran is not counted: as often as its function was used is the estimate. */
static void add_site(Gather *a, const Proto *p, const ProfileView *v, uint32_t pc, double uses) {
    int class = cache_class(insn_op(p->code[pc]));
    if (class == CACHE_CLASSES) return;
    Site s = profile_site(v, pc);
    CacheClass *c = &a->caches[class];
    c->sites[s.state]++;
    bool has_cell = s.quick != s.op && insn_d(v->quick[pc]) < v->ncells;
    if (class == CACHE_CALLS || s.state < SITE_MONOMORPHIC || !has_cell) return;
    double misses = v->cells[insn_d(v->quick[pc])].misses;
    c->misses += (uint64_t)misses;
    c->uses += uses > misses ? uses : misses;
    if (s.state != SITE_MEGAMORPHIC && uses > misses) c->hits += uses - misses;
}

static void add_sites(Gather *a, const Proto *p) {
    ProfileView v = profile_view_of(p);
    for (uint32_t pc = 0; pc < p->sizecode; pc++) add_site(a, p, &v, pc, (double)proto_uses(p));
}

static void add_proto(Global *g, void *ud, GCObject *o) {
    Gather *a = ud;
    (void)g;
    if (o->tag != TAG_PROTO) return;
    const Proto *p = (const Proto *)(const void *)o;
    Row *row = row_of(a, p);
    if (row == NULL) row = row_add(a);
    if (row == NULL) return;
    row->p = p;
    row->uses += proto_uses(p);
    if (a->r->samples != NULL) add_samples(row, sampler_function(a->r->samples, p));
    if (p->feedback == NULL) return;
    a->warm++;
    add_sites(a, p);
}

static int32_t line_of(const Row *row) { return row->p != NULL ? row->p->linedefined : row->e->line; }

/* Hottest first: by samples, then by uses; what is left by place, so that reports can be compared. */
static int by_heat(const void *a, const void *b) {
    const Row *x = a, *y = b;
    if (x->self != y->self) return x->self > y->self ? -1 : 1;
    if (x->uses != y->uses) return x->uses > y->uses ? -1 : 1;
    return line_of(x) < line_of(y) ? -1 : line_of(x) > line_of(y);
}

static int by_id(const void *a, const void *b) {
    const Installation *x = a, *y = b;
    if (x->id != y->id) return x->id < y->id ? -1 : 1;
    return x->uses < y->uses ? -1 : x->uses > y->uses;
}

static void sort_installations(Gather *a, int tier) {
    uint32_t count = a->r->installed[tier].count;
    if (count == 0) return;
    a->installed[tier] = malloc(count * sizeof(Installation));
    a->failed |= a->installed[tier] == NULL;
    if (a->failed) return;
    memcpy(a->installed[tier], a->r->installed[tier].rows, count * sizeof(Installation));
    qsort(a->installed[tier], count, sizeof(Installation), by_id);
}

static void gather_rows(Gather *a) {
    tier_table_each(a->g, add_entry, a);
    a->nentries = a->nrows;
    if (a->nrows > 0) qsort(a->rows, a->nrows, sizeof(Row), by_entry);
    gc_each_object(a->L, add_proto, a);
    if (a->nrows > 0) qsort(a->rows, a->nrows, sizeof(Row), by_heat);
    for (int t = TIER_BASELINE; t < TIERS; t++) sort_installations(a, t);
}

/* The first installation of the function in the tier. */
static const Installation *first_installation(const Gather *a, int tier, FunctionId id) {
    const Installation *rows = a->installed[tier];
    uint32_t low = 0, high = rows != NULL ? a->r->installed[tier].count : 0, count = high;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (rows[mid].id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low < count && rows[low].id == id ? &rows[low] : NULL;
}

/* Did the function run in the tier? In place, code is installed before the use that asked for it
 * begins; the interpreter never sees a function whose first use asks. */
static bool was_entered(const Gather *a, const Row *row, int tier) {
    bool in_place = a->g->options->jit_sync;
    int installed = tier > TIER_INTERP ? tier : TIER_BASELINE;
    const Installation *i = row->e != NULL ? first_installation(a, installed, row->e->id) : NULL;
    if (tier == TIER_INTERP) return row->uses > 0 && (i == NULL || !in_place || i->uses > 1);
    return i != NULL && (in_place || row->in[tier] > 0 || row->uses > i->uses);
}

/* --------------------------------------------------------------------------- versions, settings */

static void processor_name(char *out, size_t size) {
    char line[256];
    FILE *f = fopen("/proc/cpuinfo", "r");
    snprintf(out, size, "unknown");
    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        const char *value = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || value == NULL) continue;
        snprintf(out, size, "%.*s", (int)strcspn(value + 2, "\n"), value + 2);
        break;
    }
    if (f != NULL) fclose(f);
}

static void add_versions(Gather *a, Json *report) {
    char cpu[128];
    processor_name(cpu, sizeof cpu);
    Json *o = json_object(a->doc, report, "versions");
    json_string(a->doc, o, "perigee", PERIGEE_VERSION);
    json_string(a->doc, o, "lua", LUA_VERSION_MAJOR "." LUA_VERSION_MINOR "." LUA_VERSION_RELEASE);
    json_string(a->doc, o, "llvm", a->engine != NULL ? a->engine->llvm_version : NULL);
    json_string(a->doc, o, "dispatch", vm_technique());
    json_string(a->doc, o, "cpu", cpu);
    json_string(a->doc, o, "llvm_cpu", a->engine != NULL ? a->engine->cpu : NULL);
}

static void add_settings(Gather *a, Json *report) {
    char seed[16];
    snprintf(seed, sizeof seed, "%08" PRIx32, a->g->seed);
    Json *o = json_object(a->doc, report, "settings");
    json_string(a->doc, o, "highest_tier", tier_names[a->max_tier]);
    json_int(a->doc, o, "baseline_at", (int64_t)policy_threshold(a->g, TIER_BASELINE));
    json_int(a->doc, o, "optimizing_at", (int64_t)policy_threshold(a->g, TIER_OPT));
    json_bool(a->doc, o, "jit_sync", a->g->options->jit_sync);
    json_string(a->doc, o, "seed", seed);
    json_int(a->doc, o, "pid", getpid());
}

static bool asked(const EngineStats *s) { return s->tier[TIER_BASELINE].requests + s->tier[TIER_OPT].requests > 0; }

static void add_compilers(Gather *a, Json *report) {
    Json *o = json_object(a->doc, report, "compilers");
    const char *why = NULL, *state = "ready";
    if (a->max_tier == TIER_INTERP)
        state = "off", why = "--tier=interp";
    else if (a->engine == NULL)
        state = "off", why = a->g->seam != NULL ? "the host brings its own" : "this build's interpreter enters no compiled code";
    else if (a->engine->unavailable != NULL)
        state = "unavailable", why = a->engine->unavailable;
    else if (a->engine->llvm_version == NULL)
        state = asked(a->engine) ? "opening" : "unused";
    json_string(a->doc, o, "state", state);
    json_string(a->doc, o, "why", why);
    if (a->engine == NULL) return;
    json_real(a->doc, o, "cpus", a->engine->cpus);
    json_real(a->doc, o, "share", a->engine->share);
}

/* ----------------------------------------------------------------------------------------- time */

typedef struct Share {
    const char *what;
    int state; /* RUN_; RUN_STATES: all the rest */
} Share;
static const Share shares[] = {
    {"interpreter", RUN_INTERP}, {"baseline code", RUN_BASELINE}, {"optimised code", RUN_OPT},
    {"C functions", RUN_C},      {"collector", RUN_GC},           {"loading", RUN_LOAD},
    {"tier management", RUN_COMPILE}, {"unattributed", RUN_STATES},
};
enum { NSHARES = sizeof shares / sizeof shares[0] };

static uint64_t samples_of(const Samples *s, int state) {
    if (s == NULL) return 0;
    return state < RUN_STATES ? s->in[state] : s->in[RUN_HOST] + s->unknown;
}

/* Half the width of the 95 % score interval (Wilson 1927) of a share, in per cent. */
static double error_of(double count, double n) {
    const double z = 1.959964;
    double p = count / n;
    return 100 * z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
}

static void add_share(Gather *a, Json *list, const Share *share) {
    const Samples *s = a->r->samples;
    double total = s != NULL ? (double)s->total : 0, count = (double)samples_of(s, share->state);
    double part = total > 0 ? count / total : share->state == RUN_STATES;
    Json *o = json_object(a->doc, list, NULL);
    json_string(a->doc, o, "what", share->what);
    json_int(a->doc, o, "samples", (int64_t)count);
    json_real(a->doc, o, "percent", part * 100);
    if (total > 0)
        json_real(a->doc, o, "error", error_of(count, total));
    else
        json_null(a->doc, o, "error");
    json_real(a->doc, o, "ms", part * a->r->wall_ms);
}

static void add_time(Gather *a, Json *report) {
    const Samples *s = a->r->samples;
    Json *o = json_object(a->doc, report, "time");
    json_real(a->doc, o, "wall_ms", a->r->wall_ms);
    if (a->r->cpu_ms >= 0)
        json_real(a->doc, o, "cpu_ms", a->r->cpu_ms);
    else
        json_null(a->doc, o, "cpu_ms");
    json_int(a->doc, o, "samples", s != NULL ? (int64_t)s->total : 0);
    json_real(a->doc, o, "period_ms", SAMPLER_PERIOD_NS / 1e6);
    json_int(a->doc, o, "confidence_percent", 95);
    json_string(a->doc, o, "failure", s != NULL ? s->failure : "not enough memory for the sampler");
    Json *list = json_array(a->doc, o, "shares");
    for (unsigned n = 0; n < NSHARES; n++) add_share(a, list, &shares[n]);
    double compile = 0, start = a->engine != NULL ? (double)a->engine->start_ns : 0;
    for (int t = TIER_BASELINE; t < TIERS && a->engine != NULL; t++) compile += (double)a->engine->tier[t].compile_ns;
    Json *thread = json_object(a->doc, o, "compiling");
    json_string(a->doc, thread, "thread", a->g->options->jit_sync ? "main" : "compile");
    json_real(a->doc, thread, "cpu_ms", compile / 1e6);
    json_real(a->doc, thread, "start_cpu_ms", start / 1e6);
}

static void add_collector(Gather *a, Json *report) {
    GCStats gc;
    gc_stats(a->L, &gc, false);
    Json *o = json_object(a->doc, report, "collector");
    json_real(a->doc, o, "cpu_ms", (double)gc.nanoseconds / 1e6);
    json_int(a->doc, o, "steps", (int64_t)gc.steps);
    json_int(a->doc, o, "cycles", (int64_t)gc.cycles);
    json_int(a->doc, o, "minor_cycles", (int64_t)gc.minors);
    json_real(a->doc, o, "longest_step_ms", (double)gc.longest / 1e6);
}

/* ---------------------------------------------------------------------------------------- tiers */

/* Reasons with how many functions they hold for. */
static void count_reason(Gather *a, Json *list, const char *reason) {
    for (Json *o = list != NULL ? list->first : NULL; o != NULL; o = o->next) {
        if (strcmp(json_get_string(o, "reason"), reason) != 0) continue;
        o->last->u.integer++;
        return;
    }
    Json *o = json_object(a->doc, list, NULL);
    json_string(a->doc, o, "reason", reason);
    json_int(a->doc, o, "functions", 1);
}

static void add_reasons(Gather *a, Json *o, const char *key, int tier, int request) {
    Json *list = json_array(a->doc, o, key);
    for (uint32_t n = 0; n < a->nrows; n++) {
        const TierEntry *e = a->rows[n].e;
        if (e != NULL && e->in[tier].request == request) count_reason(a, list, e->in[tier].reason);
    }
}

static void add_compilations(Gather *a, Json *o, int tier) {
    static const EngineStats none;
    const EngineStats *s = a->engine != NULL ? a->engine : &none;
    uint32_t functions = 0, waiting = 0;
    for (uint32_t n = 0; n < a->nrows; n++) {
        const TierEntry *e = a->rows[n].e;
        functions += e != NULL && e->in[tier].compiles > 0;
        waiting += e != NULL && tier_is_pending(e, tier);
    }
    json_int(a->doc, o, "requested", s->tier[tier].requests);
    json_int(a->doc, o, "compiled", s->tier[tier].compiled);
    json_int(a->doc, o, "functions_compiled", functions);
    json_int(a->doc, o, "failed", s->tier[tier].failed);
    json_int(a->doc, o, "dropped", s->tier[tier].dropped);
    json_int(a->doc, o, "waiting", waiting);
    json_int(a->doc, o, "code_bytes", (int64_t)s->tier[tier].code_bytes);
    json_real(a->doc, o, "compile_ms", (double)s->tier[tier].compile_ns / 1e6);
    json_real(a->doc, o, "wait_ms", (double)s->tier[tier].wait_ns / 1e6);
    json_real(a->doc, o, "longest_wait_ms", (double)s->tier[tier].longest_wait_ns / 1e6);
    add_reasons(a, o, "failures", tier, REQUEST_FAILED);
    add_reasons(a, o, "drops", tier, REQUEST_DROPPED);
}

static int tier_of_row(const Row *row) { return row->e != NULL ? row->e->tier : TIER_INTERP; }

static void add_tier(Gather *a, Json *list, int tier) {
    Json *o = json_object(a->doc, list, NULL);
    uint32_t entered = tier == TIER_INTERP ? a->r->collected.entered : 0, at_end = 0;
    for (uint32_t n = 0; n < a->nrows; n++) {
        const Row *row = &a->rows[n];
        entered += was_entered(a, row, tier);
        at_end += row->p != NULL && row->uses > 0 && tier_of_row(row) == tier;
    }
    json_string(a->doc, o, "tier", tier_names[tier]);
    json_int(a->doc, o, "entered", entered);
    json_int(a->doc, o, "at_end", at_end);
    if (tier > TIER_INTERP) add_compilations(a, o, tier);
}

static void add_tiers(Gather *a, Json *report) {
    Json *list = json_array(a->doc, report, "tiers");
    for (int t = TIER_INTERP; t < TIERS; t++) add_tier(a, list, t);
}

/* ------------------------------------------------------------------------------------ functions */

static void add_totals(Gather *a, Json *report) {
    Json *o = json_object(a->doc, report, "functions");
    uint32_t living = 0, used = 0;
    for (uint32_t n = 0; n < a->nrows; n++) {
        living += a->rows[n].p != NULL;
        used += a->rows[n].uses > 0;
    }
    json_int(a->doc, o, "known", a->nrows + a->r->collected.functions);
    json_int(a->doc, o, "used", used + a->r->collected.entered);
    json_int(a->doc, o, "warm", a->warm);
    json_int(a->doc, o, "collected", a->nrows - living + a->r->collected.functions);
    json_int(a->doc, o, "collected_uses", (int64_t)a->r->collected.uses);
    json_int(a->doc, o, "forgotten", a->g->profile != NULL ? a->g->profile->tiers.forgotten.functions : 0);
}

static void place_of(const Row *row, char *out, size_t size) {
    char id[LUA_IDSIZE] = "?";
    if (row->p == NULL) {
        snprintf(out, size, "%s", row->e->label);
        return;
    }
    if (row->p->source != NULL) chunk_id(id, str_data(row->p->source), str_len(row->p->source));
    snprintf(out, size, "%s:%d", id, row->p->linedefined);
}

static void add_place(Gather *a, Json *o, const Row *row) {
    char place[LUA_IDSIZE + 16];
    place_of(row, place, sizeof place);
    json_string(a->doc, o, "function", place);
}

static double ms_of(const Gather *a, uint64_t samples) {
    const Samples *s = a->r->samples;
    return s != NULL && s->total > 0 ? (double)samples / (double)s->total * a->r->wall_ms : 0;
}

static void add_self(Gather *a, Json *o, uint64_t samples) {
    const Samples *s = a->r->samples;
    if (s == NULL || s->total == 0) {
        json_null(a->doc, o, "self_ms");
        json_null(a->doc, o, "self_percent");
        return;
    }
    json_real(a->doc, o, "self_ms", ms_of(a, samples));
    json_real(a->doc, o, "self_percent", (double)samples / (double)s->total * 100);
}

/* Optimised code has calls inlined and loops that do not count. */
static bool is_estimate(const Row *row) { return row->e != NULL && row->e->in[TIER_OPT].compiles > 0; }

static void add_hot(Gather *a, Json *list, const Row *row) {
    char id[24];
    const TierEntry *e = row->e;
    Json *o = json_object(a->doc, list, NULL);
    add_place(a, o, row);
    snprintf(id, sizeof id, "%016" PRIx64, e != NULL ? e->id : 0);
    json_string(a->doc, o, "id", e != NULL ? id : NULL);
    json_string(a->doc, o, "tier", tier_names[tier_of_row(row)]);
    json_int(a->doc, o, "uses", (int64_t)row->uses);
    json_bool(a->doc, o, "uses_estimated", is_estimate(row));
    json_bool(a->doc, o, "has_loops", (e != NULL ? e->nloops : policy_count_loops(row->p)) > 0);
    add_self(a, o, row->self);
    json_int(a->doc, o, "compiles", e != NULL ? e->in[TIER_BASELINE].compiles + e->in[TIER_OPT].compiles : 0);
    json_int(a->doc, o, "deoptimisations", e != NULL ? (int64_t)tier_entry_deopts(e) : 0);
}

static void add_hottest(Gather *a, Json *report) {
    Json *list = json_array(a->doc, report, "hottest");
    for (uint32_t n = 0; n < a->nrows && n < HOTTEST; n++)
        if (a->rows[n].uses > 0 || a->rows[n].self > 0) add_hot(a, list, &a->rows[n]);
}

/* --- C functions --- */

static bool next_of(lua_State *L, const TValue *table, TValue *key, TValue *value) {
    TValue pair[2] = {*key, *key};
    if (!is_table(table) || !table_next(L, as_table(table), pair)) return false;
    *key = pair[0];
    *value = pair[1];
    return true;
}

static bool is_named(const TValue *key, const char *name) {
    size_t len = strlen(name);
    return is_str(key) && str_len(as_str(key)) == len && memcmp(str_data(as_str(key)), name, len) == 0;
}

static bool is_function(const TValue *o, const void *f) {
    lua_CFunction own = o->tag == TAG_LCF ? o->v.f : o->tag == TAG_CCL ? as_ccl(o)->f : NULL;
    return (const void *)(uintptr_t)own == f;
}

/* The key under which a module's table has f. */
static const String *key_of(lua_State *L, const TValue *table, const void *f) {
    TValue key, value;
    for (set_nil(&key); next_of(L, table, &key, &value);)
        if (is_function(&value, f) && is_str(&key)) return as_str(&key);
    return NULL;
}

/* "string.format", as package.loaded has it. */
static bool name_in_modules(lua_State *L, const TValue *loaded, const void *f, char *out, size_t size) {
    TValue module, table;
    for (set_nil(&module); next_of(L, loaded, &module, &table);) {
        const String *key = key_of(L, &table, f);
        if (key == NULL || !is_str(&module)) continue;
        const String *name = as_str(&module);
        int len = is_named(&module, "_G") ? 0 : (int)str_len(name);
        snprintf(out, size, "%.*s%s%.*s", len, str_data(name), len > 0 ? "." : "", (int)str_len(key), str_data(key));
        return true;
    }
    return false;
}

static void name_c_function(Gather *a, const void *f, char *out, size_t size) {
    TValue key, value;
    for (set_nil(&key); next_of(a->L, &a->g->registry, &key, &value);)
        if (is_named(&key, "_LOADED") && name_in_modules(a->L, &value, f, out, size)) return;
    snprintf(out, size, "C function %p", f);
}

static int by_c_samples(const void *a, const void *b) {
    const FunctionSamples *x = *(const FunctionSamples *const *)a, *y = *(const FunctionSamples *const *)b;
    return x->in[RUN_C] > y->in[RUN_C] ? -1 : x->in[RUN_C] < y->in[RUN_C];
}

static void add_c_functions(Gather *a, Json *report) {
    static const size_t limit = SAMPLED_FUNCTIONS;
    Json *list = json_array(a->doc, report, "c_functions");
    const Samples *s = a->r->samples;
    const FunctionSamples **found = s != NULL ? malloc(limit * sizeof *found) : NULL;
    size_t count = 0;
    for (size_t n = 0; found != NULL && n < limit; n++)
        if (s->functions[n].is_c) found[count++] = &s->functions[n];
    if (count > 0) qsort(found, count, sizeof *found, by_c_samples);
    for (size_t n = 0; n < count && n < HOTTEST; n++) {
        char name[96];
        Json *o = json_object(a->doc, list, NULL);
        name_c_function(a, found[n]->function, name, sizeof name);
        json_string(a->doc, o, "function", name);
        add_self(a, o, found[n]->in[RUN_C]);
    }
    free(found);
}

/* --- functions that did not get where they could --- */

static void add_low(Gather *a, Json *list, const Row *row) {
    char why[200];
    int tier = tier_of_row(row);
    bool done = row->p == NULL && (row->e == NULL || row->e->in[tier + 1].reason[0] == '\0');
    if (done) snprintf(why, sizeof why, "collected");
    else policy_why(a->g, row->e, row->uses, tier, a->engine != NULL, why, sizeof why);
    Json *o = json_object(a->doc, list, NULL);
    add_place(a, o, row);
    json_string(a->doc, o, "tier", tier_names[tier]);
    json_string(a->doc, o, "wanted", tier_names[row->e != NULL ? row->e->wanted : TIER_INTERP]);
    json_int(a->doc, o, "uses", (int64_t)row->uses);
    json_string(a->doc, o, "why", why);
}

static void add_stayed_low(Gather *a, Json *report) {
    int top = a->max_tier > TIER_INTERP ? a->max_tier : TIER_BASELINE;
    Json *list = json_array(a->doc, report, "stayed_low");
    for (uint32_t n = 0; n < a->nrows; n++)
        if (a->rows[n].uses > 0 && tier_of_row(&a->rows[n]) < top) add_low(a, list, &a->rows[n]);
}

static void add_deoptimisations(Gather *a, Json *report) {
    Json *list = json_array(a->doc, report, "deoptimisations");
    for (int reason = 0; reason < DEOPT_COUNT; reason++) {
        int64_t count = 0, functions = 0;
        for (uint32_t n = 0; n < a->nrows; n++) {
            const TierEntry *e = a->rows[n].e;
            count += e != NULL ? e->deopts[reason] : 0;
            functions += e != NULL && e->deopts[reason] > 0;
        }
        if (count == 0) continue;
        Json *o = json_object(a->doc, list, NULL);
        json_string(a->doc, o, "reason", deopt_names[reason]);
        json_int(a->doc, o, "count", count);
        json_int(a->doc, o, "functions", functions);
        json_string(a->doc, o, "advice", deopt_advice[reason]);
    }
}

static void add_caches(Gather *a, Json *report) {
    static const char *const names[CACHE_CLASSES] = {"fields read", "methods", "globals", "fields stored", "calls"};
    Json *list = json_array(a->doc, report, "inline_caches");
    for (int n = 0; n < CACHE_CLASSES; n++) {
        const CacheClass *c = &a->caches[n];
        Json *o = json_object(a->doc, list, NULL);
        json_string(a->doc, o, "sites", names[n]);
        json_int(a->doc, o, "unused", c->sites[SITE_NONE] + c->sites[SITE_UNINITIALISED]);
        json_int(a->doc, o, "monomorphic", c->sites[SITE_MONOMORPHIC]);
        json_int(a->doc, o, "polymorphic", c->sites[SITE_POLYMORPHIC]);
        json_int(a->doc, o, "megamorphic", c->sites[SITE_MEGAMORPHIC]);
        json_int(a->doc, o, "misses", (int64_t)c->misses);
        if (c->uses > 0)
            json_real(a->doc, o, "hit_percent_estimated", c->hits / c->uses * 100);
        else
            json_null(a->doc, o, "hit_percent_estimated");
    }
}

/* ------------------------------------------------------------------------------------------ all */

static Json *build(Gather *a) {
    Json *report = json_object(a->doc, NULL, NULL);
    json_string(a->doc, report, "report", "perigee tier-stats");
    json_int(a->doc, report, "schema", 1);
    add_versions(a, report);
    add_settings(a, report);
    add_compilers(a, report);
    add_time(a, report);
    add_collector(a, report);
    add_tiers(a, report);
    add_totals(a, report);
    add_hottest(a, report);
    add_c_functions(a, report);
    add_stayed_low(a, report);
    add_deoptimisations(a, report);
    report_sites(a->doc, report, a->g);
    add_caches(a, report);
    return report;
}

Json *report_gather(JsonDoc *doc, lua_State *L, const Reporter *r) {
    Global *g = G(L);
    Gather a = {.L = L, .g = g, .r = r, .doc = doc, .engine = engine_stats(g), .max_tier = policy_max_tier(g)};
    gather_rows(&a);
    Json *report = a.failed ? NULL : build(&a);
    for (int t = 0; t < TIERS; t++) free(a.installed[t]);
    free(a.rows);
    return doc->failed ? NULL : report;
}
