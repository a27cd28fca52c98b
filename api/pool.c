#include "api/pool.h"

#include "api/limits.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/timestamp.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { STATEMENTS_MAX = 64 };

typedef struct {
    PGconn *connection; /* NULL: not connected */
    bool busy;
    const statement_t *prepared[STATEMENTS_MAX];
    int prepared_count;
} slot_t;

struct pool {
    char *url;
    slot_t *slots;
    int size;
    pthread_mutex_t mutex; /* guards `busy` of the slots and all below */
    pthread_cond_t released;
    bool connecting; /* while Postgres is away one thread at a time tries; the others are told at once */
    int64_t next_try_us;
    int backoff_ms;        /* 0: the last attempt to connect succeeded */
    char *last_error;      /* of that attempt, while backoff_ms is not 0 */
    atomic_llong hurry_us; /* when all queries must be over; 0: not stopping */
    metric_t *up;
    metric_t *errors;
    metric_t *seconds;
};

pool_t *pool_new(const char *url, int size) {
    static const double bounds_s[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                      0.1,    0.25,  0.5,    1,     2.5,  5};
    pool_t *pool = calloc(1, sizeof *pool);
    if (!pool) abort();
    pool->url = strdup(url);
    pool->slots = calloc((size_t)size, sizeof *pool->slots);
    if (!pool->url || !pool->slots) abort();
    pool->size = size;
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&pool->released, &attributes);
    pthread_condattr_destroy(&attributes);
    pool->up = metric_gauge("amlstream_api_postgres_up", "1 while Postgres answers", "");
    pool->errors =
        metric_counter("amlstream_api_postgres_errors_total", "Queries and connects that failed", "");
    pool->seconds = metric_histogram("amlstream_api_postgres_query_seconds", "Time of a query in Postgres",
                                     "", bounds_s, sizeof bounds_s / sizeof *bounds_s);
    return pool;
}

static void slot_close(slot_t *slot) {
    PQfinish(slot->connection);
    slot->connection = NULL;
    slot->prepared_count = 0;
}

void pool_free(pool_t *pool) {
    if (!pool) return;
    for (int i = 0; i < pool->size; i++) slot_close(&pool->slots[i]);
    pthread_cond_destroy(&pool->released);
    pthread_mutex_destroy(&pool->mutex);
    free(pool->last_error);
    free(pool->slots);
    free(pool->url);
    free(pool);
}

void pool_hurry(pool_t *pool) { pool->hurry_us = clock_monotonic_us() + STOP_GRACE_MS * INT64_C(1000); }

/* Slots */

/* A free slot, best one that is connected; NULL where there is none. The mutex is held. */
static slot_t *slot_free_one(pool_t *pool) {
    slot_t *found = NULL;
    for (int i = 0; i < pool->size; i++) {
        if (pool->slots[i].busy) continue;
        if (pool->slots[i].connection) return &pool->slots[i];
        if (!found) found = &pool->slots[i];
    }
    return found;
}

static err_t *slot_take(pool_t *pool, slot_t **out) {
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += POOL_WAIT_MS_MAX / 1000;
    pthread_mutex_lock(&pool->mutex);
    slot_t *slot;
    while (!(slot = slot_free_one(pool))) {
        if (pthread_cond_timedwait(&pool->released, &pool->mutex, &end) == ETIMEDOUT) break;
    }
    if (slot) slot->busy = true;
    pthread_mutex_unlock(&pool->mutex);
    *out = slot;
    if (slot) return NULL;
    return err_new_code(EXIT_UNAVAILABLE, "all %d connections to Postgres were busy for %d ms; try again",
                        pool->size, POOL_WAIT_MS_MAX);
}

static void slot_give_back(pool_t *pool, slot_t *slot) {
    pthread_mutex_lock(&pool->mutex);
    slot->busy = false;
    pthread_cond_signal(&pool->released);
    pthread_mutex_unlock(&pool->mutex);
}

/* Connecting */

