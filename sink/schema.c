#include "sink/schema.h"

#include <stddef.h>

/* SQL in pieces keeps its own lines. */
/* clang-format off */

/* Ids are compared byte by byte: cheaper than by language in an index, and one order in every database. */
static const char tables[] =
    "CREATE TABLE transactions ("
    " tx_id text COLLATE \"C\" PRIMARY KEY,"
    " src text COLLATE \"C\" NOT NULL,"
    " dst text COLLATE \"C\" NOT NULL,"
    " amount numeric NOT NULL,"
    " asset text,"
    " \"timestamp\" timestamptz NOT NULL,"
    " score double precision NOT NULL,"
    " level text NOT NULL,"
    " reasons jsonb NOT NULL,"
    " inserted_at timestamptz NOT NULL DEFAULT now());"

    "CREATE TABLE risk_scores ("
    " wallet text COLLATE \"C\" PRIMARY KEY,"
    " score double precision NOT NULL,"
    " level text NOT NULL,"
    " version bigint NOT NULL,"
    " in_degree bigint NOT NULL,"
    " out_degree bigint NOT NULL,"
    " received_count bigint NOT NULL,"
    " sent_count bigint NOT NULL,"
    " received_total numeric NOT NULL,"
    " sent_total numeric NOT NULL,"
    " reasons jsonb NOT NULL,"
    " exposures jsonb NOT NULL,"
    " tx_id text,"
    " rules_version text,"
    " first_seen timestamptz,"
    " last_seen timestamptz,"
    " updated_at timestamptz) WITH (fillfactor = 80);"
    "COMMENT ON COLUMN risk_scores.version IS"
    " 'rises with each score of the wallet; a row is replaced only by a later one';"

    "CREATE TABLE alerts ("
    " alert_id text COLLATE \"C\" PRIMARY KEY,"
    " typology text COLLATE \"C\" NOT NULL,"
    " severity text NOT NULL,"
    " wallet text COLLATE \"C\" NOT NULL,"
    " score double precision NOT NULL,"
    " tx_ids jsonb NOT NULL,"
    " wallets jsonb NOT NULL,"
    " evidence jsonb NOT NULL,"
    " rules_version text,"
    " created_at timestamptz NOT NULL,"
    " inserted_at timestamptz NOT NULL DEFAULT now());"

    "CREATE TABLE sink_offsets ("
    " topic text COLLATE \"C\","
    " partition int,"
    " next_offset bigint NOT NULL,"
    " PRIMARY KEY (topic, partition)) WITH (fillfactor = 50);"
    "COMMENT ON TABLE sink_offsets IS"
    " 'written in the transaction of the rows: what is below next_offset is stored';"

    "CREATE TABLE ingestion_state ("
    " topic text COLLATE \"C\","
    " partition int,"
    " last_offset bigint,"
    " last_tx_id text,"
    " last_tx_at timestamptz,"
    " inserted bigint NOT NULL DEFAULT 0,"
    " duplicates bigint NOT NULL DEFAULT 0,"
    " rejected bigint NOT NULL DEFAULT 0,"
    " lag bigint NOT NULL DEFAULT 0,"
    " last_error text,"
    " last_error_at timestamptz,"
    " updated_at timestamptz NOT NULL DEFAULT now(),"
    " PRIMARY KEY (topic, partition)) WITH (fillfactor = 50);"
    "COMMENT ON COLUMN ingestion_state.inserted IS"
    " 'rows that records of this partition made or replaced';"
    "COMMENT ON COLUMN ingestion_state.duplicates IS"
    " 'records that changed nothing: their row, or a later one, was there';"
    "COMMENT ON COLUMN ingestion_state.rejected IS 'records that are in ingestion_errors';"

    "CREATE TABLE ingestion_errors ("
    " topic text COLLATE \"C\","
    " partition int,"
    " \"offset\" bigint,"
    " reason text NOT NULL,"
    " payload bytea,"
    " payload_size bigint NOT NULL,"
    " source_topic text,"
    " source_partition int,"
    " source_offset bigint,"
    " created_at timestamptz NOT NULL DEFAULT now(),"
    " PRIMARY KEY (topic, partition, \"offset\"));"
    "COMMENT ON COLUMN ingestion_errors.payload IS 'the record''s first 64 KiB';"

    "CREATE TABLE scoring_runs ("
    " run_id text COLLATE \"C\" PRIMARY KEY,"
    " state text NOT NULL,"
    " rules_version text,"
    " started_at timestamptz NOT NULL DEFAULT now(),"
    " finished_at timestamptz,"
    " wallets bigint);";

/* Each in the order of a list that the API shows, or that order backwards: where new rows come at an index's end, its pages
 * become full. Few transfers of a wallet have one time: their ids are sorted when they are read, which keeps a third off the
 * two largest indexes. */
static const char indexes[] =
    "CREATE INDEX risk_scores_top ON risk_scores (score DESC, wallet);"
    "CREATE INDEX transactions_latest ON transactions (\"timestamp\", tx_id DESC);"
    "CREATE INDEX transactions_of_src ON transactions (src, \"timestamp\");"
    "CREATE INDEX transactions_of_dst ON transactions (dst, \"timestamp\");"
    "CREATE INDEX alerts_latest ON alerts (created_at, alert_id);"
    "CREATE INDEX alerts_of_wallet ON alerts (wallet, created_at, alert_id);"
    "CREATE INDEX alerts_of_typology ON alerts (typology, created_at, alert_id);"
    "CREATE INDEX ingestion_errors_latest ON ingestion_errors (created_at);";
/* clang-format on */

const migration_t migrations[] = {
    {1, "tables", tables},
    {2, "indexes", indexes},
    {0, NULL, NULL},
};
