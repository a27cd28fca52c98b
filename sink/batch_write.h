/* A batch and its offsets into Postgres, in one transaction. */
#pragma once

#include "sink/batch.h"
#include "sink/postgres.h"

#include <stdbool.h>

/* What sink_offsets and the batch's tables are called by Kafka: input by input, with the prefix. */
typedef struct {
    const char *topics[INPUT_COUNT];
} names_t;

typedef struct {
    const names_t *names;
    double told_change; /* of a wallet's score, from which on listeners are told; infinite: never */
} write_options_t;

/* All or nothing. `*accepted` is false where sink_offsets is not where this instance believes it is: another
 * instance has the partitions, or has had them. It is true, too, for a batch that an earlier attempt wrote
 * whose outcome never came. Rows that Postgres refuses go to ingestion_errors, and the others are written. An
 * error says that nothing is known: try again on a fresh connection. */
err_t *batch_write(postgres_t *postgres, const write_options_t *options, batch_t *batch, bool *accepted);

/* Sets the offset of each position to what sink_offsets says; what it does not know yet begins at 0. */
err_t *positions_load(postgres_t *postgres, const names_t *names, position_t *positions, int count);
