#include "tools/label_file.h"

#include "risk/label.h"
#include "risk/text.h"
#include "tools/column_file.h"
#include "tools/json_field.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

typedef enum { FORMAT_CSV, FORMAT_JSON_LINES, FORMAT_JSON_LIST, FORMAT_ADDRESSES } format_t;
typedef enum {
    COLUMN_WALLET,
    COLUMN_CATEGORY,
    COLUMN_SOURCE,
    COLUMN_CONFIDENCE,
    COLUMN_NOTE,
    COLUMN_DATE,
    COLUMN_COUNT
} column_t;

enum { SHOWN_SIZE_MAX = 200 };

static const column_names_t column_names[COLUMN_COUNT] = {
    {"wallet", "address"}, {"category"}, {"source"}, {"confidence"}, {"note"}, {"date", "as_of"}};

struct label_file {
    column_file_t lines;
    char *defaults[COLUMN_COUNT]; /* "": none */
    format_t format;
    json_t *root; /* the present line, where it is JSON, or the whole list */
    size_t item;  /* of the list: the next */
    text_t values[COLUMN_COUNT];
    bool may_be_number[COLUMN_COUNT];
    buf_t numbers, json, parsed;
    char room[ADDRESS_SIZE];
};

static err_t *read_list(label_file_t *file) {
    buf_t text = {0};
    json_error_t error;
    bool more = true;
    err_t *err = NULL;
    while (more && !err) {
        buf_add(&text, file->lines.line.data, file->lines.line.size);
        buf_add_char(&text, '\n');
        err = column_file_next(&file->lines, &more);
    }
    if (!err && !(file->root = json_loadb(text.data, text.size, 0, &error)))
        err = err_new("\"%s\" begins as a JSON list, but line %d is not JSON: %s",
                      line_reader_name(file->lines.reader), error.line, error.text);
    buf_clear(&text);
    return err;
}

static err_t *find_format(label_file_t *file) {
    bool more;
    TRY(column_file_next(&file->lines, &more));
    if (!more) return NULL;
    switch (file->lines.line.data[0]) {
    case '{':
        file->format = FORMAT_JSON_LINES;
        column_file_hold(&file->lines);
        return NULL;
    case '[': file->format = FORMAT_JSON_LIST; return read_list(file);
    default: TRY(column_file_header(&file->lines, column_names, COLUMN_COUNT));
    }
    const int *columns = file->lines.columns;
    file->format = columns[COLUMN_WALLET] < 0 ? FORMAT_ADDRESSES : FORMAT_CSV;
    if (file->format == FORMAT_ADDRESSES) column_file_hold(&file->lines);
    bool has_category = file->format == FORMAT_CSV && columns[COLUMN_CATEGORY] >= 0;
    if (has_category || *file->defaults[COLUMN_CATEGORY]) return NULL;
    return err_new_code(
        EXIT_USAGE,
        "\"%s\" names no categories: give a CSV header with wallet and category, JSON lines, or "
        "--category for all of its wallets",
        line_reader_name(file->lines.reader));
}

static void defaults_copy(label_file_t *file, const label_defaults_t *defaults) {
    const char *values[COLUMN_COUNT] = {NULL};
    if (defaults) {
        values[COLUMN_CATEGORY] = defaults->category;
        values[COLUMN_SOURCE] = defaults->source;
        values[COLUMN_CONFIDENCE] = defaults->confidence;
        values[COLUMN_DATE] = defaults->date;
    }
    for (column_t column = 0; column < COLUMN_COUNT; column++)
        if (!(file->defaults[column] = strdup(values[column] ? values[column] : ""))) abort();
}

err_t *label_file_open(const char *path, const label_defaults_t *defaults, label_file_t **out) {
    label_file_t *file = calloc(1, sizeof *file);
    if (!file) abort();
    defaults_copy(file, defaults);
    err_t *err = column_file_open(&file->lines, path);
    if (!err) err = find_format(file);
    if (err)
        label_file_close(file);
    else
        *out = file;
    return err;
}

void label_file_close(label_file_t *file) {
    if (!file) return;
    column_file_close(&file->lines);
    json_decref(file->root);
    buf_clear(&file->numbers);
    buf_clear(&file->json);
    buf_clear(&file->parsed);
    for (column_t column = 0; column < COLUMN_COUNT; column++) free(file->defaults[column]);
    free(file);
}

static err_t *take_row(label_file_t *file) {
    TRY(column_file_row(&file->lines));
    for (column_t column = 0; column < COLUMN_COUNT; column++)
        file->values[column] = column_file_value(&file->lines, column);
    file->may_be_number[COLUMN_CONFIDENCE] = true;
    return NULL;
}

