#include "tools/ingest.h"

#include "common/log.h"
#include "common/signals.h"
#include "common/timestamp.h"
#include "tools/label_import.h"
#include "tools/pace.h"
#include "tools/producer.h"
#include "tools/progress.h"
#include "tools/transfer_file.h"

static const setting_t settings_table[] = {
    SETTING_KAFKA,
    SETTING_TOPIC_PREFIX,
    {"RATE", "0", "transfers a second; 0: as fast as Kafka takes them"},
    {"LABELS", "", "file of labels that is sent first: CSV, JSON lines, or addresses with --category"},
    {"CATEGORY", "", "category of the labels that name none: sanctioned, mixer, darknet, scam, theft, ..."},
    {NULL, NULL, NULL},
};

typedef struct {
    producer_t *producer;
    pace_t pace;
    progress_t *progress;
    int64_t began_us;
    uint64_t transfers;
    uint64_t unkeyed; /* lines whose sender cannot be read */
} ingest_t;

static err_t *send_labels(const settings_t *settings, producer_t *producer) {
    const char *const paths[] = {settings_get(settings, "LABELS"), NULL};
    label_import_options_t options = {.defaults = {.category = settings_get(settings, "CATEGORY")}};
    label_import_counts_t counts;
    if (!*paths[0]) return NULL;
    TRY(label_import(settings, producer, paths, &options, &counts));
    log_info("labels sent", LOG_STR("file", paths[0]), LOG_INT("added", counts.added),
             LOG_INT("changed", counts.changed), LOG_INT("unchanged", counts.unchanged));
    return NULL;
}

/* Waits until the next transfer is due; false where a stop is asked for. */
static bool await_turn(ingest_t *ingest) {
    int64_t wait_us;
    while ((wait_us = pace_wait_us(&ingest->pace, clock_monotonic_us())) > 0 && !stop_requested())
        producer_wait(ingest->producer, wait_us);
    return !stop_requested();
}

static err_t *send_transfers(ingest_t *ingest, transfer_file_t *file) {
    transfer_file_record_t record;
    bool more, sent = true;
    while (sent && await_turn(ingest)) {
        TRY(transfer_file_next(file, &record, &more));
        if (!more) break;
        TRY(producer_send(ingest->producer, TOPIC_TRANSACTIONS, record.key, record.key_size, record.json,
                          record.size, &sent));
        ingest->transfers += sent;
        ingest->unkeyed += sent && !record.key_size;
        progress_tell(ingest->progress, sent, transfer_file_progress(file));
    }
    return NULL;
}

static err_t *ingest_file(ingest_t *ingest, const char *path) {
    transfer_file_t *file;
    TRY(transfer_file_open(path, &file));
    err_t *err = send_transfers(ingest, file);
    transfer_file_close(file);
    return err_wrap(err, "%s", path);
}

static err_t *ingest_all(ingest_t *ingest, const settings_t *settings) {
    TRY(send_labels(settings, ingest->producer));
    ingest->progress = progress_new("transfers");
    ingest->began_us = clock_monotonic_us();
    for (int i = 0; i < settings_argument_count(settings) && !stop_requested(); i++)
        TRY(ingest_file(ingest, settings_argument(settings, i)));
    return producer_flush(ingest->producer);
}

static err_t *ingest_run(settings_t *settings) {
    static const topic_t topics[] = {TOPIC_TRANSACTIONS, TOPIC_LABELS, TOPIC_COUNT};
    if (settings_argument_count(settings) == 0)
        return err_new_code(EXIT_USAGE,
                            "name the file: amlstream ingest transfers.csv.gz (- is standard input)");
    double rate;
    TRY(settings_number(settings, "RATE", 0, 1e9, &rate));
    ingest_t ingest = {0};
    pace_init(&ingest.pace, rate);
    TRY(producer_new(settings, topics, &ingest.producer));
    err_t *err = ingest_all(&ingest, settings);
    progress_free(ingest.progress);
    double seconds = (double)(clock_monotonic_us() - ingest.began_us) / 1e6;
    producer_free(ingest.producer);
    if (err) return err_wrap(err, "after %llu transfers", (unsigned long long)ingest.transfers);
    log_info(stop_requested() ? "stopped before the end" : "transfers sent",
             LOG_INT("transfers", ingest.transfers), LOG_INT("without_readable_sender", ingest.unkeyed),
             LOG_NUM("seconds", seconds),
             LOG_NUM("per_second", seconds > 0 ? (double)ingest.transfers / seconds : 0));
    return NULL;
}

const command_t ingest_command = {
    .name = "ingest",
    .summary = "Sends the transfers of files: CSV or JSON lines, gzip too.",
    .arguments = "FILE...",
    .details =
        "What a file is shows in its content; - is standard input. CSV needs a header with tx_id,\n"
        "src (sender, from), dst (receiver, to) and amount, and may have asset and timestamp. A transfer\n"
        "is keyed by its sender. A line that is no transfer goes on as it is: the processor keeps it as a\n"
        "dead letter with the reason.",
    .settings = settings_table,
    .run = ingest_run,
};
