#include "api/api.h"
#include "api/limits.h"
#include "api/params.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* SQL in pieces keeps its own lines. */
/* clang-format off */
#define SCORE_COLUMNS                                                                                        \
    "wallet, score, level, version, in_degree, out_degree, received_count, sent_count, received_total, "     \
    "sent_total, reasons, exposures, tx_id, rules_version, " SQL_ISO("first_seen") " AS first_seen, "        \
    SQL_ISO("last_seen") " AS last_seen, " SQL_ISO("updated_at") " AS updated_at"

#define TOP_SQL(level_)                                                                                      \
    "SELECT json_build_object('items', coalesce(json_agg(t), '[]'), 'count', count(*),"                      \
    " 'as_of', " SQL_ISO("now()") ")::text"                                                                  \
    " FROM (SELECT " SCORE_COLUMNS " FROM risk_scores"                                                       \
    " WHERE " level_ " AND score >= $3::float8"                                                              \
    " AND ($4::text IS NULL OR (received_count + sent_count > 0) = ($4 = 'true'))"                           \
    " ORDER BY risk_scores.score DESC, risk_scores.wallet LIMIT $1::int) t"

/* The index by level has every level but the lowest. */
static const statement_t top_statement = {"scores_top", TOP_SQL("$2::text IS NULL"), 4};
static const statement_t top_of_low_statement = {"scores_top_of_low", TOP_SQL("level = $2"), 4};
static const statement_t top_of_level_statement = {
    "scores_top_of_level", TOP_SQL("level = $2 AND level <> 'low'"), 4};

static const statement_t wallet_statement = {
    "score_wallet",
    "SELECT row_to_json(t)::text FROM (SELECT " SCORE_COLUMNS " FROM risk_scores WHERE risk_scores.wallet = $1) t",
    1};
/* clang-format on */

static const char *const levels[] = {"low", "medium", "high", "critical", NULL};
static const char *const truths[] = {"true", "false", NULL};

void api_handle_scores_top(const http_request_t *request, http_response_t *response, void *context) {
    static const char *const known[] = {"limit", "level", "min_score", "active", NULL};
    int64_t limit;
    bool given;
    double min_score;
    const char *level, *active;
    if (!params_check(request, response, known)) return;
    if (!param_int(request, response, "limit", 1, LIMIT_MAX, LIMIT_DEFAULT, &limit)) return;
    if (!param_choice(request, response, "level", levels, &level)) return;
    if (!param_number(request, response, "min_score", 0, 100, &given, &min_score)) return;
    if (!param_choice(request, response, "active", truths, &active)) return;
    char limit_text[24], min_text[32];
    snprintf(limit_text, sizeof limit_text, "%" PRId64, limit);
    snprintf(min_text, sizeof min_text, "%.17g", given ? min_score : 0);
    const statement_t *statement = !level                      ? &top_statement
                                   : strcmp(level, "low") == 0 ? &top_of_low_statement
                                                               : &top_of_level_statement;
    api_answer_json(context, statement, (const char *[]){limit_text, level, min_text, active}, response);
}

void api_handle_score(const http_request_t *request, http_response_t *response, void *context) {
    static const char *const known[] = {NULL};
    const char *wallet;
    char room[ADDRESS_SIZE + 1];
    if (!params_check(request, response, known)) return;
    if (!param_path(request, response, "wallet", &wallet)) return;
    const char *normal = wallet_normal(wallet, room);
    if (!api_answer_json(context, &wallet_statement, &normal, response) || response->body.size) return;
    http_problem(response, 404, "Unknown wallet", "wallet",
                 "no transfer of wallet \"%s\" has been scored yet", wallet);
}
