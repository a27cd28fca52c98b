/* The API's answers against a real Postgres. */
#include "api/limits.h"
#include "tests/api/support_http.h"
#include "tests/support/postgres.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void start(void) {
    server_tables();
    api_start(server_url());
}

static const char *text_of(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    ck_assert_msg(text != NULL, "no text \"%s\"", name);
    return text;
}

static int64_t int_of(const json_t *object, const char *name) {
    const json_t *value = json_object_get(object, name);
    ck_assert_msg(json_is_integer(value), "no integer \"%s\"", name);
    return json_integer_value(value);
}

static const json_t *items_of(const answer_t *answer) {
    ck_assert_msg(answer->status == 200, "%d %s", answer->status, answer->body);
    ck_assert_str_eq(answer->content_type, "application/json");
    const json_t *items = json_object_get(answer->json, "items");
    ck_assert_msg(json_is_array(items), "%s", answer->body);
    return items;
}

/* One field of every item, joined. */
static const char *joined(const answer_t *answer, const char *name) {
    static char text[4096];
    size_t index, at = 0;
    const json_t *item;
    text[0] = '\0';
    json_array_foreach(items_of(answer), index, item) {
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%s", index ? " " : "", text_of(item, name));
    }
    return text;
}

static void is_problem(const answer_t *answer, int status, const char *said) {
    ck_assert_msg(answer->status == status, "%d in place of %d: %s", answer->status, status, answer->body);
    ck_assert_str_eq(answer->content_type, "application/problem+json");
    ck_assert_int_eq(int_of(answer->json, "status"), status);
    const char *detail = text_of(answer->json, "detail");
    ck_assert_msg(strstr(detail, said) != NULL, "\"%s\" does not say \"%s\"", detail, said);
}

static void score_add(const char *wallet, double score, const char *level) {
    char sql[1024];
    snprintf(sql, sizeof sql,
             "INSERT INTO risk_scores VALUES('%s', %g, '%s', 3, 2, 1, 5, 4, 12.5, 0.1, "
             "'[{\"code\":\"fan_in\",\"contribution\":%g,\"evidence\":{}}]', '[]', 't1', 'r1', "
             "'2025-05-01 12:00:00.001+00', '2025-05-02 12:00:00+00', '2025-05-02 12:00:00.250+02')",
             wallet, score, level, score);
    server_run(sql);
}

static void alert_add(const char *id, const char *wallet, const char *typology, const char *time) {
    char sql[1024];
    snprintf(sql, sizeof sql,
             "INSERT INTO alerts VALUES('%s', '%s', 'high', '%s', 80, '[\"t1\"]', '[\"%s\"]', "
             "'{\"count\":3}', 'r1', '%s')",
             id, typology, wallet, wallet, time);
    server_run(sql);
}

static void transaction_add(const char *id, const char *src, const char *dst, const char *time) {
    char sql[1024];
    snprintf(sql, sizeof sql,
             "INSERT INTO transaction_ids VALUES('%s', '%s');"
             "INSERT INTO transactions VALUES('%s', '%s', '%s', 1.5, NULL, '%s', 10, 'low', '[]')",
             id, time, id, src, dst, time);
    server_run(sql);
}

/* Scores */

START_TEST(the_top_is_by_score_and_then_by_wallet) {
    score_add("b", 50, "medium");
    score_add("a", 50, "medium");
    score_add("d", 99.5, "critical");
    score_add("c", 1, "low");
    const answer_t *answer = ask("/scores/top");
    ck_assert_str_eq(joined(answer, "wallet"), "d a b c");
    ck_assert_int_eq(int_of(answer->json, "count"), 4);
    ck_assert_str_eq(joined(ask("/scores/top?limit=2"), "wallet"), "d a");
    ck_assert_str_eq(joined(ask("/scores/top?limit=1000"), "wallet"), "d a b c");
    ck_assert_str_eq(joined(ask("/scores/top?level=medium"), "wallet"), "a b");
    ck_assert_str_eq(joined(ask("/scores/top?min_score=50"), "wallet"), "d a b");
    ck_assert_str_eq(joined(ask("/scores/top?min_score=50.01&level=critical"), "wallet"), "d");
}
END_TEST

