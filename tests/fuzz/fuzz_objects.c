// SPDX-License-Identifier: MIT
/* fuzz_objects FIRST COUNT ENTRY OBJECT...: the loader against mutations FIRST .. FIRST + COUNT -
 * 1 of object files. */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz/mutate_objects.h"

static FuzzObject read_object(const char *name) {
    FuzzObject o = {NULL, 0};
    FILE *f = fopen(name, "rb");
    if (f == NULL) return perror(name), exit(2), o;
    fseek(f, 0, SEEK_END);
    o.size = (size_t)ftell(f);
    rewind(f);
    o.bytes = malloc(o.size + 1);
    if (o.bytes == NULL || fread(o.bytes, 1, o.size, f) != o.size) return perror(name), exit(2), o;
    fclose(f);
    return o;
}

int main(int argc, char **argv) {
    FuzzObject objects[64];
    unsigned n = 0;
    if (argc < 5 || argc > 68)
        return fputs("usage: fuzz_objects FIRST COUNT ENTRY OBJECT...\n", stderr), 2;
    for (int i = 4; i < argc; i++) objects[n++] = read_object(argv[i]);
    uint64_t first = strtoull(argv[1], NULL, 0), count = strtoull(argv[2], NULL, 0);
    FuzzCounts all = {0, 0, 0};
    for (uint64_t done = 0; done < count; done += 10000) {
        unsigned part = count - done < 10000 ? (unsigned)(count - done) : 10000;
        FuzzCounts c = mutate_objects(objects, n, argv[3], first + done, part);
        all.placed += c.placed, all.refused += c.refused, all.leaked += c.leaked;
    }
    printf("%u placed, %u refused, %u leaked\n", all.placed, all.refused, all.leaked);
    while (n) free(objects[--n].bytes);
    return all.leaked != 0;
}
