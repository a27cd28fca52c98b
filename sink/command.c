#include "common/http.h"
#include "common/kafka.h"
#include "common/log.h"
#include "common/settings.h"
#include "sink/consumer.h"
#include "sink/limits.h"
#include "sink/maintainer.h"
#include "sink/sink.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GROUP_SIZE_MAX = 200 };

static const setting_t settings_table[] = {
    SETTING_KAFKA,
    SETTING_DATABASE,
    SETTING_GROUP,
    SETTING_TOPIC_PREFIX,
    SETTING_HTTP("127.0.0.1:8082"),
    {"BATCH_SIZE", "20000", "most records in one write to Postgres"},
    {"BATCH_MB", "16", "most megabytes of records in one write"},
    {"BATCH_MS", "100", "longest time that a record waits for others, ms; a quiet stream is written at once"},
    {"SYNCHRONOUS_COMMIT", "off",
     "Postgres's synchronous_commit of the writes: off loses nothing, since what a crash of Postgres takes "
     "back is "
     "read again"},
    {"STATEMENT_TIMEOUT_MS", "60000",
     "after which a statement that waits for others is given up and tried anew, ms"},
    {"NOTIFY_SCORE_CHANGE", "10",
     "change of a wallet's score, in points, from which on listeners of amlstream_scores are told; none: "
     "never"},
    {"MIGRATE", "true", "bring the tables up to date at the start; false: `amlstream migrate` does it"},
    {"MAINTAIN_INTERVAL_S", "3600",
     "time between maintenances of the tables, by one of the sinks, s; 0: only `amlstream maintain` does it"},
    SETTINGS_MAINTAIN,
    {"SESSION_TIMEOUT_MS", "10000", "after which silence an instance's partitions go to others, ms"},
    {NULL, NULL, NULL},
};

typedef struct {
    names_t names;
    status_t *status;
    writer_t *writer;
    consumer_t *consumer;
    maintainer_t *maintainer;
    http_server_t *server;
} sink_t;

static err_t *options_read(const settings_t *settings, consumer_options_t *options) {
    const char *group = settings_get(settings, "GROUP");
    int64_t megabytes;
    if (!*group || strlen(group) > GROUP_SIZE_MAX) {
        return err_new_code(EXIT_USAGE, "GROUP is \"%s\"; it must have 1 to %d bytes", group, GROUP_SIZE_MAX);
    }
    options->settings = settings;
    TRY(settings_int(settings, "BATCH_SIZE", 1, BATCH_RECORDS_MAX, &options->batch_records));
    TRY(settings_int(settings, "BATCH_MB", 1, BATCH_MB_MAX, &megabytes));
    options->batch_bytes = megabytes << 20;
    TRY(settings_int(settings, "BATCH_MS", 1, BATCH_MS_MAX, &options->batch_ms));
    return settings_int(settings, "SESSION_TIMEOUT_MS", 1000, 3600000, &options->session_timeout_ms);
}

static err_t *synchronous_commit_check(const char *value) {
    static const char *const known[] = {"off", "local", "remote_write", "on", "remote_apply", NULL};
    for (const char *const *name = known; *name; name++) {
        if (strcmp(value, *name) == 0) return NULL;
    }
    return err_new_code(EXIT_USAGE,
                        "SYNCHRONOUS_COMMIT is \"%s\"; it must be off, local, remote_write, on or "
                        "remote_apply",
                        value);
}

static err_t *writer_options_read(const settings_t *settings, writer_options_t *options) {
    const char *change = settings_get(settings, "NOTIFY_SCORE_CHANGE");
    int64_t timeout_ms;
    options->postgres.url = settings_get(settings, "DATABASE_URL");
    options->postgres.synchronous_commit = settings_get(settings, "SYNCHRONOUS_COMMIT");
    options->migrates = settings_is_on(settings, "MIGRATE");
    options->write.told_change = INFINITY;
    TRY(synchronous_commit_check(options->postgres.synchronous_commit));
    TRY(settings_int(settings, "STATEMENT_TIMEOUT_MS", 100, STATEMENT_TIMEOUT_MS_MAX, &timeout_ms));
    options->postgres.statement_timeout_ms = (int)timeout_ms;
    if (strcmp(change, "none") == 0) return NULL;
    return settings_number(settings, "NOTIFY_SCORE_CHANGE", 0, 100, &options->write.told_change);
}

static err_t *maintainer_options_read(const settings_t *settings, maintainer_options_t *options) {
    TRY(settings_int(settings, "MAINTAIN_INTERVAL_S", 0, MAINTENANCE_INTERVAL_S_MAX, &options->interval_s));
    return maintain_options_read(settings, &options->tables);
}

/* /health answers before anything else is there: Kafka and Postgres may be away for long. */
static err_t *sink_open(sink_t *sink, const settings_t *settings) {
    const char *listen = settings_get(settings, "HTTP_LISTEN");
    consumer_options_t options = {.names = &sink->names};
    writer_options_t writer_options = {.write.names = &sink->names};
    maintainer_options_t maintainer_options = {.url = settings_get(settings, "DATABASE_URL")};
    TRY(options_read(settings, &options));
    TRY(writer_options_read(settings, &writer_options));
    TRY(maintainer_options_read(settings, &maintainer_options));
    if (*listen) TRY(http_server_new(listen, status_routes, sink->status, HTTP_THREADS, &sink->server));
    sink->writer = writer_new(&writer_options, sink->status);
    if (maintainer_options.interval_s) sink->maintainer = maintainer_new(&maintainer_options);
    TRY(consumer_new(&options, sink->writer, sink->status, &sink->consumer));
    log_info("sink runs", LOG_STR("group", settings_get(settings, "GROUP")), LOG_STR("http", listen));
    return NULL;
}

/* SIGTERM must end the process in time, whatever a server that is away makes us wait for: what is written is
 * safe. */
static void sink_close(sink_t *sink) {
    alarm(STOP_LIMIT_S - DRAIN_MS_MAX / 1000 - 1);
    http_server_free(sink->server);
    maintainer_free(sink->maintainer);
    writer_free(sink->writer);
    consumer_free(sink->consumer);
    status_free(sink->status);
    for (int input = 0; input < INPUT_COUNT; input++) free((char *)(uintptr_t)sink->names.topics[input]);
    alarm(0);
}

static err_t *sink_run(settings_t *settings) {
    sink_t sink = {.status = status_new()};
    for (int input = 0; input < INPUT_COUNT; input++) {
        sink.names.topics[input] = kafka_topic_name(settings, input_infos[input].topic);
    }
    err_t *err = sink_open(&sink, settings);
    if (!err) err = consumer_run(sink.consumer);
    sink_close(&sink);
    return err;
}

const command_t sink_command = {
    .name = "sink",
    .summary =
        "Keeps transfers, scores and alerts in Postgres; as many instances as you like share the partitions.",
    .settings = settings_table,
    .run = sink_run,
};
