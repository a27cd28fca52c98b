#include "sink/schema/steps.h"

/* SQL in pieces keeps its own lines. */
/* clang-format off */
const char schema_alerts[] =
    "CREATE TABLE alerts ("
    " alert_id text COLLATE \"C\" PRIMARY KEY,"
    " typology text COLLATE \"C\" NOT NULL,"
    " severity text NOT NULL,"
    " wallet text COLLATE \"C\" NOT NULL,"
    " score double precision NOT NULL CHECK (score BETWEEN 0 AND 100),"
    " tx_ids jsonb NOT NULL,"
    " wallets jsonb NOT NULL,"
    " evidence jsonb NOT NULL,"
    " rules_version text,"
    " created_at timestamptz NOT NULL,"
    " inserted_at timestamptz NOT NULL DEFAULT now());"
    "CREATE INDEX alerts_latest ON alerts (created_at, alert_id);"
    "CREATE INDEX alerts_of_wallet ON alerts (wallet, created_at, alert_id);"
    "CREATE INDEX alerts_of_typology ON alerts (typology, created_at, alert_id);"
    "CREATE INDEX alerts_inserted ON alerts USING brin (inserted_at);"

    "CREATE TABLE alert_events ("
    " event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " alert_id text COLLATE \"C\" NOT NULL REFERENCES alerts,"
    " kind text NOT NULL,"
    " actor text NOT NULL,"
    " detail jsonb NOT NULL DEFAULT '{}',"
    " created_at timestamptz NOT NULL DEFAULT now());"
    "COMMENT ON TABLE alert_events IS"
    " 'what became of an alert, oldest first: that it came (kind \"raised\", by the sink), and what people did';"
    "CREATE INDEX alert_events_of_alert ON alert_events (alert_id, event_id);";
/* clang-format on */
