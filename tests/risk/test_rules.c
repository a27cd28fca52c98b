#include "risk/rules_fields.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static err_t *load(const char *text, rules_t **rules) {
    char path[] = "/tmp/test_rules_XXXXXX";
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
    err_t *err = rules_load(path, rules);
    unlink(path);
    return err;
}

static rules_t *loaded(const char *text) {
    rules_t *rules;
    err_t *err = load(text, &rules);
    ck_assert_msg(!err, "%s: %s", text, err ? err_message(err) : "");
    return rules;
}

START_TEST(the_same_values_have_the_same_version) {
    static const char *const same[] = {
        "{}",
        "{\"half_life_days\": 30}",
        "{\"half_life_days\":3e1, \"levels\": {\"medium\": 25.0}}",
        "{\"exposure\": {\"hop_weights\": [1, 0.6, 0.35, 0.2, 0.12]}}",
        "{\"detectors\": {\"fan_in\": {\"weight\": 0.5}}}",
    };
    rules_t *standard;
    ck_assert_ptr_null(rules_load(NULL, &standard));
    ck_assert_uint_eq(strspn(rules_version(standard), "0123456789abcdef"), 12);
    ck_assert_uint_eq(strlen(rules_version(standard)), 12);
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        rules_t *rules = loaded(same[i]);
        ck_assert_str_eq(rules_version(rules), rules_version(standard));
        rules_free(rules);
    }
    static const char *const other[] = {
        "{\"half_life_days\": 31}",
        "{\"exposure\": {\"nearest\": 3}}",
        "{\"categories\": {\"scam\": {\"service\": true}}}",
        "{\"detectors\": {\"velocity\": {\"min_factor\": 6}}}",
    };
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        rules_t *rules = loaded(other[i]);
        ck_assert_str_ne(rules_version(rules), rules_version(standard));
        rules_free(rules);
    }
    rules_free(standard);
}
END_TEST

START_TEST(every_value_can_be_set) {
    rules_t *rules =
        loaded("{\"exposure\": {\"nearest\": 2, \"max_hops\": 1, \"hop_weights\": [0.9, 0.4]},"
               "\"categories\": {\"mixer\": {\"weight\": 0.1, \"service\": false, \"alert_hops\": 3}},"
               "\"detectors\": {\"fan_out\": {\"window_hours\": 48, \"min_counterparties\": 7}},"
               "\"half_life_days\": 0.5, \"levels\": {\"medium\": 1, \"high\": 2, \"critical\": 3}}");
    ck_assert_int_eq(rules->nearest, 2);
    ck_assert_int_eq(rules->max_hops, 1);
    ck_assert(rules->hop_weights[1] == 0.4 && rules->hop_weights[2] == 0);
    ck_assert(rules->categories[CATEGORY_MIXER].weight == 0.1 && !rules->categories[CATEGORY_MIXER].service);
    ck_assert_int_eq(rules->categories[CATEGORY_MIXER].alert_hops, 3);
    ck_assert(rules->detectors[DETECTOR_FAN_OUT][PARAMETER_WINDOW_HOURS] == 48);
    ck_assert(rules->detectors[DETECTOR_FAN_OUT][2] == 7);
    ck_assert(rules->half_life_days == 0.5);
    ck_assert_int_eq(rules_level(rules, 0.99), LEVEL_LOW);
    ck_assert_int_eq(rules_level(rules, 1), LEVEL_MEDIUM);
    ck_assert_int_eq(rules_level(rules, 3), LEVEL_CRITICAL);
    rules_free(rules);
}
END_TEST

