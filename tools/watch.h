/* `amlstream watch`: the pipeline live in the terminal. */
#pragma once

#include "common/settings.h"

extern const command_t watch_command;
