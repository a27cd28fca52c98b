#include "tools/labels.h"

#include "common/kafka.h"
#include "common/log.h"
#include "tools/label_import.h"
#include "tools/label_print.h"
#include "tools/label_topic.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const setting_t settings_table[] = {
    SETTING_KAFKA,
    SETTING_TOPIC_PREFIX,
    {"CATEGORY", "",
     "import: of labels that name none; list, export: only these: sanctioned, mixer, darknet, scam, theft, "
     "..."},
    {"SOURCE", "", "import: of labels that name none; list, export: only these"},
    {"CONFIDENCE", "", "import: of labels that say none, 0 to 1"},
    {"DATE", "", "import: as of when labels that say none are; ISO 8601"},
    {"REPLACE_SOURCE", "", "import: withdraw the labels of this source that the files do not have"},
    {"WITHDRAW", "false", "import: withdraw the labels of the files' wallets"},
    {"DRY_RUN", "false", "import: only say what would be done"},
    {"FORMAT", "", "list, export: table, csv, json (a list), jsonl or addresses"},
    {NULL, NULL, NULL},
};

static err_t *options_read(const settings_t *settings, label_import_options_t *options) {
    const char *confidence = settings_get(settings, "CONFIDENCE");
    double number;
    if (*confidence) TRY(settings_number(settings, "CONFIDENCE", 0, 1, &number));
    *options = (label_import_options_t){
        .defaults = {.category = settings_get(settings, "CATEGORY"),
                     .source = settings_get(settings, "SOURCE"),
                     .confidence = confidence,
                     .date = settings_get(settings, "DATE")},
        .replace_source = settings_get(settings, "REPLACE_SOURCE"),
        .withdraw = settings_is_on(settings, "WITHDRAW"),
        .dry_run = settings_is_on(settings, "DRY_RUN"),
    };
    if (!*options->replace_source) return NULL;
    if (options->withdraw)
        return err_new_code(EXIT_USAGE, "--withdraw and --replace-source exclude each other");
    if (!*options->defaults.source) options->defaults.source = options->replace_source;
    return NULL;
}

static err_t *import_run(const settings_t *settings) {
    static const topic_t topics[] = {TOPIC_LABELS, TOPIC_COUNT};
    int file_count = settings_argument_count(settings) - 1;
    if (file_count < 1)
        return err_new_code(EXIT_USAGE,
                            "name the file: amlstream labels import labels.csv (- is standard input)");
    label_import_options_t options;
    label_import_counts_t counts;
    producer_t *producer;
    TRY(options_read(settings, &options));
    TRY(producer_new(settings, topics, &producer));
    const char **paths = calloc((size_t)file_count + 1, sizeof *paths);
    if (!paths) abort();
    for (int i = 0; i < file_count; i++) paths[i] = settings_argument(settings, i + 1);
    err_t *err = label_import(settings, producer, paths, &options, &counts);
    free(paths);
    producer_free(producer);
    if (err) return err;
    printf("%s%" PRIu64 " labels read, %" PRIu64 " of them repeated: %" PRIu64 " added, %" PRIu64
           " changed, %" PRIu64 " unchanged, %" PRIu64 " withdrawn\n",
           options.dry_run ? "dry run: " : "", counts.read, counts.repeated, counts.added, counts.changed,
           counts.unchanged, counts.withdrawn);
    return NULL;
}

static err_t *form_read(const settings_t *settings, label_form_t usual, label_form_t *form) {
    const char *name = settings_get(settings, "FORMAT");
    *form = usual;
    if (!*name) return NULL;
    for (*form = 0; *form < LABEL_FORM_COUNT; ++*form)
        if (strcmp(label_form_names[*form], name) == 0) return NULL;
    return err_new_code(EXIT_USAGE, "FORMAT is \"%s\"; allowed are table, csv, json, jsonl and addresses",
                        name);
}

static err_t *category_check(const char *name) {
    if (!*name || category_of_name((text_t){name, strlen(name)}) != CATEGORY_COUNT) return NULL;
    return err_new_code(
        EXIT_USAGE,
        "CATEGORY is \"%s\"; allowed are sanctioned, mixer, darknet, scam, theft, ransomware, "
        "exchange and service",
        name);
}

static err_t *show_run(const settings_t *settings, label_form_t usual) {
    label_form_t form;
    label_filter_t filter = {settings_get(settings, "CATEGORY"), settings_get(settings, "SOURCE")};
    label_table_t table = {0};
    uint64_t refused = 0;
    TRY(form_read(settings, usual, &form));
    TRY(category_check(filter.category));
    err_t *err = label_topic_read(settings, &table, &refused);
    if (!err) {
        buf_t text = {0};
        label_table_sort(&table);
        label_print(&table, form, &filter, &text);
        if (fwrite(text.data ? text.data : "", 1, text.size, stdout) != text.size || fflush(stdout) != 0)
            err = err_new("cannot write the labels: %s", strerror(errno));
        buf_clear(&text);
    }
    label_table_clear(&table);
    if (refused)
        log_warn("records of the topic that are no labels are not shown", LOG_INT("records", refused));
    return err;
}

static err_t *labels_run(settings_t *settings) {
    const char *action = settings_argument(settings, 0);
    if (action && strcmp(action, "import") == 0) return import_run(settings);
    bool exports = action && strcmp(action, "export") == 0;
    if (!exports && !(action && strcmp(action, "list") == 0))
        return err_new_code(EXIT_USAGE, "say what to do: amlstream labels import FILE..., export or list");
    if (settings_argument_count(settings) > 1)
        return err_new_code(EXIT_USAGE, "%s takes no \"%s\"; it writes to standard output", action,
                            settings_argument(settings, 1));
    return show_run(settings, exports ? LABEL_FORM_CSV : LABEL_FORM_TABLE);
}

const command_t labels_command = {
    .name = "labels",
    .summary = "Brings labels of wallets in from files, and shows or exports those there are.",
    .arguments = "import FILE...|export|list",
    .details =
        "import reads CSV with a header (wallet or address, category, source, confidence, note, date), JSON\n"
        "lines or a JSON list with the same names, or one address a line (with --category), gzip too, and\n"
        "sends what differs from what is there; when it ends, Kafka has it. Done again it changes nothing.\n"
        "A list that shrinks: --replace-source ofac withdraws the labels of source ofac that the files do "
        "not\n"
        "have any more. export writes all labels so that import can read them, list a table.",
    .settings = settings_table,
    .run = labels_run,
};
