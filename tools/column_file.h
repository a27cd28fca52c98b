/* The lines of a file (or "-"), plain or gzip, that may be CSV whose header names some of the columns that
 * the caller knows. What other lines are is the caller's affair. */
#pragma once

#include "tools/csv.h"
#include "tools/line_reader.h"

#include <stdbool.h>

enum { COLUMNS_MAX = 8, COLUMN_NAMES_MAX = 2 };

/* The first name is that of the topic; others, which files may use too, or NULL. */
typedef const char *const column_names_t[COLUMN_NAMES_MAX];

typedef struct {
    line_reader_t *reader;
    text_t line; /* the present one, without blanks around it */
    bool held;
    char delimiter;
    csv_row_t row;
    int columns[COLUMNS_MAX]; /* index in the row; -1: none */
} column_file_t;

/* `file` is all zero. */
err_t *column_file_open(column_file_t *file, const char *path);
void column_file_close(column_file_t *file); /* also one that was not opened */
/* The next line that is not blank, borrowed until the next call; *more false at the end. */
err_t *column_file_next(column_file_t *file, bool *more);
/* The present line is to come again. */
void column_file_hold(column_file_t *file);

/* Takes the present line for a header, in any case of letters. */
err_t *column_file_header(column_file_t *file, const column_names_t *names, int count);
/* Takes the present line for a row. Where it is none (csv.h), it has no fields. */
err_t *column_file_row(column_file_t *file);
/* Of the row, without blanks around it; size 0 where the file has no such column or the row no such field. */
text_t column_file_value(const column_file_t *file, int column);
