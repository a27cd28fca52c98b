/* `amlstream evaluate`: how much of what was planted a backtest found. */
#pragma once

#include "common/settings.h"

extern const command_t evaluate_command;
