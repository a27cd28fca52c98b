/* Tasks come and go with the partitions; before one runs, it loads what of the changelog its map has not. */
#include "common/log.h"
#include "processor/engine_internal.h"
#include "state/limits.h"

#include <inttypes.h>
#include <stdlib.h>

static err_t *task_open(engine_t *engine, int32_t partition) {
    const engine_options_t *options = engine->options;
    kv_t *kv = NULL;
    TRY(options->open_kv(options->open_context, partition, &kv));
    task_store_t *store;
    TRY(task_store_new(kv, options->dedupe_retention_ms, &store));
    task_t *task =
        task_new(partition, store, options->rules, engine_risk_out(engine, partition), engine_now_us(engine));
    engine->tasks[partition] = task;
    engine->partitions[engine->task_count++] = partition;
    if (options->model) {
        TRY(model_scorer_new(options->model, &task->scorer));
        risk_use_scorer(task->risk, model_scorer_interface(task->scorer));
    }
    return engine->log->ops->restore_begin(engine->log, partition, task_store_position(store));
}

static void counters_add(risk_counters_t *to, const risk_counters_t *from) {
    to->transfers += from->transfers;
    to->duplicates += from->duplicates;
    to->credits += from->credits;
    to->exposure_updates += from->exposure_updates;
    to->labels += from->labels;
    to->alerts += from->alerts;
    to->scores += from->scores;
    to->new_wallets += from->new_wallets;
    to->new_edges += from->new_edges;
}

engine_counters_t engine_counters(const engine_t *engine) {
    engine_counters_t counters = engine->counters;
    counters.records = engine->counted.records;
    counters.dead_letters = engine->counted.dead_letters;
    counters.forwarded = engine->counted.forwarded;
    counters.local = engine->counted.local;
    for (size_t i = 0; i < engine->task_count; i++)
        counters_add(&counters.risk, &engine->tasks[engine->partitions[i]]->counted);
    return counters;
}

void engine_task_close(engine_t *engine, task_t *task, bool flush) {
    engine_note(engine, engine_flush_wait(engine, task));
    if (task->state == TASK_RESTORING) {
        engine->log->ops->restore_end(engine->log, task->partition);
    } else if (flush && !engine->error && task_store_flush_begin(task->store)) {
        flush_write(task);
        engine_note(engine, engine_flush_wait(engine, task));
    }
    counters_add(&engine->counters.risk, &task->counted);
    engine->tasks[task->partition] = NULL;
    for (size_t i = 0; i < engine->task_count; i++) {
        if (engine->partitions[i] != task->partition) continue;
        engine->partitions[i] = engine->partitions[--engine->task_count];
        break;
    }
    task_free(task);
}

static void on_assigned(void *context, const int32_t *partitions, size_t count) {
    engine_t *engine = context;
    for (size_t i = 0; i < count && !engine->error; i++) {
        if (partitions[i] < 0 || partitions[i] >= PARTITIONS_MAX) {
            engine_note(engine, err_new_code(EXIT_STATE,
                                             "partition %" PRId32 " was assigned; at most %d are supported",
                                             partitions[i], PARTITIONS_MAX));
        } else if (!engine->tasks[partitions[i]]) {
            engine_note(engine, err_wrap(task_open(engine, partitions[i]), "task %" PRId32, partitions[i]));
        }
    }
}

static void on_revoked(void *context, const int32_t *partitions, size_t count, bool lost) {
    engine_t *engine = context;
    if (!lost && !engine->error) engine_note(engine, engine_commit(engine));
    /* What is pending for a lost partition cannot be told apart from the rest of the transaction. */
    if (lost && engine_has_uncommitted(engine) && !engine->error)
        engine_note(engine, err_new_code(EXIT_UNAVAILABLE,
                                         "partitions were lost: this instance was away for longer than the "
                                         "session time-out"));
    bool flush = !lost && !engine->error;
    if (engine->error) engine_abort(engine);
    for (size_t i = 0; i < count; i++) {
        task_t *task = engine->tasks[partitions[i]];
        if (task) engine_task_close(engine, task, flush);
    }
}

log_listener_t engine_listener(engine_t *engine) { return (log_listener_t){engine, on_assigned, on_revoked}; }

bool engine_is_restoring(const engine_t *engine) {
    for (size_t i = 0; i < engine->task_count; i++)
        if (engine->tasks[engine->partitions[i]]->state == TASK_RESTORING) return true;
    return false;
}

static err_t *task_start(engine_t *engine, task_t *task) {
    engine->log->ops->restore_end(engine->log, task->partition);
    TRY(task_store_restored(task->store));
    risk_restored(task->risk);
    TRY(engine->log->ops->resume(engine->log, task->partition));
    task->state = TASK_RUNNING;
    task->flushed_at_us = engine_now_us(engine);
    LOG_AT(task->restored ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG, "task runs",
           LOG_INT("partition", task->partition), LOG_INT("restored", task->restored),
           LOG_INT("ms", (engine_now_us(engine) - task->restore_began_us) / 1000));
    return NULL;
}

static err_t *restore_records(engine_t *engine, task_t *task) {
    static const int64_t silence_us_max = (int64_t)RESTORE_SILENCE_MS_MAX * 1000;
    size_t count;
    int64_t next, remaining;
    bool done;
    TRY(engine->log->ops->restore_poll(engine->log, task->partition, engine->records, POLL_RECORDS_MAX,
                                       &count, &next, &remaining, &done));
    if (count) {
        kv_put_t puts[POLL_RECORDS_MAX];
        for (size_t i = 0; i < count; i++)
            puts[i] = (kv_put_t){engine->records[i].key, engine->records[i].key_size,
                                 engine->records[i].value, engine->records[i].value_size};
        task_store_restore(task->store, puts, count, next);
        task->restored += count;
        engine->counters.restored += count;
        task->restore_heard_us = engine_now_us(engine);
    }
    if (done) return task_start(engine, task);
    if (engine_now_us(engine) - task->restore_heard_us > silence_us_max)
        return err_new_code(EXIT_UNAVAILABLE,
                            "the changelog gave nothing for %d s, %" PRId64 " records before its end",
                            RESTORE_SILENCE_MS_MAX / 1000, remaining);
    return NULL;
}

/* One piece of one task's changelog, the tasks in turn, so that running ones go on meanwhile. */
err_t *engine_restore_some(engine_t *engine) {
    for (size_t i = 0; i < engine->task_count; i++) {
        task_t *task = engine->tasks[engine->partitions[(engine->restore_turn + i) % engine->task_count]];
        if (task->state != TASK_RESTORING || task_store_dirty_bytes(task->store) > RESTORE_BYTES_MAX)
            continue;
        engine->restore_turn = (engine->restore_turn + i + 1) % engine->task_count;
        return err_wrap(restore_records(engine, task), "cannot restore task %" PRId32, task->partition);
    }
    return NULL;
}
