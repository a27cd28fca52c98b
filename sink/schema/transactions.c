#include "sink/schema/steps.h"

/* A unique index of a partitioned table must hold the partition key, and one id with two times must be one
 * transfer all the same: so transaction_ids has the ids, each once, and the time that leads to the row.
 *
 * Indexes are in the order of a list that the API shows, or that order backwards: where new rows come at an
 * index's end, its pages become full. Few transfers of a wallet have one time: their ids are sorted when they
 * are read, which keeps a third off the two largest indexes. */

/* SQL in pieces keeps its own lines. */
/* clang-format off */
const char schema_transactions[] =
    "CREATE TABLE transaction_ids ("
    " tx_id text COLLATE \"C\" PRIMARY KEY,"
    " \"timestamp\" timestamptz NOT NULL);"
    "COMMENT ON TABLE transaction_ids IS"
    " 'each transfer''s id once, whatever its month; written in the transaction of the row in transactions';"

    "CREATE TABLE transactions ("
    " tx_id text COLLATE \"C\" NOT NULL,"
    " src text COLLATE \"C\" NOT NULL,"
    " dst text COLLATE \"C\" NOT NULL,"
    " amount numeric NOT NULL CHECK (amount >= 0),"
    " asset text,"
    " \"timestamp\" timestamptz NOT NULL,"
    " score double precision NOT NULL CHECK (score BETWEEN 0 AND 100),"
    " level text NOT NULL CHECK (level IN ('low', 'medium', 'high', 'critical')),"
    " reasons jsonb NOT NULL,"
    " inserted_at timestamptz NOT NULL DEFAULT now(),"
    " value numeric,"
    " revision int NOT NULL DEFAULT 0) PARTITION BY RANGE (\"timestamp\");"
    "COMMENT ON COLUMN transactions.value IS 'of the amount, in the reference currency';"
    "COMMENT ON COLUMN transactions.revision IS 'how often its risk was told anew; the latest stands here';"
    "CREATE UNIQUE INDEX transactions_latest ON transactions (\"timestamp\", tx_id DESC);"
    "CREATE INDEX transactions_of_src ON transactions (src, \"timestamp\");"
    "CREATE INDEX transactions_of_dst ON transactions (dst, \"timestamp\");"
    "CREATE INDEX transactions_inserted ON transactions USING brin (inserted_at);"
    "CREATE TABLE transactions_default PARTITION OF transactions DEFAULT;"
    "SELECT month_add('transactions', now()), month_add('transactions', month_next(now()));";
/* clang-format on */
