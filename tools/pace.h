/* Keeps a loop to so many rounds a second. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    double interval_us; /* 0: as fast as it goes */
    double due_us;
} pace_t;

void pace_init(pace_t *pace, double rate);
/* Microseconds until the next round is due, 0 where it is; then it counts as done. A loop that fell behind
 * does not make up for more than a moment. */
int64_t pace_wait_us(pace_t *pace, int64_t now_us);
