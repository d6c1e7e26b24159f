// SPDX-License-Identifier: MIT
/* The command's options for the runtime are added to PERIGEE_OPTIONS, which every state reads when
 * it is created, in this process and in its children. */
#include "runtime_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"

static bool remember(const char *text) {
    const char *before = getenv("PERIGEE_OPTIONS");
    if (before == NULL) before = "";
    size_t size = strlen(before) + strlen(text) + 4;
    char *list = malloc(size);
    if (list == NULL) return false;
    snprintf(list, size, "%s%s%s", before, *before ? " " : "", text);
    bool ok = setenv("PERIGEE_OPTIONS", list, 1) == 0;
    free(list);
    return ok;
}

int perigee_option(const char *text, char *errbuf, size_t errlen) {
    Options scratch;
    options_init(&scratch);
    int result = options_set(&scratch, text, strlen(text), errbuf, errlen);
    if (result == OPTION_UNKNOWN) return PERIGEE_OPTION_UNKNOWN;
    if (result == OPTION_INVALID) return PERIGEE_OPTION_INVALID;
    if (strpbrk(text, " \t\n") != NULL || !remember(text)) {
        snprintf(errbuf, errlen, "option value with blanks");
        return PERIGEE_OPTION_INVALID;
    }
    return PERIGEE_OPTION_SET;
}

bool perigee_environment_options(char *errbuf, size_t errlen) {
    Options scratch;
    options_init(&scratch);
    const char *list = getenv("PERIGEE_OPTIONS");
    return list == NULL || options_parse(&scratch, list, errbuf, errlen) == OPTION_SET;
}

const char *perigee_option_row(unsigned index, const char **help) { return options_row(index, help); }
