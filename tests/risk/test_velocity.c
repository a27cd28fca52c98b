#include "support_scene.h"
#include "tests/support/suite.h"

static void setup(void) { scene_begin_detector("velocity"); }

START_TEST(a_burst_against_ones_own_past_is_velocity) {
    for (int i = 0; i < 30; i++) pay("worker", "shop", 10, i * DAY);
    ck_assert_int_eq(alerts("velocity", "worker", NULL), 0);
    for (int i = 0; i < 25; i++) pay("worker", "shop", 10, 30 * DAY + i * 60);
    const json_t *alert;
    ck_assert_int_eq(alerts("velocity", "worker", &alert), 2);
    ck_assert_uint_ge(json_array_size(json_object_get(alert, "tx_ids")), 20);
    ck_assert(alert_names(alert, "t50"));
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

START_TEST(wages_once_a_month_are_no_velocity) {
    for (int month = 0; month < 12; month++) {
        for (int i = 0; i < 40; i++) pay("firm", numbered("w", i), 10, month * 30 * DAY + i);
        for (int day = 0; day < 30; day++) pay("firm", "bank", 10, (month * 30 + day) * DAY + 8 * HOUR);
        if (month == 1) ck_assert_int_le(alerts("velocity", "firm", NULL), 3);
    }
    ck_assert_int_le(alerts("velocity", "firm", NULL), 3);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        a_burst_against_ones_own_past_is_velocity,
        a_busy_wallet_and_one_without_a_past_have_no_velocity,
        wages_once_a_month_are_no_velocity,
        NULL,
    };
    TCase *group = suite_group("velocity", tests, 60);
    tcase_add_checked_fixture(group, setup, scene_end);
    return suite_run_groups("velocity", (TCase *const[]){group, NULL});
}
