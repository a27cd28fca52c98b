#include "sink/batch_write.h"

#include <assert.h>
#include <endian.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    postgres_t *postgres;
    const names_t *names;
    batch_t *batch;
    arrays_t *arrays;
    bool careful; /* a row was refused before: find out which */
} write_t;

/* SQL in pieces keeps its own lines. */
/* clang-format off */
static const statement_t statement_positions_init = {
    "positions_init",
    "INSERT INTO sink_offsets (topic, partition, next_offset)"
    " SELECT topic, partition, 0 FROM unnest($1::text[], $2::int4[]) AS p(topic, partition)"
    " ON CONFLICT (topic, partition) DO NOTHING"};

/* In the order asked for. */
static const statement_t statement_positions = {
    "positions",
    "SELECT next_offset FROM unnest($1::text[], $2::int4[]) WITH ORDINALITY AS p(topic, partition, place)"
    " JOIN sink_offsets USING (topic, partition) ORDER BY place"};

/* Waits for whoever has the row, and then looks again whether it is where we believe. */
static const statement_t statement_advance = {
    "advance",
    "UPDATE sink_offsets o SET next_offset = m.next"
    " FROM unnest($1::text[], $2::int4[], $3::int8[], $4::int8[]) AS m(topic, partition, expected, next)"
    " WHERE o.topic = m.topic AND o.partition = m.partition AND o.next_offset = m.expected RETURNING 1"};

static const statement_t statement_refusals = {
    "refusals",
    "INSERT INTO ingestion_errors (topic, partition, \"offset\", reason, payload, payload_size,"
    "  source_topic, source_partition, source_offset)"
    " SELECT * FROM unnest($1::text[], $2::int4[], $3::int8[], $4::text[], $5::bytea[], $6::int8[],"
    "  $7::text[], $8::int4[], $9::int8[])"
    " ON CONFLICT (topic, partition, \"offset\") DO NOTHING"};

static const statement_t statement_state = {
    "state",
    "INSERT INTO ingestion_state AS s (topic, partition, last_offset, inserted, duplicates, rejected, lag,"
    "  last_tx_id, last_tx_at, last_error, last_error_at, updated_at)"
    " SELECT topic, partition, next - 1, inserted, duplicates, rejected, lag, tx_id, tx_at, error,"
    "  CASE WHEN error IS NOT NULL THEN now() END, now()"
    " FROM unnest($1::text[], $2::int4[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],"
    "  $8::text[], $9::timestamptz[], $10::text[])"
    "  AS r(topic, partition, next, inserted, duplicates, rejected, lag, tx_id, tx_at, error)"
    " ON CONFLICT (topic, partition) DO UPDATE SET last_offset = excluded.last_offset,"
    "  inserted = s.inserted + excluded.inserted, duplicates = s.duplicates + excluded.duplicates,"
    "  rejected = s.rejected + excluded.rejected, lag = excluded.lag,"
    "  last_tx_id = coalesce(excluded.last_tx_id, s.last_tx_id),"
    "  last_tx_at = coalesce(excluded.last_tx_at, s.last_tx_at),"
    "  last_error = coalesce(excluded.last_error, s.last_error),"
    "  last_error_at = coalesce(excluded.last_error_at, s.last_error_at), updated_at = excluded.updated_at"};
/* clang-format on */

/* Offsets */

static void add_topic(buf_t *array, const names_t *names, input_t input) {
    array_add_bytes(array, names->topics[input], (int32_t)strlen(names->topics[input]));
}

static int64_t int8_at(const PGresult *result, int row, int column) {
    uint64_t wire;
    assert(PQgetlength(result, row, column) == sizeof wire);
    memcpy(&wire, PQgetvalue(result, row, column), sizeof wire);
    return (int64_t)be64toh(wire);
}

static void positions_arrays(arrays_t *arrays, const names_t *names, const position_t *positions, int count) {
    arrays_reset(arrays);
    buf_t *array = arrays_begin(arrays, OID_TEXT, count);
    for (int i = 0; i < count; i++) add_topic(array, names, positions[i].input);
    array = arrays_begin(arrays, OID_INT4, count);
    for (int i = 0; i < count; i++) array_add_int4(array, positions[i].partition);
}

