// SPDX-License-Identifier: MIT
//
// Lines from the user: edited, with history and completion, where stdin is a terminal and libedit
// is installed; plain everywhere else.

#ifndef PERIGEE_TOOLS_LINEEDIT_H
#define PERIGEE_TOOLS_LINEEDIT_H

#include "lua.h"

typedef enum {
    LINE_READ,
    LINE_INTERRUPTED,   // Ctrl-C: the input so far is void
    LINE_END,           // end of input
} LineStatus;

/* Prepares input; completion looks names up in L. */
void editor_open(lua_State *L);

/* Shows the prompt and reads a line. For LINE_READ *line is the text without its newline (free). */
LineStatus editor_read(const char *prompt, char **line);

/* Adds a non-empty text, of one line or several, to the history. */
void editor_remember(const char *text);

/* Writes the history file. */
void editor_close(void);

#endif
