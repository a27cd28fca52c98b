/* How far a count within a window is from what a wallet's own past makes one expect.
 *
 * The past is a number of windows and what was counted in them. The rate is uncertain, the more so the
 * shorter the past, and no wallet is as even as dice: so the count of the next window has a negative binomial
 * distribution (a Poisson whose rate is gamma distributed), with BURST_PRIOR_COUNT seen in
 * BURST_PRIOR_WINDOWS before all else, and a shape of at most BURST_SHAPE_MAX however long the past is. */
#pragma once

#include "risk/wallet.h"

#define BURST_PRIOR_COUNT   2.0
#define BURST_PRIOR_WINDOWS 1.0
#define BURST_SHAPE_MAX     8.0

/* Decimal digits of the chance of so many or more: 3 means one window in a thousand. 0 where the count is no
 * more than expected. */
double burst_digits(double count, double past_count, double past_windows);

/* Some buckets of a window, and how unlikely they are. */
typedef struct {
    uint32_t count;
    double digits;
    int64_t since_ms;
} burst_t;

/* The most unexpected of the 1, 2, 4 and 8 buckets up to that of the time which hold at least `count_min`,
 * each against all that there was besides: `total` is what was counted since `first_ms`, ever. Where the past
 * is shorter than `past_spans` times the span, that span says nothing; count 0 where none does. A count of
 * less than twice the fullest bucket that has left the window is nothing new. */
burst_t burst_at(const window_t *window, int64_t ms, int64_t bucket_ms, int64_t first_ms, double total,
                 double count_min, double past_spans);
