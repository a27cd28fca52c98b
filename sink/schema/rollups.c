#include "sink/schema/steps.h"

/* SQL in pieces keeps its own lines. */
/* clang-format off */
const char schema_rollups[] =
    "CREATE TABLE transfers_hourly ("
    " hour timestamptz,"
    " asset text COLLATE \"C\","
    " level text,"
    " transfers bigint NOT NULL,"
    " amount numeric NOT NULL,"
    " value numeric,"
    " PRIMARY KEY (hour, asset, level));"
    "COMMENT ON COLUMN transfers_hourly.asset IS '\"\" for transfers that named none';"
    "COMMENT ON COLUMN transfers_hourly.value IS 'in the reference currency, of those that have one';"

    "CREATE TABLE alerts_daily ("
    " day date,"
    " typology text COLLATE \"C\","
    " severity text,"
    " alerts bigint NOT NULL,"
    " PRIMARY KEY (day, typology, severity));"

    "CREATE TABLE rollup_state ("
    " rollup text PRIMARY KEY,"
    " rolled_until timestamptz NOT NULL);"
    "COMMENT ON COLUMN rollup_state.rolled_until IS 'rows inserted before are in the rollup';"
    "INSERT INTO rollup_state VALUES ('transfers_hourly', '-infinity'), ('alerts_daily', '-infinity');";
/* clang-format on */
