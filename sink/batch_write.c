#include "sink/batch_write.h"

#include "sink/write.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Rows */

static uint32_t oid_of(column_kind_t kind) {
    switch (kind) {
    case COLUMN_TEXT:
    case COLUMN_RECORD_KEY:
    case COLUMN_NUMERIC: return OID_TEXT;
    case COLUMN_INT:
    case COLUMN_RECORD_OFFSET: return OID_INT8;
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
    case COLUMN_RECORD_KEY:
    case COLUMN_NUMERIC: array_add_bytes(array, value->data, value->size); break;
    case COLUMN_INT:
    case COLUMN_RECORD_OFFSET:
    case COLUMN_TIME: array_add_int8(array, value->integer); break;
    case COLUMN_DOUBLE: array_add_float8(array, value->number); break;
    case COLUMN_JSON: array_add_jsonb(array, value->data, value->size); break;
    }
}

/* Here and below, `from` and `to` are places in the order of the keys. */
static bool is_wanted(const rows_t *rows, int place, bool to_revise) {
    int row = rows->order[place];
    return !to_revise ||
           (!rows->origins[row].written && rows_at(rows, row)[rows->table->version].integer > 0);
}

/* All rows, or those that are to be revised. Returns how many. */
static int rows_arrays(arrays_t *arrays, const rows_t *rows, int from, int to, bool to_revise) {
    int count = 0;
    arrays_reset(arrays);
    for (int i = from; i < to; i++) count += is_wanted(rows, i, to_revise);
    for (int column = 0; count && column < rows->column_count; column++) {
        column_kind_t kind = rows->table->columns[column].kind;
        buf_t *array = arrays_begin(arrays, oid_of(kind), count);
        for (int i = from; i < to; i++) {
            if (is_wanted(rows, i, to_revise)) add_value(array, kind, &rows_at(rows, rows->order[i])[column]);
        }
    }
    return count;
}

static value_t value_of(const PGresult *result, int row, int column) {
    return (value_t){.data = PQgetvalue(result, row, column), .size = PQgetlength(result, row, column)};
}

/* The row that a row of the answer is about. */
static int row_written(const rows_t *rows, const PGresult *written, int i) {
    const table_t *table = rows->table;
    value_t values[COLUMNS_MAX];
    values[table->key] = value_of(written, i, 0);
    if (table->second_key >= 0) values[table->second_key] = value_of(written, i, 1);
    int row = rows_find(rows, values);
    assert(row >= 0);
    return row;
}

static void rows_tell(feed_t *feed, const table_t *table, const PGresult *written) {
    int column = table->second_key >= 0 ? 2 : 1;
    for (int i = 0; table->channel && i < PQntuples(written); i++) {
        if (!PQgetisnull(written, i, column))
            feed_add(feed, PQgetvalue(written, i, column), (size_t)PQgetlength(written, i, column));
    }
}

static void rows_mark(rows_t *rows, int from, int to, const PGresult *written) {
    bool all = PQntuples(written) == to - from;
    for (int i = from; i < to; i++) {
        rows->origins[rows->order[i]].written = all;
        rows->origins[rows->order[i]].revised = false;
    }
    for (int i = 0; !all && i < PQntuples(written); i++)
        rows->origins[row_written(rows, written, i)].written = true;
}

/* Counts, for each row of the range, what became of it. */
static void rows_account(batch_t *batch, const rows_t *rows, int from, int to) {
    for (int i = from; i < to; i++) {
        const row_origin_t *origin = &rows->origins[rows->order[i]];
        tally_t *tally = &batch->segments[origin->segment].written;
        if (origin->written)
            tally->inserted++;
        else if (origin->revised)
            tally->revised++;
        else
            tally->duplicates++;
    }
}

static err_t *rows_revise(write_t *write, rows_t *rows, int from, int to) {
    PGresult *revised;
    if (!rows->table->revise.sql || !rows_arrays(write->arrays, rows, from, to, true)) return NULL;
    TRY(postgres_write(write->postgres, &rows->table->revise, write->arrays, &revised));
    for (int i = 0; i < PQntuples(revised); i++) rows->origins[row_written(rows, revised, i)].revised = true;
    PQclear(revised);
    return NULL;
}

static err_t *rows_write(write_t *write, rows_t *rows, int from, int to) {
    PGresult *written;
    rows_arrays(write->arrays, rows, from, to, false);
    if (rows->table->takes_threshold) value_add_float8(write->arrays, write->told_change);
    TRY(postgres_write(write->postgres, &rows->table->write, write->arrays, &written));
    rows_mark(rows, from, to, written);
    rows_tell(&write->batch->feeds[rows - write->batch->rows], rows->table, written);
    PQclear(written);
    TRY(rows_revise(write, rows, from, to));
    rows_account(write->batch, rows, from, to);
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
    for (int table = 0; table < TABLE_COUNT; table++) {
        rows_t *rows = &write->batch->rows[table];
        if (!rows->count) continue;
        rows_sort(rows);
        TRY(write->careful ? rows_write_careful(write, rows, 0, rows->count)
                           : rows_write(write, rows, 0, rows->count));
    }
    return NULL;
}

static err_t *feeds_send(write_t *write) {
    for (int table = 0; !write->silent && table < TABLE_COUNT; table++) {
        TRY(feed_send(&write->batch->feeds[table], tables[table]->channel, write->postgres, write->arrays));
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
    TRY(feeds_send(write));
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

/* Whether the batch may be tried again on this connection; takes the error where it may. A refusal that is of
 * no row can only be of the notifications: Postgres keeps them for a listener that does not listen, up to a
 * limit. */
static bool may_retry(write_t *write, err_t *err, int attempts) {
    bool refused = err_exit_code(err) == EXIT_FAILED && !write->silent;
    bool contended = postgres_was_contended(write->postgres) && attempts < CONTENTION_ATTEMPTS_MAX;
    if (!refused && !contended) return false;
    if (refused && write->careful) write->silent = true;
    if (refused) write->careful = true;
    err_free(err);
    return true;
}

err_t *batch_write(postgres_t *postgres, const write_options_t *options, batch_t *batch, bool *accepted) {
    write_t write = {.postgres = postgres,
                     .names = options->names,
                     .told_change = options->told_change,
                     .batch = batch,
                     .arrays = &batch->arrays};
    TRY(months_add(&write));
    err_t *err = attempt(&write, accepted);
    for (int attempts = 1; err && may_retry(&write, err, attempts); attempts++) {
        TRY(postgres_exec(postgres, "ROLLBACK"));
        err = attempt(&write, accepted);
    }
    return err || *accepted ? err : was_written(&write, accepted);
}
