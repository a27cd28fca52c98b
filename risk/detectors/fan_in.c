/* Many wallets pay one for the first time within a window: collecting before moving on. */
#include "risk/detectors/detectors_list.h"
#include "risk/detectors/fan.h"

float fan_in_observe(const observation_t *observation, const double *parameters, float *value) {
    wallet_t *wallet = observation->wallet;
    return fan_observe(observation, parameters, &wallet->senders, wallet->in_degree, value);
}

void fan_in_collect(const observation_t *observation, const double *parameters, evidence_t *evidence) {
    evidence_add_senders(evidence, observation->store, observation->wallet,
                         observation_since_ms(observation, parameters));
}
