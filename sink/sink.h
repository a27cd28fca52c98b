/* The commands of sink/: what keeps transfers, scores and alerts in Postgres. */
#pragma once

#include "common/settings.h"

extern const command_t sink_command, migrate_command;
