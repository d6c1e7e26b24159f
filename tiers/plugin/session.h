// SPDX-License-Identifier: MIT
/* The ORC session: which functions have code, under which symbols. */
#ifndef PERIGEE_SESSION_H
#define PERIGEE_SESSION_H

#include "tiers/plugin/job.h"

/* Once. False: err says why. */
bool session_start(char *err, size_t errlen);
/* Defines the function's symbol and looks it up, which compiles it. Sets r wholly. */
bool session_compile(Job *j);
/* Removes the symbol and frees the code. */
void session_release(void *handle);
/* In a child process, where at most this thread goes on. */
void session_forked(void);

#endif
