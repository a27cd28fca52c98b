/* Distinct counterparties within a window, for fan-in and fan-out: each edge counts in the bucket of its last
 * transfer, which the edge itself remembers, so a hit moves it from its old bucket to the new one. */
#pragma once

#include "risk/detectors.h"

enum { PARAMETER_MIN_COUNTERPARTIES = 2, PARAMETER_MIN_SHARE };

/* The pattern shows where enough counterparties came within the window and they are a good part of all that
 * the wallet has: a long-standing hub with its regular flow is no finding. */
static inline float distinct_observe(const observation_t *observation, const double *parameters,
                                     window_t *window, uint32_t degree, float *value) {
    int64_t bucket_ms = window_bucket_ms(parameters[PARAMETER_WINDOW_HOURS]);
    bool newer = observation->hit.is_new || observation->ms > observation->hit.last_ms;
    if (newer && !observation->hit.is_new) window_remove(window, observation->hit.last_ms, bucket_ms);
    if (newer) window_add(window, observation->ms, bucket_ms);
    if (!window_holds(window, observation->ms, bucket_ms)) return 0;
    uint32_t count = window_sum(window);
    if (count < parameters[PARAMETER_MIN_COUNTERPARTIES] || count < parameters[PARAMETER_MIN_SHARE] * degree)
        return 0;
    *value = (float)count;
    return strength_above(count, parameters[PARAMETER_MIN_COUNTERPARTIES]);
}
