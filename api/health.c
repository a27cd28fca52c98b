#include "api/api.h"
#include "api/limits.h"

/* What the API reads; the sink's migrations make it. */
static const statement_t missing_statement = {
    "missing_tables",
    "SELECT string_agg(name, ', ') FROM unnest(ARRAY['transactions', 'transaction_ids', 'risk_scores', "
    "'alerts', "
    "'ingestion_state', "
    "'sink_offsets', 'scoring_runs']) name WHERE to_regclass(name) IS NULL",
    0};

void api_handle_ready(const http_request_t *request, http_response_t *response, void *context) {
    (void)request;
    const api_t *api = context;
    PGresult *result;
    err_t *err = pool_query(api->pool, &missing_statement, NULL, &result);
    if (err) {
        http_problem(response, 503, "Not ready", NULL, "%s", err_message(err));
        response->retry_after_s = RETRY_AFTER_S;
        err_free(err);
        return;
    }
    if (PQgetisnull(result, 0, 0)) {
        buf_add_str(&response->body, "{\"status\":\"ready\"}");
    } else {
        http_problem(
            response, 503, "Not ready", NULL,
            "the database has no table %s; run `amlstream migrate`, or start the sink, which does so",
            PQgetvalue(result, 0, 0));
        response->retry_after_s = RETRY_AFTER_S;
    }
    PQclear(result);
}
