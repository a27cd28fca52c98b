/* `amlstream runs`: starts scoring runs, shows and compares them. */
#pragma once

#include "common/settings.h"

extern const command_t runs_command;
