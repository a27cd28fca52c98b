/* One wallet pays many for the first time within a window: spreading what was collected. */
#include "risk/detectors/detectors_list.h"
#include "risk/detectors/fan.h"

float fan_out_observe(const observation_t *observation, const double *parameters, float *value) {
    wallet_t *wallet = observation->wallet;
    return fan_observe(observation, parameters, &wallet->receivers, wallet->out_degree, value);
}

void fan_out_collect(const observation_t *observation, const double *parameters, evidence_t *evidence) {
    evidence_add_receivers(evidence, observation->store, observation->wallet,
                           observation_since_ms(observation, parameters));
}
