// SPDX-License-Identifier: MIT
/* Region and loader: objects that a C compiler makes here and now are placed and run, in both ways
 * the region can work, near and far from what they call; others are refused; 100,000 live at once;
 * a child of fork keeps its own. */
#include <check.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fuzz/mutate_objects.h"
#include "tiers/engine/loader.h"
#include "tiers/engine/region.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#define SANITIZED __has_feature(address_sanitizer)
#else
#define SANITIZED 0
#endif

/* -------------------------------------------------------------------------------------- objects */

static FuzzObject read_object(const char *file) {
    FuzzObject o = {malloc(1 << 20), 0};
    FILE *f = fopen(file, "rb");
    ck_assert_ptr_nonnull(f);
    o.size = fread(o.bytes, 1, 1 << 20, f);
    fclose(f);
    return o;
}

/* What the compiler makes of the source. */
static FuzzObject compile(const char *flags, const char *source) {
    char file[] = "/tmp/perigee-object-XXXXXX", command[512];
    int fd = mkstemp(file);
    ck_assert_int_ge(fd, 0);
    close(fd);
    snprintf(command, sizeof command,
             COMPILER " -w -fcf-protection=none -fno-stack-protector -falign-functions=16 -fPIC %s "
                      "-x c -c -o %s -",
             flags, file);
    FILE *p = popen(command, "w");
    fputs(source, p);
    ck_assert_int_eq(pclose(p), 0);
    FuzzObject o = read_object(file);
    unlink(file);
    return o;
}

static int rt_near(int x) { return x + 1; }
static int rt_variable = 1234;
static JitSymbol symbols[] = {{"rt_near", (const void *)rt_near},
                              {"rt_variable", &rt_variable},
                              {"rt_far", NULL},
                              {"rt_far_variable", NULL},
                              {0, 0}};

static JitNames names = {symbols, NULL, 0};

static void give_literals(void) {
    static const JitLiteral literals[] = {{.value = 0x1122334455667788}, {.value = 77}, {.value = (uint64_t)UINT32_MAX + 1}};
    names.literals = literals;
    names.nliterals = 3;
}

/* A function and a variable out of reach: int rt_far(int x) { return x * 2; } */
static void make_far_symbols(void) {
    static const uint8_t code[] = {0x8d, 0x04, 0x3f, 0xc3};
    uint8_t *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert(p != MAP_FAILED);
    memcpy(p, code, sizeof code);
    memcpy(p + 64, &rt_variable, sizeof rt_variable);
    ck_assert_int_eq(mprotect(p, 4096, PROT_READ | PROT_EXEC), 0);
    ck_assert(!region_reaches((uint64_t)(uintptr_t)p));
    symbols[2].address = p;
    symbols[3].address = p + 64;
}

typedef int (*Function)(int);

static Function place(const FuzzObject *o, void **handle) {
    char err[128] = "";
    size_t bytes;
    void *p = object_place(o->bytes, o->size, "f", &names, handle, &bytes, err, sizeof err);
    if (p == NULL || (uintptr_t)p % 16 != 0) ck_abort_msg("%s", err); /* ck_assert is slow */
    return (Function)p;
}

/* Compiles, places and calls f(argument). */
static void expect(const char *flags, const char *source, int argument, int result) {
    FuzzObject o = compile(flags, source);
    void *handle;
    ck_assert_int_eq(place(&o, &handle)(argument), result);
    object_unplace(handle);
    free(o.bytes);
}

static void refuse_entry(const char *flags, const char *source, const char *entry,
                         const char *message) {
    FuzzObject o = compile(flags, source);
    size_t used = region_statistics().used, bytes;
    char err[128] = "";
    void *handle;
    ck_assert_ptr_null(
        object_place(o.bytes, o.size, entry, &names, &handle, &bytes, err, sizeof err));
    ck_assert_msg(strstr(err, message) != NULL, "%s, not %s", err, message);
    ck_assert_uint_eq(region_statistics().used, used);
    free(o.bytes);
}
static void refuse(const char *flags, const char *source, const char *message) {
    refuse_entry(flags, source, "f", message);
}

/* ------------------------------------------------------------------------------------ the tests */

