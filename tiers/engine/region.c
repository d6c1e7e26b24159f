// SPDX-License-Identifier: MIT
/* The code region.
 *
 *      base                          opened                       base + size
 *      |guard| block | free | block ...|            free             |
 *      |<---- readable, executable --->|<-- reserved, no access ---->|
 *
 * Memory. The region is one private mapping without swap reserved; it is opened from the left in
 * large steps, so it costs two mappings however many blocks there are. Every byte behind the guard
 * belongs to a block, live or free; blocks are linked by address and neighbours that are free are
 * one block. Free blocks hang in bins by size (about four to a power of two, as two-level
 * segregated fit has it). Their descriptions are ordinary heap memory, since the region itself
 * cannot be written. A page that comes to lie in a free block is given back to the system.
 *
 * Writing. The kernel's memory file (/proc/thread-self/mem) writes into pages that are not
 * writable, as debuggers do, and makes a private copy of a page that is shared with a parent or
 * child. So executable pages stay executable while other threads run in them, and no second,
 * writable alias of the code exists (an alias would have to be shared memory, in which a forked
 * child overwrites its parent's code). The file is opened for each write: that is a microsecond,
 * and a descriptor that was kept would, after a fork, still mean the parent's memory, and after a
 * host has closed all descriptors something else. Where the system does not permit this (hardened
 * kernels, no /proc, a process that is not dumpable), a block is given pages of its own which are
 * writable first and executable after.
 *
 * Place. Below the runtime's own code and near it, if that is free: then compiled code reaches the
 * runtime's functions by direct jumps.
 *
 * The description is the only state of the process here; `lock` guards it all. fork() takes the
 * lock, so that the child's copy is whole.
 */
#include "tiers/engine/region.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

enum {
    GRAIN = 16, /* sizes and addresses are multiples */
    PAGE = 4096,
    OPEN_STEP = 1 << 20, /* the region is opened in such pieces */
    NBINS = 128,
    BIN_TRIES = 8 /* blocks of a size looked at before larger ones are taken */
};
static const size_t LARGEST = (size_t)1 << 30, SMALLEST = (size_t)1 << 24;

struct RegionBlock {
    uint32_t start;            /* in grains from the region's base */
    uint32_t size : 30;        /* in grains */
    uint32_t paged : 1;        /* live: has its pages to itself */
    uint32_t stuck : 1;        /* live: its pages could not be made executable again */
    RegionBlock *left, *right; /* neighbours by address */
    RegionBlock *next, **link; /* free: in its bin. Live: link == NULL */
};

static struct {
    pthread_mutex_t lock;
    bool open; /* `state` is known */
    RegionState state, best;
    char reason[128];
    uint64_t base;
    size_t size, opened;
    RegionBlock *bins[NBINS];
    uint64_t filled[NBINS / 64]; /* bins that are not empty */
    size_t used, peak, blocks, limit;
} region = {.lock = PTHREAD_MUTEX_INITIALIZER, .best = REGION_PACKED, .limit = SIZE_MAX};

static void lock(void) { pthread_mutex_lock(&region.lock); }
static void unlock(void) { pthread_mutex_unlock(&region.lock); }

/* When the library is loaded: handlers registered first are run last before a fork, so whoever
 * registers later may hold locks around calls of this file. */
__attribute__((constructor)) static void register_fork(void) {
    pthread_atfork(lock, unlock, unlock);
}

/* --------------------------------------------------------------------------------------- blocks */

static uint64_t address(const RegionBlock *b) { return region.base + (uint64_t)b->start * GRAIN; }
static uint64_t end_address(const RegionBlock *b) { return address(b) + (uint64_t)b->size * GRAIN; }
static uint64_t round_up(uint64_t n, uint64_t to) { return (n + to - 1) & ~(to - 1); }
static uint64_t round_down(uint64_t n, uint64_t to) { return n & ~(to - 1); }

/* Small sizes have a bin each, larger ones four bins to a power of two. */
static unsigned bin_of(uint32_t grains) {
    if (grains < 8) return grains;
    unsigned power = 31 - (unsigned)__builtin_clz(grains);
    return 8 + (power - 3) * 4 + ((grains >> (power - 2)) & 3);
}

