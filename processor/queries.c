#include "processor/queries.h"

#include "processor/limits.h"
#include "risk/transfer.h"

#include <string.h>

static void handle_ready(const http_request_t *request, http_response_t *response, void *context) {
    (void)request;
    const queries_t *queries = context;
    int running = 0, restoring = 0, away = 0;
    for (int i = 0; i < queries->thread_count; i++) {
        stream_status_t status = stream_thread_status(queries->threads[i]);
        running += status.running;
        restoring += status.restoring;
        away += !status.connected;
    }
    if (away || restoring) {
        http_problem(response, 503, "Not ready", NULL,
                     "%d stream threads have no connection to Kafka yet; %d tasks run, %d restore", away,
                     running, restoring);
        response->retry_after_s = 1;
        return;
    }
    buf_printf(&response->body, "{\"status\":\"ready\",\"tasks\":%d}", running);
}

/* The owner is whichever thread says so; where none does, another instance has it. */
static void handle_wallet(const http_request_t *request, http_response_t *response, void *context) {
    const queries_t *queries = context;
    const char *wallet = http_request_path_value(request, "wallet");
    size_t size = strlen(wallet);
    if (size > WALLET_SIZE_MAX) {
        http_problem(response, 400, "Invalid parameter", "wallet", "a wallet has at most %d bytes",
                     WALLET_SIZE_MAX);
        return;
    }
    for (int i = 0; i < queries->thread_count; i++) {
        wallet_answer_t answer;
        if (!stream_thread_wallet(queries->threads[i], wallet, size, &response->body, &answer) ||
            answer == WALLET_RESTORING) {
            http_problem(response, 503, "Not ready", NULL,
                         "the wallet's partition is not answering now; try again");
            response->retry_after_s = 1;
            return;
        }
        if (answer == WALLET_FOUND) return;
        if (answer == WALLET_UNKNOWN) {
            http_problem(response, 404, "Unknown wallet", "wallet",
                         "no transfer and no label of wallet \"%s\" has been seen", wallet);
            return;
        }
    }
    http_problem(response, 421, "Another instance's wallet", "wallet",
                 "the wallet's partition is not with this instance; ask the others");
}

const http_route_t processor_routes[] = {
    {"GET", "/health", http_handle_health},
    {"GET", "/ready", handle_ready},
    {"GET", "/version", http_handle_version},
    {"GET", "/metrics", http_handle_metrics},
    {"GET", "/state/wallets/{wallet}", handle_wallet},
    {NULL, NULL, NULL},
};
