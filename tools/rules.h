/* `amlstream rules`: shows, checks and sends rules. */
#pragma once

#include "common/settings.h"

extern const command_t rules_command;
