#include "sink/table.h"

#include "common/address.h"
#include "common/timestamp.h"
#include "sink/json_slice.h"
#include "sink/text.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int64_t postgres_time_of_ms(int64_t ms) { return (ms - POSTGRES_EPOCH_S * INT64_C(1000)) * 1000; }

int table_column_count(const table_t *table) {
    int count = 0;
    while (table->columns[count].name) count++;
    assert(count <= COLUMNS_MAX);
    return count;
}

static const char *refuse(const column_t *column, const char *why, arena_t *arena) {
    char reason[128];
    int size = snprintf(reason, sizeof reason, "\"%s\" %s", column->name, why);
    return arena_copy(arena, reason, (size_t)size + 1);
}

/* A number's text with a NUL behind it, for the C library; false where it is too long to be one. */
static bool number_text(const json_slice_t *slice, char out[NUMBER_SIZE_MAX + 1]) {
    if (slice->kind != JSON_NUMBER || slice->size > NUMBER_SIZE_MAX) return false;
    memcpy(out, slice->data, slice->size);
    out[slice->size] = '\0';
    return true;
}

static bool read_int(const json_slice_t *slice, value_t *value) {
    char text[NUMBER_SIZE_MAX + 1], *end;
    if (!number_text(slice, text)) return false;
    errno = 0;
    value->integer = strtoll(text, &end, 10);
    value->size = sizeof value->integer;
    return !*end && !errno;
}

static bool read_double(const json_slice_t *slice, value_t *value) {
    char text[NUMBER_SIZE_MAX + 1], *end;
    if (!number_text(slice, text)) return false;
    value->number = strtod(text, &end);
    value->size = sizeof value->number;
    return !*end && isfinite(value->number);
}

static bool read_time(const json_slice_t *slice, value_t *value) {
    int64_t ms;
    if (slice->kind != JSON_TEXT || !timestamp_parse(slice->data, slice->size, &ms)) return false;
    value->integer = postgres_time_of_ms(ms);
    value->size = sizeof value->integer;
    return true;
}

static bool read_text(const json_slice_t *slice, arena_t *arena, value_t *value) {
    size_t size;
    if (slice->kind != JSON_TEXT || !json_text(slice, arena, &value->data, &size)) return false;
    value->size = (int32_t)size;
    return true;
}

static bool read_raw(const json_slice_t *slice, value_t *value) {
    value->data = slice->data;
    value->size = (int32_t)slice->size;
    return true;
}

const table_t *const tables[TABLE_COUNT] = {
    [TABLE_TRANSACTIONS] = &table_transactions,
    [TABLE_RISK_SCORES] = &table_risk_scores,
    [TABLE_ALERTS] = &table_alerts,
    [TABLE_LABELS] = &table_labels,
    [TABLE_SCORING_RUNS] = &table_scoring_runs,
    [TABLE_SCORING_RUN_SCORES] = &table_scoring_run_scores,
};

static const char *read_value(const column_t *column, const json_slice_t *slice, arena_t *arena,
                              value_t *value) {
    if (slice->kind == JSON_ABSENT || slice->kind == JSON_NULL) {
        *value = (value_t){.size = -1};
        return column->nullable ? NULL : refuse(column, "is missing", arena);
    }
    switch (column->kind) {
    case COLUMN_TEXT:
        return read_text(slice, arena, value)
                   ? NULL
                   : refuse(column, "must be a string of UTF-8 without NUL", arena);
    case COLUMN_INT:
        return read_int(slice, value) ? NULL : refuse(column, "must be a whole number of 64 bits", arena);
    case COLUMN_DOUBLE: return read_double(slice, value) ? NULL : refuse(column, "must be a number", arena);
    case COLUMN_NUMERIC:
        return slice->kind == JSON_NUMBER && read_raw(slice, value)
                   ? NULL
                   : refuse(column, "must be a number", arena);
    case COLUMN_JSON: {
        bool nested = slice->kind == JSON_ARRAY || slice->kind == JSON_OBJECT;
        return nested && read_raw(slice, value) ? NULL
                                                : refuse(column, "must be an array or an object", arena);
    }
    case COLUMN_TIME:
        return read_time(slice, value) ? NULL : refuse(column, "must be a time in ISO 8601", arena);
    case COLUMN_RECORD_KEY:
    case COLUMN_RECORD_OFFSET: break;
    }
    abort();
}

/* Of the record itself; false where the column is one of its fields. */
static bool read_envelope(const column_t *column, const record_t *record, arena_t *arena, value_t *value,
                          const char **reason) {
    if (column->kind == COLUMN_RECORD_OFFSET) {
        value->integer = record->offset;
        value->size = sizeof value->integer;
        return true;
    }
    if (column->kind != COLUMN_RECORD_KEY) return false;
    char room[ADDRESS_SIZE];
    value->data = record->key;
    value->size = (int32_t)record->key_size;
    if (!record->key || record->key_size == 0)
        *reason = "the record has no key";
    else if (!text_is_storable(record->key, record->key_size))
        *reason = "the record's key must be UTF-8 without NUL";
    else if (address_normalise(record->key, record->key_size, room))
        value->data = arena_copy(arena, room, sizeof room);
    return true;
}

const char *table_row(const table_t *table, const record_t *record, arena_t *arena, value_t *values) {
    json_name_t names[COLUMNS_MAX] = {0};
    json_slice_t slices[COLUMNS_MAX] = {0};
    const char *reason = NULL;
    int count = table_column_count(table);
    for (int i = 0; i < count; i++)
        names[i] = (json_name_t){table->columns[i].name, strlen(table->columns[i].name)};
    if (record->value) reason = json_slice(record->value, record->size, names, count, slices);
    for (int i = 0; !reason && i < count; i++) {
        const column_t *column = &table->columns[i];
        if (!read_envelope(column, record, arena, &values[i], &reason))
            reason = read_value(column, &slices[i], arena, &values[i]);
    }
    return reason;
}
