/* What the parts of a batch's transaction share; for them alone. */
#pragma once

#include "sink/batch_write.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    postgres_t *postgres;
    const names_t *names;
    double told_change;
    batch_t *batch;
    arrays_t *arrays;
    bool careful; /* a row was refused before: find out which */
    bool silent;  /* that was not it: what is left is the notifications */
} write_t;

/* The element of a text array that is the input's topic. */
void topic_add(buf_t *array, const names_t *names, input_t input);
/* Topic and partition of each stretch: the first two values of the statements about them. */
void segments_arrays(write_t *write);
/* The int64_t at `offset` of each stretch. */
void segments_int8s(write_t *write, size_t offset);

/* Makes the partitions of the months that the batch's transfers are of, where they are missing. Rows have a
 * place without them too: that it cannot be done now is no error. */
err_t *months_add(write_t *write);
/* Moves sink_offsets on; `*accepted` is false where one of them is not where it should be. */
err_t *offsets_advance(write_t *write, bool *accepted);
/* ingestion_errors. */
err_t *refusals_write(write_t *write);
/* ingestion_state. */
err_t *state_write(write_t *write);
