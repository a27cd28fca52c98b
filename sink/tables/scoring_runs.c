#include "sink/table.h"

enum { COLUMN_RUN_ID, COLUMN_OFFSET };

static const column_t columns[] = {
    {"run_id", COLUMN_TEXT, false},    {"offset", COLUMN_RECORD_OFFSET, false},
    {"state", COLUMN_TEXT, false},     {"rules_version", COLUMN_TEXT, true},
    {"started_at", COLUMN_TIME, true}, {"finished_at", COLUMN_TIME, true},
    {"wallets", COLUMN_INT, true},     {"summary", COLUMN_JSON, true},
    {NULL, COLUMN_TEXT, false},
};

/* A later record of a run need not say again what an earlier one said. The model has no clock: a run has
 * finished when we hear of it. SQL in pieces keeps its own lines. */
/* clang-format off */
static const char sql[] =
    "INSERT INTO scoring_runs AS s (run_id, state, rules_version, started_at, finished_at, wallets, summary)"
    " SELECT run_id, state, rules_version, coalesce(started_at, finished_at, now()),"
    " coalesce(finished_at, CASE state WHEN 'finished' THEN now() END), wallets, summary FROM ("
    "  SELECT unnest($1::text[]) AS run_id, unnest($2::int8[]) AS place, unnest($3::text[]) AS state,"
    "  unnest($4::text[]) AS rules_version, unnest($5::timestamptz[]) AS started_at,"
    "  unnest($6::timestamptz[]) AS finished_at, unnest($7::int8[]) AS wallets,"
    "  unnest($8::jsonb[]) AS summary) r"
    " ON CONFLICT (run_id) DO UPDATE SET state = excluded.state,"
    "  rules_version = coalesce(excluded.rules_version, s.rules_version),"
    "  started_at = least(excluded.started_at, s.started_at),"
    "  finished_at = coalesce(s.finished_at, excluded.finished_at),"
    "  wallets = coalesce(excluded.wallets, s.wallets), summary = coalesce(excluded.summary, s.summary)"
    " RETURNING run_id";
/* clang-format on */

const table_t table_scoring_runs = {
    .name = "scoring_runs",
    .columns = columns,
    .key = COLUMN_RUN_ID,
    .second_key = -1,
    .version = COLUMN_OFFSET,
    .write = {"write_scoring_runs", sql},
};
