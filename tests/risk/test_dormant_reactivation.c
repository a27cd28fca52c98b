#include "support_scene.h"
#include "tests/support/suite.h"

static void setup(void) { scene_begin_detector("dormant_reactivation"); }

static void small_past(const char *wallet) {
    for (int i = 0; i < 10; i++) pay("friend", wallet, 50 + i, i * 7 * DAY);
}

START_TEST(a_large_value_after_long_silence) {
    small_past("sleeper");
    pay("stranger", "sleeper", 5000, 300 * DAY);
    const json_t *alert;
    ck_assert_int_eq(alerts("dormant_reactivation", "sleeper", &alert), 1);
    ck_assert(alert_names(alert, "t10"));
    ck_assert(alert_value(alert, "times_usual") > 90 && alert_value(alert, "times_usual") < 93);
    ck_assert(contribution("sleeper", "dormant_reactivation") == 50);
}
END_TEST

START_TEST(a_small_transfer_that_wakes_it_first_hides_nothing) {
    small_past("sleeper");
    pay("stranger", "sleeper", 0.001, 299 * DAY);
    pay("friend", "sleeper", 20, 300 * DAY);
    ck_assert_int_eq(alerts("dormant_reactivation", "sleeper", NULL), 0);
    pay("sleeper", "stranger", 900, 301 * DAY);
    const json_t *alert;
    ck_assert_int_eq(alerts("dormant_reactivation", "sleeper", &alert), 1);
    ck_assert(alert_names(alert, "t11") && alert_names(alert, "t12") == true);
}
END_TEST

START_TEST(no_silence_no_past_and_no_large_value_are_none) {
    small_past("busy");
    pay("stranger", "busy", 5000, 80 * DAY);
    small_past("modest");
    pay("stranger", "modest", 100, 300 * DAY);
    pay("stranger", "modest", 5000, 310 * DAY);
    pay("friend", "once", 10, 0);
    pay("stranger", "once", 5000, 300 * DAY);
    ck_assert_uint_eq(json_array_size(fixture_emitted(scene_fixture(), TOPIC_ALERTS)), 0);
}
END_TEST

START_TEST(more_is_stronger) {
    small_past("six");
    pay("stranger", "six", 330, 300 * DAY);
    small_past("nine");
    pay("stranger", "nine", 500, 300 * DAY);
    ck_assert(contribution("six", "dormant_reactivation") > 25);
    ck_assert(contribution("nine", "dormant_reactivation") > contribution("six", "dormant_reactivation"));
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        a_large_value_after_long_silence,
        a_small_transfer_that_wakes_it_first_hides_nothing,
        no_silence_no_past_and_no_large_value_are_none,
        more_is_stronger,
        NULL,
    };
    TCase *group = suite_group("dormant_reactivation", tests, 60);
    tcase_add_checked_fixture(group, setup, scene_end);
    return suite_run_groups("dormant_reactivation", (TCase *const[]){group, NULL});
}
