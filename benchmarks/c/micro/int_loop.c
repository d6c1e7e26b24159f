// SPDX-License-Identifier: MIT
// The twin of micro/int_loop.lua.
#include <stdlib.h>

#define RESULT long
#define HIDE(x) __asm__ volatile("" : "+r"(x) : : "memory")

static long run(long n) {
    long x = 1, hits = 0;
    for (long i = 1; i <= n; i++) {
        x = (x * 171 + i) % 30269;
        hits += x < 1000;
    }
    return hits * 100000 + x;
}

static int check(long r, long n) {
    return n != 8000000 || r == 26380614526;
}

#include "../harness.h"