static const RegionState ways[] = {REGION_PACKED, REGION_PAGED};
static const char *const levels[] = {"-O0",
                                     "-O2",
                                     "-O0 -fno-plt",
                                     "-O2 -fno-plt",
                                     "-O2 -fno-plt -Wa,-mrelax-relocations=no",
                                     "-O3 -march=haswell -ffunction-sections"};
enum { NWAYS = 2, NLEVELS = 6 };

static void use_way(int n) {
    region_allow(ways[n / NLEVELS]);
    ck_assert_msg(region_state() == ways[n / NLEVELS], "%s", region_reason());
    make_far_symbols();
}

START_TEST(calls_and_data) {
    use_way(_i);
    const char *flags = levels[_i % NLEVELS];
    expect(flags, "int f(int x) { return x + 7; }", 1, 8);
    expect(flags, "int rt_near(int); int f(int x) { return rt_near(x) + rt_near(1); }", 5, 8);
    expect(flags, "int rt_near(int); int f(int x) { return rt_near(x); }", 5, 6);
    expect(flags,
           "int rt_far(int), rt_near(int); int f(int x) { return rt_far(x) + rt_far(rt_near(1)); }",
           5, 14);
    expect(flags, "int rt_far(int); int f(int x) { return rt_far(x); }", 5, 10);
    expect(flags,
           "extern int rt_variable, rt_far_variable; int f(int x) { return rt_variable * x + "
           "rt_far_variable; }",
           2, 3702);
    expect(flags,
           "int rt_far(int), rt_near(int); int f(int x) { return (x ? rt_far : rt_near)(x); }", 0,
           1);
    expect(flags, "int rt_far(int); int f(int x) { return x == 1 && rt_far == (int (*)(int))0; }",
           1, 0);
    expect(flags,
           "__attribute__((noinline)) int g(int x) { return x ? g(x - 1) + x : 0; } int f(int x) { "
           "return g(x); }",
           4, 10);
}
END_TEST

START_TEST(constants_and_tables) {
    use_way(_i);
    const char *flags = levels[_i % NLEVELS];
    expect(flags, "int f(int x) { return x * 3.25 + 0.5; }", 4, 13);
    expect(flags,
           "int f(int x) { double v[4] = {x, x, x, x}, s = 0; for (int i = 0; i < 4; i++) s += "
           "__builtin_fabs(-v[i] * 1.5);"
           " return s; }",
           2, 12);
    static const char jumps[] = "int rt_near(int); int f(int x) { switch (x) { case 0: return "
                                "rt_near(4); case 1: return 77; case 2: return rt_near(x) * x;"
                                " case 3: return -x; case 4: return x << 3; case 5: return "
                                "rt_near(-x); default: return -1; } }";
    static const int results[] = {5, 77, 6, -3, 32, -4, -1};
    for (int x = 0; x < 7; x++) expect(flags, jumps, x, results[x]);
    expect(flags,
           "int rt_near(int), rt_far(int); static int g(int x) { return -x; }"
           " static int (*const t[])(int) = {rt_near, rt_far, g}; int f(int x) { return t[x](x + "
           "20); }",
           1, 42);
    expect(
        flags,
        "static const char *const t[] = {\"a\", \"bc\", \"def\"}; int f(int x) { return t[x][x]; }",
        2, 'f');
    expect(flags,
           "static const int t[64] __attribute__((aligned(64))) = {[40] = 9}; int f(int x) { "
           "return t[x] + ((long)t & 63); }",
           40, 9);
}
END_TEST

/* Near functions are reached without slots and stubs. */
START_TEST(near_calls_are_direct) {
    FuzzObject o = compile("-O2 -fno-plt",
                           "int rt_near(int); int f(int x) { return rt_near(x) + rt_near(2); }");
    void *handle;
    const uint8_t *code = (const uint8_t *)place(&o, &handle);
    if (!region_reaches((uint64_t)(uintptr_t)rt_near)) return;
    ck_assert_uint_lt(region_size(handle), 64);
    ck_assert_ptr_null(memmem(code, region_size(handle), "\xff\x15", 2));
    free(o.bytes);
}
END_TEST

