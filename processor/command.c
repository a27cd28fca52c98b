#include "processor/command.h"

#include "common/http.h"
#include "common/kafka.h"
#include "common/log.h"
#include "common/signals.h"
#include "processor/instance.h"
#include "processor/limits.h"
#include "processor/queries.h"
#include "processor/stream_thread.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STOP_LIMIT_S = 10 };

static const setting_t settings_table[] = {
    SETTING_KAFKA,
    SETTING_GROUP,
    SETTING_TOPIC_PREFIX,
    SETTING_HTTP("127.0.0.1:8081"),
    {"STATE_DIR", "state", "directory of this instance's RocksDB; one for each instance"},
    {"RULES", "", "file with weights, thresholds and windows, or preset:<name>; empty: the default preset"},
    SETTINGS_MODEL,
    {"THREADS", "1", "stream threads; the partitions are shared among those of all instances"},
    {"GUARANTEE", "exactly_once", "exactly_once or at_least_once"},
    {"COMMIT_INTERVAL_MS", "100", "longest time between commits, ms; a quiet stream commits at once"},
    {"FLUSH_INTERVAL_MS", "10000",
     "time between writes of the committed state to RocksDB, ms; a restart replays about so much"},
    {"SESSION_TIMEOUT_MS", "10000", "after which silence an instance's partitions go to others, ms"},
    {"INSTANCE_ID", "", "group.instance.id (static membership); empty: none"},
    {"DEDUPE_DAYS", "7", "how long a transaction id is remembered, days of the records' time"},
    {"PARTITIONS", "12", "partitions that this instance may have to hold, for sharing out the memory"},
    {"MEMORY_MB", "1024", "memory for cached state, RocksDB's blocks and write buffers together, MB"},
    {NULL, NULL, NULL},
};

typedef struct {
    rules_t *rules;
    model_t *model;
    instance_t *instance;
    flusher_t *flusher;
    engine_options_t engine;
    kafka_log_options_t logs[THREADS_MAX];
    char transactional_ids[THREADS_MAX][256 + INSTANCE_ID_SIZE + 16];
    char instance_ids[THREADS_MAX][256 + 16];
    stream_thread_t *threads[THREADS_MAX];
    queries_t queries;
    int thread_count;
} processor_t;

static err_t *guarantee_read(const settings_t *settings, bool *exactly_once) {
    const char *guarantee = settings_get(settings, "GUARANTEE");
    *exactly_once = strcmp(guarantee, "exactly_once") == 0;
    if (*exactly_once || strcmp(guarantee, "at_least_once") == 0) return NULL;
    return err_new_code(EXIT_USAGE, "GUARANTEE is \"%s\"; allowed are exactly_once and at_least_once",
                        guarantee);
}

/* A half of the memory is for the tasks' cached values, a quarter each for RocksDB's blocks and its write
 * buffers. */
static err_t *state_open(processor_t *processor, const settings_t *settings) {
    int64_t memory_mb, partitions;
    TRY(settings_int(settings, "MEMORY_MB", 64, 1 << 20, &memory_mb));
    TRY(settings_int(settings, "PARTITIONS", 1, PARTITIONS_MAX, &partitions));
    size_t bytes = (size_t)memory_mb << 20;
    processor->engine.cache_bytes = bytes / 2 / (size_t)processor->thread_count;
    return instance_open(settings_get(settings, "STATE_DIR"), bytes / 4, bytes / 4, (int)partitions,
                         &processor->instance);
}

static err_t *engine_configure(processor_t *processor, const settings_t *settings) {
    int64_t commit_ms, flush_ms, dedupe_days;
    TRY(settings_int(settings, "COMMIT_INTERVAL_MS", 1, 60000, &commit_ms));
    TRY(settings_int(settings, "FLUSH_INTERVAL_MS", 10, 3600000, &flush_ms));
    TRY(settings_int(settings, "DEDUPE_DAYS", 1, 36500, &dedupe_days));
    engine_options_t *engine = &processor->engine;
    engine->rules = processor->rules;
    engine->model = processor->model;
    engine->commit_interval_us = commit_ms * 1000;
    engine->flush_interval_us = flush_ms * 1000;
    engine->dedupe_retention_ms = dedupe_days * 24 * 3600 * 1000;
    engine->open_kv = instance_open_kv;
    engine->open_context = processor->instance;
    processor->flusher = flusher_new();
    engine->flusher = processor->flusher;
    return NULL;
}

