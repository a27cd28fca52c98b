#include "sink/write.h"

#include <stddef.h>
#include <string.h>

/* SQL in pieces keeps its own lines. */
/* clang-format off */
static const statement_t statement_refusals = {
    "refusals",
    "INSERT INTO ingestion_errors (topic, partition, \"offset\", reason, payload, payload_size,"
    "  source_topic, source_partition, source_offset, key)"
    " SELECT * FROM unnest($1::text[], $2::int4[], $3::int8[], $4::text[], $5::bytea[], $6::int8[],"
    "  $7::text[], $8::int4[], $9::int8[], $10::bytea[])"
    " ON CONFLICT (topic, partition, \"offset\") DO NOTHING"};

static const statement_t statement_state = {
    "state",
    "INSERT INTO ingestion_state AS s (topic, partition, last_offset, inserted, duplicates, rejected, lag,"
    "  last_tx_id, last_tx_at, last_error, last_error_at, updated_at, revised)"
    " SELECT topic, partition, next - 1, inserted, duplicates, rejected, lag, tx_id, tx_at, error,"
    "  CASE WHEN error IS NOT NULL THEN now() END, now(), revised"
    " FROM unnest($1::text[], $2::int4[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],"
    "  $8::text[], $9::timestamptz[], $10::text[], $11::int8[])"
    "  AS r(topic, partition, next, inserted, duplicates, rejected, lag, tx_id, tx_at, error, revised)"
    " ON CONFLICT (topic, partition) DO UPDATE SET last_offset = excluded.last_offset,"
    "  inserted = s.inserted + excluded.inserted, duplicates = s.duplicates + excluded.duplicates,"
    "  rejected = s.rejected + excluded.rejected, revised = s.revised + excluded.revised, lag = excluded.lag,"
    "  last_tx_id = coalesce(excluded.last_tx_id, s.last_tx_id),"
    "  last_tx_at = coalesce(excluded.last_tx_at, s.last_tx_at),"
    "  last_error = coalesce(excluded.last_error, s.last_error),"
    "  last_error_at = coalesce(excluded.last_error_at, s.last_error_at), updated_at = excluded.updated_at"};
/* clang-format on */

void topic_add(buf_t *array, const names_t *names, input_t input) {
    array_add_bytes(array, names->topics[input], (int32_t)strlen(names->topics[input]));
}

void segments_arrays(write_t *write) {
    const batch_t *batch = write->batch;
    arrays_reset(write->arrays);
    buf_t *array = arrays_begin(write->arrays, OID_TEXT, batch->segment_count);
    for (int i = 0; i < batch->segment_count; i++) topic_add(array, write->names, batch->segments[i].input);
    array = arrays_begin(write->arrays, OID_INT4, batch->segment_count);
    for (int i = 0; i < batch->segment_count; i++) array_add_int4(array, batch->segments[i].partition);
}

void segments_int8s(write_t *write, size_t offset) {
    const batch_t *batch = write->batch;
    buf_t *array = arrays_begin(write->arrays, OID_INT8, batch->segment_count);
    for (int i = 0; i < batch->segment_count; i++) {
        int64_t value;
        memcpy(&value, (const char *)&batch->segments[i] + offset, sizeof value);
        array_add_int8(array, value);
    }
}

/* Records that were refused */

static void add_text_or_null(buf_t *array, const char *text) {
    if (text)
        array_add_bytes(array, text, (int32_t)strlen(text));
    else
        array_add_null(array);
}

static void refusals_place_arrays(arrays_t *arrays, const names_t *names, const batch_t *batch) {
    int count = batch->refusal_count;
    buf_t *array = arrays_begin(arrays, OID_TEXT, count);
    for (int i = 0; i < count; i++)
        topic_add(array, names, batch->segments[batch->refusals[i].segment].input);
    array = arrays_begin(arrays, OID_INT4, count);
    for (int i = 0; i < count; i++)
        array_add_int4(array, batch->segments[batch->refusals[i].segment].partition);
    array = arrays_begin(arrays, OID_INT8, count);
    for (int i = 0; i < count; i++) array_add_int8(array, batch->refusals[i].offset);
}

