#include "tools/simulate.h"

#include "common/kafka.h"
#include "common/log.h"
#include "common/signals.h"
#include "common/timestamp.h"
#include "tools/pace.h"
#include "tools/progress.h"
#include "tools/sim_output.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const setting_t settings_table[] = {
    SETTING_KAFKA,
    SETTING_TOPIC_PREFIX,
    {"RATE", "100", "transfers a second; 0: as fast as they are taken"},
    {"COUNT", "0", "transfers; 0: until stopped"},
    {"SEED", "", "number that decides wallets, labels and, with COUNT, every byte of the stream; empty: any"},
    {"WALLETS", "20000", "wallets with ordinary activity"},
    {"PATTERN_SHARE", "0.01", "share of the transfers that belong to planted patterns, 0 to 1"},
    {"START", "", "time of the first transfer, ISO 8601; empty: now where there is a rate, else 2026-01-01"},
    {"OUTPUT", "kafka", "kafka, csv or jsonl"},
    {"OUT", "-", "file for csv and jsonl; -: standard output"},
    {"TRUTH", "", "file for what is planted: tx_id,pattern_id,typology of each transfer of a pattern"},
    {"LABELS_OUT", "", "file for the labels as CSV; to Kafka they are sent in any case"},
    {"PRICES_OUT", "", "file for the assets' prices as CSV; to Kafka they are sent in any case"},
    {NULL, NULL, NULL},
};

static const char *const START_USUAL = "2026-01-01T00:00:00Z";

typedef struct {
    sim_options_t options;
    char run[SIM_RUN_SIZE_MAX];
    pace_t pace;
    sim_t *sim;
    sim_output_t *output;
    uint64_t sent, in_patterns;
    int64_t began_us;
} simulate_t;

/* A seed and a count make the stream the same each time; else each run has transfer ids of its own, so that
 * one that is started again sends no duplicates. */
static err_t *identity_read(simulate_t *simulate, const settings_t *settings, bool *repeatable) {
    const char *text = settings_get(settings, "SEED");
    int64_t seed = 1;
    if (*text) TRY(settings_int(settings, "SEED", 0, INT64_MAX, &seed));
    *repeatable = *text && simulate->options.count;
    if (*repeatable)
        snprintf(simulate->run, sizeof simulate->run, "s%" PRId64, seed);
    else
        snprintf(simulate->run, sizeof simulate->run, "r%" PRIx64 "-%x", (uint64_t)clock_now_ms(),
                 (unsigned)getpid());
    simulate->options.run = simulate->run;
    simulate->options.seed = (uint64_t)seed;
    return NULL;
}

static err_t *time_read(simulate_t *simulate, const settings_t *settings, double rate, bool repeatable) {
    const char *start = settings_get(settings, "START");
    simulate->options.live = rate > 0 && !*start && !repeatable;
    if (!*start) start = START_USUAL;
    if (timestamp_parse(start, strlen(start), &simulate->options.start_ms)) return NULL;
    return err_new_code(EXIT_USAGE, "START is \"%s\"; give a time as 2026-01-31T12:00:00Z", start);
}

static err_t *options_read(simulate_t *simulate, const settings_t *settings) {
    int64_t count, wallets;
    double rate;
    bool repeatable;
    TRY(settings_number(settings, "RATE", 0, 1e9, &rate));
    TRY(settings_int(settings, "COUNT", 0, INT64_MAX, &count));
    TRY(settings_int(settings, "WALLETS", 100, 1000000000, &wallets));
    TRY(settings_number(settings, "PATTERN_SHARE", 0, 1, &simulate->options.pattern_share));
    simulate->options.count = (uint64_t)count;
    simulate->options.wallet_count = (uint32_t)wallets;
    pace_init(&simulate->pace, rate);
    TRY(identity_read(simulate, settings, &repeatable));
    return time_read(simulate, settings, rate, repeatable);
}

/* Waits until the next transfer is due; false where a stop is asked for. */
static bool await_turn(simulate_t *simulate) {
    int64_t wait_us;
    while ((wait_us = pace_wait_us(&simulate->pace, clock_monotonic_us())) > 0 && !stop_requested())
        sim_output_wait(simulate->output, wait_us);
    return !stop_requested();
}

static err_t *stream(simulate_t *simulate, progress_t *progress) {
    uint64_t count = simulate->options.count;
    sim_transfer_t transfer;
    bool sent = true;
    while (sent && (!count || simulate->sent < count) && await_turn(simulate)) {
        sim_next(simulate->sim, simulate->options.live ? clock_now_ms() : 0, &transfer);
        TRY(sim_output_transfer(simulate->output, &transfer, &sent));
        simulate->sent += sent;
        simulate->in_patterns += sent && transfer.typology;
        progress_tell(progress, sent, count ? (double)simulate->sent / (double)count : -1);
    }
    return NULL;
}

static err_t *stream_all(simulate_t *simulate) {
    TRY(sim_output_labels(simulate->output, simulate->sim));
    TRY(sim_output_prices(simulate->output));
    progress_t *progress = progress_new("transfers");
    simulate->began_us = clock_monotonic_us();
    err_t *err = stream(simulate, progress);
    progress_free(progress);
    return err;
}

static err_t *simulate_run(settings_t *settings) {
    simulate_t simulate = {0};
    TRY(options_read(&simulate, settings));
    TRY(sim_output_open(settings, &simulate.output));
    simulate.sim = sim_new(&simulate.options);
    log_info("simulation runs", LOG_STR("run", simulate.run),
             LOG_INT("wallets", simulate.options.wallet_count),
             LOG_STR("output", settings_get(settings, "OUTPUT")));
    err_t *err = stream_all(&simulate);
    if (err)
        sim_output_drop(simulate.output);
    else
        err = sim_output_close(simulate.output);
    sim_free(simulate.sim);
    if (err) return err_wrap(err, "after %" PRIu64 " transfers", simulate.sent);
    double seconds = (double)(clock_monotonic_us() - simulate.began_us) / 1e6;
    log_info("simulation ended", LOG_INT("transfers", simulate.sent),
             LOG_INT("in_patterns", simulate.in_patterns), LOG_NUM("seconds", seconds));
    return NULL;
}

const command_t simulate_command = {
    .name = "simulate",
    .summary = "Sends realistic transfers with planted, labelled laundering patterns.",
    .details =
        "Wallets on four chains, each with contacts and amounts of its own, few very busy and many quiet,\n"
        "exchanges and services, days, nights and weekends; and planted among them the patterns fan_in,\n"
        "fan_out, cycle, scatter_gather, gather_scatter, structuring, peel_chain, rapid_pass_through,\n"
        "exposure_sanctioned and mixer_use. The labels of exchanges, sanctioned wallets, mixers ... go to\n"
        "the topic of labels, the prices of the assets in US dollars to that of prices. With a\n"
        "rate transfers happen now, without one in a time of their own.",
    .settings = settings_table,
    .run = simulate_run,
};