static err_t *logs_configure(processor_t *processor, const settings_t *settings) {
    int64_t session_ms;
    bool exactly_once;
    const char *group = settings_get(settings, "GROUP"), *name = settings_get(settings, "INSTANCE_ID");
    TRY(settings_int(settings, "SESSION_TIMEOUT_MS", 1000, 3600000, &session_ms));
    TRY(guarantee_read(settings, &exactly_once));
    if (!*group || strlen(group) > 200 || strlen(name) > 200)
        return err_new_code(EXIT_USAGE,
                            "GROUP and INSTANCE_ID may have at most 200 bytes, and GROUP must not be empty");
    for (int i = 0; i < processor->thread_count; i++) {
        snprintf(processor->transactional_ids[i], sizeof processor->transactional_ids[i], "%s-%s-%d", group,
                 instance_id(processor->instance), i);
        snprintf(processor->instance_ids[i], sizeof processor->instance_ids[i], "%s-%d", name, i);
        processor->logs[i] = (kafka_log_options_t){
            .settings = settings,
            .group = group,
            .transactional_id = exactly_once ? processor->transactional_ids[i] : NULL,
            .instance_id = *name ? processor->instance_ids[i] : NULL,
            .session_timeout_ms = session_ms,
        };
    }
    return NULL;
}

static err_t *processor_open(processor_t *processor, const settings_t *settings) {
    int64_t threads;
    const char *rules = settings_get(settings, "RULES");
    TRY(settings_int(settings, "THREADS", 1, THREADS_MAX, &threads));
    processor->thread_count = (int)threads;
    TRY(rules_load(*rules ? rules : NULL, &processor->rules));
    TRY(model_of_settings(settings, &processor->model));
    TRY(state_open(processor, settings));
    TRY(logs_configure(processor, settings));
    return engine_configure(processor, settings);
}

static void processor_close(processor_t *processor) {
    flusher_free(processor->flusher);
    instance_close(processor->instance);
    model_free(processor->model);
    rules_free(processor->rules);
    free(processor);
}

static err_t *threads_join(processor_t *processor) {
    /* Whatever a broker that is away makes us wait for: what is committed is safe. */
    stop_deadline(STOP_LIMIT_S - 1);
    err_t *err = NULL;
    for (int i = 0; i < processor->thread_count; i++) {
        err_t *ended = stream_thread_join(processor->threads[i]);
        if (err)
            err_free(ended);
        else
            err = ended;
    }
    return err;
}

static err_t *serve(processor_t *processor, const settings_t *settings) {
    const char *listen = settings_get(settings, "HTTP_LISTEN");
    http_server_t *server = NULL;
    processor->queries = (queries_t){processor->threads, processor->thread_count};
    for (int i = 0; i < processor->thread_count; i++)
        processor->threads[i] = stream_thread_new(i, &processor->engine, &processor->logs[i]);
    err_t *err = *listen
                     ? http_server_new(listen, processor_routes, &processor->queries, HTTP_THREADS, &server)
                     : NULL;
    if (err)
        stop_request();
    else
        log_info("processor runs", LOG_STR("group", settings_get(settings, "GROUP")), LOG_STR("http", listen),
                 LOG_STR("rules", rules_version(processor->rules)),
                 LOG_STR("model", processor->model ? model_version(processor->model) : ""),
                 LOG_STR("instance", instance_id(processor->instance)));
    while (!stop_wait(1000)) continue;
    http_server_free(server);
    err_t *ended = threads_join(processor);
    if (!err) return ended;
    err_free(ended);
    return err;
}

static err_t *processor_run(settings_t *settings) {
    processor_t *processor = calloc(1, sizeof *processor);
    if (!processor) abort();
    err_t *err = processor_open(processor, settings);
    if (!err) err = serve(processor, settings);
    processor_close(processor);
    return err;
}

const command_t processor_command = {
    .name = "processor",
    .summary = "Scores the stream of transfers; as many instances as you like share the partitions.",
    .settings = settings_table,
    .run = processor_run,
};
