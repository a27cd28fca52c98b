#include "risk/model.h"

static void add_exposure(risk_t *risk, category_t category, int hops, text_t wallet,
                         const exposure_t *exposure) {
    double risk_of_hops = risk->rules->categories[category].weight * risk->rules->hop_weights[hops];
    score_add(&risk->score, &(reason_t){
                                .kind = hops ? REASON_EXPOSURE : REASON_LABEL,
                                .id = (int)category,
                                .risk = risk_of_hops,
                                .wallet = wallet,
                                .label = exposure ? exposure->label : (text_t){"", 0},
                                .via = exposure ? exposure->via : (text_t){"", 0},
                                .hops = hops,
                            });
}

/* A label is reason enough at the wallet itself: what it taints is no other one. */
static void add_taint(risk_t *risk, category_t category, double part, double whole, text_t wallet,
                      bool unpriced) {
    const taint_rule_t *rule = &risk->rules->taint;
    double share = part < whole ? part / whole : 1;
    if (part == 0 || share < rule->min_share) return;
    score_add(&risk->score, &(reason_t){
                                .kind = REASON_TAINT,
                                .id = (int)category,
                                .risk = risk->rules->categories[category].weight * rule->weight * share,
                                .wallet = wallet,
                                .part = part,
                                .whole = whole,
                                .unpriced = unpriced,
                            });
}

static void add_taints(risk_t *risk, const wallet_t *wallet) {
    taints_load(risk, wallet);
    for (category_t category = 0; risk->taints.count && category < CATEGORY_COUNT; category++) {
        bool unpriced;
        double received = taints_received_value(&risk->taints, category, &unpriced);
        if (wallet->label != category + 1)
            add_taint(risk, category, received, wallet->received_value, (text_t){"", 0}, unpriced);
    }
}

void assess_wallet(risk_t *risk, const wallet_t *wallet) {
    score_clear(&risk->score);
    for (int i = 0; i < risk->list.count; i++) {
        const exposure_t *exposure = &risk->list.items[i];
        if (i && risk->list.items[i - 1].category == exposure->category) continue;
        add_exposure(risk, exposure->category, exposure->hops, (text_t){"", 0}, exposure);
    }
    add_taints(risk, wallet);
    const findings_t *findings = findings_read(risk->store, wallet);
    for (int i = 0; findings && i < findings->count; i++) {
        const finding_t *finding = &findings->items[i];
        int id = finding->detector;
        double strength = score_faded(risk->rules, finding->strength, wallet->last_seen_ms - finding->at_ms);
        score_add(&risk->score, &(reason_t){
                                    .kind = REASON_DETECTOR,
                                    .id = id,
                                    .risk = risk->rules->detectors[id][PARAMETER_WEIGHT] * strength,
                                    .value = finding->value,
                                    .unpriced = finding->unpriced,
                                    .at_ms = finding->at_ms,
                                    .has_time = true,
                                });
    }
    score_finish(&risk->score);
}

static void add_findings(risk_t *risk, text_t wallet, const event_finding_t *findings, int count) {
    for (int i = 0; i < count; i++) {
        int id = findings[i].detector;
        score_add(&risk->score,
                  &(reason_t){
                      .kind = REASON_DETECTOR,
                      .id = id,
                      .risk = risk->rules->detectors[id][PARAMETER_WEIGHT] * findings[i].strength,
                      .wallet = wallet,
                      .value = findings[i].value,
                      .unpriced = findings[i].unpriced,
                  });
    }
}

/* New relations are an everyday thing up to some bits. */
static void add_novelty(risk_t *risk, float bits) {
    enum { PARAMETER_MIN_BITS = 2, PARAMETER_HALF_BITS };
    const double *parameters = risk->rules->detectors[DETECTOR_NEW_RELATION];
    double above = (double)bits - parameters[PARAMETER_MIN_BITS];
    if (above <= 0) return;
    score_add(&risk->score,
              &(reason_t){
                  .kind = REASON_DETECTOR,
                  .id = DETECTOR_NEW_RELATION,
                  .risk = parameters[PARAMETER_WEIGHT] * above / (above + parameters[PARAMETER_HALF_BITS]),
                  .value = bits,
              });
}

/* By category, what is nearest: the sender's exposure, or the receiver's own label; and the taint that the
 * sender passed on. */
void assess_transfer(risk_t *risk, const credit_t *credit, const wallet_t *receiver,
                     const event_finding_t *findings, int count, float bits) {
    score_clear(&risk->score);
    for (category_t category = 0; category < CATEGORY_COUNT; category++) {
        bool receiver_is_labelled = receiver->label == category + 1;
        if (credit->sender_hops[category] != 1 && receiver_is_labelled)
            add_exposure(risk, category, 0, credit->transfer.dst, NULL);
        else if (credit->sender_hops[category])
            add_exposure(risk, category, credit->sender_hops[category] - 1, credit->transfer.src, NULL);
        if (credit->is_tainted && credit->sender_hops[category] != 1)
            add_taint(risk, category, credit->tainted[category], credit->transfer.amount,
                      credit->transfer.src, false);
    }
    add_findings(risk, credit->transfer.src, credit->findings, credit->finding_count);
    add_findings(risk, credit->transfer.dst, findings, count);
    add_novelty(risk, bits);
    score_finish(&risk->score);
}
