#include "sink/table.h"

enum { COLUMN_RUN_ID, COLUMN_WALLET, COLUMN_OFFSET };

static const column_t columns[] = {
    {"run_id", COLUMN_TEXT, false},  {"wallet", COLUMN_TEXT, false}, {"offset", COLUMN_RECORD_OFFSET, false},
    {"score", COLUMN_DOUBLE, false}, {"level", COLUMN_TEXT, false},  {"reasons", COLUMN_JSON, true},
    {NULL, COLUMN_TEXT, false},
};

/* SQL in pieces keeps its own lines. */
/* clang-format off */
static const char sql[] =
    "INSERT INTO scoring_run_scores (run_id, wallet, score, level, reasons)"
    " SELECT run_id, wallet, score, level, coalesce(reasons, '[]') FROM ("
    "  SELECT unnest($1::text[]) AS run_id, unnest($2::text[]) AS wallet, unnest($3::int8[]) AS place,"
    "  unnest($4::float8[]) AS score, unnest($5::text[]) AS level, unnest($6::jsonb[]) AS reasons) r"
    " ON CONFLICT (run_id, wallet) DO UPDATE SET score = excluded.score, level = excluded.level,"
    "  reasons = excluded.reasons RETURNING run_id, wallet";
/* clang-format on */

const table_t table_scoring_run_scores = {
    .name = "scoring_run_scores",
    .columns = columns,
    .key = COLUMN_RUN_ID,
    .second_key = COLUMN_WALLET,
    .version = COLUMN_OFFSET,
    .write = {"write_scoring_run_scores", sql},
};
