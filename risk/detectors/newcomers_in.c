/* One wallet is paid by more wallets that never sent before than others are: a collector of accounts that
 * were made for it, over however long. */
#include "risk/detectors/detectors_list.h"
#include "risk/detectors/newcomers.h"

float newcomers_in_observe(const observation_t *observation, const double *parameters, float *value) {
    return newcomers_observe(observation, parameters, NEWCOMERS_IN, value);
}

void newcomers_in_collect(const observation_t *observation, const double *parameters, evidence_t *evidence) {
    newcomers_collect(observation, parameters, NEWCOMERS_IN, evidence);
}
