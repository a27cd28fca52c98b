/* `amlstream topics`: creates and describes the topics. */
#pragma once

#include "common/settings.h"

extern const command_t topics_command;
