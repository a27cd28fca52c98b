/* amlstream_sink_*: what became of the records, and how many are still to come. */
#pragma once

#include "common/metrics.h"
#include "sink/batch.h"
#include "sink/batch_write.h"
#include "sink/partitions.h"

typedef struct {
    const names_t *names;
    struct {
        metric_t *records, *rows, *revised, *duplicates, *rejected, *rejected_at;
    } inputs[INPUT_COUNT];
    metric_t *batches, *refused;
} sink_metrics_t;

void sink_metrics_init(sink_metrics_t *metrics, const names_t *names);
/* A batch that was written. */
void sink_metrics_account(sink_metrics_t *metrics, const batch_t *batch);
void sink_metrics_refused(sink_metrics_t *metrics);
void sink_metrics_lag(sink_metrics_t *metrics, input_t input, int32_t partition, int64_t lag);
/* The partitions are another's: their lag is no longer ours to tell. */
void sink_metrics_forget(sink_metrics_t *metrics, const partitions_t *partitions);
