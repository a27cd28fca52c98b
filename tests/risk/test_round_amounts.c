#include "support_scene.h"
#include "tests/support/suite.h"

#include <string.h>

static void setup(void) { scene_begin_detector("round_amounts"); }

START_TEST(mostly_round_amounts) {
    static const double amounts[] = {5000, 1200, 2500, 700, 300000, 1000, 2000, 150, 900, 4000};
    for (int i = 0; i < 4; i++) pay("maker", numbered("r", i), amounts[i], i * DAY);
    ck_assert(score_of("maker") == 0);
    pay("maker", "r4", 3000, 4 * DAY);
    ck_assert(contribution("maker", "round_amounts") == 15);
    ck_assert_int_eq(alerts("round_amounts", "maker", NULL), 0);
    for (int i = 4; i < 10; i++) pay("maker", numbered("r", i), amounts[i], i * DAY);
    const json_t *alert;
    ck_assert_int_ge(alerts("round_amounts", "maker", &alert), 1);
    ck_assert_uint_ge(json_array_size(json_object_get(alert, "tx_ids")), 9);
}
END_TEST

START_TEST(other_amounts_among_them_and_small_change_make_it_usual) {
    for (int i = 0; i < 30; i++) pay("shop", "bank", i % 2 ? 1000 : 1234.56, i * HOUR);
    for (int i = 0; i < 30; i++) pay("kiosk", "bank", 5 + i % 3, i * HOUR);
    for (int i = 0; i < 30; i++) pay("odd", "bank", 1001 + 13.37 * i, i * HOUR);
    ck_assert(score_of("shop") == 0 && score_of("kiosk") == 0 && score_of("odd") == 0);
}
END_TEST

START_TEST(round_in_the_reference_currency_counts_too) {
    static const char price[] = "{\"price\": 2345.5}";
    ck_assert_ptr_null(risk_price(fixture_task(scene_fixture(), "ETH"), "ETH", 3, price, strlen(price), 0));
    fixture_deliver(scene_fixture(), SIZE_MAX);
    for (int i = 0; i < 6; i++) pay_asset("maker", "bank", "ETH", 5000 * (i + 1) / 2345.5, i * HOUR);
    ck_assert(contribution("maker", "round_amounts") > 0);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        mostly_round_amounts,
        other_amounts_among_them_and_small_change_make_it_usual,
        round_in_the_reference_currency_counts_too,
        NULL,
    };
    TCase *group = suite_group("round_amounts", tests, 60);
    tcase_add_checked_fixture(group, setup, scene_end);
    return suite_run_groups("round_amounts", (TCase *const[]){group, NULL});
}
