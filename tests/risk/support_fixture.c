#include "support_fixture.h"

#include "common/hash.h"
#include "risk/event.h"
#include "risk/rules.h"
#include "support_store.h"
#include "tests/support/suite.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    int task;
    bool deferrable;
    buf_t bytes;
} item_t;

struct fixture {
    rules_t *rules;
    int task_count;
    uint64_t random;
    store_t *stores[FIXTURE_TASKS_MAX];
    risk_t *tasks[FIXTURE_TASKS_MAX];
    item_t *queue;
    size_t queue_count, queue_capacity;
    json_t *emitted[TOPIC_COUNT];
};

static int owner(const fixture_t *fixture, const char *wallet, size_t size) {
    return (int)hash_partition(wallet, size, (uint32_t)fixture->task_count);
}

static void queue_add(fixture_t *fixture, int task, const void *event, size_t size, bool deferrable) {
    if (fixture->queue_count == fixture->queue_capacity) {
        fixture->queue_capacity = fixture->queue_capacity ? fixture->queue_capacity * 2 : 64;
        fixture->queue = realloc(fixture->queue, fixture->queue_capacity * sizeof *fixture->queue);
        ck_assert_ptr_nonnull(fixture->queue);
    }
    item_t item = {.task = task, .deferrable = deferrable};
    buf_add(&item.bytes, event, size);
    fixture->queue[fixture->queue_count++] = item;
}

static void on_send(void *context, const char *wallet, size_t wallet_size, const void *event, size_t size,
                    bool deferrable) {
    queue_add(context, owner(context, wallet, wallet_size), event, size, deferrable);
}

static void on_broadcast(void *context, const void *event, size_t size) {
    const fixture_t *fixture = context;
    for (int task = 0; task < fixture->task_count; task++) queue_add(context, task, event, size, false);
}

