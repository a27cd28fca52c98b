#include "sink/client.h"

#include "common/kafka.h"

#include <inttypes.h>
#include <stdio.h>

static err_t *configure(const settings_t *settings, int64_t session_timeout_ms, rd_kafka_conf_t **conf) {
    char group[256], session[24], heartbeat[24];
    snprintf(group, sizeof group, "%s-sink", settings_get(settings, "GROUP"));
    snprintf(session, sizeof session, "%" PRId64, session_timeout_ms);
    snprintf(heartbeat, sizeof heartbeat, "%" PRId64, session_timeout_ms / 3);
    /* clang-format off */
    const char *const pairs[] = {
        "group.id", group,
        "session.timeout.ms", session,
        "heartbeat.interval.ms", heartbeat,
        "isolation.level", "read_committed",
        "enable.auto.commit", "false",
        "enable.auto.offset.store", "false",
        "auto.offset.reset", "earliest",
        "enable.partition.eof", "true",
        /* Partition n of all topics goes to one instance, all or nothing at a time. */
        "partition.assignment.strategy", "range",
        "topic.metadata.refresh.interval.ms", "10000",
        /* What waits on our side: some batches, not some hundred megabytes. */
        "fetch.max.bytes", "8388608",
        "queued.max.messages.kbytes", "16384",
        NULL};
    /* clang-format on */
    return kafka_conf_new(settings, pairs, conf);
}

static err_t *subscribe(rd_kafka_t *client, const names_t *names) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(INPUT_COUNT);
    for (int input = 0; input < INPUT_COUNT; input++) {
        rd_kafka_topic_partition_list_add(list, names->topics[input], RD_KAFKA_PARTITION_UA);
    }
    rd_kafka_resp_err_t code = rd_kafka_subscribe(client, list);
    rd_kafka_topic_partition_list_destroy(list);
    return code ? err_new("cannot subscribe to the sink's topics: %s", rd_kafka_err2str(code)) : NULL;
}

err_t *sink_client_new(const settings_t *settings, const names_t *names, int64_t session_timeout_ms,
                       const client_events_t *events, rd_kafka_t **out) {
    rd_kafka_conf_t *conf;
    TRY(configure(settings, session_timeout_ms, &conf));
    rd_kafka_conf_set_rebalance_cb(conf, events->rebalance);
    rd_kafka_conf_set_error_cb(conf, events->error);
    rd_kafka_conf_set_opaque(conf, events->context);
    TRY(kafka_client_new(RD_KAFKA_CONSUMER, conf, out));
    rd_kafka_poll_set_consumer(*out);
    err_t *err = subscribe(*out, names);
    if (!err) return NULL;
    rd_kafka_destroy(*out);
    *out = NULL;
    return err;
}
