/* The engine of one stream thread: reads its partitions' inputs from a log, lets the risk model change the
 * tasks' stores, and commits outputs, state and offsets together. Knows neither Kafka nor threads nor the
 * disk: log, map and clock are given.
 *
 *     engine_new → engine_start(log) → engine_step … → engine_stop; after an error of engine_step:
 * engine_fail, then engine_start with a new log, which goes on from what is committed. */
#pragma once

#include "processor/flusher.h"
#include "processor/log.h"
#include "processor/model.h"
#include "processor/task.h"
#include "risk/explain/explain.h"
#include "risk/rules.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const rules_t *rules;
    int64_t commit_interval_us;
    int64_t flush_interval_us;
    int64_t dedupe_retention_ms;
    size_t cache_bytes; /* of all this engine's overlays; more is evicted after a flush */
    /* The durable map of a partition; it comes back closed or not at all. `*kv` NULL keeps the state in
     * memory only. */
    err_t *(*open_kv)(void *context, int32_t partition, kv_t **kv);
    void *open_context;
    flusher_t *flusher;                 /* NULL: flushes on this thread */
    int64_t (*clock_us)(void *context); /* monotonic; NULL: the machine's */
    void *clock_context;
    const model_t *model; /* NULL: no learned weights */
    /* What each transfer is judged by, as it is applied; of what is aborted, again. NULL: nobody asks. */
    void (*features)(void *context, text_t tx_id, const features_t *features);
    void *features_context;
} engine_options_t;

/* Since the start of the engine. What a transaction did counts when it has committed. */
typedef struct {
    risk_counters_t risk; /* of tasks that are gone too */
    uint64_t records;     /* taken from the inputs */
    uint64_t dead_letters;
    uint64_t forwarded; /* events and records that went through amlstream-wallet-events */
    uint64_t local;     /* events that stayed on the thread */
    uint64_t commits;
    uint64_t aborts;
    uint64_t restored;  /* changelog records loaded */
    uint64_t commit_us; /* time spent in commits */
} engine_counters_t;

typedef struct engine engine_t;

/* `options` and what it points to must outlive the engine. */
engine_t *engine_new(const engine_options_t *options);
void engine_free(engine_t *engine); /* stopped or failed */
log_listener_t engine_listener(engine_t *engine);
/* Takes over `log`, made with this engine's listener. */
void engine_start(engine_t *engine, log_t *log);
/* Polls, applies, restores, commits and flushes what is due; waits at most `timeout_ms` when there is nothing
 * to do. `applied`: input records that were; may be NULL. */
err_t *engine_step(engine_t *engine, int timeout_ms, size_t *applied);
/* Commits now. */
err_t *engine_commit(engine_t *engine);
/* Commits, flushes and closes all tasks, leaves the log. */
err_t *engine_stop(engine_t *engine);
/* Drops what is not committed, all tasks and the log, as a crash would; flushed state stays. */
void engine_fail(engine_t *engine);

engine_counters_t engine_counters(const engine_t *engine);
int32_t engine_partition_count(const engine_t *engine);
/* NULL where this engine has no such task. */
const task_t *engine_task(const engine_t *engine, int32_t partition);
int64_t engine_lag(engine_t *engine, int32_t partition); /* -1: not known */
typedef enum { WALLET_FOUND, WALLET_UNKNOWN, WALLET_RESTORING, WALLET_ELSEWHERE } wallet_answer_t;
/* The model of the task that has the wallet, where that runs here. */
wallet_answer_t engine_risk(engine_t *engine, const char *wallet, size_t wallet_size, risk_t **risk);
/* The wallet's live record, as risk_wallet_json. */
wallet_answer_t engine_wallet(engine_t *engine, const char *wallet, size_t wallet_size, buf_t *json);
/* Takes into the explanation what this engine's tasks know; as explanation_gather. */
bool engine_explain(engine_t *engine, explanation_t *explanation);
