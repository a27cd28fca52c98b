/* Rates of a total that is looked at about once a second. */
#pragma once

#include "api/limits.h"

#include <stdint.h>

/* All zero is empty. */
typedef struct {
    struct {
        int64_t at_us;
        int64_t total;
    } samples[SAMPLE_COUNT]; /* a ring */
    int first;
    int count;
} rates_t;

/* `at_us` on a clock that only goes forward. A total that fell was reset: what came before is forgotten. */
void rates_add(rates_t *rates, int64_t at_us, int64_t total);
/* A second, over the last RECENT_SAMPLES intervals; 0 before there are two samples. */
double rates_recent(const rates_t *rates);
/* A second, in each interval, oldest first. Returns how many. */
int rates_history(const rates_t *rates, double out[SAMPLE_COUNT - 1]);
