#include "tools/label_import.h"

#include "common/log.h"
#include "risk/text.h"
#include "tools/label_topic.h"

#include <string.h>

typedef struct {
    const label_import_options_t *options;
    producer_t *producer;
    label_table_t wanted;  /* of the files */
    label_table_t present; /* of the topic */
    label_import_counts_t *counts;
} import_t;

static err_t *take_file(import_t *import, label_file_t *file) {
    label_file_record_t record;
    bool more = true;
    for (;;) {
        TRY(label_file_next(file, &record, &more));
        if (!more) return NULL;
        text_t wallet = {record.wallet, record.wallet_size};
        import->counts->read++;
        import->counts->repeated += label_table_find(&import->wanted, wallet) != NULL;
        const char *reason = label_table_put(&import->wanted, wallet, record.json, record.size);
        if (reason) return err_new("line %lld: %s", (long long)record.line, reason);
    }
}

static err_t *read_files(import_t *import, const char *const *paths) {
    label_defaults_t defaults = import->options->defaults;
    /* A withdrawal has no category, but a file of labels is read as such. */
    if (import->options->withdraw && (!defaults.category || !*defaults.category))
        defaults.category = category_infos[CATEGORY_SERVICE].name;
    for (; *paths; paths++) {
        label_file_t *file;
        TRY(label_file_open(*paths, &defaults, &file));
        err_t *err = take_file(import, file);
        label_file_close(file);
        if (err) return err;
    }
    return NULL;
}

/* JSON NULL withdraws. */
static err_t *record_send(import_t *import, text_t key, const buf_t *json) {
    bool sent;
    if (import->options->dry_run) return NULL;
    TRY(producer_send(import->producer, TOPIC_LABELS, key.data, key.size, json ? json->data : NULL,
                      json ? json->size : 0, &sent));
    return sent ? NULL : err_new("stopped before all labels were sent; run it again");
}

static err_t *withdraw(import_t *import, const label_row_t *row) {
    import->counts->withdrawn++;
    return record_send(import, row->key, NULL);
}

static err_t *apply_wanted(import_t *import) {
    label_import_counts_t *counts = import->counts;
    for (const label_row_t *row = import->wanted.rows; row; row = row->hh.next) {
        const label_row_t *before = label_table_find(&import->present, row->wallet);
        bool same = before && label_row_equal(before, row);
        if (import->options->withdraw) {
            if (before) TRY(withdraw(import, before));
            counts->unchanged += !before;
            continue;
        }
        counts->added += !before;
        counts->changed += before && !same;
        counts->unchanged += same;
        /* Under the key that it has, so that there is one record for a wallet. */
        if (!same) TRY(record_send(import, before ? before->key : row->wallet, &row->json));
    }
    return NULL;
}

static bool is_of_source(const label_row_t *row, const char *source) {
    return text_equal(label_source(label_row_label(row)), (text_t){source, strlen(source)});
}

static err_t *withdraw_missing(import_t *import, const char *source) {
    for (const label_row_t *row = import->present.rows; row; row = row->hh.next)
        if (is_of_source(row, source) && !label_table_find(&import->wanted, row->wallet))
            TRY(withdraw(import, row));
    return NULL;
}

static err_t *run(import_t *import, const settings_t *settings, const char *const *paths) {
    const char *replaced = import->options->replace_source;
    uint64_t refused;
    TRY(read_files(import, paths));
    if (replaced && *replaced && !import->wanted.rows)
        return err_new(
            "the files hold no label: that would withdraw all of source \"%s\"; where that is meant, export "
            "them with --source and import that with --withdraw",
            replaced);
    TRY(label_topic_read(settings, &import->present, &refused));
    if (refused)
        log_warn("records of the topic that are no labels are left as they are", LOG_INT("records", refused));
    TRY(apply_wanted(import));
    if (replaced && *replaced) TRY(withdraw_missing(import, replaced));
    return import->options->dry_run ? NULL : producer_flush(import->producer);
}

err_t *label_import(const settings_t *settings, producer_t *producer, const char *const *paths,
                    const label_import_options_t *options, label_import_counts_t *counts) {
    import_t import = {.options = options, .producer = producer, .counts = counts};
    *counts = (label_import_counts_t){0};
    err_t *err = run(&import, settings, paths);
    label_table_clear(&import.wanted);
    label_table_clear(&import.present);
    return err;
}