START_TEST(the_top_can_leave_out_wallets_that_are_only_labelled) {
    score_add("labelled", 100, "critical");
    score_add("busy", 50, "medium");
    server_run("UPDATE risk_scores SET received_count = 0, sent_count = 0 WHERE wallet = 'labelled'");
    ck_assert_str_eq(joined(ask("/scores/top"), "wallet"), "labelled busy");
    ck_assert_str_eq(joined(ask("/scores/top?active=true"), "wallet"), "busy");
    ck_assert_str_eq(joined(ask("/scores/top?active=false"), "wallet"), "labelled");
    is_problem(ask("/scores/top?active=yes"), 400, "one of true, false");
}
END_TEST

START_TEST(a_list_has_its_default_length_and_none_is_empty) {
    ck_assert_uint_eq(json_array_size(items_of(ask("/scores/top"))), 0);
    score_add("w", 5, "low");
    server_run(
        "INSERT INTO risk_scores(wallet, score, level, version, in_degree, out_degree, received_count, "
        "sent_count, received_total, sent_total, reasons, exposures) SELECT wallet || i, i % 100, level, "
        "version, "
        "in_degree, out_degree, received_count, sent_count, received_total, sent_total, reasons, exposures "
        "FROM risk_scores, generate_series(1, 2000) i");
    ck_assert_uint_eq(json_array_size(items_of(ask("/scores/top"))), LIMIT_DEFAULT);
    ck_assert_uint_eq(json_array_size(items_of(ask("/scores/top?limit=1000"))), LIMIT_MAX);
}
END_TEST

START_TEST(a_score_has_every_field_of_its_record) {
    score_add("w", 87.25, "high");
    const answer_t *answer = ask("/scores/w");
    ck_assert_int_eq(answer->status, 200);
    const json_t *score = answer->json;
    ck_assert_str_eq(text_of(score, "wallet"), "w");
    ck_assert_double_eq(json_number_value(json_object_get(score, "score")), 87.25);
    ck_assert_str_eq(text_of(score, "level"), "high");
    ck_assert_int_eq(int_of(score, "version"), 3);
    ck_assert_int_eq(int_of(score, "in_degree"), 2);
    ck_assert_int_eq(int_of(score, "out_degree"), 1);
    ck_assert_int_eq(int_of(score, "received_count"), 5);
    ck_assert_int_eq(int_of(score, "sent_count"), 4);
    ck_assert_double_eq(json_number_value(json_object_get(score, "received_total")), 12.5);
    ck_assert_double_eq(json_number_value(json_object_get(score, "sent_total")), 0.1);
    ck_assert(json_is_array(json_object_get(score, "reasons")));
    ck_assert(json_is_array(json_object_get(score, "exposures")));
    ck_assert_str_eq(text_of(score, "tx_id"), "t1");
    ck_assert_str_eq(text_of(score, "rules_version"), "r1");
    ck_assert_str_eq(text_of(score, "first_seen"), "2025-05-01T12:00:00.001Z");
    ck_assert_str_eq(text_of(score, "last_seen"), "2025-05-02T12:00:00.000Z");
    ck_assert_str_eq(text_of(score, "updated_at"), "2025-05-02T10:00:00.250Z");
}
END_TEST

START_TEST(an_unknown_wallet_is_a_problem) {
    is_problem(ask("/scores/nobody"), 404, "no transfer of wallet \"nobody\"");
    ck_assert_str_eq(text_of(ask("/scores/nobody")->json, "parameter"), "wallet");
}
END_TEST

static const char *const odd_wallets[] = {"a/b",   "ü€😀",        "..",          "a b", "%41",
                                          "a?b#c", "\"quoted\"", "back\\slash", "Top"};

START_TEST(a_wallet_may_be_any_text) {
    const char *wallet = odd_wallets[_i];
    score_add(wallet, 5, "low");
    const answer_t *answer = ask_with("/scores/%s", wallet);
    ck_assert_msg(answer->status == 200, "%s: %s", wallet, answer->body);
    ck_assert_str_eq(text_of(answer->json, "wallet"), wallet);
}
END_TEST

START_TEST(an_ethereum_address_may_be_asked_for_in_any_case) {
    static const char lower[] = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
                      checksummed[] = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
    score_add(lower, 5, "low");
    alert_add("1", lower, "fan_in", "2025-05-01 00:00:00+00");
    transaction_add("t1", lower, "b", "2025-05-01 00:00:00+00");
    ck_assert_str_eq(text_of(ask_with("/scores/%s", checksummed)->json, "wallet"), lower);
    ck_assert_str_eq(joined(ask_with("/alerts?wallet=%s", checksummed), "alert_id"), "1");
    ck_assert_str_eq(joined(ask_with("/transactions?wallet=%s", checksummed), "tx_id"), "t1");
}
END_TEST