/* libpq's messages end in a newline, and some have several lines. */
static char *one_line(const char *text) {
    char *line = strdup(text ? text : "");
    if (!line) abort();
    size_t size = strlen(line);
    while (size > 0 && line[size - 1] == '\n') line[--size] = '\0';
    for (char *at = line; *at; at++) {
        if (*at == '\n' || *at == '\t') *at = ' ';
    }
    return line;
}

static err_t *away(const char *why) {
    return err_new_code(EXIT_UNAVAILABLE, "Postgres does not answer: %s", why);
}

/* Whether this thread may try to connect now; else why not. */
static err_t *connect_begin(pool_t *pool) {
    err_t *err = NULL;
    pthread_mutex_lock(&pool->mutex);
    bool is_away = pool->backoff_ms > 0;
    if (is_away && (pool->connecting || clock_monotonic_us() < pool->next_try_us))
        err = away(pool->last_error);
    else if (is_away)
        pool->connecting = true;
    pthread_mutex_unlock(&pool->mutex);
    return err;
}

static void connect_end(pool_t *pool, const char *error) {
    pthread_mutex_lock(&pool->mutex);
    bool was_away = pool->backoff_ms > 0;
    pool->connecting = false;
    free(pool->last_error);
    pool->last_error = error ? strdup(error) : NULL;
    int backoff_ms = was_away ? pool->backoff_ms * 2 : BACKOFF_MS_MIN;
    if (backoff_ms > BACKOFF_MS_MAX) backoff_ms = BACKOFF_MS_MAX;
    pool->backoff_ms = error ? backoff_ms : 0;
    pool->next_try_us = clock_monotonic_us() + (int64_t)backoff_ms * 1000;
    pthread_mutex_unlock(&pool->mutex);
    metric_set(pool->up, error ? 0 : 1);
    if (error && !was_away) log_warn("Postgres is away; trying again", LOG_STR("error", error));
    if (!error && was_away) log_info("Postgres is back");
}

static PGconn *connect_to(const char *url) {
    char timeout[16];
    snprintf(timeout, sizeof timeout, "%d", CONNECT_TIMEOUT_S);
    const char *names[] = {"dbname",           "fallback_application_name", "connect_timeout",
                           "tcp_user_timeout", "client_encoding",           NULL};
    const char *values[] = {url, "amlstream api", timeout, "5000", "UTF8", NULL};
    PGconn *connection = PQconnectdbParams(names, values, 1);
    if (!connection) abort();
    if (PQstatus(connection) != CONNECTION_OK) return connection;
    char settings[160];
    /* A plan that was made while a table, or a month's partition, was empty must not go on to read all of it.
     */
    snprintf(settings, sizeof settings,
             "SET statement_timeout = %d; SET TimeZone = 'UTC'; SET jit = off; SET enable_seqscan = off",
             QUERY_TIMEOUT_MS);
    PQclear(PQexec(connection, settings));
    return connection;
}

static err_t *slot_connect(pool_t *pool, slot_t *slot) {
    if (slot->connection) return NULL;
    TRY(connect_begin(pool));
    PGconn *connection = connect_to(pool->url);
    if (PQstatus(connection) == CONNECTION_OK) {
        connect_end(pool, NULL);
        slot->connection = connection;
        return NULL;
    }
    metric_add(pool->errors, 1);
    char *error = one_line(PQerrorMessage(connection));
    connect_end(pool, error);
    err_t *err = away(error);
    free(error);
    PQfinish(connection);
    return err;
}

/* Queries */

/* Waits for the result of what was sent; NULL when time is up or the connection broke. */
static PGresult *result_await(const pool_t *pool, PGconn *connection) {
    int64_t end_us = clock_monotonic_us() + (QUERY_TIMEOUT_MS + QUERY_GRACE_MS) * INT64_C(1000);
    PGresult *last = NULL;
    while (true) {
        while (PQisBusy(connection)) {
            struct pollfd ready = {.fd = PQsocket(connection), .events = POLLIN};
            int64_t now_us = clock_monotonic_us();
            bool is_over = now_us >= end_us || (pool->hurry_us && now_us >= pool->hurry_us);
            if (is_over || (poll(&ready, 1, STOP_POLL_MS) < 0 && errno != EINTR) ||
                (ready.revents && !PQconsumeInput(connection))) {
                PQclear(last);
                return NULL;
            }
        }
        PGresult *next = PQgetResult(connection);
        if (!next) return last;
        PQclear(last);
        last = next;
    }
}