static void bin_insert(RegionBlock *b) {
    unsigned n = bin_of(b->size);
    b->link = &region.bins[n];
    b->next = region.bins[n];
    if (b->next) b->next->link = &b->next;
    region.bins[n] = b;
    region.filled[n / 64] |= UINT64_C(1) << n % 64;
}

static void bin_remove(RegionBlock *b) {
    unsigned n = bin_of(b->size);
    *b->link = b->next;
    if (b->next) b->next->link = b->link;
    b->link = NULL;
    if (region.bins[n] == NULL) region.filled[n / 64] &= ~(UINT64_C(1) << n % 64);
}

/* The first bin from n on that is not empty; NBINS: none. */
static unsigned bin_filled(unsigned n) {
    for (; n < NBINS; n = (n / 64 + 1) * 64) {
        uint64_t rest = region.filled[n / 64] >> n % 64;
        if (rest) return n + (unsigned)__builtin_ctzll(rest);
    }
    return NBINS;
}

static uint32_t gap_before(const RegionBlock *b, uint32_t align) {
    return (uint32_t)round_up(b->start, align) - b->start;
}

static bool fits(const RegionBlock *b, uint32_t grains, uint32_t align) {
    return b->size >= grains && b->size - grains >= gap_before(b, align);
}

/* A free block with room for `grains` at a multiple of `align` grains, of the smallest sizes that
 * have one; at most `tries` blocks of a size are looked at. */
static RegionBlock *find(uint32_t grains, uint32_t align, unsigned tries) {
    for (unsigned n = bin_filled(bin_of(grains)); n < NBINS; n = bin_filled(n + 1)) {
        unsigned left = tries;
        for (RegionBlock *b = region.bins[n]; b && left; b = b->next, left--)
            if (fits(b, grains, align)) return b;
    }
    return NULL;
}

/* Cuts `grains` off the left of b into a new block; neither is in a bin. */
static RegionBlock *split(RegionBlock *b, uint32_t grains, RegionBlock *spare) {
    *spare = (RegionBlock){.start = b->start, .size = grains, .left = b->left, .right = b};
    if (b->left) b->left->right = spare;
    b->left = spare;
    b->start += grains;
    b->size -= grains;
    return spare;
}

/* Makes b and its right neighbour one. */
static void join(RegionBlock *b) {
    RegionBlock *r = b->right;
    b->size += r->size;
    b->right = r->right;
    if (b->right) b->right->left = b;
    free(r);
}

/* Makes everything below `end` executable. */
static bool open_until(uint64_t end) {
    if (end <= region.base + region.opened) return true;
    size_t opened = round_up(end - region.base, OPEN_STEP);
    if (opened > region.size) opened = region.size;
    if (mprotect((void *)(region.base + region.opened), opened - region.opened,
                 PROT_READ | PROT_EXEC) != 0)
        return false;
    region.opened = opened;
    return true;
}

/* Takes `grains` out of the free block b. spare: two records, used or freed. */
static RegionBlock *carve(RegionBlock *b, uint32_t grains, uint32_t align, RegionBlock *spare[2]) {
    uint32_t gap = gap_before(b, align);
    bin_remove(b);
    if (gap)
        bin_insert(split(b, gap, spare[0]));
    else
        free(spare[0]);
    RegionBlock *taken = b;
    if (b->size > grains)
        taken = split(b, grains, spare[1]), bin_insert(b);
    else
        free(spare[1]);
    return taken;
}

