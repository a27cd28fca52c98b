/* The rules: weights, hop weights, thresholds and windows, from a JSON file or built in. */
#pragma once

#include "common/err.h"

typedef struct rules rules_t;

/* `path` NULL: the built-in default. Errors name the file, the place and what is allowed there. */
err_t *rules_load(const char *path, rules_t **out);
void rules_free(rules_t *rules);
/* A hash of the content, 12 hex digits: the same rules have the same version everywhere. */
const char *rules_version(const rules_t *rules);
