#include "tools/label_file.h"

#include "risk/label.h"
#include "tools/csv.h"
#include "tools/json_field.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef enum { FORMAT_CSV, FORMAT_JSON, FORMAT_LIST } format_t;
typedef enum {
    COLUMN_WALLET,
    COLUMN_CATEGORY,
    COLUMN_SOURCE,
    COLUMN_CONFIDENCE,
    COLUMN_NOTE,
    COLUMN_COUNT
} column_t;

static const char *const column_names[COLUMN_COUNT] = {"wallet", "category", "source", "confidence", "note"};

struct label_file {
    line_reader_t *reader;
    char *category;
    format_t format;
    bool held; /* the present line is still to be given out */
    text_t line;
    char delimiter;
    csv_row_t row;
    int columns[COLUMN_COUNT]; /* index in the row; -1: none */
    json_t *object;            /* the present line, where it is JSON */
    buf_t wallet, json, parsed;
};

static text_t trimmed(text_t text) {
    while (text.size && isspace((unsigned char)text.data[0])) text.data++, text.size--;
    while (text.size && isspace((unsigned char)text.data[text.size - 1])) text.size--;
    return text;
}

static bool is_name(text_t text, const char *name) {
    return text.size == strlen(name) && strncasecmp(text.data, name, text.size) == 0;
}

static err_t *next_line(label_file_t *file, bool *more) {
    do {
        TRY(line_reader_next(file->reader, &file->line, more));
        if (*more) file->line = trimmed(file->line);
    } while (*more && !file->line.size);
    return NULL;
}

static err_t *read_header(label_file_t *file) {
    bool whole;
    file->delimiter = csv_delimiter_of(file->line);
    TRY(csv_read(&file->row, file->reader, file->delimiter, &file->line, &whole));
    for (column_t column = 0; column < COLUMN_COUNT; column++) file->columns[column] = -1;
    for (int i = 0; whole && i < file->row.count; i++) {
        text_t name = trimmed(file->row.fields[i]);
        for (column_t column = 0; column < COLUMN_COUNT; column++) {
            if (is_name(name, column_names[column])) file->columns[column] = i;
        }
        if (is_name(name, "address")) file->columns[COLUMN_WALLET] = i;
    }
    return NULL;
}

static err_t *find_format(label_file_t *file) {
    TRY(next_line(file, &file->held));
    if (!file->held) return NULL;
    file->format = file->line.data[0] == '{' ? FORMAT_JSON : FORMAT_CSV;
    if (file->format == FORMAT_JSON) return NULL;
    TRY(read_header(file));
    if (file->columns[COLUMN_WALLET] < 0) file->format = FORMAT_LIST;
    file->held = file->format == FORMAT_LIST;
    bool has_category = file->format == FORMAT_CSV && file->columns[COLUMN_CATEGORY] >= 0;
    if (has_category || *file->category) return NULL;
    return err_new_code(
        EXIT_USAGE,
        "\"%s\" names no categories: give a CSV header with wallet and category, JSON lines, or "
        "--category for all of its wallets",
        line_reader_name(file->reader));
}

err_t *label_file_open(const char *path, const char *category, label_file_t **out) {
    line_reader_t *reader;
    TRY(line_reader_open(path, &reader));
    label_file_t *file = calloc(1, sizeof *file);
    if (!file || !(file->category = strdup(category ? category : ""))) abort();
    file->reader = reader;
    err_t *err = find_format(file);
    if (err)
        label_file_close(file);
    else
        *out = file;
    return err;
}

void label_file_close(label_file_t *file) {
    if (!file) return;
    line_reader_close(file->reader);
    csv_row_clear(&file->row);
    json_decref(file->object);
    buf_clear(&file->wallet);
    buf_clear(&file->json);
    buf_clear(&file->parsed);
    free(file->category);
    free(file);
}

static text_t column_value(const label_file_t *file, column_t column) {
    int index = file->columns[column];
    return index >= 0 && index < file->row.count ? trimmed(file->row.fields[index]) : (text_t){"", 0};
}

static void add_field(buf_t *json, column_t column, text_t value) {
    if (!value.size) return;
    buf_printf(json, "%s\"%s\":", json->size ? "," : "{", column_names[column]);
    buf_add_json_field(json, value, column == COLUMN_CONFIDENCE);
}

static text_t default_category(const label_file_t *file) {
    return (text_t){file->category, strlen(file->category)};
}

static err_t *take_row(label_file_t *file) {
    bool whole;
    TRY(csv_read(&file->row, file->reader, file->delimiter, &file->line, &whole));
    if (!whole) return NULL;
    text_t wallet = column_value(file, COLUMN_WALLET), category = column_value(file, COLUMN_CATEGORY);
    buf_add(&file->wallet, wallet.data, wallet.size);
    add_field(&file->json, COLUMN_CATEGORY, category.size ? category : default_category(file));
    for (column_t column = COLUMN_SOURCE; column < COLUMN_COUNT; column++) {
        add_field(&file->json, column, column_value(file, column));
    }
    buf_add_char(&file->json, '}');
    return NULL;
}

static void take_object(label_file_t *file) {
    json_decref(file->object);
    file->object = json_loadb(file->line.data, file->line.size, 0, NULL);
    json_t *wallet = json_object_get(file->object, "wallet");
    if (!wallet) wallet = json_object_get(file->object, "address");
    if (json_is_string(wallet)) buf_add(&file->wallet, json_string_value(wallet), json_string_length(wallet));
    if (json_is_object(file->object) && !json_object_get(file->object, "category") && *file->category)
        json_object_set_new(file->object, "category", json_string(file->category));
    char *text = json_dumps(file->object, JSON_COMPACT);
    buf_add_str(&file->json, text ? text : "");
    free(text);
}

static void take_address(label_file_t *file) {
    buf_add(&file->wallet, file->line.data, file->line.size);
    add_field(&file->json, COLUMN_CATEGORY, default_category(file));
    buf_add_char(&file->json, '}');
}

static err_t *check(label_file_t *file) {
    buf_reset(&file->parsed);
    const char *why = !file->wallet.size ? "it names no wallet"
                      : file->wallet.size > WALLET_SIZE_MAX
                          ? "the wallet's name is too long"
                          : label_parse(file->json.data, file->json.size, &file->parsed);
    if (!why) return NULL;
    return err_new("line %lld of \"%s\" is no label: %s: %.*s", (long long)line_reader_line(file->reader),
                   line_reader_name(file->reader), why, (int)(file->line.size < 200 ? file->line.size : 200),
                   file->line.data);
}

err_t *label_file_next(label_file_t *file, label_file_record_t *record, bool *more) {
    *more = true;
    if (!file->held) TRY(next_line(file, more));
    file->held = false;
    if (!*more) return NULL;
    buf_reset(&file->wallet);
    buf_reset(&file->json);
    switch (file->format) {
    case FORMAT_CSV: TRY(take_row(file)); break;
    case FORMAT_JSON: take_object(file); break;
    case FORMAT_LIST: take_address(file); break;
    }
    TRY(check(file));
    *record = (label_file_record_t){file->wallet.data, file->wallet.size, file->json.data, file->json.size,
                                    line_reader_line(file->reader)};
    return NULL;
}
