#include "support_fixture.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <string.h>

#define T0_MS  INT64_C(1700000000000)
#define DAY_MS INT64_C(86400000)

static fixture_t *fixture;
static int tx_number;

/* No cases, so that only newcomers are found. */
static const char only_newcomers[] = "{\"detectors\":{\"*\":{\"weight\":0},\"newcomers_in\":{\"weight\":0.6},"
                                     "\"newcomers_out\":{\"weight\":0.6}}}";

static void setup(void) {
    tx_number = 0;
    fixture = fixture_new_with(only_newcomers, 1, 0);
}

static void teardown(void) { fixture_free(fixture); }

static void pay(const char *src, const char *dst, int64_t day) {
    char tx_id[16];
    snprintf(tx_id, sizeof tx_id, "t%d", tx_number++);
    fixture_transfer(fixture, tx_id, src, dst, 10, T0_MS + day * DAY_MS);
    fixture_deliver(fixture, SIZE_MAX);
}

static const char *numbered(const char *name, int number) {
    static char text[2][32];
    static int turn;
    turn = !turn;
    snprintf(text[turn], sizeof text[turn], "%s%d", name, number);
    return text[turn];
}

/* A stream in which known wallets keep meeting each other for the first time. */
static void settle(int64_t day) {
    for (int i = 0; i < 30; i++)
        for (int k = 0; k < 30; k++)
            if (i != k) pay(numbered("w", i), numbered("w", k), day);
}

static int alerts(const char *typology, const char *wallet, const json_t **last) {
    int count = 0;
    size_t i;
    const json_t *alert;
    json_array_foreach(fixture_emitted(fixture, TOPIC_ALERTS), i, alert) {
        if (strcmp(json_string_value(json_object_get(alert, "typology")), typology)) continue;
        if (strcmp(json_string_value(json_object_get(alert, "wallet")), wallet)) continue;
        count++;
        if (last) *last = alert;
    }
    return count;
}

START_TEST(where_all_are_newcomers_they_are_no_finding) {
    for (int i = 0; i < 50; i++) pay(numbered("s", i), "shop", i);
    ck_assert_int_eq(alerts("newcomers_in", "shop", NULL), 0);
    teardown();
    setup();
    for (int i = 0; i < 50; i++) pay("shop", numbered("r", i), i);
    ck_assert_int_eq(alerts("newcomers_out", "shop", NULL), 0);
}
END_TEST

START_TEST(a_collector_from_newcomers_is_found_over_months_and_named_in_full) {
    settle(0);
    pay("w1", "mule", 1);
    for (int i = 0; i < 3; i++) pay(numbered("s", i), "mule", 1 + 5 * i);
    const json_t *alert;
    ck_assert_int_eq(alerts("newcomers_in", "mule", &alert), 1);
    ck_assert_uint_eq(json_array_size(json_object_get(alert, "tx_ids")), 3);
    ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(alert, "evidence"), "senders")), 3);
    /* Again when it has doubled. */
    for (int i = 3; i < 6; i++) pay(numbered("s", i), "mule", 20 + i);
    ck_assert_int_eq(alerts("newcomers_in", "mule", &alert), 2);
    ck_assert_uint_eq(json_array_size(json_object_get(alert, "tx_ids")), 6);
}
END_TEST

START_TEST(a_spreader_to_newcomers_hears_of_them_from_their_tasks) {
    settle(0);
    for (int i = 0; i < 3; i++) pay("w1", numbered("r", i), 1 + i);
    const json_t *alert;
    ck_assert_int_eq(alerts("newcomers_out", "w1", &alert), 1);
    ck_assert_uint_eq(json_array_size(json_object_get(alert, "wallets")), 3);
    json_t *wallet = fixture_wallet(fixture, "w1");
    const json_t *reason = json_array_get(json_object_get(wallet, "reasons"), 0);
    ck_assert_str_eq(json_string_value(json_object_get(reason, "code")), "newcomers_out");
    json_decref(wallet);
}
END_TEST

START_TEST(a_newcomer_among_many_others_is_no_finding) {
    settle(0);
    for (int i = 0; i < 5; i++) {
        for (int k = 0; k < 6; k++) pay(numbered("w", 6 * i + k), "shop", 1);
        pay(numbered("s", i), "shop", 1);
    }
    ck_assert_int_eq(alerts("newcomers_in", "shop", NULL), 0);
}
END_TEST

START_TEST(a_service_has_newcomers_by_nature) {
    fixture_label(fixture, "exchange", "{\"category\":\"exchange\"}");
    settle(0);
    for (int i = 0; i < 30; i++) {
        pay(numbered("s", i), "exchange", 1);
        pay("exchange", numbered("r", i), 1);
    }
    ck_assert_int_eq(alerts("newcomers_in", "exchange", NULL), 0);
    ck_assert_int_eq(alerts("newcomers_out", "exchange", NULL), 0);
}
END_TEST

START_TEST(a_record_of_newcomers_stays_bounded) {
    settle(0);
    for (int i = 0; i < 200; i++) pay(numbered("s", i), "mule", 1);
    const json_t *alert;
    ck_assert_int_ge(alerts("newcomers_in", "mule", &alert), 4);
    ck_assert_uint_le(json_array_size(json_object_get(alert, "tx_ids")), 25);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        where_all_are_newcomers_they_are_no_finding,
        a_collector_from_newcomers_is_found_over_months_and_named_in_full,
        a_spreader_to_newcomers_hears_of_them_from_their_tasks,
        a_newcomer_among_many_others_is_no_finding,
        a_service_has_newcomers_by_nature,
        a_record_of_newcomers_stays_bounded,
        NULL,
    };
    TCase *group = suite_group("newcomers", tests, 60);
    tcase_add_checked_fixture(group, setup, teardown);
    return suite_run_groups("newcomers", (TCase *const[]){group, NULL});
}
