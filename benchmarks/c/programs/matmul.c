// SPDX-License-Identifier: MIT
// The twin of programs/matmul.lua.
#include <stdlib.h>

#define RESULT double
#define HIDE(x) __asm__ volatile("" : "+r"(x) : : "memory")

static double *make(long n, double seed) {
    double *m = malloc(sizeof(double[n][n]));
    for (long i = 0; i < n; i++) {
        for (long j = 0; j < n; j++) {
            m[i * n + j] = seed * (double)(i - j) * (double)(i + j) / (double)(n * n);
        }
    }
    return m;
}

static double run(long n) {
    double *a = make(n, 1.0), *b = make(n, 2.0), *t = malloc(sizeof(double[n][n])), trace = 0;
    for (long i = 0; i < n; i++) {
        for (long j = 0; j < n; j++) {
            t[i * n + j] = b[j * n + i];
        }
    }
    for (long i = 0; i < n; i++) {
        for (long j = 0; j < n; j++) {
            double sum = 0;
            for (long k = 0; k < n; k++) {
                sum += a[i * n + k] * t[j * n + k];
            }
            b[i * n + j] = sum;
        }
        HIDE(b);
        trace += b[i * n + i];
    }
    free(a);
    free(b);
    free(t);
    return trace;
}

static int check(double r, long n) {
    return n != 300 || (r < -31799.89 && r > -31799.90);
}

#include "../harness.h"
