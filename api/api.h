/* `amlstream api`: what its handlers share. */
#pragma once

#include "api/pool.h"
#include "common/http.h"
#include "common/settings.h"

#include <stdbool.h>

extern const command_t api_command;

typedef struct sampler sampler_t;

typedef struct {
    pool_t *pool;
    sampler_t *sampler;
} api_t;

extern const http_route_t api_routes[];

/* Runs a statement whose only value is the JSON to answer with. False after it made the response a problem;
 * true with nothing added to the body where there was no row. */
bool api_answer_json(const api_t *api, const statement_t *statement, const char *const *values,
                     http_response_t *response);
/* Makes the response the problem that `err` is, and frees it: 503 where Postgres is away, else 500. */
void api_answer_error(http_response_t *response, err_t *err);

/* One handler a route; context is the api_t. */
void api_handle_index(const http_request_t *request, http_response_t *response, void *context);
void api_handle_ready(const http_request_t *request, http_response_t *response, void *context);
void api_handle_scores_top(const http_request_t *request, http_response_t *response, void *context);
void api_handle_score(const http_request_t *request, http_response_t *response, void *context);
void api_handle_alerts(const http_request_t *request, http_response_t *response, void *context);
void api_handle_alert(const http_request_t *request, http_response_t *response, void *context);
void api_handle_ingestion_status(const http_request_t *request, http_response_t *response, void *context);
void api_handle_transactions(const http_request_t *request, http_response_t *response, void *context);
void api_handle_transaction(const http_request_t *request, http_response_t *response, void *context);

/* A time of Postgres as the API shows it, as a piece of SQL. */
#define SQL_ISO(time_) "to_char(" time_ " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
