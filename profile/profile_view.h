// SPDX-License-Identifier: MIT
/* The profile as compilers read it, without the cells' mechanics; and as --dump=profile prints it.
 *
 * A view needs no state: it may be of a living function or of a compile job's snapshot, whose
 * arrays are copies (tiers/shared/jit.h).
 */
#ifndef PERIGEE_PROFILE_VIEW_H
#define PERIGEE_PROFILE_VIEW_H

#include <stdio.h>

#include "profile/feedback.h"

typedef struct ProfileView {
    const Insn *code;      /* canonical */
    const Insn *quick;     /* quickened; NULL: the function is cold */
    const Cell *cells;     /* polymorphic ones point to their entries */
    const uint8_t (*seen)[SEEN_WIDTH]; /* by instruction; NULL: no baseline code ran */
    const TValue *k;       /* constants, for the names of fields; NULL: unknown */
    const int32_t *lines;  /* NULL: stripped */
    uint32_t ninsns, ncells;
} ProfileView;

typedef enum SiteState {
    SITE_NONE,           /* keeps no profile, or none in the tiers that it ran in */
    SITE_UNINITIALISED,  /* never ran where it would have been recorded */
    SITE_MONOMORPHIC,
    SITE_POLYMORPHIC,    /* two to POLY_MAX cases */
    SITE_MEGAMORPHIC,    /* more, several callees, or nothing that a cache can hold */
    SITE_STATES
} SiteState;
extern const char *const site_state_names[SITE_STATES];

/* What ran at a site, as a set. */
enum {
    SAW_INT = 1,        /* integers; the array held integers */
    SAW_FLT = 2,        /* floats; the array held floats */
    SAW_VALUE = 4,      /* an array of tagged values */
    SAW_OTHER = 8,      /* anything else: mixed operands, metamethods, strings as keys */
    SAW_JUMP = 16       /* the jump was taken */
};

typedef struct Site {
    uint32_t pc;
    int32_t line;                 /* 0: unknown */
    uint8_t op, quick;            /* canonical and quickened opcode */
    uint8_t state;                /* SiteState */
    uint8_t seen;                 /* SAW_ set; 0 where no baseline code ran */
    uint8_t ncases;               /* cells in `cases` */
    uint8_t target_kind;          /* of calls: TARGET_ */
    const Cell *cases[POLY_MAX];  /* monomorphic: the cell itself */
    const Proto *target;          /* TARGET_LUA */
    lua_CFunction cfunction;      /* TARGET_C */
    uint32_t count;               /* allocation sites: tables sampled */
} Site;
enum { TARGET_NONE, TARGET_LUA, TARGET_C, TARGET_SEVERAL };

ProfileView profile_view_of(const Proto *p);
/* What is known of instruction pc. */
Site profile_site(const ProfileView *v, uint32_t pc);
/* A heading and one line for each site that keeps a profile: pc, line, opcode, state, details. */
void profile_print(FILE *f, const Proto *p);
/* The details of a site: key, shapes, operand types, target. */
void profile_site_text(const ProfileView *v, const Site *s, char *out, size_t size);

#endif
