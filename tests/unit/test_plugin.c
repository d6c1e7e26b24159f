// SPDX-License-Identifier: MIT
/* The compilers' plugin from a host's side: what it compiles runs, what fails fails alone, memory
 * comes back, running out of it ends a job and not the process, and nothing leaks out of the library.
 *
 * Most tests use a plugin with the emitters of plugin_emitters.c (TEST_PLUGIN), the ones about
 * the file itself the real one (REAL_PLUGIN). This program's own malloc fails where a test says so;
 * LLVM inside the plugin allocates by it.
 */
#include <check.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/options.h"
#include "perigee_build_id.h"
#include "tiers/engine/loader.h"

/* --- failing allocations ------------------------------------------------------------------- */

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t align, size_t n);

static _Thread_local bool counting;
static uint64_t nallocations, fail_at, nfailed; // fail_at 0: none
static bool fail_all_after;

static bool fails(void) {
    if (!counting) return false;
    nallocations++;
    if (fail_at == 0 || nallocations < fail_at || (nallocations > fail_at && !fail_all_after))
        return false;
    nfailed++;
    errno = ENOMEM;
    return true;
}

#pragma GCC visibility push(default)
void *malloc(size_t n) { return fails() ? NULL : __libc_malloc(n); }
void *calloc(size_t n, size_t size) { return fails() ? NULL : __libc_calloc(n, size); }
void *realloc(void *p, size_t n) { return fails() ? NULL : __libc_realloc(p, n); }
void *memalign(size_t align, size_t n) { return fails() ? NULL : __libc_memalign(align, n); }
void *aligned_alloc(size_t align, size_t n) { return memalign(align, n); }
int posix_memalign(void **p, size_t align, size_t n) {
    *p = memalign(align, n);
    return *p == NULL ? ENOMEM : 0;
}
#pragma GCC visibility pop

static void count_allocations(uint64_t fail, bool all_after) {
    nallocations = nfailed = 0, fail_at = fail, fail_all_after = all_after;
    counting = true;
}

/* --- a host -------------------------------------------------------------------------------- */

/* The runtime's handler that compiled code ends in, and the way into compiled code: its convention
 * passes the eight arguments in r12 to r15, rdi, rsi, rdx, rcx and preserves rbp alone. */
static struct { uint64_t calls, pc; } exits;
void rt_exit_instruction(void);
__asm__(".text\n.globl rt_exit_instruction\nrt_exit_instruction:\n"
        "  incq (%r12)\n  movq %r13, 8(%r12)\n  ret\n");

static void enter(void *code, void *base, uint64_t pc) {
    __asm__ volatile("movq %[l], %%r12\n movq %[pc], %%r13\n movq %[base], %%r14\n"
                     "subq $128, %%rsp\n call *%[code]\n addq $128, %%rsp"
                     :
                     : [code] "a"(code), [l] "b"(&exits), [pc] "c"(pc), [base] "d"(base)
                     : "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rdi", "rsi", "memory",
                       "cc");
}

static const JitSymbol symbols[] = {{"rt_exit_instruction", (const void *)rt_exit_instruction},
                                    {NULL, NULL}};
static uint64_t live; // objects placed

static void *place(const void *object, size_t size, const char *entry, const JitNames *names, void **handle,
                   size_t *code_bytes, char *err, size_t errlen) {
    void *code = object_place(object, size, entry, names, handle, code_bytes, err, errlen);
    live += code != NULL;
    return code;
}

static void unplace(void *handle) {
    live--;
    object_unplace(handle);
}

static const JitHost host = {PERIGEE_BUILD_ID, symbols, place, unplace};
static const JitPlugin *plugin;

/* from the directory of this program */
#define TEST_PLUGIN "libperigee-jit-test.so"
#define REAL_PLUGIN "../libperigee-jit.so"

static const char *path_of(const char *file) {
    static char path[4300];
    ssize_t n = readlink("/proc/self/exe", path, 4096);
    if (n < 0) return NULL;
    path[n] = '\0';
    strcpy(strrchr(path, '/') + 1, file);
    return path;
}

static JitOpen load(const char *file) {
    void *library = dlopen(path_of(file), RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) return NULL;
    JitOpen open;
    *(void **)&open = dlsym(library, "perigee_jit_open");
    return open;
}

