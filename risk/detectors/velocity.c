/* A wallet sends far more often within a window than it used to before. A wallet without a past has no usual
 * rate. */
#include "risk/detectors/detectors_list.h"

enum { PARAMETER_MIN_COUNT = 2, PARAMETER_MIN_HISTORY_DAYS, PARAMETER_MIN_FACTOR };

float velocity_observe(const observation_t *observation, const double *parameters, float *value) {
    wallet_t *wallet = observation->wallet;
    int64_t bucket_ms = window_bucket_ms(parameters[PARAMETER_WINDOW_HOURS]);
    if (!window_add(&wallet->sends, observation->ms, bucket_ms)) return 0;
    uint32_t count = window_sum(&wallet->sends);
    if (count < parameters[PARAMETER_MIN_COUNT]) return 0;
    double past_hours = (double)(window_start_ms(&wallet->sends, bucket_ms) - wallet->first_seen_ms) / 3600e3;
    if (past_hours < parameters[PARAMETER_MIN_HISTORY_DAYS] * 24) return 0;
    /* Less than one transfer before the window counts as one, so that a first burst after silence has a
     * finite factor. */
    double past_count = wallet->sent_count > count ? (double)(wallet->sent_count - count) : 1;
    double factor = count / past_count * past_hours / parameters[PARAMETER_WINDOW_HOURS];
    if (factor < parameters[PARAMETER_MIN_FACTOR]) return 0;
    *value = (float)factor;
    return strength_above(factor, parameters[PARAMETER_MIN_FACTOR]);
}

void velocity_collect(const observation_t *observation, const double *parameters, evidence_t *evidence) {
    evidence_add_receivers(evidence, observation->store, observation->wallet,
                           observation_since_ms(observation, parameters));
}
