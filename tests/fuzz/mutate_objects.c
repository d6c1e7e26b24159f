// SPDX-License-Identifier: MIT
/* Damaged objects for the loader.
 *
 * Most random bytes of an object are code or names and change nothing that the loader looks at, so
 * most mutations go into the structures: the header, section headers, symbols and relocations,
 * found as in an undamaged object. Fields get small numbers, sizes of the object, and powers of
 * two and their neighbours. The mutated bytes lie in a heap block of exactly their size, where the
 * address sanitizer sees the first byte too far. */
#include "fuzz/mutate_objects.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "tiers/engine/loader.h"
#include "tiers/engine/region.h"

static uint64_t next(uint64_t *state) { /* splitmix64 */
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static uint64_t below(uint64_t *state, uint64_t n) { return n ? next(state) % n : 0; }

static uint64_t interesting(uint64_t *state, size_t size) {
    switch (below(state, 6)) {
        case 0: return below(state, 48);
        case 1: return size - 8 + below(state, 16);
        case 2: return (UINT64_C(1) << below(state, 64)) - 1 + below(state, 3);
        case 3: return ~below(state, 64);
        case 4: return below(state, size);
        default: return next(state);
    }
}

/* Start of a random record of a section of that type; the whole object when there is none. */
static size_t random_record(uint64_t *state, const FuzzObject *o, uint32_t type, size_t record) {
    Elf64_Ehdr h;
    memcpy(&h, o->bytes, sizeof h);
    for (unsigned tries = 0; tries < 32; tries++) {
        Elf64_Shdr s;
        memcpy(&s, o->bytes + h.e_shoff + below(state, h.e_shnum) * sizeof s, sizeof s);
        if (s.sh_type == type && s.sh_size)
            return s.sh_offset + below(state, s.sh_size / record) * record;
    }
    return below(state, o->size);
}

/* Where something is damaged next, by the structures of the undamaged object. */
static size_t random_place(uint64_t *state, const FuzzObject *o) {
    Elf64_Ehdr h;
    memcpy(&h, o->bytes, sizeof h);
    switch (below(state, 8)) {
        case 0: return below(state, sizeof h);
        case 1:
        case 2:
        case 3:
            return h.e_shoff + below(state, h.e_shnum) * sizeof(Elf64_Shdr) +
                   below(state, sizeof(Elf64_Shdr) / 4) * 4;
        case 4:
            return random_record(state, o, SHT_SYMTAB, sizeof(Elf64_Sym)) +
                   below(state, sizeof(Elf64_Sym));
        case 5:
        case 6: return random_record(state, o, SHT_RELA, sizeof(Elf64_Rela)) + below(state, 6) * 4;
        default: return below(state, o->size);
    }
}

static void damage(uint64_t *state, const FuzzObject *original, uint8_t *bytes, size_t size) {
    size_t at = random_place(state, original), width = (size_t)1 << below(state, 4);
    if (at >= size) return;
    if (width > size - at) width = size - at;
    uint64_t value = interesting(state, size);
    if (below(state, 4) == 0)
        bytes[at] ^= (uint8_t)(1 << below(state, 8));
    else
        memcpy(bytes + at, &value, width);
}

/* One relocation or section header over another. */
static void copy_record(uint64_t *state, const FuzzObject *o, uint8_t *bytes, size_t size) {
    uint32_t type = below(state, 2) ? SHT_RELA : SHT_SYMTAB;
    size_t from = random_record(state, o, type, 24), to = random_record(state, o, type, 24);
    if (from + 24 <= size && to + 24 <= size) memmove(bytes + to, bytes + from, 24);
}

static FuzzObject mutate(uint64_t *state, const FuzzObject *o) {
    size_t size = below(state, 16) ? o->size : below(state, o->size);
    FuzzObject m = {malloc(size + !size), size};
    if (m.bytes == NULL) abort();
    memcpy(m.bytes, o->bytes, size);
    for (uint64_t n = 1 + below(state, 4); n; n--) damage(state, o, m.bytes, size);
    if (below(state, 8) == 0) copy_record(state, o, m.bytes, size);
    return m;
}

static int rt_near(int x) { return x + 1; }

FuzzCounts mutate_objects(const FuzzObject *objects, unsigned nobjects, const char *entry,
                          uint64_t first, unsigned count) {
    static const JitSymbol symbols[] = {{"rt_near", (const void *)rt_near},
                                        {"rt_far", (const void *)UINT64_C(0x123456789a0)},
                                        {0, 0}};
    static const JitLiteral literals[] = {{.value = 7}, {.value = UINT64_C(0x123456789a0)}};
    static const JitNames names = {symbols, literals, 2};
    FuzzCounts counts = {0, 0, 0};
    region_state();
    size_t used = region_statistics().used;
    for (uint64_t n = first; n < first + count; n++) {
        uint64_t state = n * UINT64_C(0x2545f4914f6cdd1d);
        FuzzObject m = mutate(&state, &objects[below(&state, nobjects)]);
        char err[64];
        void *handle;
        size_t bytes;
        if (object_place(m.bytes, m.size, entry, &names, &handle, &bytes, err, sizeof err))
            object_unplace(handle), counts.placed++;
        else
            counts.refused++;
        counts.leaked += region_statistics().used != used;
        free(m.bytes);
    }
    return counts;
}