START_TEST(refused_entries) {
    refuse("", "int rt_nowhere(int); int f(int x) { return rt_nowhere(x); }",
           "undefined symbol rt_nowhere");
    refuse("", "int g(int x) { return x; }", "does not define f");
    refuse("", "static int f(int x) { return x; } int (*g(void))(int) { return f; }",
           "does not define f");
    refuse("", "const int f = 3;", "does not define f");
    refuse_entry("", "int f(int x) { return x; } __asm__(\".globl odd; .set odd, f + 1\");", "odd",
                 "odd is not aligned");
}
END_TEST

START_TEST(refused_sections) {
    make_far_symbols();
    refuse("", "int v = 3; int f(int x) { return v += x; }", "section .data cannot be placed");
    refuse("-fno-zero-initialized-in-bss", "int v[3]; int f(int x) { return v[x]++; }",
           "cannot be placed");
    refuse("-fno-common", "int v[3]; int f(int x) { return v[x]++; }",
           "section .bss cannot be placed");
    refuse("-fcommon", "int v[3]; int f(int x) { return v[x]++; }", "common symbol v");
    refuse("", "__thread int v = 1; int f(int x) { return v += x; }",
           "section .tdata cannot be placed");
    refuse("", "__thread int v; int f(int x) { return v += x; }", "section .tbss cannot be placed");
    refuse("", "extern __thread int v; int f(int x) { return v += x; }", "thread-local symbol v");
    refuse("", "__attribute__((constructor)) void g(void) {} int f(int x) { return x; }",
           "section .init_array cannot be placed");
    refuse("", "__attribute__((section(\".text.w\"))) int v = 3; int f(int x) { return v += x; }",
           "section .text.w cannot be placed");
    refuse("",
           "__attribute__((section(\"other\"))) const int v = 3; int f(int x) { return x + v; }",
           "section other cannot be placed");
    refuse("",
           "int h(int x) { return x; } static void *r(void) { return h; }"
           "int g(int) __attribute__((ifunc(\"r\"))); int f(int x) { return g(x); }",
           "indirect function g");
}
END_TEST

START_TEST(refused_relocations) {
    make_far_symbols();
    refuse("", "long f(void) { long x; __asm__(\"movl $rt_near, %k0\" : \"=r\"(x)); return x; }",
           "does not fit into 32 bits");
    refuse("", "long f(void) { long x; __asm__(\"movq $rt_near, %0\" : \"=r\"(x)); return x; }",
           "relocation of type 11"); /* 32S */
    static const char hidden[] =
        "extern int %s __attribute__((visibility(\"hidden\"))); int f(int x) { return %s + x; }";
    char source[256];
    snprintf(source, sizeof source, hidden, "rt_far_variable", "rt_far_variable");
    refuse("-O2", source, "out of reach");
    snprintf(source, sizeof source, hidden, "rt_variable", "rt_variable");
    expect("-O2", source, 1, 1235);
    refuse("-O2",
           "__asm__(\".section .note.x, \\\"\\\"; e: .quad 1; .text\"); extern char e[]; void "
           "*f(void) { return e; }",
           "lies in nothing that is placed");
}
END_TEST

/* The pool beside the code, and its entries as values of symbols. */
START_TEST(literals_of_code) {
    use_way(_i);
    give_literals();
    const char *flags = levels[_i % NLEVELS];
    expect(flags,
           "extern const unsigned long literals[] __attribute__((visibility(\"hidden\")));"
           "int f(int x) { return literals[0] == 0x1122334455667788 ? (int)literals[x] + x : 0; }",
           1, 78);
    expect(flags,
           "int f(int x) { unsigned n; unsigned long m; __asm__(\"movl $literal.1, %0; movabsq $literal.0, %1\" : \"=r\"(n), \"=r\"(m));"
           " return m == 0x1122334455667788 ? n + x : 0; }",
           1, 78);
    expect(flags, "__asm__(\".section .data.rel.ro, \\\"aw\\\"; t: .long literal.1; .quad literal.0 + 8; .text\"); extern const int t[]"
                  " __attribute__((visibility(\"hidden\"))); int f(int x) { return t[x] + (t[1] == 0x55667790); }",
           0, 78);
    refuse("", "int f(int x) { __asm__(\"movl $literal.2, %0\" : \"=r\"(x)); return x; }", "does not fit into 32 bits");
    refuse("", "int f(int x) { __asm__(\"movl $literal.3, %0\" : \"=r\"(x)); return x; }", "undefined symbol literal.3");
}
END_TEST

