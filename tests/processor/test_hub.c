/* A wallet with very many neighbours, whose exposure changes, keeps no other wallet waiting. In a time of its
 * own, in which each look at the clock takes CLOCK_STEP_US; with AMLSTREAM_TEST_HUB=N on the real clock with
 * N neighbours, to measure. */
#include "common/log.h"
#include "common/timestamp.h"
#include "processor/engine.h"
#include "processor/memory_log.h"
#include "risk/limits.h"
#include "tests/support/suite.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NEIGHBOURS = 30000,
    FEED = 1000,
    STEPS_MAX = 1000000,
    COMMIT_INTERVAL_US = 100000,
    CLOCK_STEP_US = 5000, /* about a page of the hub under the sanitizers */
};

typedef struct {
    engine_options_t options;
    rules_t *rules;
    memory_cluster_t *cluster;
    engine_t *engine;
    bool real_time;
    int64_t now_us;
    int transfers;
    int64_t sent_us;  /* of the transfer that is being watched */
    int64_t worst_us; /* from its sending to its risk, of all watched */
    bool told;
    uint64_t updates_most; /* exposure updates in one commit */
} hub_t;

static int64_t on_clock(void *context) {
    hub_t *hub = context;
    if (hub->real_time) return clock_monotonic_us();
    return hub->now_us += CLOCK_STEP_US;
}

static err_t *on_open(void *context, int32_t partition, kv_t **kv) {
    (void)context, (void)partition;
    *kv = NULL;
    return NULL;
}

static void on_output(void *context, const log_record_t *record, const log_header_t *headers) {
    (void)headers;
    hub_t *hub = context;
    if (record->topic == TOPIC_TRANSACTION_RISK && strstr(record->value, "\"src\":\"watched\""))
        hub->told = true;
}

static void send(hub_t *hub, topic_t topic, const char *key, const char *value) {
    log_record_t record = {.topic = topic,
                           .key = key,
                           .key_size = strlen(key),
                           .value = value,
                           .value_size = value ? strlen(value) : 0};
    memory_cluster_append(hub->cluster, &record);
}

static void transfer(hub_t *hub, const char *src, const char *dst) {
    char value[128];
    snprintf(value, sizeof value,
             "{\"tx_id\":\"t%d\",\"src\":\"%s\",\"dst\":\"%s\",\"amount\":1,\"timestamp\":1}",
             hub->transfers++, src, dst);
    send(hub, TOPIC_TRANSACTIONS, src, value);
}

static void step(hub_t *hub) {
    uint64_t commits = engine_counters(hub->engine).commits;
    uint64_t updates = engine_counters(hub->engine).risk.exposure_updates;
    must(engine_step(hub->engine, 0, NULL));
    engine_counters_t now = engine_counters(hub->engine);
    if (now.commits == commits) return;
    updates = now.risk.exposure_updates - updates;
    if (updates > hub->updates_most) hub->updates_most = updates;
}

static void settle(hub_t *hub) {
    for (int i = 0; !memory_cluster_is_consumed(hub->cluster); i++) {
        ck_assert_int_lt(i, STEPS_MAX);
        step(hub);
    }
}

/* What there is to do is done meanwhile; one transfer after the other is sent and watched. Returns how many
 * were. */
static int watch_until_settled(hub_t *hub) {
    int watched = 0;
    while (!memory_cluster_is_consumed(hub->cluster)) {
        hub->told = false;
        hub->sent_us = on_clock(hub);
        transfer(hub, "watched", "somebody");
        while (!hub->told) step(hub);
        int64_t took_us = on_clock(hub) - hub->sent_us;
        if (took_us > hub->worst_us) hub->worst_us = took_us;
        watched++;
        ck_assert_int_lt(watched, STEPS_MAX);
        /* What is left when even the watched one is consumed is the hub's. */
        step(hub);
    }
    return watched;
}

