/* Labels out of a file (or "-"), plain or gzip: CSV with a header (wallet or address, category, source,
 * confidence, note, date or as_of), JSON lines or a JSON list with the same names, or one address a line. */
#pragma once

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct label_file label_file_t;

/* For labels that do not say it themselves, as those of lists of addresses; NULL or "": none. */
typedef struct {
    const char *category; /* there must be one, here or there */
    const char *source;
    const char *confidence; /* a number from 0 to 1 */
    const char *date;
} label_defaults_t;

typedef struct {
    const char *wallet; /* in its normal form: key of the record in the topic of labels */
    size_t wallet_size;
    const char *json; /* its value */
    size_t size;
    int64_t line; /* of the file, from 1; in a JSON list the number of the item */
} label_file_record_t;

/* `defaults` may be NULL, and is copied. */
err_t *label_file_open(const char *path, const label_defaults_t *defaults, label_file_t **out);
void label_file_close(label_file_t *file); /* NULL is allowed */
/* Borrowed until the next call. *more false at the end. A line that is no label is an error that names it. */
err_t *label_file_next(label_file_t *file, label_file_record_t *record, bool *more);
