/* What becomes of the records of each topic. */
#include "tests/sink/support_database.h"
#include "tests/sink/support_records.h"
#include "tests/support/suite.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

enum { NOTICE_LIMIT = 20 };

static const char *transfer_at(const char *tx_id, const char *time) {
    static char texts[8][512];
    static int latest;
    char *text = texts[latest++ % 8];
    snprintf(text, sizeof texts[0],
             "{\"tx_id\":\"%s\",\"src\":\"a\",\"dst\":\"b\",\"amount\":1,\"timestamp\":\"%s\",\"score\":1,"
             "\"level\":\"low\",\"reasons\":[],\"value\":2.50,\"unknown\":{\"x\":[1]}}",
             tx_id, time);
    return text;
}

START_TEST(an_id_is_one_transfer_whatever_its_month) {
    database_setup();
    add(batch, INPUT_TRANSFERS, 0, 0, 0, transfer_at("t1", "2026-01-31T23:59:59.999Z"));
    write_batch(true);
    add(batch, INPUT_TRANSFERS, 0, 1, 1, transfer_at("t1", "2026-02-01T00:00:00.000Z"));
    add(batch, INPUT_TRANSFERS, 0, 1, 2, transfer_at("t2", "2026-02-01T00:00:00.000Z"));
    add(batch, INPUT_TRANSFERS, 0, 1, 3, transfer_at("t2", "1999-02-01T00:00:00.000Z"));
    write_batch(true);
    check_value(
        "SELECT string_agg(concat(tx_id, ' ', tableoid::regclass), ', ' ORDER BY tx_id) FROM transactions",
        "t1 transactions_y2026m01, t2 transactions_y2026m02");
    check_value("SELECT concat(inserted, ' ', duplicates) FROM ingestion_state", "2 2");
    database_teardown();
}
END_TEST

static const char *transfer_revised(const char *tx_id, const char *src, int revision, double score) {
    static char texts[8][512];
    static int latest;
    char *text = texts[latest++ % 8];
    snprintf(text, sizeof texts[0],
             "{\"tx_id\":\"%s\",\"src\":\"%s\",\"dst\":\"b\",\"amount\":1,\"timestamp\":\"2026-01-31\","
             "\"revision\":%d,"
             "\"score\":%g,\"level\":\"high\",\"reasons\":[{\"code\":\"x\"}]}",
             tx_id, src, revision, score);
    return text;
}

START_TEST(a_transfers_risk_that_is_told_anew_replaces_the_old_one) {
    database_setup();
    add(batch, INPUT_TRANSFERS, 0, 0, 0, transfer_at("t1", "2026-01-31"));
    add(batch, INPUT_TRANSFERS, 0, 0, 1, transfer_at("t2", "2026-01-31"));
    add(batch, INPUT_TRANSFERS, 0, 0, 2, transfer_revised("t2", "a", 1, 60));
    add(batch, INPUT_TRANSFERS, 0, 0, 3, transfer_revised("t3", "a", 2, 70));
    write_batch(true);
    check_value(
        "SELECT string_agg(concat(tx_id, ':', revision, ':', score), ' ' ORDER BY tx_id) FROM transactions",
        "t1:0:1 t2:1:60 t3:2:70");
    add(batch, INPUT_TRANSFERS, 0, 4, 4, transfer_revised("t1", "a", 2, 65));
    add(batch, INPUT_TRANSFERS, 0, 4, 5, transfer_revised("t1", "a", 1, 55));
    add(batch, INPUT_TRANSFERS, 0, 4, 6, transfer_revised("t2", "other", 9, 99));
    add(batch, INPUT_TRANSFERS, 0, 4, 7, transfer_at("t3", "2026-01-31"));
    add(batch, INPUT_TRANSFERS, 0, 4, 8, transfer_at("t4", "2026-01-31"));
    write_batch(true);
    check_value(
        "SELECT string_agg(concat(tx_id, ':', revision, ':', score), ' ' ORDER BY tx_id) FROM transactions",
        "t1:2:65 t2:1:60 t3:2:70 t4:0:1");
    check_value("SELECT concat(reasons->0->>'code', ' ', level) FROM transactions WHERE tx_id = 't1'",
                "x high");
    check_value("SELECT concat(inserted, ' ', revised, ' ', duplicates) FROM ingestion_state", "4 1 3");
    database_teardown();
}
END_TEST

