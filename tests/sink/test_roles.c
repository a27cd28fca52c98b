#include "sink/maintain.h"
#include "sink/migrate.h"
#include "sink/roles.h"
#include "tests/sink/support_database.h"
#include "tests/sink/support_records.h"
#include "tests/support/suite.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

static buf_t why_not;

static void ignore(const migration_t *step) { (void)step; }

/* As on a server that has never heard of them. */
static void roles_drop(void) {
    server_run("DO $$ DECLARE role text; BEGIN"
               "  FOR role IN SELECT rolname FROM pg_roles WHERE rolname IN"
               "   ('amlstream_sink', 'amlstream_api', 'plain') LOOP"
               "   EXECUTE format('DROP OWNED BY %I CASCADE', role); EXECUTE format('DROP ROLE %I', role);"
               "  END LOOP; END $$");
}

static void setup(void) {
    database_setup();
    roles_drop();
    must(roles_grant(postgres, &why_not));
    ck_assert_uint_eq(why_not.size, 0);
}

/* The SQLSTATE of what it says as this role, "" where it is done. */
static const char *state_as(const char *role, const char *sql) {
    static char state[8];
    char set[64];
    PGconn *connection = PQconnectdb(server_url());
    snprintf(set, sizeof set, "SET ROLE %s", role);
    PQclear(PQexec(connection, set));
    PGresult *result = PQexec(connection, sql);
    const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    snprintf(state, sizeof state, "%s", code ? code : "");
    PQclear(result);
    PQfinish(connection);
    return state;
}

#define DENIED "42501"

START_TEST(the_sinks_role_can_do_the_sinks_work_and_no_more) {
    setup();
    must(postgres_exec(postgres, "SET ROLE amlstream_sink"));
    add(batch, INPUT_TRANSFERS, 0, 0, 0, transfer_json("t1", "w1", "1", "[]"));
    add(batch, INPUT_TRANSFERS, 0, 0, 1, transfer_json("t2", "w1", "1e999999", "[]"));
    add(batch, INPUT_SCORES, 0, 0, 0, score_json("w1", 1, 50));
    add(batch, INPUT_ALERTS, 0, 0, 0, alert_json("a1", "w1"));
    add(batch, INPUT_SCORING_RUNS, 0, 0, 0, "{\"run_id\":\"r1\",\"state\":\"running\"}");
    add(batch, INPUT_SCORING_RUNS, 0, 0, 1,
        "{\"run_id\":\"r1\",\"wallet\":\"w1\",\"score\":50,\"level\":\"low\"}");
    record_t label = {.key = "w1", .key_size = 2, .value = "{\"category\":\"mixer\"}", .size = 20};
    batch_add(batch, batch_segment(batch, &(position_t){.input = INPUT_LABELS}), &label);
    write_batch(true);
    record_t withdrawal = {.offset = 1, .key = "w1", .key_size = 2};
    batch_add(batch, batch_segment(batch, &(position_t){INPUT_LABELS, 0, 1}), &withdrawal);
    write_batch(true);
    check_value(
        "SELECT string_agg(concat(inserted, ' ', rejected), ', ' ORDER BY topic) FROM ingestion_state",
        "1 0, 2 0, 1 0, 2 0, 1 1");
    check_value("SELECT tableoid::regclass FROM transactions", "transactions_y2026m01");
    maintain_report_t report;
    must(maintain(postgres,
                  &(maintain_options_t){.transactions_months = 1, .history_months = 1, .errors_days = 1},
                  &report));
    ck_assert_int_eq(report.months_dropped, 1);
    ck_assert_str_eq(state_as("amlstream_sink", "DROP TABLE alerts"), DENIED);
    ck_assert_str_eq(state_as("amlstream_sink", "DELETE FROM alerts"), DENIED);
    ck_assert_str_eq(state_as("amlstream_sink", "UPDATE alert_events SET actor = 'x'"), DENIED);
    ck_assert_str_eq(state_as("amlstream_sink", "SELECT key_hash FROM api_keys"), DENIED);
    ck_assert_str_eq(state_as("amlstream_sink", "CREATE TABLE mine (a int)"), DENIED);
    ck_assert_str_eq(state_as("amlstream_sink", "SELECT month_drop('alerts', now())"), "20000");
    database_teardown();
}
END_TEST

