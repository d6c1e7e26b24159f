// SPDX-License-Identifier: MIT
//
// The command's seam to the runtime's one table of options. The command knows no option of the
// runtime by name: it passes the text on.

#ifndef PERIGEE_TOOLS_RUNTIME_OPTIONS_H
#define PERIGEE_TOOLS_RUNTIME_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum {
    PERIGEE_OPTION_SET,       // done
    PERIGEE_OPTION_UNKNOWN,   // there is no option of that name; errbuf is untouched
    PERIGEE_OPTION_INVALID,   // the option exists, its value does not fit: errbuf says why
};

/*
 * Sets the option `text`, "name" or "name=value" without leading dashes. It takes effect for
 * states created later. `errbuf` receives at most `errlen` bytes, terminator included.
 */
int perigee_option(const char *text, char *errbuf, size_t errlen);

/*
 * Checks the options in the environment variable PERIGEE_OPTIONS; false: errbuf says what is
 * wrong with them.
 */
bool perigee_environment_options(char *errbuf, size_t errlen);

/*
 * Row `index` of the option list, for the usage text: returns its spelling ("tier=T"), sets *help
 * to one line that explains it; null after the last row.
 */
const char *perigee_option_row(unsigned index, const char **help);

#endif