START_TEST(refused_files) {
    FuzzObject o = compile("-O2", "int f(int x) { return x + 7; }");
    char err[128];
    void *handle;
    size_t bytes;
    for (size_t size = 0; size < o.size; size++) {
        uint8_t *exact = malloc(size + !size); /* for the address sanitizer */
        memcpy(exact, o.bytes, size);
        void *p = object_place(exact, size, "f", &names, &handle, &bytes, err, sizeof err);
        ck_assert_ptr_null(p);
        free(exact);
    }
    o.bytes[4] = 1; /* 32 bits */
    ck_assert_ptr_null(
        object_place(o.bytes, o.size, "f", &names, &handle, &bytes, err, sizeof err));
    ck_assert_str_eq(err, "not a 64-bit ELF object");
    ck_assert_ptr_null(object_place(o.bytes, o.size, "f", &names, &handle, &bytes, err, 8));
    ck_assert_str_eq(err, "not a 6");
    ck_assert_ptr_null(object_place(o.bytes, o.size, "f", &names, &handle, &bytes, NULL, 0));
    free(o.bytes);
}
END_TEST

/* ----------------------------------------------------------------------------- mappings, memory */

static unsigned count_mappings(bool *writable_code) {
    FILE *f = fopen("/proc/self/maps", "r");
    char line[512], access[8];
    unsigned n = 0;
    while (fgets(line, sizeof line, f)) {
        n++;
        if (sscanf(line, "%*s %7s", access) == 1 && access[1] == 'w' && access[2] == 'x')
            *writable_code = true;
    }
    fclose(f);
    return n;
}

static long resident_bytes(void) {
    FILE *f = fopen("/proc/self/statm", "r");
    long pages = 0;
    ck_assert_int_eq(fscanf(f, "%*d %ld", &pages), 1);
    fclose(f);
    return pages * 4096;
}

static double microseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

enum { MANY = 100000 };
static void *handles[MANY];
static Function functions[MANY];

static void place_many(const FuzzObject *o) {
    for (int i = 0; i < MANY; i++)
        if (handles[i] == NULL) functions[i] = place(o, &handles[i]);
}

static void free_some(int every) {
    for (int i = 0; i < MANY; i += every) object_unplace(handles[i]), handles[i] = NULL;
}

static void call_many(void) {
    for (int i = 0; i < MANY; i += 7)
        if (functions[i](i) != i + 8) ck_abort_msg("function %d returns something else", i);
}

START_TEST(a_hundred_thousand) {
    region_allow(ways[_i]);
    FuzzObject o = compile("-O2", "int rt_near(int); int f(int x) { return rt_near(x) + 7; }");
    bool writable = false;
    memset(handles, 0, sizeof handles),
        memset(functions, 1, sizeof functions); /* touched before it counts */
    object_unplace((place(&o, &handles[0]), handles[0])), handles[0] = NULL;
    unsigned mappings = count_mappings(&writable);
    long resident = resident_bytes();
    double start = microseconds();
    place_many(&o);
    double taken = microseconds() - start;
    size_t each = region_size(handles[0]);
    long more = (resident_bytes() - resident) / MANY;
    printf("%s: %.2f us and %ld bytes resident an object, whose block takes %zu\n",
           _i ? "paged" : "packed", taken / MANY, more, each);
    call_many();
    ck_assert_uint_le(count_mappings(&writable), mappings + 4); /* the heap may grow by some */
    if (!SANITIZED) ck_assert_int_le(more, (long)each + 80);
    size_t opened = region_statistics().opened;
    for (int round = 2; round < 5; round++) free_some(round), place_many(&o);
    call_many();
    free_some(1);
    ck_assert_uint_eq(region_statistics().blocks, 0);
    ck_assert_uint_eq(region_statistics().used, 0);
    if (!SANITIZED)
        ck_assert_int_lt(resident_bytes() - resident, 12 << 20); /* heap that malloc keeps */
    place_many(&o);
    call_many();
    ck_assert_uint_eq(region_statistics().opened, opened);
    ck_assert_uint_le(count_mappings(&writable), mappings + 4);
    ck_assert(!writable);
    free_some(1);
    free(o.bytes);
}
END_TEST

