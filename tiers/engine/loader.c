// SPDX-License-Identifier: MIT
/* The object loader (ELF-64 and its supplement for x86-64).
 *
 *      object          image, one block of the region
 *      .text*     -->  executable sections, the first at the block's start
 *      .rodata*   -->  read-only data
 *      .data.rel.ro*   (constants with addresses in them: read-only once they are relocated)
 *                      literals: the pool of what the code names of the state (tiers/shared/jit.h)
 *                      slots: 8-byte addresses of symbols, read by instructions
 *                      stubs: jmp *slot(%rip), for calls of functions out of reach
 *
 *      read header -> lay out sections -> read symbols -> survey relocations (what slots and stubs
 *      are needed) -> allocate -> fill an image in the heap, apply relocations -> write it
 *
 * A compiled function reads constants and calls the runtime; it has no variables. So everything
 * writable, thread-local or run at start is refused, and sections that only debuggers and
 * unwinders read are left out.
 *
 * Rules
 *  1. An object is hostile until it was looked at: each offset, size and index is checked where it
 *     is read, and structures are copied out before use, since nothing says that they are aligned.
 *  2. A value that does not fit its field is an error, never cut off.
 *  3. The survey and the application decide by the same function (form_of) from the same unchanged
 *     bytes, so that no slot is missing.
 */
#include "tiers/engine/loader.h"

#include <elf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tiers/engine/region.h"
#include "tiers/engine/symbols.h"

enum {
    NOWHERE = UINT32_MAX, /* a section that is left out; a slot or stub that is not needed */
    MAX_IMAGE = 1 << 26,
    MAX_ALIGN = 4096,
    CODE_ALIGN = 16, /* of the first section, and so of entries */
    STUB_SIZE = 8,
    FILLER = 0xcc /* int3 */
};

typedef struct Section {
    uint64_t offset, size; /* in the object */
    uint32_t at;           /* in the image, or NOWHERE */
    bool code;
} Section;

/* A symbol that relocations name. */
typedef struct Target {
    uint64_t value;      /* address, or with `inside` the offset in the image */
    uint32_t slot, stub; /* numbers, or NOWHERE */
    bool known, inside;
} Target;

typedef struct Loader {
    const uint8_t *object;
    size_t size;
    const JitNames *given;
    Elf64_Ehdr header;
    Section *sections;
    Elf64_Shdr symtab, names; /* symbol table and its strings */
    unsigned symtab_index;
    uint32_t nsymbols;
    Target *targets; /* by symbol */
    uint32_t nslots, nstubs;
    uint32_t align, length; /* of the image */
    uint32_t literals_at, slots_at, stubs_at;
    uint8_t *image;
    uint64_t base; /* where the image will stand */
    char *err;
    size_t errlen;
} Loader;

__attribute__((format(printf, 2, 3))) static bool fail(Loader *l, const char *format, ...) {
    va_list args;
    va_start(args, format);
    if (l->errlen) vsnprintf(l->err, l->errlen, format, args);
    va_end(args);
    return false;
}

/* -------------------------------------------------------------------------------------- reading */

static bool in_bounds(uint64_t offset, uint64_t length, uint64_t size) {
    return offset <= size && length <= size - offset;
}

/* Record `index` of the table at `offset`, whose bounds were checked. */
static void read_record(const Loader *l, uint64_t offset, uint64_t index, void *record,
                        size_t size) {
    memcpy(record, l->object + offset + index * size, size);
}

static Elf64_Shdr section_header(const Loader *l, unsigned index) {
    Elf64_Shdr s;
    read_record(l, l->header.e_shoff, index, &s, sizeof s);
    return s;
}

static Elf64_Sym symbol(const Loader *l, uint32_t index) {
    Elf64_Sym s;
    read_record(l, l->symtab.sh_offset, index, &s, sizeof s);
    return s;
}

/* A string table whose strings all end within it. */
static bool check_strings(Loader *l, const Elf64_Shdr *s) {
    if (s->sh_type != SHT_STRTAB || s->sh_size == 0 ||
        !in_bounds(s->sh_offset, s->sh_size, l->size) ||
        l->object[s->sh_offset + s->sh_size - 1] != 0)
        return fail(l, "damaged string table");
    return true;
}