static void setup(void) {
    JitOpen open = load(TEST_PLUGIN);
    ck_assert_msg(open != NULL, "%s", dlerror());
    char err[128] = "";
    plugin = open(&host, err, sizeof err);
    ck_assert_msg(plugin != NULL, "%s", err);
}

static bool compile(const char *what, int tier, uint32_t ninsns, JitResult *r) {
    JitFunction f = {.name = what, .ninsns = ninsns};
    bool ok = plugin->compile(&(JitJob){.tier = tier, .function = &f}, r);
    counting = false;
    return ok;
}

static void discard(JitResult *r) {
    free(r->entry_of);
    plugin->release(r->handle);
}

static bool runs(const JitResult *r) {
    uint64_t before = exits.calls, slots[64] = {0};
    exits.pc = 0;
    enter(r->code, slots, 4711);
    return exits.calls == before + 1 && exits.pc == 4711;
}

// Whether the compilers still work.
static bool works(int tier) {
    JitResult r;
    bool ok = compile("exit", tier, 1, &r) && runs(&r);
    if (ok) discard(&r);
    return ok;
}

/* --- compiling ----------------------------------------------------------------------------- */

START_TEST(compiles_and_runs) {
    for (int tier = TIER_BASELINE; tier <= TIER_OPT; tier++) {
        JitResult r;
        ck_assert_msg(compile("exit", tier, 7, &r), "%s", r.failure);
        ck_assert_uint_eq((uintptr_t)r.code & 15, 0);
        ck_assert_uint_gt(r.code_bytes, 0);
        ck_assert_uint_eq(r.nentries, 1);
        ck_assert(r.milliseconds > 0);
        ck_assert(runs(&r));
        discard(&r);
        ck_assert_uint_eq(live, 0);
    }
    ck_assert_str_eq(plugin->build_id, PERIGEE_BUILD_ID);
    ck_assert(strlen(plugin->cpu) > 0 && strlen(plugin->llvm_version) > 0);
}
END_TEST

static const struct {
    const char *what;
    uint32_t ninsns;
    const char *why;
} failing[] = {
    {"refused", 1, "refused by the emitter"},
    {"invalid", 1, "wrong IR"},
    {"unresolved", 1, "rt_unknown"},
    {"diagnosed", 1, "constraint"},
    {"fatal", 1, "asm"},
    {"exit", 1u << 30, "too large"},
};

START_TEST(a_failure_is_its_own) {
    JitResult r;
    int tier = _i % 2 == 0 ? TIER_BASELINE : TIER_OPT;
    ck_assert(!compile(failing[_i / 2].what, tier, failing[_i / 2].ninsns, &r));
    ck_assert_ptr_null(r.code);
    ck_assert_ptr_null(r.entry_of);
    ck_assert_msg(strstr(r.failure, failing[_i / 2].why) != NULL, "%s", r.failure);
    ck_assert_uint_eq(live, 0);
    ck_assert(works(TIER_BASELINE) && works(TIER_OPT));
}
END_TEST

START_TEST(repeated_accidents_switch_off) {
    JitResult r, early;
    ck_assert(compile("exit", TIER_BASELINE, 1, &early));
    unsigned n = 0;
    for (; n < 10 && works(TIER_BASELINE); n++) ck_assert(!compile("fatal", TIER_BASELINE, 1, &r));
    ck_assert_uint_gt(n, 1);
    ck_assert_uint_lt(n, 10);
    ck_assert(!compile("exit", TIER_BASELINE, 1, &r));
    ck_assert_msg(strstr(r.failure, "off") != NULL, "%s", r.failure);
    ck_assert(runs(&early));
    discard(&early);
    ck_assert_uint_eq(live, 0);
}
END_TEST

static long resident_kb(void) {
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    ck_assert_int_eq(fscanf(f, "%*d %ld", &pages), 1);
    fclose(f);
    return pages * 4;
}

START_TEST(released_functions_leave_nothing) {
    long after_warm_up = 0;
    for (unsigned round = 0; round < 12; round++) {
        JitResult r[250];
        for (unsigned i = 0; i < 250; i++) ck_assert(compile("exit", TIER_BASELINE, 1, &r[i]));
        for (unsigned i = 0; i < 250; i++) ck_assert(runs(&r[i]));
        for (unsigned i = 0; i < 250; i++) discard(&r[i]);
        if (round == 3) after_warm_up = resident_kb();
    }
    ck_assert_uint_eq(live, 0);
    long grown = resident_kb() - after_warm_up;
    ck_assert_msg(grown < 256, "%ld kB more after 2,000 functions", grown);
}
END_TEST

