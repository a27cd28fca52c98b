/* A wallet that was silent for long moves, within a window of its first transfer since, a value well above
 * its past.
 *
 * The record is made when the silence ends: `mark_ms` is that time, `mark` what was usual before, each
 * entry's value what it moved. It goes with the first transfer after the window. */
#include "risk/detectors/detectors_list.h"
#include "risk/journal.h"

#include <math.h>

enum { PARAMETER_SILENCE_DAYS = 2, PARAMETER_MIN_FACTOR };

float dormant_reactivation_observe(const observation_t *observation, const double *parameters, float *value) {
    wallet_t *wallet = observation->wallet;
    bool wakes = (double)observation->silence_ms >= parameters[PARAMETER_SILENCE_DAYS] * 24 * 3600e3;
    if (!wakes && !(wallet->watches & WATCH_DORMANT)) return 0;
    journal_t journal = {.count = 0, .mark = observation->usual_value, .mark_ms = observation->ms};
    if (!wakes) journal_read(observation->store, DETECTOR_DORMANT_REACTIVATION, wallet, &journal);
    if (observation->ms - journal.mark_ms >= observation_window_ms(parameters)) {
        journal_remove(observation->store, DETECTOR_DORMANT_REACTIVATION, wallet);
        wallet->watches &= (uint8_t)~WATCH_DORMANT;
        return 0;
    }
    journal_add(&journal, observation, observation->value);
    journal_write(observation->store, DETECTOR_DORMANT_REACTIVATION, wallet, &journal);
    wallet->watches |= WATCH_DORMANT;
    /* What came in and goes out again counts once. */
    double moved = observation->value;
    for (int i = 0; i < journal.count; i++) moved = fmax(moved, journal.entries[i].value);
    if (journal.mark == 0 || moved < parameters[PARAMETER_MIN_FACTOR] * journal.mark) return 0;
    *value = (float)(moved / journal.mark);
    return strength_above(moved / journal.mark, parameters[PARAMETER_MIN_FACTOR]);
}

void dormant_reactivation_collect(const observation_t *observation, const double *parameters,
                                  evidence_t *evidence) {
    journal_collect(DETECTOR_DORMANT_REACTIVATION, observation, parameters, evidence);
}