static void on_emit(void *context, topic_t topic, const char *key, size_t key_size, const char *value,
                    size_t size) {
    fixture_t *fixture = context;
    json_error_t error;
    json_t *json = json_loadb(value, size, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(json, "%s: %.*s", error.text, (int)size, value);
    json_object_set_new(json, "_key", json_stringn(key, key_size));
    json_array_append_new(fixture->emitted[topic], json);
}

static void tasks_new(fixture_t *fixture) {
    for (int i = 0; i < fixture->task_count; i++) {
        risk_out_t out = {.context = fixture,
                          .partition = i,
                          .partition_count = fixture->task_count,
                          .send = on_send,
                          .broadcast = on_broadcast,
                          .emit = on_emit};
        fixture->tasks[i] = risk_new(fixture->rules, fixture->stores[i], out);
        risk_restored(fixture->tasks[i]);
    }
}

fixture_t *fixture_new(const char *rules_path, int task_count, uint64_t seed) {
    fixture_t *fixture = calloc(1, sizeof *fixture);
    ck_assert_ptr_nonnull(fixture);
    must(rules_load(rules_path, &fixture->rules));
    fixture->task_count = task_count;
    fixture->random = seed;
    for (int i = 0; i < TOPIC_COUNT; i++) fixture->emitted[i] = json_array();
    for (int i = 0; i < task_count; i++) fixture->stores[i] = memory_store_new();
    tasks_new(fixture);
    return fixture;
}

void fixture_restart(fixture_t *fixture, const char *rules) {
    for (int i = 0; i < fixture->task_count; i++) risk_free(fixture->tasks[i]);
    rules_free(fixture->rules);
    must(rules_parse("rules", rules, strlen(rules), &fixture->rules));
    tasks_new(fixture);
}

fixture_t *fixture_new_with(const char *rules, int task_count, uint64_t seed) {
    char path[] = "/tmp/test_rules_XXXXXX";
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(write(file, rules, strlen(rules)), (ssize_t)strlen(rules));
    close(file);
    fixture_t *fixture = fixture_new(path, task_count, seed);
    unlink(path);
    return fixture;
}

void fixture_free(fixture_t *fixture) {
    for (int i = 0; i < fixture->task_count; i++) {
        risk_free(fixture->tasks[i]);
        memory_store_free(fixture->stores[i]);
    }
    for (size_t i = 0; i < fixture->queue_count; i++) buf_clear(&fixture->queue[i].bytes);
    for (int i = 0; i < TOPIC_COUNT; i++) json_decref(fixture->emitted[i]);
    free(fixture->queue);
    rules_free(fixture->rules);
    free(fixture);
}

risk_t *fixture_task(fixture_t *fixture, const char *wallet) {
    return fixture->tasks[owner(fixture, wallet, strlen(wallet))];
}

store_t *fixture_store(fixture_t *fixture, const char *wallet) {
    return fixture->stores[owner(fixture, wallet, strlen(wallet))];
}

void fixture_transfer_asset(fixture_t *fixture, const char *tx_id, const char *src, const char *dst,
                            double amount, const char *asset, int64_t ms) {
    transfer_t transfer = {.tx_id = {tx_id, strlen(tx_id)},
                           .src = {src, strlen(src)},
                           .dst = {dst, strlen(dst)},
                           .asset = {asset, strlen(asset)},
                           .amount = amount,
                           .timestamp_ms = ms,
                           .record_ms = ms};
    risk_transfer(fixture_task(fixture, src), &transfer);
}

void fixture_transfer(fixture_t *fixture, const char *tx_id, const char *src, const char *dst, double amount,
                      int64_t ms) {
    fixture_transfer_asset(fixture, tx_id, src, dst, amount, "", ms);
}

const char *fixture_label(fixture_t *fixture, const char *wallet, const char *value) {
    return risk_label(fixture_task(fixture, wallet), wallet, strlen(wallet), value,
                      value ? strlen(value) : 0);
}

const char *fixture_command(fixture_t *fixture, const char *run_id, const char *value, int64_t ms) {
    return risk_command(fixture_task(fixture, run_id), run_id, strlen(run_id), value, strlen(value), ms);
}

/* What may come again, and late: a neighbour's exposures, a wish for them, a page. */
static bool may_repeat(const item_t *item) {
    int kind = item->bytes.data[1];
    return kind == EVENT_EXPOSURE || kind == EVENT_ASK || kind == EVENT_PAGE;
}

/* Only what Kafka promises: events between two tasks keep their order, unless they are deferrable. Here any
 * order will do. */
static void deliver_one(fixture_t *fixture) {
    size_t at = 0;
    if (fixture->random) at = random_next(&fixture->random) % fixture->queue_count;
    item_t item = fixture->queue[at];
    memmove(fixture->queue + at, fixture->queue + at + 1, (--fixture->queue_count - at) * sizeof item);
    const char *reason = risk_event(fixture->tasks[item.task], item.bytes.data, item.bytes.size);
    ck_assert_msg(!reason, "%s", reason ? reason : "");
    if (fixture->random && may_repeat(&item) && random_next(&fixture->random) % 8 == 0)
        queue_add(fixture, item.task, item.bytes.data, item.bytes.size, item.deferrable);
    buf_clear(&item.bytes);
}

void fixture_deliver(fixture_t *fixture, size_t most) {
    while (most-- && fixture->queue_count) deliver_one(fixture);
}

void fixture_commit_once(fixture_t *fixture) {
    for (int i = 0; i < fixture->task_count; i++) risk_commit(fixture->tasks[i]);
}

void fixture_commit(fixture_t *fixture) {
    fixture_commit_once(fixture);
    while (fixture->queue_count) {
        fixture_deliver(fixture, SIZE_MAX);
        fixture_commit_once(fixture);
    }
}

const json_t *fixture_emitted(const fixture_t *fixture, topic_t topic) { return fixture->emitted[topic]; }

const json_t *fixture_last(const fixture_t *fixture, topic_t topic) {
    const json_t *list = fixture->emitted[topic];
    return json_array_get(list, json_array_size(list) - 1);
}

double number(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    ck_assert_msg(json_is_number(value), "no number %s", key);
    return json_number_value(value);
}

json_t *fixture_wallet(fixture_t *fixture, const char *wallet) {
    buf_t out = {0};
    if (!risk_wallet_json(fixture_task(fixture, wallet), wallet, strlen(wallet), &out)) return NULL;
    json_error_t error;
    json_t *json = json_loadb(out.data, out.size, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(json, "%s: %.*s", error.text, (int)out.size, out.data);
    buf_clear(&out);
    return json;
}

risk_counters_t fixture_counters(const fixture_t *fixture) {
    risk_counters_t sum = {0};
    for (int i = 0; i < fixture->task_count; i++) {
        const risk_counters_t *counters = risk_counters(fixture->tasks[i]);
        sum.transfers += counters->transfers;
        sum.duplicates += counters->duplicates;
        sum.credits += counters->credits;
        sum.exposure_updates += counters->exposure_updates;
        sum.labels += counters->labels;
        sum.alerts += counters->alerts;
        sum.scores += counters->scores;
        sum.new_wallets += counters->new_wallets;
        sum.new_edges += counters->new_edges;
    }
    return sum;
}
