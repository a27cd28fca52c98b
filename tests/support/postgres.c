#include "tests/support/postgres.h"

#include "sink/migrate.h"

#include <libpq-fe.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { VALUES = 8, VALUE_SIZE = 2048, CRASH_LIMIT_MS = 20000 };

static char directory[] = "/tmp/amlstream-test-XXXXXX";
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

void server_start(void) { script("start", url, sizeof url); }

void server_new(void) {
    if (!mkdtemp(directory)) give_up(directory, "cannot be made");
    /* Run by root, the server is another user's. */
    if (chmod(directory, 0755) != 0) give_up(directory, "cannot be opened to others");
    server_start();
}

void server_stop(void) {
    char line[256];
    script("stop", line, sizeof line);
}

void server_crash(void) {
    char path[64];
    int pid = 0;
    snprintf(path, sizeof path, "%s/pid", directory);
    FILE *file = fopen(path, "r");
    if (!file || fscanf(file, "%d", &pid) != 1) give_up(path, "cannot be read");
    fclose(file);
    /* Postgres's immediate shutdown: nothing is written, and the next start recovers. */
    kill(pid, SIGQUIT);
    for (int waited_ms = 0; kill(pid, 0) == 0; waited_ms += 10) {
        if (waited_ms > CRASH_LIMIT_MS) give_up(directory, "the server did not end");
        usleep(10000);
    }
}

void server_remove(void) {
    char line[256];
    script("clean", line, sizeof line);
}

const char *server_url(void) { return url; }

const char *server_log(void) {
    static char path[64];
    snprintf(path, sizeof path, "%s/server.log", directory);
    return path;
}

void server_wipe(void) {
    server_run("SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public");
}

static void ignore(const migration_t *applied) { (void)applied; }

void server_tables(void) {
    postgres_t *postgres;
    server_wipe();
    err_t *err = postgres_connect(&(postgres_options_t){.url = url}, &postgres);
    if (!err) err = migrate(postgres, migrations, ignore);
    if (err) give_up("cannot make the tables", err_message(err));
    postgres_free(postgres);
}

void server_run(const char *sql) { server_value(sql); }

const char *server_value(const char *sql) {
    static char values[VALUES][VALUE_SIZE];
    static int latest;
    char *value = values[latest++ % VALUES];
    PGconn *connection = PQconnectdb(url);
    PGresult *result = PQexec(connection, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) give_up(sql, PQerrorMessage(connection));
    snprintf(value, VALUE_SIZE, "%s", PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    PQfinish(connection);
    return value;
}
