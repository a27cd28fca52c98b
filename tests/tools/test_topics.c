#include "tests/support/suite.h"
#include "tests/tools/support_broker.h"
#include "tools/topic_config.h"
#include "tools/topics.h"

#include <check.h>
#include <string.h>

static const char *config_of(topic_t topic, const topic_layout_t *layout, const char *name) {
    static topic_config_t configs[TOPIC_CONFIGS_MAX];
    int count = topic_configs(topic, layout, configs);
    ck_assert_int_le(count, TOPIC_CONFIGS_MAX);
    const char *value = NULL;
    for (int i = 0; i < count; i++) {
        if (strcmp(configs[i].name, name) != 0) continue;
        ck_assert_ptr_null(value);
        value = configs[i].value;
    }
    return value ? value : "";
}

static const topic_layout_t layout = {.partition_count = 12, .replication_factor = 3, .retention_days = 7};

START_TEST(no_topic_is_deleted_by_the_time_of_an_event) {
    for (topic_t topic = 0; topic < TOPIC_COUNT; topic++) {
        ck_assert_str_eq(config_of(topic, &layout, "message.timestamp.type"), "LogAppendTime");
        if (topic == TOPIC_TRANSACTIONS || topic == TOPIC_TRANSACTION_RISK)
            ck_assert_str_eq(config_of(topic, &layout, "retention.ms"), "604800000");
        else
            ck_assert_str_eq(config_of(topic, &layout, "retention.ms"), "-1");
    }
}
END_TEST

START_TEST(transfers_can_be_kept_for_ever) {
    topic_layout_t forever = layout;
    forever.retention_days = -1;
    ck_assert_str_eq(config_of(TOPIC_TRANSACTIONS, &forever, "retention.ms"), "-1");
}
END_TEST

START_TEST(compacted_topics_are_compacted_and_no_other) {
    for (topic_t topic = 0; topic < TOPIC_COUNT; topic++) {
        ck_assert_str_eq(config_of(topic, &layout, "cleanup.policy"),
                         topic_infos[topic].compacted ? "compact" : "delete");
    }
}
END_TEST

START_TEST(a_dead_letter_may_be_larger_than_the_input_that_it_holds) {
    ck_assert_str_eq(config_of(TOPIC_DLQ, &layout, "max.message.bytes"), "8388608");
    ck_assert_str_eq(config_of(TOPIC_CHANGELOG, &layout, "max.message.bytes"), "8388608");
    ck_assert_str_eq(config_of(TOPIC_TRANSACTIONS, &layout, "max.message.bytes"), "");
}
END_TEST

START_TEST(two_of_three_copies_must_be_there) {
    topic_layout_t single = layout;
    single.replication_factor = 1;
    ck_assert_str_eq(config_of(TOPIC_CHANGELOG, &layout, "min.insync.replicas"), "2");
    ck_assert_str_eq(config_of(TOPIC_CHANGELOG, &single, "min.insync.replicas"), "");
}
END_TEST

START_TEST(where_all_topics_are_there_nothing_is_done) {
    broker_t *broker = broker_new();
    broker_create_topics(broker, 3);
    must(broker_run(broker, &topics_command, (const char *const[]){"create", "--partitions", "12"}, 3));
    broker_free(broker);
}
END_TEST

START_TEST(topics_that_differ_in_their_partition_counts_are_named) {
    broker_t *broker = broker_new();
    for (topic_t topic = 0; topic < TOPIC_COUNT; topic++)
        broker_create_topic(broker, topic, topic == TOPIC_ALERTS ? 2 : 3);
    err_t *err = broker_run(broker, &topics_command, (const char *const[]){"create"}, 1);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err_exit_code(err), EXIT_STATE);
    ck_assert_ptr_nonnull(strstr(err_message(err), "transactions has 3, but alerts has 2;"));
    err_free(err);
    broker_free(broker);
}
END_TEST

START_TEST(a_wrong_action_is_a_wrong_argument) {
    broker_t *broker = broker_new();
    static const char *const actions[] = {"make", NULL};
    for (int count = 0; count < 2; count++) {
        err_t *err = broker_run(broker, &topics_command, actions, count);
        ck_assert_ptr_nonnull(err);
        ck_assert_int_eq(err_exit_code(err), EXIT_USAGE);
        err_free(err);
    }
    broker_free(broker);
}
END_TEST

int main(void) {
    return suite_run(
        "topics",
        (const TTest *const[]){no_topic_is_deleted_by_the_time_of_an_event, transfers_can_be_kept_for_ever,
                               compacted_topics_are_compacted_and_no_other,
                               a_dead_letter_may_be_larger_than_the_input_that_it_holds,
                               two_of_three_copies_must_be_there, where_all_topics_are_there_nothing_is_done,
                               topics_that_differ_in_their_partition_counts_are_named,
                               a_wrong_action_is_a_wrong_argument, NULL},
        60);
}
