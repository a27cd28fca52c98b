#include "tools/rerun.h"

#include "common/hash.h"
#include "common/signals.h"
#include "common/timestamp.h"
#include "processor/limits.h"
#include "tools/label_file.h"
#include "tools/price_file.h"
#include "tools/progress.h"
#include "tools/transfer_file.h"

#include <stdlib.h>
#include <sys/stat.h>

enum { FEED_RECORDS = 1000, COMMIT_RECORDS = 10000 };

struct rerun {
    const settings_t *settings;
    rules_t *rules;
    engine_options_t options;
    engine_t *engine;
    memory_cluster_t *cluster;
    int64_t partitions;
    int64_t record_ms; /* of all records: a file has no times of arrival */
    int64_t fed; /* records; also the engine's clock: commits come by count, so that results depend on the
                    file alone */
    double seconds;
};

static err_t *memory_only(void *context, int32_t partition, kv_t **kv) {
    (void)context, (void)partition;
    *kv = NULL;
    return NULL;
}

static int64_t records_clock(void *context) { return ((const rerun_t *)context)->fed; }

/* Everything up to the age of the universe: a file may hold the same id twice at any distance. */
static const int64_t DEDUPE_RETENTION_MS = INT64_MAX / 4;

/* Results must not depend on the day they were made: a record without a timestamp gets that of the file. */
static int64_t file_time_ms(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 ? (int64_t)status.st_mtim.tv_sec * 1000 : 0;
}

static void feed(rerun_t *rerun, topic_t topic, const char *key, size_t key_size, const char *value,
                 size_t size) {
    int32_t partition = (int32_t)hash_partition(key, key_size, (uint32_t)rerun->partitions);
    log_record_t record = {.topic = topic,
                           .partition = partition,
                           .timestamp_ms = rerun->record_ms,
                           .key = key,
                           .key_size = key_size,
                           .value = value,
                           .value_size = size};
    memory_cluster_append(rerun->cluster, &record);
    rerun->fed++;
}

static err_t *step_until_consumed(rerun_t *rerun) {
    while (!memory_cluster_is_consumed(rerun->cluster)) TRY(engine_step(rerun->engine, 0, NULL));
    return NULL;
}

static err_t *feed_labels(rerun_t *rerun) {
    const char *path = settings_get(rerun->settings, "LABELS");
    if (!*path) return NULL;
    label_file_t *file;
    TRY(label_file_open(path, &(label_defaults_t){.category = settings_get(rerun->settings, "CATEGORY")},
                        &file));
    label_file_record_t label;
    bool more = true;
    err_t *err = NULL;
    while (!err && !(err = label_file_next(file, &label, &more)) && more)
        feed(rerun, TOPIC_LABELS, label.wallet, label.wallet_size, label.json, label.size);
    label_file_close(file);
    return err ? err : step_until_consumed(rerun);
}

static err_t *feed_prices(rerun_t *rerun) {
    const char *path = settings_get(rerun->settings, "PRICES");
    if (!*path) return NULL;
    price_file_t *file;
    TRY(price_file_open(path, &file));
    price_file_record_t price;
    bool more = true;
    err_t *err = NULL;
    while (!err && !(err = price_file_next(file, &price, &more)) && more)
        feed(rerun, TOPIC_PRICES, price.asset, price.asset_size, price.json, price.size);
    price_file_close(file);
    return err ? err : step_until_consumed(rerun);
}

static err_t *feed_transfers(rerun_t *rerun, transfer_file_t *file, progress_t *progress) {
    transfer_file_record_t record;
    bool more = true;
    while (more && !stop_requested()) {
        int fed = 0;
        for (; fed < FEED_RECORDS; fed++) {
            TRY(transfer_file_next(file, &record, &more));
            if (!more) break;
            feed(rerun, TOPIC_TRANSACTIONS, record.key, record.key_size, record.json, record.size);
        }
        TRY(engine_step(rerun->engine, 0, NULL));
        progress_tell(progress, (uint64_t)fed, transfer_file_progress(file));
    }
    if (stop_requested()) return err_new("stopped before the end of the file; the results are of no use");
    return step_until_consumed(rerun);
}

err_t *rerun_run(rerun_t *rerun) {
    transfer_file_t *file;
    TRY(transfer_file_open(settings_get(rerun->settings, "INPUT"), &file));
    err_t *err = feed_labels(rerun);
    if (!err) err = feed_prices(rerun);
    int64_t began_us = clock_monotonic_us();
    progress_t *progress = progress_new("transfers");
    if (!err) err = feed_transfers(rerun, file, progress);
    if (!err) err = engine_commit(rerun->engine);
    if (!err) err = step_until_consumed(rerun);
    rerun->seconds = (double)(clock_monotonic_us() - began_us) / 1e6;
    progress_free(progress);
    transfer_file_close(file);
    return err;
}

static err_t *start(rerun_t *rerun, rerun_options_t options) {
    const char *rules = settings_get(rerun->settings, "RULES");
    TRY(settings_int(rerun->settings, "PARTITIONS", 1, PARTITIONS_MAX, &rerun->partitions));
    TRY(rules_load(*rules ? rules : NULL, &rerun->rules));
    rerun->record_ms = file_time_ms(settings_get(rerun->settings, "INPUT"));
    rerun->cluster = memory_cluster_new((int32_t)rerun->partitions, false, options.outputs);
    rerun->options = (engine_options_t){.rules = rerun->rules,
                                        .model = options.model,
                                        .commit_interval_us = COMMIT_RECORDS,
                                        .flush_interval_us = INT64_MAX,
                                        .dedupe_retention_ms = DEDUPE_RETENTION_MS,
                                        .cache_bytes = SIZE_MAX,
                                        .open_kv = memory_only,
                                        .clock_us = records_clock,
                                        .clock_context = rerun,
                                        .features = options.features,
                                        .features_context = options.features_context};
    rerun->engine = engine_new(&rerun->options);
    engine_start(rerun->engine, memory_log_new(rerun->cluster, engine_listener(rerun->engine)));
    return NULL;
}

err_t *rerun_open(const settings_t *settings, rerun_options_t options, rerun_t **out) {
    if (!settings_get(settings, "INPUT")) return err_new_code(EXIT_USAGE, "name the transfers: --input FILE");
    rerun_t *rerun = calloc(1, sizeof *rerun);
    if (!rerun) abort();
    rerun->settings = settings;
    err_t *err = start(rerun, options);
    if (err)
        rerun_free(rerun);
    else
        *out = rerun;
    return err;
}

err_t *rerun_stop(rerun_t *rerun, err_t *err) {
    if (!err) return engine_stop(rerun->engine);
    engine_fail(rerun->engine);
    return err;
}

void rerun_free(rerun_t *rerun) {
    if (!rerun) return;
    engine_free(rerun->engine);
    memory_cluster_free(rerun->cluster);
    rules_free(rerun->rules);
    free(rerun);
}

double rerun_seconds(const rerun_t *rerun) { return rerun->seconds; }
const rules_t *rerun_rules(const rerun_t *rerun) { return rerun->rules; }
engine_t *rerun_engine(const rerun_t *rerun) { return rerun->engine; }
