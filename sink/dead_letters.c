#include "sink/dead_letters.h"

#include "sink/limits.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* SQL in pieces keeps its own lines. */
/* clang-format off */
#define TIME_SQL(time_) "to_char(" time_ " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
#define COLUMNS_SQL                                                                                          \
    "SELECT topic, partition::text, \"offset\"::text, reason, key, payload, payload_size::text,"             \
    " source_topic, source_partition::text, source_offset::text, " TIME_SQL("created_at") ", "               \
    TIME_SQL("replayed_at") " FROM ingestion_errors"
#define FILTER_SQL                                                                                           \
    " WHERE ($1::text = '' OR topic = $1) AND ($2::text = '' OR position($2 IN reason) > 0)"                 \
    " AND ($3::text = 'all' OR replayed_at IS NULL)"

static const statement_t statement_latest = {
    "letters_latest",
    COLUMNS_SQL FILTER_SQL " ORDER BY created_at DESC, topic, partition, \"offset\" LIMIT $4::text::int"};
static const statement_t statement_oldest = {
    "letters_oldest",
    COLUMNS_SQL FILTER_SQL " ORDER BY created_at, topic, partition, \"offset\" LIMIT $4::text::int"};
static const statement_t statement_count = {
    "letters_count", "SELECT count(*)::text FROM ingestion_errors" FILTER_SQL};
static const statement_t statement_find = {
    "letters_find",
    COLUMNS_SQL " WHERE topic = $1::text AND partition = $2::text::int AND \"offset\" = $3::text::bigint"};
static const statement_t statement_mark = {
    "letters_mark",
    "UPDATE ingestion_errors e SET replayed_at = now() FROM unnest($1::text[], $2::int4[], $3::int8[])"
    " AS r(topic, partition, place)"
    " WHERE e.topic = r.topic AND e.partition = r.partition AND e.\"offset\" = r.place"};
/* clang-format on */

static void text_add(arrays_t *values, const char *text) { value_add_text(values, text, strlen(text)); }

static const char *text_at(const PGresult *result, int row, int column) {
    return PQgetisnull(result, row, column) ? NULL : PQgetvalue(result, row, column);
}

static letter_t letter_at(const PGresult *result, int row) {
    return (letter_t){.topic = PQgetvalue(result, row, 0),
                      .partition = (int32_t)strtol(PQgetvalue(result, row, 1), NULL, 10),
                      .offset = strtoll(PQgetvalue(result, row, 2), NULL, 10),
                      .reason = PQgetvalue(result, row, 3),
                      .key = text_at(result, row, 4),
                      .key_size = (size_t)PQgetlength(result, row, 4),
                      .payload = text_at(result, row, 5),
                      .payload_kept = (size_t)PQgetlength(result, row, 5),
                      .payload_size = strtoll(PQgetvalue(result, row, 6), NULL, 10),
                      .source_topic = text_at(result, row, 7),
                      .source_partition = text_at(result, row, 8),
                      .source_offset = text_at(result, row, 9),
                      .created_at = PQgetvalue(result, row, 10),
                      .replayed_at = text_at(result, row, 11)};
}

static err_t *read(postgres_t *postgres, const statement_t *statement, const arrays_t *values,
                   letters_t *out) {
    *out = (letters_t){0};
    TRY(postgres_write(postgres, statement, values, &out->result));
    out->count = PQntuples(out->result);
    out->items = calloc((size_t)out->count + 1, sizeof *out->items);
    if (!out->items) abort();
    for (int i = 0; i < out->count; i++) out->items[i] = letter_at(out->result, i);
    return NULL;
}

static void filter_add(arrays_t *values, const letters_filter_t *filter) {
    text_add(values, filter->topic);
    text_add(values, filter->reason);
    text_add(values, filter->replayed_too ? "all" : "new");
}

err_t *letters_select(postgres_t *postgres, const letters_filter_t *filter, letters_t *out) {
    arrays_t values = {0};
    char limit[24];
    snprintf(limit, sizeof limit, "%" PRId64, filter->limit);
    filter_add(&values, filter);
    text_add(&values, limit);
    err_t *err = read(postgres, filter->oldest_first ? &statement_oldest : &statement_latest, &values, out);
    arrays_clear(&values);
    return err;
}

err_t *letters_count(postgres_t *postgres, const letters_filter_t *filter, int64_t *count) {
    arrays_t values = {0};
    PGresult *result = NULL;
    filter_add(&values, filter);
    err_t *err = postgres_write(postgres, &statement_count, &values, &result);
    if (!err) *count = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    arrays_clear(&values);
    return err;
}

err_t *letters_find(postgres_t *postgres, const char *id, letters_t *out) {
    char topic[KAFKA_TOPIC_SIZE_MAX + 1], partition[16], offset[24];
    int end = 0;
    *out = (letters_t){0};
    if (sscanf(id, "%249[^:]:%10[0-9]:%18[0-9]%n", topic, partition, offset, &end) != 3 || id[end]) {
        return err_new_code(EXIT_USAGE,
                            "\"%s\" names no record; it must look like TOPIC:PARTITION:OFFSET, as "
                            "`amlstream dlq list` shows them",
                            id);
    }
    arrays_t values = {0};
    text_add(&values, topic);
    text_add(&values, partition);
    text_add(&values, offset);
    err_t *err = read(postgres, &statement_find, &values, out);
    arrays_clear(&values);
    if (!err && out->count == 0)
        err = err_new("there is no refused record %s; `amlstream dlq list` shows those there are", id);
    return err;
}

err_t *letters_mark(postgres_t *postgres, const letters_t *letters) {
    arrays_t values = {0};
    buf_t *array = arrays_begin(&values, OID_TEXT, letters->count);
    for (int i = 0; i < letters->count; i++)
        array_add_bytes(array, letters->items[i].topic, (int32_t)strlen(letters->items[i].topic));
    array = arrays_begin(&values, OID_INT4, letters->count);
    for (int i = 0; i < letters->count; i++) array_add_int4(array, letters->items[i].partition);
    array = arrays_begin(&values, OID_INT8, letters->count);
    for (int i = 0; i < letters->count; i++) array_add_int8(array, letters->items[i].offset);
    err_t *err = postgres_write(postgres, &statement_mark, &values, NULL);
    arrays_clear(&values);
    return err;
}

void letters_clear(letters_t *letters) {
    free(letters->items);
    PQclear(letters->result);
    *letters = (letters_t){0};
}
