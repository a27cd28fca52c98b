/* A pool of Postgres connections: prepared statements, bounded waiting, back-off while Postgres is away.
 * Thread-safe. */
#pragma once

#include "common/err.h"

#include <libpq-fe.h>

typedef struct pool pool_t;

/* Prepared on each connection at its first use there, and known by `name`. */
typedef struct {
    const char *name;
    const char *sql;
    int value_count;
} statement_t;

/* Connects at the first query, not here. `size` is the most connections there will be. Copies `url`. */
pool_t *pool_new(const char *url, int size);
void pool_free(pool_t *pool); /* no query may be under way */

/* From now on no query takes longer than STOP_GRACE_MS, and none is tried again: before stopping. */
void pool_hurry(pool_t *pool);

/* Runs the statement with text values (NULL: null). The caller clears the result, which has rows. Errors of
 * EXIT_UNAVAILABLE mean that Postgres is away or has no time; trying again later may help. A statement may
 * run twice when the connection breaks, so it must only read. */
err_t *pool_query(pool_t *pool, const statement_t *statement, const char *const *values, PGresult **result);
