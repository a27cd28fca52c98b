/* `amlstream labels`: brings labels into the topic of labels, and shows what it holds. */
#pragma once

#include "common/settings.h"

extern const command_t labels_command;
