#include "sink/schema.h"

#include "sink/schema/steps.h"

#include <stddef.h>

const migration_t migrations[] = {
    {1, "months", schema_months},
    {2, "transactions", schema_transactions},
    {3, "scores", schema_scores},
    {4, "alerts", schema_alerts},
    {5, "labels", schema_labels},
    {6, "ingestion", schema_ingestion},
    {7, "scoring runs", schema_scoring_runs},
    {8, "API keys", schema_api_keys},
    {9, "rollups", schema_rollups},
    {0, NULL, NULL},
};
