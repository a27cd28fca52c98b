#include "sink/maintain.h"
#include "tests/sink/support_database.h"
#include "tests/sink/support_records.h"
#include "tests/support/suite.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROCESSES = 4 };

static maintain_report_t report;

static void run(const maintain_options_t *maintain_options) {
    must(maintain(postgres, maintain_options, &report));
    ck_assert(!report.elsewhere);
}

/* A transfer with its id, as SQL. */
static void transfer_insert(const char *tx_id, const char *time, const char *level) {
    char sql[1024];
    snprintf(sql, sizeof sql,
             "SELECT month_add('transactions', %s);"
             "INSERT INTO transaction_ids VALUES ('%s', %s);"
             "INSERT INTO transactions (tx_id, src, dst, amount, asset, \"timestamp\", score, level, "
             "reasons, value)"
             " VALUES ('%s', 'a', 'b', 1.5, 'ETH', %s, 1, '%s', '[]', 3)",
             time, tx_id, time, tx_id, time, level);
    server_run(sql);
}

START_TEST(months_are_there_before_they_begin) {
    database_setup();
    server_run(
        "SELECT month_drop('transactions', now()), month_drop('risk_score_history', month_next(now()))");
    server_run(
        "INSERT INTO transactions_default (tx_id, src, dst, amount, \"timestamp\", score, level, reasons)"
        " VALUES ('t', 'a', 'b', 1, '2020-05-31T23:00Z', 1, 'low', '[]'),"
        " ('u', 'a', 'b', 1, '1900-05-31T23:00Z', 1, 'low', '[]')");
    run(&(maintain_options_t){0});
    ck_assert_int_eq(report.months_added, 3);
    check_value("SELECT string_agg(tableoid::regclass::text, ' ' ORDER BY tx_id) FROM transactions",
                "transactions_y2020m05 transactions_default");
    run(&(maintain_options_t){0});
    ck_assert_int_eq(report.months_added, 0);
    database_teardown();
}
END_TEST

START_TEST(only_months_past_their_time_are_dropped_with_their_ids) {
    database_setup();
    transfer_insert("new", "now()", "low");
    transfer_insert("kept", "month_first(now()) - interval '2 months'", "low");
    transfer_insert("old", "month_first(now()) - interval '2 months' - interval '1 second'", "low");
    transfer_insert("older", "month_first(now()) - interval '40 months'", "low");
    server_run("INSERT INTO transaction_ids VALUES ('oldest', '1970-01-01Z');"
               "INSERT INTO transactions (tx_id, src, dst, amount, \"timestamp\", score, level, reasons)"
               " VALUES ('oldest', 'a', 'b', 1, '1970-01-01Z', 1, 'low', '[]')");
    run(&(maintain_options_t){0});
    ck_assert_int_eq(report.months_dropped, 0);
    check_value("SELECT count(*) FROM transactions", "5");
    run(&(maintain_options_t){.transactions_months = 2});
    ck_assert_int_eq(report.months_dropped, 2);
    check_value("SELECT string_agg(tx_id, ' ' ORDER BY tx_id) FROM transactions", "kept new");
    check_value("SELECT string_agg(tx_id, ' ' ORDER BY tx_id) FROM transaction_ids", "kept new");
    /* Its rollup stays, though a transfer of that time comes once more. */
    check_value("SELECT count(*) FROM transfers_hourly", "5");
    database_teardown();
}
END_TEST

START_TEST(the_history_and_old_errors_go_in_their_time) {
    database_setup();
    server_run("SELECT month_add('risk_score_history', '2020-05-01Z');"
               "INSERT INTO risk_score_history (wallet, version, score, level, reasons, changed_at)"
               " VALUES ('w', 1, 1, 'low', '[]', '2020-05-31T23:00Z'), ('w', 2, 1, 'low', '[]', now()),"
               " ('w', 0, 1, 'low', '[]', '1970-01-01Z');"
               "INSERT INTO ingestion_errors (topic, partition, \"offset\", reason, payload_size, created_at)"
               " SELECT 't', 0, i, 'bad', 0, now() - i * interval '1 hour' FROM generate_series(1, 12000) i");
    run(&(maintain_options_t){.history_months = 1, .errors_days = 2});
    check_value("SELECT string_agg(version::text, ' ') FROM risk_score_history", "2");
    check_value("SELECT count(*) FROM ingestion_errors", "47");
    ck_assert_int_eq(report.errors_deleted, 11953);
    database_teardown();
}
END_TEST

