#include "sink/table.h"

static const column_t columns[] = {
    {"alert_id", COLUMN_TEXT, false},     {"typology", COLUMN_TEXT, false},
    {"severity", COLUMN_TEXT, false},     {"wallet", COLUMN_TEXT, false},
    {"score", COLUMN_DOUBLE, false},      {"tx_ids", COLUMN_JSON, false},
    {"wallets", COLUMN_JSON, false},      {"evidence", COLUMN_JSON, false},
    {"rules_version", COLUMN_TEXT, true}, {"created_at", COLUMN_TIME, false},
    {NULL, COLUMN_TEXT, false},
};

/* SQL in pieces keeps its own lines. */
/* clang-format off */
static const char sql[] =
    "WITH new AS (INSERT INTO alerts (alert_id, typology, severity, wallet, score, tx_ids, wallets, evidence,"
    "  rules_version, created_at)"
    " SELECT unnest($1::text[]), unnest($2::text[]), unnest($3::text[]), unnest($4::text[]),"
    "  unnest($5::float8[]), unnest($6::jsonb[]), unnest($7::jsonb[]), unnest($8::jsonb[]),"
    "  unnest($9::text[]), unnest($10::timestamptz[])"
    " ON CONFLICT (alert_id) DO NOTHING RETURNING alert_id, typology, severity, wallet, score, created_at),"
    " raised AS (INSERT INTO alert_events (alert_id, kind, actor) SELECT alert_id, 'raised', 'sink' FROM new)"
    " SELECT alert_id, json_build_object('alert_id', alert_id, 'typology', typology, 'severity', severity,"
    "  'wallet', wallet, 'score', score, 'created_at', created_at)::text FROM new";
/* clang-format on */

const table_t table_alerts = {
    .name = "alerts",
    .columns = columns,
    .key = 0,
    .second_key = -1,
    .version = -1,
    .write = {"write_alerts", sql},
    .channel = "amlstream_alerts",
};
