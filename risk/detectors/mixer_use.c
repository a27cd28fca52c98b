/* The same amount several times into one mixer, within a window: mixers take equal denominations, so that
 * what comes out cannot be told apart.
 *
 * Who is a mixer is known where its label is, in the receiver's task. That tells the sender's of each credit
 * (credit.c), and here it is counted. So a label counts from when it comes. */
#include "risk/detectors/detectors_list.h"
#include "risk/journal.h"
#include "risk/text.h"

enum { PARAMETER_MIN_COUNT = 2 };

float mixer_use_observe(const observation_t *observation, const double *parameters, float *value) {
    if (!observation->counterparty_is_mixer) return 0;
    journal_t journal;
    journal_read(observation->store, DETECTOR_MIXER_USE, observation->wallet, &journal);
    journal_keep(&journal, observation->ms, observation_window_ms(parameters));
    journal_add(&journal, observation, observation->amount);
    int count = 0;
    for (int i = 0; i < journal.count; i++) {
        const journal_entry_t *entry = &journal.entries[i];
        count +=
            entry->value == observation->amount && text_equal(entry->counterparty, observation->counterparty);
    }
    journal_write(observation->store, DETECTOR_MIXER_USE, observation->wallet, &journal);
    if (count < parameters[PARAMETER_MIN_COUNT]) return 0;
    *value = (float)count;
    return strength_above(count, parameters[PARAMETER_MIN_COUNT]);
}

void mixer_use_collect(const observation_t *observation, const double *parameters, evidence_t *evidence) {
    journal_collect(DETECTOR_MIXER_USE, observation, parameters, evidence);
}