static const char *string(const Loader *l, const Elf64_Shdr *strings, uint32_t offset) {
    return offset < strings->sh_size ? (const char *)l->object + strings->sh_offset + offset : "?";
}

static const char *symbol_name(const Loader *l, const Elf64_Sym *s) {
    return string(l, &l->names, s->st_name);
}

static bool read_header(Loader *l) {
    Elf64_Ehdr *h = &l->header;
    if (l->size < sizeof *h) return fail(l, "not an object: too short");
    read_record(l, 0, 0, h, sizeof *h);
    if (memcmp(h->e_ident, ELFMAG, SELFMAG) != 0 || h->e_ident[EI_CLASS] != ELFCLASS64 ||
        h->e_ident[EI_DATA] != ELFDATA2LSB || h->e_ident[EI_VERSION] != EV_CURRENT)
        return fail(l, "not a 64-bit ELF object");
    if (h->e_type != ET_REL || h->e_machine != EM_X86_64)
        return fail(l, "not a relocatable object for x86-64");
    if (h->e_shentsize != sizeof(Elf64_Shdr) || h->e_shnum == 0 || h->e_shstrndx >= h->e_shnum ||
        !in_bounds(h->e_shoff, (uint64_t)h->e_shnum * sizeof(Elf64_Shdr), l->size))
        return fail(l, "damaged section table");
    return true;
}

/* ------------------------------------------------------------------------------------- sections */

/* What may be placed, by the start of its name; everything else that wants memory is refused. */
static const struct Kind {
    const char *name;
    uint64_t flags, forbidden;
} kinds[] = {
    {".text", SHF_EXECINSTR, SHF_WRITE},
    {".rodata", 0, SHF_WRITE | SHF_EXECINSTR},
    {".data.rel.ro", 0, SHF_EXECINSTR},
};

/* Whether a section called `name` is of that kind: ".text" and ".text.x", but not ".textual". */
static bool is_kind(const struct Kind *k, const char *name, uint64_t flags) {
    size_t n = strlen(k->name);
    return strncmp(name, k->name, n) == 0 && (name[n] == 0 || name[n] == '.') &&
           (flags & k->flags) == k->flags &&
           (flags & (k->forbidden | SHF_TLS | SHF_COMPRESSED)) == 0;
}

static bool is_placeable(const Elf64_Shdr *s, const char *name) {
    if (s->sh_type != SHT_PROGBITS) return false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (is_kind(&kinds[i], name, s->sh_flags)) return true;
    return false;
}

static bool is_ignored(const Elf64_Shdr *s, const char *name) {
    return !(s->sh_flags & SHF_ALLOC) || s->sh_size == 0 || s->sh_type == SHT_NOTE ||
           s->sh_type == SHT_X86_64_UNWIND || strcmp(name, ".eh_frame") == 0;
}

/* Reserves room at the image's end. */
static bool extend(Loader *l, uint64_t size, uint64_t align, uint32_t *at) {
    uint64_t start = (l->length + align - 1) & ~(align - 1);
    if (size > MAX_IMAGE || start + size > MAX_IMAGE) return fail(l, "object too large");
    if (align > l->align) l->align = (uint32_t)align;
    *at = (uint32_t)start;
    l->length = (uint32_t)(start + size);
    return true;
}

static bool place_section(Loader *l, Section *s, const Elf64_Shdr *h, const char *name) {
    uint64_t align = h->sh_addralign ? h->sh_addralign : 1;
    if (!in_bounds(h->sh_offset, h->sh_size, l->size))
        return fail(l, "section %s lies outside the object", name);
    if ((align & (align - 1)) != 0 || align > MAX_ALIGN)
        return fail(l, "alignment of section %s", name);
    if (s->code && align < CODE_ALIGN) align = CODE_ALIGN;
    s->offset = h->sh_offset, s->size = h->sh_size;
    return extend(l, h->sh_size, align, &s->at);
}

/* Lays out the sections that hold code, or those that hold data. */
static bool place_sections(Loader *l, const Elf64_Shdr *names, bool code) {
    for (unsigned i = 1; i < l->header.e_shnum; i++) {
        Elf64_Shdr h = section_header(l, i);
        const char *name = string(l, names, h.sh_name);
        if (is_ignored(&h, name)) continue;
        if (!is_placeable(&h, name)) return fail(l, "section %s cannot be placed", name);
        l->sections[i].code = (h.sh_flags & SHF_EXECINSTR) != 0;
        if (l->sections[i].code == code && !place_section(l, &l->sections[i], &h, name))
            return false;
    }
    return true;
}