static void take_value(label_file_t *file, column_t column, const json_t *value) {
    if (json_is_string(value)) {
        file->values[column] = (text_t){json_string_value(value), json_string_length(value)};
    } else if (value && !json_is_null(value)) {
        char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        if (!text) abort();
        /* Places in `numbers` come later: it may yet move. */
        file->values[column] = (text_t){NULL, strlen(text)};
        file->may_be_number[column] = true;
        buf_add(&file->numbers, text, file->values[column].size);
        free(text);
    }
}

static void take_json(label_file_t *file, const json_t *json) {
    if (json_is_string(json)) take_value(file, COLUMN_WALLET, json);
    for (column_t column = 0; column < COLUMN_COUNT && json_is_object(json); column++)
        for (int n = 0; n < COLUMN_NAMES_MAX && column_names[column][n] && !file->values[column].size; n++)
            take_value(file, column, json_object_get(json, column_names[column][n]));
    size_t at = 0;
    for (column_t column = 0; column < COLUMN_COUNT; column++) {
        if (file->values[column].data) continue;
        file->values[column].data = file->numbers.data + at;
        at += file->values[column].size;
    }
}

/* Takes the next label of the file apart; *more false where there is none. */
static err_t *take(label_file_t *file, bool *more) {
    for (column_t column = 0; column < COLUMN_COUNT; column++) file->values[column] = (text_t){"", 0};
    memset(file->may_be_number, 0, sizeof file->may_be_number);
    buf_reset(&file->numbers);
    if (file->format == FORMAT_JSON_LIST) {
        *more = file->item < json_array_size(file->root);
        if (*more) take_json(file, json_array_get(file->root, file->item++));
        return NULL;
    }
    do TRY(column_file_next(&file->lines, more));
    while (*more && file->format == FORMAT_ADDRESSES && file->lines.line.data[0] == '#');
    if (!*more) return NULL;
    switch (file->format) {
    case FORMAT_CSV: return take_row(file);
    case FORMAT_JSON_LINES:
        json_decref(file->root);
        file->root = json_loadb(file->lines.line.data, file->lines.line.size, 0, NULL);
        take_json(file, file->root);
        return NULL;
    default: file->values[COLUMN_WALLET] = file->lines.line; return NULL;
    }
}

static void add_json(label_file_t *file, text_t wallet) {
    buf_reset(&file->json);
    for (column_t column = COLUMN_CATEGORY; column < COLUMN_COUNT; column++) {
        text_t value = file->values[column];
        bool may_be_number = file->may_be_number[column];
        if (!value.size) {
            value = (text_t){file->defaults[column], strlen(file->defaults[column])};
            may_be_number = column == COLUMN_CONFIDENCE;
        }
        buf_add_json_member(&file->json, column_names[column][0], value, may_be_number);
    }
    text_t address = file->values[COLUMN_WALLET];
    if (!text_equal(address, wallet)) buf_add_json_member(&file->json, "address", address, false);
    if (file->json.size) buf_add_char(&file->json, '}');
}

static int64_t line_number(const label_file_t *file) {
    return file->format == FORMAT_JSON_LIST ? (int64_t)file->item : line_reader_line(file->lines.reader);
}

static err_t *check(label_file_t *file, text_t wallet) {
    buf_reset(&file->parsed);
    const char *why = !wallet.size ? "it names no wallet"
                      : !text_is_id(wallet)
                          ? "the wallet must have 1 to 256 bytes of printable UTF-8"
                          : label_parse(wallet, file->json.data, file->json.size, &file->parsed);
    if (!why) return NULL;
    text_t shown = file->format == FORMAT_JSON_LIST ? wallet : file->lines.line;
    return err_new("%s %lld of \"%s\" is no label: %s: %.*s",
                   file->format == FORMAT_JSON_LIST ? "item" : "line", (long long)line_number(file),
                   line_reader_name(file->lines.reader), why,
                   (int)(shown.size < SHOWN_SIZE_MAX ? shown.size : SHOWN_SIZE_MAX), shown.data);
}

err_t *label_file_next(label_file_t *file, label_file_record_t *record, bool *more) {
    TRY(take(file, more));
    if (!*more) return NULL;
    text_t wallet = text_normal_wallet(file->values[COLUMN_WALLET], file->room);
    add_json(file, wallet);
    TRY(check(file, wallet));
    *record =
        (label_file_record_t){wallet.data, wallet.size, file->json.data, file->json.size, line_number(file)};
    return NULL;
}
