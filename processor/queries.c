#include "processor/queries.h"

#include "common/timestamp.h"
#include "processor/limits.h"
#include "processor/query_explain.h"
#include "risk/transfer.h"

#include <string.h>

static void handle_ready(const http_request_t *request, http_response_t *response, void *context) {
    (void)request;
    const queries_t *queries = context;
    int running = 0, restoring = 0, away = 0;
    char version[RULES_VERSION_SIZE + 1] = "";
    bool differ = false;
    for (int i = 0; i < queries->thread_count; i++) {
        stream_status_t status = stream_thread_status(queries->threads[i]);
        running += status.running;
        restoring += status.restoring;
        away += !status.connected;
        differ = differ || status.rules_differ ||
                 (*version && *status.rules_version && strcmp(version, status.rules_version) != 0);
        if (*status.rules_version) memcpy(version, status.rules_version, sizeof version);
    }
    if (away || restoring) {
        http_problem(response, 503, "Not ready", NULL,
                     "%d stream threads have no connection to Kafka yet; %d tasks run, %d restore", away,
                     running, restoring);
        response->retry_after_s = 1;
        return;
    }
    buf_printf(&response->body, "{\"status\":\"ready\",\"tasks\":%d,\"rules_version\":", running);
    if (*version && !differ)
        buf_printf(&response->body, "\"%s\"}", version);
    else
        buf_add_str(&response->body, "null}");
}

bool query_wallet_check(http_response_t *response, const char *name, const char *wallet) {
    if (wallet && *wallet && strlen(wallet) <= WALLET_SIZE_MAX) return true;
    http_problem(response, 400, "Invalid parameter", name, "%s must be a wallet of 1 to %d bytes", name,
                 WALLET_SIZE_MAX);
    return false;
}

void query_answer_problem(http_response_t *response, wallet_answer_t answer, const char *name,
                          const char *wallet) {
    switch (answer) {
    case WALLET_FOUND: return;
    case WALLET_UNKNOWN:
        http_problem(response, 404, "Unknown wallet", name,
                     "no transfer and no label of wallet \"%s\" has been seen", wallet);
        return;
    case WALLET_RESTORING:
        http_problem(response, 503, "Not ready", NULL,
                     "the wallet's partition is not answering now; try again");
        response->retry_after_s = 1;
        return;
    case WALLET_ELSEWHERE:
        http_problem(response, 421, "Another instance's wallet", name,
                     "the partition of wallet \"%s\" is not with this instance; ask the others", wallet);
    }
}

wallet_answer_t query_ask_owner(const queries_t *queries, stream_question_t ask, void *context,
                                const wallet_answer_t *answer, int64_t end_us) {
    for (int i = 0; i < queries->thread_count; i++) {
        if (!stream_thread_ask(queries->threads[i], ask, context, end_us)) return WALLET_RESTORING;
        if (*answer != WALLET_ELSEWHERE) return *answer;
    }
    return WALLET_ELSEWHERE;
}

typedef struct {
    const char *wallet;
    buf_t *json;
    wallet_answer_t answer;
} wallet_question_t;

static void ask_wallet(void *context, engine_t *engine) {
    wallet_question_t *question = context;
    question->answer = engine_wallet(engine, question->wallet, strlen(question->wallet), question->json);
}

static void handle_wallet(const http_request_t *request, http_response_t *response, void *context) {
    wallet_question_t question = {.wallet = http_request_path_value(request, "wallet"),
                                  .json = &response->body};
    int64_t end_us = clock_monotonic_us() + QUERY_TIMEOUT_MS * INT64_C(1000);
    if (!query_wallet_check(response, "wallet", question.wallet)) return;
    wallet_answer_t answer = query_ask_owner(context, ask_wallet, &question, &question.answer, end_us);
    query_answer_problem(response, answer, "wallet", question.wallet);
}

const http_route_t processor_routes[] = {
    {"GET", "/health", http_handle_health},
    {"GET", "/ready", handle_ready},
    {"GET", "/version", http_handle_version},
    {"GET", "/metrics", http_handle_metrics},
    {"GET", "/state/wallets/{wallet}", handle_wallet},
    {"GET", "/state/explain/transfer", query_explain_transfer},
    {"GET", "/state/explain/{wallet}", query_explain_wallet},
    {NULL, NULL, NULL},
};
