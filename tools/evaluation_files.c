#include "tools/evaluation_files.h"

#include "tools/csv.h"
#include "tools/evaluation_records.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* The caller frees. */
static err_t *file_of_run(const char *dir, const char *name, char **path) {
    char *packed;
    if (asprintf(path, "%s/%s", dir, name) < 0 || asprintf(&packed, "%s.gz", *path) < 0) abort();
    if (access(*path, R_OK) != 0 && access(packed, R_OK) == 0) {
        free(*path);
        *path = packed;
        return NULL;
    }
    free(packed);
    if (access(*path, R_OK) == 0) return NULL;
    err_t *err = err_new("cannot read \"%s\": %s; --out is the directory that a backtest wrote", *path,
                         strerror(errno));
    free(*path);
    return err;
}

typedef err_t *(*record_take_t)(evaluation_t *evaluation, text_t line);

static err_t *read_lines(evaluation_t *evaluation, line_reader_t *reader, record_take_t take) {
    text_t line;
    bool more;
    for (;;) {
        TRY(line_reader_next(reader, &line, &more));
        if (!more) return NULL;
        err_t *err = line.size ? take(evaluation, line) : NULL;
        if (err)
            return err_wrap(err, "line %lld of \"%s\"", (long long)line_reader_line(reader),
                            line_reader_name(reader));
    }
}

static err_t *read_file(evaluation_t *evaluation, const char *dir, const char *name, record_take_t take) {
    char *path;
    line_reader_t *reader;
    TRY(file_of_run(dir, name, &path));
    err_t *err = line_reader_open(path, &reader);
    free(path);
    if (err) return err;
    err = read_lines(evaluation, reader, take);
    line_reader_close(reader);
    return err;
}

/* Truth */

typedef struct {
    line_reader_t *reader;
    csv_row_t row;
    char delimiter;
    int columns[3], column_count;
} truth_t;

enum { COLUMN_TX_ID, COLUMN_PATTERN, COLUMN_TYPOLOGY };
static const char *const column_names[] = {"tx_id", "pattern_id", "typology"};

static err_t *read_row(truth_t *truth, bool *more, bool *whole) {
    text_t line;
    do TRY(line_reader_next(truth->reader, &line, more));
    while (*more && !line.size);
    if (!*more) return NULL;
    if (!truth->delimiter) truth->delimiter = csv_delimiter_of(line);
    return csv_read(&truth->row, truth->reader, truth->delimiter, &line, whole);
}

static err_t *read_header(truth_t *truth) {
    bool more, whole = false;
    TRY(read_row(truth, &more, &whole));
    if (!more || !whole) truth->row.count = 0;
    truth->column_count = truth->row.count;
    for (int column = 0; column < 3; column++) {
        truth->columns[column] = -1;
        for (int i = 0; i < truth->row.count; i++) {
            text_t name = truth->row.fields[i];
            if (name.size == strlen(column_names[column]) &&
                strncasecmp(name.data, column_names[column], name.size) == 0)
                truth->columns[column] = i;
        }
        if (truth->columns[column] < 0)
            return err_new("the header of \"%s\" has no column %s; tx_id, pattern_id and typology are needed",
                           line_reader_name(truth->reader), column_names[column]);
    }
    return NULL;
}

static err_t *read_truth(evaluation_t *evaluation, truth_t *truth) {
    bool more, whole = false;
    TRY(read_header(truth));
    for (;;) {
        TRY(read_row(truth, &more, &whole));
        if (!more) return NULL;
        bool fits = whole && truth->row.count == truth->column_count;
        err_t *err = fits ? NULL : err_new("the row does not fit the header");
        for (int i = 0; i < 3 && !err; i++)
            if (!truth->row.fields[truth->columns[i]].size) err = err_new("%s is empty", column_names[i]);
        if (!err)
            err = evaluation_add_truth(evaluation, truth->row.fields[truth->columns[COLUMN_TX_ID]],
                                       truth->row.fields[truth->columns[COLUMN_PATTERN]],
                                       truth->row.fields[truth->columns[COLUMN_TYPOLOGY]]);
        if (err)
            return err_wrap(err, "line %lld of \"%s\"", (long long)line_reader_line(truth->reader),
                            line_reader_name(truth->reader));
    }
}

err_t *evaluation_read(evaluation_t *evaluation, const char *dir, const char *path) {
    truth_t truth = {0};
    TRY(read_file(evaluation, dir, "transaction-risk.jsonl", evaluation_record_transfer));
    TRY(line_reader_open(path, &truth.reader));
    err_t *err = read_truth(evaluation, &truth);
    line_reader_close(truth.reader);
    csv_row_clear(&truth.row);
    if (!err) err = evaluation_order(evaluation);
    return err ? err : read_file(evaluation, dir, "alerts.jsonl", evaluation_record_alert);
}
