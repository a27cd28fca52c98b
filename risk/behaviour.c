#include "risk/model.h"

/* True where an alert of this detector is due, and remembers it: one per window, not one per transfer. */
static bool take_alert(finding_t *finding, const double *parameters, int64_t ms) {
    int64_t window_ms = (int64_t)(parameters[PARAMETER_WINDOW_HOURS] * 3600e3);
    if (finding->has_alerted && ms - finding->alerted_ms < window_ms) return false;
    finding->has_alerted = true;
    finding->alerted_ms = ms;
    return true;
}

bool finding_update(const rules_t *rules, finding_t *finding, int64_t ms, float strength, float value) {
    if (strength < score_faded(rules, finding->strength, ms - finding->at_ms)) return false;
    finding->at_ms = finding->strength > 0 && finding->at_ms > ms ? finding->at_ms : ms;
    finding->strength = strength;
    finding->value = value;
    return true;
}

/* What a detector is told of a transfer, and measures it by. An asset's own thresholds are in its own units.
 */
typedef struct {
    observation_t observation;
    const double *parameters;
} measured_t;

static measured_t measure(const rules_t *rules, const asset_rules_t *asset, const observation_t *observation,
                          int id) {
    measured_t measured = {*observation, rules->detectors[id]};
    if (!asset || !asset->given[id]) return measured;
    measured.observation.value = observation->amount;
    measured.observation.unpriced = false;
    measured.parameters = asset->detectors[id];
    return measured;
}

int behaviour_observe(risk_t *risk, const observation_t *observation, text_t name, side_t side,
                      event_finding_t *findings) {
    wallet_t *wallet = observation->wallet;
    bool service = wallet->label && risk->rules->categories[wallet->label - 1].service;
    const asset_rules_t *asset = rules_asset(risk->rules, observation->asset);
    int count = 0;
    for (int id = 0; id < DETECTOR_COUNT; id++) {
        const detector_t *detector = &detectors[id];
        if (detector->side != side) continue;
        const measured_t measured = measure(risk->rules, asset, observation, id);
        const double *parameters = measured.parameters;
        float value = 0, strength = detector->observe(&measured.observation, parameters, &value);
        /* Many counterparties and bursts are a service's business. */
        if (strength == 0 || service || parameters[PARAMETER_WEIGHT] == 0) continue;
        bool unpriced = detectors_by_value[id] && measured.observation.unpriced;
        finding_t *finding = findings_edit(risk->store, wallet, (detector_id_t)id);
        if (finding_update(risk->rules, finding, observation->ms, strength, value))
            finding->unpriced = unpriced;
        findings[count] = (event_finding_t){
            .detector = (uint8_t)id, .unpriced = unpriced, .strength = strength, .value = value};
        if (take_alert(finding, parameters, observation->ms))
            alert_behaviour(risk, &measured.observation, parameters, name, (detector_id_t)id,
                            &findings[count]);
        count++;
    }
    return count;
}
