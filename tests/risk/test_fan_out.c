#include "support_scene.h"
#include "tests/support/suite.h"

static void setup(void) { scene_begin_detector("fan_out"); }

START_TEST(fan_out_mirrors_fan_in) {
    for (int i = 0; i < 12; i++) pay("source", numbered("r", i), 10, i);
    const json_t *alert;
    ck_assert_int_eq(alerts("fan_out", "source", &alert), 1);
    ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(alert, "evidence"), "receivers")),
                     10);
    ck_assert(contribution("source", "fan_out") == 30);
}
END_TEST

START_TEST(few_new_receivers_are_a_fan_out_where_there_never_are_any) {
    for (int day = 0; day < 60; day += 3) pay("quiet", numbered("usual", day % 4), 120, day * DAY);
    for (int i = 0; i < 6; i++) pay("quiet", numbered("new", i), 90, 61 * DAY + i * HOUR);
    const json_t *alert;
    ck_assert_int_ge(alerts("fan_out", "quiet", &alert), 1);
    ck_assert_uint_ge(json_array_size(json_object_get(alert, "tx_ids")), 4);
    ck_assert(!alert_names(alert, "t19"));
}
END_TEST

START_TEST(a_payer_of_new_receivers_every_week_makes_no_fan_out) {
    int receiver = 0;
    for (int week = 0; week < 30; week++)
        for (int i = 0; i < 5; i++) pay("payer", numbered("r", receiver++), 90, week * 7 * DAY + i * 60);
    ck_assert_int_eq(alerts("fan_out", "payer", NULL), 0);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        fan_out_mirrors_fan_in,
        few_new_receivers_are_a_fan_out_where_there_never_are_any,
        a_payer_of_new_receivers_every_week_makes_no_fan_out,
        NULL,
    };
    TCase *group = suite_group("fan_out", tests, 60);
    tcase_add_checked_fixture(group, setup, scene_end);
    return suite_run_groups("fan_out", (TCase *const[]){group, NULL});
}
