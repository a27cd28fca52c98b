/* The lines of a file (or "-"), plain or gzip, without their ends (LF or CR LF) and without a byte order
 * mark. */
#pragma once

#include "common/err.h"
#include "risk/transfer.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct line_reader line_reader_t;

err_t *line_reader_open(const char *path, line_reader_t **out);
void line_reader_close(line_reader_t *reader); /* NULL is allowed */

/* The next line, borrowed until the next call; *more false at the end, and when asked to stop. */
err_t *line_reader_next(line_reader_t *reader, text_t *line, bool *more);
/* The present line and the one after it, as one text with the line end between them; *more false where there
 * is none. */
err_t *line_reader_extend(line_reader_t *reader, text_t *line, bool *more);
/* Back to the present line alone: the ones that extended it come again. */
void line_reader_shrink(line_reader_t *reader, text_t *line);

int64_t line_reader_line(const line_reader_t *reader);    /* number of the present line, from 1 */
double line_reader_progress(const line_reader_t *reader); /* as byte_source_progress */
const char *line_reader_name(const line_reader_t *reader);
