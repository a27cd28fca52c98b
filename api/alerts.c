#include "api/api.h"
#include "api/limits.h"
#include "api/params.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* SQL in pieces keeps its own lines. */
/* clang-format off */
#define ALERT_JSON                                                                                           \
    "json_build_object('alert_id', alert_id, 'typology', typology, 'severity', severity, 'wallet', wallet, " \
    "'score', score, 'tx_ids', tx_ids, 'wallets', wallets, 'evidence', evidence, "                           \
    "'rules_version', rules_version, 'created_at', " SQL_ISO("created_at") ")"

/* One row more than the page tells whether there is a next one. The cursor is the time in µs and the id of
 * the page's last alert; what is absent compares as after everything, so that the index is used from its
 * start. An interval times a number is reckoned in floating point, which seconds and the rest apart keep
 * exact. */
#define LIST_SQL(filter_)                                                                                    \
    "WITH page AS ("                                                                                         \
    " SELECT *, row_number() OVER (ORDER BY created_at DESC, alert_id DESC) AS place FROM alerts"            \
    " WHERE " filter_ " AND (created_at, alert_id) < (coalesce("                                             \
    "  'epoch'::timestamptz + $4::int8 / 1000000 * interval '1 second'"                                      \
    "  + $4::int8 % 1000000 * interval '1 microsecond', 'infinity'), coalesce($5::text, ''))"                \
    " ORDER BY created_at DESC, alert_id DESC LIMIT $1::int + 1) "                                           \
    "SELECT json_build_object("                                                                              \
    " 'items', (SELECT coalesce(json_agg(" ALERT_JSON " ORDER BY place), '[]') FROM page"                    \
    "  WHERE place <= $1::int),"                                                                             \
    " 'next', (SELECT (extract(epoch FROM created_at) * 1000000)::int8 || '.' || alert_id"                   \
    "  FROM page WHERE place = $1::int AND EXISTS (SELECT FROM page WHERE place > $1::int)))::text"

/* By whether there is a wallet, then a typology. One statement with "or is null" could not use the index of
 * either. */
static const statement_t list_statements[2][2] = {
    {{"alerts", LIST_SQL("$2::text IS NULL AND $3::text IS NULL"), 5},
     {"alerts_of_typology", LIST_SQL("$2::text IS NULL AND typology = $3"), 5}},
    {{"alerts_of_wallet", LIST_SQL("wallet = $2 AND $3::text IS NULL"), 5},
     {"alerts_of_both", LIST_SQL("wallet = $2 AND typology = $3"), 5}}};

static const statement_t one_statement = {
    "alert", "SELECT " ALERT_JSON "::text FROM alerts WHERE alert_id = $1", 1};
/* clang-format on */

/* Splits "1767323045678000.0f3a…" into its digits, copied, and its id, borrowed. */
static bool cursor_parse(const char *cursor, char time[24], const char **id) {
    size_t sign = *cursor == '-', digits = strspn(cursor + sign, "0123456789");
    /* With more, it would be a time that Postgres does not have. */
    size_t digits_max = sign ? 17 : 18;
    if (digits == 0 || digits > digits_max || cursor[sign + digits] != '.') return false;
    if (strlen(cursor) > CURSOR_SIZE_MAX) return false;
    memcpy(time, cursor, sign + digits);
    time[sign + digits] = '\0';
    *id = cursor + sign + digits + 1;
    return **id != '\0';
}

void api_handle_alerts(const http_request_t *request, http_response_t *response, void *context) {
    static const char *const known[] = {"limit", "wallet", "typology", "before", NULL};
    int64_t limit;
    const char *wallet, *typology, *id = NULL, *before = http_request_query(request, "before");
    char limit_text[24], time[24], room[ADDRESS_SIZE + 1];
    if (!params_check(request, response, known)) return;
    if (!param_int(request, response, "limit", 1, LIMIT_MAX, LIMIT_DEFAULT, &limit)) return;
    if (!param_text(request, response, "wallet", &wallet)) return;
    if (!param_text(request, response, "typology", &typology)) return;
    if (before && !cursor_parse(before, time, &id)) {
        http_problem(response, 400, "Invalid parameter", "before",
                     "before must be the \"next\" of an earlier answer, as it came");
        return;
    }
    snprintf(limit_text, sizeof limit_text, "%" PRId64, limit);
    const char *values[] = {limit_text, wallet_normal(wallet, room), typology, before ? time : NULL, id};
    api_answer_json(context, &list_statements[wallet != NULL][typology != NULL], values, response);
}

void api_handle_alert(const http_request_t *request, http_response_t *response, void *context) {
    static const char *const known[] = {NULL};
    const char *id;
    if (!params_check(request, response, known)) return;
    if (!param_path(request, response, "alert_id", &id)) return;
    if (!api_answer_json(context, &one_statement, &id, response) || response->body.size) return;
    http_problem(response, 404, "Unknown alert", "alert_id", "there is no alert \"%s\"", id);
}
