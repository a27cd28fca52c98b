#include "tools/csv.h"

#include <string.h>

typedef enum { ROW_WHOLE, ROW_UNFINISHED, ROW_BAD } row_state_t;

void csv_row_clear(csv_row_t *row) {
    buf_clear(&row->unquoted);
    row->count = 0;
}

char csv_delimiter_of(text_t header) {
    static const char delimiters[] = ",;\t|";
    char best = ',';
    size_t most = 0;
    for (const char *delimiter = delimiters; *delimiter; delimiter++) {
        size_t count = 0;
        for (size_t i = 0; i < header.size; i++) count += header.data[i] == *delimiter;
        if (count > most) best = *delimiter;
        if (count > most) most = count;
    }
    return best;
}

/* From past the opening quote to past the closing one; NULL where there is none. */
static const char *take_quoted(csv_row_t *row, const char *at, const char *end, text_t *field) {
    const char *start = at, *quote = at < end ? memchr(at, '"', (size_t)(end - at)) : NULL;
    *field = (text_t){start, quote ? (size_t)(quote - start) : 0};
    if (!quote || quote + 1 == end || quote[1] != '"') return quote ? quote + 1 : NULL;
    size_t from = row->unquoted.size;
    for (;;) {
        buf_add(&row->unquoted, at, (size_t)(quote - at));
        at = quote + 1;
        if (at == end || *at != '"') break;
        buf_add_char(&row->unquoted, '"');
        quote = ++at < end ? memchr(at, '"', (size_t)(end - at)) : NULL;
        if (!quote) return NULL;
    }
    *field = (text_t){row->unquoted.data + from, row->unquoted.size - from};
    return at;
}

static row_state_t cut(csv_row_t *row, text_t line, char delimiter) {
    const char *at = line.data, *end = line.data + line.size;
    row->count = 0;
    buf_reset(&row->unquoted);
    /* No row is shorter than its fields without quotes, so that what points into it stays where it is. */
    buf_reserve(&row->unquoted, line.size);
    for (;;) {
        if (row->count == CSV_FIELDS_MAX) return ROW_BAD;
        text_t *field = &row->fields[row->count++];
        if (at < end && *at == '"') {
            at = take_quoted(row, at + 1, end, field);
            if (!at) return ROW_UNFINISHED;
            if (at < end && *at != delimiter) return ROW_BAD;
        } else {
            const char *next = at < end ? memchr(at, delimiter, (size_t)(end - at)) : NULL;
            *field = (text_t){at, (size_t)((next ? next : end) - at)};
            at = next ? next : end;
        }
        if (at == end) return ROW_WHOLE;
        at++;
    }
}

err_t *csv_read(csv_row_t *row, line_reader_t *reader, char delimiter, text_t *line, bool *whole) {
    row_state_t state = cut(row, *line, delimiter);
    bool more = true;
    for (int lines = 1; state == ROW_UNFINISHED && lines < CSV_ROW_LINES_MAX; lines++) {
        TRY(line_reader_extend(reader, line, &more));
        if (!more) break;
        state = cut(row, *line, delimiter);
    }
    *whole = state == ROW_WHOLE;
    if (!*whole) line_reader_shrink(reader, line);
    return NULL;
}

void buf_add_csv_field(buf_t *buf, text_t text) {
    bool plain = true;
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] == ',' || text.data[i] == '"' || text.data[i] == '\n' || text.data[i] == '\r')
            plain = false;
    if (plain) {
        buf_add(buf, text.data, text.size);
        return;
    }
    buf_add_char(buf, '"');
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '"') buf_add_char(buf, '"');
        buf_add_char(buf, text.data[i]);
    }
    buf_add_char(buf, '"');
}
