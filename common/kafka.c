#include "common/kafka.h"

#include "common/log.h"
#include "common/timestamp.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECTION_LOG_INTERVAL_MS = 5000 };

/* With a broker down, librdkafka says so at each attempt and for each client: once in a while is enough. */
static bool connection_line_is_due(void) {
    static atomic_llong last_ms;
    long long now_ms = clock_monotonic_us() / 1000, seen_ms = last_ms;
    if (seen_ms && now_ms - seen_ms < CONNECTION_LOG_INTERVAL_MS) return false;
    return atomic_compare_exchange_strong(&last_ms, &seen_ms, now_ms);
}

static void on_log(const rd_kafka_t *client, int syslog_level, const char *facility, const char *text) {
    (void)client;
    log_level_t level = syslog_level <= 3   ? LOG_LEVEL_ERROR
                        : syslog_level <= 4 ? LOG_LEVEL_WARN
                        : syslog_level <= 6 ? LOG_LEVEL_INFO
                                            : LOG_LEVEL_DEBUG;
    if (strcmp(facility, "FAIL") == 0 || strcmp(facility, "ERROR") == 0) {
        level = connection_line_is_due() ? LOG_LEVEL_WARN : LOG_LEVEL_DEBUG;
    } else if (strcmp(facility, "CONFWARN") == 0) {
        /* One configuration serves producers and consumers; each says that it ignores the other's
         * properties. */
        level = LOG_LEVEL_DEBUG;
    }
    log_write(level, text, (log_field_t[]){LOG_STR("kafka", facility), {.name = NULL}});
}

static err_t *set(rd_kafka_conf_t *conf, const char *name, const char *value, const char *origin) {
    char why[256];
    rd_kafka_conf_res_t result = rd_kafka_conf_set(conf, name, value, why, sizeof why);
    if (result == RD_KAFKA_CONF_OK) return NULL;
    if (result == RD_KAFKA_CONF_UNKNOWN) {
        return err_new_code(EXIT_USAGE, "librdkafka has no property \"%s\"%s; see its CONFIGURATION.md", name,
                            origin);
    }
    return err_new_code(EXIT_USAGE, "the Kafka property \"%s\" cannot be \"%s\"%s: %s", name, value, origin,
                        why);
}

static err_t *set_all(rd_kafka_conf_t *conf, const settings_t *settings, const char *const *pairs) {
    const char *const defaults[] = {
        "bootstrap.servers", settings_get(settings, "KAFKA_BOOTSTRAP_SERVERS"), "client.id", "amlstream",
        "compression.type", "lz4",
        /* A topic that the broker makes by itself would have the wrong partition count. */
        "allow.auto.create.topics", "false", "log.connection.close", "false", NULL};
    for (const char *const *pair = defaults; *pair; pair += 2) TRY(set(conf, pair[0], pair[1], ""));
    for (const char *const *pair = pairs; pair && *pair; pair += 2) TRY(set(conf, pair[0], pair[1], ""));
    const char *name, *value;
    for (int i = 0; settings_kafka_property(settings, i, &name, &value); i++) {
        TRY(set(conf, name, value, " (set by AMLSTREAM_KAFKA_<PROPERTY>)"));
    }
    return NULL;
}

err_t *kafka_conf_new(const settings_t *settings, const char *const *pairs, rd_kafka_conf_t **out) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, on_log);
    err_t *err = set_all(conf, settings, pairs);
    if (err)
        rd_kafka_conf_destroy(conf);
    else
        *out = conf;
    return err;
}

err_t *kafka_client_new(rd_kafka_type_t type, rd_kafka_conf_t *conf, rd_kafka_t **out) {
    char why[512];
    rd_kafka_t *client = rd_kafka_new(type, conf, why, sizeof why);
    if (!client) {
        rd_kafka_conf_destroy(conf);
        return err_new_code(EXIT_USAGE, "cannot make a Kafka %s: %s",
                            type == RD_KAFKA_PRODUCER ? "producer" : "consumer", why);
    }
    *out = client;
    return NULL;
}

static int exit_code_of(rd_kafka_resp_err_t code) {
    switch (code) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE: return EXIT_UNAVAILABLE;
    default: return EXIT_FAILED;
    }
}

err_t *kafka_error(rd_kafka_error_t *error, const char *what) {
    if (!error) return NULL;
    err_t *err =
        err_new_code(exit_code_of(rd_kafka_error_code(error)), "%s: %s", what, rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    return err;
}

err_t *kafka_partition_count(rd_kafka_t *client, const char *topic, int timeout_ms, int *count) {
    /* Asking for all topics never makes the broker create one. */
    const rd_kafka_metadata_t *metadata;
    rd_kafka_resp_err_t code = rd_kafka_metadata(client, 1, NULL, &metadata, timeout_ms);
    if (code) {
        return err_new_code(exit_code_of(code),
                            "cannot ask Kafka for its topics: %s; check KAFKA_BOOTSTRAP_SERVERS",
                            rd_kafka_err2str(code));
    }
    *count = -1;
    for (int i = 0; i < metadata->topic_cnt; i++) {
        const rd_kafka_metadata_topic_t *found = &metadata->topics[i];
        if (strcmp(found->topic, topic) == 0 && !found->err) *count = found->partition_cnt;
    }
    rd_kafka_metadata_destroy(metadata);
    return NULL;
}

char *kafka_topic_name(const settings_t *settings, topic_t topic) {
    const char *prefix = settings_get(settings, "TOPIC_PREFIX");
    char *name;
    if (asprintf(&name, "%s%s", prefix ? prefix : "", topic_infos[topic].name) < 0) abort();
    return name;
}
