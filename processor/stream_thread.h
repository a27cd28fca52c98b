/* A thread that runs one engine on Kafka until the process is asked to stop, and starts it again after errors
 * that pass. */
#pragma once

#include "processor/engine.h"
#include "processor/kafka_log.h"

typedef struct stream_thread stream_thread_t;

/* `index` distinguishes the threads of this process. Everything given must outlive the thread. */
stream_thread_t *stream_thread_new(int index, const engine_options_t *engine, const kafka_log_options_t *log);
/* Waits for its end, after stop_request; returns why it ended early, NULL where it was asked to. Frees it. */
err_t *stream_thread_join(stream_thread_t *thread);

typedef struct {
    bool connected;                             /* it has a log */
    int running, restoring;                     /* tasks */
    char rules_version[RULES_VERSION_SIZE + 1]; /* in force in a running task; empty: none runs */
    bool rules_differ;                          /* not all have the same, as a reload is on its way */
} stream_status_t;

stream_status_t stream_thread_status(stream_thread_t *thread);
typedef void (*stream_question_t)(void *context, engine_t *engine);
/* Lets the thread itself call `ask`, between two steps; waits for that until `end_us` of clock_monotonic_us
 * at most. False: it did not come to it in time, and will not. */
bool stream_thread_ask(stream_thread_t *thread, stream_question_t ask, void *context, int64_t end_us);