START_TEST(a_wallet_has_at_most_256_bytes) {
    char wallet[TEXT_SIZE_MAX + 2] = "";
    memset(wallet, 'w', TEXT_SIZE_MAX + 1);
    is_problem(ask_with("/scores/%s", wallet), 400, "1 to 256 bytes long");
    wallet[TEXT_SIZE_MAX] = '\0';
    is_problem(ask_with("/scores/%s", wallet), 404, "has been scored yet");
}
END_TEST

/* Alerts */

START_TEST(alerts_come_newest_first_and_filtered) {
    alert_add("1", "w", "fan_in", "2025-05-01 10:00");
    alert_add("3", "v", "fan_in", "2025-05-01 12:00");
    alert_add("2", "w", "structuring", "2025-05-01 11:00");
    ck_assert_str_eq(joined(ask("/alerts"), "alert_id"), "3 2 1");
    ck_assert_str_eq(joined(ask("/alerts?wallet=w"), "alert_id"), "2 1");
    ck_assert_str_eq(joined(ask("/alerts?typology=fan_in"), "alert_id"), "3 1");
    ck_assert_str_eq(joined(ask("/alerts?wallet=w&typology=fan_in"), "alert_id"), "1");
    ck_assert_str_eq(joined(ask("/alerts?wallet=nobody"), "alert_id"), "");
    const json_t *alert = ask("/alerts/2")->json;
    ck_assert_str_eq(text_of(alert, "typology"), "structuring");
    ck_assert_str_eq(text_of(alert, "created_at"), "2025-05-01T11:00:00.000Z");
    ck_assert_int_eq(int_of(json_object_get(alert, "evidence"), "count"), 3);
    is_problem(ask("/alerts/none"), 404, "there is no alert \"none\"");
}
END_TEST

/* All alert ids by pages of `limit`, and how many pages there were. */
static int pages_walk(int limit, char *ids, size_t size) {
    char target[1024], cursor[512] = "";
    int pages = 0;
    ids[0] = '\0';
    do {
        snprintf(target, sizeof target, "/alerts?limit=%d%s%%s", limit, cursor[0] ? "&before=" : "");
        const answer_t *answer = ask_with(target, cursor);
        snprintf(ids + strlen(ids), size - strlen(ids), "%s%s", ids[0] ? " " : "",
                 joined(answer, "alert_id"));
        const char *next = json_string_value(json_object_get(answer->json, "next"));
        snprintf(cursor, sizeof cursor, "%s", next ? next : "");
        ck_assert_int_lt(++pages, 100);
    } while (cursor[0]);
    return pages;
}

START_TEST(pages_show_each_alert_once) {
    static const char *const all = "far z y x.2 x.1 x early";
    char ids[256];
    alert_add("x", "w", "fan_in", "2025-05-01 10:00:00.001");
    alert_add("x.1", "w", "fan_in", "2025-05-01 10:00:00.001");
    alert_add("x.2", "w", "fan_in", "2025-05-01 10:00:00.001");
    alert_add("y", "w", "fan_in", "2025-05-01 10:00:00.002");
    alert_add("z", "w", "fan_in", "2025-05-01 10:00:00.003");
    alert_add("far", "w", "fan_in", "9999-12-31 23:59:59.999");
    alert_add("early", "w", "fan_in", "0001-01-01 00:00:00.001");
    for (int limit = 1; limit <= 8; limit++) {
        int pages = pages_walk(limit, ids, sizeof ids);
        ck_assert_str_eq(ids, all);
        ck_assert_int_eq(pages, (7 + limit - 1) / limit);
    }
}
END_TEST

static const char *const wrong_cursors[] = {
    "",     "x",    "1", "1.", ".x", "-.x", "1x.y", "9999999999999999999.x", "-999999999999999999.x",
    "1 .x", "0x1.y"};

START_TEST(a_cursor_that_was_not_given_out_is_refused) {
    is_problem(ask_with("/alerts?before=%s", wrong_cursors[_i]), 400, "as it came");
}
END_TEST

START_TEST(the_outermost_cursors_are_times) {
    alert_add("1", "w", "fan_in", "2025-05-01 10:00");
    ck_assert_str_eq(joined(ask("/alerts?before=999999999999999999.x"), "alert_id"), "1");
    ck_assert_str_eq(joined(ask("/alerts?before=-99999999999999999.x"), "alert_id"), "");
}
END_TEST

