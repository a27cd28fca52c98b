/* `amlstream features`: the vectors that transfers are judged by, for training a model. */
#pragma once

#include "common/settings.h"

extern const command_t features_command;
