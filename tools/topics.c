#include "tools/topics.h"

#include "common/buf.h"
#include "common/kafka.h"
#include "common/log.h"
#include "common/signals.h"
#include "common/timestamp.h"
#include "tools/limits.h"
#include "tools/topic_admin.h"

#include <stdio.h>
#include <string.h>

static const setting_t settings_table[] = {
    SETTING_KAFKA,
    SETTING_TOPIC_PREFIX,
    {"PARTITIONS", "12",
     "partitions of each topic; where the topic of transfers exists already, its count decides"},
    {"REPLICATION_FACTOR", "1", "copies that the brokers keep of each record"},
    {"RETENTION_DAYS", "7",
     "how long transfers and their risks are kept, days since they came; -1: for ever"},
    {NULL, NULL, NULL},
};

static err_t *layout_read(const settings_t *settings, topic_layout_t *layout) {
    int64_t partitions, replication, retention_days;
    TRY(settings_int(settings, "PARTITIONS", 1, TOPIC_PARTITIONS_MAX, &partitions));
    TRY(settings_int(settings, "REPLICATION_FACTOR", 1, TOPIC_REPLICATION_MAX, &replication));
    TRY(settings_int(settings, "RETENTION_DAYS", -1, 36500, &retention_days));
    *layout = (topic_layout_t){(int)partitions, (int)replication, (int)retention_days};
    return NULL;
}

/* Until the brokers know all that `chosen` names: what they were asked for is there a little later. */
static err_t *await_visible(topic_state_t *state, rd_kafka_t *client, const bool chosen[TOPIC_COUNT]) {
    int64_t end_us = clock_monotonic_us() + TOPIC_VISIBLE_TIMEOUT_MS * INT64_C(1000);
    for (;;) {
        TRY(topic_state_read(state, client));
        const char *missing = NULL;
        for (topic_t topic = 0; topic < TOPIC_COUNT; topic++) {
            if (chosen[topic] && state->partition_counts[topic] <= 0) missing = state->names[topic];
        }
        if (!missing) return NULL;
        if (clock_monotonic_us() > end_us)
            return err_new_code(EXIT_UNAVAILABLE,
                                "the topic \"%s\" was created, but the brokers do not show it after %d s",
                                missing, TOPIC_VISIBLE_TIMEOUT_MS / 1000);
        if (stop_wait(100)) return err_new("stopped before all topics were there");
    }
}

static err_t *counts_check(const topic_state_t *state) {
    int wanted = state->partition_counts[TOPIC_TRANSACTIONS];
    buf_t differing = {0};
    for (topic_t topic = 0; topic < TOPIC_COUNT; topic++) {
        int count = state->partition_counts[topic];
        if (count < 0 || count == wanted) continue;
        buf_printf(&differing, "%s%s has %d", differing.size ? ", " : "", state->names[topic], count);
    }
    if (!differing.size) return NULL;
    err_t *err =
        err_new_code(EXIT_STATE,
                     "topics differ in their partition counts: %s has %d, but %s; give them the same count "
                     "(kafka-topics --alter --partitions only ever adds), or delete them and run this again; "
                     "deleting amlstream-state-changelog or amlstream-wallet-events loses the scores' state",
                     state->names[TOPIC_TRANSACTIONS], wanted, buf_cstr(&differing));
    buf_clear(&differing);
    return err;
}

static err_t *create_missing(rd_kafka_t *client, topic_state_t *state, bool chosen[TOPIC_COUNT],
                             const topic_layout_t *layout) {
    for (topic_t topic = 0; topic < TOPIC_COUNT; topic++) {
        chosen[topic] = chosen[topic] && state->partition_counts[topic] < 0;
    }
    TRY(topics_request_create(client, state, chosen, layout));
    return await_visible(state, client, chosen);
}

/* The topic of transfers first: where several create at once with different settings, the winner's count
 * decides. */
static err_t *create(rd_kafka_t *client, topic_state_t *state, const settings_t *settings) {
    topic_layout_t layout;
    bool first[TOPIC_COUNT] = {[TOPIC_TRANSACTIONS] = true}, all[TOPIC_COUNT];
    TRY(layout_read(settings, &layout));
    TRY(topic_state_read(state, client));
    TRY(create_missing(client, state, first, &layout));
    if (state->partition_counts[TOPIC_TRANSACTIONS] != layout.partition_count) {
        layout.partition_count = state->partition_counts[TOPIC_TRANSACTIONS];
        log_info("the topic of transfers decides the partition count",
                 LOG_STR("topic", state->names[TOPIC_TRANSACTIONS]),
                 LOG_INT("partitions", layout.partition_count));
    }
    for (topic_t topic = 0; topic < TOPIC_COUNT; topic++) all[topic] = true;
    TRY(create_missing(client, state, all, &layout));
    TRY(counts_check(state));
    log_info("all topics are there", LOG_INT("partitions", layout.partition_count));
    return NULL;
}

static const char *or_dash(const char *text) { return text ? text : "-"; }

static err_t *describe(rd_kafka_t *client, topic_state_t *state) {
    static const char *const names[] = {"cleanup.policy", "retention.ms", "message.timestamp.type", NULL};
    topic_values_t values;
    TRY(topic_state_read(state, client));
    err_t *err = topics_request_values(client, state, names, &values);
    if (!err) {
        printf("%-34s %10s %8s  %-8s %12s  %s\n", "topic", "partitions", "replicas", "cleanup",
               "retention.ms", "time");
        for (topic_t topic = 0; topic < TOPIC_COUNT; topic++) {
            char *const *shown = values.values[topic];
            if (state->partition_counts[topic] < 0) {
                printf("%-34s missing; amlstream topics create makes it\n", state->names[topic]);
                continue;
            }
            printf("%-34s %10d %8d  %-8s %12s  %s\n", state->names[topic], state->partition_counts[topic],
                   state->replication_factors[topic], or_dash(shown[0]), or_dash(shown[1]),
                   or_dash(shown[2]));
        }
        err = state->partition_counts[TOPIC_TRANSACTIONS] < 0 ? NULL : counts_check(state);
    }
    topic_values_clear(&values);
    return err;
}

static err_t *topics_run(settings_t *settings) {
    const char *action = settings_argument(settings, 0);
    bool creates = action && strcmp(action, "create") == 0;
    if (settings_argument_count(settings) != 1 || (!creates && strcmp(action, "describe") != 0)) {
        return err_new_code(EXIT_USAGE,
                            "say what to do: amlstream topics create, or amlstream topics describe");
    }
    rd_kafka_conf_t *conf;
    rd_kafka_t *client;
    TRY(kafka_conf_new(settings, NULL, &conf));
    TRY(kafka_client_new(RD_KAFKA_PRODUCER, conf, &client));
    topic_state_t state;
    topic_state_init(&state, settings);
    err_t *err = creates ? create(client, &state, settings) : describe(client, &state);
    topic_state_clear(&state);
    rd_kafka_destroy(client);
    return err;
}

const command_t topics_command = {
    .name = "topics",
    .summary = "Creates the topics, or describes those there are.",
    .arguments = "create|describe",
    .details =
        "create makes the topics that are missing and checks that all have the partition count of the\n"
        "topic of transfers. Safe to run again, and several times at once. Records get the brokers' time,\n"
        "so that no event time of years ago lets them be deleted; alerts, dead letters, commands and the\n"
        "internal topics are kept for ever.",
    .settings = settings_table,
    .run = topics_run,
};
