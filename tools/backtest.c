#include "tools/backtest.h"

#include "tools/backtest_explain.h"
#include "tools/backtest_output.h"
#include "tools/rerun.h"

#include <inttypes.h>
#include <stdio.h>

static const setting_t settings_table[] = {
    SETTINGS_RERUN,
    SETTINGS_MODEL,
    {"OUT", NULL, "directory for the results"},
    {"EXPLAIN", "", "wallets to explain at the end, comma separated: explain.jsonl"},
    {NULL, NULL, NULL},
};

static void summary_fill(const rerun_t *rerun, const settings_t *settings, backtest_summary_t *summary) {
    engine_counters_t counters = engine_counters(rerun_engine(rerun));
    summary->input = settings_get(settings, "INPUT");
    summary->rules_version = rules_version(rerun_rules(rerun));
    summary->transfers = counters.risk.transfers;
    summary->duplicates = counters.risk.duplicates;
    summary->dead_letters = counters.dead_letters;
    summary->labels = counters.risk.labels;
    summary->wallets = counters.risk.new_wallets;
    summary->edges = counters.risk.new_edges;
    summary->alerts = counters.risk.alerts;
    summary->seconds = rerun_seconds(rerun);
}

static void summary_print(const backtest_summary_t *summary, const char *out) {
    printf("%" PRIu64 " transfers in %.2f s (%.0f/s), %" PRIu64 " wallets, %" PRIu64 " edges, %" PRIu64
           " alerts, %" PRIu64 " duplicates, %" PRIu64 " dead letters; results in %s\n",
           summary->transfers, summary->seconds,
           summary->seconds > 0 ? (double)summary->transfers / summary->seconds : 0, summary->wallets,
           summary->edges, summary->alerts, summary->duplicates, summary->dead_letters, out);
}

static err_t *score_file(backtest_output_t *output, const model_t *model, const settings_t *settings) {
    rerun_t *rerun;
    backtest_summary_t summary;
    rerun_options_t options = {.model = model,
                               .outputs = {.context = output, .output = backtest_output_record}};
    err_t *err = rerun_open(settings, options, &rerun);
    if (err) {
        backtest_output_drop(output);
        return err;
    }
    err = rerun_run(rerun);
    const char *explained = settings_get(settings, "EXPLAIN");
    if (!err && *explained)
        err = backtest_explain(rerun_engine(rerun), explained, settings_get(settings, "OUT"));
    err = rerun_stop(rerun, err);
    summary_fill(rerun, settings, &summary);
    summary.model_version = model ? model_version(model) : NULL;
    if (err)
        backtest_output_drop(output);
    else
        err = backtest_output_close(output, &summary);
    if (!err) summary_print(&summary, settings_get(settings, "OUT"));
    rerun_free(rerun);
    return err;
}

static err_t *backtest_run(settings_t *settings) {
    const char *out = settings_get(settings, "OUT");
    backtest_output_t *output;
    if (!settings_get(settings, "INPUT") || !out)
        return err_new_code(EXIT_USAGE, "backtest needs --input FILE and --out DIRECTORY");
    model_t *model;
    TRY(model_of_settings(settings, &model));
    err_t *err = backtest_output_open(out, &output);
    if (!err) err = score_file(output, model, settings);
    model_free(model);
    return err;
}

const command_t backtest_command = {
    .name = "backtest",
    .summary = "Scores a file as the processor would, without Kafka: transfers in, scores and alerts out.",
    .details =
        "Writes transaction-risk.jsonl, risk-scores.jsonl (the last record of each wallet), alerts.jsonl,\n"
        "dead-letters.jsonl, summary.json and, with --explain, explain.jsonl. The state is kept in memory.",
    .settings = settings_table,
    .run = backtest_run,
};