/* --- out of memory ------------------------------------------------------------------------- */

// Runs a check in a child, so that every one starts from the same process: its answer, -1: it died.
static int in_child(int (*check)(uint64_t), uint64_t argument) {
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) _exit(check(argument));
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

enum { WORKS_AFTERWARDS, OFF_AFTERWARDS, WRONG };
static int tier_failing;
static bool all_after;

static int fail_allocation(uint64_t n) {
    JitResult r;
    count_allocations(n, all_after);
    bool ok = compile("large", tier_failing, 50, &r);
    if ((ok && !runs(&r)) || (!ok && r.failure[0] == '\0') || (!ok && nfailed == 0)) return WRONG;
    if (works(tier_failing)) return WORKS_AFTERWARDS;
    return compile("exit", tier_failing, 1, &r) ? WRONG : OFF_AFTERWARDS;
}

START_TEST(any_allocation_may_fail) {
    tier_failing = _i % 2 == 0 ? TIER_BASELINE : TIER_OPT, all_after = _i / 2;
    ck_assert(works(tier_failing));
    JitResult r;
    count_allocations(0, false);
    ck_assert(compile("large", tier_failing, 50, &r));
    uint64_t total = nallocations, tried = 0, off = 0, died = 0, step = total / 300 + 1;
    for (uint64_t n = 1; n <= total; n += step, tried++) {
        int answer = in_child(fail_allocation, n);
        ck_assert_msg(answer == WORKS_AFTERWARDS || answer == OFF_AFTERWARDS || answer == -1,
                      "allocation %lu of %lu: %d", (unsigned long)n, (unsigned long)total, answer);
        off += answer == OFF_AFTERWARDS;
        if (answer == -1) printf("allocation %lu of %lu: died\n", (unsigned long)n, (unsigned long)total);
        died += answer == -1;
    }
    ck_assert_uint_le(died, 1); // seen once in some 2400: a place in LLVM that no handler reaches
    printf("tier %d, %s: %lu of %lu allocations failed in turn, compiler off after %lu\n",
           tier_failing, all_after ? "all from one on" : "one", (unsigned long)tried,
           (unsigned long)total, (unsigned long)off);
    if (!all_after) ck_assert_uint_lt(off * 5, tried); // only those in ORC itself
}
END_TEST

static void limit_address_space(uint64_t more_kb) {
    unsigned long pages;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f == NULL || fscanf(f, "%lu", &pages) != 1) _exit(9);
    fclose(f);
    rlim_t bytes = pages * 4096 + more_kb * 1024;
    if (setrlimit(RLIMIT_AS, &(struct rlimit){bytes, bytes}) != 0) _exit(9);
}

static int compile_within(uint64_t more_kb) {
    limit_address_space(more_kb);
    JitResult r;
    for (unsigned i = 0; i < 20; i++)
        for (int tier = TIER_BASELINE; tier <= TIER_OPT; tier++)
            if (compile("large", tier, 2000, &r) && !runs(&r)) return WRONG;
    return WORKS_AFTERWARDS;
}

START_TEST(survives_a_limited_address_space) {
    for (uint64_t kb = 0; kb <= 64 << 10; kb = kb * 2 + 128) {
        int answer = in_child(compile_within, kb);
        ck_assert_msg(answer == WORKS_AFTERWARDS, "%lu kB more: %d", (unsigned long)kb, answer);
    }
}
END_TEST

static int open_within(uint64_t more_kb) {
    limit_address_space(more_kb);
    JitOpen open = load(TEST_PLUGIN);
    if (open == NULL) return OFF_AFTERWARDS;
    char err[128];
    plugin = open(&host, err, sizeof err);
    if (plugin == NULL) return OFF_AFTERWARDS;
    works(TIER_BASELINE);
    works(TIER_OPT);
    return WORKS_AFTERWARDS;
}

