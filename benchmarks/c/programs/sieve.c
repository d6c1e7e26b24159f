// SPDX-License-Identifier: MIT
// The twin of programs/sieve.lua.
#include <stdlib.h>

#define RESULT long
#define HIDE(x) __asm__ volatile("" : "+r"(x) : : "memory")

static long run(long n) {
    char *composite = calloc((size_t)n + 1, 1);
    long count = 0;
    for (long i = 2; i <= n; i++) {
        if (!composite[i]) {
            count++;
            for (long j = i * i; j <= n; j += i) {
                composite[j] = 1;
            }
        }
    }
    free(composite);
    return count;
}

static int check(long r, long n) {
    return n != 4000000 || r == 283146;
}

#include "../harness.h"
