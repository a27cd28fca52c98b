#include "common/timestamp.h"
#include "sink/batch_write.h"
#include "sink/migrate.h"
#include "sink/writer.h"
#include "tests/sink/support_records.h"
#include "tests/support/postgres.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROCESSES = 6 };

static const names_t names = {
    {"transaction-risk", "risk-scores", "alerts", "transactions-dlq", "risk-labels"}};
static const write_options_t options = {.names = &names, .told_change = 10};
static postgres_t *postgres;
static batch_t *batch;

static void ignore(const migration_t *step) { (void)step; }

static err_t *connect(postgres_t **out) {
    return postgres_connect(&(postgres_options_t){.url = server_url()}, out);
}

static void setup(void) {
    server_tables();
    must(connect(&postgres));
    batch = batch_new();
}

static void teardown(void) {
    batch_free(batch);
    postgres_free(postgres);
}

/* What an instance does when partition 0 of every input is given to it. */
static void positions_init(void) {
    position_t positions[INPUT_COUNT];
    for (int i = 0; i < INPUT_COUNT; i++) positions[i] = (position_t){.input = (input_t)i};
    must(positions_load(postgres, &names, positions, INPUT_COUNT));
    for (int i = 0; i < INPUT_COUNT; i++) ck_assert_int_eq(positions[i].offset, 0);
}

static void write_batch(bool accepted) {
    bool was_accepted;
    must(batch_write(postgres, &options, batch, &was_accepted));
    ck_assert_int_eq(was_accepted, accepted);
    batch_reset(batch);
}

#define check_value(sql_, value_) ck_assert_str_eq(server_value(sql_), value_)

START_TEST(any_number_of_processes_may_migrate_at_once) {
    server_wipe();
    for (int i = 0; i < PROCESSES; i++) {
        if (fork()) continue;
        postgres_t *own;
        err_t *err = connect(&own);
        if (!err) err = migrate(own, migrations, ignore);
        _exit(err ? 1 : 0);
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status;
        ck_assert_int_gt(wait(&status), 0);
        ck_assert_int_eq(status, 0);
    }
    check_value("SELECT string_agg(version::text, ',' ORDER BY version) FROM schema_migrations",
                "1,2,3,4,5,6,7,8,9");
}
END_TEST

START_TEST(a_migration_with_another_text_is_refused) {
    setup();
    const migration_t other[] = {{1, "months", "SELECT 1"}, {0, NULL, NULL}};
    err_t *err = migrate(postgres, other, ignore);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err_exit_code(err), EXIT_STATE);
    err_free(err);
    teardown();
}
END_TEST

START_TEST(a_migration_that_fails_leaves_nothing_behind) {
    setup();
    const migration_t bad[] = {{99, "bad", "CREATE TABLE half (a int); SELECT nonsense"}, {0, NULL, NULL}};
    err_t *err = migrate(postgres, bad, ignore);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err_exit_code(err), EXIT_FAILED);
    err_free(err);
    check_value("SELECT count(*) FROM schema_migrations", "9");
    check_value("SELECT to_regclass('half') IS NULL", "t");
    must(migrate(postgres, migrations, ignore));
    teardown();
}
END_TEST

START_TEST(rows_offsets_and_counts_are_stored_together) {
    setup();
    positions_init();
    add(batch, INPUT_TRANSFERS, 0, 0, 0,
        transfer_json("t1", "w1", "0.10000000000000000001", "[{\"code\":\"x\"}]"));
    add(batch, INPUT_TRANSFERS, 0, 0, 1, transfer_json("t2", "w1", "2", "[]"));
    add(batch, INPUT_TRANSFERS, 0, 0, 2, "not JSON");
    add(batch, INPUT_SCORES, 0, 0, 0, score_json("w1", 1, 12.5));
    add(batch, INPUT_ALERTS, 0, 0, 0, alert_json("a1", "w1"));
    write_batch(true);
    check_value("SELECT string_agg(next_offset::text, ',' ORDER BY topic) FROM sink_offsets", "1,0,1,3,0");
    check_value("SELECT amount FROM transactions WHERE tx_id = 't1'", "0.10000000000000000001");
    check_value("SELECT \"timestamp\" AT TIME ZONE 'UTC' FROM transactions WHERE tx_id = 't1'",
                "2026-01-02 03:04:05.678");
    check_value("SELECT reasons->0->>'code' FROM transactions WHERE tx_id = 't1'", "x");
    check_value("SELECT concat(sent_total, ' ', exposures->0->>'hops', ' ', last_seen) FROM risk_scores",
                "123456789012345678.25 1 ");
    check_value("SELECT concat(inserted, ' ', duplicates, ' ', rejected, ' ', last_tx_id, ' ', last_offset, "
                "' ', last_error)"
                " FROM ingestion_state WHERE topic = 'transaction-risk'",
                "2 0 1 t2 2 not a JSON object");
    check_value(
        "SELECT concat(\"offset\", ' ', reason, ' ', convert_from(payload, 'UTF8')) FROM ingestion_errors",
        "2 not a JSON object not JSON");
    check_value("SELECT evidence::text FROM alerts WHERE typology = 'fan_in'", "{}");
    teardown();
}
END_TEST

