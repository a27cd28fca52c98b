#include "tools/line_reader.h"

#include "common/buf.h"
#include "tools/byte_source.h"
#include "tools/limits.h"

#include <stdlib.h>
#include <string.h>

struct line_reader {
    byte_source_t *source;
    buf_t bytes;      /* what is read and not yet passed */
    size_t start;     /* of the present line */
    size_t first_end; /* past the present line and its end */
    size_t end;       /* past the lines that extend it */
    int64_t line, line_count;
    bool ended;
};

static err_t *skip_mark(line_reader_t *reader);

err_t *line_reader_open(const char *path, line_reader_t **out) {
    byte_source_t *source;
    TRY(byte_source_open(path, &source));
    line_reader_t *reader = calloc(1, sizeof *reader);
    if (!reader) abort();
    reader->source = source;
    err_t *err = skip_mark(reader);
    if (err)
        line_reader_close(reader);
    else
        *out = reader;
    return err;
}

void line_reader_close(line_reader_t *reader) {
    if (!reader) return;
    byte_source_close(reader->source);
    buf_clear(&reader->bytes);
    free(reader);
}

/* Moves what is not yet passed to the front and reads more behind it. */
static err_t *read_more(line_reader_t *reader) {
    size_t passed = reader->start;
    if (passed) {
        reader->bytes.size -= passed;
        memmove(reader->bytes.data, reader->bytes.data + passed, reader->bytes.size);
        reader->start = 0;
        reader->first_end -= passed;
        reader->end -= passed;
    }
    size_t size;
    char *room = buf_reserve(&reader->bytes, READ_SIZE);
    TRY(byte_source_read(reader->source, room, READ_SIZE, &size));
    reader->bytes.size += size;
    reader->ended = size == 0;
    return NULL;
}

static err_t *skip_mark(line_reader_t *reader) {
    while (reader->bytes.size < 3 && !reader->ended) TRY(read_more(reader));
    const char *data = reader->bytes.data;
    size_t size = reader->bytes.size;
    if (size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0) reader->start = reader->end = 3;
    if (size >= 2 && (memcmp(data, "\xff\xfe", 2) == 0 || memcmp(data, "\xfe\xff", 2) == 0)) {
        return err_new("\"%s\" is UTF-16; convert it: iconv -f UTF-16 -t UTF-8", line_reader_name(reader));
    }
    return NULL;
}

/* The end of the line that starts at reader->end, past its line feed; there is none where nothing is left. */
static err_t *find_end(line_reader_t *reader, size_t *end, bool *more) {
    size_t searched = 0;
    for (;;) {
        const char *from = reader->bytes.data + reader->end;
        size_t size = reader->bytes.size - reader->end;
        const char *feed = size > searched ? memchr(from + searched, '\n', size - searched) : NULL;
        *more = feed || size;
        if (feed || reader->ended) {
            *end = feed ? (size_t)(feed - reader->bytes.data) + 1 : reader->bytes.size;
            return NULL;
        }
        searched = size;
        if (reader->bytes.size - reader->start > LINE_SIZE_MAX) {
            return err_new(
                "line %lld of \"%s\" has more than %d bytes; is it a text file with one record a line?",
                (long long)reader->line, line_reader_name(reader), LINE_SIZE_MAX);
        }
        TRY(read_more(reader));
    }
}

static text_t present(const line_reader_t *reader, size_t end) {
    text_t line = {reader->bytes.data + reader->start, end - reader->start};
    if (line.size && line.data[line.size - 1] == '\n') line.size--;
    if (line.size && line.data[line.size - 1] == '\r') line.size--;
    return line;
}

err_t *line_reader_next(line_reader_t *reader, text_t *line, bool *more) {
    reader->start = reader->end;
    reader->line += reader->line ? reader->line_count : 1;
    reader->line_count = 1;
    size_t end;
    TRY(find_end(reader, &end, more));
    reader->end = reader->first_end = end;
    if (*more) *line = present(reader, end);
    return NULL;
}

err_t *line_reader_extend(line_reader_t *reader, text_t *line, bool *more) {
    size_t end;
    TRY(find_end(reader, &end, more));
    if (!*more) return NULL;
    reader->end = end;
    reader->line_count++;
    *line = present(reader, end);
    return NULL;
}

void line_reader_shrink(line_reader_t *reader, text_t *line) {
    reader->end = reader->first_end;
    reader->line_count = 1;
    *line = present(reader, reader->end);
}

int64_t line_reader_line(const line_reader_t *reader) { return reader->line; }
double line_reader_progress(const line_reader_t *reader) { return byte_source_progress(reader->source); }
const char *line_reader_name(const line_reader_t *reader) { return byte_source_name(reader->source); }
