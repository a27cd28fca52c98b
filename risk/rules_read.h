/* Reading rules out of JSON; for rules.c. */
#pragma once

#include "risk/rules_fields.h"

#include <jansson.h>

/* What the text is, for messages: `rules file "x"`. */
typedef struct {
    const char *name;
    const char *text;
    size_t size;
    const char *member; /* of the text's object, which the rules are; NULL: they are all of it */
} rules_source_t;

/* Parses the text. */
err_t *rules_source_json(const rules_source_t *source, json_t **out);
/* Takes over what the JSON says; all else keeps its value. */
err_t *rules_read(const rules_source_t *source, const json_t *json, rules_t *rules);
