// SPDX-License-Identifier: MIT
/* The cost model: which request may be compiled now (DESIGN §6; profile/policy.h has the estimates of
 * costs and gains).
 *
 * With a processor to spare, compiling costs the program little: a state may spend as much CPU time
 * on compiling as its own threads have used, and some in advance. With one processor every millisecond
 * of compilation is the program's. Then a request is granted
 *   - if its function is hot enough to finance it: were it used once more as often as so far, the
 *     compilation (and the start of the plugin, unless it is open) would more than pay for itself,
 *   - or if all compile time stays below a few per cent of the program's, and the function alone
 *     would pay half.
 * Between one and two processors (a cgroup's quota) the share grows with the fraction. When other
 * programs keep the processors busy the share is a quarter: told by the number of runnable threads
 * in the system, over some samples, and by how much CPU time the compile thread gets per real time.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tiers/engine/engine_internal.h"

enum {
    SHORT_MS = 2,             /* CPU time of programs that the plugin is not opened for: leaving would wait for it */
    START_MS = 15,            /* CPU: opening the plugin and its first, cold compilation */
    ADVANCE_MS = 100,         /* with processors to spare: compile time before any was earned, in shares */
    QUEUED_MS = 50,           /* estimates of submitted jobs together: more is not copied before it is needed */
    QUEUED_JOBS = 64,
    LOOK_NS = 500 * 1000,
    SAMPLE_NS = 10 * 1000 * 1000, /* reading the number of runnable threads takes some 10 us */
    REREAD_NS = 500 * 1000 * 1000
};
static const double sample_weight = 0.15; /* a mean over some 70 ms */
static const double payback = 3;
static const double busy_share = 0.25;   /* while other programs use the processors */
static const double scarce_share = 0.03; /* of the program's CPU time, with one processor */
static const double busy_enough = 0.75;  /* less CPU time per real time: the compile thread shares its processor */

/* ------------------------------------------------------------------------------------- processors */

static double read_quota(const char *path) {
    char quota[32];
    double period, result = 1e9;
    FILE *f = fopen(path, "re");
    if (f == NULL) return result;
    if (fscanf(f, "%31s %lf", quota, &period) == 2 && strcmp(quota, "max") != 0 && period > 0) result = atof(quota) / period;
    fclose(f);
    return result;
}

/* Line "0::/path" of /proc/self/cgroup: the unified hierarchy. */
static bool own_cgroup(char *out, size_t size) {
    char line[1024];
    bool found = false;
    FILE *f = fopen("/proc/self/cgroup", "re");
    if (f == NULL) return false;
    while (!found && fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, "0::/", 4) != 0) continue;
        line[strcspn(line, "\n")] = '\0';
        found = snprintf(out, size, "/sys/fs/cgroup%s", line + 3) < (int)size;
    }
    fclose(f);
    return found;
}

/* The least quota of the group and those above it. */
static double cgroup_quota(void) {
    char group[1200], path[1300];
    double least = 1e9;
    if (!own_cgroup(group, sizeof group)) return least;
    for (;;) {
        snprintf(path, sizeof path, "%s/cpu.max", group);
        double quota = read_quota(path);
        if (quota < least) least = quota;
        char *slash = strrchr(group, '/');
        if (slash == NULL || slash - group < (int)sizeof "/sys/fs" - 1 + 1) return least;
        *slash = '\0';
    }
}

static double available_cpus(void) {
    cpu_set_t set;
    double quota = cgroup_quota();
    if (sched_getaffinity(0, sizeof set, &set) != 0) return quota < 1 ? quota : 1;
    double allowed = CPU_COUNT(&set);
    return quota < allowed ? quota : allowed;
}

/* Are all processors in use, not counting this thread? "0.1 0.2 0.3 RUNNABLE/THREADS ..." */
static bool others_busy(void) {
    int runnable = 1;
    FILE *f = fopen("/proc/loadavg", "re");
    if (f == NULL) return false;
    if (fscanf(f, "%*f %*f %*f %d/", &runnable) != 1) runnable = 1;
    fclose(f);
    return runnable > sysconf(_SC_NPROCESSORS_ONLN);
}

/* ------------------------------------------------------------------------------------------ times */

