#include "tests/support/suite.h"
#include "tools/topic_config.h"

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

int main(void) {
    return suite_run("topics",
                     (const TTest *const[]){no_topic_is_deleted_by_the_time_of_an_event,
                                            transfers_can_be_kept_for_ever,
                                            compacted_topics_are_compacted_and_no_other,
                                            a_dead_letter_may_be_larger_than_the_input_that_it_holds,
                                            two_of_three_copies_must_be_there, NULL},
                     60);
}
