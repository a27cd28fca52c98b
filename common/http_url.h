/* Request targets: percent-decoding, query parameters and path patterns. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { HTTP_PATH_VALUES_MAX = 8, HTTP_QUERY_PARAMETERS_MAX = 64 };

typedef struct {
    const char *name;
    const char *value;
} http_pair_t;

/* Decodes in place and cuts the text there. Returns NULL, or why it can't be (static): a bad escape, a NUL,
 * bytes that are not UTF-8. `plus_is_space` as in forms. */
const char *http_url_decode(char *text, bool plus_is_space);

/* Splits "a=1&b=2" in place and decodes it. Returns as http_url_decode does. */
const char *http_query_parse(char *query, http_pair_t pairs[HTTP_QUERY_PARAMETERS_MAX], int *count);

/* Whether `path`, still encoded, fits the pattern: the segments that are not in braces byte by byte, the
 * others any text that is not empty. */
bool http_path_matches(const char *pattern, const char *path);

/* The values of a path that matches, decoded: `path` is cut up in place; names and values point into
 * `pattern` (up to the brace) and `path`. Returns as http_url_decode does. */
const char *http_path_values(const char *pattern, char *path, http_pair_t values[HTTP_PATH_VALUES_MAX],
                             int *count);
/* Whether `name` is the one in braces that `in_pattern` points to. */
bool http_path_name_is(const char *in_pattern, const char *name);
