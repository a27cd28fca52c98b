/* The records of a backtest, read for an evaluation. */
#pragma once

#include "tools/evaluation.h"

/* `line` is a record of transaction-risk, JSON. */
err_t *evaluation_record_transfer(evaluation_t *evaluation, text_t line);
/* One of alerts; the transfers are in order. */
err_t *evaluation_record_alert(evaluation_t *evaluation, text_t line);
