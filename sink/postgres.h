/* One connection to Postgres on which no wait is without a limit. For one thread.
 *
 * Errors of EXIT_UNAVAILABLE pass by themselves or by an operator's hand: connection lost, server stopping,
 * disk full, table missing, deadlock. Those of EXIT_FAILED are the values' fault and come again with the same
 * values. */
#pragma once

#include "common/err.h"
#include "sink/arrays.h"
#include "sink/table.h"

#include <libpq-fe.h>
#include <stdatomic.h>
#include <stdbool.h>

typedef struct postgres postgres_t;

typedef struct {
    const char *url;
    /* NULL: off. A commit need not wait for the disk: rows and offsets are lost together if Postgres itself
     * crashes, and are read again. */
    const char *synchronous_commit;
    int statement_timeout_ms; /* 0: STATEMENT_TIMEOUT_MS */
    /* Ends the waits of this connection once it is true, and must outlive it; NULL: never. */
    const atomic_bool *abandoned;
} postgres_options_t;

err_t *postgres_connect(const postgres_options_t *options, postgres_t **out);
void postgres_free(postgres_t *postgres);
bool postgres_is_broken(const postgres_t *postgres);
/* Whether the latest statement failed since another transaction was in its way (deadlock): the transaction
 * may be run again at once. */
bool postgres_was_contended(const postgres_t *postgres);
/* Whether Postgres itself refused the latest statement for what it says, such as for lack of a right: the
 * same statement will fare no better until somebody changes something. */
bool postgres_was_refused(const postgres_t *postgres);
/* For who does not try again: the error of such a statement, the latest, as one of EXIT_FAILED. Takes and
 * returns ownership; NULL stays NULL. */
err_t *postgres_refusal(const postgres_t *postgres, err_t *err);

/* One or more statements without values. */
err_t *postgres_exec(postgres_t *postgres, const char *sql);
/* The same, and the rows of the last one; the caller clears the result. */
err_t *postgres_query(postgres_t *postgres, const char *sql, PGresult **out);
/* Prepares the statement where it is not yet, and runs it with arrays as values. Result values are in
 * Postgres's binary form. The caller clears the result; `out` may be NULL. */
err_t *postgres_write(postgres_t *postgres, const statement_t *statement, const arrays_t *arrays,
                      PGresult **out);
/* For what takes longer than a batch: the limit of a statement from now on; 0 is that of the connection. */
err_t *postgres_limit(postgres_t *postgres, int statement_timeout_ms);
