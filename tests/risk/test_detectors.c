#include "risk/detectors.h"
#include "support_scene.h"
#include "tests/support/suite.h"

#include <math.h>
#include <string.h>

/* Behaviour and exposure alone, and of the detectors those whose findings are easily counted. */
static void setup(void) {
    scene_begin("{\"taint\": {\"method\": \"off\"}, \"detectors\": {\"first_seen_large\": {\"weight\": 0}, "
                "\"rapid_pass_through\": {\"weight\": 0}, \"round_amounts\": {\"weight\": 0}}}");
}

START_TEST(a_service_has_many_counterparties_by_nature) {
    fixture_label(scene_fixture(), "exchange", "{\"category\":\"exchange\"}");
    for (int i = 0; i < 50; i++) pay(numbered("s", i), "exchange", 10, i);
    for (int i = 0; i < 50; i++) pay("exchange", numbered("r", i), 10, i);
    ck_assert_uint_eq(json_array_size(fixture_emitted(scene_fixture(), TOPIC_ALERTS)), 0);
}
END_TEST

START_TEST(a_finding_is_an_alert_once_per_window) {
    for (int i = 0; i < 40; i++) pay("source", numbered("r", i), 10, i * HOUR);
    const json_t *first = json_array_get(fixture_emitted(scene_fixture(), TOPIC_ALERTS), 0), *second;
    ck_assert_int_eq(alerts("fan_out", "source", &second), 2);
    ck_assert_str_ne(json_string_value(json_object_get(first, "alert_id")),
                     json_string_value(json_object_get(second, "alert_id")));
}
END_TEST

START_TEST(a_replay_gives_the_same_alerts) {
    for (int i = 0; i < 40; i++) pay("source", numbered("r", i), 9000, i * HOUR);
    json_t *before = json_deep_copy(fixture_emitted(scene_fixture(), TOPIC_ALERTS));
    ck_assert_uint_gt(json_array_size(before), 2);
    scene_end();
    setup();
    for (int i = 0; i < 40; i++) pay("source", numbered("r", i), 9000, i * HOUR);
    ck_assert(json_equal(before, fixture_emitted(scene_fixture(), TOPIC_ALERTS)));
    json_decref(before);
}
END_TEST

START_TEST(transfers_of_equal_time_keep_their_order_of_arrival) {
    static const char *const shops[] = {"zoo", "bar", "moor", "app"};
    for (int i = 0; i < 4; i++) pay("smurf", shops[i], 9100, 0);
    const json_t *alert;
    ck_assert_int_eq(alerts("structuring", "smurf", &alert), 1);
    /* The third one, which makes it an alert, and then those that led to it. */
    static const char *const order[] = {"moor", "zoo", "bar"};
    const json_t *wallets = json_object_get(alert, "wallets"), *tx_ids = json_object_get(alert, "tx_ids");
    ck_assert_uint_eq(json_array_size(wallets), 3);
    for (size_t i = 0; i < 3; i++) ck_assert_str_eq(json_string_value(json_array_get(wallets, i)), order[i]);
    ck_assert_str_eq(json_string_value(json_array_get(tx_ids, 1)), "t0");
    ck_assert_str_eq(json_string_value(json_array_get(tx_ids, 2)), "t1");
}
END_TEST

START_TEST(behaviour_fades_by_half_in_its_half_life) {
    for (int i = 0; i < 20; i++) pay(numbered("s", i), "mule", 10, i);
    ck_assert(contribution("mule", "fan_in") == 50);
    pay("mule", "next", 5, 30 * DAY + 19);
    ck_assert(contribution("mule", "fan_in") == 25);
    pay("mule", "next", 5, 60 * DAY + 19);
    ck_assert(contribution("mule", "fan_in") == 12.5);
}
END_TEST

