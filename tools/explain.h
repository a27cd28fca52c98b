/* `amlstream explain`: why a wallet or a transfer is risky, asked of the processors. */
#pragma once

#include "common/settings.h"

extern const command_t explain_command;
