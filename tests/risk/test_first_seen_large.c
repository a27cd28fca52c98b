#include "support_scene.h"
#include "tests/support/suite.h"

static void setup(void) { scene_begin_detector("first_seen_large"); }

START_TEST(a_large_value_at_first_sight) {
    pay("old", "older", 5, -30 * DAY);
    pay("old", "newborn", 50000, 0);
    pay("old", "child", 500, 0);
    ck_assert(contribution("newborn", "first_seen_large") > 25);
    ck_assert(score_of("child") == 0 && score_of("old") == 0);
    const json_t *alert;
    ck_assert_int_eq(alerts("first_seen_large", "newborn", &alert), 1);
    ck_assert(alert_names(alert, "t1"));
}
END_TEST

START_TEST(in_parts_within_the_window_and_by_size) {
    for (int i = 0; i < 4; i++) pay(numbered("s", i), "parts", 3000, i * HOUR);
    pay("s9", "more", 90000, 0);
    ck_assert(contribution("parts", "first_seen_large") > 15);
    ck_assert(contribution("more", "first_seen_large") > contribution("parts", "first_seen_large"));
    for (int i = 0; i < 4; i++) pay(numbered("s", i), "slow", 3000, i * 20 * HOUR);
    ck_assert(contribution("slow", "first_seen_large") == 0);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        a_large_value_at_first_sight,
        in_parts_within_the_window_and_by_size,
        NULL,
    };
    TCase *group = suite_group("first_seen_large", tests, 60);
    tcase_add_checked_fixture(group, setup, scene_end);
    return suite_run_groups("first_seen_large", (TCase *const[]){group, NULL});
}
