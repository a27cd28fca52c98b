#include "sink/inputs.h"

#include <stddef.h>

const input_info_t input_infos[INPUT_COUNT] = {
    [INPUT_TRANSFERS] = {TOPIC_TRANSACTION_RISK, &table_transactions},
    [INPUT_SCORES] = {TOPIC_SCORES, &table_risk_scores},
    [INPUT_ALERTS] = {TOPIC_ALERTS, &table_alerts},
    [INPUT_DEAD_LETTERS] = {TOPIC_DLQ, NULL},
};