START_TEST(opens_or_not_in_a_limited_address_space) {
    for (uint64_t kb = 0; kb <= 100 << 10; kb += 2 << 10) {
        int answer = in_child(open_within, kb);
        ck_assert_msg(answer == WORKS_AFTERWARDS || answer == OFF_AFTERWARDS, "%lu kB more: %d",
                      (unsigned long)kb, answer);
    }
}
END_TEST

/* --- fork ---------------------------------------------------------------------------------- */

static atomic_bool stop;

static void *compile_for_ever(void *unused) {
    (void)unused;
    JitResult r;
    for (unsigned n = 0; !stop; n++)
        if (compile("large", n % 2 ? TIER_BASELINE : TIER_OPT, 1 + n % 200, &r)) discard(&r);
    return NULL;
}

static int compile_in_child(uint64_t unused) {
    (void)unused;
    alarm(20);
    JitResult r;
    for (unsigned i = 0; i < 5; i++)
        if (!works(TIER_BASELINE) || !works(TIER_OPT))
            return compile("exit", TIER_BASELINE, 1, &r) ? WRONG : OFF_AFTERWARDS;
    return WORKS_AFTERWARDS;
}

START_TEST(children_forked_under_way_compile) {
    ck_assert(works(TIER_BASELINE) && works(TIER_OPT));
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, compile_for_ever, NULL), 0);
    unsigned off = 0;
    for (unsigned i = 0; i < 100; i++) {
        nanosleep(&(struct timespec){0, 1000000 + i * 7919}, NULL);
        int answer = in_child(compile_in_child, 0);
        ck_assert_msg(answer == WORKS_AFTERWARDS || answer == OFF_AFTERWARDS, "child %u: %d", i,
                      answer);
        off += answer == OFF_AFTERWARDS;
    }
    stop = true;
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    printf("100 children forked while compiling, off in %u\n", off);
    ck_assert_uint_lt(off, 50);
}
END_TEST

/* --- dumps --------------------------------------------------------------------------------- */

