#include "tools/pace.h"

#include <math.h>

enum { CATCH_UP_US = 200 * 1000 };

void pace_init(pace_t *pace, double rate) { *pace = (pace_t){.interval_us = rate > 0 ? 1e6 / rate : 0}; }

int64_t pace_wait_us(pace_t *pace, int64_t now_us) {
    if (pace->interval_us <= 0) return 0;
    double now = (double)now_us;
    if (pace->due_us < now - CATCH_UP_US) pace->due_us = now;
    if (pace->due_us > now) return (int64_t)ceil(pace->due_us - now);
    pace->due_us += pace->interval_us;
    return 0;
}
