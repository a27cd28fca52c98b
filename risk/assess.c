#include "risk/model.h"

#include "risk/label.h"

#include <math.h>

static void add_label(risk_t *risk, const wallet_t *wallet, text_t name, double part,
                      const reason_t *evidence) {
    wallet_key_t key;
    size_t size;
    key_of_name(&key, KEY_LABEL, name);
    const label_t *label = wallet->label ? store_get(risk->store, key.data, key.size, &size) : NULL;
    if (!label) return;
    reason_t reason = *evidence;
    reason.kind = REASON_LABEL;
    reason.id = label->category;
    reason.confidence = (uint16_t)lround(label->confidence * CONFIDENCE_FULL);
    reason.risk = part * risk->rules->categories[label->category].weight * risk->rules->hop_weights[0] *
                  label->confidence;
    score_add(&risk->score, &reason);
}

static double risk_of_hops(const rules_t *rules, const exposure_t *exposure) {
    return rules->categories[exposure->category].weight * rules->hop_weights[exposure->hops] *
           exposure->confidence / CONFIDENCE_FULL;
}

double exposure_risk(const rules_t *rules, direction_t direction, const exposure_t *exposure) {
    return risk_of_hops(rules, exposure) * rules->directions[direction];
}

static void add_exposure(risk_t *risk, direction_t direction, text_t wallet, double part,
                         const exposure_t *exposure) {
    score_add(&risk->score, &(reason_t){
                                .kind = REASON_EXPOSURE,
                                .id = exposure->category,
                                .direction = direction,
                                .risk = part * exposure_risk(risk->rules, direction, exposure),
                                .wallet = wallet,
                                .label = exposure->label,
                                .via = exposure->via,
                                .hops = exposure->hops,
                                .confidence = exposure->confidence,
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

/* Of a category's nearest, the first of those that weigh most: a label that is near but unsure may weigh less
 * than one further away. NULL where there is none. */
static const exposure_t *strongest(const rules_t *rules, const exposures_t *list, category_t category) {
    const exposure_t *best = NULL;
    double most = -1;
    for (int i = 0; i < list->count; i++) {
        const exposure_t *exposure = &list->items[i];
        double weight = rules->hop_weights[exposure->hops] * exposure->confidence;
        if (exposure->category != category || weight <= most) continue;
        most = weight;
        best = exposure;
    }
    return best;
}

/* Where the wallet's own label is the strongest, the label says it already. */
static void add_exposures(risk_t *risk, direction_t direction, text_t wallet, double part) {
    for (category_t category = 0; category < CATEGORY_COUNT; category++) {
        const exposure_t *exposure = strongest(risk->rules, &risk->lists[direction], category);
        if (exposure && exposure->hops) add_exposure(risk, direction, wallet, part, exposure);
    }
}

/* What is left of exposure's weight at a wallet with many counterparties. */
static double part_by_degree(const rules_t *rules, const wallet_t *wallet) {
    double degree = (double)wallet->in_degree + wallet->out_degree;
    return rules->by_root_degree && degree > 1 ? 1 / sqrt(degree) : 1;
}

void assess_wallet(risk_t *risk, const wallet_t *wallet, text_t name) {
    double part = part_by_degree(risk->rules, wallet);
    score_clear(&risk->score);
    add_label(risk, wallet, name, part, &(reason_t){.label = name});
    for (direction_t direction = 0; direction < DIRECTION_COUNT; direction++)
        if (risk->lists[direction].count) add_exposures(risk, direction, (text_t){"", 0}, part);
    add_taints(risk, wallet);
    const findings_t *findings = findings_read(risk->store, wallet);
    risk->score.at_ms = findings_at_ms(findings, wallet);
    for (int i = 0; findings && i < findings->count; i++) {
        const finding_t *finding = &findings->items[i];
        int id = finding->detector;
        double strength = score_faded(risk->rules, finding->strength, risk->score.at_ms - finding->at_ms);
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
    double share = learned_behaviour_share(risk);
    for (int i = 0; i < count; i++) {
        int id = findings[i].detector;
        score_add(&risk->score,
                  &(reason_t){
                      .kind = REASON_DETECTOR,
                      .id = id,
                      .risk = share * risk->rules->detectors[id][PARAMETER_WEIGHT] * findings[i].strength,
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
    score_add(&risk->score, &(reason_t){
                                .kind = REASON_DETECTOR,
                                .id = DETECTOR_NEW_RELATION,
                                .risk = learned_behaviour_share(risk) * parameters[PARAMETER_WEIGHT] * above /
                                        (above + parameters[PARAMETER_HALF_BITS]),
                                .value = bits,
                            });
}

/* Which exposure of the two wallets says something about a transfer between them: where the sender's value
 * came from, and where the receiver's went. */
static direction_t direction_of_sender(const rules_t *rules) {
    return rules_follow(rules, DIRECTION_SOURCE) ? DIRECTION_SOURCE : DIRECTION_EITHER;
}

static direction_t direction_of_receiver(const rules_t *rules) {
    return rules_follow(rules, DIRECTION_DESTINATION) ? DIRECTION_DESTINATION : DIRECTION_EITHER;
}

void assess_sender(risk_t *risk, const wallet_t *sender, text_t name, credit_t *credit) {
    direction_t direction = direction_of_sender(risk->rules);
    if (!wallet_is_exposed(sender, direction)) return;
    exposures_load(risk, direction, name);
    for (category_t category = 0; category < CATEGORY_COUNT; category++) {
        const exposure_t *exposure = strongest(risk->rules, &risk->lists[direction], category);
        if (!exposure) continue;
        credit->sender_hops[category] = (uint8_t)(exposure->hops + 1);
        credit->sender_confidences[category] = exposure->confidence;
    }
}

static void add_sender(risk_t *risk, const credit_t *credit, const wallet_t *receiver) {
    for (category_t category = 0; category < CATEGORY_COUNT; category++) {
        if (!credit->sender_hops[category]) continue;
        exposure_t exposure = {.category = (uint8_t)category,
                               .hops = (uint8_t)(credit->sender_hops[category] - 1),
                               .confidence = credit->sender_confidences[category]};
        if (exposure.hops == 0)
            score_add(&risk->score, &(reason_t){.kind = REASON_LABEL,
                                                .id = (int)category,
                                                .risk = risk_of_hops(risk->rules, &exposure),
                                                .wallet = credit->transfer.src,
                                                .confidence = exposure.confidence});
        else if (receiver->label != category + 1)
            add_exposure(risk, direction_of_sender(risk->rules), credit->transfer.src, 1, &exposure);
    }
}

/* By category: the label of either wallet, the sender's exposure, the receiver's, and the taint that the
 * sender passed on; what detectors and the learned model say. */
void assess_transfer(risk_t *risk, const credit_t *credit, const wallet_t *receiver,
                     const event_finding_t *findings, int count, float bits) {
    direction_t direction = direction_of_receiver(risk->rules);
    text_t src = credit->transfer.src, dst = credit->transfer.dst;
    score_clear(&risk->score);
    add_sender(risk, credit, receiver);
    if (receiver->label && credit->sender_hops[receiver->label - 1] != 1)
        add_label(risk, receiver, dst, 1, &(reason_t){.wallet = dst});
    if (wallet_is_exposed(receiver, direction)) {
        exposures_load(risk, direction, dst);
        add_exposures(risk, direction, dst, 1);
    }
    for (category_t category = 0; credit->is_tainted && category < CATEGORY_COUNT; category++) {
        if (credit->sender_hops[category] != 1)
            add_taint(risk, category, credit->tainted[category], credit->transfer.amount, src, false);
    }
    add_findings(risk, src, credit->findings, credit->finding_count);
    add_findings(risk, dst, findings, count);
    add_novelty(risk, bits);
    learned_add(risk);
    score_finish(&risk->score);
}
