/* Labels out of a file (or "-"), plain or gzip: CSV with a header (wallet or address, category, source,
 * confidence, note), JSON lines with the same names, or one address a line. */
#pragma once

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct label_file label_file_t;

typedef struct {
    const char *wallet; /* key of the record in the topic of labels */
    size_t wallet_size;
    const char *json; /* its value */
    size_t size;
    int64_t line; /* of the file, from 1 */
} label_file_record_t;

/* `category` for what names none itself, as lists of addresses; NULL or "": there must be one. */
err_t *label_file_open(const char *path, const char *category, label_file_t **out);
void label_file_close(label_file_t *file); /* NULL is allowed */
/* Borrowed until the next call. *more false at the end. A line that is no label is an error that names it. */
err_t *label_file_next(label_file_t *file, label_file_record_t *record, bool *more);