static const char *const read_only[] = {
    "transactions",     "transaction_ids",    "risk_scores",       "alerts",
    "labels",           "risk_score_history", "sink_offsets",      "ingestion_state",
    "ingestion_errors", "scoring_runs",       "scoring_run_scores"};

START_TEST(the_apis_role_reads_all_and_writes_its_own) {
    setup();
    char sql[128];
    for (size_t i = 0; i < sizeof read_only / sizeof *read_only; i++) {
        snprintf(sql, sizeof sql, "SELECT * FROM %s LIMIT 1", read_only[i]);
        ck_assert_str_eq(state_as("amlstream_api", sql), "");
        snprintf(sql, sizeof sql, "DELETE FROM %s", read_only[i]);
        ck_assert_str_eq(state_as("amlstream_api", sql), DENIED);
    }
    ck_assert_str_eq(state_as("amlstream_api", "SELECT * FROM ingestion_summary, wallets, transfers_hourly"),
                     "");
    ck_assert_str_eq(state_as("amlstream_api", "INSERT INTO api_keys (key_id, name, key_hash, role)"
                                               " VALUES ('k', 'n', 'h', 'reader')"),
                     "");
    server_run("INSERT INTO alerts VALUES ('a', 't', 'high', 'w', 1, '[]', '[]', '{}', 'r', now())");
    ck_assert_str_eq(state_as("amlstream_api", "INSERT INTO alert_events (alert_id, kind, actor)"
                                               " VALUES ('a', 'closed', 'me')"),
                     "");
    ck_assert_str_eq(state_as("amlstream_api", "SELECT month_drop('transactions', now())"), DENIED);
    database_teardown();
}
END_TEST

START_TEST(who_may_not_make_roles_is_told_and_has_the_tables_all_the_same) {
    server_wipe();
    roles_drop();
    server_run("CREATE ROLE plain LOGIN; GRANT USAGE, CREATE ON SCHEMA public TO plain");
    char url[256];
    snprintf(url, sizeof url, "postgresql://plain@%s", strchr(server_url(), '@') + 1);
    must(postgres_connect(&(postgres_options_t){.url = url}, &postgres));
    must(migrate(postgres, migrations, ignore));
    must(roles_grant(postgres, &why_not));
    ck_assert_ptr_nonnull(strstr(buf_cstr(&why_not), "\"plain\" may not create roles"));
    postgres_free(postgres);
    maintain_report_t report;
    must(postgres_connect(&(postgres_options_t){.url = url}, &postgres));
    must(postgres_exec(postgres, "REVOKE EXECUTE ON FUNCTION month_add FROM plain"));
    err_t *err = maintain(postgres, &(maintain_options_t){0}, &report);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err_exit_code(err), EXIT_FAILED);
    err_free(err);
    must(postgres_exec(postgres, "GRANT EXECUTE ON FUNCTION month_add TO plain"));
    postgres_free(postgres);
    /* Later by one who may. */
    must(database_connect(&postgres));
    must(roles_grant(postgres, &why_not));
    ck_assert_uint_eq(why_not.size, 0);
    ck_assert_str_eq(state_as("amlstream_api", "SELECT * FROM transactions"), "");
    postgres_free(postgres);
    /* They are there now, but their rights in a new database are not plain's to give. */
    server_run("REVOKE SELECT ON alerts FROM amlstream_api; ALTER TABLE alerts OWNER TO amlstream");
    must(postgres_connect(&(postgres_options_t){.url = url}, &postgres));
    must(roles_grant(postgres, &why_not));
    ck_assert_ptr_nonnull(strstr(buf_cstr(&why_not), "permission denied for table alerts"));
    postgres_free(postgres);
}
END_TEST

START_TEST(the_roles_may_be_granted_any_number_of_times) {
    setup();
    for (int i = 0; i < 3; i++) must(roles_grant(postgres, &why_not));
    ck_assert_uint_eq(why_not.size, 0);
    database_teardown();
}
END_TEST

int main(void) {
    const TTest *const tests[] = {the_sinks_role_can_do_the_sinks_work_and_no_more,
                                  the_apis_role_reads_all_and_writes_its_own,
                                  who_may_not_make_roles_is_told_and_has_the_tables_all_the_same,
                                  the_roles_may_be_granted_any_number_of_times, NULL};
    server_new();
    int result = suite_run("sink/roles", tests, 60);
    server_remove();
    return result;
}
