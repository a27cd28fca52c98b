/* Transfers out of a file (or "-"): CSV with a header or JSON lines, plain or gzip; what it is shows in its
 * content.
 *
 * CSV columns are the fields of a record by the same names (tx_id, src|sender|from, dst|receiver|to, amount,
 * asset, timestamp), in any case and order; others are passed over. A line that is no transfer goes on as it
 * is: the processor says why and keeps it as a dead letter. */
#pragma once

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct transfer_file transfer_file_t;

typedef struct {
    const char *json; /* as it goes to the topic */
    size_t size;
    const char *key; /* the sender; size 0 where it cannot be read */
    size_t key_size;
    int64_t line; /* of the file, from 1 */
} transfer_file_record_t;

err_t *transfer_file_open(const char *path, transfer_file_t **out);
void transfer_file_close(transfer_file_t *file); /* NULL is allowed */
/* Borrowed until the next call. *more false at the end, and when the process is asked to stop while nothing
 * comes. */
err_t *transfer_file_next(transfer_file_t *file, transfer_file_record_t *record, bool *more);
/* 0..1 of the file read; -1 where its size is not known. */
double transfer_file_progress(const transfer_file_t *file);
