/* Many instances in one process, from a seed, with everything going wrong; at the end all is as one instance
 * without faults would have it. A failed run names its seed; AMLSTREAM_TEST_SEED repeats it,
 * AMLSTREAM_TEST_RUNS sets how many there are. */
#include "common/log.h"
#include "tests/processor/support_world.h"
#include "tests/support/suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRANSFERS = 150, WALLETS = 25, RUNS = 120 };

/* What must not depend on order, faults or partitions. */
static const char *const exact_fields[] = {"received_count", "sent_count", "received_total", "sent_total",
                                           "in_degree",      "out_degree", "exposures"};

static void transfer_text(uint64_t *random, int i, char key[32], char value[256]) {
    uint32_t from = random_below(random, WALLETS), to = random_below(random, WALLETS);
    snprintf(key, 32, "w%u", from);
    snprintf(value, 256,
             "{\"tx_id\":\"t%d\",\"src\":\"w%u\",\"dst\":\"w%u\",\"amount\":%u.%02u,\"asset\":\"%s\","
             "\"timestamp\":%d}",
             i, from, to, random_below(random, 100000), random_below(random, 100), i % 3 ? "ETH" : "",
             1700000000 + i * 60);
}

/* The last one is to be in force everywhere at the end, and exposures are to be those of its rules. */
static void reload(world_t *world, int i) {
    char run_id[16], value[192];
    snprintf(run_id, sizeof run_id, "reload-%03d", i);
    snprintf(value, sizeof value,
             "{\"command\": \"reload\", \"rules\": {\"half_life_days\": %d.%d, \"exposure\": {\"nearest\": %d, "
             "\"max_hops\": %d, \"either\": %d}}}",
             i / 100, i % 100, 1 + i % 4, 2 + i % 3, i % 2);
    world_send(world, TOPIC_CONTROL, run_id, value, false);
}

static const char *const label_categories[] = {"sanctioned", "mixer", "darknet", "exchange"};

/* A label for one of a few wallets, another one, or none any more. */
static void send_label(world_t *world, uint64_t *random) {
    char key[32], value[64];
    uint32_t category = random_below(random, 6);
    snprintf(key, sizeof key, "w%u", random_below(random, 6) * 3);
    if (category < 4) snprintf(value, sizeof value, "{\"category\":\"%s\"}", label_categories[category]);
    world_send(world, TOPIC_LABELS, key, category < 4 ? value : NULL, true);
}

/* The same input for every world: transfers, some of them twice and from any partition, labels that come and
 * go, a price, reloads of the rules, and some rubbish. */
static void feed(world_t *world, uint64_t seed, bool faults) {
    uint64_t random = seed, steps = seed + 1;
    char key[32], value[256];
    for (uint32_t i = 0; i < 4; i++) {
        snprintf(key, sizeof key, "w%u", i * 3);
        snprintf(value, sizeof value, "{\"category\":\"%s\"}", label_categories[i]);
        world_send(world, TOPIC_LABELS, key, value, i % 2);
    }
    world_send(world, TOPIC_PRICES, "ETH", "{\"price\":2000,\"as_of\":\"2023-11-14\"}", seed % 2);
    world_send(world, TOPIC_PRICES, "ETH", "{\"price\":-1}", true);
    world_settle(world);
    for (int i = 0; i < TRANSFERS; i++) {
        transfer_text(&random, i, key, value);
        uint32_t kind = random_below(&random, 10);
        world_send(world, TOPIC_TRANSACTIONS, key, value, kind < 6);
        if (kind == 7) world_send(world, TOPIC_TRANSACTIONS, key, value, false);
        if (kind == 9) send_label(world, &random);
        if (kind == 8) world_send(world, TOPIC_TRANSACTIONS, NULL, "{\"tx_id\":1}", false);
        if (i % 50 == 25) reload(world, i);
        if (i == TRANSFERS / 2) world_send(world, TOPIC_CONTROL, "run", "{\"command\":\"rescore\"}", false);
        if (faults) world_run(world, (int)random_below(&steps, 6));
    }
    if (faults) world_run(world, 200);
    world_settle(world);
}

