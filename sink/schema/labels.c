#include "sink/schema/steps.h"

/* SQL in pieces keeps its own lines. */
/* clang-format off */
const char schema_labels[] =
    "CREATE TABLE labels ("
    " wallet text COLLATE \"C\" PRIMARY KEY,"
    " category text NOT NULL,"
    " source text,"
    " confidence double precision CHECK (confidence BETWEEN 0 AND 1),"
    " note text,"
    " updated_at timestamptz NOT NULL DEFAULT now());"
    "COMMENT ON TABLE labels IS 'of the topic risk-labels, the latest of each wallet; withdrawn ones are gone';"

    "CREATE VIEW wallets AS"
    " SELECT wallet, s.score, s.level, s.in_degree, s.out_degree, s.received_count, s.sent_count,"
    "  s.received_total, s.sent_total, s.first_seen, s.last_seen, l.category, l.source AS label_source,"
    "  l.confidence AS label_confidence, l.note AS label_note"
    " FROM risk_scores s FULL JOIN labels l USING (wallet);"
    "COMMENT ON VIEW wallets IS 'each wallet that has a score or a label';";
/* clang-format on */
