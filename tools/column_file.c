#include "tools/column_file.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

static text_t trimmed(text_t text) {
    while (text.size && isspace((unsigned char)text.data[0])) text.data++, text.size--;
    while (text.size && isspace((unsigned char)text.data[text.size - 1])) text.size--;
    return text;
}

static bool is_name(text_t text, const char *name) {
    return text.size == strlen(name) && strncasecmp(text.data, name, text.size) == 0;
}

err_t *column_file_open(column_file_t *file, const char *path) {
    return line_reader_open(path, &file->reader);
}

void column_file_close(column_file_t *file) {
    line_reader_close(file->reader);
    csv_row_clear(&file->row);
}

err_t *column_file_next(column_file_t *file, bool *more) {
    *more = true;
    if (!file->held) {
        do {
            TRY(line_reader_next(file->reader, &file->line, more));
            if (*more) file->line = trimmed(file->line);
        } while (*more && !file->line.size);
    }
    file->held = false;
    return NULL;
}

void column_file_hold(column_file_t *file) { file->held = true; }

err_t *column_file_row(column_file_t *file) {
    bool whole;
    TRY(csv_read(&file->row, file->reader, file->delimiter, &file->line, &whole));
    if (!whole) file->row.count = 0;
    return NULL;
}

err_t *column_file_header(column_file_t *file, const column_names_t *names, int count) {
    assert(count <= COLUMNS_MAX);
    file->delimiter = csv_delimiter_of(file->line);
    TRY(column_file_row(file));
    for (int column = 0; column < count; column++) {
        file->columns[column] = -1;
        for (int i = 0; i < file->row.count; i++)
            for (int n = 0; n < COLUMN_NAMES_MAX && names[column][n]; n++)
                if (is_name(trimmed(file->row.fields[i]), names[column][n])) file->columns[column] = i;
    }
    return NULL;
}

text_t column_file_value(const column_file_t *file, int column) {
    int index = file->columns[column];
    return index >= 0 && index < file->row.count ? trimmed(file->row.fields[index]) : (text_t){"", 0};
}
