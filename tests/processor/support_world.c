#include "tests/processor/support_world.h"

#include "common/hash.h"
#include "tests/support/disk.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SETTLE_STEPS_MAX = 200000, STEP_US = 2000 };

typedef struct {
    world_t *world;
    engine_options_t options;
    engine_t *engine;
    log_t *log; /* NULL: not started */
    disk_t *disks[WORLD_PARTITIONS_MAX];
} instance_t;

struct world {
    world_options_t options;
    uint64_t random;
    int64_t now_us;
    bool quiet; /* no faults */
    rules_t *rules;
    memory_cluster_t *cluster;
    instance_t instances[WORLD_INSTANCES_MAX];
    json_t *transfers, *revisions, *alerts, *scores, *dead_letters, *runs;
    int version_gaps;
};

static void count_up(json_t *counts, const char *key) {
    json_object_set_new(counts, key, json_integer(json_integer_value(json_object_get(counts, key)) + 1));
}

static void run_keep(world_t *world, const json_t *record) {
    const char *run_id = json_string_value(json_object_get(record, "run_id"));
    if (!json_object_get(world->runs, run_id))
        json_object_set_new(world->runs, run_id, json_pack("{s:{}, s:n}", "scores", "told"));
    json_t *run = json_object_get(world->runs, run_id);
    const char *wallet = json_string_value(json_object_get(record, "wallet"));
    if (wallet)
        count_up(json_object_get(run, "scores"), wallet);
    else
        json_object_set(run, "told", (json_t *)(uintptr_t)record);
}

static void on_output(void *context, const log_record_t *record, const log_header_t *headers) {
    world_t *world = context;
    if (record->topic == TOPIC_DLQ) {
        json_array_append_new(world->dead_letters, json_pack("{s:s%, s:s}", "value", record->value,
                                                             record->value_size, "error", headers[0].value));
        return;
    }
    if (record->topic == TOPIC_CHANGELOG) return;
    json_t *value = json_loadb(record->value, record->value_size, 0, NULL);
    ck_assert_msg(value != NULL, "no JSON: %.*s", (int)record->value_size, record->value);
    if (record->topic == TOPIC_TRANSACTION_RISK) {
        const char *tx_id = json_string_value(json_object_get(value, "tx_id"));
        json_int_t revision = json_integer_value(json_object_get(value, "revision"));
        char key[64];
        snprintf(key, sizeof key, "%s revision %lld", tx_id, revision);
        count_up(revision ? world->revisions : world->transfers, revision ? key : tx_id);
    } else if (record->topic == TOPIC_ALERTS) {
        count_up(world->alerts, json_string_value(json_object_get(value, "alert_id")));
    } else if (record->topic == TOPIC_SCORING_RUNS) {
        run_keep(world, value);
    } else {
        const char *wallet = json_string_value(json_object_get(value, "wallet"));
        const json_t *last = json_object_get(world->scores, wallet);
        json_int_t before = json_integer_value(json_object_get(last, "version"));
        if (json_integer_value(json_object_get(value, "version")) != before + 1) world->version_gaps++;
        json_object_set(world->scores, wallet, value);
    }
    json_decref(value);
}

static bool happens(world_t *world) {
    return !world->quiet && random_below(&world->random, 1000) < (uint32_t)world->options.faults_per_1000;
}

/* Calls fail more rarely than steps do: there are many more of them. */
static bool on_operation(void *context, memory_operation_t operation) {
    world_t *world = context;
    if (operation == MEMORY_PRODUCE) return happens(world) && random_below(&world->random, 50) == 0;
    return happens(world) && random_below(&world->random, 2);
}

static err_t *on_open(void *context, int32_t partition, kv_t **kv) {
    *kv = disk_open(((instance_t *)context)->disks[partition]);
    return NULL;
}

static int64_t on_clock(void *context) { return ((world_t *)context)->now_us; }

static void instance_start(instance_t *instance) {
    instance->log = memory_log_new(instance->world->cluster, engine_listener(instance->engine));
    engine_start(instance->engine, instance->log);
}

static void instance_fail(instance_t *instance) {
    engine_fail(instance->engine);
    instance->log = NULL;
}

/* The process dies: its memory is gone, and what its disks had not synced. */
static void instance_crash(instance_t *instance) {
    instance_fail(instance);
    engine_free(instance->engine);
    for (int32_t p = 0; p < instance->world->options.partitions; p++) disk_crash(instance->disks[p]);
    instance->engine = engine_new(&instance->options);
}

/* In so small a world nothing is rare: all first transfers go to cases. */
static rules_t *rules_with_cases(void) {
    static const char text[] = "{\"detectors\":{\"network\":{\"min_bits\":0}}}";
    char path[] = "/tmp/test_world_XXXXXX";
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(write(file, text, sizeof text - 1), (ssize_t)sizeof text - 1);
    close(file);
    rules_t *rules;
    must(rules_load(path, &rules));
    unlink(path);
    return rules;
}

