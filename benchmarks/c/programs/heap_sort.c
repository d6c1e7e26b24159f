// SPDX-License-Identifier: MIT
// The twin of programs/heap_sort.lua.
#include <stdlib.h>

#define RESULT long
#define HIDE(x) __asm__ volatile("" : "+r"(x) : : "memory")

static void sift(double *a, long root, long last) {
    double v = a[root];
    for (;;) {
        long child = 2 * root;
        if (child > last) {
            break;
        }
        if (child < last && a[child] < a[child + 1]) {
            child++;
        }
        if (v >= a[child]) {
            break;
        }
        a[root] = a[child];
        root = child;
    }
    a[root] = v;
}

static long run(long n) {
    double *a = malloc((size_t)(n + 1) * sizeof *a);
    long state = 42, sorted = 1;
    for (long i = 1; i <= n; i++) {
        state = state * 16807 % 2147483647;
        a[i] = (double)state / 2147483647;
    }
    for (long i = n / 2; i >= 1; i--) {
        sift(a, i, n);
    }
    for (long last = n; last >= 2; last--) {
        double top = a[1];
        a[1] = a[last];
        a[last] = top;
        sift(a, 1, last - 1);
    }
    for (long i = 2; i <= n; i++) {
        sorted &= a[i - 1] <= a[i];
    }
    free(a);
    return sorted;
}

static int check(long r, long n) {
    return n > 0 && r == 1;
}

#include "../harness.h"
