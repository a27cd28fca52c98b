/* The writer when Postgres fails it: nothing may be lost, and nothing stored twice. */
#include "common/timestamp.h"
#include "sink/writer.h"
#include "tests/sink/support_database.h"
#include "tests/sink/support_proxy.h"
#include "tests/sink/support_records.h"
#include "tests/support/suite.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WAIT_MS = 20000, SHORT_MS = 200, HELD_MS = 1500 };

static writer_t *writer;
static status_t *status;

static void writer_start(const char *url) {
    status = status_new();
    writer = writer_new(
        &(writer_options_t){.postgres = {.url = url, .statement_timeout_ms = SHORT_MS}, .write = options},
        status);
}

static void setup(void) {
    database_setup();
    writer_start(server_url());
}

static void teardown(void) {
    writer_free(writer);
    status_free(status);
    database_teardown();
}

/* One transfer, which has its partition, and a score. */
static void batch_fill(int64_t number) {
    char id[24];
    snprintf(id, sizeof id, "t%d", (int)number);
    add(batch, INPUT_TRANSFERS, 0, number, number, transfer_json(id, "w1", "1", "[]"));
    add(batch, INPUT_SCORES, 0, number, number, score_json("w1", number + 1, 12.5));
}

static void batch_give(int64_t number) {
    batch_fill(number);
    writer_give(writer, &(job_t){.batch = batch});
}

static void batch_is_written(void) {
    job_t job;
    ck_assert(writer_take(writer, WAIT_MS, &job));
    ck_assert_int_eq(job.outcome, JOB_DONE);
    batch_reset(batch);
}

static void batch_is_held(int timeout_ms) {
    job_t job;
    ck_assert(!writer_take(writer, timeout_ms, &job));
    ck_assert(!status_is_well(status, PART_POSTGRES));
}

/* The first so many batches are stored, each once. */
static void check_stored(int count) {
    char wanted[64];
    snprintf(wanted, sizeof wanted, "%d %d %d 0", count, count, count);
    check_value(
        "SELECT concat((SELECT count(*) FROM transactions), ' ', (SELECT version FROM risk_scores), ' ',"
        " inserted, ' ', duplicates + rejected) FROM ingestion_state WHERE topic = 'transaction-risk'",
        wanted);
}

START_TEST(a_batch_given_while_postgres_is_away_is_written_once_it_is_back) {
    setup();
    server_stop();
    batch_give(0);
    batch_is_held(500);
    server_start();
    batch_is_written();
    ck_assert(status_is_well(status, PART_POSTGRES));
    check_stored(1);
    teardown();
}
END_TEST

START_TEST(a_writer_ends_soon_though_postgres_is_away) {
    batch = batch_new();
    writer_start("postgresql://127.0.0.1:1/none");
    batch_give(0);
    batch_is_held(300);
    int64_t start_us = clock_monotonic_us();
    writer_free(writer);
    ck_assert_int_lt(clock_monotonic_us() - start_us, 2000000);
    status_free(status);
}
END_TEST

START_TEST(a_lock_that_is_held_long_delays_and_loses_nothing) {
    setup();
    batch_give(0);
    batch_is_written();
    PGconn *other = PQconnectdb(server_url());
    PQclear(PQexec(other, "BEGIN"));
    PQclear(PQexec(other, "LOCK TABLE transactions IN ACCESS EXCLUSIVE MODE"));
    batch_give(1);
    batch_is_held(HELD_MS);
    PQclear(PQexec(other, "COMMIT"));
    PQfinish(other);
    batch_is_written();
    check_stored(2);
    teardown();
}
END_TEST

START_TEST(a_full_disk_delays_and_loses_nothing) {
    setup();
    server_run(
        "CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';"
        " END $$;"
        "CREATE TRIGGER disk_full BEFORE INSERT ON risk_scores EXECUTE FUNCTION disk_is_full()");
    batch_give(0);
    batch_is_held(500);
    check_value("SELECT count(*) FROM transactions", "0");
    check_value("SELECT count(*) FROM ingestion_errors", "0");
    server_run("DROP TRIGGER disk_full ON risk_scores");
    batch_is_written();
    check_stored(1);
    teardown();
}
END_TEST

/* In turn Postgres has never heard of the commit, and has done it: only the offsets tell which. */
START_TEST(a_connection_cut_in_the_middle_of_commit_neither_loses_nor_repeats) {
    enum { BATCHES = 30, EVERY = 3 };
    database_setup();
    proxy_start(EVERY);
    writer_start(proxy_url());
    for (int i = 0; i < BATCHES; i++) {
        batch_give(i);
        batch_is_written();
    }
    ck_assert_int_ge(proxy_cuts(), BATCHES / EVERY);
    check_stored(BATCHES);
    writer_free(writer);
    proxy_stop();
    status_free(status);
    database_teardown();
}
END_TEST

int main(void) {
    const TTest *const tests[] = {a_batch_given_while_postgres_is_away_is_written_once_it_is_back,
                                  a_writer_ends_soon_though_postgres_is_away,
                                  a_lock_that_is_held_long_delays_and_loses_nothing,
                                  a_full_disk_delays_and_loses_nothing,
                                  a_connection_cut_in_the_middle_of_commit_neither_loses_nor_repeats,
                                  NULL};
    server_new();
    int result = suite_run("sink/writer", tests, 60);
    server_remove();
    return result;
}