/* Transactions */

START_TEST(transfers_of_a_wallet_are_those_in_and_out) {
    transaction_add("t1", "a", "b", "2025-05-01 10:00");
    transaction_add("t2", "b", "a", "2025-05-01 11:00");
    transaction_add("t3", "a", "a", "2025-05-01 12:00");
    transaction_add("t4", "b", "c", "2025-05-01 13:00");
    ck_assert_str_eq(joined(ask("/transactions?wallet=a"), "tx_id"), "t3 t2 t1");
    ck_assert_str_eq(joined(ask("/transactions?wallet=a&limit=2"), "tx_id"), "t3 t2");
    ck_assert_str_eq(joined(ask("/transactions"), "tx_id"), "t4 t3 t2 t1");
    const json_t *transfer = ask("/transactions/t1")->json;
    ck_assert_str_eq(text_of(transfer, "src"), "a");
    ck_assert_str_eq(text_of(transfer, "timestamp"), "2025-05-01T10:00:00.000Z");
    ck_assert(json_is_null(json_object_get(transfer, "asset")));
    is_problem(ask("/transactions/none"), 404, "there is no transaction \"none\"");
}
END_TEST

/* Any text is text */

static const char *const injections[] = {"' OR '1'='1",
                                         "'; DROP TABLE risk_scores; --",
                                         "\" OR 1=1 --",
                                         "$1",
                                         "1) UNION SELECT version() --",
                                         "\\'; SELECT 1",
                                         "%' OR wallet LIKE '%",
                                         "a'||pg_sleep(9)||'",
                                         "E'\\x41'",
                                         "{\"$gt\":\"\"}"};

static const char *const free_targets[] = {"/scores/%s",          "/alerts/%s",
                                           "/transactions/%s",    "/alerts?wallet=%s",
                                           "/alerts?typology=%s", "/transactions?wallet=%s",
                                           "/alerts?before=1.%s"};

static const char *const bound_targets[] = {
    "/scores/top?limit=%s",   "/scores/top?level=%s", "/scores/top?min_score=%s",
    "/scores/top?active=%s",  "/alerts?limit=%s",     "/alerts?before=%s",
    "/transactions?limit=%s", "/scores/top?%s=1",     "/ingestion/status?%s=1"};

START_TEST(sql_in_a_parameter_is_just_text) {
    score_add("w", 5, "low");
    alert_add("1", "w", "fan_in", "2025-05-01 10:00");
    transaction_add("t1", "a", "b", "2025-05-01 10:00");
    for (size_t i = 0; i < sizeof free_targets / sizeof *free_targets; i++) {
        const answer_t *answer = ask_with(free_targets[i], injections[_i]);
        if (answer->status == 200)
            ck_assert_uint_eq(json_array_size(items_of(answer)), 0);
        else
            is_problem(answer, 404, injections[_i]);
    }
    for (size_t i = 0; i < sizeof bound_targets / sizeof *bound_targets; i++) {
        const answer_t *answer = ask_with(bound_targets[i], injections[_i]);
        ck_assert_msg(answer->status == 400, "%s: %d %s", bound_targets[i], answer->status, answer->body);
    }
    ck_assert_str_eq(server_value("SELECT count(*) FROM risk_scores, alerts, transactions"), "1");
}
END_TEST

/* Ingestion */

