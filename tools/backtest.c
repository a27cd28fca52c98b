#include "tools/backtest.h"

#include "common/hash.h"
#include "common/signals.h"
#include "common/timestamp.h"
#include "processor/engine.h"
#include "processor/limits.h"
#include "processor/memory_log.h"
#include "tools/backtest_explain.h"
#include "tools/backtest_output.h"
#include "tools/label_file.h"
#include "tools/progress.h"
#include "tools/transfer_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { FEED_RECORDS = 1000, COMMIT_RECORDS = 10000 };

static const setting_t settings_table[] = {
    {"INPUT", NULL, "transfers: CSV or JSON lines, gzip too"},
    {"LABELS", "", "labels, applied before the first transfer: CSV, JSON lines or addresses"},
    {"CATEGORY", "sanctioned", "category of labels that name none"},
    {"RULES", "", "file with weights, thresholds and windows, or preset:<name>; empty: the default preset"},
    {"OUT", NULL, "directory for the results"},
    {"EXPLAIN", "", "wallets to explain at the end, comma separated: explain.jsonl"},
    {"PARTITIONS", "1",
     "partitions to spread the wallets over; counts, sums, degrees and exposures stay the same"},
    {NULL, NULL, NULL},
};

typedef struct {
    rules_t *rules;
    engine_options_t options;
    engine_t *engine;
    memory_cluster_t *cluster;
    backtest_output_t *output;
    int64_t partitions;
    int64_t record_ms; /* of all records: a file has no times of arrival */
    int64_t fed; /* records; also the engine's clock: commits come by count, so that results depend on the
                    file alone */
} backtest_t;

static err_t *memory_only(void *context, int32_t partition, kv_t **kv) {
    (void)context, (void)partition;
    *kv = NULL;
    return NULL;
}

static int64_t records_clock(void *context) { return ((const backtest_t *)context)->fed; }

/* Everything up to the age of the universe: a file may hold the same id twice at any distance. */
static const int64_t DEDUPE_RETENTION_MS = INT64_MAX / 4;

/* Results must not depend on the day they were made: a record without a timestamp gets that of the file. */
static int64_t file_time_ms(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 ? (int64_t)status.st_mtim.tv_sec * 1000 : 0;
}

static void feed(backtest_t *backtest, topic_t topic, const char *key, size_t key_size, const char *value,
                 size_t size) {
    int32_t partition = (int32_t)hash_partition(key, key_size, (uint32_t)backtest->partitions);
    log_record_t record = {.topic = topic,
                           .partition = partition,
                           .timestamp_ms = backtest->record_ms,
                           .key = key,
                           .key_size = key_size,
                           .value = value,
                           .value_size = size};
    memory_cluster_append(backtest->cluster, &record);
    backtest->fed++;
}

static err_t *step_until_consumed(backtest_t *backtest) {
    while (!memory_cluster_is_consumed(backtest->cluster)) TRY(engine_step(backtest->engine, 0, NULL));
    return NULL;
}

static err_t *feed_labels(backtest_t *backtest, const settings_t *settings) {
    const char *path = settings_get(settings, "LABELS");
    if (!*path) return NULL;
    label_file_t *file;
    TRY(label_file_open(path, &(label_defaults_t){.category = settings_get(settings, "CATEGORY")}, &file));
    label_file_record_t label;
    bool more = true;
    err_t *err = NULL;
    while (!err && !(err = label_file_next(file, &label, &more)) && more)
        feed(backtest, TOPIC_LABELS, label.wallet, label.wallet_size, label.json, label.size);
    label_file_close(file);
    return err ? err : step_until_consumed(backtest);
}

static err_t *feed_transfers(backtest_t *backtest, transfer_file_t *file, progress_t *progress) {
    transfer_file_record_t record;
    bool more = true;
    while (more && !stop_requested()) {
        int fed = 0;
        for (; fed < FEED_RECORDS; fed++) {
            TRY(transfer_file_next(file, &record, &more));
            if (!more) break;
            feed(backtest, TOPIC_TRANSACTIONS, record.key, record.key_size, record.json, record.size);
        }
        TRY(engine_step(backtest->engine, 0, NULL));
        progress_tell(progress, (uint64_t)fed, transfer_file_progress(file));
    }
    if (stop_requested()) return err_new("stopped before the end of the file; the results are of no use");
    return step_until_consumed(backtest);
}

