/* A database with tables, a connection, and batches on their way into it: what an instance does that has
 * partition 0 of every input. */
#pragma once

#include "sink/batch_write.h"
#include "tests/support/postgres.h"

extern const names_t names;
extern const write_options_t options;
extern postgres_t *postgres;
extern batch_t *batch;

err_t *database_connect(postgres_t **out);
/* With empty tables; the offsets of partition 0 are known. */
void database_setup(void);
void database_teardown(void);
/* Writes the batch, which must be accepted or refused as said, and empties it. */
void write_batch(bool accepted);

#define check_value(sql_, value_) ck_assert_str_eq(server_value(sql_), value_)
