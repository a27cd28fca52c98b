/* `amlstream prices`: brings prices of assets into the topic of prices, and shows what it holds. */
#pragma once

#include "common/settings.h"

extern const command_t prices_command;
