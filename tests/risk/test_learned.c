#include "support_fixture.h"
#include "tests/support/suite.h"

#include <math.h>
#include <string.h>

enum { T0 = 1700000000, HOUR = 3600 };

static fixture_t *fixture;
static int explained; /* how often it was asked for its causes */

/* Knows two probabilities, by the amount; five features speak for both, one against. */
static double score(void *context, const features_t *features) {
    (void)context;
    double value = expm1((double)features->values[FEATURE_VALUE_LOG]);
    return value > 1000 ? 0.8 : value > 1 ? 0.1 : 0.00001;
}

static void explain(void *context, const features_t *features, double contributions[FEATURE_COUNT]) {
    (void)context, (void)features;
    explained++;
    contributions[FEATURE_EDGE_IS_NEW] = 0.5;
    contributions[FEATURE_EDGE_LAST_DAYS] = -3;
    contributions[FEATURE_VALUE_LOG] = 1.25;
    contributions[FEATURE_SENDER_BITS] = 0.25;
    contributions[FEATURE_RECEIVER_BITS] = 2;
    contributions[FEATURE_SENDER_SENT_COUNT] = 0.75;
}

static const risk_scorer_t scorer = {.version = "0123456789ab", .score = score, .explain = explain};

static void setup(void) {
    explained = 0;
    /* Of the detectors, fan-in alone. */
    fixture = fixture_new_with(
        "{\"taint\": {\"method\": \"off\"}, \"detectors\": {\"*\": {\"weight\": 0}, \"fan_in\": {\"weight\": "
        "0.5}}, \"model\": {\"weight\": 0.75, \"explain_from\": 0.5}}",
        1, 0);
    risk_use_scorer(fixture_task(fixture, "any"), &scorer);
}

static void teardown(void) { fixture_free(fixture); }

static const json_t *pay(const char *tx_id, const char *src, double amount, int64_t second) {
    fixture_transfer(fixture, tx_id, src, "shop", amount, (T0 + second) * 1000);
    fixture_deliver(fixture, SIZE_MAX);
    return fixture_last(fixture, TOPIC_TRANSACTION_RISK);
}

static const json_t *reason(const json_t *record, const char *code) {
    size_t index;
    const json_t *each;
    json_array_foreach(json_object_get(record, "reasons"), index, each) {
        if (!strcmp(json_string_value(json_object_get(each, "code")), code)) return each;
    }
    return NULL;
}

START_TEST(a_models_opinion_is_a_reason_and_its_main_features_are_named) {
    static const char *const names[] = {"receiver_bits", "value_log", "sender_sent_count", "edge_is_new"};
    const json_t *record = pay("a", "x", 2000, 0), *model = reason(record, "model");
    ck_assert_ptr_nonnull(model);
    ck_assert_double_eq(number(record, "score"), 60); /* 0.75 · 0.8 */
    ck_assert_double_eq(number(model, "contribution"), 60);
    ck_assert_str_eq(json_string_value(json_object_get(record, "model_version")), "0123456789ab");
    const json_t *evidence = json_object_get(model, "evidence"),
                 *features = json_object_get(evidence, "features");
    ck_assert_double_eq(number(evidence, "probability"), 0.8);
    ck_assert_uint_eq(json_array_size(features), 4);
    for (size_t i = 0; i < 4; i++) {
        const json_t *feature = json_array_get(features, i);
        ck_assert_str_eq(json_string_value(json_object_get(feature, "name")), names[i]);
    }
    ck_assert_double_eq(number(json_array_get(features, 0), "log_odds"), 2);
    ck_assert_double_eq(number(json_array_get(features, 3), "value"), 1); /* the edge is new */
}
END_TEST

START_TEST(causes_are_asked_for_only_where_they_matter) {
    const json_t *record = pay("a", "x", 10, 0);
    ck_assert_double_eq(number(record, "score"), 7.5);
    ck_assert_ptr_null(json_object_get(json_object_get(reason(record, "model"), "evidence"), "features"));
    record = pay("b", "x", 0.5, 1);
    ck_assert_ptr_null(reason(record, "model"));
    ck_assert_double_eq(number(record, "score"), 0);
    ck_assert_int_eq(explained, 0);
    pay("c", "x", 2000, 2);
    ck_assert_int_eq(explained, 1);
}
END_TEST

