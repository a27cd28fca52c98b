/* Explanations of wallets as a backtest leaves them. */
#pragma once

#include "processor/engine.h"

/* Writes explain.jsonl into the directory: a line for each of the wallets, which are separated by commas, in
 * their order. A wallet that is not known is said in the log. */
err_t *backtest_explain(engine_t *engine, const char *wallets, const char *dir);
