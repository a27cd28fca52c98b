#include "tests/api/support_postgres.h"

#include "sink/migrate.h"

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

static void must(err_t *err) {
    if (err) give_up("cannot make the tables", err_message(err));
}

static void nobody_is_told(const migration_t *applied) { (void)applied; }

void postgres_tables(void) {
    postgres_t *postgres;
    postgres_run("SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    must(postgres_connect(url, NULL, &postgres));
    must(migrate(postgres, migrations, nobody_is_told));
    postgres_free(postgres);
}
