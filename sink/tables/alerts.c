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
    "INSERT INTO alerts (alert_id, typology, severity, wallet, score, tx_ids, wallets, evidence,"
    "  rules_version, created_at)"
    " SELECT alert_id, typology, severity, wallet, score, tx_ids, wallets, evidence, rules_version,"
    "  created_at"
    " FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::float8[], $6::jsonb[],"
    "  $7::jsonb[], $8::jsonb[], $9::text[], $10::timestamptz[])"
    "  AS r(alert_id, typology, severity, wallet, score, tx_ids, wallets, evidence, rules_version,"
    "  created_at)"
    " ON CONFLICT (alert_id) DO NOTHING RETURNING alert_id";
/* clang-format on */

const table_t table_alerts = {
    .name = "alerts",
    .columns = columns,
    .key = 0,
    .version = -1,
    .write = {"write_alerts", sql},
};
