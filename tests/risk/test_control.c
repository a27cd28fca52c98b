/* Commands: what is refused, and that all tasks come to the same rules, whatever the order. */
#include "common/hash.h"
#include "risk/rules.h"
#include "support_fixture.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TASKS = 4 };

#define RELOAD(rules_) "{\"command\": \"reload\", \"rules\": " rules_ "}"

/* The wallet of each task. */
static const char *wallet_of(int task) {
    static char name[16];
    for (int i = 0;; i++) {
        snprintf(name, sizeof name, "w%d", i);
        if ((int)hash_partition(name, strlen(name), TASKS) == task) return name;
    }
}

static const char *version_in(fixture_t *fixture, int task) {
    return risk_rules_version(fixture_task(fixture, wallet_of(task)));
}

static void check_versions(fixture_t *fixture, const char *rules) {
    rules_t *expected;
    must(rules_parse("rules", rules, strlen(rules), &expected));
    for (int task = 0; task < TASKS; task++)
        ck_assert_str_eq(version_in(fixture, task), rules_version(expected));
    rules_free(expected);
}

START_TEST(a_bad_command_is_refused_with_reason_and_line) {
    static const struct {
        const char *value, *reason, *also;
    } cases[] = {
        {"", "line 1", ""},
        {"[]", "JSON object", ""},
        {"{}", "\"reload\"", ""},
        {"{\"command\": \"relaod\"}", "\"reload\"", ""},
        {"{\"command\": \"reload\", \"rule\": {}}", "unknown key \"rule\"", ""},
        {RELOAD("3"), "must be a JSON object", ""},
        {RELOAD("{\"half_life_days\": 1,\n \"levels\":\n{\"high\": 101}}"), "line 3: levels.high",
         "0 to 100"},
        {RELOAD("{\"preset\": \"strickt\"}"), "no preset", "strict"},
    };
    fixture_t *fixture = fixture_new(NULL, TASKS, 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *reason = fixture_command(fixture, "run", cases[i].value, 1);
        ck_assert_msg(reason && strstr(reason, cases[i].reason) && strstr(reason, cases[i].also), "%s: %s",
                      cases[i].value, reason ? reason : "taken");
    }
    fixture_commit(fixture);
    check_versions(fixture, "{}");
    fixture_free(fixture);
}
END_TEST

/* Started with a half-life of 7 days, then put under the strict rules. */
static fixture_t *reloaded(void) {
    fixture_t *fixture = fixture_new_with("{\"half_life_days\": 7}", TASKS, 0);
    ck_assert_ptr_null(fixture_command(fixture, "r1", RELOAD("{\"preset\": \"strict\"}"), 1000));
    fixture_commit(fixture);
    return fixture;
}

START_TEST(a_reload_reaches_every_task_and_lasts) {
    fixture_t *fixture = reloaded();
    check_versions(fixture, "{\"preset\": \"strict\"}");
    fixture_restart(fixture, "{\"half_life_days\": 7}");
    check_versions(fixture, "{\"preset\": \"strict\"}");
    fixture_free(fixture);
}
END_TEST

START_TEST(a_file_that_has_changed_since_wins_over_the_reload_for_good) {
    fixture_t *fixture = reloaded();
    fixture_restart(fixture, "{\"half_life_days\": 8}");
    check_versions(fixture, "{\"half_life_days\": 8}");
    fixture_restart(fixture, "{\"half_life_days\": 7}");
    check_versions(fixture, "{\"half_life_days\": 7}");
    fixture_free(fixture);
}
END_TEST

START_TEST(a_reload_without_rules_goes_back_to_the_file) {
    fixture_t *fixture = reloaded();
    ck_assert_ptr_null(fixture_command(fixture, "r2", "{\"command\": \"reload\"}", 1001));
    fixture_commit(fixture);
    check_versions(fixture, "{\"half_life_days\": 7}");
    fixture_free(fixture);
}
END_TEST

START_TEST(of_reloads_in_any_order_the_latest_wins_everywhere) {
    uint64_t seed = random_seed(20261124);
    for (int round = 0; round < 50; round++) {
        fixture_t *fixture = fixture_new(NULL, TASKS, random_next(&seed) | 1);
        for (int i = 0; i < 6; i++) {
            char run_id[8], value[128];
            snprintf(run_id, sizeof run_id, "r%d", i);
            snprintf(value, sizeof value, RELOAD("{\"half_life_days\": %d}"), 10 + i);
            /* r4 and r5 at the same time: the run id decides. */
            ck_assert_ptr_null(fixture_command(fixture, run_id, value, i < 5 ? 1000 + i : 1004));
        }
        fixture_commit(fixture);
        check_versions(fixture, "{\"half_life_days\": 15}");
        fixture_free(fixture);
    }
}
END_TEST

START_TEST(scores_carry_the_new_rules_from_the_next_touch_on) {
    fixture_t *fixture = fixture_new(NULL, TASKS, 0);
    ck_assert_ptr_null(fixture_label(fixture, "bad", "{\"category\": \"scam\"}"));
    fixture_transfer(fixture, "t1", "bad", "b", 5, 1700000000000);
    fixture_commit(fixture);
    ck_assert_ptr_null(
        fixture_command(fixture, "r1", RELOAD("{\"categories\": {\"scam\": {\"weight\": 0.1}}}"), 1));
    fixture_transfer(fixture, "t2", "bad", "b", 5, 1700000001000);
    fixture_commit(fixture);
    const json_t *last = fixture_last(fixture, TOPIC_SCORES);
    ck_assert(number(last, "score") < 12);
    ck_assert_str_eq(json_string_value(json_object_get(last, "rules_version")), version_in(fixture, 0));
    fixture_free(fixture);
}
END_TEST

