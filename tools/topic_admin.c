#include "tools/topic_admin.h"

#include "common/log.h"
#include "tools/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void topic_state_init(topic_state_t *state, const settings_t *settings) {
    for (topic_t topic = 0; topic < TOPIC_COUNT; topic++) {
        state->names[topic] = kafka_topic_name(settings, topic);
        state->partition_counts[topic] = -1;
        state->replication_factors[topic] = 0;
    }
}

void topic_state_clear(topic_state_t *state) {
    for (topic_t topic = 0; topic < TOPIC_COUNT; topic++) free(state->names[topic]);
}

static err_t *request_error(rd_kafka_resp_err_t code, const char *what) {
    return code ? kafka_error(
                      rd_kafka_error_new(code, "%s; check KAFKA_BOOTSTRAP_SERVERS", rd_kafka_err2str(code)),
                      what)
                : NULL;
}

err_t *topic_state_read(topic_state_t *state, rd_kafka_t *client) {
    const rd_kafka_metadata_t *metadata;
    rd_kafka_resp_err_t code = rd_kafka_metadata(client, 1, NULL, &metadata, TOPIC_REQUEST_TIMEOUT_MS);
    if (code) return request_error(code, "cannot ask Kafka for its topics");
    for (topic_t topic = 0; topic < TOPIC_COUNT; topic++) {
        state->partition_counts[topic] = -1;
        for (int i = 0; i < metadata->topic_cnt; i++) {
            const rd_kafka_metadata_topic_t *found = &metadata->topics[i];
            if (found->err || strcmp(found->topic, state->names[topic]) != 0) continue;
            state->partition_counts[topic] = found->partition_cnt;
            state->replication_factors[topic] = found->partition_cnt ? found->partitions[0].replica_cnt : 0;
        }
    }
    rd_kafka_metadata_destroy(metadata);
    return NULL;
}

/* Waits for the answer of a request that was sent with `queue`. */
static err_t *await(rd_kafka_queue_t *queue, const char *what, rd_kafka_event_t **event) {
    *event = rd_kafka_queue_poll(queue, TOPIC_REQUEST_TIMEOUT_MS + 5000);
    if (!*event) return request_error(RD_KAFKA_RESP_ERR__TIMED_OUT, what);
    return request_error(rd_kafka_event_error(*event), what);
}

static rd_kafka_NewTopic_t *new_topic(const char *name, topic_t topic, const topic_layout_t *layout) {
    char why[256];
    rd_kafka_NewTopic_t *result =
        rd_kafka_NewTopic_new(name, layout->partition_count, layout->replication_factor, why, sizeof why);
    if (!result) return NULL;
    topic_config_t configs[TOPIC_CONFIGS_MAX];
    int count = topic_configs(topic, layout, configs);
    for (int i = 0; i < count; i++) rd_kafka_NewTopic_set_config(result, configs[i].name, configs[i].value);
    return result;
}

static err_t *created(rd_kafka_event_t *event) {
    size_t count;
    const rd_kafka_topic_result_t **results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
    for (size_t i = 0; i < count; i++) {
        const char *name = rd_kafka_topic_result_name(results[i]);
        rd_kafka_resp_err_t code = rd_kafka_topic_result_error(results[i]);
        if (!code) {
            log_info("topic created", LOG_STR("topic", name));
        } else if (code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
            const char *why = rd_kafka_topic_result_error_string(results[i]);
            err_t *err = kafka_error(rd_kafka_error_new(code, "%s", why ? why : rd_kafka_err2str(code)),
                                     "cannot create the topic");
            return err_wrap(err, "%s", name);
        }
    }
    return NULL;
}

static err_t *create(rd_kafka_t *client, rd_kafka_NewTopic_t **topics, size_t count) {
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    rd_kafka_event_t *event = NULL;
    char why[256];
    rd_kafka_AdminOptions_set_request_timeout(options, TOPIC_REQUEST_TIMEOUT_MS, why, sizeof why);
    rd_kafka_AdminOptions_set_operation_timeout(options, TOPIC_REQUEST_TIMEOUT_MS, why, sizeof why);
    rd_kafka_CreateTopics(client, topics, count, options, queue);
    err_t *err = await(queue, "cannot create topics", &event);
    if (!err) err = created(event);
    if (event) rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_AdminOptions_destroy(options);
    return err;
}

err_t *topics_request_create(rd_kafka_t *client, const topic_state_t *state, const bool chosen[TOPIC_COUNT],
                             const topic_layout_t *layout) {
    rd_kafka_NewTopic_t *topics[TOPIC_COUNT];
    size_t count = 0;
    err_t *err = NULL;
    for (topic_t topic = 0; topic < TOPIC_COUNT && !err; topic++) {
        if (!chosen[topic]) continue;
        topics[count] = new_topic(state->names[topic], topic, layout);
        if (topics[count])
            count++;
        else
            err =
                err_new_code(EXIT_USAGE, "\"%s\" cannot be a topic; check TOPIC_PREFIX", state->names[topic]);
    }
    if (!err && count) err = create(client, topics, count);
    rd_kafka_NewTopic_destroy_array(topics, count);
    return err;
}

static int shown_index(const char *const *names, const char *name) {
    for (int i = 0; names[i]; i++) {
        if (strcmp(names[i], name) == 0) return i;
    }
    return -1;
}

static void take_values(const rd_kafka_ConfigResource_t *resource, const topic_state_t *state,
                        const char *const *names, topic_values_t *values) {
    size_t count;
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resource, &count);
    for (topic_t topic = 0; topic < TOPIC_COUNT; topic++) {
        if (strcmp(state->names[topic], rd_kafka_ConfigResource_name(resource)) != 0) continue;
        for (size_t i = 0; i < count; i++) {
            int index = shown_index(names, rd_kafka_ConfigEntry_name(entries[i]));
            const char *value = rd_kafka_ConfigEntry_value(entries[i]);
            if (index < 0 || !value || values->values[topic][index]) continue;
            values->values[topic][index] = strdup(value);
        }
    }
}

static err_t *describe(rd_kafka_t *client, rd_kafka_ConfigResource_t **resources, size_t resource_count,
                       const topic_state_t *state, const char *const *names, topic_values_t *values) {
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    rd_kafka_event_t *event = NULL;
    rd_kafka_DescribeConfigs(client, resources, resource_count, NULL, queue);
    err_t *err = await(queue, "cannot ask Kafka for the settings of topics", &event);
    if (!err) {
        size_t count;
        const rd_kafka_ConfigResource_t **answers =
            rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event), &count);
        for (size_t i = 0; i < count; i++) take_values(answers[i], state, names, values);
    }
    if (event) rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    return err;
}

err_t *topics_request_values(rd_kafka_t *client, const topic_state_t *state, const char *const *names,
                             topic_values_t *values) {
    *values = (topic_values_t){0};
    rd_kafka_ConfigResource_t *resources[TOPIC_COUNT];
    size_t count = 0;
    for (topic_t topic = 0; topic < TOPIC_COUNT; topic++) {
        if (state->partition_counts[topic] < 0) continue;
        resources[count++] = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, state->names[topic]);
    }
    err_t *err = count ? describe(client, resources, count, state, names, values) : NULL;
    rd_kafka_ConfigResource_destroy_array(resources, count);
    return err;
}

void topic_values_clear(topic_values_t *values) {
    for (topic_t topic = 0; topic < TOPIC_COUNT; topic++) {
        for (int i = 0; i < TOPIC_SHOWN_MAX; i++) free(values->values[topic][i]);
    }
}
