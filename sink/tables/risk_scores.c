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
 * look. SQL in pieces keeps its own lines. */
/* clang-format off */
static const char sql[] =
    "INSERT INTO risk_scores AS s (wallet, score, level, version, in_degree, out_degree, received_count,"
    "  sent_count, received_total, sent_total, reasons, exposures, tx_id, rules_version, first_seen,"
    "  last_seen, updated_at)"
    " SELECT wallet, score, level, version, in_degree, out_degree, received_count, sent_count,"
    "  received_total::numeric, sent_total::numeric, reasons, coalesce(exposures, '[]'), tx_id,"
    "  rules_version, first_seen, last_seen, updated_at"
    " FROM unnest($1::text[], $2::float8[], $3::text[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],"
    "  $8::int8[], $9::text[], $10::text[], $11::jsonb[], $12::jsonb[], $13::text[], $14::text[],"
    "  $15::timestamptz[], $16::timestamptz[], $17::timestamptz[])"
    "  AS r(wallet, score, level, version, in_degree, out_degree, received_count, sent_count,"
    "  received_total, sent_total, reasons, exposures, tx_id, rules_version, first_seen, last_seen,"
    "  updated_at)"
    " ON CONFLICT (wallet) DO UPDATE SET"
    "  score = excluded.score, level = excluded.level, version = excluded.version,"
    "  in_degree = excluded.in_degree, out_degree = excluded.out_degree,"
    "  received_count = excluded.received_count, sent_count = excluded.sent_count,"
    "  received_total = excluded.received_total, sent_total = excluded.sent_total,"
    "  reasons = excluded.reasons, exposures = excluded.exposures, tx_id = excluded.tx_id,"
    "  rules_version = excluded.rules_version, first_seen = excluded.first_seen,"
    "  last_seen = excluded.last_seen, updated_at = excluded.updated_at"
    " WHERE excluded.version > s.version RETURNING wallet";
/* clang-format on */

const table_t table_risk_scores = {
    .name = "risk_scores",
    .columns = columns,
    .key = COLUMN_WALLET,
    .version = COLUMN_VERSION,
    .write = {"write_risk_scores", sql},
};
