// SPDX-License-Identifier: MIT
//
// libedit is opened when the interactive mode begins, not linked: scripts do not pay for it, and a
// machine without it loses only comfort. Of its interface the readline-compatible half is used.
//
// Ctrl-C while a line is edited leaves the editor by siglongjmp to the prompt, the one way out
// that its interface leaves open; libedit starts afresh at its next call. No Lua code is on the C
// stack between, since the handler is disarmed during completion.
//
// The history lives in ~/.perigee_history. The environment variable PERIGEE_HISTORY names another
// file; if it is empty there is none.

#include "lineedit.h"

#include <dlfcn.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complete.h"

enum { MAX_HISTORY = 1000 };

typedef char **AttemptedCompletion(const char *text, int start, int end);
typedef char *MatchGenerator(const char *text, int state);

// What we use of the readline interface, as libedit exports it.
static struct {
    char *(*readline)(const char *prompt);
    int (*add_history)(const char *line);
    void (*using_history)(void);
    int (*read_history)(const char *path);
    int (*write_history)(const char *path);
    void (*stifle_history)(int max);
    char **(*rl_completion_matches)(const char *text, MatchGenerator *next);
    AttemptedCompletion **rl_attempted_completion_function;
    int *rl_attempted_completion_over;
    int *rl_completion_append_character;
    const char **rl_basic_word_break_characters;
    const char **rl_readline_name;
} edit;

static const struct {
    const char *name;
    void *slot;
} edit_symbols[] = {
    {"readline", &edit.readline},
    {"add_history", &edit.add_history},
    {"using_history", &edit.using_history},
    {"read_history", &edit.read_history},
    {"write_history", &edit.write_history},
    {"stifle_history", &edit.stifle_history},
    {"rl_completion_matches", &edit.rl_completion_matches},
    {"rl_attempted_completion_function", &edit.rl_attempted_completion_function},
    {"rl_attempted_completion_over", &edit.rl_attempted_completion_over},
    {"rl_completion_append_character", &edit.rl_completion_append_character},
    {"rl_basic_word_break_characters", &edit.rl_basic_word_break_characters},
    {"rl_readline_name", &edit.rl_readline_name},
};

static lua_State *completion_state;
static bool interactive;        // stdin is a terminal
static bool editing;            // libedit reads the lines
static char *history_path;      // null: no history file

static sigjmp_buf to_prompt;
static volatile sig_atomic_t may_jump;

/* ---- Completion -------------------------------------------------------------------------- */

static char **pending_matches;   // handed out one by one, then freed

static char *next_match(const char *text, int state) {
    static size_t position;
    (void)text;
    if (state == 0)
        position = 0;
    return pending_matches[position] != NULL ? pending_matches[position++] : NULL;
}

static char **attempt_completion(const char *text, int start, int end) {
    char **result = NULL;
    (void)start;
    (void)end;
    *edit.rl_attempted_completion_over = 1;   // never file names
    if (text[0] == '\0')
        return NULL;
    may_jump = 0;
    pending_matches = complete_word(completion_state, text);
    if (pending_matches != NULL)
        result = edit.rl_completion_matches(text, next_match);
    free(pending_matches);
    may_jump = 1;
    return result;
}

/* ---- Opening and closing ----------------------------------------------------------------- */

static bool load_libedit(void) {
    void *library = dlopen("libedit.so.2", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        return false;
    for (size_t i = 0; i < sizeof edit_symbols / sizeof *edit_symbols; i++) {
        void *symbol = dlsym(library, edit_symbols[i].name);
        if (symbol == NULL) {
            dlclose(library);
            return false;
        }
        memcpy(edit_symbols[i].slot, &symbol, sizeof symbol);
    }
    return true;
}

static char *find_history_path(void) {
    const char *path = getenv("PERIGEE_HISTORY");
    if (path != NULL)
        return path[0] != '\0' ? strdup(path) : NULL;
    const char *home = getenv("HOME");
    if (home == NULL)
        return NULL;
    size_t size = strlen(home) + sizeof "/.perigee_history";
    char *result = malloc(size);
    if (result != NULL)
        snprintf(result, size, "%s/.perigee_history", home);
    return result;
}

void editor_open(lua_State *L) {
    completion_state = L;
    interactive = isatty(STDIN_FILENO);
    editing = interactive && isatty(STDOUT_FILENO) && load_libedit();
    if (!editing)
        return;
    *edit.rl_readline_name = "perigee";
    *edit.rl_basic_word_break_characters = COMPLETION_BREAKS;
    *edit.rl_completion_append_character = '\0';
    *edit.rl_attempted_completion_function = attempt_completion;
    edit.using_history();
    edit.stifle_history(MAX_HISTORY);
    history_path = find_history_path();
    if (history_path != NULL) {
        edit.read_history(history_path);
        atexit(editor_close);   // os.exit leaves this way
    }
}

void editor_remember(const char *text) {
    if (editing && text[0] != '\0')
        edit.add_history(text);
}

void editor_close(void) {
    if (history_path != NULL)
        edit.write_history(history_path);
    free(history_path);
    history_path = NULL;
}

/* ---- Reading ----------------------------------------------------------------------------- */

/* Without the jump the handler does its work by existing: it makes the read fail with EINTR. */
static void on_prompt_interrupt(int signal_number) {
    (void)signal_number;
    if (may_jump)
        siglongjmp(to_prompt, 1);
}

static LineStatus read_edited(const char *prompt, char **line) {
    if (sigsetjmp(to_prompt, 1) != 0) {
        may_jump = 0;
        return LINE_INTERRUPTED;
    }
    may_jump = 1;
    *line = edit.readline(prompt);
    may_jump = 0;
    return *line != NULL ? LINE_READ : LINE_END;
}

static LineStatus read_plain(const char *prompt, char **line) {
    size_t capacity = 0;
    *line = NULL;
    fputs(prompt, stdout);
    fflush(stdout);
    errno = 0;
    ssize_t length = getline(line, &capacity, stdin);
    if (length > 0) {
        if ((*line)[length - 1] == '\n')
            (*line)[length - 1] = '\0';
        if (!interactive)
            puts(*line); // what a terminal would show, so that a transcript of piped input reads as a session
        return LINE_READ;
    }
    bool interrupted = errno == EINTR;
    free(*line);
    clearerr(stdin);
    return interrupted ? LINE_INTERRUPTED : LINE_END;
}

LineStatus editor_read(const char *prompt, char **line) {
    struct sigaction action = {.sa_handler = on_prompt_interrupt};
    struct sigaction before;
    if (!interactive)
        return read_plain(prompt, line);
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, &before);
    LineStatus status = editing ? read_edited(prompt, line) : read_plain(prompt, line);
    sigaction(SIGINT, &before, NULL);
    if (status == LINE_INTERRUPTED)
        putchar('\n');
    return status;
}
