/* How fast batches go into Postgres: measure_write URL [BATCHES] [RECORDS] [transfers|scores]. Without the
 * last a batch has one transfer for two scores, as a busy processor emits them. Empties the database first.
 */
#include "common/timestamp.h"
#include "sink/batch_write.h"
#include "sink/migrate.h"
#include "tests/support/suite.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WALLETS = 200000, MONTHS = 3 };

static const names_t names = {
    {"transaction-risk", "risk-scores", "alerts", "transactions-dlq", "risk-labels", "scoring-runs"}};
static const write_options_t options = {.names = &names, .told_change = 10};
static uint64_t random_state = 7;
static int64_t versions[WALLETS];

static void finish(err_t *err) {
    if (!err) return;
    fprintf(stderr, "%s\n", err_message(err));
    exit(EXIT_FAILURE);
}

static void ignore(const migration_t *step) { (void)step; }

/* Few are busy. */
static int wallet_draw(void) {
    double place = (double)random_below(&random_state, 1 << 30) / (1 << 30);
    return (int)(WALLETS * pow(place, 3));
}

static void record_add(batch_t *batch, input_t input, int64_t *offset, const char *json, int size) {
    position_t position = {input, 0, *offset};
    record_t record = {.offset = (*offset)++,
                       .value = json,
                       .size = (size_t)size,
                       .source_partition = -1,
                       .source_offset = -1};
    batch_add(batch, batch_segment(batch, &position), &record);
}

static void transfer_add(batch_t *batch, int64_t *offset, int64_t number) {
    char json[1024], time[TIMESTAMP_SIZE_MAX];
    timestamp_format(INT64_C(1767225600000) + number % (MONTHS * 30) * 86400000 + number, time);
    int size = snprintf(json, sizeof json,
                        "{\"tx_id\":\"%016" PRIx64 "%016" PRIx64 "\",\"src\":\"0x%040d\",\"dst\":\"0x%040d\","
                        "\"amount\":%d.%d,\"asset\":\"ETH\",\"timestamp\":\"%s\",\"score\":12.5,\"level\":"
                        "\"low\",\"reasons\":[],\"rules_version\":\"0123456789abcdef\"}",
                        random_next(&random_state), random_next(&random_state), wallet_draw(), wallet_draw(),
                        (int)(number % 977), (int)(number % 89), time);
    record_add(batch, INPUT_TRANSFERS, offset, json, size);
}

static void score_add(batch_t *batch, int64_t *offset) {
    char json[1024];
    int wallet = wallet_draw();
    int64_t version = ++versions[wallet];
    int size = snprintf(
        json, sizeof json,
        "{\"wallet\":\"0x%040d\",\"score\":%d,\"level\":\"low\",\"version\":%" PRId64
        ",\"in_degree\":12,\"out_degree\":7,\"received_count\":33,\"sent_count\":%" PRId64
        ",\"received_total\":12345.678,\"sent_total\":98765.4321,\"reasons\":[{\"code\":\"fan_in\","
        "\"contribution\":12.5,\"evidence\":{\"count\":12,\"window_s\":86400}}],\"exposures\":[{\"category\":"
        "\"mixer\",\"hops\":2,\"label\":\"0x%040d\",\"via\":\"0x%040d\"}],\"tx_id\":\"0123456789abcdef\","
        "\"rules_version\":\"0123456789abcdef\",\"first_seen\":\"2026-01-02T03:04:05.000Z\",\"last_seen\":"
        "\"2026-01-02T03:04:05.000Z\",\"updated_at\":\"2026-01-02T03:04:06.000Z\"}",
        wallet, (int)(wallet % 50 + version / 8 % 3), version, version, wallet % 100, wallet % 1000);
    record_add(batch, INPUT_SCORES, offset, json, size);
}

static char *text_query(postgres_t *postgres, const char *sql) {
    PGresult *result;
    finish(postgres_query(postgres, sql, &result));
    char *text = strdup(PQgetvalue(result, 0, 0));
    PQclear(result);
    return text;
}

/* Of the server's process for this connection, which must run on this machine. */
static double server_cpu_s(postgres_t *postgres) {
    char *pid = text_query(postgres, "SELECT pg_backend_pid()"), path[64], stat[1024] = "";
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%s/stat", pid);
    FILE *file = fopen(path, "r");
    if (file && fgets(stat, sizeof stat, file))
        sscanf(strrchr(stat, ')') + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
               &system);
    if (file) fclose(file);
    free(pid);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static double wal_bytes(postgres_t *postgres) {
    char *text = text_query(postgres, "SELECT pg_current_wal_lsn() - '0/0'");
    double bytes = strtod(text, NULL);
    free(text);
    return bytes;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: %s URL [BATCHES] [RECORDS] [transfers|scores]\n", argv[0]);
        return EXIT_FAILURE;
    }
    int batches = argc > 2 ? atoi(argv[2]) : 30, records = argc > 3 ? atoi(argv[3]) : 20000;
    char what = argc > 4 ? argv[4][0] : 0;
    int64_t transfer_offset = 0, score_offset = 0, filling_us = 0, writing_us = 0;
    position_t positions[] = {{INPUT_TRANSFERS, 0, 0}, {INPUT_SCORES, 0, 0}};
    postgres_t *postgres;
    batch_t *batch = batch_new();
    finish(postgres_connect(&(postgres_options_t){.url = argv[1]}, &postgres));
    finish(postgres_exec(postgres, "DROP SCHEMA public CASCADE; CREATE SCHEMA public"));
    finish(migrate(postgres, migrations, ignore));
    finish(positions_load(postgres, &names, positions, 2));
    double cpu_s = server_cpu_s(postgres), wal = wal_bytes(postgres);
    for (int i = 0; i < batches; i++) {
        bool accepted;
        int64_t begin_us = clock_monotonic_us();
        for (int record = 0; record < records; record++) {
            if (what == 't' || (what == 0 && record % 3 == 0))
                transfer_add(batch, &transfer_offset, transfer_offset);
            else
                score_add(batch, &score_offset);
        }
        int64_t filled_us = clock_monotonic_us();
        finish(batch_write(postgres, &options, batch, &accepted));
        if (!accepted) return EXIT_FAILURE;
        batch_reset(batch);
        filling_us += filled_us - begin_us;
        writing_us += clock_monotonic_us() - filled_us;
    }
    double seconds = (double)writing_us / 1e6;
    printf("%d batches of %d records: %.0f transfers/s and %.0f scores/s in one connection; filling took "
           "%.2f s, "
           "writing %.2f s\n",
           batches, records, (double)transfer_offset / seconds, (double)score_offset / seconds,
           (double)filling_us / 1e6, seconds);
    double all = (double)(transfer_offset + score_offset);
    printf("the server took %.1f us CPU and %.0f bytes of WAL a record\n",
           (server_cpu_s(postgres) - cpu_s) * 1e6 / all, (wal_bytes(postgres) - wal) / all);
    batch_free(batch);
    postgres_free(postgres);
    return EXIT_SUCCESS;
}