static bool lay_out(Loader *l) {
    Elf64_Shdr names = section_header(l, l->header.e_shstrndx);
    if (!check_strings(l, &names)) return false;
    l->sections = calloc(l->header.e_shnum, sizeof *l->sections);
    if (l->sections == NULL) return fail(l, "no memory");
    for (unsigned i = 0; i < l->header.e_shnum; i++) l->sections[i].at = NOWHERE;
    l->align = CODE_ALIGN;
    return place_sections(l, &names, true) && place_sections(l, &names, false);
}

/* -------------------------------------------------------------------------------------- symbols */

static bool find_symtab(Loader *l) {
    for (unsigned i = 1; i < l->header.e_shnum; i++) {
        Elf64_Shdr h = section_header(l, i);
        if (h.sh_type != SHT_SYMTAB) continue;
        if (l->symtab_index) return fail(l, "two symbol tables");
        if (h.sh_entsize != sizeof(Elf64_Sym) || !in_bounds(h.sh_offset, h.sh_size, l->size) ||
            h.sh_link >= l->header.e_shnum || h.sh_size / sizeof(Elf64_Sym) >= UINT32_MAX)
            return fail(l, "damaged symbol table");
        l->symtab = h;
        l->symtab_index = i;
        l->names = section_header(l, h.sh_link);
    }
    if (l->symtab_index == 0) return fail(l, "no symbol table");
    l->nsymbols = (uint32_t)(l->symtab.sh_size / sizeof(Elf64_Sym));
    return check_strings(l, &l->names);
}

/* Where a symbol stands in the image: it lies in a section that is placed, or at its end. */
static bool symbol_offset(const Loader *l, const Elf64_Sym *s, uint32_t *offset) {
    if (s->st_shndx == SHN_UNDEF || s->st_shndx >= l->header.e_shnum) return false;
    const Section *in = &l->sections[s->st_shndx];
    if (in->at == NOWHERE || s->st_value > in->size) return false;
    *offset = in->at + (uint32_t)s->st_value;
    return true;
}

static bool check_symbols(Loader *l) {
    for (uint32_t i = 1; i < l->nsymbols; i++) {
        Elf64_Sym s = symbol(l, i);
        const char *name = symbol_name(l, &s);
        unsigned type = ELF64_ST_TYPE(s.st_info);
        if (s.st_shndx == SHN_COMMON || type == STT_COMMON)
            return fail(l, "common symbol %s", name);
        if (type == STT_TLS) return fail(l, "thread-local symbol %s", name);
        if (type == STT_GNU_IFUNC) return fail(l, "indirect function %s", name);
        if (s.st_shndx >= SHN_LORESERVE && s.st_shndx != SHN_ABS)
            return fail(l, "section of symbol %s", name);
    }
    return true;
}

static bool read_symbols(Loader *l) {
    if (!find_symtab(l) || !check_symbols(l)) return false;
    l->targets = calloc((size_t)l->nsymbols + 1, sizeof *l->targets);
    return l->targets != NULL || fail(l, "no memory");
}

/* "literal.N" is entry N; NULL: the name is not of that form. */
static const JitLiteral *literal_of(const Loader *l, const char *name) {
    static const char prefix[] = "literal.";
    char *end;
    if (strncmp(name, prefix, sizeof prefix - 1) != 0) return NULL;
    unsigned long n = strtoul(name + sizeof prefix - 1, &end, 10);
    return *end == 0 && n < l->given->nliterals ? &l->given->literals[n] : NULL;
}

/* The pool, one of its entries, or something of the runtime. */
static bool find_undefined(Loader *l, const char *name, Target *t) {
    const JitLiteral *literal = literal_of(l, name);
    const JitSymbol *found = NULL;
    if (literal != NULL) {
        t->value = literal->value;
    } else if (strcmp(name, "literals") == 0) {
        t->value = l->literals_at;
        t->inside = true;
    } else if ((found = symbol_find(l->given->symbols, name)) != NULL) {
        t->value = (uint64_t)(uintptr_t)found->address;
    } else {
        return fail(l, "undefined symbol %s", name);
    }
    return true;
}

