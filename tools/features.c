#include "tools/features.h"

#include "tools/rerun.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

enum { FILE_BUFFER_BYTES = 1 << 18 };

static const setting_t settings_table[] = {
    SETTINGS_RERUN,
    {"OUT", NULL, "file for the features: CSV, packed where the name ends in .gz"},
    {NULL, NULL, NULL},
};

typedef struct {
    gzFile file; /* writes plain bytes too */
    buf_t line;
    uint64_t rows;
    bool failed;
} feature_file_t;

static bool is_quoted(text_t text) {
    for (size_t i = 0; i < text.size; i++)
        if (strchr("\",;|", text.data[i])) return true;
    return false;
}

static void add_csv_text(buf_t *line, text_t text) {
    if (!is_quoted(text)) {
        buf_add(line, text.data, text.size);
        return;
    }
    buf_add_char(line, '"');
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '"') buf_add_char(line, '"');
        buf_add_char(line, text.data[i]);
    }
    buf_add_char(line, '"');
}

static void write_line(feature_file_t *out) {
    buf_add_char(&out->line, '\n');
    if (!out->failed && gzwrite(out->file, out->line.data, (unsigned)out->line.size) <= 0) out->failed = true;
    buf_reset(&out->line);
}

static void write_header(feature_file_t *out) {
    buf_add_str(&out->line, "tx_id");
    for (int i = 0; i < FEATURE_COUNT; i++) {
        buf_add_char(&out->line, ',');
        buf_add_str(&out->line, feature_names[i]);
    }
    write_line(out);
}

/* Nine digits tell any two floats apart. */
static void on_features(void *context, text_t tx_id, const features_t *features) {
    feature_file_t *out = context;
    add_csv_text(&out->line, tx_id);
    for (int i = 0; i < FEATURE_COUNT; i++) buf_printf(&out->line, ",%.9g", (double)features->values[i]);
    write_line(out);
    out->rows++;
}

static err_t *write_error(const char *path) {
    return err_new("cannot write \"%s\": %s; name another file with --out", path, strerror(errno));
}

static err_t *feature_file_open(feature_file_t *out, const char *path) {
    size_t size = strlen(path);
    bool packed = size > 3 && strcmp(path + size - 3, ".gz") == 0;
    out->file = gzopen(path, packed ? "wbe1" : "wbeT");
    if (!out->file) return write_error(path);
    gzbuffer(out->file, FILE_BUFFER_BYTES);
    write_header(out);
    return NULL;
}

static err_t *feature_file_close(feature_file_t *out, const char *path) {
    bool closed = gzclose(out->file) == Z_OK;
    buf_clear(&out->line);
    return closed && !out->failed ? NULL : write_error(path);
}

static err_t *rerun_into(feature_file_t *out, const settings_t *settings) {
    rerun_t *rerun;
    TRY(rerun_open(settings, (rerun_options_t){.features = on_features, .features_context = out}, &rerun));
    err_t *err = rerun_stop(rerun, rerun_run(rerun));
    rerun_free(rerun);
    return err;
}

static err_t *features_run(settings_t *settings) {
    const char *path = settings_get(settings, "OUT");
    feature_file_t out = {0};
    if (!settings_get(settings, "INPUT") || !path)
        return err_new_code(EXIT_USAGE, "features needs --input FILE and --out FILE");
    TRY(feature_file_open(&out, path));
    err_t *err = rerun_into(&out, settings);
    err_t *closed = feature_file_close(&out, path);
    if (err)
        err_free(closed);
    else
        err = closed;
    if (!err) printf("%" PRIu64 " transfers, %d features each, in %s\n", out.rows, FEATURE_COUNT, path);
    return err;
}

const command_t features_command = {
    .name = "features",
    .summary = "Writes the numbers that a learned model judges each transfer by, for its training.",
    .details = "A row a transfer, in the order of the stream: tx_id, then the features, taken as the "
               "processor takes\n"
               "them, from what was known just before the transfer.",
    .settings = settings_table,
    .run = features_run,
};
