// SPDX-License-Identifier: MIT
/* Finds and opens libperigee-jit.so: once a process, at the first compile job, on the thread that
 * compiles. A failure is final, with its reason for the report.
 *
 * Where it is looked for: the file PERIGEE_JIT names (unless the process has more rights than its
 * user), and only there if it is set; else near the file that holds this function, which is the
 * library, the drop-in or the executable:
 *      ./  ./perigee/  ./tiers/plugin/ (a build directory)  ../lib/perigee/  and so in its parent, as from
 *      lib/x86_64-linux-gnu/ or dropin/
 * and at last where it was installed to (PERIGEE_PLUGIN_DIR), as a host with the archive in it may stand anywhere.
 */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interp/interp.h"
#include "perigee_build_id.h"
#include "tiers/engine/engine_internal.h"
#include "tiers/engine/loader.h"
#include "tiers/engine/region.h"

static struct {
    const JitPlugin *_Atomic plugin; /* NULL: not open */
    const char *_Atomic failure;     /* NULL: not tried, or open */
    char reason[PATH_MAX + 256];
    JitOpen open;                    /* found; NULL: not yet */
} loaded;

static const char *const places[] = {"", "perigee/", "tiers/plugin/", "../lib/perigee/", "../perigee/", "../tiers/plugin/"};

const JitPlugin *plugin_ready(void) { return atomic_load_explicit(&loaded.plugin, memory_order_acquire); }
const char *plugin_failure(void) { return atomic_load_explicit(&loaded.failure, memory_order_acquire); }

static bool fail(const char *what, const char *why) {
    snprintf(loaded.reason, sizeof loaded.reason, "%s%s%s", what, *why != '\0' ? ": " : "", why);
    atomic_store_explicit(&loaded.failure, loaded.reason, memory_order_release);
    return false;
}

/* Directory, with its slash, of the file that holds this code; "" if that cannot be told. */
static void own_directory(char *out) {
    Dl_info info;
    struct link_map *map;
    char path[PATH_MAX] = "";
    out[0] = '\0';
    if (dladdr1((void *)(uintptr_t)&own_directory, &info, (void **)&map, RTLD_DL_LINKMAP) == 0) return;
    if (map->l_name != NULL && map->l_name[0] != '\0') /* the executable's own name is empty, and dli_fname is what it was called by */
        snprintf(path, sizeof path, "%s", map->l_name);
    else if (readlink("/proc/self/exe", path, sizeof path - 1) < 0)
        return;
    if (realpath(path, out) == NULL) out[0] = '\0';
    char *slash = strrchr(out, '/');
    if (slash != NULL) slash[1] = '\0';
}

static void *open_file(const char *path) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        const char *why = dlerror();
        fail("plugin cannot be opened", why != NULL ? why : path);
    }
    return library;
}

static void *open_nearby(void) {
    char directory[PATH_MAX], path[PATH_MAX + 64];
    own_directory(directory);
    for (size_t n = 0; directory[0] != '\0' && n < sizeof places / sizeof places[0]; n++) {
        snprintf(path, sizeof path, "%s%slibperigee-jit.so", directory, places[n]);
        if (access(path, R_OK) == 0) return open_file(path);
    }
    if (access(PERIGEE_PLUGIN_DIR "libperigee-jit.so", R_OK) == 0) return open_file(PERIGEE_PLUGIN_DIR "libperigee-jit.so");
    fail("plugin libperigee-jit.so not found near", directory);
    return NULL;
}

/* Once a process, the opened library stays. */
static bool find_plugin(void) {
    if (loaded.open != NULL) return true;
    const char *named = secure_getenv("PERIGEE_JIT");
    void *library = named != NULL && *named != '\0' ? open_file(named) : open_nearby();
    if (library == NULL) return false;
    loaded.open = (JitOpen)(uintptr_t)dlsym(library, "perigee_jit_open");
    if (loaded.open == NULL) return fail("plugin exports no perigee_jit_open", "");
    return true;
}

static bool have_memory(void) {
    if (region_state() != REGION_FORBIDDEN) return true;
    fprintf(stderr, "perigee: no executable memory, everything stays interpreted (%s)\n", region_reason());
    return fail("no executable memory", region_reason());
}

const JitPlugin *plugin_open(void) {
    static JitHost host;
    char err[256] = "";
    if (plugin_failure() != NULL || !have_memory() || !find_plugin()) return NULL;
    host = (JitHost){.build_id = PERIGEE_BUILD_ID, .symbols = vm_jit_symbols(), .place = object_place, .unplace = object_unplace};
    const JitPlugin *plugin = loaded.open(&host, err, sizeof err);
    if (plugin == NULL)
        fail("plugin does not start", err);
    else if (strcmp(plugin->build_id, PERIGEE_BUILD_ID) != 0)
        fail("plugin is of another build", plugin->build_id);
    else
        atomic_store_explicit(&loaded.plugin, plugin, memory_order_release);
    return plugin_ready();
}

/* The next plugin_open opens it again; the plugin sees that it is in another process. */
void plugin_abandon(void) { atomic_store_explicit(&loaded.plugin, NULL, memory_order_release); }
