#include "support_scene.h"
#include "tests/support/suite.h"

static void setup(void) { scene_begin("{\"taint\": {\"method\": \"off\"}}"); }

START_TEST(tiny_amounts_to_many_strangers_mark_the_sender_alone) {
    for (int i = 0; i < 25; i++) pay("duster", numbered("victim", i), 0.001, i * 60);
    const json_t *alert;
    ck_assert_int_eq(alerts("dusting", "duster", &alert), 2);
    ck_assert_uint_eq(json_array_size(json_object_get(alert, "tx_ids")), 20);
    ck_assert(contribution("duster", "dusting") > 0);
    ck_assert_int_eq(alerts("fan_out", "duster", NULL), 0);
    for (int i = 0; i < 25; i++) ck_assert(score_of(numbered("victim", i)) == 0);
    for (int i = 0; i < 30; i++) pay(numbered("d", i), "victim0", 0.001, DAY + i * 60);
    ck_assert(score_of("victim0") == 0);
}
END_TEST

START_TEST(small_change_to_friends_is_none) {
    for (int i = 0; i < 25; i++) pay("friend", numbered("f", i % 5), 0.5, i * 60);
    for (int i = 0; i < 25; i++) pay("slow", numbered("s", i), 0.5, i * 6 * HOUR);
    ck_assert_uint_eq(json_array_size(fixture_emitted(scene_fixture(), TOPIC_ALERTS)), 0);
}
END_TEST

START_TEST(of_an_asset_without_a_price_only_the_tiniest_is_dust) {
    for (int i = 0; i < 12; i++) pay_asset("duster", numbered("victim", i), "BTC", 5.46e-6, i * 60);
    for (int i = 0; i < 12; i++) pay_asset("payer", numbered("staff", i), "BTC", 0.05, i * 60);
    ck_assert_int_eq(alerts("dusting", "duster", NULL), 1);
    ck_assert_int_eq(alerts("dusting", "payer", NULL), 0);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        tiny_amounts_to_many_strangers_mark_the_sender_alone,
        small_change_to_friends_is_none,
        of_an_asset_without_a_price_only_the_tiniest_is_dust,
        NULL,
    };
    TCase *group = suite_group("dusting", tests, 60);
    tcase_add_checked_fixture(group, setup, scene_end);
    return suite_run_groups("dusting", (TCase *const[]){group, NULL});
}