static err_t *run(backtest_t *backtest, const settings_t *settings, backtest_summary_t *summary) {
    transfer_file_t *file;
    TRY(transfer_file_open(settings_get(settings, "INPUT"), &file));
    err_t *err = feed_labels(backtest, settings);
    int64_t began_us = clock_monotonic_us();
    progress_t *progress = progress_new("transfers");
    if (!err) err = feed_transfers(backtest, file, progress);
    if (!err) err = engine_commit(backtest->engine);
    if (!err) err = step_until_consumed(backtest);
    summary->seconds = (double)(clock_monotonic_us() - began_us) / 1e6;
    progress_free(progress);
    transfer_file_close(file);
    return err;
}

static err_t *backtest_open(backtest_t *backtest, const settings_t *settings) {
    const char *rules = settings_get(settings, "RULES"), *input = settings_get(settings, "INPUT"),
               *out = settings_get(settings, "OUT");
    if (!input || !out) return err_new_code(EXIT_USAGE, "backtest needs --input FILE and --out DIRECTORY");
    TRY(settings_int(settings, "PARTITIONS", 1, PARTITIONS_MAX, &backtest->partitions));
    TRY(rules_load(*rules ? rules : NULL, &backtest->rules));
    TRY(backtest_output_open(out, &backtest->output));
    backtest->record_ms = file_time_ms(input);
    backtest->cluster =
        memory_cluster_new((int32_t)backtest->partitions, false,
                           (memory_hooks_t){.context = backtest->output, .output = backtest_output_record});
    backtest->options = (engine_options_t){.rules = backtest->rules,
                                           .commit_interval_us = COMMIT_RECORDS,
                                           .flush_interval_us = INT64_MAX,
                                           .dedupe_retention_ms = DEDUPE_RETENTION_MS,
                                           .cache_bytes = SIZE_MAX,
                                           .open_kv = memory_only,
                                           .clock_us = records_clock,
                                           .clock_context = backtest};
    backtest->engine = engine_new(&backtest->options);
    engine_start(backtest->engine, memory_log_new(backtest->cluster, engine_listener(backtest->engine)));
    return NULL;
}

static void summary_fill(const backtest_t *backtest, const settings_t *settings,
                         backtest_summary_t *summary) {
    engine_counters_t counters = engine_counters(backtest->engine);
    summary->input = settings_get(settings, "INPUT");
    summary->rules_version = rules_version(backtest->rules);
    summary->transfers = counters.risk.transfers;
    summary->duplicates = counters.risk.duplicates;
    summary->dead_letters = counters.dead_letters;
    summary->labels = counters.risk.labels;
    summary->wallets = counters.risk.new_wallets;
    summary->edges = counters.risk.new_edges;
    summary->alerts = counters.risk.alerts;
}

static void summary_print(const backtest_summary_t *summary, const char *out) {
    printf("%" PRIu64 " transfers in %.2f s (%.0f/s), %" PRIu64 " wallets, %" PRIu64 " edges, %" PRIu64
           " alerts, %" PRIu64 " duplicates, %" PRIu64 " dead letters; results in %s\n",
           summary->transfers, summary->seconds,
           summary->seconds > 0 ? (double)summary->transfers / summary->seconds : 0, summary->wallets,
           summary->edges, summary->alerts, summary->duplicates, summary->dead_letters, out);
}

static err_t *backtest_run(settings_t *settings) {
    backtest_t backtest = {0};
    backtest_summary_t summary = {0};
    err_t *err = backtest_open(&backtest, settings);
    if (!err) err = run(&backtest, settings, &summary);
    if (!err) summary_fill(&backtest, settings, &summary);
    const char *explained = settings_get(settings, "EXPLAIN");
    if (!err && *explained) err = backtest_explain(backtest.engine, explained, settings_get(settings, "OUT"));
    if (backtest.engine && err)
        engine_fail(backtest.engine);
    else if (backtest.engine)
        err = engine_stop(backtest.engine);
    if (backtest.output && !err)
        err = backtest_output_close(backtest.output, &summary);
    else if (backtest.output)
        backtest_output_drop(backtest.output);
    if (!err) summary_print(&summary, settings_get(settings, "OUT"));
    engine_free(backtest.engine);
    memory_cluster_free(backtest.cluster);
    rules_free(backtest.rules);
    return err;
}

const command_t backtest_command = {
    .name = "backtest",
    .summary = "Scores a file as the processor would, without Kafka: transfers in, scores and alerts out.",
    .details =
        "Writes transaction-risk.jsonl, risk-scores.jsonl (the last record of each wallet), alerts.jsonl,\n"
        "dead-letters.jsonl, summary.json and, with --explain, explain.jsonl. The state is kept in memory.",
    .settings = settings_table,
    .run = backtest_run,
};
