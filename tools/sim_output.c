#include "tools/sim_output.h"

#include "common/buf.h"
#include "common/signals.h"
#include "common/timestamp.h"
#include "tools/producer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Older than any real price, which then stays. */
#define SIM_PRICES_AS_OF "2009-01-03"

typedef enum { FORMAT_KAFKA, FORMAT_CSV, FORMAT_JSON, FORMAT_COUNT } format_t;

static const char *const format_names[FORMAT_COUNT] = {"kafka", "csv", "jsonl"};

typedef struct {
    FILE *file; /* NULL: not wanted */
    char *path;
} text_file_t;

struct sim_output {
    format_t format;
    producer_t *producer;
    text_file_t transfers, truth, labels, prices;
    buf_t record;
};

static err_t *write_error(const text_file_t *file) {
    return err_new("cannot write \"%s\": %s", file->path, strerror(errno));
}

static err_t *file_open(text_file_t *file, const char *path, const char *header) {
    if (!*path) return NULL;
    file->path = strdup(path);
    file->file = strcmp(path, "-") == 0 ? stdout : fopen(path, "we");
    if (!file->path) abort();
    if (!file->file) return write_error(file);
    return fputs(header, file->file) < 0 ? write_error(file) : NULL;
}

static err_t *file_write(text_file_t *file, const buf_t *bytes) {
    return fwrite(bytes->data, 1, bytes->size, file->file) == bytes->size ? NULL : write_error(file);
}

static err_t *file_close(text_file_t *file) {
    bool failed = file->file && (file->file == stdout ? fflush(stdout) : fclose(file->file)) != 0;
    err_t *err = failed ? write_error(file) : NULL;
    free(file->path);
    *file = (text_file_t){0};
    return err;
}

static err_t *open_all(sim_output_t *output, const settings_t *settings) {
    static const topic_t topics[] = {TOPIC_TRANSACTIONS, TOPIC_LABELS, TOPIC_PRICES, TOPIC_COUNT};
    const char *format = settings_get(settings, "OUTPUT");
    while (output->format < FORMAT_COUNT && strcmp(format, format_names[output->format]) != 0)
        output->format++;
    if (output->format == FORMAT_COUNT)
        return err_new_code(EXIT_USAGE, "OUTPUT is \"%s\"; allowed are kafka, csv and jsonl", format);
    TRY(file_open(&output->truth, settings_get(settings, "TRUTH"), "tx_id,pattern_id,typology\n"));
    TRY(file_open(&output->labels, settings_get(settings, "LABELS_OUT"),
                  "wallet,category,source,confidence,note\n"));
    TRY(file_open(&output->prices, settings_get(settings, "PRICES_OUT"), "asset,price,as_of\n"));
    if (output->format == FORMAT_KAFKA) return producer_new(settings, topics, &output->producer);
    bool is_csv = output->format == FORMAT_CSV;
    return file_open(&output->transfers, settings_get(settings, "OUT"),
                     is_csv ? "tx_id,src,dst,amount,asset,timestamp\n" : "");
}

err_t *sim_output_open(const settings_t *settings, sim_output_t **out) {
    sim_output_t *output = calloc(1, sizeof *output);
    if (!output) abort();
    err_t *err = open_all(output, settings);
    if (err)
        sim_output_drop(output);
    else
        *out = output;
    return err;
}

static err_t *first_of(err_t *first, err_t *second) {
    if (!first) return second;
    err_free(second);
    return first;
}

err_t *sim_output_close(sim_output_t *output) {
    if (!output) return NULL;
    err_t *err = output->producer ? producer_flush(output->producer) : NULL;
    producer_free(output->producer);
    err = first_of(err, file_close(&output->transfers));
    err = first_of(err, file_close(&output->truth));
    err = first_of(err, file_close(&output->labels));
    err = first_of(err, file_close(&output->prices));
    buf_clear(&output->record);
    free(output);
    return err;
}

void sim_output_drop(sim_output_t *output) {
    if (!output) return;
    producer_free(output->producer);
    output->producer = NULL;
    err_free(sim_output_close(output));
}