START_TEST(contributions_sum_to_the_score) {
    fixture_label(scene_fixture(), "bad", "{\"category\":\"sanctioned\"}");
    fixture_label(scene_fixture(), "worse", "{\"category\":\"ransomware\"}");
    pay("bad", "mule", 9100, 0);
    pay("worse", "mule", 9100, 0);
    for (int i = 0; i < 13; i++) pay("mule", numbered("r", i), 9100, i);
    fixture_commit(scene_fixture());
    for (int i = 0; i < 2; i++) {
        size_t index;
        const json_t *each;
        json_t *wallet = fixture_wallet(scene_fixture(), "mule");
        const json_t *record = i ? wallet : last_risk();
        double sum = 0, clean = 1;
        json_array_foreach(json_object_get(record, "reasons"), index, each) sum +=
            json_number_value(json_object_get(each, "contribution"));
        double score = json_number_value(json_object_get(record, "score"));
        ck_assert(fabs(sum - score) < 1e-9);
        ck_assert_uint_eq(json_array_size(json_object_get(record, "reasons")), 4);
        /* sanctioned and ransomware one hop away, fan_out of 13, structuring of 13 */
        clean = (1 - 0.6) * (1 - 0.95 * 0.6) * (1 - 0.5 * 0.65) * (1 - 0.6);
        ck_assert_msg(fabs(score - 100 * (1 - clean)) <= 0.005001, "%g", score);
        json_decref(wallet);
    }
}
END_TEST

START_TEST(coming_near_a_sanctioned_wallet_is_an_alert_once) {
    fixture_label(scene_fixture(), "bad", "{\"category\":\"sanctioned\"}");
    for (int i = 0; i < 3; i++) pay("bad", "mule", 10, i);
    pay("mule", "shop", 10, 5);
    fixture_commit(scene_fixture());
    pay("bad", "mule", 10, 6);
    fixture_commit(scene_fixture());
    const json_t *alert;
    ck_assert_int_eq(alerts("exposure_sanctioned", "mule", &alert), 1);
    ck_assert_int_eq(alerts("exposure_sanctioned", "shop", NULL), 0);
    ck_assert_int_eq(alerts("exposure_sanctioned", "bad", NULL), 0);
    ck_assert_str_eq(json_string_value(json_array_get(json_object_get(alert, "tx_ids"), 0)), "t0");
    ck_assert_str_eq(json_string_value(json_array_get(json_object_get(alert, "wallets"), 0)), "bad");
    ck_assert_str_eq(json_string_value(json_object_get(alert, "severity")), "high");
    ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(alert, "evidence"), "hops")), 1);
}
END_TEST

START_TEST(paying_a_labelled_wallet_is_a_risk_of_the_transfer) {
    fixture_label(scene_fixture(), "bad", "{\"category\":\"sanctioned\"}");
    pay("alice", "bad", 10, 0);
    ck_assert(json_number_value(json_object_get(last_risk(), "score")) == 100);
    ck_assert_str_eq(json_string_value(json_object_get(last_risk(), "level")), "critical");
    const json_t *why = reason(last_risk(), "label_sanctioned");
    ck_assert_str_eq(json_string_value(json_object_get(json_object_get(why, "evidence"), "wallet")), "bad");
    pay("bad", "bob", 10, 1);
    pay("bob", "carol", 10, 1);
    ck_assert(json_number_value(json_object_get(last_risk(), "score")) == 60);
}
END_TEST

START_TEST(a_window_goes_on_after_a_change_of_its_length) {
    window_t window = {0};
    int64_t ms = INT64_C(1700000000000), day_ms = DAY * INT64_C(1000);
    static const double hours[] = {24, 240, 1, 24, WINDOW_HOURS_MAX, 24};
    for (size_t i = 0; i < sizeof hours / sizeof *hours; i++, ms += 3 * day_ms * 366) {
        int64_t bucket_ms = window_bucket_ms(hours[i]);
        for (int k = 0; k < 5; k++) ck_assert(window_add(&window, ms + k, bucket_ms));
        ck_assert_uint_eq(window_sum(&window), 5);
        ck_assert(!window_add(&window, ms - (int64_t)(hours[i] * 3600e3), bucket_ms));
    }
}
END_TEST