static char *dump_of(const char *list) {
    static char text[20000];
    FILE *f = tmpfile();
    int saved = dup(2);
    dup2(fileno(f), 2);
    JitResult r;
    JitFunction function = {.name = "exit", .ninsns = 1};
    bool ok = plugin->compile(&(JitJob){.tier = TIER_OPT, .function = &function, .dump = list}, &r);
    dup2(saved, 2);
    ck_assert(ok && runs(&r));
    discard(&r);
    rewind(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    return text;
}

START_TEST(dumps_what_is_asked_for) {
    ck_assert_ptr_nonnull(strstr(dump_of("ir"), "musttail call"));
    ck_assert_ptr_null(strstr(dump_of("ir"), "jmp"));
    ck_assert_ptr_nonnull(strstr(dump_of("graph,asm"), "jmp"));
    ck_assert_ptr_null(strstr(dump_of("asm"), "musttail call"));
    ck_assert_str_eq(dump_of("graph"), "");
    ck_assert_str_eq(dump_of(NULL), "");
}
END_TEST

/* --- the library --------------------------------------------------------------------------- */

START_TEST(other_builds_are_refused) {
    JitOpen open = load(REAL_PLUGIN);
    ck_assert_msg(open != NULL, "%s", dlerror());
    char err[128] = "";
    JitHost other = host;
    other.build_id = "another";
    ck_assert_ptr_null(open(&other, err, sizeof err));
    ck_assert_msg(strstr(err, "another") != NULL, "%s", err);
    const JitPlugin *first = open(&host, err, sizeof err);
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_eq(open(&host, err, sizeof err), first);
    other.build_id = PERIGEE_BUILD_ID;
    ck_assert_ptr_null(open(&other, err, sizeof err)); // one runtime a process
}
END_TEST

START_TEST(shows_one_symbol) {
    char command[4400], line[512], name[500];
    snprintf(command, sizeof command, "nm -D '%s'", path_of(REAL_PLUGIN));
    FILE *f = popen(command, "r");
    unsigned defined = 0;
    while (fgets(line, sizeof line, f) != NULL) {
        char type;
        if (sscanf(line + 17, "%c %499s", &type, name) != 2) continue;
        if (line[0] != ' ') {
            defined++;
            ck_assert_str_eq(name, "perigee_jit_open");
        } else {
            ck_assert_msg(strncmp(name, "lua", 3) != 0 && strncmp(name, "rt_", 3) != 0 &&
                              strstr(name, "perigee") == NULL && strncmp(name, "_ZN4llvm", 8) != 0,
                          "undefined: %s", name);
        }
    }
    ck_assert_int_eq(pclose(f), 0);
    ck_assert_uint_eq(defined, 1);
}
END_TEST

static const char *const foreign[] = {"libLLVM-14.so.1", "libLLVM.so.19.1", "libLLVM.so.22.1"};

// A host with an LLVM of its own, loaded before (even) or after (odd), and used beside.
START_TEST(lives_beside_another_llvm) {
    bool before = _i % 2 == 0;
    if (!before) {
        setup();
        ck_assert(works(TIER_OPT));
    }
    void *library = dlopen(foreign[_i / 2], RTLD_NOW | RTLD_GLOBAL);
    if (library == NULL) return; // not installed
    if (before) setup();
    ck_assert(works(TIER_BASELINE) && works(TIER_OPT));
    void *(*create)(void);
    void (*dispose)(void *);
    *(void **)&create = dlsym(library, "LLVMContextCreate");
    *(void **)&dispose = dlsym(library, "LLVMContextDispose");
    dispose(create());
    ck_assert(works(TIER_BASELINE) && works(TIER_OPT));
}
END_TEST

static double milliseconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

// No limits, for machines differ: a record of what opening and compiling cost.
START_TEST(figures) {
    long kb[4] = {resident_kb()};
    double t[4] = {milliseconds(CLOCK_MONOTONIC)};
    JitOpen open = load(TEST_PLUGIN);
    ck_assert_msg(open != NULL, "%s", dlerror());
    t[1] = milliseconds(CLOCK_MONOTONIC), kb[1] = resident_kb();
    char err[128];
    plugin = open(&host, err, sizeof err);
    ck_assert_msg(plugin != NULL, "%s", err);
    t[2] = milliseconds(CLOCK_MONOTONIC), kb[2] = resident_kb();
    JitResult r;
    ck_assert(compile("exit", TIER_BASELINE, 1, &r));
    t[3] = milliseconds(CLOCK_MONOTONIC), kb[3] = resident_kb();
    double later = 0;
    for (unsigned i = 0; i < 200; i++) {
        ck_assert(compile("exit", TIER_BASELINE, 1, &r));
        later += r.milliseconds / 200;
    }
    ck_assert(compile("exit", TIER_OPT, 1, &r));
    printf("dlopen %.2f ms, +%ld kB; open %.2f ms, +%ld kB; first compile %.2f ms, +%ld kB; later "
           "%.3f ms; "
           "first optimized %.2f ms\n",
           t[1] - t[0], kb[1] - kb[0], t[2] - t[1], kb[2] - kb[1], t[3] - t[2], kb[3] - kb[2],
           later, r.milliseconds);
}
END_TEST

static TCase *add_case(Suite *s, const char *name, void (*before)(void)) {
    TCase *c = tcase_create(name);
    tcase_set_timeout(c, 240);
    if (before) tcase_add_checked_fixture(c, before, NULL);
    suite_add_tcase(s, c);
    return c;
}

int main(void) {
    Suite *s = suite_create("plugin");
    TCase *c = add_case(s, "compiling", setup);
    tcase_add_test(c, compiles_and_runs);
    tcase_add_loop_test(c, a_failure_is_its_own, 0, 2 * (int)(sizeof failing / sizeof *failing));
    tcase_add_test(c, repeated_accidents_switch_off);
    tcase_add_test(c, released_functions_leave_nothing);
    c = add_case(s, "memory", setup);
    tcase_add_loop_test(c, any_allocation_may_fail, 0, 4);
    tcase_add_test(c, survives_a_limited_address_space);
    tcase_add_test(c, children_forked_under_way_compile);
    tcase_add_test(c, dumps_what_is_asked_for);
    c = add_case(s, "library", NULL);
    tcase_add_test(c, opens_or_not_in_a_limited_address_space);
    tcase_add_test(c, other_builds_are_refused);
    tcase_add_test(c, shows_one_symbol);
    tcase_add_loop_test(c, lives_beside_another_llvm, 0,
                        2 * (int)(sizeof foreign / sizeof *foreign));
    tcase_add_test(c, figures);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
