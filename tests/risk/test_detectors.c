#include "risk/detectors.h"
#include "support_fixture.h"
#include "tests/support/suite.h"

#include <math.h>
#include <string.h>

enum { T0 = 1700000000, HOUR = 3600, DAY = 24 * HOUR };

static fixture_t *fixture;
static int tx_number;

/* Behaviour and exposure alone. */
static void setup(void) {
    tx_number = 0;
    fixture = fixture_new_with("{\"taint\": {\"method\": \"off\"}}", 3, 0);
}

static void teardown(void) { fixture_free(fixture); }

static void pay(const char *src, const char *dst, double amount, int64_t second) {
    char tx_id[16];
    snprintf(tx_id, sizeof tx_id, "t%d", tx_number++);
    fixture_transfer(fixture, tx_id, src, dst, amount, (T0 + second) * 1000);
    fixture_deliver(fixture, SIZE_MAX);
}

static const char *numbered(const char *name, int number) {
    static char text[2][32];
    static int turn;
    turn = !turn;
    snprintf(text[turn], sizeof text[turn], "%s%d", name, number);
    return text[turn];
}

/* Alerts of the wallet and typology so far; the last one in `*alert`. */
static int alerts(const char *typology, const char *wallet, const json_t **alert) {
    int count = 0;
    size_t index;
    const json_t *each;
    json_array_foreach(fixture_emitted(fixture, TOPIC_ALERTS), index, each) {
        if (strcmp(json_string_value(json_object_get(each, "typology")), typology)) continue;
        if (strcmp(json_string_value(json_object_get(each, "wallet")), wallet)) continue;
        count++;
        if (alert) *alert = each;
    }
    return count;
}

static const json_t *reason(const json_t *record, const char *code) {
    size_t index;
    const json_t *each;
    json_array_foreach(json_object_get(record, "reasons"), index,
                       each) if (!strcmp(json_string_value(json_object_get(each, "code")), code)) return each;
    return NULL;
}

static double contribution(const char *wallet, const char *code) {
    json_t *record = fixture_wallet(fixture, wallet);
    double value = json_number_value(json_object_get(reason(record, code), "contribution"));
    json_decref(record);
    return value;
}

static const json_t *last_risk(void) {
    const json_t *risks = fixture_emitted(fixture, TOPIC_TRANSACTION_RISK);
    return json_array_get(risks, json_array_size(risks) - 1);
}

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
    for (int i = 0; i < 9; i++) pay(numbered("s", i), "mule", 10, DAY + i);
    pay("old", "mule", 10, -2 * DAY);
    ck_assert_int_eq(alerts("fan_in", "mule", NULL), 0);
    pay("late", "mule", 10, DAY - 12 * HOUR);
    ck_assert_int_eq(alerts("fan_in", "mule", NULL), 1);
}
END_TEST

START_TEST(a_service_has_many_counterparties_by_nature) {
    fixture_label(fixture, "exchange", "{\"category\":\"exchange\"}");
    for (int i = 0; i < 50; i++) pay(numbered("s", i), "exchange", 10, i);
    for (int i = 0; i < 50; i++) pay("exchange", numbered("r", i), 10, i);
    ck_assert_uint_eq(json_array_size(fixture_emitted(fixture, TOPIC_ALERTS)), 0);
}
END_TEST

START_TEST(fan_out_mirrors_fan_in) {
    for (int i = 0; i < 12; i++) pay("source", numbered("r", i), 10, i);
    const json_t *alert;
    ck_assert_int_eq(alerts("fan_out", "source", &alert), 1);
    ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(alert, "evidence"), "receivers")),
                     10);
    ck_assert(contribution("source", "fan_out") == 30);
}
END_TEST

