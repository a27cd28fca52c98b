#include "tests/support/suite.h"
#include "tools/run_compare.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static void score(run_compare_t *compare, const char *run_id, const char *wallet, double score,
                  const char *level) {
    char json[256];
    int size = snprintf(json, sizeof json,
                        "{\"run_id\":\"%s\",\"wallet\":\"%s\",\"score\":%g,\"level\":\"%s\",\"reasons\":[]}",
                        run_id, wallet, score, level);
    run_compare_take(compare, json, (size_t)size);
}

static run_compare_t *two_runs(void) {
    static const char *const told[] = {"{\"run_id\":\"a\",\"state\":\"running\"}",
                                       "{\"run_id\":\"a\",\"state\":\"finished\"}", "{\"run_id\":\"c\"}", "[",
                                       "{\"run_id\":\"b\",\"state\":\"finished\"}"};
    run_compare_t *compare = run_compare_new("a", "b");
    score(compare, "a", "same", 30, "medium");
    score(compare, "a", "up", 20, "low");
    score(compare, "a", "down", 90, "critical");
    score(compare, "a", "gone", 5, "low");
    score(compare, "b", "same", 30, "medium");
    score(compare, "b", "up", 80, "critical");
    score(compare, "b", "down", 89.5, "critical");
    score(compare, "b", "new", 1, "low");
    score(compare, "c", "other", 99, "critical");
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        run_compare_take(compare, told[i], strlen(told[i]));
    return compare;
}

START_TEST(two_runs_are_compared_wallet_by_wallet) {
    run_compare_t *compare = two_runs();
    buf_t out = {0};
    run_compare_add_diff(compare, 2, true, &out);
    json_t *got = json_loadb(out.data, out.size, 0, NULL),
           *expected =
               json_loads("{\"wallets\":3,\"only_a\":1,\"only_b\":1,\"differ\":2,\"rose\":1,\"fell\":1,"
                          "\"level_moves\":[{\"from\":\"low\",\"to\":\"critical\",\"wallets\":1}],\"most\":["
                          "{\"wallet\":\"up\",\"a\":{\"score\":20.0,\"level\":\"low\"},"
                          "\"b\":{\"score\":80.0,\"level\":\"critical\"}},"
                          "{\"wallet\":\"gone\",\"a\":{\"score\":5.0,\"level\":\"low\"},\"b\":null}]}",
                          JSON_DECODE_INT_AS_REAL, NULL);
    json_t *real = json_loadb(out.data, out.size, JSON_DECODE_INT_AS_REAL, NULL);
    ck_assert_ptr_nonnull(got);
    ck_assert_msg(json_equal(real, expected), "%.*s", (int)out.size, out.data);
    ck_assert_ptr_nonnull(strstr(run_compare_told(compare, 0), "finished"));
    json_decref(got);
    json_decref(real);
    json_decref(expected);
    buf_clear(&out);
    run_compare_free(compare);
}
END_TEST

START_TEST(a_run_shows_its_highest_scores_first) {
    run_compare_t *compare = two_runs();
    buf_t out = {0};
    run_compare_add_top(compare, 2, false, &out);
    ck_assert_str_eq(buf_cstr(&out), " 90.00  critical  down\n 30.00  medium    same\n");
    buf_clear(&out);
    run_compare_free(compare);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        two_runs_are_compared_wallet_by_wallet,
        a_run_shows_its_highest_scores_first,
        NULL,
    };
    return suite_run("run_compare", tests, 30);
}