static bool find_target(Loader *l, uint32_t index, Target *t) {
    Elf64_Sym s = symbol(l, index);
    uint32_t offset;
    *t = (Target){.slot = NOWHERE, .stub = NOWHERE, .known = true};
    if (s.st_shndx == SHN_ABS) {
        t->value = s.st_value;
    } else if (s.st_shndx == SHN_UNDEF) {
        return find_undefined(l, symbol_name(l, &s), t);
    } else if (symbol_offset(l, &s, &offset)) {
        t->value = offset;
        t->inside = true;
    } else {
        return fail(l, "symbol %s lies in nothing that is placed", symbol_name(l, &s));
    }
    return true;
}

/* The symbol of a relocation; NULL: it has none. */
static Target *target_of(Loader *l, const Elf64_Rela *r) {
    uint32_t index = ELF64_R_SYM(r->r_info);
    if (index == 0 || index >= l->nsymbols) return fail(l, "relocation without symbol"), NULL;
    Target *t = &l->targets[index];
    return t->known || find_target(l, index, t) ? t : NULL;
}

static uint64_t target_address(const Loader *l, const Target *t) {
    return t->inside ? l->base + t->value : t->value;
}

static bool reachable(const Target *t) { return t->inside || region_reaches(t->value); }

/* ---------------------------------------------------------------------------------- relocations */

/* What becomes of a relocation. The last three shorten an instruction that would read a slot, when
 * it reaches the symbol itself. */
typedef enum Form {
    FORM_NONE,
    FORM_UNKNOWN,
    FORM_ADDRESS, /* 64 bits: the symbol */
    FORM_NARROW,  /* 32 bits: the symbol */
    FORM_DIRECT,  /* 32 bits: displacement to the symbol */
    FORM_STUB,    /* ... to its stub */
    FORM_SLOT,    /* ... to its slot */
    FORM_LEA,     /* mov slot(%rip),%r -> lea symbol(%rip),%r */
    FORM_CALL,    /* call *slot(%rip)  -> addr32 call symbol */
    FORM_JUMP     /* jmp *slot(%rip)   -> jmp symbol; nop */
} Form;

/* The shorter form of an instruction that reads a slot by the displacement at `offset`. */
static Form shorter_form(const Loader *l, const Section *s, const Elf64_Rela *r) {
    if (r->r_offset < 2 || r->r_addend != -4 || !s->code) return FORM_SLOT;
    const uint8_t *insn = l->object + s->offset + r->r_offset - 2; /* opcode, operands */
    if (insn[0] == 0xff && insn[1] == 0x15) return FORM_CALL;
    if (insn[0] == 0xff && insn[1] == 0x25) return FORM_JUMP;
    if (insn[0] == 0x8b && (insn[1] & 0xc7) == 0x05) return FORM_LEA;
    return FORM_SLOT;
}

/* The field of r was found to lie in s. */
static Form form_of(const Loader *l, const Section *s, const Elf64_Rela *r, const Target *t) {
    switch (ELF64_R_TYPE(r->r_info)) {
        case R_X86_64_64: return FORM_ADDRESS;
        case R_X86_64_32: return FORM_NARROW;
        case R_X86_64_PC32: return FORM_DIRECT;
        /* a stub stands for the function itself, not for bytes behind its start */
        case R_X86_64_PLT32: return reachable(t) || r->r_addend != -4 ? FORM_DIRECT : FORM_STUB;
        case R_X86_64_GOTPCREL: return FORM_SLOT;
        case R_X86_64_GOTPCRELX:
        case R_X86_64_REX_GOTPCRELX: return reachable(t) ? shorter_form(l, s, r) : FORM_SLOT;
        default: return FORM_UNKNOWN;
    }
}

static void need_slot(Loader *l, Target *t) {
    if (t->slot == NOWHERE) t->slot = l->nslots++;
}

