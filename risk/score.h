/* A score from 0 to 100 and the reasons it is made of.
 *
 *     score = 100 · (1 − Π (1 − rᵢ))      rᵢ = weight · strength of reason i, 0..1
 *
 * −ln(1 − rᵢ) adds up over the reasons, so a reason's contribution is its share of that sum, times the score.
 * Scores and contributions are in hundredths, and the contributions of a score sum to it exactly. */
#pragma once

#include "risk/exposure.h"
#include "risk/features.h"
#include "risk/rules_fields.h"

#include <stdint.h>

/* A feature that speaks for a learned model's opinion. */
typedef struct {
    uint8_t feature; /* feature_t */
    uint8_t unused[3];
    float value;
    float contribution; /* to the log odds */
} model_cause_t;

_Static_assert((int)FEATURE_COUNT <= UINT8_MAX, "a feature is a byte");

typedef struct {
    enum { REASON_LABEL, REASON_EXPOSURE, REASON_TAINT, REASON_DETECTOR, REASON_MODEL } kind;
    int id;                /* category_t or detector_id_t */
    direction_t direction; /* of an exposure */
    double risk;
    int contribution_hundredths; /* set by score_finish */
    /* For the evidence; size 0 where there is none. */
    text_t wallet; /* whose finding it is, in the risk of a transfer */
    text_t label;
    text_t via;
    int hops;
    uint16_t confidence; /* of the label, of CONFIDENCE_FULL */
    float value;
    int64_t at_ms;
    bool has_time;
    double part; /* what of `whole` is tainted: values of what a wallet received, amounts of a transfer */
    double whole;
    const model_cause_t *causes; /* borrowed */
    int cause_count;
    bool unpriced; /* something had no price and counts at 1 */
} reason_t;

typedef struct {
    int count;
    int hundredths;                /* set by score_finish */
    int64_t at_ms;                 /* of a wallet: the event time that behaviour has faded to */
    reason_t reasons[REASONS_MAX]; /* greatest contribution first */
} score_t;

static inline void score_clear(score_t *score) { score->count = score->hundredths = 0; }
/* Reasons without risk, and those past REASONS_MAX, are left out. */
void score_add(score_t *score, const reason_t *reason);
void score_finish(score_t *score);
static inline double score_value(const score_t *score) { return score->hundredths / 100.0; }

/* The part of a strength that is left after a time. */
double score_faded(const rules_t *rules, double strength, int64_t age_ms);
