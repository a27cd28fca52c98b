/* Several amounts just below a reporting threshold within a window, above it together. */
#include "risk/detectors/detectors_list.h"
#include "risk/journal.h"

enum { PARAMETER_THRESHOLD = 2, PARAMETER_BAND, PARAMETER_MIN_COUNT };

float structuring_observe(const observation_t *observation, const double *parameters, float *value) {
    double threshold = parameters[PARAMETER_THRESHOLD];
    if (observation->value >= threshold || observation->value < parameters[PARAMETER_BAND] * threshold)
        return 0;
    journal_t journal;
    journal_read(observation->store, DETECTOR_STRUCTURING, observation->wallet, &journal);
    journal_keep(&journal, observation->ms, observation_window_ms(parameters));
    journal_add(&journal, observation, observation->value);
    journal_write(observation->store, DETECTOR_STRUCTURING, observation->wallet, &journal);
    /* The band begins at half the threshold or more, so two amounts are above it together. */
    if (journal.count < parameters[PARAMETER_MIN_COUNT]) return 0;
    *value = (float)journal.count;
    return strength_above(journal.count, parameters[PARAMETER_MIN_COUNT]);
}

void structuring_collect(const observation_t *observation, const double *parameters, evidence_t *evidence) {
    journal_collect(DETECTOR_STRUCTURING, observation, parameters, evidence);
}
