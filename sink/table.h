/* A table that records become rows of: its columns, and the one statement that writes a batch. */
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
    /* Not fields: of the record itself. */
    COLUMN_RECORD_KEY,    /* text; a wallet in its normal form (address.h) */
    COLUMN_RECORD_OFFSET, /* int8 */
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
    int key;                 /* the column that tells rows apart, a text; */
    int second_key;          /* with this one, or -1 */
    int version; /* an integer, null is 0: of rows with one key the greatest counts; -1: the first */
    int time;    /* of transfers: the COLUMN_TIME of when they were */
    /* Takes one array a column, and returns a row for each that was written: the key, the second key where
     * there is one, and for a table with a channel the JSON object that listeners get, or null. */
    statement_t write;
    /* Takes the same arrays, of rows with a version above 0 that were not written, and returns the keys of
     * those that stood there with a lower one; no SQL: what is there stays. A statement of its own, so that
     * it sees a row that another instance wrote meanwhile. */
    statement_t revise;
    const char *channel;  /* of NOTIFY; NULL: nobody is told */
    bool takes_threshold; /* after the arrays comes the change of score that is worth telling */
} table_t;

typedef enum {
    TABLE_TRANSACTIONS,
    TABLE_RISK_SCORES,
    TABLE_ALERTS,
    TABLE_LABELS,
    TABLE_SCORING_RUNS,
    TABLE_SCORING_RUN_SCORES,
    TABLE_COUNT,
    TABLE_NONE = TABLE_COUNT,
} table_id_t;

extern const table_t table_transactions, table_risk_scores, table_alerts, table_labels, table_scoring_runs,
    table_scoring_run_scores;
extern const table_t *const tables[TABLE_COUNT];

/* A value of a row, by the kind of its column. */
typedef struct {
    union {
        const char *data; /* into the record or the arena: COLUMN_TEXT, COLUMN_NUMERIC, COLUMN_JSON */
        int64_t integer;  /* COLUMN_INT; COLUMN_TIME, in µs since 2000 */
        double number;
    };
    int32_t size; /* of data; -1: null */
} value_t;

/* A record as it came. */
typedef struct {
    int64_t offset;
    int64_t time_ms; /* when Kafka got it; 0: unknown */
    const char *key; /* NULL: none */
    size_t key_size;
    const char *value; /* NULL: a tombstone */
    size_t size;
    /* Of dead letters: the headers; NULL or -1: none. */
    const char *error, *source_topic;
    int64_t source_partition, source_offset;
} record_t;

int table_column_count(const table_t *table);
/* Makes a row of the record, with values[] as long as there are columns; they point into the record's key and
 * value and `arena`. Of a tombstone every field is absent. Returns NULL, or why it cannot be one, in the
 * arena or static. */
const char *table_row(const table_t *table, const record_t *record, arena_t *arena, value_t *values);

/* Times as Postgres has them. */
enum { POSTGRES_EPOCH_S = 946684800 };
int64_t postgres_time_of_ms(int64_t ms);
