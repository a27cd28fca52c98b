/* `amlstream ingest`: sends the transfers of files. */
#pragma once

#include "common/settings.h"

extern const command_t ingest_command;
