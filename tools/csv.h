/* Comma separated values, as RFC 4180 has them, with any delimiter. */
#pragma once

#include "common/buf.h"
#include "risk/transfer.h"
#include "tools/limits.h"
#include "tools/line_reader.h"

typedef struct {
    text_t fields[CSV_FIELDS_MAX]; /* without quotes; valid until the next row */
    int count;
    buf_t unquoted; /* holds the fields that had quotes within quotes */
} csv_row_t;

void csv_row_clear(csv_row_t *row);
/* The delimiter that a header has most of: a comma, semicolon, tab or bar. */
char csv_delimiter_of(text_t header);
/* Cuts up the reader's present line, and takes more lines where a quoted field holds line ends. *whole false:
 * it is no row (a quote that does not end, too many fields); then `line` is the present line alone. */
err_t *csv_read(csv_row_t *row, line_reader_t *reader, char delimiter, text_t *line, bool *whole);
/* With quotes where it needs them. */
void buf_add_csv_field(buf_t *buf, text_t text);
