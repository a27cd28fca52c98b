/* The whole command, as processes of their own, against librdkafka's mock of a cluster and a real
 * Postgres. */
#include "common/log.h"
#include "common/signals.h"
#include "common/timestamp.h"
#include "sink/sink.h"
#include "tests/sink/support_records.h"
#include "tests/support/postgres.h"
#include "tests/support/suite.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PARTITIONS = 3, WAIT_MS = 20000, TRANSFERS = 3000 };

static rd_kafka_t *producer;
static rd_kafka_mock_cluster_t *cluster;

static void setup(void) {
    static const char *const topics[] = {"transaction-risk", "risk-scores", "alerts",
                                         "transactions-dlq", "risk-labels", "scoring-runs"};
    char why[256];
    server_wipe();
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    ck_assert_int_eq(rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", why, sizeof why), 0);
    producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    ck_assert_msg(producer != NULL, "%s", why);
    cluster = rd_kafka_handle_mock_cluster(producer);
    for (int i = 0; i < INPUT_COUNT; i++) rd_kafka_mock_topic_create(cluster, topics[i], PARTITIONS, 1);
    setenv("KAFKA_BOOTSTRAP_SERVERS", rd_kafka_mock_cluster_bootstraps(cluster), 1);
    setenv("DATABASE_URL", server_url(), 1);
}

static void teardown(void) { rd_kafka_destroy(producer); }

static void record_send(const char *topic, int partition, const char *json) {
    ck_assert_int_eq(rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition),
                                       RD_KAFKA_V_VALUE((void *)(uintptr_t)json, strlen(json)),
                                       RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END),
                     0);
}

static void flush(void) { ck_assert_int_eq(rd_kafka_flush(producer, WAIT_MS), 0); }

/* Every tenth transfer comes twice. */
static void send_transfers(int from, int to) {
    for (int i = from; i < to; i++) {
        char id[16];
        snprintf(id, sizeof id, "t%d", i);
        const char *json = transfer_json(id, "w1", "1", "[]");
        for (int times = i % 10 ? 1 : 2; times; times--)
            record_send("transaction-risk", i % PARTITIONS, json);
    }
    flush();
}

/* In a group of its own, which has every partition: what was stored is for sink_offsets to say, not for the
 * group. */
static pid_t sink_start(const char *group_flag) {
    pid_t pid = fork();
    if (pid) return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves none behind */
    execl("/proc/self/exe", "sink", group_flag, "--http-listen=", "--batch-size=200", "--log-level=error",
          NULL);
    _exit(127);
}

