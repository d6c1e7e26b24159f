// SPDX-License-Identifier: MIT
/* --dump: representations of functions as they are requested, to standard error. What the state's
 * thread has (bytecode, profile; when code is installed, what it names of the state) is printed here; the plugin prints the rest. */
#include <stdio.h>
#include <string.h>

#include "front/front.h"
#include "profile/profile_view.h"
#include "tiers/engine/engine_internal.h"
#include "tiers/engine/literals.h"

void dump_options(Engine *e, const char *list) {
    size_t len = strcspn(list, ":");
    if (len >= sizeof e->dump) len = sizeof e->dump - 1;
    memcpy(e->dump, list, len);
    e->dump[len] = '\0';
    e->dump_of = list[len] == ':' ? list + len + 1 : "";
}

static bool has_word(const char *list, const char *word) {
    size_t len = strlen(word);
    for (; list != NULL; list = strchr(list, ',')) {
        list += *list == ',';
        if (strncmp(list, word, len) == 0 && (list[len] == ',' || list[len] == '\0')) return true;
    }
    return false;
}

const char *dump_function(Engine *e, const Function *f) {
    if (e->dump[0] == '\0' || strstr(f->entry->label, e->dump_of) == NULL) return NULL;
    if (has_word(e->dump, "bc")) front_list(f->proto, stderr, false);
    if (has_word(e->dump, "profile")) profile_print(stderr, f->proto);
    return e->dump;
}

void dump_literals(lua_State *L, const Function *f, const Job *job) {
    const JitResult *r = &job->result;
    if (job->jit.dump == NULL || !has_word(job->jit.dump, "literals")) return;
    fprintf(stderr, "literals of %s, %s\n", f->entry->label, job->jit.tier == TIER_OPT ? "optimized" : "baseline");
    for (uint32_t n = 0; n < r->nliterals; n++) {
        char text[1024];
        bool has_one = literal_recipe(L, &r->literals[n], text, sizeof text);
        fprintf(stderr, "%5u  %s", (unsigned)n, text);
        if (r->literals[n].offset > 0) fprintf(stderr, " + %u", (unsigned)r->literals[n].offset);
        fprintf(stderr, has_one ? "\n" : "  (no recipe)\n");
    }
}
