#include "processor/stream_thread.h"

#include "common/log.h"
#include "common/signals.h"
#include "processor/limits.h"
#include "processor/stream_metrics.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What another thread wants of the engine, done between two steps. */
typedef struct query {
    stream_question_t ask;
    void *context;
    bool answered;
    struct query *next;
} query_t;

struct stream_thread {
    pthread_t thread;
    int index;
    const kafka_log_options_t *log_options;
    engine_t *engine;
    stream_metrics_t metrics;
    int failures; /* in a row */
    err_t *error; /* why it ended early */

    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t answered;
    query_t *queries;
    stream_status_t status;
    log_t *log; /* that may be waiting in a poll; NULL: none */
};

static void status_tell(stream_thread_t *thread, bool connected) {
    stream_status_t status = {.connected = connected};
    for (int32_t p = 0; connected && p < engine_partition_count(thread->engine); p++) {
        const task_t *task = engine_task(thread->engine, p);
        if (!task) continue;
        if (task->state != TASK_RUNNING) {
            status.restoring++;
            continue;
        }
        const char *version = risk_rules_version(task->risk);
        if (status.running++ && strcmp(status.rules_version, version) != 0) status.rules_differ = true;
        memcpy(status.rules_version, version, sizeof status.rules_version);
    }
    pthread_mutex_lock(&thread->mutex);
    thread->status = status;
    pthread_mutex_unlock(&thread->mutex);
}

static void log_tell(stream_thread_t *thread, log_t *log) {
    pthread_mutex_lock(&thread->mutex);
    thread->log = log;
    pthread_mutex_unlock(&thread->mutex);
}

static void queries_answer(stream_thread_t *thread) {
    pthread_mutex_lock(&thread->mutex);
    for (query_t *query = thread->queries; query; query = query->next) {
        query->ask(query->context, thread->engine);
        query->answered = true;
    }
    if (thread->queries) pthread_cond_broadcast(&thread->answered);
    thread->queries = NULL;
    pthread_mutex_unlock(&thread->mutex);
}

/* Steps until the process is to stop or a step fails. */
static err_t *run(stream_thread_t *thread) {
    while (!stop_requested()) {
        TRY(engine_step(thread->engine, IDLE_POLL_MS_MAX, NULL));
        queries_answer(thread);
        stream_metrics_tell(&thread->metrics, thread->engine);
        status_tell(thread, true);
    }
    return NULL;
}

static err_t *run_with_log(stream_thread_t *thread) {
    log_t *log;
    TRY(kafka_log_new(thread->log_options, engine_listener(thread->engine), &log));
    engine_start(thread->engine, log);
    log_tell(thread, log);
    uint64_t commits = engine_counters(thread->engine).commits;
    err_t *err = run(thread);
    if (engine_counters(thread->engine).commits > commits) thread->failures = 0;
    log_tell(thread, NULL);
    if (err)
        engine_fail(thread->engine);
    else
        err = engine_stop(thread->engine);
    status_tell(thread, false);
    return err;
}

/* Waits, longer each time, or says that it is no use to go on. */
static bool may_try_again(stream_thread_t *thread, const err_t *err) {
    int code = err_exit_code(err);
    if (stop_requested() || code == EXIT_STATE || code == EXIT_USAGE || ++thread->failures > FAILURES_MAX)
        return false;
    int wait_ms = FAILURE_BACKOFF_MS_MIN << (thread->failures < 6 ? thread->failures : 6);
    if (wait_ms > FAILURE_BACKOFF_MS_MAX) wait_ms = FAILURE_BACKOFF_MS_MAX;
    log_warn("stream thread failed; going on from what is committed", LOG_INT("thread", thread->index),
             LOG_STR("error", err_message(err)), LOG_INT("failures", thread->failures),
             LOG_INT("wait_ms", wait_ms));
    return !stop_wait(wait_ms);
}

static void *thread_run(void *context) {
    stream_thread_t *thread = context;
    for (;;) {
        err_t *err = run_with_log(thread);
        if (err && may_try_again(thread, err)) {
            err_free(err);
            continue;
        }
        /* What was not committed when asked to stop is read again by the next owner. */
        if (err && stop_requested() && err_exit_code(err) == EXIT_UNAVAILABLE) {
            log_warn("stopped without a last commit", LOG_STR("error", err_message(err)));
            err_free(err);
            err = NULL;
        }
        thread->error = err;
        break;
    }
    stop_request();
    return NULL;
}

stream_thread_t *stream_thread_new(int index, const engine_options_t *engine,
                                   const kafka_log_options_t *log) {
    stream_thread_t *thread = calloc(1, sizeof *thread);
    if (!thread) abort();
    thread->index = index;
    thread->log_options = log;
    thread->engine = engine_new(engine);
    pthread_mutex_init(&thread->mutex, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&thread->answered, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&thread->thread, NULL, thread_run, thread) != 0) abort();
    return thread;
}

err_t *stream_thread_join(stream_thread_t *thread) {
    pthread_join(thread->thread, NULL);
    err_t *err = thread->error;
    engine_free(thread->engine);
    pthread_mutex_destroy(&thread->mutex);
    pthread_cond_destroy(&thread->answered);
    free(thread);
    return err;
}

stream_status_t stream_thread_status(stream_thread_t *thread) {
    pthread_mutex_lock(&thread->mutex);
    stream_status_t status = thread->status;
    pthread_mutex_unlock(&thread->mutex);
    return status;
}

static void query_withdraw(stream_thread_t *thread, const query_t *query) {
    for (query_t **at = &thread->queries; *at; at = &(*at)->next) {
        if (*at != query) continue;
        *at = query->next;
        return;
    }
}

static struct timespec time_of(int64_t monotonic_us) {
    return (struct timespec){.tv_sec = monotonic_us / 1000000, .tv_nsec = monotonic_us % 1000000 * 1000};
}

bool stream_thread_ask(stream_thread_t *thread, stream_question_t ask, void *context, int64_t end_us) {
    struct timespec end = time_of(end_us);
    query_t query = {.ask = ask, .context = context};
    pthread_mutex_lock(&thread->mutex);
    query.next = thread->queries;
    thread->queries = &query;
    if (thread->log) thread->log->ops->wake(thread->log);
    while (!query.answered && pthread_cond_timedwait(&thread->answered, &thread->mutex, &end) == 0) continue;
    if (!query.answered) query_withdraw(thread, &query);
    pthread_mutex_unlock(&thread->mutex);
    return query.answered;
}