/* Wallets scored by the run, with their scores; fails where one comes twice. The run's last record in
 * `*last`. */
static json_t *run_scores(fixture_t *fixture, const char *run_id, const json_t **last) {
    json_t *scores = json_object();
    size_t index;
    const json_t *record;
    *last = NULL;
    json_array_foreach(fixture_emitted(fixture, TOPIC_SCORING_RUNS), index, record) {
        if (strcmp(json_string_value(json_object_get(record, "run_id")), run_id) != 0) continue;
        const char *wallet = json_string_value(json_object_get(record, "wallet"));
        if (!wallet) {
            *last = record;
            continue;
        }
        ck_assert_msg(!json_object_get(scores, wallet), "%s was scored twice", wallet);
        json_object_set(scores, wallet, json_object_get(record, "score"));
    }
    return scores;
}

static json_int_t whole(const json_t *record, const char *key) {
    return json_integer_value(json_object_get(record, key));
}

/* Some wallets near a scam, more than fit in a page. */
static void fill(fixture_t *fixture, int wallets) {
    ck_assert_ptr_null(fixture_label(fixture, "bad", "{\"category\": \"scam\"}"));
    for (int i = 1; i < wallets; i++) {
        char tx_id[16], wallet[16];
        snprintf(tx_id, sizeof tx_id, "t%d", i);
        snprintf(wallet, sizeof wallet, "v%d", i);
        fixture_transfer(fixture, tx_id, "bad", wallet, 5, INT64_C(1700000000000) + i);
    }
    fixture_commit(fixture);
}

START_TEST(a_run_scores_every_wallet_once_under_its_rules_beside_the_live_scores) {
    enum { WALLETS = 700 };
    uint64_t seed = random_seed(7);
    for (int round = 0; round < 6; round++) {
        fixture_t *fixture = fixture_new(NULL, TASKS, round ? random_next(&seed) | 1 : 0);
        fill(fixture, WALLETS);
        size_t live = json_array_size(fixture_emitted(fixture, TOPIC_SCORES));
        static const char command[] =
            "{\"command\": \"rescore\", \"rules\": {\"detectors\": {\"*\": {\"weight\": 0}}, "
            "\"taint\": {\"method\": \"off\"}, \"categories\": {\"scam\": {\"weight\": 0.5}}}}";
        ck_assert_ptr_null(fixture_command(fixture, "run1", command, 1700000000000));
        ck_assert_ptr_null(fixture_command(fixture, "run1", command, 1700000000001));
        fixture_commit(fixture);
        const json_t *last;
        json_t *scores = run_scores(fixture, "run1", &last);
        ck_assert_uint_eq(json_object_size(scores), WALLETS);
        ck_assert(json_number_value(json_object_get(scores, "bad")) == 50);
        ck_assert(json_number_value(json_object_get(scores, "v1")) <= 50);
        ck_assert_str_eq(json_string_value(json_object_get(last, "state")), "finished");
        ck_assert_int_eq(whole(last, "wallets"), WALLETS);
        ck_assert_int_eq(whole(last, "done"), WALLETS);
        ck_assert_int_eq(whole(last, "partitions_finished"), TASKS);
        const json_t *summary = json_object_get(last, "summary");
        ck_assert_int_eq(whole(summary, "low") + whole(summary, "medium") + whole(summary, "high") +
                             whole(summary, "critical"),
                         WALLETS);
        ck_assert_int_eq(whole(summary, "high"), 1);
        ck_assert_uint_eq(json_array_size(fixture_emitted(fixture, TOPIC_SCORES)), live);
        check_versions(fixture, "{}");
        json_decref(scores);
        fixture_free(fixture);
    }
}
END_TEST

START_TEST(a_run_without_rules_has_those_in_force_and_agrees_with_the_live_scores) {
    fixture_t *fixture = fixture_new_with("{\"preset\": \"strict\"}", TASKS, 0);
    fill(fixture, 100);
    ck_assert_ptr_null(fixture_command(fixture, "run1", "{\"command\": \"rescore\"}", 1));
    fixture_commit(fixture);
    const json_t *last;
    json_t *scores = run_scores(fixture, "run1", &last);
    ck_assert_str_eq(json_string_value(json_object_get(last, "rules_version")), version_in(fixture, 0));
    const char *wallet;
    json_t *score;
    json_object_foreach(scores, wallet, score) {
        json_t *record = fixture_wallet(fixture, wallet);
        ck_assert(json_equal(score, json_object_get(record, "score")));
        json_decref(record);
    }
    json_decref(scores);
    fixture_free(fixture);
}
END_TEST

START_TEST(a_run_over_no_wallets_finishes) {
    fixture_t *fixture = fixture_new(NULL, TASKS, 0);
    ck_assert_ptr_null(fixture_command(fixture, "run1", "{\"command\": \"rescore\"}", 1));
    fixture_commit(fixture);
    const json_t *last;
    json_decref(run_scores(fixture, "run1", &last));
    ck_assert_str_eq(json_string_value(json_object_get(last, "state")), "finished");
    fixture_free(fixture);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        a_bad_command_is_refused_with_reason_and_line,
        a_reload_reaches_every_task_and_lasts,
        a_file_that_has_changed_since_wins_over_the_reload_for_good,
        a_reload_without_rules_goes_back_to_the_file,
        of_reloads_in_any_order_the_latest_wins_everywhere,
        scores_carry_the_new_rules_from_the_next_touch_on,
        a_run_scores_every_wallet_once_under_its_rules_beside_the_live_scores,
        a_run_without_rules_has_those_in_force_and_agrees_with_the_live_scores,
        a_run_over_no_wallets_finishes,
        NULL,
    };
    return suite_run("control", tests, 60);
}
