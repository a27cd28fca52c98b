/* One wallet pays more wallets that were in no transfer before than others do: a spreader to accounts that
 * were made for it, over however long. */
#include "risk/detectors/detectors_list.h"
#include "risk/detectors/newcomers.h"

float newcomers_out_observe(const observation_t *observation, const double *parameters, float *value) {
    return newcomers_observe(observation, parameters, NEWCOMERS_OUT, value);
}

void newcomers_out_collect(const observation_t *observation, const double *parameters, evidence_t *evidence) {
    newcomers_collect(observation, parameters, NEWCOMERS_OUT, evidence);
}
