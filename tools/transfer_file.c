#include "tools/transfer_file.h"

#include "risk/transfer_fields.h"
#include "tools/csv.h"
#include "tools/json_field.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_NAME_SIZE_MAX = 16 };

struct transfer_file {
    line_reader_t *reader;
    transfer_parser_t *parser;
    bool is_csv;
    bool held; /* the present line is still to be given out */
    text_t line;
    char delimiter;
    int column_count;
    field_name_t columns[CSV_FIELDS_MAX]; /* FIELD_COUNT: none of ours */
    csv_row_t row;
    buf_t json;
};

static bool is_blank(text_t line) {
    for (size_t i = 0; i < line.size; i++) {
        if (!isspace((unsigned char)line.data[i])) return false;
    }
    return true;
}

static char first_character(text_t line) {
    for (size_t i = 0; i < line.size; i++) {
        if (!isspace((unsigned char)line.data[i])) return line.data[i];
    }
    return '\0';
}

static err_t *next_line(transfer_file_t *file, bool *more) {
    do TRY(line_reader_next(file->reader, &file->line, more));
    while (*more && is_blank(file->line));
    return NULL;
}

static field_name_t column_of(text_t name) {
    char lower[HEADER_NAME_SIZE_MAX];
    while (name.size && isspace((unsigned char)name.data[0])) name.data++, name.size--;
    while (name.size && isspace((unsigned char)name.data[name.size - 1])) name.size--;
    if (name.size > sizeof lower) return FIELD_COUNT;
    for (size_t i = 0; i < name.size; i++) lower[i] = (char)tolower((unsigned char)name.data[i]);
    return field_of_name(lower, name.size);
}

static bool has_column(const transfer_file_t *file, field_name_t first, field_name_t last) {
    for (int i = 0; i < file->column_count; i++) {
        if (file->columns[i] >= first && file->columns[i] <= last) return true;
    }
    return false;
}

/* Reads the columns' names out of the present line; the count of those that are ours. */
static err_t *read_header(transfer_file_t *file, int *known) {
    bool whole;
    *known = 0;
    file->delimiter = csv_delimiter_of(file->line);
    TRY(csv_read(&file->row, file->reader, file->delimiter, &file->line, &whole));
    file->column_count = whole ? file->row.count : 0;
    for (int i = 0; i < file->column_count; i++) {
        file->columns[i] = column_of(file->row.fields[i]);
        *known += file->columns[i] != FIELD_COUNT;
    }
    return NULL;
}

static err_t *check_header(const transfer_file_t *file) {
    const char *missing = !has_column(file, FIELD_TX_ID, FIELD_TX_ID)     ? "tx_id"
                          : !has_column(file, FIELD_SRC, FIELD_FROM)      ? "src (or sender, or from)"
                          : !has_column(file, FIELD_DST, FIELD_TO)        ? "dst (or receiver, or to)"
                          : !has_column(file, FIELD_AMOUNT, FIELD_AMOUNT) ? "amount"
                                                                          : NULL;
    if (!missing) return NULL;
    return err_new("the header of \"%s\" has no column %s: %.*s", line_reader_name(file->reader), missing,
                   (int)(file->line.size < 200 ? file->line.size : 200), file->line.data);
}

/* JSON lines may begin with a bad one: look a little further. */
static err_t *find_object(transfer_file_t *file, bool *found) {
    bool more = true;
    *found = first_character(file->line) == '{';
    for (int lines = 1; !*found && more && lines < FORMAT_LINES_MAX; lines++) {
        size_t size = file->line.size;
        TRY(line_reader_extend(file->reader, &file->line, &more));
        if (!more) break;
        *found = first_character((text_t){file->line.data + size, file->line.size - size}) == '{';
    }
    line_reader_shrink(file->reader, &file->line);
    return NULL;
}

static err_t *unknown_format(const transfer_file_t *file) {
    const char *name = line_reader_name(file->reader);
    if (first_character(file->line) == '[') {
        return err_new("\"%s\" is a JSON list; give one object a line: jq -c '.[]' FILE | amlstream ingest -",
                       name);
    }
    return err_new(
        "\"%s\" is neither CSV with a header (tx_id,src,dst,amount,...) nor JSON lines; it begins: %.*s",
        name, (int)(file->line.size < 80 ? file->line.size : 80), file->line.data);
}

static err_t *find_format(transfer_file_t *file) {
    int known = 0;
    bool is_json;
    TRY(next_line(file, &file->held));
    if (!file->held) return NULL;
    if (first_character(file->line) != '{') TRY(read_header(file, &known));
    file->is_csv = known > 0;
    file->held = !file->is_csv;
    if (file->is_csv) return check_header(file);
    TRY(find_object(file, &is_json));
    return is_json ? NULL : unknown_format(file);
}

err_t *transfer_file_open(const char *path, transfer_file_t **out) {
    line_reader_t *reader;
    TRY(line_reader_open(path, &reader));
    transfer_file_t *file = calloc(1, sizeof *file);
    if (!file) abort();
    file->reader = reader;
    file->parser = transfer_parser_new();
    err_t *err = find_format(file);
    if (err)
        transfer_file_close(file);
    else
        *out = file;
    return err;
}

void transfer_file_close(transfer_file_t *file) {
    if (!file) return;
    line_reader_close(file->reader);
    transfer_parser_free(file->parser);
    csv_row_clear(&file->row);
    buf_clear(&file->json);
    free(file);
}

static bool is_optional(field_name_t field) { return field == FIELD_ASSET || field == FIELD_TIMESTAMP; }
static bool may_be_number(field_name_t field) { return field == FIELD_AMOUNT || field == FIELD_TIMESTAMP; }

static void add_row(transfer_file_t *file) {
    buf_t *json = &file->json;
    buf_reset(json);
    for (int i = 0; i < file->row.count; i++) {
        field_name_t field = file->columns[i];
        text_t value = file->row.fields[i];
        if (field == FIELD_COUNT || (!value.size && is_optional(field))) continue;
        buf_add(json, json->size ? ",\"" : "{\"", 2);
        buf_add_str(json, field_names[field]);
        buf_add(json, "\":", 2);
        buf_add_json_field(json, value, may_be_number(field));
    }
    buf_add_char(json, '}');
}

static err_t *next_row(transfer_file_t *file, bool *more) {
    bool whole;
    TRY(next_line(file, more));
    if (!*more) return NULL;
    TRY(csv_read(&file->row, file->reader, file->delimiter, &file->line, &whole));
    if (!whole || file->row.count != file->column_count) return NULL;
    add_row(file);
    file->line = (text_t){file->json.data, file->json.size};
    return NULL;
}

err_t *transfer_file_next(transfer_file_t *file, transfer_file_record_t *record, bool *more) {
    *more = true;
    if (file->is_csv)
        TRY(next_row(file, more));
    else if (!file->held)
        TRY(next_line(file, more));
    file->held = false;
    if (!*more) return NULL;
    transfer_t transfer;
    bool readable = !transfer_parse(file->parser, file->line.data, file->line.size, 0, &transfer);
    *record = (transfer_file_record_t){
        .json = file->line.data,
        .size = file->line.size,
        .key = readable ? transfer.src.data : "",
        .key_size = readable ? transfer.src.size : 0,
        .line = line_reader_line(file->reader),
    };
    return NULL;
}

double transfer_file_progress(const transfer_file_t *file) { return line_reader_progress(file->reader); }
