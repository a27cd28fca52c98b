#include "sink/inputs.h"

#include "sink/json_slice.h"

#include <string.h>

const input_info_t input_infos[INPUT_COUNT] = {
    [INPUT_TRANSFERS] = {TOPIC_TRANSACTION_RISK, .table = TABLE_TRANSACTIONS},
    [INPUT_SCORES] = {TOPIC_SCORES, .table = TABLE_RISK_SCORES},
    [INPUT_ALERTS] = {TOPIC_ALERTS, .table = TABLE_ALERTS},
    [INPUT_DEAD_LETTERS] = {TOPIC_DLQ, .table = TABLE_NONE},
    [INPUT_LABELS] = {TOPIC_LABELS, .table = TABLE_LABELS, .tombstones = true},
    [INPUT_SCORING_RUNS] = {TOPIC_SCORING_RUNS, .table = TABLE_SCORING_RUNS, .other_field = "wallet",
                            .other_table = TABLE_SCORING_RUN_SCORES},
};

table_id_t input_table(input_t input, const record_t *record) {
    const input_info_t *info = &input_infos[input];
    if (!info->other_field || !record->value) return info->table;
    json_name_t name = {info->other_field, strlen(info->other_field)};
    json_slice_t found;
    const char *reason = json_slice(record->value, record->size, &name, 1, &found);
    return !reason && found.kind != JSON_ABSENT ? info->other_table : info->table;
}
