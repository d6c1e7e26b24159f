// SPDX-License-Identifier: MIT
/* A plugin without a compiler, for tests of the engine: it says yes or no, after a while. */
#ifndef PERIGEE_FAKE_PLUGIN_H
#define PERIGEE_FAKE_PLUGIN_H

#include <stdatomic.h>

/* Exported as `fake_plugin`. The test sets the upper half, the plugin counts in the lower one. */
typedef struct FakePlugin {
    atomic_int delay_ms;     /* that a compilation takes */
    atomic_int fail;         /* compilations fail */
    atomic_int opened, compiles, releases;
    atomic_int running;      /* a compilation is in progress */
    atomic_int signals_open; /* a signal was not blocked on the compiling thread */
    atomic_long stack_bytes; /* of the compiling thread */
    atomic_long digest;      /* of all that came, so that it is read */
    atomic_int most_callees; /* functions that came with one */
} FakePlugin;

#endif
