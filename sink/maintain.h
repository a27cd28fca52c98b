/* What keeps the tables in shape: partitions for the months to come, old rows dropped, rollups brought up to
 * date. Any number of processes may ask for it at any time: one does it, the others leave it. */
#pragma once

#include "common/settings.h"
#include "sink/postgres.h"

#include <stdbool.h>
#include <stdint.h>

/* 0: for ever. */
typedef struct {
    int64_t transactions_months; /* full months before this one, by the transfers' own time */
    int64_t history_months;      /* the same, by when a score changed */
    int64_t errors_days;
} maintain_options_t;

typedef struct {
    bool elsewhere; /* another process is at it: nothing was done */
    int64_t months_added, months_dropped;
    int64_t errors_deleted;
    int64_t hours_rolled, days_rolled; /* computed anew, since they had new rows */
} maintain_report_t;

/* Rows for the settings table of a command, and what they say. */
#define SETTINGS_MAINTAIN                                                                                    \
    {"KEEP_TRANSACTIONS_MONTHS", "0", "full months of transfers that are kept, by their time; 0: all"},      \
        {"KEEP_HISTORY_MONTHS", "0", "full months of the scores' history that are kept; 0: all"}, {          \
        "KEEP_ERRORS_DAYS", "90", "days that refused records are kept; 0: for ever"                          \
    }
err_t *maintain_options_read(const settings_t *settings, maintain_options_t *out);

/* Each step commits by itself, so that one that fails keeps none of the others from their success. */
err_t *maintain(postgres_t *postgres, const maintain_options_t *options, maintain_report_t *report);
