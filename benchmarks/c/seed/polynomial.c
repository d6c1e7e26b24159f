// SPDX-License-Identifier: MIT
// The twin of seed/polynomial.lua.
#include <stdlib.h>

#define RESULT long
#define HIDE(x) __asm__ volatile("" : "+r"(x) : : "memory")

static long __attribute__((noinline)) poly(long a, long b, long c) {
    return a * a + b * b + c * c + a * b + b * c;
}

static long run(long n) {
    long sum = 0, b = 7, c = 3;
    for (long a = 1; a <= n; a++) {
        sum = (sum + poly(a, b, c)) % 1000003;
        long next = b + 1;
        b = c;
        c = next;
        if (b > 1000) {
            b = 7;
            c = 3;
        }
    }
    return sum;
}

static int check(long r, long n) {
    return n != 1000000 || r == 126353;
}

#include "../harness.h"
