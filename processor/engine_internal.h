/* What the files of the engine share; for them alone. */
#pragma once

#include "processor/engine.h"
#include "processor/events.h"
#include "processor/limits.h"

struct engine {
    const engine_options_t *options;
    log_t *log;
    task_t *tasks[PARTITIONS_MAX];
    int32_t partitions[PARTITIONS_MAX]; /* of the tasks there are, in no order */
    size_t task_count;
    transfer_parser_t *parser;
    err_t *error; /* the first failure inside a callback: the open transaction must not commit */

    events_t events; /* for tasks of this engine */
    buf_t scratch;

    bool in_transaction;
    int64_t transaction_began_us;
    size_t produced;
    size_t restore_turn;        /* whose records come next */
    engine_counters_t counters; /* risk: of tasks that have gone */
    engine_counters_t counted;  /* as of the last commit: what was aborted is done again */
    log_record_t records[POLL_RECORDS_MAX];
};

int64_t engine_now_us(const engine_t *engine);
/* Keeps the first error, frees later ones; NULL is none. */
void engine_note(engine_t *engine, err_t *err);
err_t *engine_take_error(engine_t *engine);

/* apply.c: one input record to its task, or to where it belongs. */
void engine_apply(engine_t *engine, const log_record_t *record);
risk_out_t engine_risk_out(engine_t *engine, int32_t partition);
/* Applies the events that wait: all that are not deferrable, and up to `deferred_max` others,
 * while they take no longer than DEFERRED_US_MAX. */
void engine_drain(engine_t *engine, size_t deferred_max);
/* Into the open transaction; begins one where there is none. */
void engine_produce(engine_t *engine, topic_t topic, int32_t partition, const void *key, size_t key_size,
                    const void *value, size_t value_size, const log_header_t *headers);

/* commit.c */
void engine_begin(engine_t *engine); /* opens a transaction where none is open */
bool engine_commit_is_due(const engine_t *engine, bool caught_up);
bool engine_has_uncommitted(const engine_t *engine);
void engine_abort(engine_t *engine);
void engine_flush_due(engine_t *engine);
err_t *engine_flush_wait(engine_t *engine, task_t *task);
/* Keeps the caches within their bounds where nothing is uncommitted: queries read too, and a quiet stream has
 * no flush that sees to it. */
void engine_evict(engine_t *engine);

/* tasks.c */
err_t *engine_restore_some(engine_t *engine);
bool engine_is_restoring(const engine_t *engine);
void engine_task_close(engine_t *engine, task_t *task, bool flush);
