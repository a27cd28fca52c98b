/* What Kafka says of the consumers, against librdkafka's mock of a cluster. */
#include "api/api.h"
#include "api/lag.h"
#include "api/positions.h"
#include "tests/support/suite.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdlib.h>
#include <string.h>

enum { PARTITIONS = 3, WAIT_MS = 10000 };

static rd_kafka_t *producer;
static rd_kafka_mock_cluster_t *cluster;
static settings_t *settings;
static prober_t *prober;
static position_t *positions;
static int count;

static rd_kafka_t *client_new(rd_kafka_type_t type, const char *servers, const char *group) {
    char why[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    if (servers) rd_kafka_conf_set(conf, "bootstrap.servers", servers, why, sizeof why);
    if (group) rd_kafka_conf_set(conf, "group.id", group, why, sizeof why);
    rd_kafka_t *client = rd_kafka_new(type, conf, why, sizeof why);
    ck_assert_msg(client != NULL, "%s", why);
    return client;
}

static void start(void) {
    rd_kafka_t *owner = client_new(RD_KAFKA_PRODUCER, NULL, NULL);
    cluster = rd_kafka_mock_cluster_new(owner, 1);
    const char *servers = rd_kafka_mock_cluster_bootstraps(cluster);
    setenv("KAFKA_BOOTSTRAP_SERVERS", servers, 1);
    setenv("AMLSTREAM_GROUP", "risk", 1);
    setenv("AMLSTREAM_TOPIC_PREFIX", "a.", 1);
    must(settings_new(&api_command, 0, NULL, &settings));
    must(prober_new(settings, &prober));
    producer = owner;
}

static void stop(void) {
    free(positions);
    prober_free(prober);
    settings_free(settings);
    rd_kafka_mock_cluster_destroy(cluster);
    rd_kafka_destroy(producer);
}

static void topic_make(const char *name) { rd_kafka_mock_topic_create(cluster, name, PARTITIONS, 1); }

static void produce(const char *topic, int partition, int records) {
    rd_kafka_t *client = client_new(RD_KAFKA_PRODUCER, rd_kafka_mock_cluster_bootstraps(cluster), NULL);
    for (int i = 0; i < records; i++) {
        rd_kafka_resp_err_t code =
            rd_kafka_producev(client, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition),
                              RD_KAFKA_V_VALUE("x", 1), RD_KAFKA_V_END);
        ck_assert_int_eq(code, 0);
    }
    ck_assert_int_eq(rd_kafka_flush(client, WAIT_MS), 0);
    rd_kafka_destroy(client);
}

static void commit(const char *topic, int partition, int64_t offset) {
    rd_kafka_t *client = client_new(RD_KAFKA_CONSUMER, rd_kafka_mock_cluster_bootstraps(cluster), "risk");
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topic, partition)->offset = offset;
    ck_assert_int_eq(rd_kafka_commit(client, list, 0), 0);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_destroy(client);
}

static const position_t *position_of(const char *topic, int partition) {
    for (int i = 0; i < count; i++) {
        if (strcmp(positions[i].topic, topic) == 0 && positions[i].partition == partition)
            return &positions[i];
    }
    ck_abort_msg("no position of %s %d", topic, partition);
    return NULL;
}

START_TEST(the_processors_lag_is_from_their_commit_to_the_end) {
    topic_make("a.transactions");
    topic_make("a.alerts");
    produce("a.transactions", 0, 10);
    produce("a.transactions", 2, 4);
    produce("a.alerts", 1, 2);
    must(prober_read(prober, &positions, &count));
    ck_assert_int_eq(count, 2 * PARTITIONS);
    ck_assert_int_eq(position_of("a.transactions", 0)->end, 10);
    ck_assert_int_eq(position_of("a.transactions", 0)->begin, 0);
    ck_assert_int_eq(position_of("a.transactions", 0)->committed, -1);
    ck_assert_int_eq(position_of("a.transactions", 1)->end, 0);
    ck_assert_int_eq(position_of("a.alerts", 1)->end, 2);
    ck_assert_int_eq(lag_processor(positions, count, "a.transactions"), 14);
    free(positions);
    commit("a.transactions", 0, 7);
    commit("a.transactions", 2, 4);
    must(prober_read(prober, &positions, &count));
    ck_assert_int_eq(position_of("a.transactions", 0)->committed, 7);
    ck_assert_int_eq(lag_processor(positions, count, "a.transactions"), 3);
}
END_TEST

