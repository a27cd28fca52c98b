/* No query of the API, and no statement of the sink, reads the whole of a large table: what Postgres's
 * auto_explain says of each of them, on a million transfers. */
#include "sink/batch_write.h"
#include "tests/api/support_http.h"
#include "tests/support/postgres.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A statement is planned anew for its values until Postgres has seen it a few times. */
enum { ASKED = 7, LINE_SIZE = 4096 };

/* Tables that stay small, however much there is. */
static const char *const small[] = {"ingestion_state", "sink_offsets", "scoring_runs", "schema_migrations"};

static const char *const fill[] = {
    "ALTER SYSTEM SET fsync = off",
    "ALTER SYSTEM SET max_wal_size = '4GB'",
    "ALTER SYSTEM SET autovacuum = off",
    "SELECT pg_reload_conf()",
    "SELECT month_add('transactions', now() - i * interval '1 month') FROM generate_series(0, 12) i",
    "INSERT INTO transactions SELECT 't' || i, 'w' || (i * 79 % 100003), 'w' || (i * 47 % 99991), i % "
    "977,"
    " NULL, now() - i * interval '25 seconds', 10, 'low', '[]' FROM generate_series(1, 1000000) i",
    "INSERT INTO transaction_ids SELECT tx_id, \"timestamp\" FROM transactions",
    "INSERT INTO risk_scores SELECT 'w' || i, 100.0 * (1 - (i / 200000.0) ^ 0.1), CASE WHEN i < 200 THEN "
    "'critical'"
    " WHEN i < 2000 THEN 'high' WHEN i < 9000 THEN 'medium' ELSE 'low' END, 3, 2, 1, i % 3, 0, 12.5, 0.1, "
    "'[]',"
    " '[]', 't1', 'r1', now(), now(), now() FROM generate_series(1, 200000) i",
    "INSERT INTO alerts SELECT 'a' || i, (ARRAY['fan_in', 'fan_out', 'structuring'])[1 + i % 3], 'high',"
    " 'w' || (i * 31 % 5003), 80, '[]', '[]', '{}', 'r1', now() - i * interval '3 minutes'"
    " FROM generate_series(1, 100000) i",
    "INSERT INTO ingestion_errors SELECT 'transactions-dlq', 0, i, 'bad', 'x', 1 FROM generate_series(1, "
    "20000) i",
    "INSERT INTO labels SELECT 'w' || i, 'mixer' FROM generate_series(1, 20000) i",
    "INSERT INTO risk_score_history SELECT 'w' || i, 1, 1, 'low', 0, '[]' FROM generate_series(1, 50000) i",
    "ANALYZE",
    "ALTER DATABASE amlstream SET session_preload_libraries = 'auto_explain'",
    "ALTER DATABASE amlstream SET auto_explain.log_min_duration = 0",
    "ALTER DATABASE amlstream SET auto_explain.log_nested_statements = on",
};

static const char *const targets[] = {
    "/scores/top",
    "/scores/top?limit=1000",
    "/scores/top?level=critical",
    "/scores/top?level=medium&min_score=20",
    "/scores/top?level=low",
    "/scores/top?active=true",
    "/scores/top?min_score=99",
    "/scores/w77",
    "/scores/nobody",
    "/alerts",
    "/alerts?wallet=w77",
    "/alerts?typology=fan_in",
    "/alerts?wallet=w77&typology=fan_in",
    "/alerts?before=1767323045678000.a5",
    "/alerts?before=1767323045678000.a5&wallet=w77",
    "/alerts/a77",
    "/transactions",
    "/transactions?limit=1000",
    "/transactions?wallet=w77",
    "/transactions?wallet=nobody",
    "/transactions/t77",
    "/transactions/none",
    "/ingestion/status",
};

static bool is_small(const char *table) {
    for (size_t i = 0; i < sizeof small / sizeof *small; i++) {
        if (strncmp(table, small[i], strlen(small[i])) == 0) return true;
    }
    return false;
}

static FILE *log_open(void) {
    FILE *log = fopen(server_log(), "r");
    ck_assert_ptr_nonnull(log);
    return log;
}

/* Plans in the log from there on; `scan` gets the first whole read of a large table, or stays empty. */
static int plans_read(FILE *log, char scan[LINE_SIZE]) {
    static const char said[] = "Seq Scan on ";
    char line[LINE_SIZE];
    int plans = 0;
    scan[0] = '\0';
    while (fgets(line, sizeof line, log)) {
        if (strstr(line, "plan:")) plans++;
        const char *table = strstr(line, said);
        if (table && !scan[0] && !is_small(table + strlen(said))) snprintf(scan, LINE_SIZE, "%s", line);
    }
    return plans;
}

