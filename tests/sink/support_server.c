#include "tests/sink/support_server.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char directory[] = "/tmp/amlstream-sink-XXXXXX";
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

void server_remove(void) {
    char line[256];
    script("clean", line, sizeof line);
}

const char *server_url(void) { return url; }

void server_wipe(void) {
    server_value("SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public");
}

const char *server_value(const char *sql) {
    static char value[1024];
    PGconn *connection = PQconnectdb(url);
    PGresult *result = PQexec(connection, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) give_up(sql, PQerrorMessage(connection));
    snprintf(value, sizeof value, "%s", PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    PQfinish(connection);
    return value;
}