static bool survey(Loader *l, const Section *s, const Elf64_Rela *r) {
    if (ELF64_R_TYPE(r->r_info) == R_X86_64_NONE) return true;
    Target *t = target_of(l, r);
    if (t == NULL) return false;
    bool wide = ELF64_R_TYPE(r->r_info) == R_X86_64_64;
    if (!in_bounds(r->r_offset, wide ? 8 : 4, s->size))
        return fail(l, "relocation outside its section");
    Form form = form_of(l, s, r, t);
    if (form == FORM_UNKNOWN)
        return fail(l, "relocation of type %u", (unsigned)ELF64_R_TYPE(r->r_info));
    if (form == FORM_SLOT || form == FORM_STUB) need_slot(l, t);
    if (form == FORM_STUB && t->stub == NOWHERE) t->stub = l->nstubs++;
    return true;
}

static uint64_t slot_address(const Loader *l, uint32_t slot) {
    return l->base + l->slots_at + (uint64_t)slot * 8;
}
static uint64_t stub_address(const Loader *l, uint32_t stub) {
    return l->base + l->stubs_at + (uint64_t)stub * STUB_SIZE;
}

/* Stores value - place in 32 bits at an offset of the image. */
static bool put_displacement(Loader *l, uint64_t value, uint64_t place, uint8_t *field) {
    int64_t wide = (int64_t)(value - place);
    int32_t narrow = (int32_t)wide;
    if (narrow != wide)
        return fail(l, "symbol at 0x%llx is out of reach", (unsigned long long)value);
    memcpy(field, &narrow, sizeof narrow);
    return true;
}

static bool put_narrow(Loader *l, uint64_t value, uint8_t *field) {
    uint32_t narrow = (uint32_t)value;
    if (narrow != value)
        return fail(l, "0x%llx does not fit into 32 bits", (unsigned long long)value);
    memcpy(field, &narrow, sizeof narrow);
    return true;
}

static bool apply(Loader *l, const Section *s, const Elf64_Rela *r) {
    if (ELF64_R_TYPE(r->r_info) == R_X86_64_NONE) return true;
    const Target *t = &l->targets[ELF64_R_SYM(r->r_info)];
    uint8_t *field = l->image + s->at + r->r_offset;
    uint64_t place = l->base + s->at + r->r_offset, addend = (uint64_t)r->r_addend,
             value = target_address(l, t) + addend;
    switch (form_of(l, s, r, t)) {
        case FORM_ADDRESS: memcpy(field, &value, sizeof value); return true;
        case FORM_NARROW: return put_narrow(l, value, field);
        case FORM_DIRECT: return put_displacement(l, value, place, field);
        case FORM_STUB: return put_displacement(l, stub_address(l, t->stub) + addend, place, field);
        case FORM_SLOT: return put_displacement(l, slot_address(l, t->slot) + addend, place, field);
        case FORM_LEA: field[-2] = 0x8d; return put_displacement(l, value, place, field);
        case FORM_CALL:
            field[-2] = 0x67, field[-1] = 0xe8;
            return put_displacement(l, value, place, field);
        case FORM_JUMP:
            field[-2] = 0xe9, field[3] = 0x90;
            return put_displacement(l, value, place - 1, field - 1);
        default: return true;
    }
}

typedef bool (*Visit)(Loader *l, const Section *s, const Elf64_Rela *r);

static bool visit_table(Loader *l, const Elf64_Shdr *h, const Section *s, Visit visit) {
    if (h->sh_type == SHT_REL) return fail(l, "relocations without addends");
    if (h->sh_entsize != sizeof(Elf64_Rela) || h->sh_link != l->symtab_index ||
        !in_bounds(h->sh_offset, h->sh_size, l->size))
        return fail(l, "damaged relocation table");
    for (uint64_t i = 0; i < h->sh_size / sizeof(Elf64_Rela); i++) {
        Elf64_Rela r;
        read_record(l, h->sh_offset, i, &r, sizeof r);
        if (!visit(l, s, &r)) return false;
    }
    return true;
}

/* Visits the relocations of all sections that are placed. */
static bool each_relocation(Loader *l, Visit visit) {
    for (unsigned i = 1; i < l->header.e_shnum; i++) {
        Elf64_Shdr h = section_header(l, i);
        if ((h.sh_type != SHT_RELA && h.sh_type != SHT_REL) || h.sh_info >= l->header.e_shnum)
            continue;
        const Section *s = &l->sections[h.sh_info];
        if (s->at != NOWHERE && !visit_table(l, &h, s, visit)) return false;
    }
    return true;
}