START_TEST(a_transfer_of_any_time_has_a_place) {
    database_setup();
    static const char *const times[] = {"0001-01-01", "1999-12-31", "2008-12-31T23:59:59Z",
                                        "2009-01-01", "2017-06-15", "9999-12-31"};
    enum { TIMES = sizeof times / sizeof *times };
    for (int i = 0; i < TIMES; i++) {
        char id[8];
        snprintf(id, sizeof id, "t%d", i);
        add(batch, INPUT_TRANSFERS, 0, 0, i, transfer_at(id, times[i]));
    }
    write_batch(true);
    check_value("SELECT string_agg(tableoid::regclass::text, ' ' ORDER BY tx_id) FROM transactions",
                "transactions_default transactions_default transactions_default transactions_y2009m01"
                " transactions_y2017m06 transactions_default");
    check_value("SELECT value FROM transactions WHERE tx_id = 't4'", "2.50");
    database_teardown();
}
END_TEST

START_TEST(rows_that_waited_for_their_month_move_there) {
    database_setup();
    server_run(
        "INSERT INTO transactions_default (tx_id, src, dst, amount, \"timestamp\", score, level, reasons)"
        " VALUES ('t1', 'a', 'b', 1, '2020-05-31T23:00Z', 1, 'low', '[]'),"
        " ('t2', 'a', 'b', 1, '2020-06-01T00:00Z', 1, 'low', '[]');"
        "SET TimeZone = 'Asia/Tokyo'; SELECT month_add('transactions', '2020-05-02T12:00Z')");
    check_value("SELECT string_agg(tableoid::regclass::text, ' ' ORDER BY tx_id) FROM transactions",
                "transactions_y2020m05 transactions_default");
    check_value("SELECT month FROM months WHERE name = 'transactions_y2020m05'", "2020-05-01 00:00:00+00");
    check_value("SELECT month_add('transactions', '2020-05-31T23:59:59Z')", "f");
    check_value("SELECT month_drop('transactions', '2020-05-31T23:59:59Z')", "t");
    check_value("SELECT string_agg(tx_id, ' ') FROM transactions", "t2");
    database_teardown();
}
END_TEST

START_TEST(a_score_is_kept_in_the_history_where_it_changed) {
    database_setup();
    static const double scores[] = {0, 40, 40, 55};
    for (int i = 0; i < 4; i++) {
        add(batch, INPUT_SCORES, 0, i, i, score_json("w1", i + 1, scores[i]));
        write_batch(true);
    }
    add(batch, INPUT_SCORES, 0, 4, 4, score_json("w1", 2, 99));
    write_batch(true);
    check_value("SELECT string_agg(concat(version, ':', previous_score, '>', score), ' ' ORDER BY version)"
                " FROM risk_score_history",
                "2:0>40 4:40>55");
    database_teardown();
}
END_TEST

/* What the listener has got since, or nothing within a moment. */
static void check_told(PGconn *listener, const char *channel, const char *payload) {
    for (int tried = 0; tried < NOTICE_LIMIT; tried++) {
        PQclear(PQexec(listener, "SELECT pg_sleep(0.01)"));
        PGnotify *notice = PQnotifies(listener);
        if (!notice) continue;
        ck_assert_ptr_nonnull(payload);
        ck_assert_str_eq(notice->relname, channel);
        ck_assert_msg(strstr(notice->extra, payload) != NULL, "%s has no %s", notice->extra, payload);
        PQfreemem(notice);
        return;
    }
    ck_assert_ptr_null(payload);
}

START_TEST(listeners_are_told_of_new_alerts_and_of_large_changes) {
    database_setup();
    PGconn *listener = PQconnectdb(server_url());
    PQclear(PQexec(listener, "LISTEN amlstream_alerts; LISTEN amlstream_scores"));
    add(batch, INPUT_SCORES, 0, 0, 0, score_json("w1", 1, 9.9));
    write_batch(true);
    check_told(listener, NULL, NULL);
    add(batch, INPUT_SCORES, 0, 1, 1, score_json("w1", 2, 20.5));
    write_batch(true);
    check_told(
        listener, "amlstream_scores",
        "{\"items\":[{\"wallet\" : \"w1\", \"score\" : 20.5, \"previous_score\" : 9.9, \"level\" : \"low\"");
    add(batch, INPUT_ALERTS, 0, 0, 0, alert_json("a1", "w1"));
    write_batch(true);
    check_told(listener, "amlstream_alerts", "{\"items\":[{\"alert_id\" : \"a1\", \"typology\" : \"fan_in\"");
    add(batch, INPUT_ALERTS, 0, 1, 1, alert_json("a1", "w1"));
    write_batch(true);
    check_told(listener, NULL, NULL);
    for (int64_t i = 0; i < 1000; i++) {
        char id[16];
        snprintf(id, sizeof id, "b%d", (int)i);
        add(batch, INPUT_ALERTS, 0, 2, 2 + i, alert_json(id, "w1"));
    }
    write_batch(true);
    check_told(listener, "amlstream_alerts", ",\"more\":9");
    PQfinish(listener);
    database_teardown();
}
END_TEST

