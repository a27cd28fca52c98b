#include "support_scene.h"
#include "tests/support/suite.h"

#include <math.h>

static void setup(void) { scene_begin_detector("rapid_pass_through"); }

START_TEST(most_of_what_came_goes_within_hours) {
    pay("source", "mule", 10000, 9 * HOUR);
    ck_assert(contribution("mule", "rapid_pass_through") == 0);
    pay("mule", "next", 9700, 10 * HOUR + 7);
    const json_t *alert;
    ck_assert_int_eq(alerts("rapid_pass_through", "mule", &alert), 1);
    ck_assert(alert_names(alert, "t0") && alert_names(alert, "t1"));
    ck_assert(fabs(alert_value(alert, "share") - 0.97) < 1e-6);
}
END_TEST

START_TEST(in_parts_too) {
    pay("source", "mule", 6000, 0);
    pay("another", "mule", 4000, 60);
    pay("mule", "next", 5000, 600);
    ck_assert_int_eq(alerts("rapid_pass_through", "mule", NULL), 0);
    pay("mule", "other", 4900, 900);
    const json_t *alert;
    ck_assert_int_eq(alerts("rapid_pass_through", "mule", &alert), 1);
    ck_assert_uint_eq(json_array_size(json_object_get(alert, "tx_ids")), 4);
}
END_TEST

START_TEST(minutes_are_stronger_than_hours) {
    pay("source", "fast", 10000, 0);
    pay("fast", "next", 9900, 300);
    pay("source", "slow", 10000, 0);
    pay("slow", "next", 9900, 4 * HOUR);
    ck_assert(contribution("slow", "rapid_pass_through") > 0);
    ck_assert(contribution("fast", "rapid_pass_through") > contribution("slow", "rapid_pass_through"));
}
END_TEST

START_TEST(keeping_it_spending_more_or_less_and_days_later_are_none) {
    pay("source", "saver", 10000, 1);
    pay("saver", "shop", 300, 600);
    pay("source", "rich", 10000, 1);
    pay("rich", "shop", 25000, 600);
    pay("source", "slow", 10000, 1);
    pay("slow", "shop", 9900, 2 * DAY);
    ck_assert_uint_eq(json_array_size(fixture_emitted(scene_fixture(), TOPIC_ALERTS)), 0);
    ck_assert(score_of("saver") == 0 && score_of("rich") == 0 && score_of("slow") == 0);
}
END_TEST

START_TEST(whole_days_do_not_tell_hours) {
    for (int i = 0; i < 20; i++) pay("shop", numbered("usual", i % 3), 100, i * 5 * DAY);
    pay("source", "shop", 100, 101 * DAY);
    pay("shop", "usual0", 95, 101 * DAY);
    ck_assert_int_eq(alerts("rapid_pass_through", "shop", NULL), 0);
}
END_TEST

START_TEST(what_a_busy_wallet_sends_anyway_fits_by_chance) {
    for (int i = 0; i < 24 * 40; i++) pay("shop", numbered("usual", i % 3), 100 + i % 37, i * HOUR + 5);
    for (int i = 0; i < 30; i++) {
        pay(numbered("new", i), "shop", 110, (960 + i * 8) * HOUR + 5);
        pay("shop", "usual1", 105, (961 + i * 8) * HOUR + 5);
    }
    ck_assert_int_eq(alerts("rapid_pass_through", "shop", NULL), 0);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        most_of_what_came_goes_within_hours,
        in_parts_too,
        minutes_are_stronger_than_hours,
        keeping_it_spending_more_or_less_and_days_later_are_none,
        whole_days_do_not_tell_hours,
        what_a_busy_wallet_sends_anyway_fits_by_chance,
        NULL,
    };
    TCase *group = suite_group("rapid_pass_through", tests, 60);
    tcase_add_checked_fixture(group, setup, scene_end);
    return suite_run_groups("rapid_pass_through", (TCase *const[]){group, NULL});
}
