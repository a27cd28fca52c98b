/* What `amlstream watch` shows, as text: nothing here knows of terminals or sockets. */
#pragma once

#include "common/buf.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* The API's last answers, as they came; NULL: none yet. Nothing in them is trusted. */
typedef struct {
    const char *api; /* its address */
    int64_t now_ms;
    const char *error;    /* why the last look at the API failed; NULL: it did not */
    int64_t answered_ms;  /* the last look that did not fail, or the first one */
    const json_t *status; /* of /ingestion/status */
    const json_t *alerts; /* of /alerts */
    const json_t *top;    /* of /scores/top */
} watch_data_t;

typedef struct {
    int columns;
    int lines;
    bool color;
    bool utf8;
    const char *footer; /* in the last line */
} watch_options_t;

/* At most `lines` lines of at most `columns` cells, with "\n" between them. */
void watch_view_write(const watch_data_t *data, const watch_options_t *options, buf_t *out);
/* One line without its end. */
void watch_summary_write(const watch_data_t *data, buf_t *out);
