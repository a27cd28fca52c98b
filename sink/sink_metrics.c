#include "sink/sink_metrics.h"

#include "common/timestamp.h"

#include <inttypes.h>
#include <stdio.h>

void sink_metrics_init(sink_metrics_t *metrics, const names_t *names) {
    metrics->names = names;
    metrics->batches = metric_counter("amlstream_sink_batches_total", "Batches written to Postgres", "");
    metrics->refused =
        metric_counter("amlstream_sink_batches_refused_total",
                       "Batches that were not written since their partitions were another instance's", "");
    for (int input = 0; input < INPUT_COUNT; input++) {
        char by_topic[320], by_table[64];
        table_id_t table = input_infos[input].table;
        snprintf(by_topic, sizeof by_topic, "topic=\"%.255s\"", names->topics[input]);
        snprintf(by_table, sizeof by_table, "table=\"%s\"",
                 table == TABLE_NONE ? "ingestion_errors" : tables[table]->name);
        metrics->inputs[input].records =
            metric_counter("amlstream_sink_records_total", "Records whose fate is stored", by_topic);
        metrics->inputs[input].rejected = metric_counter("amlstream_sink_rejected_total",
                                                         "Records that went to ingestion_errors", by_topic);
        metrics->inputs[input].rejected_at =
            metric_gauge("amlstream_sink_rejected_timestamp_seconds",
                         "When a record last went to ingestion_errors; 0: never", by_topic);
        if (table == TABLE_NONE) continue;
        metrics->inputs[input].rows =
            metric_counter("amlstream_sink_rows_total", "Rows made or replaced", by_table);
        metrics->inputs[input].revised = metric_counter(
            "amlstream_sink_revised_total", "Rows of transfers whose risk was told anew", by_table);
        metrics->inputs[input].duplicates =
            metric_counter("amlstream_sink_duplicates_total",
                           "Records that changed nothing: their row, or a later one, was there", by_table);
    }
}

void sink_metrics_account(sink_metrics_t *metrics, const batch_t *batch) {
    metric_add(metrics->batches, 1);
    for (int i = 0; i < batch->segment_count; i++) {
        const segment_t *segment = &batch->segments[i];
        metric_add(metrics->inputs[segment->input].records, (double)segment->record_count);
        metric_add(metrics->inputs[segment->input].rejected, (double)segment->written.rejected);
        if (segment->written.rejected)
            metric_set(metrics->inputs[segment->input].rejected_at, (double)clock_now_ms() / 1000);
        if (input_infos[segment->input].table == TABLE_NONE) continue;
        metric_add(metrics->inputs[segment->input].rows, (double)segment->written.inserted);
        metric_add(metrics->inputs[segment->input].revised, (double)segment->written.revised);
        metric_add(metrics->inputs[segment->input].duplicates, (double)segment->written.duplicates);
    }
}

void sink_metrics_refused(sink_metrics_t *metrics) { metric_add(metrics->refused, 1); }

void sink_metrics_lag(sink_metrics_t *metrics, input_t input, int32_t partition, int64_t lag) {
    char labels[320];
    snprintf(labels, sizeof labels, "topic=\"%.255s\",partition=\"%" PRId32 "\"",
             metrics->names->topics[input], partition);
    metric_set(metric_gauge("amlstream_sink_lag_records",
                            "Records not yet read, of a partition of this instance", labels),
               (double)lag);
}

void sink_metrics_forget(sink_metrics_t *metrics, const partitions_t *partitions) {
    for (int i = 0; i < partitions->count; i++) {
        sink_metrics_lag(metrics, partitions->items[i].input, partitions->items[i].partition, 0);
    }
}