err_t *positions_load(postgres_t *postgres, const names_t *names, position_t *positions, int count) {
    arrays_t arrays = {0};
    PGresult *result = NULL;
    positions_arrays(&arrays, names, positions, count);
    err_t *err = postgres_write(postgres, &statement_positions_init, &arrays, NULL);
    if (!err) err = postgres_write(postgres, &statement_positions, &arrays, &result);
    arrays_clear(&arrays);
    if (err) return err;
    if (PQntuples(result) == count) {
        for (int i = 0; i < count; i++) positions[i].offset = int8_at(result, i, 0);
    } else {
        err = err_new_code(EXIT_UNAVAILABLE, "sink_offsets lost rows while it was read");
    }
    PQclear(result);
    return err;
}

/* Topic and partition of each stretch: the first two values of the statements about them. */
static void segments_arrays(write_t *write) {
    const batch_t *batch = write->batch;
    arrays_reset(write->arrays);
    buf_t *array = arrays_begin(write->arrays, OID_TEXT, batch->segment_count);
    for (int i = 0; i < batch->segment_count; i++) add_topic(array, write->names, batch->segments[i].input);
    array = arrays_begin(write->arrays, OID_INT4, batch->segment_count);
    for (int i = 0; i < batch->segment_count; i++) array_add_int4(array, batch->segments[i].partition);
}

/* The int64_t at `offset` of each stretch. */
static void segments_int8s(write_t *write, size_t offset) {
    const batch_t *batch = write->batch;
    buf_t *array = arrays_begin(write->arrays, OID_INT8, batch->segment_count);
    for (int i = 0; i < batch->segment_count; i++) {
        int64_t value;
        memcpy(&value, (const char *)&batch->segments[i] + offset, sizeof value);
        array_add_int8(array, value);
    }
}

static err_t *offsets_advance(write_t *write, bool *accepted) {
    PGresult *result;
    segments_arrays(write);
    segments_int8s(write, offsetof(segment_t, expected));
    segments_int8s(write, offsetof(segment_t, next));
    TRY(postgres_write(write->postgres, &statement_advance, write->arrays, &result));
    *accepted = PQntuples(result) == write->batch->segment_count;
    PQclear(result);
    return NULL;
}

/* Rows */

static uint32_t oid_of(column_kind_t kind) {
    switch (kind) {
    case COLUMN_TEXT:
    case COLUMN_NUMERIC: return OID_TEXT;
    case COLUMN_INT: return OID_INT8;
    case COLUMN_DOUBLE: return OID_FLOAT8;
    case COLUMN_JSON: return OID_JSONB;
    case COLUMN_TIME: return OID_TIMESTAMPTZ;
    }
    abort();
}

static void add_value(buf_t *array, column_kind_t kind, const value_t *value) {
    if (value->size < 0) {
        array_add_null(array);
        return;
    }
    switch (kind) {
    case COLUMN_TEXT:
    case COLUMN_NUMERIC: array_add_bytes(array, value->data, value->size); break;
    case COLUMN_INT:
    case COLUMN_TIME: array_add_int8(array, value->integer); break;
    case COLUMN_DOUBLE: array_add_float8(array, value->number); break;
    case COLUMN_JSON: array_add_jsonb(array, value->data, value->size); break;
    }
}

/* Here and below, `from` and `to` are places in the order of the keys. */
static void rows_arrays(arrays_t *arrays, const rows_t *rows, int from, int to) {
    arrays_reset(arrays);
    for (int column = 0; column < rows->column_count; column++) {
        column_kind_t kind = rows->table->columns[column].kind;
        buf_t *array = arrays_begin(arrays, oid_of(kind), to - from);
        for (int i = from; i < to; i++) add_value(array, kind, &rows_at(rows, rows->order[i])[column]);
    }
}

/* Counts, for each row of the range, whether it was written. */
static void rows_account(batch_t *batch, rows_t *rows, int from, int to, const PGresult *written) {
    bool all = PQntuples(written) == to - from;
    for (int i = from; i < to; i++) rows->origins[rows->order[i]].written = all;
    for (int i = 0; !all && i < PQntuples(written); i++) {
        int row = rows_find(rows, PQgetvalue(written, i, 0), (size_t)PQgetlength(written, i, 0));
        assert(row >= 0);
        rows->origins[row].written = true;
    }
    for (int i = from; i < to; i++) {
        const row_origin_t *origin = &rows->origins[rows->order[i]];
        tally_t *tally = &batch->segments[origin->segment].written;
        if (origin->written)
            tally->inserted++;
        else
            tally->duplicates++;
    }
}

