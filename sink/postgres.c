#include "sink/postgres.h"

#include "common/timestamp.h"
#include "sink/limits.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATEMENTS_MAX = 32, WAIT_SLICE_MS = 200 };

struct postgres {
    PGconn *connection;
    const atomic_bool *abandoned;
    int statement_timeout_ms, usual_timeout_ms;
    bool contended, refused;
    const statement_t *prepared[STATEMENTS_MAX];
    int prepared_count;
};

void postgres_free(postgres_t *postgres) {
    if (!postgres) return;
    PQfinish(postgres->connection);
    free(postgres);
}

bool postgres_is_broken(const postgres_t *postgres) {
    return PQstatus(postgres->connection) != CONNECTION_OK;
}

bool postgres_was_contended(const postgres_t *postgres) { return postgres->contended; }

bool postgres_was_refused(const postgres_t *postgres) { return postgres->refused; }

err_t *postgres_refusal(const postgres_t *postgres, err_t *err) {
    if (!err || !postgres->refused || err_exit_code(err) != EXIT_UNAVAILABLE) return err;
    err_t *refusal = err_new("%s", err_message(err));
    err_free(err);
    return refusal;
}

static bool is_abandoned(const postgres_t *postgres) {
    return postgres->abandoned && atomic_load(postgres->abandoned);
}

/* libpq's messages end in a newline, and some have several lines. */
static void one_line(char *text) {
    size_t size = strlen(text);
    while (size > 0 && text[size - 1] == '\n') text[--size] = '\0';
    for (; *text; text++) {
        if (*text == '\n' || *text == '\t') *text = ' ';
    }
}

static err_t *away(const postgres_t *postgres, const char *otherwise) {
    char message[REASON_SIZE_MAX];
    snprintf(message, sizeof message, "%s", postgres->connection ? PQerrorMessage(postgres->connection) : "");
    one_line(message);
    return err_new_code(EXIT_UNAVAILABLE, "Postgres does not answer: %s", *message ? message : otherwise);
}

/* Waiting */

/* Until there is something to read; false when time is up, the wait is abandoned or the connection broke. */
static bool socket_await(postgres_t *postgres, int64_t end_us) {
    while (PQisBusy(postgres->connection)) {
        int64_t left_ms = (end_us - clock_monotonic_us()) / 1000 + 1;
        if (left_ms <= 0 || is_abandoned(postgres)) return false;
        struct pollfd ready = {.fd = PQsocket(postgres->connection), .events = POLLIN};
        int count = poll(&ready, 1, left_ms < WAIT_SLICE_MS ? (int)left_ms : WAIT_SLICE_MS);
        if (count < 0 && errno != EINTR) return false;
        if (count > 0 && !PQconsumeInput(postgres->connection)) return false;
    }
    return true;
}

/* The last result of what was sent, or the first that is an error; NULL where none came in time. */
static PGresult *result_await(postgres_t *postgres) {
    int64_t end_us =
        clock_monotonic_us() + (postgres->statement_timeout_ms + STATEMENT_GRACE_MS) * INT64_C(1000);
    PGresult *last = NULL;
    while (socket_await(postgres, end_us)) {
        PGresult *next = PQgetResult(postgres->connection);
        if (!next) return last;
        if (last && PQresultStatus(last) == PGRES_FATAL_ERROR) {
            PQclear(next);
            continue;
        }
        PQclear(last);
        last = next;
    }
    PQclear(last);
    return NULL;
}

/* Errors */

/* Whether the SQLSTATE is of one of the classes (two characters each). */
static bool is_of_class(const char *code, const char *classes) {
    for (; code && *classes; classes += 2) {
        if (strncmp(code, classes, 2) == 0) return true;
    }
    return false;
}

/* Data exception, integrity constraint violation, program limit exceeded. */
static bool is_of_the_values(const char *code) { return is_of_class(code, "222354"); }

/* Not supported, cardinality, wrong object state, invalid name, syntax or right, view's check, PL/pgSQL's,
 * and an internal error: none goes by itself. */
static bool is_of_the_statement(const char *code) {
    return is_of_class(code, "0A2155"
                             "3D3F4244"
                             "P0XX");
}

static bool is_of_the_schema(const char *code) {
    return code && (strcmp(code, "42P01") == 0 || strcmp(code, "42703") == 0 || strcmp(code, "42883") == 0);
}

static err_t *result_error(const PGresult *result) {
    const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    return err_new_code(
        is_of_the_values(code) ? EXIT_FAILED : EXIT_UNAVAILABLE, "Postgres says: %s%s%s%s",
        message ? message : PQresStatus(PQresultStatus(result)), detail ? ": " : "", detail ? detail : "",
        is_of_the_schema(code) ? "; the database is not migrated, run `amlstream migrate`" : "");
}

static void failure_note(postgres_t *postgres, const PGresult *result) {
    const char *code = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    postgres->contended = is_of_class(code, "40"); /* transaction rollback */
    postgres->refused = is_of_the_values(code) || is_of_the_statement(code);
}

/* Takes the result: an error where it is none or says one. */
static err_t *result_take(postgres_t *postgres, PGresult *result, PGresult **out) {
    failure_note(postgres, result);
    if (!result) {
        err_t *err = away(postgres, "no result in time");
        /* What comes later on this connection would be taken for the answer to something else. */
        PQfinish(postgres->connection);
        postgres->connection = NULL;
        return err;
    }
    ExecStatusType status = PQresultStatus(result);
    err_t *err = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY
                     ? NULL
                     : result_error(result);
    if (!err && out)
        *out = result;
    else
        PQclear(result);
    return err;
}

