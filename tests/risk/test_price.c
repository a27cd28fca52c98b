/* Prices: what a record may say, which of two counts, and that all tasks come to the same. */
#include "risk/price.h"

#include "support_fixture.h"
#include "support_store.h"
#include "tests/support/suite.h"

#include <stdlib.h>
#include <string.h>

enum { T0 = 1700000000, HOUR = 3600 };
#define AT(seconds_) ((T0 + (int64_t)(seconds_)) * 1000)

static const char *quote(fixture_t *fixture, const char *asset, const char *value) {
    return risk_price(fixture_task(fixture, asset), asset, strlen(asset), value, value ? strlen(value) : 0,
                      AT(0));
}

static void price(fixture_t *fixture, const char *asset, double amount, const char *as_of) {
    char value[128];
    snprintf(value, sizeof value, "{\"price\":%.17g,\"as_of\":\"%s\"}", amount, as_of);
    ck_assert_ptr_null(quote(fixture, asset, value));
}

static void pay(fixture_t *fixture, const char *src, const char *dst, double amount, const char *asset) {
    static int count;
    char tx_id[32];
    snprintf(tx_id, sizeof tx_id, "t%d", ++count);
    fixture_transfer_asset(fixture, tx_id, src, dst, amount, asset, AT(count));
    fixture_commit(fixture);
}

/* What one unit of the asset is worth at present in the task of the wallet. */
static double worth(fixture_t *fixture, const char *wallet, const char *asset) {
    pay(fixture, wallet, "shop", 1, asset);
    return number(fixture_last(fixture, TOPIC_TRANSACTION_RISK), "value");
}

