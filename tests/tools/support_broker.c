#include "tests/tools/support_broker.h"

#include <check.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdlib.h>
#include <string.h>

enum { ARGUMENTS_MAX = 32, TIMEOUT_MS = 10000 };

struct broker {
    rd_kafka_t *client;
    rd_kafka_mock_cluster_t *cluster;
    int partition_counts[TOPIC_COUNT];
};

static rd_kafka_t *client_new(rd_kafka_type_t type, const char *const *pairs) {
    char why[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    for (; *pairs; pairs += 2)
        ck_assert_int_eq(rd_kafka_conf_set(conf, pairs[0], pairs[1], why, sizeof why), RD_KAFKA_CONF_OK);
    rd_kafka_t *client = rd_kafka_new(type, conf, why, sizeof why);
    ck_assert_msg(client, "%s", why);
    return client;
}

broker_t *broker_new(void) {
    broker_t *broker = calloc(1, sizeof *broker);
    broker->client = client_new(RD_KAFKA_PRODUCER, (const char *const[]){"log_level", "3", NULL});
    broker->cluster = rd_kafka_mock_cluster_new(broker->client, 1);
    ck_assert_ptr_nonnull(broker->cluster);
    return broker;
}

void broker_free(broker_t *broker) {
    rd_kafka_mock_cluster_destroy(broker->cluster);
    rd_kafka_destroy(broker->client);
    free(broker);
}

void broker_create_topic(broker_t *broker, topic_t topic, int partition_count) {
    ck_assert_int_eq(rd_kafka_mock_topic_create(broker->cluster, topic_infos[topic].name, partition_count, 1),
                     0);
    broker->partition_counts[topic] = partition_count;
}

void broker_create_topics(broker_t *broker, int partition_count) {
    for (topic_t topic = 0; topic < TOPIC_COUNT; topic++) broker_create_topic(broker, topic, partition_count);
}

err_t *broker_run(broker_t *broker, const command_t *command, const char *const *arguments, int count) {
    char *all[ARGUMENTS_MAX] = {"--kafka-bootstrap-servers",
                                (char *)(uintptr_t)rd_kafka_mock_cluster_bootstraps(broker->cluster)};
    settings_t *settings;
    for (int i = 0; i < count; i++) all[2 + i] = (char *)(uintptr_t)arguments[i];
    err_t *err = settings_new(command, 2 + count, all, &settings);
    if (err) return err;
    err = command->run(settings);
    settings_free(settings);
    return err;
}

static int read_partition(rd_kafka_t *client, const char *topic, int partition, broker_visit_t visit,
                          void *context) {
    int count = 0;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topic, partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
    ck_assert_int_eq(rd_kafka_assign(client, list), 0);
    rd_kafka_topic_partition_list_destroy(list);
    for (bool ended = false; !ended;) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(client, TIMEOUT_MS);
        ck_assert_ptr_nonnull(message);
        ended = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
        ck_assert(ended || !message->err);
        if (!ended) visit(context, partition, message->key, message->key_len, message->payload, message->len);
        count += !ended;
        rd_kafka_message_destroy(message);
    }
    return count;
}

int broker_read(broker_t *broker, topic_t topic, broker_visit_t visit, void *context) {
    rd_kafka_t *client = client_new(
        RD_KAFKA_CONSUMER,
        (const char *const[]){"bootstrap.servers", rd_kafka_mock_cluster_bootstraps(broker->cluster),
                              "group.id", "test", "enable.auto.commit", "false", "enable.partition.eof",
                              "true", "fetch.wait.max.ms", "10", NULL});
    rd_kafka_poll_set_consumer(client);
    int count = 0;
    for (int partition = 0; partition < broker->partition_counts[topic]; partition++)
        count += read_partition(client, topic_infos[topic].name, partition, visit, context);
    rd_kafka_consumer_close(client);
    rd_kafka_destroy(client);
    return count;
}