static err_t *rows_write(write_t *write, rows_t *rows, int from, int to) {
    PGresult *written;
    rows_arrays(write->arrays, rows, from, to);
    TRY(postgres_write(write->postgres, &rows->table->write, write->arrays, &written));
    rows_account(write->batch, rows, from, to, written);
    PQclear(written);
    return NULL;
}

/* Halves the range until the row that Postgres refuses is alone. */
static err_t *rows_write_careful(write_t *write, rows_t *rows, int from, int to) {
    TRY(postgres_exec(write->postgres, "SAVEPOINT rows"));
    err_t *err = rows_write(write, rows, from, to);
    if (!err) return postgres_exec(write->postgres, "RELEASE rows");
    if (err_exit_code(err) != EXIT_FAILED) return err;
    if (to - from == 1) batch_refuse_row(write->batch, rows, rows->order[from], err_message(err));
    err_free(err);
    TRY(postgres_exec(write->postgres, "ROLLBACK TO rows; RELEASE rows"));
    if (to - from == 1) return NULL;
    int middle = from + (to - from) / 2;
    TRY(rows_write_careful(write, rows, from, middle));
    return rows_write_careful(write, rows, middle, to);
}

static err_t *tables_write(write_t *write) {
    for (int input = 0; input < INPUT_COUNT; input++) {
        rows_t *rows = &write->batch->rows[input];
        if (!rows->count) continue;
        rows_sort(rows);
        TRY(write->careful ? rows_write_careful(write, rows, 0, rows->count)
                           : rows_write(write, rows, 0, rows->count));
    }
    return NULL;
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
        add_topic(array, names, batch->segments[batch->refusals[i].segment].input);
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

static err_t *refusals_write(write_t *write) {
    if (!write->batch->refusal_count) return NULL;
    arrays_reset(write->arrays);
    refusals_place_arrays(write->arrays, write->names, write->batch);
    refusals_payload_arrays(write->arrays, write->batch);
    refusals_source_arrays(write->arrays, write->batch);
    return postgres_write(write->postgres, &statement_refusals, write->arrays, NULL);
}

/* The state of each partition */

static err_t *state_write(write_t *write) {
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
    return postgres_write(write->postgres, &statement_state, arrays, NULL);
}

/* The transaction */

static err_t *attempt(write_t *write, bool *accepted) {
    batch_attempt(write->batch);
    TRY(postgres_exec(write->postgres, "BEGIN"));
    TRY(offsets_advance(write, accepted));
    if (!*accepted) return postgres_exec(write->postgres, "ROLLBACK");
    TRY(tables_write(write));
    TRY(refusals_write(write));
    TRY(state_write(write));
    return postgres_exec(write->postgres, "COMMIT");
}

/* A refusal by our own batch, whose commit's outcome never came. */
static err_t *was_written(const write_t *write, bool *written) {
    const batch_t *batch = write->batch;
    int count = batch->segment_count;
    position_t *positions = calloc((size_t)count + 1, sizeof *positions);
    if (!positions) abort();
    for (int i = 0; i < count; i++) {
        positions[i] = (position_t){batch->segments[i].input, batch->segments[i].partition, 0};
    }
    err_t *err = positions_load(write->postgres, write->names, positions, count);
    *written = true;
    for (int i = 0; i < count; i++) *written = *written && positions[i].offset == batch->segments[i].next;
    free(positions);
    return err;
}

/* Whether the batch may be tried again on this connection; takes the error where it may. */
static bool may_retry(write_t *write, err_t *err, int attempts) {
    bool refused = err_exit_code(err) == EXIT_FAILED && !write->careful;
    bool contended = postgres_was_contended(write->postgres) && attempts < CONTENTION_ATTEMPTS_MAX;
    if (!refused && !contended) return false;
    if (refused) write->careful = true;
    err_free(err);
    return true;
}

err_t *batch_write(postgres_t *postgres, const names_t *names, batch_t *batch, bool *accepted) {
    write_t write = {.postgres = postgres, .names = names, .batch = batch, .arrays = &batch->arrays};
    err_t *err = attempt(&write, accepted);
    for (int attempts = 1; err && may_retry(&write, err, attempts); attempts++) {
        TRY(postgres_exec(postgres, "ROLLBACK"));
        err = attempt(&write, accepted);
    }
    return err || *accepted ? err : was_written(&write, accepted);
}