static void start(void) {
    server_new();
    server_tables();
    for (size_t i = 0; i < sizeof fill / sizeof *fill; i++) server_run(fill[i]);
}

static void api_start_here(void) { api_start(server_url()); }

START_TEST(the_api_reads_no_large_table_as_a_whole) {
    char scan[LINE_SIZE];
    FILE *log = log_open();
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        fseek(log, 0, SEEK_END);
        for (int asked = 0; asked < ASKED; asked++) {
            const answer_t *answer = ask(targets[i]);
            ck_assert_msg(answer->status == 200 || answer->status == 404, "%s: %s", targets[i], answer->body);
        }
        int plans = plans_read(log, scan);
        ck_assert_msg(plans >= ASKED, "%s: only %d plans", targets[i], plans);
        ck_assert_msg(!scan[0], "%s: %s", targets[i], scan);
    }
    fclose(log);
}
END_TEST

/* The test's own view must not be blind. */
START_TEST(a_whole_read_would_be_seen) {
    char scan[LINE_SIZE];
    FILE *log = log_open();
    fseek(log, 0, SEEK_END);
    server_run("SELECT count(*) FROM transactions WHERE amount = 5");
    ck_assert_int_ge(plans_read(log, scan), 1);
    ck_assert_ptr_nonnull(strstr(scan, "transactions"));
    fclose(log);
}
END_TEST

static void record_add(batch_t *batch, input_t input, int64_t offset, const char *json) {
    record_t record = {.offset = offset, .key = "w1", .key_size = 2, .value = json, .size = strlen(json)};
    batch_add(batch, batch_segment(batch, &(position_t){input, 0, offset}), &record);
}

START_TEST(the_sink_reads_no_large_table_as_a_whole) {
    static const names_t names = {
        {"transaction-risk", "risk-scores", "alerts", "transactions-dlq", "risk-labels", "scoring-runs"}};
    static const write_options_t options = {.names = &names, .told_change = 10};
    char scan[LINE_SIZE];
    postgres_t *postgres;
    bool accepted;
    batch_t *batch = batch_new();
    FILE *log = log_open();
    fseek(log, 0, SEEK_END);
    must(postgres_connect(&(postgres_options_t){.url = server_url()}, &postgres));
    position_t positions[INPUT_COUNT];
    for (int i = 0; i < INPUT_COUNT; i++) positions[i] = (position_t){.input = (input_t)i};
    must(positions_load(postgres, &names, positions, INPUT_COUNT));
    for (int64_t i = 0; i < ASKED; i++) {
        record_add(batch, INPUT_TRANSFERS, i,
                   "{\"tx_id\":\"t77\",\"src\":\"a\",\"dst\":\"b\",\"amount\":1,\"timestamp\":\"2026-01-01\","
                   "\"score\":1,\"level\":\"low\",\"reasons\":[]}");
        record_add(
            batch, INPUT_SCORES, i,
            "{\"wallet\":\"w77\",\"score\":1,\"level\":\"low\",\"version\":9,\"in_degree\":1,"
            "\"out_degree\":1,\"received_count\":1,\"sent_count\":1,\"received_total\":1,\"sent_total\":1,"
            "\"reasons\":[]}");
        record_add(
            batch, INPUT_ALERTS, i,
            "{\"alert_id\":\"a77\",\"typology\":\"x\",\"severity\":\"low\",\"wallet\":\"w77\",\"score\":1,"
            "\"tx_ids\":[],\"wallets\":[],\"evidence\":{},\"created_at\":\"2026-01-01\"}");
        record_add(batch, INPUT_LABELS, i, "{\"category\":\"scam\"}");
        record_add(batch, INPUT_DEAD_LETTERS, i, "bad");
        must(batch_write(postgres, &options, batch, &accepted));
        ck_assert(accepted);
        batch_reset(batch);
    }
    ck_assert_int_ge(plans_read(log, scan), ASKED * 5);
    ck_assert_msg(!scan[0], "%s", scan);
    fclose(log);
    postgres_free(postgres);
    batch_free(batch);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {the_api_reads_no_large_table_as_a_whole, a_whole_read_would_be_seen,
                                  the_sink_reads_no_large_table_as_a_whole, NULL};
    TCase *group = suite_group("plans", tests, 120);
    tcase_add_unchecked_fixture(group, start, server_remove);
    tcase_add_checked_fixture(group, api_start_here, api_stop);
    return suite_run_groups("plans", (TCase *const[]){group, NULL});
}