START_TEST(what_was_stored_before_counts_as_a_duplicate) {
    setup();
    positions_init();
    add(batch, INPUT_TRANSFERS, 0, 0, 0, transfer_json("t1", "w1", "1", "[]"));
    write_batch(true);
    add(batch, INPUT_TRANSFERS, 0, 1, 1, transfer_json("t1", "other", "7", "[]"));
    add(batch, INPUT_TRANSFERS, 0, 1, 2, transfer_json("t2", "w1", "1", "[]"));
    add(batch, INPUT_TRANSFERS, 0, 1, 3, transfer_json("t2", "w1", "1", "[]"));
    write_batch(true);
    check_value("SELECT concat(inserted, ' ', duplicates) FROM ingestion_state", "2 2");
    check_value("SELECT src FROM transactions WHERE tx_id = 't1'", "w1");
    teardown();
}
END_TEST

START_TEST(only_a_later_version_replaces_a_score) {
    setup();
    positions_init();
    add(batch, INPUT_SCORES, 0, 0, 0, score_json("w1", 5, 50));
    add(batch, INPUT_SCORES, 0, 0, 1, score_json("w2", 5, 50));
    write_batch(true);
    add(batch, INPUT_SCORES, 0, 2, 2, score_json("w1", 4, 40));
    add(batch, INPUT_SCORES, 0, 2, 3, score_json("w2", 6, 60));
    write_batch(true);
    check_value("SELECT string_agg(score::text, ' ' ORDER BY wallet) FROM risk_scores", "50 60");
    check_value("SELECT concat(inserted, ' ', duplicates) FROM ingestion_state", "3 1");
    teardown();
}
END_TEST

/* Two instances believe that they have the partition. */
START_TEST(a_zombies_batch_is_refused_as_a_whole) {
    setup();
    positions_init();
    add(batch, INPUT_TRANSFERS, 0, 0, 0, transfer_json("t1", "w1", "1", "[]"));
    add(batch, INPUT_TRANSFERS, 0, 0, 1, transfer_json("t2", "w1", "1", "[]"));
    write_batch(true);
    add(batch, INPUT_TRANSFERS, 0, 0, 0, transfer_json("t1", "w1", "1", "[]"));
    add(batch, INPUT_ALERTS, 0, 0, 0, alert_json("a1", "w1"));
    add(batch, INPUT_TRANSFERS, 0, 0, 4, transfer_json("t5", "w1", "1", "[]"));
    write_batch(false);
    check_value("SELECT count(*) FROM transactions", "2");
    check_value("SELECT count(*) FROM alerts", "0");
    check_value("SELECT concat(inserted, ' ', duplicates) FROM ingestion_state", "2 0");
    check_value("SELECT next_offset FROM sink_offsets WHERE topic = 'transaction-risk'", "2");
    teardown();
}
END_TEST

START_TEST(a_batch_whose_commit_had_no_answer_is_known_again) {
    setup();
    positions_init();
    for (int round = 0; round < 2; round++) {
        add(batch, INPUT_TRANSFERS, 0, 0, 0, transfer_json("t1", "w1", "1", "[]"));
        add(batch, INPUT_SCORES, 0, 0, 0, score_json("w1", 1, 1));
        write_batch(true);
    }
    check_value("SELECT string_agg(concat(inserted, ' ', duplicates), ',') FROM ingestion_state", "1 0,1 0");
    teardown();
}
END_TEST

START_TEST(rows_that_postgres_refuses_are_set_aside_alone) {
    setup();
    positions_init();
    for (int64_t i = 0; i < 100; i++) {
        char id[16];
        snprintf(id, sizeof id, "t%d", (int)i);
        const char *amount = i == 17 ? "1e999999" : "1";
        const char *reasons = i == 40 ? "[\"\\u0000\"]" : i == 41 ? "[1 2]" : i == 99 ? "[\"\xff\"]" : "[]";
        add(batch, INPUT_TRANSFERS, 0, 0, i, transfer_json(id, "w1", amount, reasons));
    }
    add(batch, INPUT_SCORES, 0, 0, 0, score_json("w1", 1, 1));
    write_batch(true);
    check_value("SELECT count(*) FROM transactions", "96");
    check_value("SELECT string_agg(\"offset\"::text, ' ' ORDER BY \"offset\") FROM ingestion_errors",
                "17 40 41 99");
    check_value("SELECT reason FROM ingestion_errors WHERE \"offset\" = 17",
                "Postgres says: value overflows numeric format");
    check_value("SELECT concat(inserted, ' ', duplicates, ' ', rejected) FROM ingestion_state WHERE topic = "
                "'transaction-risk'",
                "96 0 4");
    check_value("SELECT count(*) FROM risk_scores", "1");
    teardown();
}
END_TEST