static bool is_prepared(const slot_t *slot, const statement_t *statement) {
    for (int i = 0; i < slot->prepared_count; i++) {
        if (slot->prepared[i] == statement) return true;
    }
    return false;
}

/* The result, whatever it says; NULL where the connection broke or gave none in time. */
static PGresult *slot_query(const pool_t *pool, slot_t *slot, const statement_t *statement,
                            const char *const *values) {
    if (!is_prepared(slot, statement)) {
        assert(slot->prepared_count < STATEMENTS_MAX);
        if (!PQsendPrepare(slot->connection, statement->name, statement->sql, statement->value_count, NULL))
            return NULL;
        PGresult *result = result_await(pool, slot->connection);
        if (!result || PQresultStatus(result) != PGRES_COMMAND_OK) return result;
        PQclear(result);
        slot->prepared[slot->prepared_count++] = statement;
    }
    if (!PQsendQueryPrepared(slot->connection, statement->name, statement->value_count, values, NULL, NULL,
                             0)) {
        return NULL;
    }
    return result_await(pool, slot->connection);
}

/* Conditions that go by themselves: connection lost, server stopping or starting, out of resources, statement
 * timeout; and tables that are not there until the migration has run. */
static bool is_passing(const char *code) {
    static const char *const passing[] = {"08", "53", "57", "42P01", "42703", "3F000"};
    for (size_t i = 0; code && i < sizeof passing / sizeof *passing; i++) {
        if (strncmp(code, passing[i], strlen(passing[i])) == 0) return true;
    }
    return false;
}

static err_t *result_error(const statement_t *statement, const PGresult *result) {
    const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    bool schema = code && (strcmp(code, "42P01") == 0 || strcmp(code, "42703") == 0);
    return err_new_code(is_passing(code) ? EXIT_UNAVAILABLE : EXIT_FAILED,
                        "Postgres refused the query \"%s\": %s%s", statement->name,
                        message ? message : PQresStatus(PQresultStatus(result)),
                        schema ? "; the database is not migrated, run `amlstream migrate`" : "");
}

/* One attempt. `*broken`: the connection was no good, and a fresh one may be better. */
static err_t *pool_try(pool_t *pool, const statement_t *statement, const char *const *values, PGresult **out,
                       bool *broken) {
    slot_t *slot;
    TRY(slot_take(pool, &slot));
    err_t *err = slot_connect(pool, slot);
    if (!err) {
        int64_t start_us = clock_monotonic_us();
        PGresult *result = slot_query(pool, slot, statement, values);
        metric_observe(pool->seconds, (double)(clock_monotonic_us() - start_us) / 1e6);
        *broken = !result || PQstatus(slot->connection) != CONNECTION_OK;
        if (result && PQresultStatus(result) == PGRES_TUPLES_OK) {
            *out = result;
        } else if (result) {
            err = result_error(statement, result);
            PQclear(result);
        } else {
            char *why = one_line(PQerrorMessage(slot->connection));
            err = away(*why ? why : "no result in time");
            free(why);
        }
        if (err) metric_add(pool->errors, 1);
        if (*broken) slot_close(slot);
    }
    slot_give_back(pool, slot);
    return err;
}

err_t *pool_query(pool_t *pool, const statement_t *statement, const char *const *values, PGresult **result) {
    int64_t start_us = clock_monotonic_us();
    *result = NULL;
    /* A restart of Postgres leaves every idle connection dead; each is found out by the query that uses
     * it. */
    for (int attempts = 0;; attempts++) {
        bool broken = false;
        err_t *err = pool_try(pool, statement, values, result, &broken);
        bool had_time = clock_monotonic_us() - start_us > QUERY_TIMEOUT_MS * INT64_C(1000);
        if (!err || !broken || had_time || pool->hurry_us || attempts == pool->size) return err;
        err_free(err);
    }
}
