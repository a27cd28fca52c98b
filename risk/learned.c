/* The learned model's opinion of a transfer as one more reason. */
#include "risk/model.h"

/* Less would show as nothing in a score, and most transfers have less. */
#define PROBABILITY_LEAST 1e-4

/* The features that speak most for it, most first. */
static void causes_find(risk_t *risk) {
    double contributions[FEATURE_COUNT] = {0};
    risk->scorer->explain(risk->scorer->context, &risk->features, contributions);
    risk->cause_count = 0;
    for (int id = 0; id < FEATURE_COUNT; id++) {
        int place = risk->cause_count;
        while (place > 0 && (double)risk->causes[place - 1].contribution < contributions[id]) place--;
        if (contributions[id] <= 0 || place == MODEL_CAUSES_MAX) continue;
        int last = risk->cause_count < MODEL_CAUSES_MAX ? risk->cause_count++ : MODEL_CAUSES_MAX - 1;
        for (int i = last; i > place; i--) risk->causes[i] = risk->causes[i - 1];
        risk->causes[place] = (model_cause_t){.feature = (uint8_t)id,
                                              .value = risk->features.values[id],
                                              .contribution = (float)contributions[id]};
    }
}

void learned_add(risk_t *risk) {
    risk->cause_count = 0;
    risk->probability = 0;
    if (!risk->scorer) return;
    const model_rule_t *rule = &risk->rules->model;
    double probability = risk->scorer->score(risk->scorer->context, &risk->features);
    if (!(probability >= PROBABILITY_LEAST)) return;
    risk->probability = probability;
    if (probability >= rule->explain_from) causes_find(risk);
    score_add(&risk->score, &(reason_t){.kind = REASON_MODEL,
                                        .risk = rule->weight * probability,
                                        .value = (float)probability,
                                        .causes = risk->causes,
                                        .cause_count = risk->cause_count});
}

double learned_behaviour_share(const risk_t *risk) {
    return risk->scorer ? 1 - risk->rules->model.weight : 1;
}
