#include "tools/evaluate.h"

#include "tools/evaluation_files.h"
#include "tools/evaluation_plot.h"
#include "tools/evaluation_report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const setting_t settings_table[] = {
    {"OUT", NULL, "the directory that the backtest wrote"},
    {"TRUTH", NULL, "what was planted: CSV with the columns tx_id, pattern_id and typology, gzip too"},
    {"PLOT", "", "file for a plot (SVG) of precision over recall; empty: precision-recall.svg in --out"},
    {"JSON", "false", "all figures as JSON in place of the tables"},
    {NULL, NULL, NULL},
};

static err_t *plot_write(const buf_t *svg, const settings_t *settings) {
    char *path;
    const char *name = settings_get(settings, "PLOT");
    int made = *name ? asprintf(&path, "%s", name)
                     : asprintf(&path, "%s/precision-recall.svg", settings_get(settings, "OUT"));
    if (made < 0) abort();
    FILE *file = fopen(path, "we");
    bool written = file && fwrite(svg->data, 1, svg->size, file) == svg->size;
    if (file && fclose(file) != 0) written = false;
    err_t *err =
        written ? NULL
                : err_new("cannot write \"%s\": %s; name another file with --plot", path, strerror(errno));
    free(path);
    return err;
}

static err_t *figures_print(const evaluation_measures_t *measures, bool as_json) {
    buf_t text = {0};
    if (as_json) {
        json_t *json = evaluation_json(measures);
        char *dump = json_dumps(json, JSON_INDENT(2));
        buf_add_str(&text, dump);
        buf_add_char(&text, '\n');
        free(dump);
        json_decref(json);
    } else {
        evaluation_tables(measures, &text);
    }
    bool written = fwrite(text.data, 1, text.size, stdout) == text.size && fflush(stdout) == 0;
    buf_clear(&text);
    return written ? NULL : err_new("cannot write to standard output: %s", strerror(errno));
}

static err_t *evaluate(evaluation_t *evaluation, evaluation_measures_t *measures,
                       const settings_t *settings) {
    buf_t svg = {0};
    TRY(evaluation_read(evaluation, settings_get(settings, "OUT"), settings_get(settings, "TRUTH")));
    evaluation_measure(evaluation, measures);
    evaluation_plot(evaluation, measures, &svg);
    err_t *err = plot_write(&svg, settings);
    buf_clear(&svg);
    return err ? err : figures_print(measures, settings_is_on(settings, "JSON"));
}

static err_t *evaluate_run(settings_t *settings) {
    if (!settings_get(settings, "OUT") || !settings_get(settings, "TRUTH"))
        return err_new_code(EXIT_USAGE, "evaluate needs --out DIRECTORY (of a backtest) and --truth FILE");
    evaluation_t *evaluation = evaluation_new();
    evaluation_measures_t *measures = calloc(1, sizeof *measures);
    if (!measures) abort();
    err_t *err = evaluate(evaluation, measures, settings);
    free(measures);
    evaluation_free(evaluation);
    return err;
}

const command_t evaluate_command = {
    .name = "evaluate",
    .summary = "Measures a backtest against the truth: what was found, how soon, and what was wrong.",
    .details = "The order is that of time; thresholds are chosen on the fifth before the last.\n"
               "A planted pattern is found when an alert names at least half of its transfers, and noticed\n"
               "when a right alert names any. An alert is right when at least half of the transfers that it\n"
               "names belong to planted patterns. A typology is ranked against ordinary transfers; those of\n"
               "other typologies are left out. To the last fifth belong the patterns that end there.",
    .settings = settings_table,
    .run = evaluate_run,
};
