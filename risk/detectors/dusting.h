/* What is dust, for the detector and for the receivers, who are not judged by it. */
#pragma once

#include "risk/detectors.h"

enum { DUSTING_MAX_VALUE = 2, DUSTING_MIN_RECEIVERS };

static inline bool dusting_is_dust(const observation_t *observation, const double *parameters) {
    return observation->hit.is_new && observation_is_below(observation, parameters[DUSTING_MAX_VALUE]);
}
