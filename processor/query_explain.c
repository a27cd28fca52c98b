#include "processor/query_explain.h"

#include "common/timestamp.h"
#include "processor/limits.h"
#include "processor/queries.h"
#include "risk/explain/explain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *wallet;
    explanation_t *explanation;
    wallet_answer_t answer;
    bool learnt;
} explain_question_t;

static void ask_own(void *context, engine_t *engine) {
    explain_question_t *question = context;
    risk_t *risk;
    question->answer = engine_risk(engine, question->wallet, strlen(question->wallet), &risk);
    if (question->answer != WALLET_FOUND) return;
    engine_explain(engine, question->explanation);
    if (!explanation_is_known(question->explanation)) question->answer = WALLET_UNKNOWN;
}

static void ask_more(void *context, engine_t *engine) {
    explain_question_t *question = context;
    question->learnt |= engine_explain(engine, question->explanation);
}

/* From thread to thread, for as long as that gets further: a path may go to and fro. What a thread does not
 * answer in time is left out, and the explanation says that it is not complete. */
static void follow(const queries_t *queries, explain_question_t *question, int64_t end_us) {
    do {
        question->learnt = false;
        for (int i = 0; i < queries->thread_count; i++) {
            if (queries->thread_count == 1 || explanation_is_complete(question->explanation)) return;
            if (!stream_thread_ask(queries->threads[i], ask_more, question, end_us)) return;
        }
    } while (question->learnt);
}

static wallet_answer_t explain(const queries_t *queries, explanation_t *explanation, const char *wallet) {
    explain_question_t question = {.wallet = wallet, .explanation = explanation};
    int64_t end_us = clock_monotonic_us() + QUERY_TIMEOUT_MS * INT64_C(1000);
    wallet_answer_t answer = query_ask_owner(queries, ask_own, &question, &question.answer, end_us);
    if (answer == WALLET_FOUND) follow(queries, &question, end_us);
    return answer;
}

static bool limit_read(const http_request_t *request, http_response_t *response, const char *name, int most,
                       int *limit) {
    const char *value = http_request_query(request, name);
    if (!value) return true;
    char *end;
    errno = 0;
    long number = strtol(value, &end, 10);
    bool is_digits = *value && value[strspn(value, "0123456789")] == '\0';
    if (is_digits && !errno && number >= 1 && number <= most) {
        *limit = (int)number;
        return true;
    }
    http_problem(response, 400, "Invalid parameter", name, "%s must be a whole number from 1 to %d", name,
                 most);
    return false;
}

static bool limits_read(const http_request_t *request, http_response_t *response, explain_limits_t *limits) {
    *limits = explain_limits_standard;
    return limit_read(request, response, "max_hops", explain_limits_most.max_hops, &limits->max_hops) &&
           limit_read(request, response, "per_hop_limit", explain_limits_most.per_hop_limit,
                      &limits->per_hop_limit) &&
           limit_read(request, response, "total_limit", explain_limits_most.total_limit,
                      &limits->total_limit);
}

void query_explain_wallet(const http_request_t *request, http_response_t *response, void *context) {
    const char *wallet = http_request_path_value(request, "wallet");
    explain_limits_t limits;
    if (!query_wallet_check(response, "wallet", wallet) || !limits_read(request, response, &limits)) return;
    explanation_t *explanation = explanation_new(wallet, strlen(wallet), &limits);
    wallet_answer_t answer = explain(context, explanation, wallet);
    if (answer == WALLET_FOUND)
        explanation_json(explanation, &response->body);
    else
        query_answer_problem(response, answer, "wallet", wallet);
    explanation_free(explanation);
}

typedef struct {
    const char *tx_id, *src, *dst;
} transfer_name_t;

static explanation_t *side_new(const transfer_name_t *transfer, bool is_sender,
                               const explain_limits_t *limits) {
    const char *wallet = is_sender ? transfer->src : transfer->dst,
               *counterparty = is_sender ? transfer->dst : transfer->src;
    explanation_t *explanation = explanation_new(wallet, strlen(wallet), limits);
    explanation_set_transfer(explanation, transfer->tx_id, strlen(transfer->tx_id), counterparty,
                             strlen(counterparty), is_sender);
    return explanation;
}

/* The sender's instance answers, and says where it could not ask about the receiver. */
static void explain_sides(const queries_t *queries, const transfer_name_t *transfer, explanation_t *sender,
                          explanation_t *receiver, http_response_t *response) {
    wallet_answer_t answer = explain(queries, sender, transfer->src);
    if (answer != WALLET_FOUND) {
        query_answer_problem(response, answer, "src", transfer->src);
    } else if (!explanation_has_transfer(sender)) {
        http_problem(response, 404, "Unknown transfer", "dst",
                     "no transfer from \"%s\" to \"%s\" has been seen", transfer->src, transfer->dst);
    } else {
        explain(queries, receiver, transfer->dst);
        explanation_transfer_json(sender, receiver, &response->body);
    }
}

void query_explain_transfer(const http_request_t *request, http_response_t *response, void *context) {
    transfer_name_t transfer = {http_request_query(request, "tx_id"), http_request_query(request, "src"),
                                http_request_query(request, "dst")};
    explain_limits_t limits;
    if (!query_wallet_check(response, "src", transfer.src) ||
        !query_wallet_check(response, "dst", transfer.dst))
        return;
    if (!transfer.tx_id) transfer.tx_id = "";
    if (strlen(transfer.tx_id) > WALLET_SIZE_MAX) {
        http_problem(response, 400, "Invalid parameter", "tx_id", "tx_id must have at most %d bytes",
                     WALLET_SIZE_MAX);
        return;
    }
    if (!limits_read(request, response, &limits)) return;
    explanation_t *sender = side_new(&transfer, true, &limits),
                  *receiver = side_new(&transfer, false, &limits);
    explain_sides(context, &transfer, sender, receiver, response);
    explanation_free(sender);
    explanation_free(receiver);
}
