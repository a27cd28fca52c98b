/* What the topic of labels holds now. */
#pragma once

#include "common/settings.h"
#include "tools/label_table.h"

/* Reads the topic to its present end into the table; `refused` counts the records that are no labels. Waits
 * at most TOPIC_SILENCE_MS_MAX for each next record. */
err_t *label_topic_read(const settings_t *settings, label_table_t *table, uint64_t *refused);
