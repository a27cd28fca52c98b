/* Brings labels of files into the topic of labels. */
#pragma once

#include "common/settings.h"
#include "tools/label_file.h"
#include "tools/producer.h"

typedef struct {
    label_defaults_t defaults;
    bool withdraw; /* the files' wallets are to have no label */
    const char *
        replace_source; /* labels of this source that the files do not have are withdrawn; NULL or "": none */
    bool dry_run;       /* only counts */
} label_import_options_t;

typedef struct {
    uint64_t read; /* labels in the files, of which `repeated` came after another one for the same wallet */
    uint64_t repeated;
    uint64_t added, changed, unchanged, withdrawn;
} label_import_counts_t;

/* Reads the files (`paths` ends with NULL) and what the topic holds, and sends what is to be different; when
 * it returns, Kafka has it. Nothing is sent where a file has a line that is no label. `producer` has
 * TOPIC_LABELS. */
err_t *label_import(const settings_t *settings, producer_t *producer, const char *const *paths,
                    const label_import_options_t *options, label_import_counts_t *counts);
