#include "support_scene.h"
#include "tests/support/suite.h"

static void setup(void) {
    scene_begin_detector("mixer_use");
    fixture_label(scene_fixture(), "mixer", "{\"category\":\"mixer\"}");
}

START_TEST(equal_amounts_into_a_mixer_mark_the_sender) {
    for (int i = 0; i < 2; i++) pay("user", "mixer", 10, i * HOUR);
    pay("user", "mixer", 1, 3 * HOUR);
    ck_assert_int_eq(alerts("mixer_use", "user", NULL), 0);
    pay("user", "mixer", 10, 4 * HOUR);
    const json_t *alert;
    ck_assert_int_eq(alerts("mixer_use", "user", &alert), 1);
    ck_assert(alert_names(alert, "t0") && alert_names(alert, "t1") && alert_names(alert, "t3"));
    ck_assert(alert_value(alert, "transfers") == 3);
    ck_assert(contribution("user", "mixer_use") > 0);
    ck_assert(contribution("mixer", "mixer_use") == 0);
}
END_TEST

START_TEST(different_amounts_other_receivers_and_services_are_none) {
    static const char *const senders[] = {"payer", "tenant", "exchange", "slow"};
    fixture_label(scene_fixture(), "exchange", "{\"category\":\"exchange\"}");
    for (int i = 0; i < 8; i++) {
        pay("payer", "mixer", 10 + i, i * HOUR);
        pay("tenant", "landlord", 10, i * HOUR);
        pay("exchange", "mixer", 10, i * HOUR);
    }
    for (int i = 0; i < 8; i++) pay("slow", "mixer", 10, i * 3 * DAY);
    for (int i = 0; i < 4; i++) ck_assert(contribution(senders[i], "mixer_use") == 0);
}
END_TEST

START_TEST(a_label_counts_from_when_it_comes) {
    for (int i = 0; i < 2; i++) pay("user", "blender", 10, i * HOUR);
    fixture_label(scene_fixture(), "blender", "{\"category\":\"mixer\"}");
    for (int i = 2; i < 4; i++) pay("user", "blender", 10, i * HOUR);
    ck_assert_int_eq(alerts("mixer_use", "user", NULL), 0);
    pay("user", "blender", 10, 4 * HOUR);
    ck_assert_int_eq(alerts("mixer_use", "user", NULL), 1);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        equal_amounts_into_a_mixer_mark_the_sender,
        different_amounts_other_receivers_and_services_are_none,
        a_label_counts_from_when_it_comes,
        NULL,
    };
    TCase *group = suite_group("mixer_use", tests, 60);
    tcase_add_checked_fixture(group, setup, scene_end);
    return suite_run_groups("mixer_use", (TCase *const[]){group, NULL});
}
