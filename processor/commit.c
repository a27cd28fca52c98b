/* Commit, abort and flush. The order that makes it exactly once: scores and what they entail, then the
 * changelog of every changed task, then the inputs' offsets, all in one transaction; only when that has
 * committed do the stores count it. */
#include "processor/engine_internal.h"
#include "state/limits.h"

#include <assert.h>
#include <stdlib.h>

void engine_begin(engine_t *engine) {
    if (engine->in_transaction || engine->error) return;
    engine->in_transaction = true;
    engine->transaction_began_us = engine_now_us(engine);
    engine->produced = 0;
    engine_note(engine, engine->log->ops->begin(engine->log));
}

bool engine_has_uncommitted(const engine_t *engine) {
    if (engine->in_transaction || !event_queue_is_empty(&engine->events.deferrable)) return true;
    for (size_t i = 0; i < engine->task_count; i++)
        if (task_has_uncommitted_offsets(engine->tasks[engine->partitions[i]])) return true;
    return false;
}

bool engine_commit_is_due(const engine_t *engine, bool caught_up) {
    if (!engine_has_uncommitted(engine)) return false;
    if (caught_up && event_queue_is_empty(&engine->events.deferrable)) return true;
    return engine->produced >= PRODUCED_MAX || events_bytes(&engine->events) >= EVENT_BYTES_MAX ||
           engine_now_us(engine) - engine->transaction_began_us >= engine->options->commit_interval_us;
}

/* Scores are told once a commit; telling them may send events, which change scores. */
static void settle(engine_t *engine) {
    for (int round = 0; !engine->error; round++) {
        for (size_t i = 0; i < engine->task_count; i++) {
            task_t *task = engine->tasks[engine->partitions[i]];
            if (task->state == TASK_RUNNING) risk_commit(task->risk);
        }
        if (event_queue_is_empty(&engine->events.urgent)) return;
        if (round == COMMIT_ROUNDS_MAX) {
            engine_note(engine, err_new_code(EXIT_STATE,
                                             "scores did not settle within %d rounds of one commit", round));
            return;
        }
        engine_drain(engine, 0);
    }
}

/* What there was no time for goes on in a later transaction, through the topic, so that no crash can lose
 * it. */
static void deferred_forward(engine_t *engine) {
    event_t event;
    while (!engine->error && event_queue_take(&engine->events.deferrable, &event)) {
        engine->counters.forwarded++;
        engine_produce(engine, TOPIC_WALLET_EVENTS, event.partition, event.wallet, event.wallet_size,
                       event.event, event.size, NULL);
    }
}

typedef struct {
    engine_t *engine;
    int32_t partition;
} changelog_t;

static err_t *changelog_put(void *context, const kv_put_t *put) {
    const changelog_t *changelog = context;
    engine_produce(changelog->engine, TOPIC_CHANGELOG, changelog->partition, put->key, put->key_size,
                   put->value, put->value_size, NULL);
    return NULL;
}

static void stores_log(engine_t *engine) {
    for (size_t i = 0; i < engine->task_count && !engine->error; i++) {
        task_t *task = engine->tasks[engine->partitions[i]];
        engine_note(engine, task_store_take_error(task->store));
        if (!task_store_is_changed(task->store)) continue;
        changelog_t changelog = {engine, task->partition};
        engine_note(engine, task_store_log(task->store, changelog_put, &changelog));
        engine_note(engine, task_store_take_error(task->store));
    }
}

static size_t offsets_collect(const engine_t *engine, log_offset_t *offsets) {
    size_t count = 0;
    for (size_t i = 0; i < engine->task_count; i++) {
        const task_t *task = engine->tasks[engine->partitions[i]];
        for (int input = 0; input < INPUT_COUNT; input++)
            if (task->next_offset[input] != task->committed_offset[input])
                offsets[count++] =
                    (log_offset_t){task_inputs[input], task->partition, task->next_offset[input]};
    }
    return count;
}