/* Statements */

err_t *postgres_query(postgres_t *postgres, const char *sql, PGresult **out) {
    if (postgres_is_broken(postgres)) return away(postgres, "the connection is closed");
    PGresult *result = PQsendQuery(postgres->connection, sql) ? result_await(postgres) : NULL;
    return result_take(postgres, result, out);
}

err_t *postgres_exec(postgres_t *postgres, const char *sql) { return postgres_query(postgres, sql, NULL); }

static err_t *prepare(postgres_t *postgres, const statement_t *statement) {
    for (int i = 0; i < postgres->prepared_count; i++) {
        if (postgres->prepared[i] == statement) return NULL;
    }
    assert(postgres->prepared_count < STATEMENTS_MAX);
    bool sent = PQsendPrepare(postgres->connection, statement->name, statement->sql, 0, NULL);
    TRY(result_take(postgres, sent ? result_await(postgres) : NULL, NULL));
    postgres->prepared[postgres->prepared_count++] = statement;
    return NULL;
}

err_t *postgres_write(postgres_t *postgres, const statement_t *statement, const arrays_t *arrays,
                      PGresult **out) {
    const char *values[COLUMNS_MAX];
    int sizes[COLUMNS_MAX], formats[COLUMNS_MAX];
    if (postgres_is_broken(postgres)) return away(postgres, "the connection is closed");
    TRY(prepare(postgres, statement));
    for (int i = 0; i < arrays->count; i++) {
        /* NULL would be null. */
        values[i] = arrays->items[i].size ? arrays->items[i].data : "";
        sizes[i] = (int)arrays->items[i].size;
        formats[i] = 1;
    }
    bool sent =
        PQsendQueryPrepared(postgres->connection, statement->name, arrays->count, values, sizes, formats, 1);
    return result_take(postgres, sent ? result_await(postgres) : NULL, out);
}

err_t *postgres_limit(postgres_t *postgres, int statement_timeout_ms) {
    char sql[64];
    if (!statement_timeout_ms) statement_timeout_ms = postgres->usual_timeout_ms;
    snprintf(sql, sizeof sql, "SET statement_timeout = %d", statement_timeout_ms);
    postgres->statement_timeout_ms = statement_timeout_ms;
    return postgres_exec(postgres, sql);
}

/* Connecting */

/* What is already there is looked up by its key, row by row: a plan that was made while a table was small
 * must not go on to read all of it for each batch. */
static err_t *session_set(postgres_t *postgres, const char *synchronous_commit) {
    char sql[512];
    snprintf(sql, sizeof sql,
             "SET statement_timeout = %d; SET idle_in_transaction_session_timeout = %d;"
             " SET synchronous_commit = %s; SET TimeZone = 'UTC'; SET jit = off;"
             " SET client_min_messages = warning; SET default_transaction_isolation = 'read committed';"
             " SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_hashjoin = off;"
             " SET enable_mergejoin = off",
             postgres->usual_timeout_ms, IDLE_TRANSACTION_MS_MAX,
             synchronous_commit ? synchronous_commit : "off");
    return postgres_exec(postgres, sql);
}

static void ignore_notice(void *context, const PGresult *result) { (void)context, (void)result; }

/* As PQconnectdb does it, but so that the wait can be abandoned. */
static bool connection_await(postgres_t *postgres) {
    int64_t end_us = clock_monotonic_us() + CONNECT_TIMEOUT_S * INT64_C(1000000);
    PostgresPollingStatusType next = PGRES_POLLING_WRITING;
    while (next != PGRES_POLLING_OK) {
        int64_t left_ms = (end_us - clock_monotonic_us()) / 1000 + 1;
        if (next == PGRES_POLLING_FAILED || left_ms <= 0 || is_abandoned(postgres)) return false;
        struct pollfd ready = {.fd = PQsocket(postgres->connection),
                               .events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT};
        int count = poll(&ready, 1, left_ms < WAIT_SLICE_MS ? (int)left_ms : WAIT_SLICE_MS);
        if (count < 0 && errno != EINTR) return false;
        if (count > 0) next = PQconnectPoll(postgres->connection);
    }
    return true;
}

err_t *postgres_connect(const postgres_options_t *options, postgres_t **out) {
    const char *names[] = {"dbname",          "fallback_application_name", "tcp_user_timeout",
                           "client_encoding", "keepalives_idle",           NULL};
    const char *values[] = {options->url, "amlstream sink", "20000", "UTF8", "20", NULL};
    postgres_t *postgres = calloc(1, sizeof *postgres);
    if (!postgres) abort();
    postgres->abandoned = options->abandoned;
    postgres->usual_timeout_ms =
        options->statement_timeout_ms ? options->statement_timeout_ms : STATEMENT_TIMEOUT_MS;
    postgres->statement_timeout_ms = postgres->usual_timeout_ms;
    postgres->connection = PQconnectStartParams(names, values, 1);
    if (!postgres->connection) abort();
    PQsetNoticeReceiver(postgres->connection, ignore_notice, NULL);
    bool connected = PQstatus(postgres->connection) != CONNECTION_BAD && connection_await(postgres);
    err_t *err = connected ? session_set(postgres, options->synchronous_commit)
                           : away(postgres, "no connection in time; check DATABASE_URL");
    if (err)
        postgres_free(postgres);
    else
        *out = postgres;
    return err;
}