#define HOURS_SQL                                                                                            \
    "SELECT string_agg(concat(hour AT TIME ZONE 'UTC', ' ', asset, ' ', level, ' ', transfers, ' ', "        \
    "amount, ' ',"                                                                                           \
    " value), ', ' ORDER BY hour, level) FROM transfers_hourly"

START_TEST(rollups_hold_what_the_rows_add_up_to) {
    database_setup();
    transfer_insert("1", "'2026-03-01T10:00:00Z'", "low");
    transfer_insert("2", "'2026-03-01T10:59:59.999Z'", "low");
    transfer_insert("3", "'2026-03-01T10:30:00Z'", "high");
    transfer_insert("4", "'2026-03-01T11:00:00Z'", "low");
    add(batch, INPUT_ALERTS, 0, 0, 0, alert_json("a1", "w1"));
    add(batch, INPUT_ALERTS, 0, 0, 1, alert_json("a2", "w1"));
    write_batch(true);
    run(&(maintain_options_t){0});
    ck_assert_int_eq(report.hours_rolled, 2);
    check_value(HOURS_SQL, "2026-03-01 10:00:00 ETH high 1 1.5 3, 2026-03-01 10:00:00 ETH low 2 3.0 6,"
                           " 2026-03-01 11:00:00 ETH low 1 1.5 3");
    check_value("SELECT concat(day, ' ', typology, ' ', severity, ' ', alerts) FROM alerts_daily",
                "2026-01-02 fan_in high 2");
    server_run("UPDATE transactions SET inserted_at = now() - interval '1 day'");
    transfer_insert("5", "'2026-03-01T11:30:00Z'", "low");
    run(&(maintain_options_t){0});
    ck_assert_int_eq(report.hours_rolled, 1);
    check_value(HOURS_SQL, "2026-03-01 10:00:00 ETH high 1 1.5 3, 2026-03-01 10:00:00 ETH low 2 3.0 6,"
                           " 2026-03-01 11:00:00 ETH low 2 3.0 6");
    server_run("DELETE FROM transactions WHERE tx_id = '4'");
    run(&(maintain_options_t){0});
    check_value("SELECT transfers FROM transfers_hourly WHERE hour = '2026-03-01T11:00Z'", "2");
    database_teardown();
}
END_TEST

START_TEST(of_many_at_once_one_does_it) {
    database_setup();
    for (int i = 0; i < 40; i++) {
        char id[8], time[64];
        snprintf(id, sizeof id, "t%d", i);
        snprintf(time, sizeof time, "month_first(now()) - interval '%d months'", i);
        transfer_insert(id, time, "low");
    }
    for (int i = 0; i < PROCESSES; i++) {
        if (fork()) continue;
        postgres_t *own;
        maintain_report_t its;
        err_t *err = database_connect(&own);
        if (!err) err = maintain(own, &(maintain_options_t){.transactions_months = 3}, &its);
        _exit(err ? 1 : 0);
    }
    for (int i = 0; i < PROCESSES; i++) {
        int ended;
        ck_assert_int_gt(wait(&ended), 0);
        ck_assert_int_eq(ended, 0);
    }
    check_value(
        "SELECT concat((SELECT count(*) FROM transactions), ' ', (SELECT count(*) FROM transaction_ids), ' ',"
        " (SELECT sum(transfers) FROM transfers_hourly))",
        "4 4 40");
    PGconn *other = PQconnectdb(server_url());
    PQclear(PQexec(other, "SELECT pg_advisory_lock(hashtext('amlstream maintenance'))"));
    must(maintain(postgres, &(maintain_options_t){0}, &report));
    ck_assert(report.elsewhere);
    PQfinish(other);
    database_teardown();
}
END_TEST

int main(void) {
    const TTest *const tests[] = {months_are_there_before_they_begin,
                                  only_months_past_their_time_are_dropped_with_their_ids,
                                  the_history_and_old_errors_go_in_their_time,
                                  rollups_hold_what_the_rows_add_up_to,
                                  of_many_at_once_one_does_it,
                                  NULL};
    server_new();
    int result = suite_run("sink/maintain", tests, 60);
    server_remove();
    return result;
}
