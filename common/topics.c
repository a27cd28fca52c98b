#include "common/topics.h"

const topic_info_t topic_infos[TOPIC_COUNT] = {
    [TOPIC_TRANSACTIONS] = {"transactions", false, false},
    [TOPIC_LABELS] = {"risk-labels", true, false},
    [TOPIC_PRICES] = {"asset-prices", true, false},
    [TOPIC_CONTROL] = {"risk-control", false, false},
    [TOPIC_WALLET_EVENTS] = {"amlstream-wallet-events", false, true},
    [TOPIC_CHANGELOG] = {"amlstream-state-changelog", true, true},
    [TOPIC_SCORES] = {"risk-scores", true, false},
    [TOPIC_TRANSACTION_RISK] = {"transaction-risk", false, false},
    [TOPIC_ALERTS] = {"alerts", false, false},
    [TOPIC_DLQ] = {"transactions-dlq", false, false},
    [TOPIC_SCORING_RUNS] = {"scoring-runs", false, false},
};
