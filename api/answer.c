#include "api/api.h"

#include "api/limits.h"
#include "common/log.h"

#include <string.h>

void api_answer_error(http_response_t *response, err_t *err) {
    if (err_exit_code(err) == EXIT_UNAVAILABLE) {
        http_problem(response, 503, "Database unavailable", NULL, "%s", err_message(err));
        response->retry_after_s = RETRY_AFTER_S;
    } else {
        /* Our own mistake: the log has the words, the client only where to find them. */
        log_error("query failed", LOG_STR("error", err_message(err)));
        http_problem(
            response, 500, "Internal error", NULL,
            "the request could not be answered; the log of the API names the reason beside this answer's "
            "X-Request-Id");
    }
    err_free(err);
}

bool api_answer_json(const api_t *api, const statement_t *statement, const char *const *values,
                     http_response_t *response) {
    PGresult *result;
    err_t *err = pool_query(api->pool, statement, values, &result);
    if (err) {
        api_answer_error(response, err);
        return false;
    }
    if (PQntuples(result) > 0 && !PQgetisnull(result, 0, 0)) {
        buf_add(&response->body, PQgetvalue(result, 0, 0), (size_t)PQgetlength(result, 0, 0));
    }
    PQclear(result);
    return true;
}