/* Both write the same transfers, and one waits for the other: in its own order of the keys each would have
 * what the other needs. */
START_TEST(two_instances_with_the_same_transfers_do_not_deadlock) {
    enum { ROUNDS = 30, ROWS = 200 };
    setup();
    positions_init();
    must(positions_load(postgres, &names, &(position_t){.partition = 1}, 1));
    for (int instance = 0; instance < 2; instance++) {
        if (fork()) continue;
        postgres_t *own;
        must(connect(&own));
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < ROWS; i++) {
                char id[24];
                snprintf(id, sizeof id, "t%d-%d", round, instance ? i : ROWS - 1 - i);
                add(batch, INPUT_TRANSFERS, instance, round * ROWS, round * ROWS + i,
                    transfer_json(id, "w1", "1", "[]"));
            }
            bool accepted;
            err_t *err = batch_write(own, &options, batch, &accepted);
            if (err || !accepted) _exit(1);
            batch_reset(batch);
        }
        _exit(0);
    }
    for (int i = 0; i < 2; i++) {
        int status;
        ck_assert_int_gt(wait(&status), 0);
        ck_assert_int_eq(status, 0);
    }
    check_value("SELECT concat(sum(inserted), ' ', sum(duplicates)) FROM ingestion_state", "6000 6000");
    check_value("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()", "0");
    teardown();
}
END_TEST

static writer_t *writer_of(const char *url, status_t *status) {
    return writer_new(&(writer_options_t){.postgres.url = url, .write = options}, status);
}

START_TEST(a_batch_given_while_postgres_is_away_is_written_once_it_is_back) {
    setup();
    positions_init();
    postgres_free(postgres);
    postgres = NULL;
    status_t *status = status_new();
    writer_t *writer = writer_of(server_url(), status);
    job_t job;
    server_stop();
    add(batch, INPUT_TRANSFERS, 0, 0, 0, transfer_json("t1", "w1", "1", "[]"));
    writer_give(writer, &(job_t){.batch = batch});
    ck_assert(!writer_take(writer, 500, &job));
    ck_assert(!status_is_well(status, PART_POSTGRES));
    server_start();
    ck_assert(writer_take(writer, 20000, &job));
    ck_assert_int_eq(job.outcome, JOB_DONE);
    ck_assert(status_is_well(status, PART_POSTGRES));
    check_value("SELECT concat(inserted, ' ', duplicates) FROM ingestion_state", "1 0");
    writer_free(writer);
    status_free(status);
    teardown();
}
END_TEST

START_TEST(a_writer_ends_soon_though_postgres_is_away) {
    batch = batch_new();
    status_t *status = status_new();
    writer_t *writer = writer_of("postgresql://127.0.0.1:1/none", status);
    add(batch, INPUT_TRANSFERS, 0, 0, 0, transfer_json("t1", "w1", "1", "[]"));
    writer_give(writer, &(job_t){.batch = batch});
    job_t job;
    ck_assert(!writer_take(writer, 300, &job));
    int64_t start_us = clock_monotonic_us();
    writer_free(writer);
    ck_assert_int_lt(clock_monotonic_us() - start_us, 2000000);
    status_free(status);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {any_number_of_processes_may_migrate_at_once,
                                  a_migration_with_another_text_is_refused,
                                  a_migration_that_fails_leaves_nothing_behind,
                                  rows_offsets_and_counts_are_stored_together,
                                  what_was_stored_before_counts_as_a_duplicate,
                                  only_a_later_version_replaces_a_score,
                                  a_zombies_batch_is_refused_as_a_whole,
                                  a_batch_whose_commit_had_no_answer_is_known_again,
                                  rows_that_postgres_refuses_are_set_aside_alone,
                                  two_instances_with_the_same_transfers_do_not_deadlock,
                                  a_batch_given_while_postgres_is_away_is_written_once_it_is_back,
                                  a_writer_ends_soon_though_postgres_is_away,
                                  NULL};
    server_new();
    int result = suite_run("sink/postgres", tests, 60);
    server_remove();
    return result;
}
