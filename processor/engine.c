#include "processor/engine.h"

#include "common/hash.h"
#include "common/timestamp.h"
#include "processor/engine_internal.h"
#include "risk/text.h"

#include <assert.h>
#include <stdlib.h>

engine_t *engine_new(const engine_options_t *options) {
    engine_t *engine = calloc(1, sizeof *engine);
    if (!engine) abort();
    engine->options = options;
    engine->parser = transfer_parser_new();
    return engine;
}

void engine_free(engine_t *engine) {
    if (!engine) return;
    assert(!engine->log);
    transfer_parser_free(engine->parser);
    events_clear(&engine->events);
    buf_clear(&engine->scratch);
    err_free(engine->error);
    free(engine);
}

int64_t engine_now_us(const engine_t *engine) {
    const engine_options_t *options = engine->options;
    return options->clock_us ? options->clock_us(options->clock_context) : clock_monotonic_us();
}

void engine_note(engine_t *engine, err_t *err) {
    if (engine->error)
        err_free(err);
    else
        engine->error = err;
}

err_t *engine_take_error(engine_t *engine) {
    err_t *err = engine->error;
    engine->error = NULL;
    return err;
}

void engine_start(engine_t *engine, log_t *log) {
    assert(!engine->log && engine->task_count == 0);
    engine->log = log;
}

/* How long a poll may wait: not past the moment when something else is due. */
static int wait_ms(const engine_t *engine, int timeout_ms) {
    if (engine_is_restoring(engine) || !event_queue_is_empty(&engine->events.deferrable)) return 0;
    int most_ms = engine_has_uncommitted(engine) ? CAUGHT_UP_MS : IDLE_POLL_MS_MAX;
    return timeout_ms < most_ms ? timeout_ms : most_ms;
}

err_t *engine_step(engine_t *engine, int timeout_ms, size_t *applied) {
    size_t count = 0;
    int waited_ms = wait_ms(engine, timeout_ms);
    err_t *err = engine->log->ops->poll(engine->log, waited_ms, engine->records, POLL_RECORDS_MAX, &count);
    if (err) return err;
    if (count) engine_begin(engine);
    for (size_t i = 0; i < count && !engine->error; i++) engine_apply(engine, &engine->records[i]);
    engine_drain(engine, DEFERRED_PER_POLL_MAX);
    if (applied) *applied = count;
    if (engine->error) return engine_take_error(engine);
    if (engine_commit_is_due(engine, count == 0)) TRY(engine_commit(engine));
    TRY(engine_restore_some(engine));
    engine_flush_due(engine);
    return engine_take_error(engine);
}

static void tasks_close(engine_t *engine, bool flush) {
    while (engine->task_count) engine_task_close(engine, engine->tasks[engine->partitions[0]], flush);
}

err_t *engine_stop(engine_t *engine) {
    if (!engine->log) return NULL;
    err_t *err = engine_commit(engine);
    if (err) engine_abort(engine);
    tasks_close(engine, !err);
    engine->log->ops->free(engine->log);
    engine->log = NULL;
    if (err) err_free(engine_take_error(engine));
    return err ? err : engine_take_error(engine);
}

void engine_fail(engine_t *engine) {
    if (!engine->log) return;
    err_free(engine_take_error(engine));
    engine_abort(engine);
    tasks_close(engine, false);
    engine->log->ops->free(engine->log);
    engine->log = NULL;
    err_free(engine_take_error(engine));
}

int32_t engine_partition_count(const engine_t *engine) {
    return engine->log ? engine->log->partition_count : 0;
}

const task_t *engine_task(const engine_t *engine, int32_t partition) { return engine->tasks[partition]; }

int64_t engine_lag(engine_t *engine, int32_t partition) {
    return engine->log ? engine->log->ops->lag(engine->log, partition) : -1;
}

wallet_answer_t engine_risk(engine_t *engine, const char *wallet, size_t wallet_size, risk_t **risk) {
    if (!engine->log) return WALLET_ELSEWHERE;
    char room[ADDRESS_SIZE];
    text_t name = text_normal_wallet((text_t){wallet, wallet_size}, room);
    const task_t *task =
        engine->tasks[hash_partition(name.data, name.size, (uint32_t)engine->log->partition_count)];
    if (!task) return WALLET_ELSEWHERE;
    if (task->state != TASK_RUNNING) return WALLET_RESTORING;
    *risk = task->risk;
    return WALLET_FOUND;
}

wallet_answer_t engine_wallet(engine_t *engine, const char *wallet, size_t wallet_size, buf_t *json) {
    risk_t *risk;
    wallet_answer_t answer = engine_risk(engine, wallet, wallet_size, &risk);
    if (answer != WALLET_FOUND) return answer;
    bool known = risk_wallet_json(risk, wallet, wallet_size, json);
    engine_evict(engine);
    return known ? WALLET_FOUND : WALLET_UNKNOWN;
}

static risk_t *explain_risk_of(void *context, const char *wallet, size_t size) {
    risk_t *risk;
    return engine_risk(context, wallet, size, &risk) == WALLET_FOUND ? risk : NULL;
}

bool engine_explain(engine_t *engine, explanation_t *explanation) {
    bool learnt = explanation_gather(explanation, &(explain_state_t){engine, explain_risk_of});
    engine_evict(engine);
    return learnt;
}