START_TEST(a_finding_is_an_alert_once_per_window) {
    for (int i = 0; i < 40; i++) pay("source", numbered("r", i), 10, i * HOUR);
    const json_t *first = json_array_get(fixture_emitted(fixture, TOPIC_ALERTS), 0), *second;
    ck_assert_int_eq(alerts("fan_out", "source", &second), 2);
    ck_assert_str_ne(json_string_value(json_object_get(first, "alert_id")),
                     json_string_value(json_object_get(second, "alert_id")));
}
END_TEST

START_TEST(a_replay_gives_the_same_alerts) {
    for (int i = 0; i < 40; i++) pay("source", numbered("r", i), 9000, i * HOUR);
    json_t *before = json_deep_copy(fixture_emitted(fixture, TOPIC_ALERTS));
    ck_assert_uint_gt(json_array_size(before), 2);
    teardown();
    setup();
    for (int i = 0; i < 40; i++) pay("source", numbered("r", i), 9000, i * HOUR);
    ck_assert(json_equal(before, fixture_emitted(fixture, TOPIC_ALERTS)));
    json_decref(before);
}
END_TEST

START_TEST(amounts_just_below_the_threshold_are_structuring) {
    static const double plain[] = {10000, 12000, 7999, 100, 10500};
    for (int i = 0; i < 5; i++) pay("clean", "bank", plain[i], i * HOUR);
    ck_assert_int_eq(alerts("structuring", "clean", NULL), 0);
    pay("smurf", "bank", 9500, 0);
    pay("smurf", "bank", 9999.99, HOUR);
    pay("smurf", "cafe", 3, HOUR);
    ck_assert_int_eq(alerts("structuring", "smurf", NULL), 0);
    pay("smurf", "shop", 8000, 2 * HOUR);
    const json_t *alert;
    ck_assert_int_eq(alerts("structuring", "smurf", &alert), 1);
    const json_t *tx_ids = json_object_get(alert, "tx_ids");
    ck_assert_uint_eq(json_array_size(tx_ids), 3);
    ck_assert_str_eq(json_string_value(json_array_get(tx_ids, 0)), "t8");
    ck_assert_str_eq(json_string_value(json_array_get(tx_ids, 1)), "t5");
    ck_assert_str_eq(json_string_value(json_array_get(tx_ids, 2)), "t6");
    ck_assert_uint_eq(json_array_size(json_object_get(alert, "wallets")), 2);
    ck_assert(contribution("smurf", "structuring") == 30);
}
END_TEST

static void pay_asset(const char *src, const char *asset, double amount) {
    char tx_id[16];
    int size = snprintf(tx_id, sizeof tx_id, "t%d", tx_number++);
    int64_t ms = (T0 + tx_number * HOUR) * INT64_C(1000);
    risk_transfer(fixture_task(fixture, src), &(transfer_t){.tx_id = {tx_id, (size_t)size},
                                                            .src = {src, strlen(src)},
                                                            .dst = {"bank", 4},
                                                            .asset = {asset, strlen(asset)},
                                                            .amount = amount,
                                                            .timestamp_ms = ms,
                                                            .record_ms = ms});
    fixture_deliver(fixture, SIZE_MAX);
}

START_TEST(an_asset_is_held_against_its_own_threshold) {
    teardown();
    fixture = fixture_new_with(
        "{\"detectors\": {\"structuring\": {\"per_asset\": {\"BTC\": {\"threshold\": 0.5}}}}}", 3, 0);
    for (int i = 0; i < 4; i++) pay_asset("smurf", "BTC", 0.45);
    for (int i = 0; i < 4; i++) pay_asset("clean", "ETH", 0.45);
    for (int i = 0; i < 4; i++) pay_asset("rich", "BTC", 9500);
    ck_assert_int_eq(alerts("structuring", "smurf", NULL), 1);
    ck_assert_int_eq(alerts("structuring", "clean", NULL), 0);
    ck_assert_int_eq(alerts("structuring", "rich", NULL), 0);
}
END_TEST

