/* What the files of this folder give to the table of detectors. */
#pragma once

#include "risk/detectors.h"

#define DETECTOR_FUNCTIONS(name_)                                                                            \
    float name_##_observe(const observation_t *observation, const double *parameters, float *value);         \
    void name_##_collect(const observation_t *observation, const double *parameters, evidence_t *evidence)

DETECTOR_FUNCTIONS(fan_in);
DETECTOR_FUNCTIONS(fan_out);
DETECTOR_FUNCTIONS(structuring);
DETECTOR_FUNCTIONS(velocity);
DETECTOR_FUNCTIONS(rapid_pass_through);
DETECTOR_FUNCTIONS(dormant_reactivation);
DETECTOR_FUNCTIONS(dusting);
DETECTOR_FUNCTIONS(round_amounts);
DETECTOR_FUNCTIONS(first_seen_large);
DETECTOR_FUNCTIONS(mixer_use);
DETECTOR_FUNCTIONS(newcomers_in);
DETECTOR_FUNCTIONS(newcomers_out);
