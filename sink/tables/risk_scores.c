#include "sink/table.h"

enum { COLUMN_WALLET = 0, COLUMN_VERSION = 3 };

static const column_t columns[] = {
    {"wallet", COLUMN_TEXT, false},
    {"score", COLUMN_DOUBLE, false},
    {"level", COLUMN_TEXT, false},
    {"version", COLUMN_INT, false},
    {"in_degree", COLUMN_INT, false},
    {"out_degree", COLUMN_INT, false},
    {"received_count", COLUMN_INT, false},
    {"sent_count", COLUMN_INT, false},
    {"received_total", COLUMN_NUMERIC, false},
    {"sent_total", COLUMN_NUMERIC, false},
    {"reasons", COLUMN_JSON, false},
    {"exposures", COLUMN_JSON, true},
    {"tx_id", COLUMN_TEXT, true},
    {"rules_version", COLUMN_TEXT, true},
    {"first_seen", COLUMN_TIME, true},
    {"last_seen", COLUMN_TIME, true},
    {"updated_at", COLUMN_TIME, true},
    {NULL, COLUMN_TEXT, false},
};

/* A row is rewritten only by a greater version: a record that comes again, or late, costs no more than a
 * look. What it says of the score before serves the history and those who listen. SQL in pieces keeps its own
 * lines. */
/* clang-format off */
static const char sql[] =
    "WITH written AS (INSERT INTO risk_scores AS s (wallet, score, level, version, in_degree, out_degree,"
    "  received_count, sent_count, received_total, sent_total, reasons, exposures, tx_id, rules_version,"
    "  first_seen, last_seen, updated_at)"
    "  SELECT wallet, score, level, version, in_degree, out_degree, received_count, sent_count,"
    "   received_total::numeric, sent_total::numeric, reasons, coalesce(exposures, '[]'), tx_id,"
    "   rules_version, first_seen, last_seen, updated_at FROM ("
    "   SELECT unnest($1::text[]) AS wallet, unnest($2::float8[]) AS score, unnest($3::text[]) AS level,"
    "    unnest($4::int8[]) AS version, unnest($5::int8[]) AS in_degree, unnest($6::int8[]) AS out_degree,"
    "    unnest($7::int8[]) AS received_count, unnest($8::int8[]) AS sent_count,"
    "    unnest($9::text[]) AS received_total, unnest($10::text[]) AS sent_total,"
    "    unnest($11::jsonb[]) AS reasons, unnest($12::jsonb[]) AS exposures, unnest($13::text[]) AS tx_id,"
    "    unnest($14::text[]) AS rules_version, unnest($15::timestamptz[]) AS first_seen,"
    "    unnest($16::timestamptz[]) AS last_seen, unnest($17::timestamptz[]) AS updated_at) r"
    "  ON CONFLICT (wallet) DO UPDATE SET"
    "   score = excluded.score, level = excluded.level, version = excluded.version,"
    "   in_degree = excluded.in_degree, out_degree = excluded.out_degree,"
    "   received_count = excluded.received_count, sent_count = excluded.sent_count,"
    "   received_total = excluded.received_total, sent_total = excluded.sent_total,"
    "   reasons = excluded.reasons, exposures = excluded.exposures, tx_id = excluded.tx_id,"
    "   rules_version = excluded.rules_version, first_seen = excluded.first_seen,"
    "   last_seen = excluded.last_seen, updated_at = excluded.updated_at,"
    "   previous_score = s.score, previous_level = s.level"
    "  WHERE excluded.version > s.version"
    "  RETURNING wallet, score, level, version, reasons, tx_id, rules_version, previous_score, previous_level),"
    " history AS (INSERT INTO risk_score_history (wallet, version, score, level, previous_score, reasons,"
    "  tx_id, rules_version)"
    "  SELECT wallet, version, score, level, previous_score, reasons, tx_id, rules_version FROM written"
    "  WHERE coalesce(previous_score, 0) <> score OR previous_level <> level)"
    " SELECT wallet, CASE WHEN abs(score - coalesce(previous_score, 0)) >= $18::float8"
    "  THEN json_build_object('wallet', wallet, 'score', score, 'previous_score', previous_score,"
    "  'level', level, 'version', version)::text END FROM written";
/* clang-format on */

const table_t table_risk_scores = {
    .name = "risk_scores",
    .columns = columns,
    .key = COLUMN_WALLET,
    .second_key = -1,
    .version = COLUMN_VERSION,
    .write = {"write_risk_scores", sql},
    .channel = "amlstream_scores",
    .takes_threshold = true,
};