/* Half a month later, in every task, while the wallets from before are quiet. */
static void feed_later(world_t *world, uint64_t seed, bool faults) {
    uint64_t steps = seed + 2;
    for (int i = 0; i < 300; i++) {
        char key[32], value[256];
        snprintf(key, sizeof key, "z%d", i % 60);
        snprintf(value, sizeof value,
                 "{\"tx_id\":\"z%d\",\"src\":\"%s\",\"dst\":\"z%d\",\"amount\":1,\"timestamp\":%d}", i, key,
                 (i + 1) % 60, 1700000000 + 15 * 24 * 3600 + i);
        world_send(world, TOPIC_TRANSACTIONS, key, value, true);
        if (faults) world_run(world, (int)random_below(&steps, 3));
    }
    world_settle(world);
}

/* Twelve half-lives: nothing of behaviour is left, and that has been told. */
static void check_faded(const world_t *world, uint64_t seed) {
    const char *wallet;
    json_t *score;
    size_t index;
    const json_t *reason;
    json_object_foreach(world_scores(world), wallet, score) {
        /* Where a label or exposure decides the score, it does not fall, and nothing is told. */
        if (wallet[0] != 'w' || json_number_value(json_object_get(score, "score")) > 60) continue;
        double left = 0;
        json_array_foreach(json_object_get(score, "reasons"), index, reason) {
            if (json_object_get(json_object_get(reason, "evidence"), "at"))
                left += json_number_value(json_object_get(reason, "contribution"));
        }
        ck_assert_msg(left < 2, "%s still has %g of behaviour; seed %lu", wallet, left, seed);
    }
}

static void check_once(const json_t *counts, const char *what, uint64_t seed) {
    const char *id;
    json_t *count;
    json_object_foreach((json_t *)(uintptr_t)counts, id, count) {
        ck_assert_msg(json_integer_value(count) == 1, "%s %s came %lld times; seed %lu", what, id,
                      json_integer_value(count), seed);
    }
}

static void check_same_scores(const world_t *one, const world_t *other, uint64_t seed) {
    const char *wallet;
    json_t *score;
    ck_assert_uint_eq(json_object_size(world_scores(one)), json_object_size(world_scores(other)));
    json_object_foreach(world_scores(one), wallet, score) {
        const json_t *faced = json_object_get(world_scores(other), wallet);
        for (size_t i = 0; i < sizeof exact_fields / sizeof *exact_fields; i++) {
            const json_t *expected = json_object_get(faced, exact_fields[i]),
                         *got = json_object_get(score, exact_fields[i]);
            ck_assert_msg(got && json_equal(got, expected), "%s of %s is %s, without faults %s; seed %lu",
                          exact_fields[i], wallet, json_dumps(got, JSON_ENCODE_ANY),
                          json_dumps(expected, JSON_ENCODE_ANY), seed);
        }
    }
}

/* Sums in the order of arrival, at prices that every task heard. */
static void check_values(const world_t *one, const world_t *other, uint64_t seed) {
    static const char *const fields[] = {"received_value", "sent_value"};
    const char *wallet;
    json_t *score;
    json_object_foreach(world_scores(one), wallet, score) {
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
            double got = json_number_value(json_object_get(score, fields[i]));
            double expected =
                json_number_value(json_object_get(json_object_get(world_scores(other), wallet), fields[i]));
            ck_assert_msg(fabs(got - expected) <= 1e-9 * expected,
                          "%s of %s is %.17g, without faults %.17g; seed %lu", fields[i], wallet, got,
                          expected, seed);
        }
    }
}

static void taint_add(const json_t *entries, const char *category, double *sourced, double *gone) {
    size_t i;
    json_t *entry;
    json_array_foreach(entries, i, entry) {
        if (strcmp(json_string_value(json_object_get(entry, "category")), category) != 0) continue;
        *sourced += json_number_value(json_object_get(entry, "sourced"));
        *gone += json_number_value(json_object_get(entry, "held"));
        *gone += json_number_value(json_object_get(entry, "left"));
    }
}

