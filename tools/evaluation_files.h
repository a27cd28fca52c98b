/* The files of an evaluation: what a backtest wrote, and the truth. */
#pragma once

#include "tools/evaluation.h"

/* Reads transaction-risk.jsonl and alerts.jsonl of the directory (or the same with .gz), and the truth: CSV
 * with the columns tx_id, pattern_id and typology. */
err_t *evaluation_read(evaluation_t *evaluation, const char *dir, const char *truth);
