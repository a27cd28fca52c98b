#include "sink/migrate.h"
#include "tests/sink/support_database.h"
#include "tests/sink/support_records.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROCESSES = 6 };

static void ignore(const migration_t *step) { (void)step; }

START_TEST(any_number_of_processes_may_migrate_at_once) {
    server_wipe();
    for (int i = 0; i < PROCESSES; i++) {
        if (fork()) continue;
        postgres_t *own;
        err_t *err = database_connect(&own);
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
    database_setup();
    const migration_t other[] = {{1, "months", "SELECT 1"}, {0, NULL, NULL}};
    err_t *err = migrate(postgres, other, ignore);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err_exit_code(err), EXIT_STATE);
    err_free(err);
    database_teardown();
}
END_TEST

START_TEST(a_migration_that_fails_leaves_nothing_behind) {
    database_setup();
    const migration_t bad[] = {{99, "bad", "CREATE TABLE half (a int); SELECT nonsense"}, {0, NULL, NULL}};
    err_t *err = migrate(postgres, bad, ignore);
    ck_assert_ptr_nonnull(err);
    ck_assert_int_eq(err_exit_code(err), EXIT_FAILED);
    err_free(err);
    check_value("SELECT count(*) FROM schema_migrations", "9");
    check_value("SELECT to_regclass('half') IS NULL", "t");
    must(migrate(postgres, migrations, ignore));
    database_teardown();
}
END_TEST

START_TEST(rows_offsets_and_counts_are_stored_together) {
    database_setup();
    add(batch, INPUT_TRANSFERS, 0, 0, 0,
        transfer_json("t1", "w1", "0.10000000000000000001", "[{\"code\":\"x\"}]"));
    add(batch, INPUT_TRANSFERS, 0, 0, 1, transfer_json("t2", "w1", "2", "[]"));
    add(batch, INPUT_TRANSFERS, 0, 0, 2, "not JSON");
    add(batch, INPUT_SCORES, 0, 0, 0, score_json("w1", 1, 12.5));
    add(batch, INPUT_ALERTS, 0, 0, 0, alert_json("a1", "w1"));
    write_batch(true);
    check_value("SELECT string_agg(next_offset::text, ',' ORDER BY topic) FROM sink_offsets", "1,0,1,0,3,0");
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
    database_teardown();
}
END_TEST

START_TEST(what_was_stored_before_counts_as_a_duplicate) {
    database_setup();
    add(batch, INPUT_TRANSFERS, 0, 0, 0, transfer_json("t1", "w1", "1", "[]"));
    write_batch(true);
    add(batch, INPUT_TRANSFERS, 0, 1, 1, transfer_json("t1", "other", "7", "[]"));
    add(batch, INPUT_TRANSFERS, 0, 1, 2, transfer_json("t2", "w1", "1", "[]"));
    add(batch, INPUT_TRANSFERS, 0, 1, 3, transfer_json("t2", "w1", "1", "[]"));
    write_batch(true);
    check_value("SELECT concat(inserted, ' ', duplicates) FROM ingestion_state", "2 2");
    check_value("SELECT src FROM transactions WHERE tx_id = 't1'", "w1");
    database_teardown();
}
END_TEST

START_TEST(only_a_later_version_replaces_a_score) {
    database_setup();
    add(batch, INPUT_SCORES, 0, 0, 0, score_json("w1", 5, 50));
    add(batch, INPUT_SCORES, 0, 0, 1, score_json("w2", 5, 50));
    write_batch(true);
    add(batch, INPUT_SCORES, 0, 2, 2, score_json("w1", 4, 40));
    add(batch, INPUT_SCORES, 0, 2, 3, score_json("w2", 6, 60));
    write_batch(true);
    check_value("SELECT string_agg(score::text, ' ' ORDER BY wallet) FROM risk_scores", "50 60");
    check_value("SELECT concat(inserted, ' ', duplicates) FROM ingestion_state", "3 1");
    database_teardown();
}
END_TEST

/* Two instances believe that they have the partition. */
START_TEST(a_zombies_batch_is_refused_as_a_whole) {
    database_setup();
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
    database_teardown();
}
END_TEST

START_TEST(a_batch_whose_commit_had_no_answer_is_known_again) {
    database_setup();
    for (int round = 0; round < 2; round++) {
        add(batch, INPUT_TRANSFERS, 0, 0, 0, transfer_json("t1", "w1", "1", "[]"));
        add(batch, INPUT_SCORES, 0, 0, 0, score_json("w1", 1, 1));
        write_batch(true);
    }
    check_value("SELECT string_agg(concat(inserted, ' ', duplicates), ',') FROM ingestion_state", "1 0,1 0");
    database_teardown();
}
END_TEST

START_TEST(rows_that_postgres_refuses_are_set_aside_alone) {
    database_setup();
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
    database_teardown();
}
END_TEST

/* Both write the same transfers, and one waits for the other: in its own order of the keys each would have
 * what the other needs. */
START_TEST(two_instances_with_the_same_transfers_do_not_deadlock) {
    enum { ROUNDS = 30, ROWS = 200 };
    database_setup();
    must(positions_load(postgres, &names, &(position_t){.partition = 1}, 1));
    for (int instance = 0; instance < 2; instance++) {
        if (fork()) continue;
        postgres_t *own;
        must(database_connect(&own));
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
    database_teardown();
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
                                  NULL};
    server_new();
    int result = suite_run("sink/postgres", tests, 60);
    server_remove();
    return result;
}
