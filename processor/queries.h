/* HTTP of a processor: health, readiness, metrics and live state. */
#pragma once

#include "common/http.h"
#include "processor/stream_thread.h"

typedef struct {
    stream_thread_t **threads;
    int thread_count;
} queries_t;

/* For http_server_new; the context is a queries_t. */
extern const http_route_t processor_routes[];

/* For its handlers. */

/* That it can be a wallet; else the response is a problem. */
bool query_wallet_check(http_response_t *response, const char *name, const char *wallet);
/* Asks one thread after the other until `*answer`, which `ask` sets, is another than WALLET_ELSEWHERE.
 * WALLET_RESTORING also where a thread does not answer in time. */
wallet_answer_t query_ask_owner(const queries_t *queries, stream_question_t ask, void *context,
                                const wallet_answer_t *answer, int64_t end_us);
/* The problem that the answer is; none for WALLET_FOUND. */
void query_answer_problem(http_response_t *response, wallet_answer_t answer, const char *name,
                          const char *wallet);
