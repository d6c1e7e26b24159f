// SPDX-License-Identifier: MIT
//
// Reading the command line. One table tells how each short option may be written; the long options
// of the command itself are a second one; any other long option belongs to the runtime and goes to
// perigee_option as text.
//
// The line is walked several times (checking, runtime options, then -e, -l and -W while running)
// by one function, so that the walks cannot disagree about what is an option and what its argument.

#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"
#include "runtime_options.h"

/* ---- The tables -------------------------------------------------------------------------- */

typedef struct {
    char letter;
    bool takes_text;   // attached to the letter, or the next argument
    const char *spelling;
    const char *help;
} ShortOption;

static const ShortOption short_options[] = {
    {'e', true, "-e stat", "execute string 'stat'"},
    {'i', false, "-i", "enter interactive mode after executing 'script'"},
    {'l', true, "-l mod", "require library 'mod' into global 'mod'"},
    {'l', true, "-l g=mod", "require library 'mod' into global 'g'"},
    {'v', false, "-v", "show version information"},
    {'E', false, "-E", "ignore environment variables"},
    {'W', false, "-W", "turn warnings on"},
};

static const struct {
    const char *name;
    Action action;
    const char *help;
} long_options[] = {
    {"help", SHOW_HELP, "show this text"},
    {"version", SHOW_VERSION, "show version information and leave"},
    {"list", LIST_PROGRAM, "print the bytecode of the program, do not run it"},
    {"list=full", LIST_PROGRAM_FULL, "the same, with constants, locals and upvalues"},
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const ShortOption *find_short_option(char letter) {
    for (size_t i = 0; i < COUNT(short_options); i++) {
        if (short_options[i].letter == letter)
            return &short_options[i];
    }
    return NULL;
}

/* `text` is the argument behind its dashes. */
static bool is_own_long_option(const char *text, Action *action) {
    for (size_t i = 0; i < COUNT(long_options); i++) {
        if (strcmp(text, long_options[i].name) == 0) {
            *action = long_options[i].action;
            return true;
        }
    }
    return false;
}

/* ---- Usage ------------------------------------------------------------------------------- */

static void print_short_row(FILE *out, const char *spelling, const char *help) {
    fprintf(out, "  %-9s %s\n", spelling, help);
}

static void print_long_row(FILE *out, const char *spelling, const char *help) {
    fprintf(out, "  --%-24s %s\n", spelling, help);
}

void print_usage(bool asked) {
    FILE *out = asked ? stdout : stderr;
    fprintf(out, "usage: %s [options] [script [args]]\nAvailable options are:\n", program_name);
    for (size_t i = 0; i < COUNT(short_options); i++)
        print_short_row(out, short_options[i].spelling, short_options[i].help);
    print_short_row(out, "--", "stop handling options");
    print_short_row(out, "-", "stop handling options and execute stdin");
    for (size_t i = 0; i < COUNT(long_options); i++)
        print_long_row(out, long_options[i].name, long_options[i].help);

    fprintf(out, "Options of the runtime, also in PERIGEE_OPTIONS:\n");
    const char *spelling, *help;
    for (unsigned i = 0; (spelling = perigee_option_row(i, &help)) != NULL; i++)
        print_long_row(out, spelling, help);
    fflush(out);
}

static bool reject(const char *option) {
    char letter = option[1];
    if (letter == 'e' || letter == 'l')
        fprintf(stderr, "%s: '%s' needs argument\n", program_name, option);
    else
        fprintf(stderr, "%s: unrecognized option '%s'\n", program_name, option);
    print_usage(false);
    return false;
}

/* ---- Walking the line -------------------------------------------------------------------- */

typedef enum { STEP_OPTION, STEP_LONG_OPTION, STEP_END, STEP_BAD } Step;

/* Takes a letter's text from behind the letter or from the next argument; false without one. */
static bool take_text(char **argv, int *index, const char **text) {
    *text = argv[*index] + 2;
    if (**text != '\0')
        return true;
    const char *next = argv[*index + 1];
    if (next == NULL || next[0] == '-')
        return false;
    ++*index;
    *text = next;
    return true;
}

/*
 * Reads the option at *index and moves on to the next argument. At the end of the options *index
 * is where the script's name would be; at a bad option it stays.
 */
static Step step(char **argv, int *index, char *letter, const char **text) {
    const char *arg = argv[*index];
    if (arg == NULL || arg[0] != '-' || arg[1] == '\0')
        return STEP_END;
    if (arg[1] == '-') {
        *text = arg + 2;
        ++*index;
        return arg[2] == '\0' ? STEP_END : STEP_LONG_OPTION;
    }
    const ShortOption *option = find_short_option(arg[1]);
    int last = *index;
    if (option == NULL)
        return STEP_BAD;
    if (option->takes_text ? !take_text(argv, &last, text) : arg[2] != '\0')
        return STEP_BAD;
    *letter = option->letter;
    *index = last + 1;
    return STEP_OPTION;
}

static void note_option(CommandLine *line, char letter) {
    switch (letter) {
    case 'e':
        line->execute = true;
        break;
    case 'i':
        line->interactive = line->version = true;
        break;
    case 'v':
        line->version = true;
        break;
    case 'E':
        line->ignore_environment = true;
        break;
    default:   // -l and -W act when their turn comes
        break;
    }
}

bool parse_command_line(CommandLine *line, int argc, char **argv) {
    int index = argc > 0 ? 1 : 0;
    *line = (CommandLine){.argc = argc, .argv = argv};
    for (;;) {
        char letter;
        const char *text;
        int start = index;
        switch (step(argv, &index, &letter, &text)) {
        case STEP_OPTION:
            note_option(line, letter);
            break;
        case STEP_LONG_OPTION:   // any other name is the runtime's to judge
            is_own_long_option(text, &line->action);
            break;
        case STEP_BAD:
            return reject(argv[start]);
        case STEP_END:
            line->script = index;
            return true;
        }
        if (line->action == SHOW_HELP || line->action == SHOW_VERSION)
            return true;
    }
}

char next_action(const CommandLine *line, int *index, const char **text) {
    char letter;
    while (*index < line->script) {
        Step kind = step(line->argv, index, &letter, text);
        if (kind == STEP_END)
            break;
        if (kind == STEP_OPTION && strchr("elW", letter) != NULL)
            return letter;
    }
    return 0;
}

/* ---- Options of the runtime -------------------------------------------------------------- */

/* Returns what perigee_option returns; prints the message for an invalid value. */
static int set_runtime_option(const char *text) {
    char message[256] = "";
    int result = perigee_option(text, message, sizeof message);
    if (result == PERIGEE_OPTION_INVALID)
        fprintf(stderr, "%s: '--%s': %s\n", program_name, text, message);
    return result;
}

/* The states read the variable themselves; here it is only checked, before anything runs. */
static bool check_environment_options(void) {
    char message[256] = "";
    if (perigee_environment_options(message, sizeof message))
        return true;
    fprintf(stderr, "%s: PERIGEE_OPTIONS: %s\n", program_name, message);
    return false;
}

static bool apply_line_option(const char *arg) {
    Action ignored;
    if (is_own_long_option(arg + 2, &ignored))
        return true;
    int result = set_runtime_option(arg + 2);
    return result == PERIGEE_OPTION_UNKNOWN ? reject(arg) : result == PERIGEE_OPTION_SET;
}

bool apply_runtime_options(const CommandLine *line) {
    if (!line->ignore_environment && !check_environment_options())
        return false;
    int index = 1;
    while (index < line->script) {
        char letter;
        const char *text;
        const char *arg = line->argv[index];
        Step kind = step(line->argv, &index, &letter, &text);
        if (kind == STEP_END)
            break;
        if (kind == STEP_LONG_OPTION && !apply_line_option(arg))
            return false;
    }
    return true;
}
