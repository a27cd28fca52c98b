/* `amlstream simulate`: realistic transfers with planted, labelled laundering patterns. */
#pragma once

#include "common/settings.h"

extern const command_t simulate_command;
