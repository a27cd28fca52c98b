/* How far event time has come in a task: the greatest time of its transfers, but for times that cannot be or
 * that stand alone.
 *
 * A transfer cannot happen long after its record came. One that is far ahead of all before may follow a pause
 * of the stream, or have a wrong time: it counts when as many as STREAM_AHEAD_COUNT in a row are that far
 * ahead, and then the earliest of them does. */
#pragma once

#include "risk/limits.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int64_t ms; /* means nothing before it `is_set` */
    int64_t ahead_ms;
    uint16_t ahead_count; /* far ahead in a row; the earliest is at ahead_ms */
    uint8_t is_set;
    uint8_t unused[5];
} stream_time_t;

static inline void stream_time_advance(stream_time_t *time, int64_t ms, int64_t record_ms) {
    if (ms > record_ms && ms - record_ms > STREAM_FUTURE_MS_MAX) return;
    bool ahead = !time->is_set || (ms > time->ms && ms - time->ms > STREAM_AHEAD_MS_MAX);
    if (!ahead) {
        if (ms > time->ms) time->ms = ms;
        time->ahead_count = 0;
        return;
    }
    if (!time->ahead_count || ms < time->ahead_ms) time->ahead_ms = ms;
    if (++time->ahead_count < STREAM_AHEAD_COUNT) return;
    time->ms = time->ahead_ms;
    time->is_set = 1;
    time->ahead_count = 0;
}
