/* A file of transfers through the processor's engine, on the log in memory; for the commands that need no
 * Kafka. The same file and settings give the same results. */
#pragma once

#include "common/settings.h"
#include "processor/engine.h"
#include "processor/memory_log.h"

/* Rows for the tables of the commands. */
#define SETTINGS_RERUN                                                                                       \
    {"INPUT", NULL, "transfers: CSV or JSON lines, gzip too"},                                               \
        {"LABELS", "", "labels, applied before the first transfer: CSV, JSON lines or addresses"},           \
        {"CATEGORY", "sanctioned", "category of labels that name none"},                                     \
        {"PRICES", "", "prices of assets, applied before the first transfer: CSV or JSON lines"},            \
        {"RULES", "",                                                                                        \
         "file with weights, thresholds and windows, or preset:<name>; empty: the default preset"},          \
    {                                                                                                        \
        "PARTITIONS", "1",                                                                                   \
            "partitions to spread the wallets over; counts, sums, degrees and exposures stay the same"       \
    }

typedef struct rerun rerun_t;

typedef struct {
    const model_t *model;   /* NULL: no learned weights */
    memory_hooks_t outputs; /* records that have been committed */
    void (*features)(void *context, text_t tx_id, const features_t *features); /* as in engine_options_t */
    void *features_context;
} rerun_options_t;

/* From the settings above. */
err_t *rerun_open(const settings_t *settings, rerun_options_t options, rerun_t **out);
/* Labels, prices, then transfers, until everything is committed. The state can be asked until the stop. */
err_t *rerun_run(rerun_t *rerun);
/* After a run, with what has failed since its start, NULL for nothing; returns that, or what fails now. */
err_t *rerun_stop(rerun_t *rerun, err_t *err);
void rerun_free(rerun_t *rerun); /* stopped; NULL is allowed */

double rerun_seconds(const rerun_t *rerun); /* for the transfers of the last run */
const rules_t *rerun_rules(const rerun_t *rerun);
engine_t *rerun_engine(const rerun_t *rerun);
