#include "sink/batch_write.h"

#include "sink/write.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

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
