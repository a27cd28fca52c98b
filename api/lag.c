#include "api/lag.h"

#include <string.h>

int64_t lag_at(const position_t *position, int64_t next) {
    if (next < position->begin) next = position->begin;
    return position->end > next ? position->end - next : 0;
}

int64_t lag_processor(const position_t *positions, int count, const char *topic) {
    int64_t sum = -1;
    for (int i = 0; i < count; i++) {
        if (strcmp(positions[i].topic, topic) != 0) continue;
        sum = (sum < 0 ? 0 : sum) + lag_at(&positions[i], positions[i].committed);
    }
    return sum;
}

/* What the sink reads ends in the marker of the last transaction, which takes an offset and is no record. */
static int64_t lag_before_marker(const position_t *position, int64_t next) {
    int64_t lag = lag_at(position, next);
    return lag > 1 ? lag : 0;
}

static bool is_of(const position_t *position, const stored_row_t *row) {
    return position->partition == row->partition && strcmp(position->topic, row->topic) == 0;
}

int64_t lag_sink_partition(const stored_row_t *row, const position_t *positions, int count) {
    for (int i = 0; i < count; i++) {
        if (is_of(&positions[i], row)) return lag_before_marker(&positions[i], row->next_offset);
    }
    return row->lag;
}

/* A partition that the sink has not begun has no row. */
static int64_t next_offset_of(const stored_t *stored, const position_t *position) {
    for (int i = 0; i < stored->count; i++) {
        if (is_of(position, &stored->rows[i])) return stored->rows[i].next_offset;
    }
    return -1;
}

int64_t lag_sink(const stored_t *stored, const position_t *positions, int count, const char *input_topic) {
    int64_t sum = 0;
    if (count == 0) {
        for (int i = 0; i < stored->count; i++) sum += stored->rows[i].lag;
    }
    for (int i = 0; i < count; i++) {
        if (strcmp(positions[i].topic, input_topic) == 0) continue;
        sum += lag_before_marker(&positions[i], next_offset_of(stored, &positions[i]));
    }
    return sum;
}