/* Random blocks against a record of what each was filled with. */
enum { SLOTS = 400 };
static struct {
    RegionBlock *block;
    size_t size;
    uint8_t fill;
} model[SLOTS];

static void check_block(int i) {
    const uint8_t *p = (const uint8_t *)(uintptr_t)region_address(model[i].block);
    for (size_t k = 0; k < model[i].size; k++)
        if (p[k] != model[i].fill) ck_abort_msg("block %d, byte %zu", i, k);
}

static void free_block(int i) {
    if (model[i].block == NULL) return;
    check_block(i);
    region_free(model[i].block);
    model[i].block = NULL;
}

static void fill_block(int i, uint8_t fill) {
    static uint8_t bytes[1 << 16];
    model[i].size = 1 + (size_t)rand() % (rand() % 8 ? 300 : sizeof bytes - 1);
    model[i].fill = fill;
    size_t align = (size_t)1 << rand() % 13;
    memset(bytes, fill, model[i].size);
    model[i].block = region_alloc(model[i].size, align);
    ck_assert_ptr_nonnull(model[i].block);
    ck_assert_uint_eq(region_address(model[i].block) % align, 0);
    ck_assert_uint_eq(region_address(model[i].block) % 16, 0);
    ck_assert_uint_ge(region_size(model[i].block), model[i].size);
    ck_assert(region_write(model[i].block, bytes, model[i].size));
}

START_TEST(random_blocks) {
    region_allow(ways[_i]);
    srand(20261120);
    size_t sum = 0;
    for (int n = 0; n < 40000; n++) {
        int i = rand() % SLOTS;
        if (model[i].block)
            free_block(i);
        else
            fill_block(i, (uint8_t)n);
    }
    for (int i = 0; i < SLOTS; i++) sum += model[i].block ? region_size(model[i].block) : 0;
    ck_assert_uint_eq(region_statistics().used, sum);
    for (int i = 0; i < SLOTS; i++) free_block(i);
    ck_assert_uint_eq(region_statistics().used, 0);
    ck_assert_uint_lt(region_statistics().opened, 64 << 20);
    /* everything has become one again */
    RegionBlock *all = region_alloc((1 << 30) - 8192, 16);
    ck_assert_ptr_nonnull(all);
    ck_assert_ptr_null(region_alloc(1 << 20, 16));
    region_free(all);
}
END_TEST

START_TEST(limits) {
    ck_assert_int_ne(region_state(), REGION_FORBIDDEN);
    region_set_limit(4096);
    RegionBlock *a = region_alloc(4000, 16);
    ck_assert_ptr_nonnull(a);
    ck_assert_ptr_null(region_alloc(97, 16));
    RegionBlock *b = region_alloc(96, 16);
    ck_assert_ptr_nonnull(b);
    ck_assert_uint_eq(region_statistics().used, 4096);
    region_free(a);
    region_set_limit(SIZE_MAX);
    ck_assert_ptr_null(region_alloc(SIZE_MAX, 16));
    ck_assert_ptr_null(region_alloc(0, 16));
    ck_assert_ptr_null(region_alloc(1, 8192));
    ck_assert_ptr_null(region_alloc((size_t)1 << 31, 16));
    uint8_t bytes[112];
    ck_assert(!region_write(b, bytes, sizeof bytes));
    region_free(b);
    region_free(NULL);
    ck_assert_uint_eq(region_statistics().used, 0);
}
END_TEST

/* ------------------------------------------------------------------------------ what systems
 * forbid */

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#endif

START_TEST(forbidden) {
    if (prctl(PR_SET_MDWE, 1, 0, 0, 0) != 0) region_allow(REGION_FORBIDDEN); /* Linux 6.3 */
    ck_assert_int_eq(region_state(), REGION_FORBIDDEN);
    ck_assert_ptr_null(region_alloc(16, 16));
    ck_assert(!region_reaches((uint64_t)(uintptr_t)rt_near));
    refuse("", "int f(int x) { return x; }", "executable memory is forbidden");
}
END_TEST

