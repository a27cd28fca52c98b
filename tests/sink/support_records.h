/* Records as the processor makes them. */
#pragma once

#include "sink/batch.h"

#include <stdint.h>

/* Each is valid until the same function was called eight times more. */
const char *transfer_json(const char *tx_id, const char *src, const char *amount, const char *reasons);
const char *score_json(const char *wallet, int64_t version, double score);
const char *alert_json(const char *alert_id, const char *wallet);

/* Adds a record to the stretch of the partition that begins at `from`. */
void add(batch_t *batch, input_t input, int32_t partition, int64_t from, int64_t offset, const char *json);