START_TEST(an_alert_begins_its_audit_once) {
    database_setup();
    add(batch, INPUT_ALERTS, 0, 0, 0, alert_json("a1", "w1"));
    write_batch(true);
    add(batch, INPUT_ALERTS, 0, 1, 1, alert_json("a1", "w1"));
    write_batch(true);
    check_value("SELECT string_agg(concat(alert_id, ' ', kind, ' ', actor), ', ') FROM alert_events",
                "a1 raised sink");
    database_teardown();
}
END_TEST

static void label_add(int64_t offset, const char *wallet, const char *json) {
    record_t record = {.offset = offset,
                       .key = wallet,
                       .key_size = wallet ? strlen(wallet) : 0,
                       .value = json,
                       .size = json ? strlen(json) : 0,
                       .source_partition = -1,
                       .source_offset = -1};
    batch_add(batch, batch_segment(batch, &(position_t){INPUT_LABELS, 0, offset}), &record);
}

START_TEST(a_wallets_latest_label_counts_and_null_withdraws_it) {
    database_setup();
    label_add(0, "w1", "{\"category\":\"mixer\",\"source\":\"list\",\"confidence\":0.5,\"note\":\"n\"}");
    label_add(1, "w2", "{\"category\":\"scam\"}");
    label_add(2, "w2", "{\"category\":\"theft\"}");
    label_add(3, "w3", "{\"category\":\"scam\"}");
    label_add(4, "w3", NULL);
    label_add(5, NULL, "{\"category\":\"scam\"}");
    label_add(6, "w4", "{\"category\":\"scam\",\"confidence\":7}");
    write_batch(true);
    check_value(
        "SELECT string_agg(concat(wallet, ' ', category, ' ', confidence), ', ' ORDER BY wallet) FROM labels",
        "w1 mixer 0.5, w2 theft ");
    check_value(
        "SELECT string_agg(concat(\"offset\", ' ', convert_from(key, 'UTF8')), ', ' ORDER BY \"offset\")"
        " FROM ingestion_errors",
        "5 , 6 w4");
    label_add(7, "w1", NULL);
    /* However an Ethereum address is spelt, it is one wallet. */
    label_add(9, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "{\"category\":\"scam\"}");
    label_add(10, "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", NULL);
    label_add(8, "w2", "{\"category\":\"mixer\"}");
    write_batch(true);
    check_value("SELECT string_agg(concat(wallet, ' ', category), ', ') FROM labels", "w2 mixer");
    add(batch, INPUT_SCORES, 0, 0, 0, score_json("w2", 1, 5));
    write_batch(true);
    check_value("SELECT concat(wallet, ' ', score, ' ', category) FROM wallets", "w2 5 mixer");
    database_teardown();
}
END_TEST

