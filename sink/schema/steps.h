/* The text of each migration; for schema.c alone. Ids and wallets are compared byte by byte: cheaper than by
 * language in an index, and one order in every database. */
#pragma once

extern const char schema_months[], schema_transactions[], schema_scores[], schema_alerts[], schema_labels[],
    schema_ingestion[], schema_scoring_runs[], schema_api_keys[], schema_rollups[];
