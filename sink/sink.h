/* The commands of sink/: what keeps transfers, scores and alerts in Postgres, and the tables in shape. */
#pragma once

#include "common/settings.h"

extern const command_t sink_command, migrate_command, maintain_command, dlq_command;
