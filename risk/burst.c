#include "risk/burst.h"

#include <math.h>

static double log_gamma(double x) {
    int sign;
    return lgamma_r(x, &sign);
}

double burst_digits(double count, double past_count, double past_windows) {
    double seen = past_count + BURST_PRIOR_COUNT, mean = seen / (past_windows + BURST_PRIOR_WINDOWS);
    double shape = fmin(seen, BURST_SHAPE_MAX), more = mean / (shape + mean);
    /* From here on each further count is less likely than the one before by this factor or a smaller one, so
     * the tail is below a geometric series. */
    double factor = (count + shape) / (count + 1) * more;
    if (count <= mean || factor >= 1) return 0;
    double log_chance = log_gamma(count + shape) - log_gamma(count + 1) - log_gamma(shape) +
                        shape * log1p(-more) + count * log(more) - log1p(-factor);
    return fmax(0, -log_chance / M_LN10);
}

burst_t burst_at(const window_t *window, int64_t ms, int64_t bucket_ms, int64_t first_ms, double total,
                 double count_min, double past_spans) {
    burst_t best = {0};
    for (int buckets = 1; buckets <= WINDOW_BUCKETS; buckets *= 2) {
        uint32_t count = window_sum_of(window, ms, buckets, bucket_ms);
        if (count < count_min || count < 2 * (double)window->peak) continue;
        int64_t since_ms = window_start_ms(ms, buckets, bucket_ms);
        double past_windows = (double)(since_ms - first_ms) / (double)(buckets * bucket_ms);
        if (past_windows < past_spans) continue;
        double digits = burst_digits(count, fmax(0, total - count), past_windows);
        if (digits <= best.digits) continue;
        best = (burst_t){.count = count, .digits = digits, .since_ms = since_ms};
    }
    return best;
}
