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
    bool connected;         /* it has a log */
    int running, restoring; /* tasks */
} stream_status_t;

stream_status_t stream_thread_status(stream_thread_t *thread);
/* Asks the thread for a wallet's live record; waits at most QUERY_TIMEOUT_MS. False: no answer in time. */
bool stream_thread_wallet(stream_thread_t *thread, const char *wallet, size_t size, buf_t *json,
                          wallet_answer_t *answer);
