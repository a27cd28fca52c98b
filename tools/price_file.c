#include "tools/price_file.h"

#include "risk/price.h"
#include "tools/csv.h"
#include "tools/json_field.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef enum { COLUMN_ASSET, COLUMN_PRICE, COLUMN_AS_OF, COLUMN_COUNT } column_t;

enum { COLUMN_NAMES = 2, SHOWN_SIZE_MAX = 200 };

static const char *const column_names[COLUMN_COUNT][COLUMN_NAMES] = {
    {"asset", "symbol"}, {"price", "price"}, {"as_of", "date"}};

struct price_file {
    line_reader_t *reader;
    bool is_json;
    bool held; /* the present line is still to be given out */
    text_t line;
    char delimiter;
    csv_row_t row;
    int columns[COLUMN_COUNT]; /* index in the row; -1: none */
    buf_t asset, json;
};

static text_t trimmed(text_t text) {
    while (text.size && isspace((unsigned char)text.data[0])) text.data++, text.size--;
    while (text.size && isspace((unsigned char)text.data[text.size - 1])) text.size--;
    return text;
}

static bool is_name(text_t text, const char *name) {
    return text.size == strlen(name) && strncasecmp(text.data, name, text.size) == 0;
}

static err_t *next_line(price_file_t *file, bool *more) {
    do {
        TRY(line_reader_next(file->reader, &file->line, more));
        if (*more) file->line = trimmed(file->line);
    } while (*more && !file->line.size);
    return NULL;
}

static err_t *read_header(price_file_t *file) {
    bool whole;
    file->delimiter = csv_delimiter_of(file->line);
    TRY(csv_read(&file->row, file->reader, file->delimiter, &file->line, &whole));
    for (column_t column = 0; column < COLUMN_COUNT; column++) file->columns[column] = -1;
    for (int i = 0; whole && i < file->row.count; i++)
        for (column_t column = 0; column < COLUMN_COUNT; column++)
            for (int n = 0; n < COLUMN_NAMES; n++)
                if (is_name(trimmed(file->row.fields[i]), column_names[column][n])) file->columns[column] = i;
    if (file->columns[COLUMN_ASSET] >= 0 && file->columns[COLUMN_PRICE] >= 0) return NULL;
    return err_new_code(EXIT_USAGE,
                        "\"%s\" is no file of prices: give a CSV header with asset and price (and as_of), or "
                        "JSON lines",
                        line_reader_name(file->reader));
}

err_t *price_file_open(const char *path, price_file_t **out) {
    line_reader_t *reader;
    TRY(line_reader_open(path, &reader));
    price_file_t *file = calloc(1, sizeof *file);
    if (!file) abort();
    file->reader = reader;
    err_t *err = next_line(file, &file->held);
    if (!err && file->held) {
        file->is_json = file->line.data[0] == '{';
        file->held = file->is_json;
        if (!file->is_json) err = read_header(file);
    }
    if (err)
        price_file_close(file);
    else
        *out = file;
    return err;
}

void price_file_close(price_file_t *file) {
    if (!file) return;
    line_reader_close(file->reader);
    csv_row_clear(&file->row);
    buf_clear(&file->asset);
    buf_clear(&file->json);
    free(file);
}

static text_t column_value(const price_file_t *file, column_t column) {
    int index = file->columns[column];
    return index >= 0 && index < file->row.count ? trimmed(file->row.fields[index]) : (text_t){"", 0};
}

static void add_field(buf_t *json, column_t column, text_t value) {
    if (!value.size) return;
    buf_printf(json, "%s\"%s\":", json->size ? "," : "{", column_names[column][0]);
    buf_add_json_field(json, value, column == COLUMN_PRICE);
}

static err_t *take_row(price_file_t *file) {
    bool whole;
    TRY(csv_read(&file->row, file->reader, file->delimiter, &file->line, &whole));
    if (!whole) return NULL;
    text_t asset = column_value(file, COLUMN_ASSET);
    buf_add(&file->asset, asset.data, asset.size);
    for (column_t column = 0; column < COLUMN_COUNT; column++)
        add_field(&file->json, column, column_value(file, column));
    buf_add_char(&file->json, '}');
    return NULL;
}

/* As it stands; the names that only files may use become those of the topic. */
static void take_object(price_file_t *file) {
    json_t *object = json_loadb(file->line.data, file->line.size, 0, NULL);
    for (column_t column = 0; column < COLUMN_COUNT; column++) {
        const char *name = column_names[column][0], *other = column_names[column][1];
        json_t *value = json_object_get(object, other);
        if (value && !json_object_get(object, name)) json_object_set(object, name, value);
        if (strcmp(name, other) != 0) json_object_del(object, other);
    }
    const json_t *asset = json_object_get(object, column_names[COLUMN_ASSET][0]);
    if (json_is_string(asset)) buf_add(&file->asset, json_string_value(asset), json_string_length(asset));
    char *text = json_dumps(object, JSON_COMPACT);
    buf_add_str(&file->json, text ? text : "");
    free(text);
    json_decref(object);
}

static err_t *check(const price_file_t *file) {
    price_t price = {0};
    const char *why = !file->asset.size ? "it names no asset"
                                        : price_parse((text_t){file->asset.data, file->asset.size},
                                                      file->json.data, file->json.size, &price);
    if (!why) return NULL;
    return err_new("line %lld of \"%s\" is no price: %s: %.*s", (long long)line_reader_line(file->reader),
                   line_reader_name(file->reader), why,
                   (int)(file->line.size < SHOWN_SIZE_MAX ? file->line.size : SHOWN_SIZE_MAX),
                   file->line.data);
}

err_t *price_file_next(price_file_t *file, price_file_record_t *record, bool *more) {
    *more = true;
    if (!file->held) TRY(next_line(file, more));
    file->held = false;
    if (!*more) return NULL;
    buf_reset(&file->asset);
    buf_reset(&file->json);
    if (file->is_json)
        take_object(file);
    else
        TRY(take_row(file));
    TRY(check(file));
    *record = (price_file_record_t){file->asset.data, file->asset.size, file->json.data, file->json.size};
    return NULL;
}
