#include "tools/price_file.h"

#include "risk/price.h"
#include "tools/column_file.h"
#include "tools/json_field.h"

#include <jansson.h>
#include <stdlib.h>

typedef enum { COLUMN_ASSET, COLUMN_PRICE, COLUMN_AS_OF, COLUMN_COUNT } column_t;

enum { SHOWN_SIZE_MAX = 200 };

static const column_names_t column_names[COLUMN_COUNT] = {{"asset", "symbol"}, {"price"}, {"as_of", "date"}};

struct price_file {
    column_file_t lines;
    bool is_json;
    buf_t asset, json;
};

static err_t *find_format(price_file_t *file) {
    bool more;
    TRY(column_file_next(&file->lines, &more));
    if (!more) return NULL;
    file->is_json = file->lines.line.data[0] == '{';
    if (file->is_json) {
        column_file_hold(&file->lines);
        return NULL;
    }
    TRY(column_file_header(&file->lines, column_names, COLUMN_COUNT));
    if (file->lines.columns[COLUMN_ASSET] >= 0 && file->lines.columns[COLUMN_PRICE] >= 0) return NULL;
    return err_new_code(EXIT_USAGE,
                        "\"%s\" is no file of prices: give a CSV header with asset and price (and as_of), or "
                        "JSON lines",
                        line_reader_name(file->lines.reader));
}

err_t *price_file_open(const char *path, price_file_t **out) {
    price_file_t *file = calloc(1, sizeof *file);
    if (!file) abort();
    err_t *err = column_file_open(&file->lines, path);
    if (!err) err = find_format(file);
    if (err)
        price_file_close(file);
    else
        *out = file;
    return err;
}

void price_file_close(price_file_t *file) {
    if (!file) return;
    column_file_close(&file->lines);
    buf_clear(&file->asset);
    buf_clear(&file->json);
    free(file);
}

static err_t *take_row(price_file_t *file) {
    TRY(column_file_row(&file->lines));
    text_t asset = column_file_value(&file->lines, COLUMN_ASSET);
    buf_add(&file->asset, asset.data, asset.size);
    for (column_t column = 0; column < COLUMN_COUNT; column++)
        buf_add_json_member(&file->json, column_names[column][0], column_file_value(&file->lines, column),
                            column == COLUMN_PRICE);
    buf_add_char(&file->json, '}');
    return NULL;
}

/* As it stands; the names that only files may use become those of the topic. */
static void take_object(price_file_t *file) {
    json_t *object = json_loadb(file->lines.line.data, file->lines.line.size, 0, NULL);
    for (column_t column = 0; column < COLUMN_COUNT; column++) {
        const char *name = column_names[column][0], *other = column_names[column][1];
        json_t *value = other ? json_object_get(object, other) : NULL;
        if (value && !json_object_get(object, name)) json_object_set(object, name, value);
        if (value) json_object_del(object, other);
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
    return err_new("line %lld of \"%s\" is no price: %s: %.*s",
                   (long long)line_reader_line(file->lines.reader), line_reader_name(file->lines.reader), why,
                   (int)(file->lines.line.size < SHOWN_SIZE_MAX ? file->lines.line.size : SHOWN_SIZE_MAX),
                   file->lines.line.data);
}

err_t *price_file_next(price_file_t *file, price_file_record_t *record, bool *more) {
    TRY(column_file_next(&file->lines, more));
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