START_TEST(times_of_any_year_do_no_harm) {
    static const int64_t years[] = {-62135596800000, 253402300799999, 0, -1, 1700000000000};
    for (int i = 0; i < 200; i++) {
        char tx_id[16];
        snprintf(tx_id, sizeof tx_id, "y%d", i);
        fixture_transfer(scene_fixture(), tx_id, "a", numbered("r", i % 40), 9500,
                         years[i * 7 % 5] + (i % 5 == 2 ? i : 0));
    }
    fixture_commit(scene_fixture());
    ck_assert_uint_eq(fixture_counters(scene_fixture()).transfers, 200);
}
END_TEST

START_TEST(a_transfer_dated_far_ahead_blinds_no_wallet) {
    enum { YEARS = 80 * 365 };
    for (int i = 0; i < 20; i++) pay(numbered("usual", i % 3), "mule", 10, i * 2 * DAY);
    pay("usual0", "mule", 10, INT64_C(1) * YEARS * DAY);
    pay("usual1", "mule", 10, 41 * DAY);
    pay("usual2", "mule", 10, 42 * DAY);
    for (int i = 0; i < 10; i++) pay(numbered("s", i), "mule", 10, 43 * DAY + i * HOUR);
    const json_t *alert;
    ck_assert_int_ge(alerts("fan_in", "mule", &alert), 1);
    ck_assert_uint_ge(json_array_size(json_object_get(alert, "tx_ids")), 5);
    /* A finding from over there neither fades nor keeps alerts back for so long. */
    for (int i = 0; i < 10; i++) pay("source", numbered("r", i), 10, INT64_C(1) * YEARS * DAY + i);
    ck_assert_int_eq(alerts("fan_out", "source", NULL), 1);
    for (int i = 0; i < 16; i++) pay("source", numbered("n", i), 10, 45 * DAY + i * 60);
    ck_assert_int_eq(alerts("fan_out", "source", NULL), 2);
}
END_TEST

START_TEST(what_comes_later_than_the_grace_period_is_not_judged) {
    pay("friend", "mule", 10, 10 * DAY);
    for (int i = 0; i < 8; i++) {
        if (i % 2 == 0) pay("friend", "mule", 10, 10 * DAY + i * 60);
        pay(numbered("late", i), "mule", 10, 7 * DAY);
    }
    ck_assert_int_eq(alerts("fan_in", "mule", NULL), 0);
    json_t *record = fixture_wallet(scene_fixture(), "mule");
    ck_assert_int_eq(json_integer_value(json_object_get(record, "in_degree")), 9);
    json_decref(record);
    for (int i = 0; i < 12; i++) pay(numbered("fair", i), "mule", 10, 8 * DAY + 12 * HOUR);
    ck_assert_int_eq(alerts("fan_in", "mule", NULL), 1);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        a_service_has_many_counterparties_by_nature,
        a_finding_is_an_alert_once_per_window,
        a_replay_gives_the_same_alerts,
        transfers_of_equal_time_keep_their_order_of_arrival,
        behaviour_fades_by_half_in_its_half_life,
        contributions_sum_to_the_score,
        coming_near_a_sanctioned_wallet_is_an_alert_once,
        paying_a_labelled_wallet_is_a_risk_of_the_transfer,
        a_window_goes_on_after_a_change_of_its_length,
        times_of_any_year_do_no_harm,
        a_transfer_dated_far_ahead_blinds_no_wallet,
        what_comes_later_than_the_grace_period_is_not_judged,
        NULL,
    };
    TCase *group = suite_group("detectors", tests, 60);
    tcase_add_checked_fixture(group, setup, scene_end);
    return suite_run_groups("detectors", (TCase *const[]){group, NULL});
}