static double number_of(hub_t *hub, const char *wallet, const char *key) {
    buf_t json = {0};
    ck_assert(engine_wallet(hub->engine, wallet, strlen(wallet), &json) == WALLET_FOUND);
    json_t *record = json_loadb(json.data, json.size, 0, NULL);
    const json_t *value = json_object_get(record, key);
    double number = json_is_array(value) ? (double)json_array_size(value) : json_number_value(value);
    json_decref(record);
    buf_clear(&json);
    return number;
}

static void hub_start(hub_t *hub) {
    must(rules_load(NULL, &hub->rules));
    hub->cluster = memory_cluster_new(1, false, (memory_hooks_t){.context = hub, .output = on_output});
    hub->options = (engine_options_t){.rules = hub->rules,
                                      .commit_interval_us = COMMIT_INTERVAL_US,
                                      .flush_interval_us = INT64_MAX / 2,
                                      .dedupe_retention_ms = INT64_MAX / 4,
                                      .cache_bytes = SIZE_MAX,
                                      .open_kv = on_open,
                                      .clock_us = on_clock,
                                      .clock_context = hub};
    hub->engine = engine_new(&hub->options);
    engine_start(hub->engine, memory_log_new(hub->cluster, engine_listener(hub->engine)));
}

static void hub_stop(hub_t *hub) {
    must(engine_stop(hub->engine));
    engine_free(hub->engine);
    memory_cluster_free(hub->cluster);
    rules_free(hub->rules);
}

static void report(hub_t *hub, const char *what, int neighbours, int watched) {
    printf("%s, %d neighbours: of %d transfers of others the slowest took %.0f ms, at most %lu updates in a "
           "commit\n",
           what, neighbours, watched, (double)hub->worst_us / 1000, (unsigned long)hub->updates_most);
    hub->worst_us = 0;
    hub->updates_most = 0;
}

START_TEST(a_hub_keeps_no_other_wallet_waiting) {
    const char *wish = getenv("AMLSTREAM_TEST_HUB");
    int neighbours = wish ? atoi(wish) : NEIGHBOURS;
    hub_t hub = {.real_time = wish != NULL, .now_us = 1};
    hub_start(&hub);
    for (int i = 0; i < neighbours; i++) {
        char name[16];
        snprintf(name, sizeof name, "w%d", i);
        if (i % 2)
            transfer(&hub, name, "hub");
        else
            transfer(&hub, "hub", name);
        if (i % FEED == 0) settle(&hub);
    }
    transfer(&hub, "bad", "hub");
    transfer(&hub, "hub", "bad");
    settle(&hub);

    static const struct {
        const char *what, *label;
        double exposures;
    } phases[] = {{"a label", "{\"category\":\"theft\"}", 1}, {"its withdrawal", NULL, 0}};
    for (size_t i = 0; i < 2; i++) {
        hub.worst_us = 0;
        hub.updates_most = 0;
        send(&hub, TOPIC_LABELS, "bad", phases[i].label);
        int watched = watch_until_settled(&hub);
        int64_t worst_us = hub.worst_us;
        uint64_t updates_most = hub.updates_most;
        report(&hub, phases[i].what, neighbours, watched);
        for (int n = 0; n < neighbours; n += neighbours / 100) {
            char name[16];
            snprintf(name, sizeof name, "w%d", n);
            ck_assert_double_eq(number_of(&hub, name, "exposures"), phases[i].exposures);
        }
        if (hub.real_time) continue;
        ck_assert_int_gt(watched, 3); /* it came between */
        ck_assert_int_lt(worst_us, 2 * COMMIT_INTERVAL_US);
        ck_assert_uint_le(updates_most, 2 * COMMIT_INTERVAL_US / CLOCK_STEP_US * PUSH_PAGE_EDGES);
    }
    hub_stop(&hub);
}
END_TEST

int main(void) {
    log_init("hub", LOG_LEVEL_ERROR);
    return suite_run("hub", (const TTest *const[]){a_hub_keeps_no_other_wallet_waiting, NULL}, 600);
}
