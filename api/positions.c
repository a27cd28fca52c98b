#include "api/positions.h"

#include "api/limits.h"
#include "common/kafka.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const topic_t topics_read[] = {
    TOPIC_TRANSACTIONS, TOPIC_TRANSACTION_RISK, TOPIC_SCORES,      TOPIC_ALERTS,
    TOPIC_DLQ,          TOPIC_LABELS,           TOPIC_SCORING_RUNS};
enum { TOPICS_READ = sizeof topics_read / sizeof *topics_read };

struct prober {
    rd_kafka_t *client;
    rd_kafka_queue_t *answers;
    char *group;
    char *names[TOPICS_READ]; /* in the order of topics_read */
};

err_t *prober_new(const settings_t *settings, prober_t **out) {
    /* Without a group of its own, librdkafka 2.0 crashes on an answer that the coordinator has moved (its
     * issue 5040). A client that subscribes to nothing is no member of it. */
    const char *group = settings_get(settings, "GROUP");
    const char *const pairs[] = {"client.id", "amlstream-api", "group.id", group, NULL};
    rd_kafka_conf_t *conf;
    rd_kafka_t *client;
    TRY(kafka_conf_new(settings, pairs, &conf));
    TRY(kafka_client_new(RD_KAFKA_CONSUMER, conf, &client));
    prober_t *prober = calloc(1, sizeof *prober);
    if (!prober) abort();
    prober->client = client;
    prober->answers = rd_kafka_queue_new(client);
    prober->group = strdup(group);
    if (!prober->group) abort();
    for (int i = 0; i < TOPICS_READ; i++) prober->names[i] = kafka_topic_name(settings, topics_read[i]);
    *out = prober;
    return NULL;
}

void prober_free(prober_t *prober) {
    if (!prober) return;
    rd_kafka_queue_destroy(prober->answers);
    rd_kafka_destroy(prober->client);
    for (int i = 0; i < TOPICS_READ; i++) free(prober->names[i]);
    free(prober->group);
    free(prober);
}

const char *prober_transactions(const prober_t *prober) { return prober->names[0]; }

static err_t *away(rd_kafka_resp_err_t code) {
    return err_new_code(EXIT_UNAVAILABLE, "Kafka does not answer: %s", rd_kafka_err2str(code));
}

/* Every partition of the topics that there are. */
static err_t *partitions_list(prober_t *prober, rd_kafka_topic_partition_list_t **out) {
    const rd_kafka_metadata_t *metadata;
    rd_kafka_resp_err_t code = rd_kafka_metadata(prober->client, 1, NULL, &metadata, KAFKA_TIMEOUT_MS);
    if (code) return away(code);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(64);
    bool has_transactions = false;
    for (int i = 0; i < TOPICS_READ; i++) {
        for (int j = 0; j < metadata->topic_cnt; j++) {
            const rd_kafka_metadata_topic_t *topic = &metadata->topics[j];
            if (strcmp(topic->topic, prober->names[i]) != 0 || topic->err) continue;
            rd_kafka_topic_partition_list_add_range(list, topic->topic, 0, topic->partition_cnt - 1);
            if (i == 0) has_transactions = true;
        }
    }
    rd_kafka_metadata_destroy(metadata);
    if (!has_transactions) {
        rd_kafka_topic_partition_list_destroy(list);
        return err_new("there is no topic \"%s\"; run `amlstream topics create`", prober->names[0]);
    }
    *out = list;
    return NULL;
}

/* Sets the offset of each partition to its first (RD_KAFKA_OFFSET_BEGINNING) or to its end
 * (RD_KAFKA_OFFSET_END): in ListOffsets a time of -2 or -1 asks for these, and they stand where the time
 * would. */
static err_t *offsets_ask(prober_t *prober, rd_kafka_topic_partition_list_t *list, int64_t which) {
    for (int i = 0; i < list->cnt; i++) list->elems[i].offset = which;
    rd_kafka_resp_err_t code = rd_kafka_offsets_for_times(prober->client, list, KAFKA_TIMEOUT_MS);
    return code ? away(code) : NULL;
}

