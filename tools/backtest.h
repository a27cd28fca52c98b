/* `amlstream backtest`: the scoring of the processor over a file, on the log in memory. */
#pragma once

#include "common/settings.h"

extern const command_t backtest_command;
