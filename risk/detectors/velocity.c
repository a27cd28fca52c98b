/* A wallet sends far more often within a window than it used to before. A wallet without a past has no usual
 * rate. What was sent is remembered from a quarter of the
 * finding's count on, and only while that is unusual. */
#include "risk/burst.h"
#include "risk/detectors/detectors_list.h"
#include "risk/journal.h"

enum { PARAMETER_MIN_COUNT = 2, PARAMETER_MIN_HISTORY_DAYS, PARAMETER_MIN_FACTOR, PARAMETER_MIN_DIGITS };

float velocity_observe(const observation_t *observation, const double *parameters, float *value) {
    wallet_t *wallet = observation->wallet;
    double min_count = parameters[PARAMETER_MIN_COUNT];
    int64_t bucket_ms = window_bucket_ms(parameters[PARAMETER_WINDOW_HOURS]);
    if (!window_add(&wallet->sends, observation->ms, bucket_ms)) return 0;
    burst_t burst = burst_at(&wallet->sends, observation->ms, bucket_ms, wallet->first_sent_ms,
                             (double)wallet->sent_count, min_count / 4, 1);
    double past_hours = (double)(burst.since_ms - wallet->first_sent_ms) / 3600e3;
    if (burst.digits < 1 || past_hours < parameters[PARAMETER_MIN_HISTORY_DAYS] * 24) return 0;
    journal_t journal;
    journal_read(observation->store, DETECTOR_VELOCITY, wallet, &journal);
    journal_keep(&journal, observation->ms, observation_window_ms(parameters));
    journal_add(&journal, observation, observation->value);
    journal_write(observation->store, DETECTOR_VELOCITY, wallet, &journal);

    double hours = (double)(window_start_ms(observation->ms, 0, bucket_ms) - burst.since_ms) / 3600e3;
    /* Less than one transfer before the window counts as one, so that a first burst after silence has a
     * finite factor. */
    double past_count = fmax(1, (double)wallet->sent_count - burst.count);
    double factor = burst.count / past_count * past_hours / hours;
    if (burst.count < min_count || burst.digits < parameters[PARAMETER_MIN_DIGITS] ||
        factor < parameters[PARAMETER_MIN_FACTOR])
        return 0;
    *value = (float)factor;
    return strength_of_digits(burst.digits, parameters[PARAMETER_MIN_DIGITS]);
}

void velocity_collect(const observation_t *observation, const double *parameters, evidence_t *evidence) {
    journal_collect(DETECTOR_VELOCITY, observation, parameters, evidence);
}
