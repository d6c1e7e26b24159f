// SPDX-License-Identifier: MIT
//
// The command line of perigee, split up before anything runs.

#ifndef PERIGEE_TOOLS_OPTIONS_H
#define PERIGEE_TOOLS_OPTIONS_H

#include <stdbool.h>

#define PERIGEE_BANNER "Perigee 0.1 (Lua 5.4), a runtime for the language of Lua.org, PUC-Rio"

typedef enum {
    RUN_PROGRAM,
    LIST_PROGRAM,        // --list: compile, print the bytecode, do not run
    LIST_PROGRAM_FULL,
    SHOW_HELP,
    SHOW_VERSION,
} Action;

typedef struct {
    int argc;
    char **argv;
    int script;                // index of the script's name in argv, or argc if there is none
    Action action;
    bool version;              // -v, also implied by -i
    bool interactive;          // -i
    bool execute;              // at least one -e
    bool ignore_environment;   // -E
} CommandLine;

/* Splits argv. On a bad option prints a message and the usage, and returns false. */
bool parse_command_line(CommandLine *line, int argc, char **argv);

/*
 * Hands the runtime its options, from the environment first, so that the command line wins. On a
 * bad one prints a message and returns false.
 */
bool apply_runtime_options(const CommandLine *line);

/*
 * Steps through the options -e, -l and -W, which run in their order: returns the letter and sets
 * *text to what follows it, or returns 0 after the last. Start with *index at 1.
 */
char next_action(const CommandLine *line, int *index, const char **text);

/* The usage text with the runtime's options, to stdout if `asked`, else to stderr. */
void print_usage(bool asked);

#endif