world_t *world_new(const world_options_t *options) {
    world_t *world = calloc(1, sizeof *world);
    world->options = *options;
    world->random = options->seed;
    world->now_us = 1;
    world->rules = rules_with_cases();
    world->cluster =
        memory_cluster_new(options->partitions, true, (memory_hooks_t){world, on_output, on_operation});
    world->transfers = json_object();
    world->revisions = json_object();
    world->alerts = json_object();
    world->scores = json_object();
    world->runs = json_object();
    world->dead_letters = json_array();
    for (int i = 0; i < options->instances; i++) {
        instance_t *instance = &world->instances[i];
        instance->world = world;
        for (int32_t p = 0; p < options->partitions; p++) instance->disks[p] = disk_new();
        instance->options = (engine_options_t){.rules = world->rules,
                                               .commit_interval_us = 10 * STEP_US,
                                               .flush_interval_us = 40 * STEP_US,
                                               .dedupe_retention_ms = INT64_C(365) * 24 * 3600 * 1000,
                                               .cache_bytes = 1,
                                               .open_kv = on_open,
                                               .open_context = instance,
                                               .clock_us = on_clock,
                                               .clock_context = world};
        instance->engine = engine_new(&instance->options);
        instance_start(instance);
    }
    return world;
}

void world_free(world_t *world) {
    for (int i = 0; i < world->options.instances; i++) {
        instance_t *instance = &world->instances[i];
        if (instance->log) must(engine_stop(instance->engine));
        engine_free(instance->engine);
        for (int32_t p = 0; p < world->options.partitions; p++) disk_free(instance->disks[p]);
    }
    memory_cluster_free(world->cluster);
    rules_free(world->rules);
    json_decref(world->transfers);
    json_decref(world->revisions);
    json_decref(world->alerts);
    json_decref(world->scores);
    json_decref(world->runs);
    json_decref(world->dead_letters);
    free(world);
}

void world_send(world_t *world, topic_t topic, const char *key, const char *value, bool by_key) {
    size_t key_size = key ? strlen(key) : 0;
    uint32_t partitions = (uint32_t)world->options.partitions;
    uint32_t partition =
        by_key ? hash_partition(key, key_size, partitions) : random_below(&world->random, partitions);
    log_record_t record = {.topic = topic,
                           .partition = (int32_t)partition,
                           .timestamp_ms = INT64_C(1800000000000),
                           .key = key,
                           .key_size = key_size,
                           .value = value,
                           .value_size = value ? strlen(value) : 0};
    memory_cluster_append(world->cluster, &record);
}

static void fault(world_t *world, instance_t *instance) {
    switch (random_below(&world->random, 5)) {
    case 0:
    case 1: instance_crash(instance); break;
    case 2: instance_fail(instance); break;
    case 3:
        if (instance->log) memory_log_expel(instance->log);
        break;
    default:
        disk_fail_writes(instance->disks[random_below(&world->random, (uint32_t)world->options.partitions)],
                         true);
    }
}

static void disks_mend(instance_t *instance) {
    for (int32_t p = 0; p < instance->world->options.partitions; p++)
        disk_fail_writes(instance->disks[p], false);
}

static void instance_step(world_t *world, instance_t *instance) {
    if (!instance->log) {
        if (!world->quiet && random_below(&world->random, 4)) return;
        disks_mend(instance);
        instance_start(instance);
    }
    err_t *err = engine_step(instance->engine, 0, NULL);
    if (!err) return;
    ck_assert_msg(!world->quiet || err_exit_code(err) != EXIT_FAILED, "%s", err_message(err));
    err_free(err);
    instance_fail(instance);
}

void world_run(world_t *world, int steps) {
    while (steps-- > 0) {
        world->now_us += STEP_US;
        instance_t *instance =
            &world->instances[random_below(&world->random, (uint32_t)world->options.instances)];
        if (happens(world)) fault(world, instance);
        instance_step(world, instance);
    }
}

void world_settle(world_t *world) {
    world->quiet = true;
    for (int i = 0; i < world->options.instances; i++) disks_mend(&world->instances[i]);
    for (int steps = 0; !memory_cluster_is_consumed(world->cluster); steps++) {
        ck_assert_msg(steps < SETTLE_STEPS_MAX, "the input is not consumed after %d steps; seed %lu", steps,
                      world->options.seed);
        world_run(world, 1);
    }
    /* Who was away hears of it, and lets go of what others have. */
    world_run(world, 20 * world->options.instances);
    world->quiet = false;
}

json_t *world_transfers(const world_t *world) { return world->transfers; }
json_t *world_revisions(const world_t *world) { return world->revisions; }
json_t *world_alerts(const world_t *world) { return world->alerts; }
json_t *world_runs(const world_t *world) { return world->runs; }
json_t *world_scores(const world_t *world) { return world->scores; }
json_t *world_dead_letters(const world_t *world) { return world->dead_letters; }
const char *world_rules_version(const world_t *world) {
    const char *version = NULL;
    for (int i = 0; i < world->options.instances; i++) {
        const instance_t *instance = &world->instances[i];
        for (int32_t p = 0; instance->log && p < world->options.partitions; p++) {
            const task_t *task = engine_task(instance->engine, p);
            if (!task || task->state != TASK_RUNNING) continue;
            if (version && strcmp(version, risk_rules_version(task->risk)) != 0) return NULL;
            version = risk_rules_version(task->risk);
        }
    }
    return version;
}

int world_version_gaps(const world_t *world) { return world->version_gaps; }