START_TEST(what_detectors_and_the_model_both_see_does_not_count_twice) {
    const json_t *record = NULL;
    char src[8], tx_id[8];
    for (int i = 0; i < 10; i++) {
        snprintf(src, sizeof src, "s%d", i);
        snprintf(tx_id, sizeof tx_id, "t%d", i);
        record = pay(tx_id, src, 2000, i * HOUR);
    }
    const json_t *fan_in = reason(record, "fan_in");
    ck_assert_ptr_nonnull(fan_in);
    /* A fan-in at its threshold is 0.25 alone, and a quarter of it beside a model of weight 0.75. */
    ck_assert_double_eq_tol(number(record, "score"), 100 * (1 - (1 - 0.6) * (1 - 0.25 / 4)), 0.006);
    json_t *wallet = fixture_wallet(fixture, "shop");
    ck_assert_double_ge(number(reason(wallet, "fan_in"), "contribution"), 25);
    json_decref(wallet);
}
END_TEST

/* Four transfers that close a ring, all of this amount. The caller frees. */
static fixture_t *ring_of(double amount) {
    static const char *const ring[][2] = {{"a", "b"}, {"b", "c"}, {"c", "d"}, {"d", "a"}};
    fixture_t *rings = fixture_new_with("{\"detectors\": {\"network\": {\"min_bits\": 0}}, \"model\": "
                                        "{\"weight\": 0.25}, \"taint\": {\"method\": \"off\"}}",
                                        1, 0);
    risk_use_scorer(fixture_task(rings, "any"), &scorer);
    for (int i = 0; i < 4; i++) {
        char tx_id[8];
        snprintf(tx_id, sizeof tx_id, "t%d", i);
        fixture_transfer(rings, tx_id, ring[i][0], ring[i][1], amount, (T0 + i * 48LL * HOUR) * 1000);
        fixture_commit(rings);
    }
    return rings;
}

START_TEST(a_models_opinion_at_arrival_is_told_again_when_a_case_raises_the_score) {
    fixture_t *rings = ring_of(2000);
    const json_t *risks = fixture_emitted(rings, TOPIC_TRANSACTION_RISK), *first = NULL, *last = NULL,
                 *record;
    size_t i;
    json_array_foreach(risks, i, record) {
        if (strcmp(json_string_value(json_object_get(record, "tx_id")), "t0")) continue;
        if (!first) first = record;
        last = record;
    }
    ck_assert_ptr_nonnull(reason(last, "cycle"));
    ck_assert(number(last, "score") > number(first, "score"));
    ck_assert(json_equal(json_object_get(reason(first, "model"), "evidence"),
                         json_object_get(reason(last, "model"), "evidence")));
    fixture_free(rings);
}
END_TEST

START_TEST(what_the_model_finds_unlikely_joins_no_case) {
    fixture_t *rings = ring_of(10);
    ck_assert_uint_eq(json_array_size(fixture_emitted(rings, TOPIC_TRANSACTION_RISK)), 4);
    ck_assert_uint_eq(json_array_size(fixture_emitted(rings, TOPIC_ALERTS)), 0);
    fixture_free(rings);
}
END_TEST

START_TEST(without_a_model_records_name_none) {
    risk_use_scorer(fixture_task(fixture, "any"), NULL);
    const json_t *record = pay("a", "x", 2000, 0);
    ck_assert_ptr_null(reason(record, "model"));
    ck_assert_ptr_null(json_object_get(record, "model_version"));
}
END_TEST

int main(void) {
    const TTest *tests[] = {
        a_models_opinion_is_a_reason_and_its_main_features_are_named,
        causes_are_asked_for_only_where_they_matter,
        what_detectors_and_the_model_both_see_does_not_count_twice,
        a_models_opinion_at_arrival_is_told_again_when_a_case_raises_the_score,
        what_the_model_finds_unlikely_joins_no_case,
        without_a_model_records_name_none,
        NULL,
    };
    TCase *group = suite_group("learned", tests, 60);
    tcase_add_checked_fixture(group, setup, teardown);
    TCase *groups[] = {group, NULL};
    return suite_run_groups("learned", groups);
}
