/* A learned model's place in the risk model: what it is shown, and what it answers. Who made it, and with
 * what, stays outside. */
#pragma once

#include "risk/features.h"

typedef struct {
    void *context;
    const char *version; /* of the model, told in every record of a transfer */
    /* The probability, 0..1, that the transfer belongs to laundering. The same features give the same answer.
     */
    double (*score)(void *context, const features_t *features);
    /* How much each feature moved the log odds of that. Slow: asked only of what is likely. */
    void (*explain)(void *context, const features_t *features, double contributions[FEATURE_COUNT]);
} risk_scorer_t;
