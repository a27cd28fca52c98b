/* Prices out of a file (or "-"), plain or gzip: CSV with a header (asset or symbol, price, as_of or date), or
 * JSON lines with the same names. */
#pragma once

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct price_file price_file_t;

typedef struct {
    const char *asset; /* key of the record in the topic of prices */
    size_t asset_size;
    const char *json; /* its value */
    size_t size;
} price_file_record_t;

err_t *price_file_open(const char *path, price_file_t **out);
void price_file_close(price_file_t *file); /* NULL is allowed */
/* Borrowed until the next call. *more false at the end. A line that is no price is an error that names it. */
err_t *price_file_next(price_file_t *file, price_file_record_t *record, bool *more);
