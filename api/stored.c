#include "api/stored.h"

#include "api/api.h"

#include <stdlib.h>
#include <string.h>

/* SQL in pieces keeps its own lines. */
/* clang-format off */
static const statement_t statement = {
    "ingestion_state",
    "SELECT topic, partition, next_offset, inserted, duplicates, rejected, lag, last_tx_id,"
    " " SQL_ISO("last_tx_at") ", last_error, " SQL_ISO("last_error_at") ","
    " extract(epoch FROM now() - last_error_at), " SQL_ISO("updated_at")
    " FROM ingestion_state FULL JOIN sink_offsets USING (topic, partition) ORDER BY topic, partition",
    0};
/* clang-format on */

static const char *text_at(const PGresult *result, int row, int column) {
    return PQgetisnull(result, row, column) ? NULL : PQgetvalue(result, row, column);
}

static int64_t int_at(const PGresult *result, int row, int column, int64_t absent) {
    const char *text = text_at(result, row, column);
    return text ? strtoll(text, NULL, 10) : absent;
}

static double number_at(const PGresult *result, int row, int column) {
    const char *text = text_at(result, row, column);
    return text ? strtod(text, NULL) : 0;
}

static stored_row_t row_at(const PGresult *result, int row) {
    return (stored_row_t){.topic = text_at(result, row, 0),
                          .partition = (int)int_at(result, row, 1, 0),
                          .next_offset = int_at(result, row, 2, -1),
                          .inserted = int_at(result, row, 3, 0),
                          .duplicates = int_at(result, row, 4, 0),
                          .rejected = int_at(result, row, 5, 0),
                          .lag = int_at(result, row, 6, 0),
                          .last_tx_id = text_at(result, row, 7),
                          .last_tx_at = text_at(result, row, 8),
                          .last_error = text_at(result, row, 9),
                          .last_error_at = text_at(result, row, 10),
                          .last_error_age_s = number_at(result, row, 11),
                          .updated_at = text_at(result, row, 12)};
}

err_t *stored_read(pool_t *pool, stored_t *out) {
    PGresult *result;
    TRY(pool_query(pool, &statement, NULL, &result));
    *out = (stored_t){.result = result, .count = PQntuples(result)};
    out->rows = calloc((size_t)out->count + 1, sizeof *out->rows);
    if (!out->rows) abort();
    for (int i = 0; i < out->count; i++) out->rows[i] = row_at(result, i);
    return NULL;
}

void stored_clear(stored_t *stored) {
    free(stored->rows);
    PQclear(stored->result);
    *stored = (stored_t){0};
}

int64_t stored_inserted(const stored_t *stored, const char *topic) {
    int64_t sum = 0;
    for (int i = 0; i < stored->count; i++) {
        if (strcmp(stored->rows[i].topic, topic) == 0) sum += stored->rows[i].inserted;
    }
    return sum;
}