static RegionBlock *alloc_locked(size_t size, size_t align, RegionState state) {
    bool paged = state == REGION_PAGED;
    if (paged) align = PAGE, size = round_up(size, PAGE);
    uint32_t grains = (uint32_t)(round_up(size, GRAIN) / GRAIN),
             step = (uint32_t)(round_up(align, GRAIN) / GRAIN);
    if ((size_t)grains * GRAIN > region.limit ||
        region.used > region.limit - (size_t)grains * GRAIN)
        return NULL;
    RegionBlock *b = find(grains, step, BIN_TRIES);
    if (b == NULL) b = find(grains, step, UINT_MAX);
    if (b == NULL || !open_until(address(b) + ((uint64_t)gap_before(b, step) + grains) * GRAIN))
        return NULL;
    RegionBlock *spare[2] = {malloc(sizeof *b), malloc(sizeof *b)};
    if (spare[0] == NULL || spare[1] == NULL) return free(spare[0]), free(spare[1]), NULL;
    b = carve(b, grains, step, spare);
    b->paged = paged;
    b->stuck = false;
    region.used += (size_t)b->size * GRAIN;
    region.blocks++;
    if (region.used > region.peak) region.peak = region.used;
    return b;
}

/* Gives back the pages of the free block `b` that did not lie in one before from..to joined it. */
static void drop_pages(const RegionBlock *b, uint64_t from, uint64_t to) {
    uint64_t first = round_up(address(b), PAGE), last = round_down(end_address(b), PAGE);
    from = round_down(from, PAGE), to = round_up(to, PAGE);
    if (from < first) from = first;
    if (to > last) to = last;
    if (from < to) madvise((void *)from, to - from, MADV_DONTNEED);
}

static void free_locked(RegionBlock *b) {
    uint64_t from = address(b), to = end_address(b);
    region.used -= (size_t)b->size * GRAIN;
    region.blocks--;
    if (b->stuck && mprotect((void *)from, to - from, PROT_READ | PROT_EXEC) != 0)
        return; /* lost: stays out of the bins */
    if (b->right && b->right->link) bin_remove(b->right), join(b);
    if (b->left && b->left->link) {
        b = b->left;
        bin_remove(b);
        join(b);
    }
    bin_insert(b);
    drop_pages(b, from, to);
}

/* -------------------------------------------------------------------------------------- writing */

static bool write_all(int fd, const uint8_t *bytes, size_t size, uint64_t to) {
    while (size > 0) {
        ssize_t n = pwrite(fd, bytes, size, (off_t)to);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        bytes += n, to += (uint64_t)n, size -= (size_t)n;
    }
    return true;
}

static bool write_packed(const RegionBlock *b, const void *bytes, size_t size) {
    int fd = open("/proc/thread-self/mem", O_WRONLY | O_CLOEXEC);
    if (fd < 0) return false;
    bool done = write_all(fd, bytes, size, address(b));
    close(fd);
    return done;
}

static bool write_paged(RegionBlock *b, const void *bytes, size_t size) {
    void *pages = (void *)address(b);
    size_t length = (size_t)b->size * GRAIN;
    if (mprotect(pages, length, PROT_READ | PROT_WRITE) != 0) return false;
    memcpy(pages, bytes, size);
    b->stuck = mprotect(pages, length, PROT_READ | PROT_EXEC) != 0;
    return !b->stuck;
}

static bool write_locked(RegionBlock *b, const void *bytes, size_t size) {
    return b->paged ? write_paged(b, bytes, size) : write_packed(b, bytes, size);
}

/* -------------------------------------------------------------------------------------- opening */

static void explain(const char *what) {
    snprintf(region.reason, sizeof region.reason, "%s: %s", what, strerror(errno));
}

/* Address space below this file's code; anywhere when all of that is taken. */
static uint64_t reserve(size_t size) {
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    uint64_t here = round_down((uint64_t)(uintptr_t)&region_alloc, OPEN_STEP);
    for (uint64_t gap = (uint64_t)16 << 20; gap <= (uint64_t)512 << 20; gap *= 2) {
        if (here < size + gap + OPEN_STEP) break;
        void *p =
            mmap((void *)(here - gap - size), size, PROT_NONE, flags | MAP_FIXED_NOREPLACE, -1, 0);
        if (p == (void *)(here - gap - size)) return (uint64_t)(uintptr_t)p;
        if (p != MAP_FAILED) munmap(p, size); /* kernels before 4.17 take the address for a hint */
    }
    void *p = mmap(NULL, size, PROT_NONE, flags, -1, 0);
    return p == MAP_FAILED ? 0 : (uint64_t)(uintptr_t)p;
}

