#include "sink/table.h"

enum { COLUMN_TX_ID = 0, COLUMN_TIMESTAMP = 5, COLUMN_REVISION = 10 };

static const column_t columns[] = {
    {"tx_id", COLUMN_TEXT, false},     {"src", COLUMN_TEXT, false},    {"dst", COLUMN_TEXT, false},
    {"amount", COLUMN_NUMERIC, false}, {"asset", COLUMN_TEXT, true},   {"timestamp", COLUMN_TIME, false},
    {"score", COLUMN_DOUBLE, false},   {"level", COLUMN_TEXT, false},  {"reasons", COLUMN_JSON, false},
    {"value", COLUMN_NUMERIC, true},   {"revision", COLUMN_INT, true}, {NULL, COLUMN_TEXT, false},
};

/* SQL in pieces keeps its own lines. */
/* clang-format off */
#define ROWS_SQL                                                                                             \
    "WITH r AS MATERIALIZED (SELECT unnest($1::text[]) AS tx_id, unnest($2::text[]) AS src,"                 \
    "  unnest($3::text[]) AS dst, unnest($4::text[]) AS amount, unnest($5::text[]) AS asset,"                \
    "  unnest($6::timestamptz[]) AS at, unnest($7::float8[]) AS score, unnest($8::text[]) AS level,"         \
    "  unnest($9::jsonb[]) AS reasons, unnest($10::text[]) AS value, unnest($11::int8[]) AS revision)"

/* A transfer is new where its id is. IS TRUE keeps the look for it a hash table: as a join, of which the
 * planner does not know how many rows it has, it could become a loop in a loop. */
static const char sql[] =
    ROWS_SQL
    ", new AS (INSERT INTO transaction_ids (tx_id, \"timestamp\") SELECT tx_id, at FROM r"
    "  ON CONFLICT (tx_id) DO NOTHING RETURNING tx_id)"
    " INSERT INTO transactions (tx_id, src, dst, amount, asset, \"timestamp\", score, level, reasons, value,"
    "  revision)"
    " SELECT tx_id, src, dst, amount::numeric, asset, at, score, level, reasons, value::numeric,"
    "  coalesce(revision, 0) FROM r"
    " WHERE (tx_id IN (SELECT tx_id FROM new)) IS TRUE RETURNING tx_id";

/* Its risk, told anew. One with the same id and another sender or time is another transfer, and stays out. */
static const char revise_sql[] =
    ROWS_SQL
    " UPDATE transactions t SET score = r.score, level = r.level, reasons = r.reasons, revision = r.revision"
    " FROM r WHERE t.\"timestamp\" = r.at AND t.tx_id = r.tx_id AND t.src = r.src AND t.revision < r.revision"
    " RETURNING t.tx_id";
/* clang-format on */

const table_t table_transactions = {
    .name = "transactions",
    .columns = columns,
    .key = COLUMN_TX_ID,
    .second_key = -1,
    .version = COLUMN_REVISION,
    .time = COLUMN_TIMESTAMP,
    .write = {"write_transactions", sql},
    .revise = {"revise_transactions", revise_sql},
};