static err_t *committed_take(rd_kafka_event_t *event, position_t *positions, int count) {
    if (!event) return away(RD_KAFKA_RESP_ERR__TIMED_OUT);
    if (rd_kafka_event_error(event)) return away(rd_kafka_event_error(event));
    size_t group_count;
    const rd_kafka_group_result_t **groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
        rd_kafka_event_ListConsumerGroupOffsets_result(event), &group_count);
    if (group_count == 0) return NULL;
    const rd_kafka_error_t *error = rd_kafka_group_result_error(groups[0]);
    if (error) return away(rd_kafka_error_code(error));
    const rd_kafka_topic_partition_list_t *list = rd_kafka_group_result_partitions(groups[0]);
    for (int i = 0; list && i < list->cnt; i++) {
        const rd_kafka_topic_partition_t *one = &list->elems[i];
        for (int j = 0; j < count; j++) {
            if (positions[j].partition != one->partition || strcmp(positions[j].topic, one->topic) != 0)
                continue;
            if (!one->err && one->offset >= 0) positions[j].committed = one->offset;
        }
    }
    return NULL;
}

/* rd_kafka_committed would wait until no transaction of the group is under way, and one nearly always is. */
static err_t *committed_ask(prober_t *prober, position_t *positions, int count) {
    rd_kafka_topic_partition_list_t *wanted = rd_kafka_topic_partition_list_new(16);
    for (int i = 0; i < count; i++) {
        if (strcmp(positions[i].topic, prober->names[0]) != 0) continue;
        rd_kafka_topic_partition_list_add(wanted, positions[i].topic, positions[i].partition);
    }
    rd_kafka_ListConsumerGroupOffsets_t *request =
        rd_kafka_ListConsumerGroupOffsets_new(prober->group, wanted);
    rd_kafka_topic_partition_list_destroy(wanted);
    char why[128];
    rd_kafka_AdminOptions_t *options =
        rd_kafka_AdminOptions_new(prober->client, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS);
    rd_kafka_AdminOptions_set_request_timeout(options, KAFKA_TIMEOUT_MS, why, sizeof why);
    rd_kafka_ListConsumerGroupOffsets(prober->client, &request, 1, options, prober->answers);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_ListConsumerGroupOffsets_destroy(request);
    /* The request has its own time-out, so that an answer always comes and none is left in the queue for the
     * next one. */
    rd_kafka_event_t *event = rd_kafka_queue_poll(prober->answers, 2 * KAFKA_TIMEOUT_MS);
    err_t *err = committed_take(event, positions, count);
    if (event) rd_kafka_event_destroy(event);
    return err;
}

static const char *name_of(const prober_t *prober, const char *topic) {
    int i = 0;
    while (strcmp(prober->names[i], topic) != 0) i++;
    return prober->names[i];
}

/* Both ends of every partition; those whose leader does not tell are left out. */
static err_t *ends_ask(prober_t *prober, rd_kafka_topic_partition_list_t *list, position_t *positions,
                       int *count) {
    TRY(offsets_ask(prober, list, RD_KAFKA_OFFSET_BEGINNING));
    for (int i = 0; i < list->cnt; i++) {
        positions[i].begin = list->elems[i].err ? -1 : list->elems[i].offset;
    }
    TRY(offsets_ask(prober, list, RD_KAFKA_OFFSET_END));
    *count = 0;
    for (int i = 0; i < list->cnt; i++) {
        const rd_kafka_topic_partition_t *one = &list->elems[i];
        if (one->err || one->offset < 0 || positions[i].begin < 0) continue;
        positions[(*count)++] = (position_t){.topic = name_of(prober, one->topic),
                                             .partition = one->partition,
                                             .begin = positions[i].begin,
                                             .end = one->offset,
                                             .committed = -1};
    }
    return NULL;
}

err_t *prober_read(prober_t *prober, position_t **out, int *count) {
    rd_kafka_topic_partition_list_t *list = NULL;
    TRY(partitions_list(prober, &list));
    position_t *positions = calloc((size_t)list->cnt, sizeof *positions);
    if (!positions) abort();
    err_t *err = ends_ask(prober, list, positions, count);
    rd_kafka_topic_partition_list_destroy(list);
    if (!err) err = committed_ask(prober, positions, *count);
    if (err)
        free(positions);
    else
        *out = positions;
    return err;
}