err_t *sim_output_labels(sim_output_t *output, const sim_t *sim) {
    sim_label_t label;
    uint32_t count = 0;
    bool sent = true;
    buf_t *record = &output->record;
    for (; sent && sim_label(sim, count, &label); count++) {
        buf_reset(record);
        buf_printf(record, "{\"category\":\"%s\",\"source\":\"simulator\",\"confidence\":1}", label.category);
        if (output->producer)
            TRY(producer_send(output->producer, TOPIC_LABELS, label.wallet, strlen(label.wallet),
                              record->data, record->size, &sent));
        buf_reset(record);
        buf_printf(record, "%s,%s,simulator,1,\n", label.wallet, label.category);
        if (output->labels.file) TRY(file_write(&output->labels, record));
    }
    /* They should be known before the first transfer that they concern. */
    if (output->producer) TRY(producer_flush(output->producer));
    return NULL;
}

err_t *sim_output_prices(sim_output_t *output) {
    bool sent = true;
    buf_t *record = &output->record;
    for (sim_asset_t asset = 0; sent && asset < ASSET_COUNT; asset++) {
        const sim_asset_info_t *info = &sim_assets[asset];
        buf_reset(record);
        buf_printf(record, "{\"asset\":\"%s\",\"price\":%g,\"as_of\":\"%s\"}", info->name, info->price_usd,
                   SIM_PRICES_AS_OF);
        if (output->producer)
            TRY(producer_send(output->producer, TOPIC_PRICES, info->name, strlen(info->name), record->data,
                              record->size, &sent));
        buf_reset(record);
        buf_printf(record, "%s,%g,%s\n", info->name, info->price_usd, SIM_PRICES_AS_OF);
        if (output->prices.file) TRY(file_write(&output->prices, record));
    }
    return output->producer ? producer_flush(output->producer) : NULL;
}

static void add_json(buf_t *out, const sim_transfer_t *transfer) {
    buf_add_str(out, "{\"tx_id\":\"");
    buf_add_str(out, transfer->tx_id);
    buf_add_str(out, "\",\"src\":\"");
    buf_add_str(out, transfer->src);
    buf_add_str(out, "\",\"dst\":\"");
    buf_add_str(out, transfer->dst);
    buf_add_str(out, "\",\"amount\":");
    buf_add_double(out, transfer->amount);
    buf_add_str(out, ",\"asset\":\"");
    buf_add_str(out, sim_assets[transfer->asset].name);
    buf_add_str(out, "\",\"timestamp\":");
    buf_add_timestamp(out, transfer->timestamp_ms);
    buf_add_char(out, '}');
}

static void add_csv(buf_t *out, const sim_transfer_t *transfer) {
    char time[TIMESTAMP_SIZE_MAX];
    timestamp_format(transfer->timestamp_ms, time);
    buf_printf(out, "%s,%s,%s,", transfer->tx_id, transfer->src, transfer->dst);
    buf_add_double(out, transfer->amount);
    buf_printf(out, ",%s,%s\n", sim_assets[transfer->asset].name, time);
}

static err_t *write_truth(sim_output_t *output, const sim_transfer_t *transfer) {
    if (!transfer->typology || !output->truth.file) return NULL;
    buf_reset(&output->record);
    buf_printf(&output->record, "%s,%s,%s\n", transfer->tx_id, transfer->pattern_id, transfer->typology);
    return file_write(&output->truth, &output->record);
}

err_t *sim_output_transfer(sim_output_t *output, const sim_transfer_t *transfer, bool *sent) {
    buf_t *record = &output->record;
    *sent = true;
    buf_reset(record);
    switch (output->format) {
    case FORMAT_KAFKA:
        add_json(record, transfer);
        TRY(producer_send(output->producer, TOPIC_TRANSACTIONS, transfer->src, (size_t)transfer->src_size,
                          record->data, record->size, sent));
        break;
    case FORMAT_CSV:
        add_csv(record, transfer);
        TRY(file_write(&output->transfers, record));
        break;
    default:
        add_json(record, transfer);
        buf_add_char(record, '\n');
        TRY(file_write(&output->transfers, record));
    }
    return *sent ? write_truth(output, transfer) : NULL;
}

void sim_output_wait(sim_output_t *output, int64_t wait_us) {
    if (output->producer)
        producer_wait(output->producer, wait_us);
    else
        stop_wait((int)((wait_us + 999) / 1000));
}