START_TEST(the_status_adds_up_the_partitions) {
    server_run(
        "INSERT INTO ingestion_state VALUES"
        "('transaction-risk', 0, 99, 'ta', '2025-05-01 10:00', 90, 5, 0, 7, NULL, NULL, '2025-06-01 10:00'),"
        "('transaction-risk', 1, 49, 'tb', '2025-05-01 09:00', 50, 0, 0, 3, NULL, NULL, '2025-06-01 11:00'),"
        "('risk-scores', 0, 9, NULL, NULL, 10, 1, 0, 0, NULL, NULL, '2025-06-01 10:30'),"
        "('transactions-dlq', 0, 1, NULL, NULL, 0, 0, 2, 0, 'amount is \"x\"', '2025-06-01 10:10', "
        "'2025-06-01 10:10');"
        "INSERT INTO sink_offsets VALUES('transaction-risk', 0, 100), ('alerts', 2, 4);"
        "INSERT INTO scoring_runs VALUES('r1', 'done', 'v1', '2025-05-01', '2025-05-02', 5), "
        "('r2', 'running', 'v2', '2025-05-03', NULL, 1)");
    const answer_t *answer = ask("/ingestion/status");
    ck_assert_msg(answer->status == 200 && answer->json, "%s", answer->body);
    const json_t *status = answer->json, *lag = json_object_get(status, "lag");
    ck_assert_str_eq(text_of(status, "state"), "ok");
    ck_assert_int_eq(int_of(status, "total_inserted"), 140);
    ck_assert_int_eq(int_of(status, "duplicates"), 5);
    ck_assert_int_eq(int_of(status, "rejected"), 2);
    ck_assert_int_eq(int_of(lag, "sink"), 10);
    ck_assert(json_is_null(json_object_get(lag, "processor")));
    ck_assert_str_eq(text_of(json_object_get(status, "last_transaction"), "tx_id"), "tb");
    ck_assert_str_eq(text_of(json_object_get(status, "last_transaction"), "timestamp"),
                     "2025-05-01T09:00:00.000Z");
    ck_assert_str_eq(text_of(json_object_get(status, "last_error"), "reason"), "amount is \"x\"");
    ck_assert_str_eq(text_of(json_object_get(status, "last_error"), "at"), "2025-06-01T10:10:00.000Z");
    ck_assert_str_eq(text_of(json_object_get(status, "last_error"), "topic"), "transactions-dlq");
    const json_t *partitions = json_object_get(status, "partitions");
    ck_assert_str_eq(text_of(json_array_get(partitions, 4), "last_error"), "amount is \"x\"");
    ck_assert_str_eq(text_of(status, "updated_at"), "2025-06-01T11:00:00.000Z");
    ck_assert_str_eq(text_of(json_object_get(status, "latest_scoring_run"), "run_id"), "r2");
    ck_assert_uint_eq(json_array_size(json_object_get(status, "partitions")), 5);
}
END_TEST

START_TEST(an_empty_database_is_starting) {
    const answer_t *answer = ask("/ingestion/status");
    ck_assert_msg(answer->status == 200 && answer->json, "%s", answer->body);
    ck_assert_str_eq(text_of(answer->json, "state"), "starting");
    ck_assert_int_eq(int_of(answer->json, "total_inserted"), 0);
    ck_assert_double_eq(json_number_value(json_object_get(answer->json, "rate_per_s")), 0);
    ck_assert(json_is_null(json_object_get(answer->json, "last_transaction")));
    ck_assert(json_is_null(json_object_get(answer->json, "last_error")));
    ck_assert(json_is_null(json_object_get(answer->json, "latest_scoring_run")));
}
END_TEST

START_TEST(a_record_refused_just_now_makes_the_state_degraded) {
    server_run("INSERT INTO ingestion_state VALUES"
               "('transaction-risk', 0, 99, 'ta', now(), 90, 5, 0, 0, NULL, NULL, now()),"
               "('transactions-dlq', 0, 1, NULL, NULL, 0, 0, 2, 0, 'not JSON', now(), now())");
    const json_t *status = ask("/ingestion/status")->json;
    ck_assert_str_eq(text_of(status, "state"), "degraded");
    const json_t *reasons = json_object_get(status, "reasons");
    ck_assert_uint_eq(json_array_size(reasons), 1);
    ck_assert_str_eq(json_string_value(json_array_get(reasons, 0)),
                     "a record was refused less than 60 s ago: not JSON");
}
END_TEST

static bool status_has_rate(void) {
    return json_number_value(json_object_get(ask("/ingestion/status")->json, "rate_per_s")) > 0;
}

static void nap(void) { usleep(50 * 1000); }

/* Whether it comes true within the seconds. */
static bool soon(bool (*is_so)(void), int seconds) {
    time_t end = time(NULL) + seconds;
    while (!is_so() && time(NULL) <= end) nap();
    return is_so();
}

START_TEST(the_rate_is_what_was_stored_lately) {
    server_run("INSERT INTO ingestion_state(topic, partition, inserted) VALUES('transaction-risk', 0, 0)");
    ck_assert(!status_has_rate());
    for (int i = 0; i < 40 && !status_has_rate(); i++) {
        server_run("UPDATE ingestion_state SET inserted = inserted + 50");
        nap();
    }
    ck_assert(status_has_rate());
}
END_TEST

