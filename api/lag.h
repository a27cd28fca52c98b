/* How many records the consumers have before them: Kafka's word beside what they have committed. */
#pragma once

#include "api/positions.h"
#include "api/stored.h"

#include <stdint.h>

/* Records between a consumer that reads `next` next (-1: it has not begun) and the end. */
int64_t lag_at(const position_t *position, int64_t next);
/* Of the processors' group in `topic`; -1 where there is no position to tell it by. */
int64_t lag_processor(const position_t *positions, int count, const char *topic);
/* Of the sink in one partition and in all of them; what the sink itself stored where there is no position to
 * tell it by. */
int64_t lag_sink_partition(const stored_row_t *row, const position_t *positions, int count);
int64_t lag_sink(const stored_t *stored, const position_t *positions, int count, const char *input_topic);
