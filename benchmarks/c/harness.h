// SPDX-License-Identifier: MIT
// The C side of harness.lua: the same command line and the same lines. A twin defines run() and
// check() and includes this file after them. HIDE keeps the compiler from folding a loop to a
// formula.
#ifndef PERIGEE_BENCHMARKS_C_HARNESS_H
#define PERIGEE_BENCHMARKS_C_HARNESS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double option(int argc, char **argv, const char *name, double otherwise) {
    size_t length = strlen(name);
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], name, length) == 0) {
            return argv[i][length] == '=' ? atof(argv[i] + length + 1) : 1;
        }
    }
    return otherwise;
}

int main(int argc, char **argv) {
    long size = argc > 1 ? atol(argv[1]) : 1;
    long reps = (long)option(argc, argv, "--reps", 1), least = (long)option(argc, argv, "--min", 1);
    double limit = option(argc, argv, "--steady", 0), spent = 0;
    volatile RESULT result = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("start %ld %ld\n", size, reps);
    for (long done = 1;; done++) {
        puts("begin");
        clock_t before = clock();
        for (long i = 0; i < reps; i++) {
            long n = size;
            __asm__ volatile("" : "+r"(n));
            result = run(n);
        }
        double cpu = (double)(clock() - before) / CLOCKS_PER_SEC;
        spent += cpu;
        printf("iter %ld %.6f -\n", done, cpu);
        if (!check(result, size)) {
            fprintf(stderr, "wrong result\n");
            return 1;
        }
        if ((done >= least && spent >= limit) || done >= 2000) {
            break;
        }
    }
    printf("ok %g\n", (double)result);
    if (option(argc, argv, "--hold", 0) != 0) {
        getchar();
    }
    return 0;
}

#endif
