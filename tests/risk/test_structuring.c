#include "support_scene.h"
#include "tests/support/suite.h"

#include <string.h>

static void setup(void) { scene_begin_detector("structuring"); }

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

START_TEST(an_asset_is_held_against_its_own_threshold) {
    scene_end();
    scene_begin("{\"detectors\": {\"structuring\": {\"per_asset\": {\"BTC\": {\"threshold\": 0.5}}}}}");
    for (int i = 0; i < 4; i++) pay_asset("smurf", "bank", "BTC", 0.45, i * HOUR);
    for (int i = 0; i < 4; i++) pay_asset("clean", "bank", "ETH", 0.45, i * HOUR);
    for (int i = 0; i < 4; i++) pay_asset("rich", "bank", "BTC", 9500, i * HOUR);
    ck_assert_int_eq(alerts("structuring", "smurf", NULL), 1);
    ck_assert_int_eq(alerts("structuring", "clean", NULL), 0);
    ck_assert_int_eq(alerts("structuring", "rich", NULL), 0);
}
END_TEST

START_TEST(structuring_keeps_a_bounded_record) {
    for (int i = 0; i < 200; i++) pay("smurf", numbered("b", i % 5), 9000, i * 60);
    /* At 3, and whenever that has doubled, while they can be counted. */
    ck_assert_int_eq(alerts("structuring", "smurf", NULL), 4);
    for (int i = 0; i < 3; i++) pay("smurf", "bank", 9000, 30 * DAY + i);
    const json_t *alert;
    ck_assert_int_eq(alerts("structuring", "smurf", &alert), 5);
    ck_assert_uint_eq(json_array_size(json_object_get(alert, "tx_ids")), 3);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        amounts_just_below_the_threshold_are_structuring,
        an_asset_is_held_against_its_own_threshold,
        structuring_keeps_a_bounded_record,
        NULL,
    };
    TCase *group = suite_group("structuring", tests, 60);
    tcase_add_checked_fixture(group, setup, scene_end);
    return suite_run_groups("structuring", (TCase *const[]){group, NULL});
}
