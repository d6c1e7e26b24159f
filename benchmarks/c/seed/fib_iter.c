// SPDX-License-Identifier: MIT
// The twin of seed/fib_iter.lua.
#include <stdlib.h>

#define RESULT unsigned long
#define HIDE(x) __asm__ volatile("" : "+r"(x) : : "memory")

static unsigned long run(long n) {
    unsigned long a = 0, b = 1;
    for (long i = 0; i < n; i++) {
        unsigned long next = a + b;
        a = b;
        b = next;
    }
    return a;
}

static int check(unsigned long r, long n) {
    return n != 100000 || r == 2754320626097736315UL;
}

#include "../harness.h"
