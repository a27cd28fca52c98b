/* A table that records of one topic become rows of: its columns, and the one statement that writes a
 * batch. */
#pragma once

#include "sink/arena.h"
#include "sink/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    COLUMN_TEXT,
    COLUMN_INT,     /* int8 */
    COLUMN_DOUBLE,  /* float8 */
    COLUMN_NUMERIC, /* goes as the text that the record has, never through a double; the statement casts it */
    COLUMN_JSON,    /* jsonb, an array or an object, as it stands in the record */
    COLUMN_TIME,    /* timestamptz */
} column_kind_t;

typedef struct {
    const char *name; /* of the record's field */
    column_kind_t kind;
    bool nullable; /* may be null or absent */
} column_t;

/* Prepared on each connection at its first use there. */
typedef struct {
    const char *name;
    const char *sql;
} statement_t;

typedef struct {
    const char *name;
    const column_t *columns; /* ends with a NULL name; at most COLUMNS_MAX */
    int key;                 /* the column that tells rows apart, a text */
    int version; /* a COLUMN_INT: of rows with one key the greatest counts; -1: the first counts */
    int time;    /* of transfers: the COLUMN_TIME of when they were */
    /* Takes one array a column, and returns the keys of the rows that were written. */
    statement_t write;
} table_t;

extern const table_t table_transactions, table_risk_scores, table_alerts;

/* A value of a row, by the kind of its column. */
typedef struct {
    union {
        const char *data; /* into the record or the arena: COLUMN_TEXT, COLUMN_NUMERIC, COLUMN_JSON */
        int64_t integer;  /* COLUMN_INT; COLUMN_TIME, in µs since 2000 */
        double number;
    };
    int32_t size; /* of data; -1: null */
} value_t;

int table_column_count(const table_t *table);
/* Makes a row of the record, with values[] as long as there are columns; they point into `record` and
 * `arena`. Returns NULL, or why it cannot be one, in the arena or static. */
const char *table_row(const table_t *table, const char *record, size_t size, arena_t *arena, value_t *values);

/* Times as Postgres has them. */
int64_t postgres_time_of_ms(int64_t ms);