/* The whole region as one free block, but for a guard: tools that look at the bytes before a
 * function find some. */
static bool reserve_region(void) {
    RegionBlock *all = malloc(sizeof *all);
    if (all == NULL) return explain("no memory"), false;
    for (size_t size = LARGEST; size >= SMALLEST && region.base == 0; size /= 2) {
        region.base = reserve(size);
        region.size = size;
    }
    if (region.base == 0) return explain("cannot reserve address space"), free(all), false;
    *all = (RegionBlock){.start = 1, .size = (uint32_t)(region.size / GRAIN - 1)};
    bin_insert(all);
    return true;
}

#if defined(__clang__)
#define NO_TYPE_CHECK __attribute__((no_sanitize("function")))
#else
#define NO_TYPE_CHECK
#endif

/* Calls code that returns a number. */
NO_TYPE_CHECK static int call(uint64_t code) { return ((int (*)(void))code)(); }

/* Writes, calls and frees a function in the given way. */
static bool probe(RegionState state) {
    static const uint8_t code[] = {0xb8, 0x2a, 0, 0, 0, 0xc3}; /* mov $42,%eax; ret */
    RegionBlock *b = alloc_locked(sizeof code, GRAIN, state);
    if (b == NULL) return explain("cannot make memory executable"), false;
    bool works = write_locked(b, code, sizeof code);
    if (!works)
        explain(state == REGION_PACKED ? "cannot write to /proc/thread-self/mem"
                                       : "cannot write executable memory");
    works = works && memcmp((void *)address(b), code, sizeof code) == 0 && call(address(b)) == 42;
    free_locked(b);
    return works;
}

static RegionState open_locked(void) {
    if (region.open) return region.state;
    region.open = true;
    if (region.best == REGION_FORBIDDEN || !reserve_region())
        return region.state = REGION_FORBIDDEN;
    for (region.state = region.best; region.state != REGION_FORBIDDEN; region.state--)
        if (probe(region.state)) break;
    region.peak = region.used;
    if (region.state == REGION_PACKED) region.reason[0] = 0;
    if (region.state == REGION_FORBIDDEN) munmap((void *)region.base, region.size);
    return region.state;
}

/* ------------------------------------------------------------------------------------ interface */

RegionState region_state(void) {
    lock();
    RegionState s = open_locked();
    unlock();
    return s;
}

const char *region_reason(void) { return region_state(), region.reason; }

void region_allow(RegionState best) {
    lock();
    region.best = best;
    if (region.open && best < region.state) region.state = best;
    unlock();
}

void region_set_limit(size_t bytes) {
    lock();
    region.limit = bytes;
    unlock();
}

RegionStatistics region_statistics(void) {
    lock();
    RegionStatistics s = {region.used, region.peak, region.blocks, region.opened, region.limit};
    unlock();
    return s;
}

bool region_reaches(uint64_t target) {
    if (region_state() == REGION_FORBIDDEN) return false;
    const uint64_t reach = INT32_MAX - PAGE;
    return target + reach >= region.base + region.size && target <= region.base + reach;
}

RegionBlock *region_alloc(size_t size, size_t align) {
    RegionBlock *b = NULL;
    lock();
    RegionState s = open_locked();
    if (s != REGION_FORBIDDEN && size > 0 && size <= region.size && align <= PAGE)
        b = alloc_locked(size, align, s);
    unlock();
    return b;
}

uint64_t region_address(const RegionBlock *b) { return address(b); }
size_t region_size(const RegionBlock *b) { return (size_t)b->size * GRAIN; }

bool region_write(RegionBlock *b, const void *bytes, size_t size) {
    lock();
    bool done = size <= region_size(b) && write_locked(b, bytes, size);
    if (!done && !b->paged && region.state == REGION_PACKED) {
        explain("lost the access to /proc/thread-self/mem");
        region.state = REGION_PAGED;
    }
    unlock();
    return done;
}

void region_free(RegionBlock *b) {
    if (b == NULL) return;
    lock();
    free_locked(b);
    unlock();
}