START_TEST(a_missing_topic_is_told) {
    topic_make("transactions");
    err_t *err = prober_read(prober, &positions, &count);
    ck_assert_ptr_nonnull(err);
    ck_assert_str_eq(err_message(err), "there is no topic \"a.transactions\"; run `amlstream topics create`");
    err_free(err);
}
END_TEST

START_TEST(kafka_away_is_told_within_the_time_limit) {
    topic_make("a.transactions");
    rd_kafka_mock_broker_set_down(cluster, 1);
    err_t *err = prober_read(prober, &positions, &count);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err_exit_code(err), EXIT_UNAVAILABLE);
    err_free(err);
    rd_kafka_mock_broker_set_up(cluster, 1);
    for (int i = 0; i < 20 && (err = prober_read(prober, &positions, &count)); i++) err_free(err);
    must(err);
}
END_TEST

START_TEST(a_coordinator_that_is_not_there_yet_is_waited_for) {
    enum { OFFSET_FETCH = 9 };
    topic_make("a.transactions");
    rd_kafka_mock_push_request_errors(cluster, OFFSET_FETCH, 1, RD_KAFKA_RESP_ERR_NOT_COORDINATOR);
    err_t *err = prober_read(prober, &positions, &count);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err_exit_code(err), EXIT_UNAVAILABLE);
    for (int i = 0; i < 20 && err; i++) {
        err_free(err);
        err = prober_read(prober, &positions, &count);
    }
    must(err);
}
END_TEST

/* Lag, by numbers */

static stored_row_t stored_rows[] = {
    {.topic = "alerts", .partition = 0, .next_offset = 5, .lag = 11},
    {.topic = "alerts", .partition = 1, .next_offset = -1, .lag = 22},
    {.topic = "gone", .partition = 0, .next_offset = 5, .lag = 33},
};
static const stored_t stored = {.rows = stored_rows, .count = 3};

START_TEST(the_sinks_lag_is_from_its_rows_to_the_end) {
    const position_t made[] = {{.topic = "alerts", .partition = 0, .begin = 0, .end = 9},
                               {.topic = "alerts", .partition = 1, .begin = 4, .end = 6},
                               {.topic = "alerts", .partition = 2, .begin = 0, .end = 3},
                               {.topic = "transactions", .partition = 0, .begin = 0, .end = 100}};
    ck_assert_int_eq(lag_sink(&stored, made, 4, "transactions"), 4 + 2 + 3);
    ck_assert_int_eq(lag_sink_partition(&stored_rows[0], made, 4), 4);
    ck_assert_int_eq(lag_sink_partition(&stored_rows[1], made, 4), 2);
    ck_assert_int_eq(lag_sink_partition(&stored_rows[2], made, 4), 33);
}
END_TEST

START_TEST(the_marker_of_a_transaction_is_no_lag) {
    const position_t made[] = {{.topic = "alerts", .partition = 0, .begin = 0, .end = 6}};
    ck_assert_int_eq(lag_sink(&stored, made, 1, "transactions"), 0);
}
END_TEST

START_TEST(without_kafka_the_sinks_own_word_counts) {
    ck_assert_int_eq(lag_sink(&stored, NULL, 0, "transactions"), 66);
    ck_assert_int_eq(lag_processor(NULL, 0, "transactions"), -1);
}
END_TEST

START_TEST(what_was_deleted_unread_is_no_lag) {
    const position_t made = {.begin = 50, .end = 60, .committed = 10};
    ck_assert_int_eq(lag_at(&made, made.committed), 10);
    ck_assert_int_eq(lag_at(&made, 70), 0);
}
END_TEST

int main(void) {
    const TTest *const mocked[] = {
        the_processors_lag_is_from_their_commit_to_the_end,
        a_missing_topic_is_told,
        a_coordinator_that_is_not_there_yet_is_waited_for,
        kafka_away_is_told_within_the_time_limit,
        NULL,
    };
    const TTest *const numbers[] = {
        the_sinks_lag_is_from_its_rows_to_the_end,
        the_marker_of_a_transaction_is_no_lag,
        without_kafka_the_sinks_own_word_counts,
        what_was_deleted_unread_is_no_lag,
        NULL,
    };
    TCase *with_kafka = suite_group("mocked", mocked, 60);
    tcase_add_checked_fixture(with_kafka, start, stop);
    return suite_run_groups("positions",
                            (TCase *const[]){with_kafka, suite_group("numbers", numbers, 60), NULL});
}
