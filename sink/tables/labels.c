#include "sink/table.h"

enum { COLUMN_WALLET, COLUMN_OFFSET };

/* The latest record of a wallet counts, and one without a category withdraws the label. */
static const column_t columns[] = {
    {"wallet", COLUMN_RECORD_KEY, false}, {"offset", COLUMN_RECORD_OFFSET, false},
    {"category", COLUMN_TEXT, true},      {"source", COLUMN_TEXT, true},
    {"confidence", COLUMN_DOUBLE, true},  {"note", COLUMN_TEXT, true},
    {NULL, COLUMN_TEXT, false},
};

/* What an earlier batch stored came before, whatever its offset was: it is sink_offsets that keeps the order.
 * SQL in pieces keeps its own lines. */
/* clang-format off */
static const char sql[] =
    "WITH r AS MATERIALIZED (SELECT unnest($1::text[]) AS wallet, unnest($2::int8[]) AS place,"
    "  unnest($3::text[]) AS category, unnest($4::text[]) AS source, unnest($5::float8[]) AS confidence,"
    "  unnest($6::text[]) AS note),"
    " withdrawn AS (DELETE FROM labels l USING r WHERE l.wallet = r.wallet AND r.category IS NULL"
    "  RETURNING l.wallet),"
    " put AS (INSERT INTO labels (wallet, category, source, confidence, note)"
    "  SELECT wallet, category, source, confidence, note FROM r WHERE category IS NOT NULL"
    "  ON CONFLICT (wallet) DO UPDATE SET category = excluded.category, source = excluded.source,"
    "   confidence = excluded.confidence, note = excluded.note, updated_at = now()"
    "  RETURNING wallet)"
    " SELECT wallet FROM withdrawn UNION ALL SELECT wallet FROM put";
/* clang-format on */

const table_t table_labels = {
    .name = "labels",
    .columns = columns,
    .key = COLUMN_WALLET,
    .second_key = -1,
    .version = COLUMN_OFFSET,
    .write = {"write_labels", sql},
};