START_TEST(little_address_space) {
    if (SANITIZED) return;
    struct rlimit limit = {200 << 20, 200 << 20};
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
    ck_assert_int_eq(region_state(), REGION_PACKED);
    ck_assert_ptr_null(region_alloc(200 << 20, 16));
    RegionBlock *b = region_alloc(8 << 20, 16);
    ck_assert_ptr_nonnull(b);
    region_free(b);
}
END_TEST

/* Without access from the start. */
START_TEST(access_never_had) {
    struct rlimit before, limit;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    limit = before, limit.rlim_cur = 0;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    RegionState state = region_state();
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    ck_assert_int_eq(state, REGION_PAGED);
    ck_assert_ptr_nonnull(strstr(region_reason(), "cannot write to /proc/thread-self/mem"));
    ck_assert_uint_eq(region_statistics().used, 0);
}
END_TEST

/* No descriptor is left: from then on blocks get pages of their own, beside the old ones. */
START_TEST(access_lost) {
    FuzzObject o = compile("-O2", "int rt_near(int); int f(int x) { return rt_near(x) + 7; }");
    void *old, *new, *newer;
    Function f = place(&o, &old);
    ck_assert_int_eq(region_state(), REGION_PACKED);
    struct rlimit before, limit;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    limit = before, limit.rlim_cur = 0;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    Function g = place(&o, &new);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    ck_assert_int_eq(region_state(), REGION_PAGED);
    ck_assert_ptr_nonnull(strstr(region_reason(), "lost the access"));
    ck_assert_uint_eq(region_address(new) % 4096, 0);
    ck_assert_int_eq(f(1) + g(2), 9 + 10);
    object_unplace(old);
    Function h = place(&o, &newer);
    ck_assert_int_eq(g(1) + h(2), 9 + 10);
    object_unplace(new), object_unplace(newer);
    free(o.bytes);
}
END_TEST

/* -------------------------------------------------------------------------------- forks and
 * threads */

static int status_of(pid_t child) {
    int status = -1;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return status;
}

static void child_work(const FuzzObject *mine, Function inherited, void *inherited_handle) {
    void *handle;
    if (inherited(1) != 8) _exit(2);
    Function f = place(mine, &handle);
    if (f(1) != 101 || inherited(1) != 8) _exit(3);
    object_unplace(inherited_handle); /* its place is used again, with other code */
    Function g = place(mine, &handle);
    if (g(1) != 101 || f(1) != 101) _exit(4);
    if ((uintptr_t)g != (uintptr_t)inherited && region_state() == REGION_PACKED) _exit(5);
    if (fork() == 0) _exit(g(2) == 102 && place(mine, &handle)(0) == 100 ? 0 : 6);
    int status;
    wait(&status);
    _exit(status != 0);
}

START_TEST(forked) {
    region_allow(ways[_i]);
    FuzzObject ours = compile("-O2", "int f(int x) { return x + 7; }"),
               childs = compile("-O2", "int f(int x) { return x + 100; }");
    void *handle, *later;
    Function f = place(&ours, &handle);
    for (int n = 0; n < 5; n++) {
        pid_t child = fork();
        if (child == 0) child_work(&childs, f, handle);
        Function g = place(&ours, &later);
        ck_assert_int_eq(status_of(child), 0);
        ck_assert_int_eq(f(1), 8);
        ck_assert_int_eq(g(1), 8);
        object_unplace(later);
    }
    object_unplace(handle);
    free(ours.bytes), free(childs.bytes);
}
END_TEST

static FuzzObject shared;
static _Atomic bool stop;

static void *place_and_call(void *rounds) {
    for (int n = 0; n < *(int *)rounds && !stop; n++) {
        void *a, *b;
        Function f = place(&shared, &a), g = place(&shared, &b);
        if (f(n) != n + 8 || g(n) != n + 8) return "wrong result";
        object_unplace(n & 1 ? a : b);
        if ((n & 1 ? g : f)(n) != n + 8) return "wrong result";
        object_unplace(n & 1 ? b : a);
    }
    return NULL;
}

