/* Tiny amounts from one wallet to many that it never paid: to see where they go, or to get into histories.
 * It is the sender's doing. Nobody can keep it off, so what is received so is no behaviour of the receiver
 * (behaviour.c). */
#include "risk/detectors/dusting.h"
#include "risk/detectors/detectors_list.h"
#include "risk/journal.h"

float dusting_observe(const observation_t *observation, const double *parameters, float *value) {
    if (!dusting_is_dust(observation, parameters)) return 0;
    journal_t journal;
    journal_read(observation->store, DETECTOR_DUSTING, observation->wallet, &journal);
    journal_keep(&journal, observation->ms, observation_window_ms(parameters));
    journal_add(&journal, observation, observation->value);
    journal_write(observation->store, DETECTOR_DUSTING, observation->wallet, &journal);
    if (journal.count < parameters[DUSTING_MIN_RECEIVERS]) return 0;
    *value = (float)journal.count;
    return strength_above(journal.count, parameters[DUSTING_MIN_RECEIVERS]);
}

void dusting_collect(const observation_t *observation, const double *parameters, evidence_t *evidence) {
    journal_collect(DETECTOR_DUSTING, observation, parameters, evidence);
}