/* ---------------------------------------------------------------------------------------- image */

static bool prepare(Loader *l) {
    return read_header(l) && lay_out(l) &&
           extend(l, (uint64_t)l->given->nliterals * 8, 8, &l->literals_at) &&
           read_symbols(l) && each_relocation(l, survey) &&
           extend(l, (uint64_t)l->nslots * 8, 8, &l->slots_at) &&
           extend(l, (uint64_t)l->nstubs * STUB_SIZE, STUB_SIZE, &l->stubs_at) &&
           (l->length > 0 || fail(l, "no code"));
}

static bool fill_stub(Loader *l, const Target *t) {
    uint8_t *stub = l->image + l->stubs_at + (size_t)t->stub * STUB_SIZE;
    stub[0] = 0xff, stub[1] = 0x25; /* jmp *slot(%rip) */
    return put_displacement(l, slot_address(l, t->slot), stub_address(l, t->stub) + 6, stub + 2);
}

static bool fill_slots(Loader *l) {
    for (uint32_t i = 1; i < l->nsymbols; i++) {
        const Target *t = &l->targets[i];
        if (!t->known || t->slot == NOWHERE) continue;
        uint64_t address = target_address(l, t);
        memcpy(l->image + l->slots_at + (size_t)t->slot * 8, &address, sizeof address);
        if (t->stub != NOWHERE && !fill_stub(l, t)) return false;
    }
    return true;
}

static void fill_literals(Loader *l) {
    for (uint32_t n = 0; n < l->given->nliterals; n++)
        memcpy(l->image + l->literals_at + (size_t)n * 8, &l->given->literals[n].value, 8);
}

/* The image as it will stand at l->base. */
static bool fill_image(Loader *l) {
    memset(l->image, FILLER, l->length);
    for (unsigned i = 1; i < l->header.e_shnum; i++) {
        const Section *s = &l->sections[i];
        if (s->at != NOWHERE) memcpy(l->image + s->at, l->object + s->offset, s->size);
    }
    fill_literals(l);
    return fill_slots(l) && each_relocation(l, apply);
}

/* Offset of the global function of that name in the image. */
static bool find_entry(Loader *l, const char *entry, uint32_t *offset) {
    for (uint32_t i = 1; i < l->nsymbols; i++) {
        Elf64_Sym s = symbol(l, i);
        if (ELF64_ST_BIND(s.st_info) == STB_LOCAL || !symbol_offset(l, &s, offset) ||
            !l->sections[s.st_shndx].code)
            continue;
        if (strcmp(symbol_name(l, &s), entry) != 0) continue;
        return *offset % CODE_ALIGN == 0 || fail(l, "%s is not aligned", entry);
    }
    return fail(l, "the object does not define %s", entry);
}

/* Into the region; a second time when the first attempt shows that the region must work
 * differently. */
static RegionBlock *place_image(Loader *l) {
    for (RegionState last = REGION_PACKED + 1, now; (now = region_state()) < last; last = now) {
        RegionBlock *b = region_alloc(l->length, l->align);
        if (b == NULL)
            return fail(l, now == REGION_FORBIDDEN ? "executable memory is forbidden"
                                                   : "no code memory"),
                   NULL;
        l->base = region_address(b);
        bool filled = fill_image(l);
        if (filled && region_write(b, l->image, l->length)) return b;
        region_free(b);
        if (!filled) return NULL;
    }
    return fail(l, "cannot write code memory"), NULL;
}

void *object_place(const void *object, size_t size, const char *entry, const JitNames *names,
                   void **handle, size_t *code_bytes, char *err, size_t errlen) {
    Loader l = {.object = object, .size = size, .given = names, .err = err, .errlen = errlen};
    uint32_t offset = 0;
    RegionBlock *b = NULL;
    if (prepare(&l) && find_entry(&l, entry, &offset)) {
        l.image = malloc(l.length);
        if (l.image)
            b = place_image(&l);
        else
            fail(&l, "no memory");
    }
    free(l.image);
    free(l.targets);
    free(l.sections);
    if (b == NULL) return NULL;
    *handle = b;
    *code_bytes = region_size(b);
    return (void *)(region_address(b) + offset);
}

void object_unplace(void *handle) { region_free(handle); }
