/* The records in ingestion_errors, for `amlstream dlq`. */
#pragma once

#include "sink/postgres.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Texts belong to the result that letters_t holds; NULL: none. Times are ISO 8601. */
typedef struct {
    const char *topic;
    int32_t partition;
    int64_t offset;
    const char *reason;
    const char *key, *payload; /* payload: its first PAYLOAD_SIZE_MAX bytes */
    size_t key_size, payload_kept;
    int64_t payload_size;
    const char *source_topic, *source_partition, *source_offset;
    const char *created_at, *replayed_at;
} letter_t;

typedef struct {
    PGresult *result;
    letter_t *items;
    int count;
} letters_t;

typedef struct {
    const char *topic;  /* "": any */
    const char *reason; /* part of it; "": any */
    bool replayed_too;
    bool oldest_first;
    int64_t limit;
} letters_filter_t;

err_t *letters_select(postgres_t *postgres, const letters_filter_t *filter, letters_t *out);
/* Of those that the filter lets through, without its limit. */
err_t *letters_count(postgres_t *postgres, const letters_filter_t *filter, int64_t *count);
/* Adds the one that `id` names, TOPIC:PARTITION:OFFSET; an error where there is none. */
err_t *letters_find(postgres_t *postgres, const char *id, letters_t *out);
/* Notes that they were sent again. */
err_t *letters_mark(postgres_t *postgres, const letters_t *letters);
void letters_clear(letters_t *letters);
