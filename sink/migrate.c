#include "sink/migrate.h"

#include "common/hash.h"
#include "sink/limits.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* "amlstrea" in ASCII, read as one number: a lock that nobody else takes by accident. */
#define ADVISORY_LOCK "7020386637271164257"

void migration_checksum(const migration_t *migration, char out[MIGRATION_CHECKSUM_SIZE]) {
    hash128_t hash = hash128(migration->sql, strlen(migration->sql));
    snprintf(out, MIGRATION_CHECKSUM_SIZE, "%016" PRIx64 "%016" PRIx64, hash.high, hash.low);
}

static err_t *checksum_compare(const migration_t *migration, const char *recorded) {
    char expected[MIGRATION_CHECKSUM_SIZE];
    migration_checksum(migration, expected);
    if (strcmp(recorded, expected) == 0) return NULL;
    return err_new_code(EXIT_STATE,
                        "migration %d (%s) was applied to this database with another text (checksum %s, here "
                        "%s); use the program that did it, or another database",
                        migration->version, migration->name, recorded, expected);
}

err_t *migration_is_applied(postgres_t *postgres, const migration_t *migration, bool *applied) {
    char sql[128];
    PGresult *result;
    *applied = false;
    TRY(postgres_query(postgres, "SELECT to_regclass('schema_migrations') IS NULL", &result));
    bool none = strcmp(PQgetvalue(result, 0, 0), "t") == 0;
    PQclear(result);
    if (none) return NULL;
    snprintf(sql, sizeof sql, "SELECT checksum FROM schema_migrations WHERE version = %d",
             migration->version);
    TRY(postgres_query(postgres, sql, &result));
    *applied = PQntuples(result) > 0;
    err_t *err = *applied ? checksum_compare(migration, PQgetvalue(result, 0, 0)) : NULL;
    PQclear(result);
    return err;
}

static err_t *step_run(postgres_t *postgres, const migration_t *migration) {
    char sql[256], checksum[MIGRATION_CHECKSUM_SIZE];
    migration_checksum(migration, checksum);
    TRY(postgres_exec(
        postgres, "CREATE TABLE IF NOT EXISTS schema_migrations (version int PRIMARY KEY, name text NOT NULL,"
                  " checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"));
    TRY(postgres_exec(postgres, migration->sql));
    snprintf(sql, sizeof sql,
             "INSERT INTO schema_migrations (version, name, checksum) VALUES (%d, '%s', '%s')",
             migration->version, migration->name, checksum);
    return postgres_exec(postgres, sql);
}

static err_t *step_in_transaction(postgres_t *postgres, const migration_t *migration, bool *applied) {
    bool before;
    *applied = false;
    TRY(postgres_exec(postgres,
                      "BEGIN; SET LOCAL synchronous_commit = on; SELECT pg_advisory_xact_lock(" ADVISORY_LOCK
                      ")"));
    TRY(migration_is_applied(postgres, migration, &before));
    if (!before)
        TRY(err_wrap(step_run(postgres, migration), "migration %d (%s)", migration->version,
                     migration->name));
    TRY(postgres_exec(postgres, "COMMIT"));
    *applied = !before;
    return NULL;
}

err_t *migration_apply(postgres_t *postgres, const migration_t *migration, bool *applied) {
    err_t *err = step_in_transaction(postgres, migration, applied);
    if (!err || postgres_is_broken(postgres)) return err;
    err = postgres_refusal(postgres, err);
    err_free(postgres_exec(postgres, "ROLLBACK"));
    return err;
}

err_t *migrate(postgres_t *postgres, const migration_t *steps, migration_told_t *tell) {
    TRY(postgres_limit(postgres, MIGRATION_TIMEOUT_MS));
    for (const migration_t *step = steps; step->version; step++) {
        bool applied;
        TRY(migration_apply(postgres, step, &applied));
        if (applied) tell(step);
    }
    return postgres_limit(postgres, 0);
}
