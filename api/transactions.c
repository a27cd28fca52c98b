#include "api/api.h"
#include "api/limits.h"
#include "api/params.h"

#include <inttypes.h>
#include <stdio.h>

/* SQL in pieces keeps its own lines. */
/* clang-format off */
#define TRANSACTION_JSON                                                                                     \
    "json_build_object('tx_id', tx_id, 'src', src, 'dst', dst, 'amount', amount, 'asset', asset, "           \
    "'timestamp', " SQL_ISO("\"timestamp\"") ", 'score', score, 'level', level, 'reasons', reasons)"

/* Each branch walks its own index and stops at the limit; a transfer of a wallet to itself is in both and counts once. */
static const statement_t of_wallet_statement = {
    "transactions_of_wallet",
    "SELECT json_build_object('items', coalesce(json_agg(" TRANSACTION_JSON "), '[]'), 'count', count(*))::text FROM ("
    " SELECT * FROM ("
    "  (SELECT * FROM transactions WHERE src = $2 ORDER BY \"timestamp\" DESC, tx_id LIMIT $1::int) UNION ALL"
    "  (SELECT * FROM transactions WHERE dst = $2 AND src <> $2 ORDER BY \"timestamp\" DESC, tx_id LIMIT $1::int)"
    " ) both_ways ORDER BY \"timestamp\" DESC, tx_id LIMIT $1::int) t",
    2};

static const statement_t latest_statement = {
    "transactions_latest",
    "SELECT json_build_object('items', coalesce(json_agg(" TRANSACTION_JSON "), '[]'), 'count', count(*))::text FROM ("
    " SELECT * FROM transactions ORDER BY \"timestamp\" DESC, tx_id LIMIT $1::int) t",
    1};

static const statement_t one_statement = {
    "transaction",
    "SELECT " TRANSACTION_JSON "::text FROM transaction_ids JOIN transactions USING (\"timestamp\", tx_id)"
    " WHERE tx_id = $1",
    1};
/* clang-format on */

void api_handle_transactions(const http_request_t *request, http_response_t *response, void *context) {
    static const char *const known[] = {"limit", "wallet", NULL};
    int64_t limit;
    const char *wallet;
    char limit_text[24], room[ADDRESS_SIZE + 1];
    if (!params_check(request, response, known)) return;
    if (!param_int(request, response, "limit", 1, LIMIT_MAX, LIMIT_DEFAULT, &limit)) return;
    if (!param_text(request, response, "wallet", &wallet)) return;
    snprintf(limit_text, sizeof limit_text, "%" PRId64, limit);
    api_answer_json(context, wallet ? &of_wallet_statement : &latest_statement,
                    (const char *[]){limit_text, wallet_normal(wallet, room)}, response);
}

void api_handle_transaction(const http_request_t *request, http_response_t *response, void *context) {
    static const char *const known[] = {NULL};
    const char *id;
    if (!params_check(request, response, known)) return;
    if (!param_path(request, response, "tx_id", &id)) return;
    if (!api_answer_json(context, &one_statement, &id, response) || response->body.size) return;
    http_problem(response, 404, "Unknown transaction", "tx_id",
                 "there is no transaction \"%s\"; one just sent appears once the sink has stored it", id);
}
