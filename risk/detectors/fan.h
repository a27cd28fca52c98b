/* Fan-in and fan-out: counterparties that are new to the wallet, within a window.
 *
 * A wallet with a past is measured by it: the last eighth, quarter, half and whole of the window are each
 * compared with what came before (burst.h), and a steady hub is no finding. Of one without a past, that many
 * in a quarter of the window are a finding by themselves, provided they are a good part of all that it ever
 * had. */
#pragma once

#include "risk/burst.h"
#include "risk/detectors.h"

enum { FAN_MIN_COUNTERPARTIES = 2, FAN_MIN_SHARE, FAN_MIN_FRESH, FAN_MIN_DIGITS, FAN_MIN_VALUE };
enum { FAN_PAST_WINDOWS = 2, FAN_BUCKETS_WITHOUT_PAST = 2 };

static inline float fan_observe(const observation_t *observation, const double *parameters, window_t *window,
                                uint32_t degree, float *value) {
    if (!observation->hit.is_new || observation_is_below(observation, parameters[FAN_MIN_VALUE])) return 0;
    int64_t bucket_ms = window_bucket_ms(parameters[PARAMETER_WINDOW_HOURS]);
    if (!window_add(window, observation->ms, bucket_ms)) return 0;
    uint32_t count = window_sum_of(window, observation->ms, FAN_BUCKETS_WITHOUT_PAST, bucket_ms);
    float strength = 0;
    if (count >= parameters[FAN_MIN_COUNTERPARTIES] && count >= parameters[FAN_MIN_SHARE] * degree)
        strength = strength_above(count, parameters[FAN_MIN_COUNTERPARTIES]);
    burst_t burst = burst_at(window, observation->ms, bucket_ms, observation->wallet->first_seen_ms, degree,
                             parameters[FAN_MIN_FRESH], FAN_PAST_WINDOWS);
    if (burst.digits >= parameters[FAN_MIN_DIGITS]) {
        strength = fmaxf(strength, strength_of_digits(burst.digits, parameters[FAN_MIN_DIGITS]));
        if (burst.count > count) count = burst.count;
    }
    *value = (float)count;
    return strength;
}
