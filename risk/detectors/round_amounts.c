/* Most of what a wallet sends within a window is round: made up, not owed. An amount is round that has at
 * most two digits before its zeros, in the asset's own units or in the reference currency, and a good value.
 */
#include "risk/detectors/detectors_list.h"
#include "risk/journal.h"

#include <math.h>

enum { PARAMETER_MIN_VALUE = 2, PARAMETER_MIN_COUNT, PARAMETER_MIN_SHARE };

static bool is_round(double amount) {
    if (!(amount > 0)) return false;
    double unit = pow(10, floor(log10(amount)) - 1), units = amount / unit;
    return fabs(units - round(units)) < 1e-6;
}

float round_amounts_observe(const observation_t *observation, const double *parameters, float *value) {
    if (observation->value < parameters[PARAMETER_MIN_VALUE]) return 0;
    if (!is_round(observation->amount) && (observation->unpriced || !is_round(observation->value))) return 0;
    const wallet_t *wallet = observation->wallet;
    journal_t journal;
    journal_read(observation->store, DETECTOR_ROUND_AMOUNTS, wallet, &journal);
    journal_keep(&journal, observation->ms, observation_window_ms(parameters));
    /* With each, how many the wallet had sent: so the share is known of what came since any of them. */
    journal_add(&journal, observation, (double)wallet->sent_count);
    journal_write(observation->store, DETECTOR_ROUND_AMOUNTS, wallet, &journal);
    double sent = (double)wallet->sent_count - journal.entries[0].value + 1, share = journal.count / sent;
    if (journal.count < parameters[PARAMETER_MIN_COUNT] || share < parameters[PARAMETER_MIN_SHARE]) return 0;
    *value = (float)journal.count;
    return (float)share * strength_above(journal.count, parameters[PARAMETER_MIN_COUNT]);
}

void round_amounts_collect(const observation_t *observation, const double *parameters, evidence_t *evidence) {
    journal_collect(DETECTOR_ROUND_AMOUNTS, observation, parameters, evidence);
}