static void refusals_payload_arrays(arrays_t *arrays, const batch_t *batch) {
    int count = batch->refusal_count;
    buf_t *array = arrays_begin(arrays, OID_TEXT, count);
    for (int i = 0; i < count; i++) add_text_or_null(array, batch->refusals[i].reason);
    array = arrays_begin(arrays, OID_BYTEA, count);
    for (int i = 0; i < count; i++) {
        const refusal_t *refusal = &batch->refusals[i];
        size_t kept = refusal->payload_size < PAYLOAD_SIZE_MAX ? refusal->payload_size : PAYLOAD_SIZE_MAX;
        if (refusal->payload)
            array_add_bytes(array, refusal->payload, (int32_t)kept);
        else
            array_add_null(array);
    }
    array = arrays_begin(arrays, OID_INT8, count);
    for (int i = 0; i < count; i++) array_add_int8(array, (int64_t)batch->refusals[i].payload_size);
}

static void refusals_source_arrays(arrays_t *arrays, const batch_t *batch) {
    int count = batch->refusal_count;
    buf_t *array = arrays_begin(arrays, OID_TEXT, count);
    for (int i = 0; i < count; i++) add_text_or_null(array, batch->refusals[i].source_topic);
    array = arrays_begin(arrays, OID_INT4, count);
    for (int i = 0; i < count; i++) {
        int64_t partition = batch->refusals[i].source_partition;
        if (partition >= 0 && partition <= INT32_MAX)
            array_add_int4(array, (int32_t)partition);
        else
            array_add_null(array);
    }
    array = arrays_begin(arrays, OID_INT8, count);
    for (int i = 0; i < count; i++) {
        if (batch->refusals[i].source_offset >= 0)
            array_add_int8(array, batch->refusals[i].source_offset);
        else
            array_add_null(array);
    }
}

static void refusals_key_array(arrays_t *arrays, const batch_t *batch) {
    buf_t *array = arrays_begin(arrays, OID_BYTEA, batch->refusal_count);
    for (int i = 0; i < batch->refusal_count; i++) {
        if (batch->refusals[i].key)
            array_add_bytes(array, batch->refusals[i].key, (int32_t)batch->refusals[i].key_size);
        else
            array_add_null(array);
    }
}

err_t *refusals_write(write_t *write) {
    if (!write->batch->refusal_count) return NULL;
    arrays_reset(write->arrays);
    refusals_place_arrays(write->arrays, write->names, write->batch);
    refusals_payload_arrays(write->arrays, write->batch);
    refusals_source_arrays(write->arrays, write->batch);
    refusals_key_array(write->arrays, write->batch);
    return postgres_write(write->postgres, &statement_refusals, write->arrays, NULL);
}

/* The state of each partition */

err_t *state_write(write_t *write) {
    const segment_t *segments = write->batch->segments;
    arrays_t *arrays = write->arrays;
    int count = write->batch->segment_count;
    segments_arrays(write);
    segments_int8s(write, offsetof(segment_t, next));
    segments_int8s(write, offsetof(segment_t, written.inserted));
    segments_int8s(write, offsetof(segment_t, written.duplicates));
    segments_int8s(write, offsetof(segment_t, written.rejected));
    segments_int8s(write, offsetof(segment_t, lag));
    buf_t *array = arrays_begin(arrays, OID_TEXT, count);
    for (int i = 0; i < count; i++) {
        if (segments[i].last_tx_id)
            array_add_bytes(array, segments[i].last_tx_id, (int32_t)segments[i].last_tx_id_size);
        else
            array_add_null(array);
    }
    array = arrays_begin(arrays, OID_TIMESTAMPTZ, count);
    for (int i = 0; i < count; i++) {
        if (segments[i].last_tx_id)
            array_add_int8(array, segments[i].last_tx_time);
        else
            array_add_null(array);
    }
    array = arrays_begin(arrays, OID_TEXT, count);
    for (int i = 0; i < count; i++) add_text_or_null(array, segments[i].last_error);
    segments_int8s(write, offsetof(segment_t, written.revised));
    return postgres_write(write->postgres, &statement_state, arrays, NULL);
}
