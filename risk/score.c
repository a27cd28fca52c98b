#include "risk/score.h"

#include <math.h>

/* Above this a risk counts as certain: its logarithm must be finite. */
#define RISK_CERTAIN (1 - 1e-12)

void score_add(score_t *score, const reason_t *reason) {
    if (!(reason->risk > 0) || score->count == REASONS_MAX) return;
    int place = score->count++;
    while (place > 0 && score->reasons[place - 1].risk < reason->risk) {
        score->reasons[place] = score->reasons[place - 1];
        place--;
    }
    score->reasons[place] = *reason;
}

void score_finish(score_t *score) {
    double clean = 1, logs[REASONS_MAX], log_sum = 0;
    for (int i = 0; i < score->count; i++) {
        double risk = score->reasons[i].risk;
        clean *= 1 - risk;
        logs[i] = score->count == 1 ? 1 : -log1p(-fmin(risk, RISK_CERTAIN));
        log_sum += logs[i];
    }
    score->hundredths = (int)lround(1e4 * (1 - clean));
    int left = score->hundredths;
    for (int i = score->count - 1; i > 0; i--) {
        int share = (int)(score->hundredths * logs[i] / log_sum);
        score->reasons[i].contribution_hundredths = share;
        left -= share;
    }
    if (score->count) score->reasons[0].contribution_hundredths = left;
}

double score_faded(const rules_t *rules, double strength, int64_t age_ms) {
    if (age_ms <= 0 || strength == 0) return strength;
    return strength * exp2(-(double)age_ms / (rules->half_life_days * 24 * 3600e3));
}