static void tasks_committed(engine_t *engine) {
    engine->counted = engine->counters;
    for (size_t i = 0; i < engine->task_count; i++) {
        task_t *task = engine->tasks[engine->partitions[i]];
        for (int input = 0; input < INPUT_COUNT; input++)
            task->committed_offset[input] = task->next_offset[input];
        task->counted = *risk_counters(task->risk);
        if (task->state == TASK_RUNNING)
            task_store_committed(task->store, engine->log->ops->changelog_end(engine->log, task->partition));
    }
}

err_t *engine_commit(engine_t *engine) {
    if (!engine->error && !engine_has_uncommitted(engine)) return NULL;
    engine_begin(engine);
    settle(engine);
    deferred_forward(engine);
    stores_log(engine);
    err_t *err = engine_take_error(engine);
    if (err) return err;
    log_offset_t *offsets = malloc((engine->task_count * INPUT_COUNT + 1) * sizeof *offsets);
    if (!offsets) abort();
    size_t count = offsets_collect(engine, offsets);
    int64_t began_us = engine_now_us(engine);
    err = engine->log->ops->commit(engine->log, offsets, count);
    free(offsets);
    if (err) return err;
    engine->in_transaction = false;
    engine->counters.commits++;
    engine->counters.commit_us += (uint64_t)(engine_now_us(engine) - began_us);
    tasks_committed(engine);
    return NULL;
}

void engine_abort(engine_t *engine) {
    if (engine->log && engine->in_transaction) {
        engine->log->ops->abort(engine->log);
        engine->counters.aborts++;
    }
    engine->in_transaction = false;
    engine->counters.records = engine->counted.records;
    engine->counters.dead_letters = engine->counted.dead_letters;
    engine->counters.forwarded = engine->counted.forwarded;
    engine->counters.local = engine->counted.local;
    events_reset(&engine->events);
    for (size_t i = 0; i < engine->task_count; i++) {
        task_t *task = engine->tasks[engine->partitions[i]];
        if (task->state == TASK_RUNNING) task_forget_uncommitted(task);
    }
}

static void evict(engine_t *engine, task_t *task) {
    task_store_evict(task->store, engine->options->cache_bytes / engine->task_count);
}

void engine_evict(engine_t *engine) {
    if (engine_has_uncommitted(engine)) return;
    for (size_t i = 0; i < engine->task_count; i++) evict(engine, engine->tasks[engine->partitions[i]]);
}

static err_t *flush_finish(engine_t *engine, task_t *task) {
    flush_state_t state = atomic_load_explicit(&task->flush_state, memory_order_acquire);
    if (state != FLUSH_WRITTEN && state != FLUSH_FAILED) return NULL;
    task_store_flush_end(task->store, state == FLUSH_WRITTEN);
    task->flush_state = FLUSH_NONE;
    err_t *err = task->flush_error;
    task->flush_error = NULL;
    if (!err && engine->task_count) evict(engine, task);
    return err;
}

err_t *engine_flush_wait(engine_t *engine, task_t *task) {
    if (task->flush_state == FLUSH_QUEUED) flusher_wait(engine->options->flusher, task);
    return flush_finish(engine, task);
}

static void flush_begin(engine_t *engine, task_t *task) {
    task->flushed_at_us = engine_now_us(engine);
    if (!task_store_flush_begin(task->store)) return;
    if (engine->options->flusher)
        flusher_submit(engine->options->flusher, task);
    else
        flush_write(task);
}

void engine_flush_due(engine_t *engine) {
    int64_t now_us = engine_now_us(engine);
    for (size_t i = 0; i < engine->task_count && !engine->error; i++) {
        task_t *task = engine->tasks[engine->partitions[i]];
        engine_note(engine, flush_finish(engine, task));
        bool due = now_us - task->flushed_at_us >= engine->options->flush_interval_us ||
                   task_store_dirty_bytes(task->store) >= FLUSH_BYTES_MAX;
        bool quiet = task->state == TASK_RESTORING || !engine->in_transaction;
        if (due && quiet && task->flush_state == FLUSH_NONE) flush_begin(engine, task);
    }
}
