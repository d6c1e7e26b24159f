// SPDX-License-Identifier: MIT
// The twin of programs/spectral_norm.lua.
#include <stdlib.h>

#define RESULT double
#define HIDE(x) __asm__ volatile("" : "+r"(x) : : "memory")

static double entry(long i, long j) {
    long k = i + j - 2;
    return 1.0 / ((double)k * (double)(k + 1) * 0.5 + (double)i);
}

static void times(const double *v, double *r, long n, int transposed) {
    for (long i = 1; i <= n; i++) {
        double sum = 0;
        for (long j = 1; j <= n; j++) {
            sum += (transposed ? entry(j, i) : entry(i, j)) * v[j];
        }
        r[i] = sum;
    }
}

static double run(long n) {
    double u[n + 1], v[n + 1], w[n + 1], uv = 0, vv = 0;
    for (long i = 1; i <= n; i++) {
        u[i] = 1.0;
    }
    for (int step = 0; step < 5; step++) {
        times(u, w, n, 0);
        times(w, v, n, 1);
        times(v, w, n, 0);
        times(w, u, n, 1);
    }
    for (long i = 1; i <= n; i++) {
        uv += u[i] * v[i];
        vv += v[i] * v[i];
    }
    return uv / vv;
}

static int check(double r, long n) {
    return n < 100 || (r > 1.6235 && r < 1.6237);
}

#include "../harness.h"
