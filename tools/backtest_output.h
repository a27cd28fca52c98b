/* The files that a backtest writes, in one directory. */
#pragma once

#include "common/err.h"
#include "processor/log.h"

#include <stdint.h>

typedef struct backtest_output backtest_output_t;

typedef struct {
    const char *input;
    const char *rules_version;
    const char *model_version; /* NULL: none */
    uint64_t transfers, duplicates, dead_letters, labels, wallets, edges, alerts;
    double seconds;
} backtest_summary_t;

/* Makes the directory where there is none; files of an earlier run are replaced. */
err_t *backtest_output_open(const char *dir, backtest_output_t **out);
/* As memory_hooks_t wants it; the context is the backtest_output_t. What fails is told by
 * backtest_output_close. */
void backtest_output_record(void *context, const log_record_t *record, const log_header_t *headers);
/* Writes the scores and the summary, and frees. */
err_t *backtest_output_close(backtest_output_t *output, const backtest_summary_t *summary);
/* Frees and leaves the files as they are. */
void backtest_output_drop(backtest_output_t *output);
