/* The roles with the least rights that do: amlstream_sink writes what it stores, amlstream_api reads all and
 * writes its own tables. They have no password and cannot log in; whoever runs the database makes users
 * members of them. */
#pragma once

#include "common/buf.h"
#include "sink/postgres.h"

/* Makes the roles where they are missing, and gives them the rights that they lack. Where that is not
 * permitted `why_not`, emptied first, says why and what to do; that is no error. */
err_t *roles_grant(postgres_t *postgres, buf_t *why_not);
