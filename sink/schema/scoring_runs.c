#include "sink/schema/steps.h"

/* SQL in pieces keeps its own lines. */
/* clang-format off */
const char schema_scoring_runs[] =
    "CREATE TABLE scoring_runs ("
    " run_id text COLLATE \"C\" PRIMARY KEY,"
    " state text NOT NULL,"
    " rules_version text,"
    " started_at timestamptz NOT NULL DEFAULT now(),"
    " finished_at timestamptz,"
    " wallets bigint,"
    " summary jsonb);"
    "CREATE INDEX scoring_runs_latest ON scoring_runs (started_at DESC, run_id);"

    /* Without a foreign key: a run's scores are in many partitions, and may come before the run itself. */
    "CREATE TABLE scoring_run_scores ("
    " run_id text COLLATE \"C\","
    " wallet text COLLATE \"C\","
    " score double precision NOT NULL CHECK (score BETWEEN 0 AND 100),"
    " level text NOT NULL CHECK (level IN ('low', 'medium', 'high', 'critical')),"
    " reasons jsonb NOT NULL,"
    " PRIMARY KEY (run_id, wallet));"
    "CREATE INDEX scoring_run_scores_top ON scoring_run_scores (run_id, score DESC, wallet);";
/* clang-format on */