START_TEST(a_price_is_read_with_its_date) {
    price_t out = {.as_of_ms = 7};
    text_t asset = {"ETH", 3};
    static const struct {
        const char *json;
        double price;
        int64_t as_of_ms;
    } good[] = {
        {"{\"price\":1800.5}", 1800.5, 7},
        {"{\"asset\":\"ETH\",\"price\":0,\"as_of\":null}", 0, 7},
        {"{\"price\":2,\"as_of\":\"2023-11-14T22:13:20\"}", 2, AT(0)},
        {"{\"price\":2,\"as_of\":\"2023-11-14T23:13:20+01:00\",\"source\":\"x\"}", 2, AT(0)},
        {"{\"price\":2,\"as_of\":1700000000}", 2, AT(0)},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        out = (price_t){.as_of_ms = 7};
        ck_assert_ptr_null(price_parse(asset, good[i].json, strlen(good[i].json), &out));
        ck_assert_double_eq(out.price, good[i].price);
        ck_assert_int_eq(out.as_of_ms, good[i].as_of_ms);
    }
    static const char *const bad[] = {
        "",
        "1800",
        "{}",
        "{\"price\":null}",
        "{\"price\":\"1800\"}",
        "{\"price\":-1}",
        "{\"price\":1e999}",
        "{\"price\":1,\"as_of\":\"yesterday\"}",
        "{\"price\":1,\"as_of\":true}",
        "{\"price\":1,\"asset\":\"BTC\"}",
        "{\"price\":1,\"asset\":1}",
        "{\"price\":1",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(price_parse(asset, bad[i], strlen(bad[i]), &out), "%s", bad[i]);
    ck_assert_ptr_nonnull(price_parse((text_t){"", 0}, "{\"price\":1}", 11, &out));
}
END_TEST

START_TEST(a_value_is_the_amount_times_the_price) {
    fixture_t *fixture = fixture_new(NULL, 4, 0);
    price(fixture, "ETH", 2000, "2023-11-14");
    fixture_commit(fixture);
    pay(fixture, "alice", "bob", 1.5, "ETH");
    pay(fixture, "alice", "bob", 10, "XYZ");
    pay(fixture, "alice", "bob", 7, "");
    json_t *alice = fixture_wallet(fixture, "alice"), *bob = fixture_wallet(fixture, "bob");
    const json_t *transfers = fixture_emitted(fixture, TOPIC_TRANSACTION_RISK);
    ck_assert_double_eq(number(json_array_get(transfers, 0), "value"), 3000);
    ck_assert_double_eq(number(json_array_get(transfers, 1), "value"), 10);
    ck_assert_double_eq(number(json_array_get(transfers, 2), "value"), 7);
    ck_assert_double_eq(number(alice, "sent_value"), 3017);
    ck_assert_double_eq(number(alice, "sent_total"), 18.5);
    ck_assert_double_eq(number(bob, "received_value"), 3017);
    json_decref(alice);
    json_decref(bob);
    fixture_free(fixture);
}
END_TEST

START_TEST(the_latest_date_counts_whatever_came_last) {
    fixture_t *fixture = fixture_new(NULL, 2, 0);
    price(fixture, "ETH", 2000, "2023-11-14");
    price(fixture, "ETH", 1000, "2023-11-13");
    fixture_commit(fixture);
    ck_assert_double_eq(worth(fixture, "a", "ETH"), 2000);
    price(fixture, "ETH", 2100, "2023-11-14");
    price(fixture, "ETH", 3000, "2023-11-15T00:00:00Z");
    price(fixture, "ETH", 2500, "2023-11-14T23:59:59Z");
    fixture_commit(fixture);
    ck_assert_double_eq(worth(fixture, "a", "ETH"), 3000);
    fixture_free(fixture);
}
END_TEST

START_TEST(a_price_that_is_taken_away_may_come_again) {
    fixture_t *fixture = fixture_new(NULL, 2, 0);
    price(fixture, "ETH", 2000, "2023-11-14");
    ck_assert_ptr_null(quote(fixture, "ETH", NULL));
    fixture_commit(fixture);
    ck_assert_double_eq(worth(fixture, "a", "ETH"), 1);
    price(fixture, "ETH", 1000, "2020-01-01");
    fixture_commit(fixture);
    ck_assert_double_eq(worth(fixture, "a", "ETH"), 1000);
    fixture_free(fixture);
}
END_TEST

START_TEST(what_changes_nothing_is_not_told) {
    store_t *store = memory_store_new();
    text_t asset = {"ETH", 3};
    price_t price = {.is_set = 1, .price = 5, .as_of_ms = 10}, same = price, gone = {0}, again = {0};
    price_t confirmed = {.is_set = 1, .price = 5, .as_of_ms = 30};
    price_t late = {.is_set = 1, .price = 6, .as_of_ms = 20};
    ck_assert(!price_decide(store, asset, &gone));
    ck_assert(price_decide(store, asset, &price));
    ck_assert(!price_decide(store, asset, &same));
    ck_assert(!price_decide(store, asset, &confirmed));
    ck_assert(!price_decide(store, asset, &late));
    ck_assert(price_decide(store, asset, &gone));
    ck_assert(!price_decide(store, asset, &again));
    memory_store_free(store);
}
END_TEST

START_TEST(a_refused_price_says_why_and_changes_nothing) {
    fixture_t *fixture = fixture_new(NULL, 2, 0);
    price(fixture, "ETH", 2000, "2023-11-14");
    ck_assert_ptr_nonnull(strstr(quote(fixture, "ETH", "{\"price\":-3}"), "\"price\""));
    ck_assert_ptr_nonnull(quote(fixture, "", "{\"price\":3}"));
    fixture_commit(fixture);
    ck_assert_double_eq(worth(fixture, "a", "ETH"), 2000);
    fixture_free(fixture);
}
END_TEST

enum { ASSETS = 4, TASKS = 5, STEPS = 60 };

/* Decisions reach the tasks in any order, some of them twice. */
START_TEST(all_tasks_come_to_the_same_prices) {
    static const char *const assets[ASSETS] = {"BTC", "ETH", "USDT", "A-TOKEN-WITH-A-RATHER-LONG-NAME"};
    uint64_t seed = random_seed(20260501);
    for (int run = 0; run < 30; run++, seed++) {
        fixture_t *fixture = fixture_new(NULL, TASKS, seed);
        uint64_t random = seed;
        double expected[ASSETS] = {1, 1, 1, 1};
        uint32_t latest[ASSETS] = {0};
        for (int i = 0; i < STEPS; i++) {
            uint32_t asset = random_below(&random, ASSETS), day = 1 + random_below(&random, 28);
            char as_of[16];
            snprintf(as_of, sizeof as_of, "2023-11-%02u", day);
            if (random_below(&random, 8) == 0) {
                ck_assert_ptr_null(quote(fixture, assets[asset], NULL));
                expected[asset] = 1;
                latest[asset] = 0;
            } else {
                double worth_now = 1 + random_below(&random, 5);
                price(fixture, assets[asset], worth_now, as_of);
                if (day >= latest[asset]) expected[asset] = worth_now;
                if (day >= latest[asset]) latest[asset] = day;
            }
            if (random_below(&random, 3) == 0) fixture_deliver(fixture, random_below(&random, 10));
        }
        fixture_commit(fixture);
        for (int wallet = 0; wallet < 20; wallet++) {
            char name[8];
            snprintf(name, sizeof name, "w%d", wallet);
            for (int asset = 0; asset < ASSETS; asset++) {
                double got = worth(fixture, name, assets[asset]);
                ck_assert_msg(got == expected[asset], "%s is worth %g to %s, not %g; seed %lu", assets[asset],
                              got, name, expected[asset], seed);
            }
        }
        fixture_free(fixture);
    }
}
END_TEST

static const json_t *structuring(fixture_t *fixture, const char *wallet) {
    size_t i;
    json_t *alert, *found = NULL;
    json_array_foreach(fixture_emitted(fixture, TOPIC_ALERTS), i, alert) {
        if (strcmp(json_string_value(json_object_get(alert, "typology")), "structuring") == 0 &&
            strcmp(json_string_value(json_object_get(alert, "wallet")), wallet) == 0)
            found = json_object_get(alert, "evidence");
    }
    return found;
}

START_TEST(thresholds_are_of_values) {
    fixture_t *fixture = fixture_new(NULL, 3, 0);
    for (int i = 0; i < 4; i++) pay(fixture, "before", "shop", 4.9, "ETH");
    price(fixture, "ETH", 2000, "2023-11-14");
    fixture_commit(fixture);
    for (int i = 0; i < 4; i++) pay(fixture, "smurf", "shop", 4.9, "ETH");
    for (int i = 0; i < 4; i++) pay(fixture, "whale", "shop", 9800, "ETH");
    ck_assert_ptr_null(structuring(fixture, "before"));
    ck_assert_ptr_null(structuring(fixture, "whale"));
    ck_assert_ptr_nonnull(structuring(fixture, "smurf"));
    ck_assert_ptr_null(json_object_get(structuring(fixture, "smurf"), "unpriced"));
    fixture_free(fixture);
}
END_TEST

START_TEST(a_finding_says_that_its_asset_has_no_price) {
    fixture_t *fixture = fixture_new(NULL, 3, 0);
    for (int i = 0; i < 4; i++) pay(fixture, "smurf", "shop", 9500, "XYZ");
    for (int i = 0; i < 4; i++) pay(fixture, "plain", "shop", 9500, "");
    ck_assert(json_is_true(json_object_get(structuring(fixture, "smurf"), "unpriced")));
    ck_assert_ptr_nonnull(structuring(fixture, "plain"));
    ck_assert_ptr_null(json_object_get(structuring(fixture, "plain"), "unpriced"));
    json_t *record = fixture_wallet(fixture, "smurf");
    const json_t *reason = json_array_get(json_object_get(record, "reasons"), 0);
    ck_assert(json_is_true(json_object_get(json_object_get(reason, "evidence"), "unpriced")));
    json_decref(record);
    fixture_free(fixture);
}
END_TEST

START_TEST(a_share_of_taint_is_one_of_values) {
    fixture_t *fixture = fixture_new(NULL, 3, 0);
    ck_assert_ptr_null(fixture_label(fixture, "thief", "{\"category\":\"theft\"}"));
    price(fixture, "ETH", 1500, "2023-11-14");
    fixture_commit(fixture);
    pay(fixture, "thief", "mule", 1, "ETH");
    pay(fixture, "clean", "mule", 500, "USDT");
    json_t *mule = fixture_wallet(fixture, "mule"), *reason;
    size_t i;
    const json_t *evidence = NULL;
    json_array_foreach(json_object_get(mule, "reasons"), i, reason) {
        if (strcmp(json_string_value(json_object_get(reason, "code")), "taint_theft") == 0)
            evidence = json_object_get(reason, "evidence");
    }
    ck_assert_double_eq(number(evidence, "share"), 0.75);
    ck_assert_double_eq(number(evidence, "tainted_value"), 1500);
    ck_assert_double_eq(number(evidence, "received_value"), 2000);
    json_decref(mule);
    fixture_free(fixture);
}
END_TEST

int main(void) {
    return suite_run("price",
                     (const TTest *const[]){
                         a_price_is_read_with_its_date, a_value_is_the_amount_times_the_price,
                         the_latest_date_counts_whatever_came_last, a_price_that_is_taken_away_may_come_again,
                         what_changes_nothing_is_not_told, a_refused_price_says_why_and_changes_nothing,
                         all_tasks_come_to_the_same_prices, thresholds_are_of_values,
                         a_finding_says_that_its_asset_has_no_price, a_share_of_taint_is_one_of_values, NULL},
                     120);
}
