#include "risk/features.h"

#include <math.h>
#include <string.h>

const char *const feature_names[FEATURE_COUNT] = {
#define X(id_, name_) [FEATURE_##id_] = name_,
    FEATURES(X)
#undef X
};

static float share(uint32_t part, uint32_t whole) { return whole ? (float)part / (float)whole : -1; }

static float of_mean(double value, float mean) { return mean > 0 ? (float)(value / (double)mean) : -1; }

/* `values` begins at the side's first feature; the order is that of FEATURES_OF_SIDE. */
static void side_fill(float *values, const past_t *past, double value) {
    const float side[] = {
        (float)past->sent_count,
        (float)past->received_count,
        (float)past->out_degree,
        (float)past->in_degree,
        share(past->out_degree, past->sent_count),
        share(past->in_degree, past->received_count),
        past->first_sent_days,
        past->first_received_days,
        past->last_sent_days,
        past->last_received_days,
        past->fresh_sent_days,
        past->fresh_received_days,
        past->fresh_sent,
        past->fresh_received,
        past->bits_sent,
        past->bits_received,
        of_mean(value, past->sent_mean),
        of_mean(value, past->received_mean),
    };
    _Static_assert(sizeof side / sizeof *side == FEATURE_RECEIVER_SENT_COUNT - FEATURE_SENDER_SENT_COUNT,
                   "one value for each feature of a side");
    memcpy(values, side, sizeof side);
}

void features_fill(features_t *features, const features_of_t *of) {
    float *values = features->values;
    values[FEATURE_EDGE_IS_NEW] = of->hit.is_new;
    values[FEATURE_EDGE_LAST_DAYS] =
        of->hit.is_new ? -1 : (float)((double)(of->ms - of->hit.last_ms) / (24 * 3600e3));
    values[FEATURE_VALUE_LOG] = (float)log1p(of->value);
    values[FEATURE_SENDER_BITS] = of->sender_bits;
    values[FEATURE_RECEIVER_BITS] = of->receiver_bits;
    side_fill(values + FEATURE_SENDER_SENT_COUNT, &of->sender, of->value);
    side_fill(values + FEATURE_RECEIVER_SENT_COUNT, &of->receiver, of->value);
}
