/* The rules: weights, hop weights, thresholds and windows, from JSON or built in. */
#pragma once

#include "common/buf.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>

enum { RULES_VERSION_SIZE = 12 };

typedef struct rules rules_t;

/* A preset's name and what it is for. */
typedef struct {
    const char *name;
    const char *summary;
    const char *json;
} rules_preset_t;

extern const rules_preset_t rules_presets[]; /* ends with a NULL name; the first is the default */

/* A file, or "preset:<name>"; NULL: the default. Errors name the file, the line, the place and what is
 * allowed there. */
err_t *rules_load(const char *source, rules_t **out);
/* From the JSON text itself, which messages call `name` (`rules file "x"`). */
err_t *rules_parse(const char *name, const char *text, size_t size, rules_t **out);
/* From the member "rules" of an object with other members, whose text it is. NULL in `*out` where there is
 * none. */
err_t *rules_parse_member(const char *name, const char *text, size_t size, rules_t **out);
void rules_free(rules_t *rules); /* NULL is allowed */
/* A hash of the content, 12 hex digits: the same rules have the same version everywhere. */
const char *rules_version(const rules_t *rules);
/* All values in effect, as JSON that rules_parse takes and gives the same version. `pretty`: over several
 * lines, and with the version. */
void rules_add_json(const rules_t *rules, bool pretty, buf_t *out);