START_TEST(structuring_keeps_a_bounded_record) {
    for (int i = 0; i < 200; i++) pay("smurf", numbered("b", i % 5), 9000, i * 60);
    ck_assert_int_eq(alerts("structuring", "smurf", NULL), 1);
    for (int i = 0; i < 3; i++) pay("smurf", "bank", 9000, 30 * DAY + i);
    const json_t *alert;
    ck_assert_int_eq(alerts("structuring", "smurf", &alert), 2);
    ck_assert_uint_eq(json_array_size(json_object_get(alert, "tx_ids")), 3);
}
END_TEST

START_TEST(a_burst_against_ones_own_past_is_velocity) {
    for (int i = 0; i < 30; i++) pay("worker", "shop", 10, i * DAY);
    ck_assert_int_eq(alerts("velocity", "worker", NULL), 0);
    for (int i = 0; i < 25; i++) pay("worker", "shop", 10, 30 * DAY + i * 60);
    const json_t *alert;
    ck_assert_int_eq(alerts("velocity", "worker", &alert), 1);
    ck_assert(json_number_value(json_object_get(json_object_get(alert, "evidence"), "times_usual")) > 10);
}
END_TEST

START_TEST(a_busy_wallet_and_one_without_a_past_have_no_velocity) {
    for (int i = 0; i < 60 * 24; i++) pay("busy", "shop", 10, i * HOUR);
    for (int i = 0; i < 100; i++) pay("new", "shop", 10, i);
    ck_assert_int_eq(alerts("velocity", "busy", NULL), 0);
    ck_assert_int_eq(alerts("velocity", "new", NULL), 0);
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
    fixture_label(fixture, "bad", "{\"category\":\"sanctioned\"}");
    fixture_label(fixture, "worse", "{\"category\":\"ransomware\"}");
    pay("bad", "mule", 9100, 0);
    pay("worse", "mule", 9100, 0);
    for (int i = 0; i < 13; i++) pay("mule", numbered("r", i), 9100, i);
    fixture_commit(fixture);
    for (int i = 0; i < 2; i++) {
        size_t index;
        const json_t *each;
        json_t *wallet = fixture_wallet(fixture, "mule");
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
    fixture_label(fixture, "bad", "{\"category\":\"sanctioned\"}");
    for (int i = 0; i < 3; i++) pay("bad", "mule", 10, i);
    pay("mule", "shop", 10, 5);
    fixture_commit(fixture);
    pay("bad", "mule", 10, 6);
    fixture_commit(fixture);
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
    fixture_label(fixture, "bad", "{\"category\":\"sanctioned\"}");
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
    int64_t ms = (int64_t)T0 * 1000, day_ms = DAY * INT64_C(1000);
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
        fixture_transfer(fixture, tx_id, "a", numbered("r", i % 40), 9500,
                         years[i * 7 % 5] + (i % 5 == 2 ? i : 0));
    }
    fixture_commit(fixture);
    ck_assert_uint_eq(fixture_counters(fixture).transfers, 200);
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
        a_service_has_many_counterparties_by_nature,
        fan_out_mirrors_fan_in,
        a_finding_is_an_alert_once_per_window,
        a_replay_gives_the_same_alerts,
        amounts_just_below_the_threshold_are_structuring,
        an_asset_is_held_against_its_own_threshold,
        structuring_keeps_a_bounded_record,
        a_burst_against_ones_own_past_is_velocity,
        a_busy_wallet_and_one_without_a_past_have_no_velocity,
        transfers_of_equal_time_keep_their_order_of_arrival,
        behaviour_fades_by_half_in_its_half_life,
        contributions_sum_to_the_score,
        coming_near_a_sanctioned_wallet_is_an_alert_once,
        paying_a_labelled_wallet_is_a_risk_of_the_transfer,
        a_window_goes_on_after_a_change_of_its_length,
        times_of_any_year_do_no_harm,
        NULL,
    };
    TCase *group = suite_group("detectors", tests, 60);
    tcase_add_checked_fixture(group, setup, teardown);
    return suite_run_groups("detectors", (TCase *const[]){group, NULL});
}
