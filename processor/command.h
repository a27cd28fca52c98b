/* `amlstream processor` */
#pragma once

#include "common/settings.h"

extern const command_t processor_command;
