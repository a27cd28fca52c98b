/* Explanations from engines: over several instances, and what they leave behind. */
#include "common/hash.h"
#include "processor/engine.h"
#include "processor/memory_log.h"
#include "tests/support/disk.h"
#include "tests/support/suite.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARTITIONS = 6, ENGINES_MAX = 3, STEPS_MAX = 20000 };

typedef struct {
    rules_t *rules;
    memory_cluster_t *cluster;
    disk_t *disks[PARTITIONS];
    engine_options_t options;
    engine_t *engines[ENGINES_MAX];
    int engine_count;
    int64_t now_us;
} fleet_t;

static err_t *on_open(void *context, int32_t partition, kv_t **kv) {
    *kv = disk_open(((fleet_t *)context)->disks[partition]);
    return NULL;
}

static int64_t on_clock(void *context) { return ((fleet_t *)context)->now_us; }

static void on_output(void *context, const log_record_t *record, const log_header_t *headers) {
    (void)context, (void)record, (void)headers;
}

static fleet_t *fleet_new(int engine_count) {
    fleet_t *fleet = calloc(1, sizeof *fleet);
    must(rules_load(NULL, &fleet->rules));
    fleet->cluster =
        memory_cluster_new(PARTITIONS, true, (memory_hooks_t){.context = fleet, .output = on_output});
    for (int p = 0; p < PARTITIONS; p++) fleet->disks[p] = disk_new();
    fleet->options = (engine_options_t){.rules = fleet->rules,
                                        .commit_interval_us = 10,
                                        .flush_interval_us = 100,
                                        .dedupe_retention_ms = INT64_MAX / 4,
                                        .cache_bytes = 1,
                                        .open_kv = on_open,
                                        .open_context = fleet,
                                        .clock_us = on_clock,
                                        .clock_context = fleet};
    fleet->engine_count = engine_count;
    for (int i = 0; i < engine_count; i++) {
        fleet->engines[i] = engine_new(&fleet->options);
        engine_start(fleet->engines[i], memory_log_new(fleet->cluster, engine_listener(fleet->engines[i])));
    }
    return fleet;
}

static void fleet_free(fleet_t *fleet) {
    for (int i = 0; i < fleet->engine_count; i++) {
        must(engine_stop(fleet->engines[i]));
        engine_free(fleet->engines[i]);
    }
    memory_cluster_free(fleet->cluster);
    for (int p = 0; p < PARTITIONS; p++) disk_free(fleet->disks[p]);
    rules_free(fleet->rules);
    free(fleet);
}

static void fleet_step(fleet_t *fleet) {
    for (int i = 0; i < fleet->engine_count; i++) {
        fleet->now_us += 7;
        must(engine_step(fleet->engines[i], 0, NULL));
    }
}

static void fleet_send(fleet_t *fleet, topic_t topic, const char *key, const char *value) {
    log_record_t record = {.topic = topic,
                           .partition = (int32_t)hash_partition(key, strlen(key), PARTITIONS),
                           .timestamp_ms = 1700000000000,
                           .key = key,
                           .key_size = strlen(key),
                           .value = value,
                           .value_size = strlen(value)};
    memory_cluster_append(fleet->cluster, &record);
}

static void fleet_transfer(fleet_t *fleet, const char *tx_id, const char *src, const char *dst) {
    char value[256];
    snprintf(value, sizeof value,
             "{\"tx_id\":\"%s\",\"src\":\"%s\",\"dst\":\"%s\",\"amount\":1,\"timestamp\":1700000000}", tx_id,
             src, dst);
    fleet_send(fleet, TOPIC_TRANSACTIONS, src, value);
}

/* Until all is applied, and flushed. */
static void fleet_settle(fleet_t *fleet) {
    for (int steps = 0; !memory_cluster_is_consumed(fleet->cluster); steps++) {
        ck_assert_int_lt(steps, STEPS_MAX);
        fleet_step(fleet);
    }
    for (int i = 0; i < 100; i++) fleet_step(fleet);
}

/* w0, which is sanctioned, pays w1, which pays w2, … */
static fleet_t *chain(int engine_count, int hops) {
    fleet_t *fleet = fleet_new(engine_count);
    char from[16], to[16], id[16];
    fleet_settle(fleet);
    fleet_send(fleet, TOPIC_LABELS, "w0", "{\"category\":\"sanctioned\"}");
    fleet_settle(fleet);
    for (int i = 0; i < hops; i++) {
        snprintf(from, sizeof from, "w%d", i);
        snprintf(to, sizeof to, "w%d", i + 1);
        snprintf(id, sizeof id, "t%d", i);
        fleet_transfer(fleet, id, from, to);
        fleet_settle(fleet);
    }
    return fleet;
}

/* Each engine in turn, until none knows more. */
static json_t *explain(fleet_t *fleet, const char *wallet) {
    explanation_t *explanation = explanation_new(wallet, strlen(wallet), &explain_limits_standard);
    for (bool learnt = true; learnt;) {
        learnt = false;
        for (int i = 0; i < fleet->engine_count; i++)
            learnt |= engine_explain(fleet->engines[i], explanation);
    }
    buf_t text = {0};
    ck_assert(explanation_is_known(explanation));
    explanation_json(explanation, &text);
    json_t *json = json_loadb(text.data, text.size, 0, NULL);
    ck_assert_ptr_nonnull(json);
    explanation_free(explanation);
    buf_clear(&text);
    return json;
}

START_TEST(a_path_is_followed_from_engine_to_engine) {
    fleet_t *one = chain(1, 4), *three = chain(3, 4);
    json_t *expected = explain(one, "w4"), *why = explain(three, "w4");
    ck_assert(json_is_true(json_object_get(why, "complete")));
    const json_t *path = json_array_get(json_object_get(why, "paths"), 0);
    ck_assert_uint_eq(json_array_size(json_object_get(path, "path")), 4);
    ck_assert(json_equal(json_object_get(why, "paths"), json_object_get(expected, "paths")));
    ck_assert(json_equal(json_object_get(why, "contributors"), json_object_get(expected, "contributors")));
    json_decref(expected);
    json_decref(why);
    fleet_free(one);
    fleet_free(three);
}
END_TEST

static size_t cached_bytes(const fleet_t *fleet) {
    size_t bytes = 0;
    for (int p = 0; p < PARTITIONS; p++) bytes += task_store_bytes(engine_task(fleet->engines[0], p)->store);
    return bytes;
}

START_TEST(questions_to_a_quiet_engine_leave_nothing_in_its_caches) {
    fleet_t *fleet = fleet_new(1);
    char from[16], id[16];
    fleet_settle(fleet);
    for (int i = 0; i < 500; i++) {
        snprintf(from, sizeof from, "s%d", i);
        snprintf(id, sizeof id, "t%d", i);
        fleet_transfer(fleet, id, from, "hub");
    }
    fleet_settle(fleet);
    size_t before = cached_bytes(fleet);
    json_t *why = explain(fleet, "hub");
    ck_assert_uint_eq(json_array_size(json_object_get(why, "contributors")), 50);
    ck_assert_uint_le(cached_bytes(fleet), before + 4096);
    json_decref(why);
    fleet_free(fleet);
}
END_TEST

int main(void) {
    return suite_run("explain",
                     (const TTest *const[]){a_path_is_followed_from_engine_to_engine,
                                            questions_to_a_quiet_engine_leave_nothing_in_its_caches, NULL},
                     120);
}
