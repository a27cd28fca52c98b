/* What the presets score. */
#include "support_fixture.h"
#include "tests/support/suite.h"

#include <math.h>

static double score(fixture_t *fixture, const char *wallet) {
    json_t *record = fixture_wallet(fixture, wallet);
    double value = json_number_value(json_object_get(record, "score"));
    json_decref(record);
    return value;
}

static void check_score(fixture_t *fixture, const char *wallet, double expected) {
    ck_assert_msg(fabs(score(fixture, wallet) - expected) < 0.006, "%s has %g, not %g", wallet,
                  score(fixture, wallet), expected);
}

/* bad → a ← b → c → d, and a → x, an exchange. */
static fixture_t *chain(const char *rules) {
    static const char *const transfers[][2] = {{"bad", "a"}, {"b", "a"}, {"b", "c"}, {"c", "d"}, {"a", "x"}};
    fixture_t *fixture = fixture_new(rules, 3, 0);
    ck_assert_ptr_null(fixture_label(fixture, "bad", "{\"category\": \"scam\"}"));
    ck_assert_ptr_null(fixture_label(fixture, "x", "{\"category\": \"exchange\"}"));
    for (int i = 0; i < 5; i++) {
        char tx_id[] = {'t', (char)('0' + i), 0};
        fixture_transfer(fixture, tx_id, transfers[i][0], transfers[i][1], 9000, INT64_C(1700000000000) + i);
    }
    fixture_commit(fixture);
    return fixture;
}

START_TEST(hops_only_counts_hops_over_edges_in_either_direction_by_the_root_of_the_degree) {
    fixture_t *fixture = chain("preset:hops-only");
    check_score(fixture, "bad", 100);
    check_score(fixture, "a", 60 / sqrt(3));
    check_score(fixture, "b", 30 / sqrt(2));
    check_score(fixture, "x", 30);
    check_score(fixture, "c", 0);
    check_score(fixture, "d", 0);
    ck_assert_uint_eq(json_array_size(fixture_emitted(fixture, TOPIC_ALERTS)), 0);
    fixture_free(fixture);
}
END_TEST

START_TEST(strict_never_scores_a_wallet_lower_than_the_default) {
    static const char *const wallets[] = {"bad", "a", "b", "c", "d", "x"};
    fixture_t *standard = chain(NULL), *strict = chain("preset:strict");
    for (size_t i = 0; i < sizeof wallets / sizeof *wallets; i++)
        ck_assert(score(strict, wallets[i]) >= score(standard, wallets[i]));
    ck_assert(score(strict, "a") > score(standard, "a"));
    fixture_free(standard);
    fixture_free(strict);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        hops_only_counts_hops_over_edges_in_either_direction_by_the_root_of_the_degree,
        strict_never_scores_a_wallet_lower_than_the_default,
        NULL,
    };
    return suite_run("presets", tests, 60);
}
