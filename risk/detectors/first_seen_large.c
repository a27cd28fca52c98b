/* A wallet that was never seen before moves a large value at once: made for this. */
#include "risk/detectors/detectors_list.h"

#include <float.h>
#include <math.h>

enum { PARAMETER_MIN_VALUE = 2 };

float first_seen_large_observe(const observation_t *observation, const double *parameters, float *value) {
    const wallet_t *wallet = observation->wallet;
    if (observation->ms - wallet->first_seen_ms >= observation_window_ms(parameters)) return 0;
    double moved = fmax(wallet->received_value, wallet->sent_value), least = parameters[PARAMETER_MIN_VALUE];
    if (moved < least) return 0;
    *value = (float)fmin(moved, FLT_MAX);
    /* Full at ten times the least. */
    return (float)fmin(1, 0.5 + 0.5 * log10(moved / least));
}

/* Of a wallet so young, the counterparties are all there were. */
void first_seen_large_collect(const observation_t *observation, const double *parameters,
                              evidence_t *evidence) {
    int64_t since_ms = observation_since_ms(observation, parameters);
    evidence_add_senders(evidence, observation->store, observation->wallet, since_ms);
    evidence_add_receivers(evidence, observation->store, observation->wallet, since_ms);
}