START_TEST(a_wrong_file_is_refused_with_place_and_remedy) {
    static const struct {
        const char *text, *message, *also;
    } cases[] = {
        {"", "line", "file"},
        {"{", "line 1", "column"},
        {"[]", "must be a JSON object", ""},
        {"{\"a\":1,\"a\":2}", "duplicate", ""},
        {"{\"detectors\": {\"fan-in\": {}}}", "detectors.fan-in", "did you mean \"fan_in\"?"},
        {"{\"detectors\": {\"fan_in\": {\"wieght\": 1}}}", "detectors.fan_in.wieght",
         "did you mean \"weight\"?"},
        {"{\"detectors\": {\"fan_in\": {\"weight\": 1.5}}}", "detectors.fan_in.weight", "from 0 to 1"},
        {"{\"detectors\": {\"fan_in\": {\"window_hours\": \"x\"}}}", "detectors.fan_in.window_hours",
         "number from 1"},
        {"{\"detectors\": 3}", "detectors", "object"},
        {"{\"categories\": {\"sanctiond\": {}}}", "categories.sanctiond", "\"sanctioned\""},
        {"{\"categories\": {\"scam\": {\"service\": 1}}}", "categories.scam.service", "true or false"},
        {"{\"categories\": {\"scam\": {\"alert_hops\": 8}}}", "categories.scam.alert_hops", "0 to 7"},
        {"{\"exposure\": {\"nearest\": 17}}", "exposure.nearest", "1 to 16"},
        {"{\"exposure\": {\"nearest\": 1.5}}", "exposure.nearest", "whole number"},
        {"{\"exposure\": {\"max_hops\": 0}}", "exposure.max_hops", "1 to 7"},
        {"{\"exposure\": {\"hop_weights\": [1]}}", "exposure.hop_weights", "5 to 8"},
        {"{\"exposure\": {\"hop_weights\": [1, 0.5, 0.6, 0, 0]}}", "exposure.hop_weights", "number 3"},
        {"{\"levels\": {\"high\": 10}}", "levels.high", "below medium"},
        {"{\"levels\": {\"low\": 10}}", "levels.low", "unknown key"},
        {"{\"half_life_days\": 0}", "half_life_days", "from 0.01"},
        {"{\"zzzzzzzzzzzz\": 0}", "zzzzzzzzzzzz", "unknown key"},
        {"{\"taint\": {\"method\": \"x\"}}", "taint.method", "one of \"haircut\", \"poison\""},
        {"{\"preset\": \"strikt\"}", "no preset \"strikt\"", "did you mean strict"},
        {"{\"preset\": 1}", "preset", "name"},
        {"{\"detectors\": {\"*\": {\"weight\": 2}}}", "detectors.*.weight", "2 is not from 0 to 1"},
        {"{\"detectors\": {\"*\": {\"min_count\": 2}}}", "detectors.*.min_count", "unknown key"},
        {"{\"detectors\": {\"structuring\": {\"per_asset\": {\"BTC\": {\"weight\": 1}}}}}", "BTC.weight",
         "threshold"},
        {"{\"detectors\": {\"structuring\": {\"per_asset\": {\"BTC\": {\"threshold\": -1}}}}}",
         "detectors.structuring.per_asset.BTC.threshold", "-1 is not from"},
        {"{\n\n\"half_life_days\": 0}", "line 3: half_life_days", "from"},
        {"{\"levels\": {\"high\": [3, {\"high\": 1}, \"}\"],\n \"critical\": 99},\n\"exposure\": {\n "
         "\"nearest\": 99}}",
         "line 1: levels.high", "number"},
        {"{\"levels\": {\"high\": 60,\n \"critical\": 99},\n\"exposure\": {\n \"nearest\": 99}}",
         "line 4: exposure.nearest", "1 to 16"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rules_t *rules;
        err_t *err = load(cases[i].text, &rules);
        ck_assert_msg(err, "%s was accepted", cases[i].text);
        ck_assert_int_eq(err_exit_code(err), EXIT_USAGE);
        ck_assert_msg(strstr(err_message(err), cases[i].message) && strstr(err_message(err), cases[i].also),
                      "%s: %s", cases[i].text, err_message(err));
        err_free(err);
    }
    rules_t *rules;
    err_t *err = rules_load("/nonexistent/rules.json", &rules);
    ck_assert_ptr_nonnull(strstr(err_message(err), "No such file"));
    err_free(err);
}
END_TEST

START_TEST(what_is_shown_reads_back_as_the_same_rules) {
    for (const rules_preset_t *preset = rules_presets; preset->name; preset++) {
        char source[64];
        snprintf(source, sizeof source, "preset:%s", preset->name);
        for (int pretty = 0; pretty < 2; pretty++) {
            rules_t *rules, *again;
            must(rules_load(source, &rules));
            buf_t text = {0};
            rules_add_json(rules, pretty, &text);
            must(rules_parse("shown", text.data, text.size, &again));
            ck_assert_str_eq(rules_version(again), rules_version(rules));
            buf_clear(&text);
            rules_free(rules);
            rules_free(again);
        }
    }
}
END_TEST

START_TEST(a_file_may_begin_with_a_preset) {
    rules_t *strict, *rules;
    must(rules_load("preset:strict", &strict));
    rules = loaded("{\"preset\": \"strict\", \"half_life_days\": 1}");
    ck_assert_int_eq(rules->max_hops, strict->max_hops);
    ck_assert(rules->half_life_days == 1 && strict->half_life_days != 1);
    rules_free(strict);
    rules_free(rules);
}
END_TEST

START_TEST(a_star_stands_for_all_and_what_is_named_comes_after_it) {
    rules_t *rules = loaded("{\"detectors\": {\"fan_in\": {\"weight\": 0.25}, \"*\": {\"weight\": 0}},"
                            " \"categories\": {\"*\": {\"service\": false, \"alert_hops\": 2}}}");
    for (int id = 0; id < DETECTOR_COUNT; id++)
        ck_assert(rules->detectors[id][PARAMETER_WEIGHT] == (id == DETECTOR_FAN_IN ? 0.25 : 0));
    for (int category = 0; category < CATEGORY_COUNT; category++)
        ck_assert(!rules->categories[category].service && rules->categories[category].alert_hops == 2);
    rules_free(rules);
}
END_TEST

START_TEST(an_asset_may_have_thresholds_of_its_own) {
    rules_t *rules =
        loaded("{\"detectors\": {\"structuring\": {\"per_asset\": {\"BTC\": {\"threshold\": 0.25}},"
               " \"min_count\": 4}}}");
    const asset_rules_t *own = rules_asset(rules, (text_t){"BTC", 3});
    ck_assert_ptr_null(rules_asset(rules, (text_t){"BT", 2}));
    ck_assert_ptr_null(rules_asset(rules, (text_t){"", 0}));
    ck_assert_ptr_nonnull(own);
    ck_assert(own->given[DETECTOR_STRUCTURING] && !own->given[DETECTOR_FAN_IN]);
    const double *given = own->detectors[DETECTOR_STRUCTURING],
                 *others = rules->detectors[DETECTOR_STRUCTURING];
    ck_assert(given[2] == 0.25 && others[2] == 10000);
    ck_assert(given[4] == 4 && others[4] == 4);
    rules_t *standard;
    must(rules_load(NULL, &standard));
    ck_assert_str_ne(rules_version(rules), rules_version(standard));
    rules_free(standard);
    rules_free(rules);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        the_same_values_have_the_same_version,
        every_value_can_be_set,
        a_wrong_file_is_refused_with_place_and_remedy,
        what_is_shown_reads_back_as_the_same_rules,
        a_file_may_begin_with_a_preset,
        a_star_stands_for_all_and_what_is_named_comes_after_it,
        an_asset_may_have_thresholds_of_its_own,
        NULL,
    };
    return suite_run("rules", tests, 60);
}