START_TEST(threads) {
    region_allow(ways[_i]);
    shared = compile("-O2", "int rt_near(int); int f(int x) { return rt_near(x) + 7; }");
    int rounds = 3000;
    pthread_t t[4];
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&t[i], NULL, place_and_call, &rounds), 0);
    for (int i = 0; i < 4; i++) {
        void *result;
        pthread_join(t[i], &result);
        ck_assert_ptr_null(result);
    }
    ck_assert_uint_eq(region_statistics().used, 0);
    free(shared.bytes);
}
END_TEST

/* The child of a fork in the middle of other threads' work places on. */
START_TEST(forked_beside_threads) {
#ifndef __clang__
    if (SANITIZED) return; /* gcc 12's sanitizer forks without taking its own heap's locks */
#endif
    shared = compile("-O2", "int rt_near(int); int f(int x) { return rt_near(x) + 7; }");
    int forever = 1 << 30, few = 20;
    pthread_t t[2];
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&t[i], NULL, place_and_call, &forever), 0);
    for (int n = 0; n < 100; n++) {
        pid_t child = fork();
        if (child == 0) {
            signal(SIGALRM, SIG_DFL);
            alarm(20);
            _exit(place_and_call(&few) != NULL);
        }
        ck_assert_int_eq(status_of(child), 0);
    }
    stop = true;
    for (int i = 0; i < 2; i++) pthread_join(t[i], NULL);
    free(shared.bytes);
}
END_TEST

/* ----------------------------------------------------------------------------------------- fuzz */

START_TEST(mutations) {
    static const char source[] = "int rt_near(int), rt_far(int); static int g(int x) { return -x; }"
                                 "static int (*const t[])(int) = {rt_near, rt_far, g};"
                                 "extern const long literals[] __attribute__((visibility(\"hidden\")));"
                                 "__asm__(\".section .rodata; .long literal.0; .quad literal.1; .text\");"
                                 "int f(int x) { switch (x) { case 0: return rt_near(4); case 1: "
                                 "return 7.5 * x + literals[1]; case 2: return rt_far(x);"
                                 " case 3: return t[x / 2](x); case 4: return x << 3; case 5: "
                                 "return rt_near(-x); default: return -1; } }";
    FuzzObject objects[3] = {compile("-O0 -fno-plt", source), compile("-O2", source),
                             compile("-O2 -fno-plt -ffunction-sections", source)};
    FuzzCounts counts = mutate_objects(objects, 3, "f", 1, 20000);
    printf("mutations: %u placed, %u refused\n", counts.placed, counts.refused);
    ck_assert_uint_eq(counts.leaked, 0);
    ck_assert_uint_gt(counts.placed, 1000);
    ck_assert_uint_gt(counts.refused, 4000);
    for (int i = 0; i < 3; i++) free(objects[i].bytes);
}
END_TEST

static TCase *add_case(Suite *s, const char *name) {
    TCase *c = tcase_create(name);
    tcase_set_timeout(c, 120);
    suite_add_tcase(s, c);
    return c;
}

int main(void) {
    Suite *s = suite_create("loader");
    TCase *c = add_case(s, "objects");
    tcase_add_loop_test(c, calls_and_data, 0, NWAYS * NLEVELS);
    tcase_add_loop_test(c, constants_and_tables, 0, NWAYS * NLEVELS);
    tcase_add_test(c, near_calls_are_direct);
    tcase_add_loop_test(c, literals_of_code, 0, NWAYS * NLEVELS);
    c = add_case(s, "refusals");
    tcase_add_test(c, refused_entries);
    tcase_add_test(c, refused_sections);
    tcase_add_test(c, refused_relocations);
    tcase_add_test(c, refused_files);
    c = add_case(s, "memory");
    tcase_add_loop_test(c, a_hundred_thousand, 0, NWAYS);
    tcase_add_loop_test(c, random_blocks, 0, NWAYS);
    tcase_add_test(c, limits);
    c = add_case(s, "systems");
    tcase_add_test(c, forbidden);
    tcase_add_test(c, little_address_space);
    tcase_add_test(c, access_never_had);
    tcase_add_test(c, access_lost);
    c = add_case(s, "processes");
    tcase_add_loop_test(c, forked, 0, NWAYS);
    tcase_add_loop_test(c, threads, 0, NWAYS);
    tcase_add_test(c, forked_beside_threads);
    c = add_case(s, "fuzz");
    tcase_add_test(c, mutations);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
