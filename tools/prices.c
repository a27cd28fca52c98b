#include "tools/prices.h"

#include "common/kafka.h"
#include "common/log.h"
#include "common/signals.h"
#include "common/timestamp.h"
#include "risk/text.h"
#include "tools/price_file.h"
#include "tools/price_table.h"
#include "tools/producer.h"
#include "tools/topic_read.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const setting_t settings_table[] = {SETTING_KAFKA, SETTING_TOPIC_PREFIX, {NULL, NULL, NULL}};

typedef struct {
    price_table_t table;
    uint64_t refused;
} held_t;

static void take(void *context, const char *key, size_t key_size, const char *value, size_t size,
                 int64_t record_ms) {
    held_t *held = context;
    if (price_table_put(&held->table, (text_t){key, key_size}, value, size, record_ms)) held->refused++;
}

static err_t *file_read(const char *path, price_table_t *table, int64_t now_ms, uint64_t *count) {
    price_file_t *file;
    price_file_record_t record;
    bool more = true;
    TRY(price_file_open(path, &file));
    err_t *err = NULL;
    while (!err && !(err = price_file_next(file, &record, &more)) && more) {
        price_table_put(table, (text_t){record.asset, record.asset_size}, record.json, record.size, now_ms);
        ++*count;
    }
    if (!err && stop_requested()) err = err_new("stopped before the end of \"%s\"; nothing was sent", path);
    price_file_close(file);
    return err;
}

/* A price without a date is of now, and yet no news where it is the same. */
static bool is_news(const price_row_t *there, const price_row_t *row, int64_t now_ms) {
    static const price_t none = {0};
    if (there && row->price.as_of_ms == now_ms && row->price.price == there->price.price) return false;
    return price_changes(there ? &there->price : &none, &row->price);
}

static err_t *send_news(producer_t *producer, const price_table_t *files, const price_table_t *there,
                        int64_t now_ms, uint64_t *count) {
    for (const price_row_t *row = files->rows; row; row = row->hh.next) {
        bool sent;
        if (!is_news(price_table_find(there, row->asset), row, now_ms)) continue;
        TRY(producer_send(producer, TOPIC_PRICES, row->asset.data, row->asset.size, row->json.data,
                          row->json.size, &sent));
        if (!sent) return err_new("stopped before all prices were sent");
        ++*count;
    }
    return producer_flush(producer);
}

/* All is read before anything is sent. */
static err_t *import_run(const settings_t *settings, producer_t *producer, held_t *there) {
    int64_t now_ms = clock_now_ms();
    price_table_t files = {0};
    uint64_t read = 0, sent = 0;
    err_t *err = NULL;
    for (int i = 1; !err && i < settings_argument_count(settings); i++)
        err = file_read(settings_argument(settings, i), &files, now_ms, &read);
    if (!err) err = topic_read(settings, TOPIC_PRICES, "prices", take, there);
    if (!err) err = send_news(producer, &files, &there->table, now_ms, &sent);
    price_table_clear(&files);
    if (!err)
        printf("%" PRIu64 " prices read: %" PRIu64 " sent, %" PRIu64 " no news\n", read, sent, read - sent);
    return err;
}

static err_t *remove_run(const settings_t *settings, producer_t *producer, held_t *there) {
    uint64_t count = 0;
    TRY(topic_read(settings, TOPIC_PRICES, "prices", take, there));
    for (int i = 1; i < settings_argument_count(settings); i++) {
        const char *asset = settings_argument(settings, i);
        bool sent;
        if (!price_table_find(&there->table, (text_t){asset, strlen(asset)})) continue;
        TRY(producer_send(producer, TOPIC_PRICES, asset, strlen(asset), NULL, 0, &sent));
        count += sent;
    }
    TRY(producer_flush(producer));
    printf("%" PRIu64 " prices removed\n", count);
    return NULL;
}

static err_t *send_run(const settings_t *settings, bool removes) {
    static const topic_t topics[] = {TOPIC_PRICES, TOPIC_COUNT};
    producer_t *producer;
    held_t there = {0};
    if (settings_argument_count(settings) < 2)
        return err_new_code(EXIT_USAGE, removes ? "name the assets: amlstream prices remove ETH"
                                                : "name the file: amlstream prices import prices.csv (- is "
                                                  "standard input)");
    TRY(producer_new(settings, topics, &producer));
    err_t *err = removes ? remove_run(settings, producer, &there) : import_run(settings, producer, &there);
    price_table_clear(&there.table);
    producer_free(producer);
    return err;
}

static void print_row(const price_row_t *row) {
    char as_of[TIMESTAMP_SIZE_MAX];
    buf_t line = {0};
    timestamp_format(row->price.as_of_ms, as_of);
    buf_add(&line, row->asset.data, row->asset.size);
    while (line.size < 12) buf_add_char(&line, ' ');
    buf_add_char(&line, ' ');
    size_t from = line.size;
    buf_add_double(&line, row->price.price);
    while (line.size - from < 14) buf_add_char(&line, ' ');
    printf("%s %s\n", buf_cstr(&line), as_of);
    buf_clear(&line);
}

static err_t *list_run(const settings_t *settings) {
    held_t held = {0};
    if (settings_argument_count(settings) > 1)
        return err_new_code(EXIT_USAGE, "list takes no \"%s\"; it shows all prices",
                            settings_argument(settings, 1));
    err_t *err = topic_read(settings, TOPIC_PRICES, "prices", take, &held);
    price_table_sort(&held.table);
    for (const price_row_t *row = held.table.rows; !err && row; row = row->hh.next) print_row(row);
    if (held.refused)
        log_warn("records of the topic that are no prices are not shown", LOG_INT("records", held.refused));
    price_table_clear(&held.table);
    return err;
}

static err_t *prices_run(settings_t *settings) {
    const char *action = settings_argument(settings, 0);
    if (action && strcmp(action, "import") == 0) return send_run(settings, false);
    if (action && strcmp(action, "remove") == 0) return send_run(settings, true);
    if (action && strcmp(action, "list") == 0) return list_run(settings);
    return err_new_code(EXIT_USAGE,
                        "say what to do: amlstream prices import FILE..., list, or remove ASSET...");
}

const command_t prices_command = {
    .name = "prices",
    .summary = "Brings prices of assets in from files, and shows those there are.",
    .arguments = "import FILE...|list|remove ASSET...",
    .details =
        "Prices are in the one currency that thresholds are in. import reads CSV with a header (asset,\n"
        "price, as_of) or JSON lines with the same names, gzip too, and sends what is news; of two prices\n"
        "of an asset the one with the later as_of counts, and one without is of the time it comes. When it\n"
        "ends, Kafka has it. list shows asset, price and as_of. An asset that is removed counts at 1.",
    .settings = settings_table,
    .run = prices_run,
};
