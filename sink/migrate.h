/* Brings the database's tables up to date. Each step is one transaction under an advisory lock, so any number
 * of processes may start at once: one does it, the others wait and see that it is done. */
#pragma once

#include "sink/postgres.h"
#include "sink/schema.h"

#include <stdbool.h>

enum { MIGRATION_CHECKSUM_SIZE = 33 }; /* 32 hex digits and a NUL */

void migration_checksum(const migration_t *migration, char out[MIGRATION_CHECKSUM_SIZE]);
/* Whether the step was applied; an error of EXIT_STATE where it was with another text. */
err_t *migration_is_applied(postgres_t *postgres, const migration_t *migration, bool *applied);
/* Applies it where it was not; `*applied`: it is this call that did. */
err_t *migration_apply(postgres_t *postgres, const migration_t *migration, bool *applied);
typedef void migration_told_t(const migration_t *applied);

/* Applies all that are missing, and tells of each. */
err_t *migrate(postgres_t *postgres, const migration_t *steps, migration_told_t *tell);
