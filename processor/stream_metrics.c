#include "processor/stream_metrics.h"

#include "common/metrics.h"
#include "common/timestamp.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

enum { TELL_INTERVAL_US = 250 * 1000 };

static const struct {
    const char *name;
    const char *help;
    size_t offset; /* of a uint64_t in engine_counters_t */
    double unit;
} rows[] = {
    {"transfers_total", "Transfers applied, each once", offsetof(engine_counters_t, risk.transfers), 1},
    {"duplicates_total", "Transfers that were seen before", offsetof(engine_counters_t, risk.duplicates), 1},
    {"credits_total", "Credits applied", offsetof(engine_counters_t, risk.credits), 1},
    {"exposure_updates_total", "Exposure updates applied", offsetof(engine_counters_t, risk.exposure_updates),
     1},
    {"labels_total", "Labels applied", offsetof(engine_counters_t, risk.labels), 1},
    {"alerts_total", "Alerts raised", offsetof(engine_counters_t, risk.alerts), 1},
    {"scores_total", "Score records emitted", offsetof(engine_counters_t, risk.scores), 1},
    {"wallets_total", "Wallets seen for the first time", offsetof(engine_counters_t, risk.new_wallets), 1},
    {"edges_total", "Edges seen for the first time", offsetof(engine_counters_t, risk.new_edges), 1},
    {"records_total", "Input records applied", offsetof(engine_counters_t, records), 1},
    {"dead_letters_total", "Records sent to the dead letters", offsetof(engine_counters_t, dead_letters), 1},
    {"events_forwarded_total", "Events sent through the internal topic",
     offsetof(engine_counters_t, forwarded), 1},
    {"events_local_total", "Events that stayed on their thread", offsetof(engine_counters_t, local), 1},
    {"commits_total", "Transactions committed", offsetof(engine_counters_t, commits), 1},
    {"aborts_total", "Transactions aborted", offsetof(engine_counters_t, aborts), 1},
    {"commit_seconds_total", "Time spent in commits", offsetof(engine_counters_t, commit_us), 1e-6},
    {"restored_records_total", "Changelog records loaded", offsetof(engine_counters_t, restored), 1},
};

static uint64_t counter_at(const engine_counters_t *counters, size_t offset) {
    return *(const uint64_t *)(const void *)((const char *)counters + offset);
}

static void tell_lag(engine_t *engine) {
    for (int32_t p = 0; p < engine_partition_count(engine); p++) {
        int64_t lag = engine_task(engine, p) ? engine_lag(engine, p) : -1;
        if (lag < 0) continue;
        char labels[32];
        snprintf(labels, sizeof labels, "partition=\"%" PRId32 "\"", p);
        metric_set(metric_gauge("amlstream_processor_lag_records",
                                "Transfers not yet read, of a partition of this instance", labels),
                   (double)lag);
    }
}

void stream_metrics_tell(stream_metrics_t *metrics, engine_t *engine) {
    int64_t now_us = clock_monotonic_us();
    if (now_us - metrics->told_at_us < TELL_INTERVAL_US) return;
    metrics->told_at_us = now_us;
    engine_counters_t counters = engine_counters(engine);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char name[64];
        snprintf(name, sizeof name, "amlstream_processor_%s", rows[i].name);
        uint64_t grown = counter_at(&counters, rows[i].offset) - counter_at(&metrics->told, rows[i].offset);
        metric_add(metric_counter(name, rows[i].help, ""), (double)grown * rows[i].unit);
    }
    metrics->told = counters;
    tell_lag(engine);
}