static int sink_end(pid_t pid, int signal) {
    int status;
    kill(pid, signal);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Until the query's value is as wanted. */
static void await(const char *sql, const char *wanted) {
    int64_t end_us = clock_monotonic_us() + WAIT_MS * INT64_C(1000);
    while (strcmp(server_value(sql), wanted) != 0) {
        ck_assert_msg(clock_monotonic_us() < end_us, "%s is \"%s\", not \"%s\"", sql, server_value(sql),
                      wanted);
        usleep(20000);
    }
}

static void await_tables(void) { await("SELECT to_regclass('rollup_state') IS NOT NULL", "t"); }

#define STATE_SQL                                                                                            \
    "SELECT concat(sum(inserted), ' ', sum(duplicates), ' ', sum(lag)) FROM ingestion_state "                \
    "WHERE topic = 'transaction-risk'"

START_TEST(a_sink_that_is_killed_goes_on_without_loss_or_repetition) {
    setup();
    send_transfers(0, TRANSFERS / 2);
    pid_t sink = sink_start("--group=a");
    await_tables();
    await("SELECT count(*) > 0 FROM transactions", "t");
    sink_end(sink, SIGKILL);
    sink = sink_start("--group=b");
    send_transfers(TRANSFERS / 2, TRANSFERS);
    await("SELECT count(*) FROM transactions", "3000");
    await(STATE_SQL, "3000 300 0");
    ck_assert_int_eq(sink_end(sink, SIGTERM), EXIT_OK);
    teardown();
}
END_TEST

/* Each is the other's zombie, all the time. */
START_TEST(two_sinks_that_both_believe_to_have_the_partitions_store_each_record_once) {
    setup();
    pid_t first = sink_start("--group=a"), second = sink_start("--group=b");
    await_tables();
    send_transfers(0, TRANSFERS / 2);
    await("SELECT count(*) > 0 FROM transactions", "t");
    for (int at = TRANSFERS / 2; at < TRANSFERS; at += TRANSFERS / 20) {
        send_transfers(at, at + TRANSFERS / 20);
        usleep(150000);
    }
    await("SELECT count(*) FROM transactions", "3000");
    await(STATE_SQL, "3000 300 0");
    ck_assert_int_eq(sink_end(first, SIGTERM), EXIT_OK);
    ck_assert_int_eq(sink_end(second, SIGTERM), EXIT_OK);
    teardown();
}
END_TEST

START_TEST(scores_alerts_and_dead_letters_come_to_their_tables) {
    setup();
    pid_t sink = sink_start("--group=a");
    for (int i = 1; i <= 100; i++)
        record_send("risk-scores", i % PARTITIONS, score_json(i % PARTITIONS ? "w1" : "w2", i, i));
    record_send("alerts", 0, alert_json("a1", "w1"));
    record_send("alerts", 1, alert_json("a1", "w1"));
    ck_assert_int_eq(rd_kafka_producev(producer, RD_KAFKA_V_TOPIC("transactions-dlq"),
                                       RD_KAFKA_V_PARTITION(2), RD_KAFKA_V_VALUE("x\0y", 3),
                                       RD_KAFKA_V_HEADER("error", "not JSON", -1),
                                       RD_KAFKA_V_HEADER("source-topic", "transactions", -1),
                                       RD_KAFKA_V_HEADER("source-partition", "7", -1),
                                       RD_KAFKA_V_HEADER("source-offset", "12345678901", -1), RD_KAFKA_V_END),
                     0);
    flush();
    await_tables();
    await("SELECT string_agg(version::text, ' ' ORDER BY wallet) FROM risk_scores", "100 99");
    await("SELECT count(*) FROM alerts", "1");
    await("SELECT concat(partition, ' ', reason, ' ', encode(payload, 'hex'), ' ', source_topic, ' ',"
          " source_partition, ' ', source_offset) FROM ingestion_errors",
          "2 not JSON 780079 transactions 7 12345678901");
    ck_assert_int_eq(sink_end(sink, SIGTERM), EXIT_OK);
    teardown();
}
END_TEST

START_TEST(a_sink_that_starts_before_postgres_waits_for_it) {
    setup();
    server_stop();
    pid_t sink = sink_start("--group=a");
    send_transfers(0, TRANSFERS);
    usleep(1000000);
    ck_assert_int_eq(waitpid(sink, NULL, WNOHANG), 0);
    server_start();
    await_tables();
    await(STATE_SQL, "3000 300 0");
    ck_assert_int_eq(sink_end(sink, SIGTERM), EXIT_OK);
    teardown();
}
END_TEST

/* Commits do not wait for the disk, so a crash takes some back: rows and offsets alike. */
START_TEST(a_postgres_that_crashes_and_restarts_under_load_has_each_record_once) {
    setup();
    pid_t sink = sink_start("--group=a");
    await_tables();
    for (int at = 0; at < TRANSFERS; at += TRANSFERS / 30) {
        send_transfers(at, at + TRANSFERS / 30);
        usleep(30000);
        if (at == TRANSFERS / 3) server_crash();
        if (at == TRANSFERS / 3 * 2) server_stop();
        if (at && at % (TRANSFERS / 3) == 0) server_start();
    }
    await(STATE_SQL, "3000 300 0");
    await("SELECT count(*) FROM transactions", "3000");
    ck_assert_int_eq(sink_end(sink, SIGTERM), EXIT_OK);
    teardown();
}
END_TEST

static int sink_main(int argc, char **argv) {
    settings_t *settings;
    signals_init();
    err_t *err = settings_new(&sink_command, argc, argv, &settings);
    log_init("sink", LOG_LEVEL_ERROR);
    if (!err) {
        err = sink_command.run(settings);
        settings_free(settings);
    }
    if (err) log_error(err_message(err));
    int code = err ? err_exit_code(err) : EXIT_OK;
    err_free(err);
    return code;
}

int main(int argc, char **argv) {
    if (strcmp(argv[0], "sink") == 0) return sink_main(argc - 1, argv + 1);
    const TTest *const tests[] = {a_sink_that_is_killed_goes_on_without_loss_or_repetition,
                                  two_sinks_that_both_believe_to_have_the_partitions_store_each_record_once,
                                  scores_alerts_and_dead_letters_come_to_their_tables,
                                  a_sink_that_starts_before_postgres_waits_for_it,
                                  a_postgres_that_crashes_and_restarts_under_load_has_each_record_once,
                                  NULL};
    server_new();
    int result = suite_run("sink/sink", tests, 100);
    server_remove();
    return result;
}
