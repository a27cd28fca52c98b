/* The fields of a JSON object, cut out where they lie. One pass and no tree: most of a record goes to
 * Postgres as it came, and Postgres reads what is nested once more anyway. */
#pragma once

#include "sink/arena.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum {
    JSON_ABSENT,
    JSON_NULL,
    JSON_TEXT,
    JSON_NUMBER, /* begins like one; its grammar is not checked */
    JSON_BOOL,
    JSON_ARRAY, /* brackets and quotes match; what is between them is not checked */
    JSON_OBJECT,
} json_kind_t;

typedef struct {
    const char *data; /* into the record; a text's lies between its quotes */
    size_t size;
    json_kind_t kind;
    bool escaped; /* a text that holds backslashes */
} json_slice_t;

typedef struct {
    const char *data;
    size_t size;
} json_name_t;

/* The values of the fields with these names; those with others are passed over, and of one that stands twice
 * the last counts. Returns NULL, or why the text cannot be read (static). Names in the record's order are
 * found fastest. */
const char *json_slice(const char *json, size_t size, const json_name_t *names, int count,
                       json_slice_t *values);

/* What the text means, in UTF-8: itself, or where it has escapes a copy. False where it cannot be stored: not
 * UTF-8, a bad escape, half a surrogate pair, or a NUL, which Postgres's text cannot hold. */
bool json_text(const json_slice_t *slice, arena_t *arena, const char **text, size_t *size);
