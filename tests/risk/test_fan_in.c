#include "support_scene.h"
#include "tests/support/suite.h"

#include <string.h>

static void setup(void) { scene_begin_detector("fan_in"); }

START_TEST(three_senders_are_no_fan_in) {
    for (int i = 0; i < 3; i++) pay(numbered("s", i), "shop", 10, i);
    ck_assert_int_eq(alerts("fan_in", "shop", NULL), 0);
    ck_assert_ptr_null(reason(last_risk(), "fan_in"));
}
END_TEST

START_TEST(ten_senders_within_a_day_are_a_fan_in) {
    for (int i = 0; i < 9; i++) pay(numbered("s", i), "mule", 10, i * HOUR);
    ck_assert_int_eq(alerts("fan_in", "mule", NULL), 0);
    pay("s9", "mule", 10, 9 * HOUR);
    const json_t *alert;
    ck_assert_int_eq(alerts("fan_in", "mule", &alert), 1);
    ck_assert_str_eq(json_string_value(json_array_get(json_object_get(alert, "tx_ids"), 0)), "t9");
    ck_assert_uint_eq(json_array_size(json_object_get(alert, "tx_ids")), 10);
    ck_assert_uint_eq(json_array_size(json_object_get(alert, "wallets")), 10);
    ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(alert, "evidence"), "senders")), 10);
    ck_assert_str_eq(json_string_value(json_object_get(alert, "severity")), "medium");
    ck_assert_str_eq(json_string_value(json_object_get(alert, "_key")), "mule");
    ck_assert_uint_eq(strlen(json_string_value(json_object_get(alert, "alert_id"))), 32);
    ck_assert(json_number_value(json_object_get(alert, "score")) == 25);
    const json_t *why = reason(last_risk(), "fan_in");
    ck_assert_str_eq(json_string_value(json_object_get(json_object_get(why, "evidence"), "wallet")), "mule");
    ck_assert(contribution("mule", "fan_in") == 25);
}
END_TEST

START_TEST(a_sender_that_comes_again_counts_once) {
    for (int i = 0; i < 40; i++) pay(numbered("s", i % 9), "shop", 10, i * HOUR / 2);
    ck_assert_int_eq(alerts("fan_in", "shop", NULL), 0);
}
END_TEST

START_TEST(senders_spread_over_weeks_are_no_fan_in) {
    for (int i = 0; i < 60; i++) pay(numbered("s", i), "shop", 10, i * 6 * HOUR);
    ck_assert_int_eq(alerts("fan_in", "shop", NULL), 0);
}
END_TEST

START_TEST(a_long_standing_hub_is_no_fan_in) {
    for (int i = 0; i < 300; i++) pay(numbered("s", i), "shop", 10, i * 4 * HOUR);
    for (int i = 0; i < 20; i++) pay(numbered("s", i), "shop", 10, 1200 * HOUR + i * 60);
    ck_assert_int_eq(alerts("fan_in", "shop", NULL), 0);
}
END_TEST

START_TEST(a_late_sender_counts_while_its_bucket_is_open) {
    for (int i = 0; i < 8; i++) pay(numbered("s", i), "mule", 10, DAY + i);
    pay("old", "mule", 10, -2 * DAY);
    pay("late", "mule", 10, DAY - 12 * HOUR);
    ck_assert_int_eq(alerts("fan_in", "mule", NULL), 0);
    pay("tenth", "mule", 10, DAY + 10);
    ck_assert_int_eq(alerts("fan_in", "mule", NULL), 1);
}
END_TEST

/* A few usual senders, about every other day, for two months. */
static void steady_past(const char *wallet) {
    for (int day = 0; day < 60; day += 2) pay(numbered("usual", day % 10), wallet, 120, day * DAY + 9 * HOUR);
}

START_TEST(few_new_senders_are_a_fan_in_where_there_never_are_any) {
    for (int count = 4; count <= 14; count += 2) {
        const char *wallet = numbered("quiet", count);
        char name[32];
        strcpy(name, wallet);
        steady_past(name);
        ck_assert_int_eq(alerts("fan_in", name, NULL), 0);
        for (int i = 0; i < count; i++) pay(numbered(name, i), name, 90, 61 * DAY + i * HOUR);
        const json_t *alert;
        ck_assert_int_ge(alerts("fan_in", name, &alert), 1);
        ck_assert_uint_ge(json_array_size(json_object_get(alert, "tx_ids")), (size_t)(count + 1) / 2);
        ck_assert(alert_value(alert, "senders") >= (count + 1) / 2);
    }
}
END_TEST

START_TEST(they_are_one_in_whole_days_too) {
    for (int day = 0; day < 60; day += 2) pay(numbered("usual", day % 10), "quiet", 120, day * DAY);
    for (int i = 0; i < 5; i++) pay(numbered("new", i), "quiet", 90, 61 * DAY);
    const json_t *alert;
    ck_assert_int_eq(alerts("fan_in", "quiet", &alert), 1);
    ck_assert_uint_eq(json_array_size(json_object_get(alert, "tx_ids")), 4);
}
END_TEST

START_TEST(a_hub_with_new_senders_every_day_is_no_fan_in) {
    int sender = 0;
    for (int day = 0; day < 90; day++)
        for (int i = 0; i < 3 + day * 7 % 5; i++)
            pay(numbered("s", sender++), "hub", 50, day * DAY + i * HOUR);
    ck_assert_int_eq(alerts("fan_in", "hub", NULL), 0);
}
END_TEST

START_TEST(more_and_rarer_senders_are_a_stronger_finding) {
    double before = 0;
    steady_past("quiet");
    for (int i = 0; i < 7; i++) {
        pay(numbered("new", i), "quiet", 90, 61 * DAY + i * HOUR);
        double now = contribution("quiet", "fan_in");
        ck_assert(i < 4 || now > before);
        before = now;
    }
}
END_TEST

START_TEST(dust_makes_no_fan_in) {
    for (int i = 0; i < 30; i++) pay(numbered("s", i), "victim", 0.01, i * 60);
    ck_assert(contribution("victim", "fan_in") == 0);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        three_senders_are_no_fan_in,
        ten_senders_within_a_day_are_a_fan_in,
        a_sender_that_comes_again_counts_once,
        senders_spread_over_weeks_are_no_fan_in,
        a_long_standing_hub_is_no_fan_in,
        a_late_sender_counts_while_its_bucket_is_open,
        few_new_senders_are_a_fan_in_where_there_never_are_any,
        they_are_one_in_whole_days_too,
        a_hub_with_new_senders_every_day_is_no_fan_in,
        more_and_rarer_senders_are_a_stronger_finding,
        dust_makes_no_fan_in,
        NULL,
    };
    TCase *group = suite_group("fan_in", tests, 60);
    tcase_add_checked_fixture(group, setup, scene_end);
    return suite_run_groups("fan_in", (TCase *const[]){group, NULL});
}