/* Shares depend on the order of arrival, but none of it is lost or doubled. */
static void check_taint(const world_t *world, uint64_t seed) {
    static const char *const categories[] = {"sanctioned", "mixer", "darknet"};
    double all = 0;
    for (size_t i = 0; i < sizeof categories / sizeof *categories; i++) {
        const char *wallet;
        json_t *score;
        double sourced = 0, gone = 0;
        json_object_foreach(world_scores(world), wallet, score) {
            taint_add(json_object_get(score, "taint"), categories[i], &sourced, &gone);
        }
        all += sourced;
        ck_assert_msg(fabs(sourced - gone) <= 1e-9 * sourced, "%s: %g sourced, %g held or left; seed %lu",
                      categories[i], sourced, gone, seed);
    }
    ck_assert_msg(all > 0, "no taint at all; seed %lu", seed);
}

/* The run ends, and no wallet is scored twice by it, nor left out. */
static void check_run(const world_t *world, uint64_t seed) {
    const json_t *run = json_object_get(world_runs(world), "run"), *scores = json_object_get(run, "scores"),
                 *told = json_object_get(run, "told");
    const char *state = json_string_value(json_object_get(told, "state"));
    ck_assert_msg(state && !strcmp(state, "finished"), "the run is %s; seed %lu", state ? state : "not there",
                  seed);
    check_once(scores, "run's score", seed);
    json_int_t wallets = json_integer_value(json_object_get(told, "wallets"));
    ck_assert_msg((json_int_t)json_object_size(scores) == wallets && wallets >= 4,
                  "%zu of %lld wallets in the run; seed %lu", json_object_size(scores), wallets, seed);
}

static void run_seed(uint64_t seed) {
    uint64_t random = seed;
    world_options_t calm = {.instances = 1, .partitions = 1, .seed = seed};
    world_options_t stormy = {.instances = 1 + (int)random_below(&random, WORLD_INSTANCES_MAX),
                              .partitions = 1 + (int32_t)random_below(&random, WORLD_PARTITIONS_MAX),
                              .faults_per_1000 = (int)random_below(&random, 80),
                              .seed = seed};
    world_t *expected = world_new(&calm), *world = world_new(&stormy);
    feed(expected, seed, false);
    feed(world, seed, true);
    ck_assert_uint_eq(json_object_size(world_transfers(expected)), TRANSFERS);
    ck_assert_msg(json_object_size(world_transfers(world)) == TRANSFERS, "%zu of %d transfers; seed %lu",
                  json_object_size(world_transfers(world)), TRANSFERS, seed);
    const char *rules = world_rules_version(world);
    ck_assert_msg(rules && !strcmp(rules, world_rules_version(expected)), "rules in force are %s; seed %lu",
                  rules ? rules : "not the same everywhere", seed);
    check_once(world_transfers(world), "transfer", seed);
    check_once(world_revisions(world), "transfer", seed);
    check_once(world_alerts(world), "alert", seed);
    ck_assert_msg(world_version_gaps(world) == 0, "%d versions do not follow the last; seed %lu",
                  world_version_gaps(world), seed);
    ck_assert_msg(json_array_size(world_dead_letters(world)) == json_array_size(world_dead_letters(expected)),
                  "%zu dead letters; seed %lu", json_array_size(world_dead_letters(world)), seed);
    check_run(world, seed);
    check_run(expected, seed);
    check_same_scores(world, expected, seed);
    if (seed % 8 == 0) {
        feed_later(expected, seed, false);
        feed_later(world, seed, true);
        check_faded(expected, seed);
        check_faded(world, seed);
        ck_assert_msg(world_version_gaps(world) == 0, "%d versions do not follow the last; seed %lu",
                      world_version_gaps(world), seed);
    }
    check_values(world, expected, seed);
    check_taint(expected, seed);
    check_taint(world, seed);
    world_free(expected);
    world_free(world);
}

START_TEST(faults_change_nothing) {
    const char *runs_text = getenv("AMLSTREAM_TEST_RUNS");
    int runs = getenv("AMLSTREAM_TEST_SEED") ? 1 : runs_text ? atoi(runs_text) : RUNS;
    for (uint64_t seed = random_seed(1); runs-- > 0; seed++) run_seed(seed);
}
END_TEST

int main(void) {
    log_init("simulation", LOG_LEVEL_ERROR);
    return suite_run("simulation", (const TTest *const[]){faults_change_nothing, NULL}, 280);
}