/* Postgres away */

START_TEST(a_missing_table_is_told_by_ready) {
    ck_assert_int_eq(ask("/ready")->status, 200);
    server_run("DROP TABLE scoring_runs, alerts CASCADE");
    is_problem(ask("/ready"), 503, "alerts, scoring_runs");
    ck_assert_str_eq(ask("/ready")->retry_after, "2");
    is_problem(ask("/alerts"), 503, "amlstream migrate");
    ck_assert_int_eq(ask("/health")->status, 200);
    server_tables();
    ck_assert_int_eq(ask("/ready")->status, 200);
    ck_assert_int_eq(ask("/alerts")->status, 200);
}
END_TEST

static bool is_ready(void) { return ask("/ready")->status == 200; }

static const char *const postgres_targets[] = {"/scores/top",       "/scores/w",     "/alerts",
                                               "/alerts/1",         "/transactions", "/transactions/1",
                                               "/ingestion/status", "/ready"};

START_TEST(without_postgres_it_says_so_and_lives_again_by_itself) {
    score_add("w", 5, "low");
    ck_assert_int_eq(ask("/scores/w")->status, 200);
    server_stop();
    for (size_t i = 0; i < sizeof postgres_targets / sizeof *postgres_targets; i++) {
        const answer_t *answer = ask(postgres_targets[i]);
        is_problem(answer, 503, "Postgres does not answer");
        ck_assert_str_eq(answer->retry_after, "2");
    }
    ck_assert_int_eq(ask("/health")->status, 200);
    ck_assert_int_eq(ask("/version")->status, 200);
    ck_assert_ptr_nonnull(strstr(ask("/metrics")->body, "\namlstream_api_postgres_up 0\n"));
    server_start();
    ck_assert(soon(is_ready, 10));
    ck_assert_int_eq(ask("/scores/w")->status, 200);
    ck_assert_ptr_nonnull(strstr(ask("/metrics")->body, "\namlstream_api_postgres_up 1\n"));
}
END_TEST

START_TEST(a_restart_of_postgres_fails_no_request) {
    score_add("w", 5, "low");
    for (int i = 0; i < 8; i++) ck_assert_int_eq(ask("/scores/w")->status, 200);
    server_stop();
    server_start();
    ck_assert(soon(is_ready, 10));
    for (int i = 0; i < 8; i++) ck_assert_int_eq(ask("/scores/w")->status, 200);
}
END_TEST

START_TEST(the_index_names_every_path) {
    const answer_t *answer = ask("/");
    ck_assert_int_eq(answer->status, 200);
    ck_assert_ptr_nonnull(strstr(answer->body, "\"GET /scores/{wallet}\""));
    is_problem(ask("/nothing"), 404, "nothing at this path");
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        the_top_is_by_score_and_then_by_wallet,
        the_top_can_leave_out_wallets_that_are_only_labelled,
        a_list_has_its_default_length_and_none_is_empty,
        a_score_has_every_field_of_its_record,
        an_unknown_wallet_is_a_problem,
        an_ethereum_address_may_be_asked_for_in_any_case,
        a_wallet_has_at_most_256_bytes,
        alerts_come_newest_first_and_filtered,
        pages_show_each_alert_once,
        the_outermost_cursors_are_times,
        transfers_of_a_wallet_are_those_in_and_out,
        the_status_adds_up_the_partitions,
        an_empty_database_is_starting,
        a_record_refused_just_now_makes_the_state_degraded,
        the_rate_is_what_was_stored_lately,
        a_missing_table_is_told_by_ready,
        without_postgres_it_says_so_and_lives_again_by_itself,
        a_restart_of_postgres_fails_no_request,
        the_index_names_every_path,
        NULL,
    };
    TCase *group = suite_group("handlers", tests, 60);
    tcase_add_unchecked_fixture(group, server_new, server_remove);
    tcase_add_checked_fixture(group, start, api_stop);
    tcase_add_loop_test(group, a_wallet_may_be_any_text, 0, sizeof odd_wallets / sizeof *odd_wallets);
    tcase_add_loop_test(group, a_cursor_that_was_not_given_out_is_refused, 0,
                        sizeof wrong_cursors / sizeof *wrong_cursors);
    tcase_add_loop_test(group, sql_in_a_parameter_is_just_text, 0, sizeof injections / sizeof *injections);
    return suite_run_groups("handlers", (TCase *const[]){group, NULL});
}