START_TEST(a_run_and_its_scores_come_to_their_tables) {
    database_setup();
    static const char *const records[] = {
        "{\"run_id\":\"r1\",\"wallet\":\"w1\",\"score\":50,\"level\":\"medium\",\"reasons\":[{\"code\":\"x\"}"
        "]}",
        "{\"run_id\":\"r1\",\"state\":\"running\",\"rules_version\":\"v\",\"started_at\":\"2026-01-01T00:00:"
        "00Z\"}",
        "{\"run_id\":\"r1\",\"wallet\":\"w2\",\"score\":5,\"level\":\"low\",\"reasons\":[]}",
        "{\"run_id\":\"r2\",\"wallet\":\"w1\",\"score\":60,\"level\":\"high\",\"reasons\":[]}",
        "{\"run_id\":\"r1\",\"state\":\"done\",\"started_at\":\"2026-01-01T00:00:00Z\",\"finished_at\":"
        "\"2026-01-01T00:00:09Z\",\"wallets\":2,"
        "\"summary\":{\"high\":0}}",
        "neither"};
    for (int i = 0; i < 6; i++) add(batch, INPUT_SCORING_RUNS, 0, 0, i, records[i]);
    write_batch(true);
    add(batch, INPUT_SCORING_RUNS, 0, 6, 6,
        "{\"run_id\":\"r1\",\"wallet\":\"w1\",\"score\":55,\"level\":\"medium\"}");
    add(batch, INPUT_SCORING_RUNS, 0, 6, 7, "{\"run_id\":\"r1\",\"state\":\"done\",\"wallets\":3}");
    write_batch(true);
    check_value("SELECT concat(state, ' ', finished_at - started_at, ' ', wallets, ' ', summary->>'high')"
                " FROM scoring_runs",
                "done 00:00:09 3 0");
    add(batch, INPUT_SCORING_RUNS, 0, 8, 8,
        "{\"run_id\":\"r3\",\"state\":\"finished\",\"started_at\":\"2026-01-01T00:00:00Z\"}");
    write_batch(true);
    check_value("SELECT concat(state, ' ', finished_at > started_at) FROM scoring_runs WHERE run_id = 'r3'",
                "finished t");
    check_value("SELECT string_agg(concat(run_id, ' ', wallet, ' ', score), ', ' ORDER BY run_id, wallet)"
                " FROM scoring_run_scores",
                "r1 w1 55, r1 w2 5, r2 w1 60");
    check_value("SELECT concat(inserted, ' ', rejected) FROM ingestion_state", "7 1");
    database_teardown();
}
END_TEST

START_TEST(a_row_that_violates_a_constraint_is_set_aside_and_the_batch_goes_on) {
    database_setup();
    for (int64_t i = 0; i < 50; i++) {
        char wallet[16];
        snprintf(wallet, sizeof wallet, "w%d", (int)i);
        add(batch, INPUT_SCORES, 0, 0, i, score_json(wallet, 1, i == 20 ? 100.5 : 50));
    }
    add(batch, INPUT_ALERTS, 0, 0, 0, alert_json("a1", "w1"));
    write_batch(true);
    check_value("SELECT concat(count(*), ' ', max(score)) FROM risk_scores", "49 50");
    check_value("SELECT count(*) FROM risk_score_history", "49");
    check_value("SELECT count(*) FROM alerts", "1");
    check_value("SELECT concat(\"offset\", ' ', left(reason, 83)) FROM ingestion_errors",
                "20 Postgres says: new row for relation \"risk_scores\" violates check constraint \"risk_s");
    check_value("SELECT concat(inserted, ' ', duplicates, ' ', rejected) FROM ingestion_state"
                " WHERE topic = 'risk-scores'",
                "49 0 1");
    database_teardown();
}
END_TEST

START_TEST(the_whole_has_a_summary_row) {
    database_setup();
    check_value("SELECT concat(inserted, ' ', last_tx_id) FROM ingestion_summary", "0 ");
    add(batch, INPUT_TRANSFERS, 0, 0, 0, transfer_at("t1", "2026-01-31T00:00:00.000Z"));
    add(batch, INPUT_TRANSFERS, 0, 0, 1, transfer_at("t1", "2026-01-31T00:00:00.000Z"));
    add(batch, INPUT_SCORES, 0, 0, 0, score_json("w1", 1, 5));
    add(batch, INPUT_ALERTS, 0, 0, 0, "bad");
    write_batch(true);
    check_value("SELECT concat(inserted, ' ', duplicates, ' ', rejected, ' ', last_tx_id, ' ', last_error)"
                " FROM ingestion_summary",
                "1 1 1 t1 not a JSON object");
    database_teardown();
}
END_TEST

int main(void) {
    const TTest *const tests[] = {an_id_is_one_transfer_whatever_its_month,
                                  a_transfers_risk_that_is_told_anew_replaces_the_old_one,
                                  a_transfer_of_any_time_has_a_place,
                                  rows_that_waited_for_their_month_move_there,
                                  a_score_is_kept_in_the_history_where_it_changed,
                                  listeners_are_told_of_new_alerts_and_of_large_changes,
                                  an_alert_begins_its_audit_once,
                                  a_wallets_latest_label_counts_and_null_withdraws_it,
                                  a_run_and_its_scores_come_to_their_tables,
                                  a_row_that_violates_a_constraint_is_set_aside_and_the_batch_goes_on,
                                  the_whole_has_a_summary_row,
                                  NULL};
    server_new();
    int result = suite_run("sink/tables", tests, 60);
    server_remove();
    return result;
}
