#include "tests/api/support_postgres.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char directory[] = "/tmp/amlstream-api-XXXXXX";
static char url[256];

static void give_up(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

/* Runs scripts/postgres with `action`; its first line of output goes to `line`. */
static void script(const char *action, char *line, int size) {
    char command[256];
    snprintf(command, sizeof command, "timeout 100 scripts/postgres %s %s", action, directory);
    FILE *output = popen(command, "r");
    if (!output) give_up(command, "cannot be run");
    if (fgets(line, size, output)) line[strcspn(line, "\n")] = '\0';
    if (pclose(output) != 0) give_up(command, "failed");
}

void postgres_start(void) {
    if (!mkdtemp(directory)) give_up(directory, "cannot be made");
    /* Run by root, the server is another user's. */
    if (chmod(directory, 0755) != 0) give_up(directory, "cannot be opened to others");
    script("start", url, sizeof url);
}

void postgres_stop(void) {
    char line[256];
    script("stop", line, sizeof line);
}

void postgres_start_again(void) { script("start", url, sizeof url); }

void postgres_remove(void) {
    char line[256];
    script("clean", line, sizeof line);
}

const char *postgres_url(void) { return url; }

static PGresult *run(PGconn *connection, const char *sql) {
    PGresult *result = PQexec(connection, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) give_up(sql, PQerrorMessage(connection));
    return result;
}

void postgres_run(const char *sql) { free(postgres_value(sql)); }

char *postgres_value(const char *sql) {
    PGconn *connection = PQconnectdb(url);
    PGresult *result = run(connection, sql);
    char *value = strdup(PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    PQfinish(connection);
    return value;
}

void postgres_tables(void) {
    postgres_run("SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public;"
                 "CREATE TABLE transactions(tx_id text PRIMARY KEY, src text, dst text, amount numeric, "
                 "asset text, \"timestamp\" "
                 "timestamptz, score double precision, level text, reasons jsonb, inserted_at timestamptz "
                 "DEFAULT now());"
                 "CREATE TABLE risk_scores(wallet text PRIMARY KEY, score double precision, level text, "
                 "version bigint, in_degree "
                 "bigint, out_degree bigint, received_count bigint, sent_count bigint, received_total "
                 "numeric, sent_total numeric,"
                 "reasons jsonb, exposures jsonb, tx_id text, rules_version text, first_seen timestamptz, "
                 "last_seen timestamptz, "
                 "updated_at timestamptz);"
                 "CREATE TABLE alerts(alert_id text PRIMARY KEY, typology text, severity text, wallet text, "
                 "score double precision,"
                 "tx_ids jsonb, wallets jsonb, evidence jsonb, rules_version text, created_at timestamptz, "
                 "inserted_at timestamptz "
                 "DEFAULT now());"
                 "CREATE TABLE ingestion_state(topic text, partition int, last_offset bigint, last_tx_id "
                 "text, last_tx_at "
                 "timestamptz, inserted bigint, duplicates bigint, rejected bigint, lag bigint, last_error "
                 "text, last_error_at "
                 "timestamptz, updated_at timestamptz, PRIMARY KEY (topic, partition));"
                 "CREATE TABLE sink_offsets(topic text, partition int, next_offset bigint, PRIMARY KEY "
                 "(topic, partition));"
                 "CREATE TABLE scoring_runs(run_id text PRIMARY KEY, state text, rules_version text, "
                 "started_at timestamptz, "
                 "finished_at timestamptz, wallets bigint)");
}
