#include "sink/table.h"

enum { COLUMN_TX_ID = 0, COLUMN_TIMESTAMP = 5 };

static const column_t columns[] = {
    {"tx_id", COLUMN_TEXT, false},     {"src", COLUMN_TEXT, false},   {"dst", COLUMN_TEXT, false},
    {"amount", COLUMN_NUMERIC, false}, {"asset", COLUMN_TEXT, true},  {"timestamp", COLUMN_TIME, false},
    {"score", COLUMN_DOUBLE, false},   {"level", COLUMN_TEXT, false}, {"reasons", COLUMN_JSON, false},
    {NULL, COLUMN_TEXT, false},
};

/* SQL in pieces keeps its own lines. */
/* clang-format off */
static const char sql[] =
    "INSERT INTO transactions (tx_id, src, dst, amount, asset, \"timestamp\", score, level, reasons)"
    " SELECT tx_id, src, dst, amount::numeric, asset, at, score, level, reasons"
    " FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[],"
    "  $7::float8[], $8::text[], $9::jsonb[])"
    "  AS r(tx_id, src, dst, amount, asset, at, score, level, reasons)"
    " ON CONFLICT (tx_id) DO NOTHING RETURNING tx_id";
/* clang-format on */

const table_t table_transactions = {
    .name = "transactions",
    .columns = columns,
    .key = COLUMN_TX_ID,
    .version = -1,
    .time = COLUMN_TIMESTAMP,
    .write = {"write_transactions", sql},
};