/* The state may go from thread to thread between looks; time is counted from look to look on one. */
static void count_own_time(Budget *b) {
    uint64_t now = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    if (b->counting && pthread_equal(b->thread, pthread_self()) && now >= b->thread_ns)
        b->own_ns += now - b->thread_ns;
    else if (!b->counting)
        b->own_ns = now; /* the state is about as old as its thread's program */
    b->counting = true;
    b->thread = pthread_self();
    b->thread_ns = now;
}

/* One look tells little: whatever wakes for a moment counts. */
static void sample_crowd(Budget *b, uint64_t now) {
    if (b->sampled_ns != 0 && now - b->sampled_ns < SAMPLE_NS) return;
    b->sampled_ns = now;
    b->crowd += ((others_busy() ? 1 : 0) - b->crowd) * sample_weight;
    b->contended = b->crowd > 0.5;
}

/* The thread's clock is a system call: not more often than every half millisecond. */
void budget_look(Budget *b) {
    uint64_t now = clock_ns(CLOCK_MONOTONIC);
    if (b->counting && now - b->looked_ns < LOOK_NS) return;
    b->looked_ns = now;
    count_own_time(b);
    sample_crowd(b, now);
    if (b->read_ns != 0 && now - b->read_ns < REREAD_NS) return;
    b->read_ns = now;
    b->cpus = available_cpus();
}

static bool is_scarce(const Budget *b) { return b->cpus < 1.5; }

double budget_share(const Budget *b) {
    if (b->cpus <= 1) return scarce_share;
    double share = b->cpus >= 2 ? 1 : b->cpus - 1;
    if (b->contended || (b->busy > 0 && b->busy < busy_enough)) share *= busy_share;
    return share > scarce_share ? share : scarce_share;
}

/* ---------------------------------------------------------------------------------------- verdict */

static double cost_ms(const Function *f) { return policy_cost_ms(f->tier, f->entry->ninsns) + (plugin_ready() == NULL ? START_MS : 0); }

/* Bytecodes that a use, a call or an iteration, runs: all, or of a function with loops the mean of
 * their bodies. (A long main program with a short loop is used often, but not all of it.) */
static uint32_t insns_per_use(const Proto *p) {
    uint32_t nloops = 0, looped = 0, outermost = p->sizecode;
    for (uint32_t pc = p->sizecode; pc-- > 0;) {
        if (!opcode_loops(insn_op(p->code[pc]))) continue;
        uint32_t start = (uint32_t)((int32_t)pc + 1 + insn_j(p->code[pc]));
        nloops++;
        if (start >= outermost) continue; /* inside the loop before */
        looped += (pc < outermost ? pc + 1 : outermost) - start;
        outermost = start;
    }
    return nloops > 0 ? looped / nloops + 1 : p->sizecode;
}

/* Milliseconds saved if the function is used once more as often as it was. */
static double gain_ms(const Function *f) {
    return (double)proto_uses(f->proto) * policy_gain_ns(f->tier, insns_per_use(f->proto), 0) / 1e6;
}

bool budget_affords(const Engine *e, const Function *f) {
    const Budget *b = &e->budget;
    double cost = cost_ms(f), spent = (double)(b->charged_ns + b->pending_ns) / 1e6, own = (double)b->own_ns / 1e6;
    if (own < SHORT_MS && plugin_ready() == NULL) return false;
    if (b->pending >= QUEUED_JOBS || (double)b->pending_ns / 1e6 > QUEUED_MS) return false;
    if (!is_scarce(b)) return spent + cost <= (own + ADVANCE_MS) * budget_share(b);
    double gain = gain_ms(f);
    return gain >= cost * payback || (spent + cost <= own * budget_share(b) && gain >= cost / 2);
}

void budget_submitted(Budget *b, Job *job) {
    const JitFunction *f = job->jit.function;
    job->estimate_ns = (uint64_t)(policy_cost_ms(job->jit.tier, f->ninsns) * 1e6);
    b->pending_ns += job->estimate_ns;
    b->pending++;
}

void budget_withdrawn(Budget *b, uint64_t estimate_ns) {
    b->pending_ns -= estimate_ns;
    b->pending--;
}

void budget_returned(Budget *b, const Job *job) {
    budget_withdrawn(b, job->estimate_ns);
    b->charged_ns += job->compile_ns + job->start_ns;
    if (job->compile_wall_ns < 100 * 1000) return;
    double busy = (double)job->compile_ns / (double)job->compile_wall_ns;
    b->busy = b->busy > 0 ? (b->busy * 7 + busy) / 8 : busy;
}
