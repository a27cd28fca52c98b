#include "risk/detectors/dusting.h"
#include "risk/model.h"

/* A transfer dated so far before the wallet's newest is late beyond the grace period: it counts in totals,
 * but the windows have moved on without it. Unless that keeps happening: then the date of the newest was the
 * odd one, and windows begin anew from here, so that one transfer dated far in the future blinds nobody. */
enum { LATE_IN_A_ROW = 3 };

static void behaviour_restart(risk_t *risk, wallet_t *wallet, int64_t ms) {
    wallet->senders = wallet->receivers = wallet->sends = (window_t){0};
    const findings_t *findings = findings_read(risk->store, wallet);
    for (int i = 0; findings && i < findings->count; i++) {
        finding_t *finding = findings_edit(risk->store, wallet, (detector_id_t)findings->items[i].detector);
        if (finding->at_ms > ms) finding->at_ms = ms;
        if (finding->alerted_ms > ms) finding->has_alerted = false;
        findings = findings_read(risk->store, wallet);
    }
    wallet->newest_ms = ms;
}

/* Moves the wallet's time. False where the transfer is too late to be judged. */
static bool behaviour_advance(risk_t *risk, wallet_t *wallet, int64_t ms, int64_t *silence_ms) {
    *silence_ms = 0;
    if (!wallet->has_newest) {
        wallet->has_newest = true;
        wallet->newest_ms = ms;
        return true;
    }
    if ((double)(wallet->newest_ms - ms) > risk->rules->grace_hours * 3600e3) {
        if (++wallet->late_in_a_row < LATE_IN_A_ROW) return false;
        behaviour_restart(risk, wallet, ms);
    }
    wallet->late_in_a_row = 0;
    if (ms <= wallet->newest_ms) return true;
    *silence_ms = ms - wallet->newest_ms;
    wallet->newest_ms = ms;
    return true;
}

/* Fewer transfers make no habit. */
enum { USUAL_COUNT_MIN = 3 };

static double usual_value(const observation_t *observation) {
    const wallet_t *wallet = observation->wallet;
    uint64_t before = wallet->sent_count + wallet->received_count - 1;
    double total = wallet->sent_value + wallet->received_value - observation->value;
    return before >= USUAL_COUNT_MIN && total > 0 ? total / (double)before : 0;
}

/* True where an alert of this detector is due, and remembers it: of what is a risk by itself, one per window
 * and not one per transfer, and another when what was found has doubled. */
static bool take_alert(const rules_t *rules, finding_t *finding, const double *parameters,
                       const event_finding_t *found, int64_t ms) {
    if (rules_level(rules, 100 * parameters[PARAMETER_WEIGHT] * (double)found->strength) < LEVEL_MEDIUM)
        return false;
    if (finding->has_alerted && ms - finding->alerted_ms < observation_window_ms(parameters) &&
        found->value < 2 * finding->alerted_value)
        return false;
    finding->has_alerted = true;
    finding->alerted_ms = ms;
    finding->alerted_value = found->value;
    return true;
}

bool finding_update(const rules_t *rules, finding_t *finding, int64_t ms, float strength, float value) {
    if (strength < score_faded(rules, finding->strength, ms - finding->at_ms)) return false;
    finding->at_ms = finding->strength > 0 && finding->at_ms > ms ? finding->at_ms : ms;
    finding->strength = strength;
    finding->value = value;
    return true;
}

int behaviour_observe(risk_t *risk, const observation_t *observation, text_t name, side_t side,
                      event_finding_t *findings) {
    wallet_t *wallet = observation->wallet;
    observation_t seen = *observation;
    seen.side = side;
    seen.usual_value = usual_value(observation);
    if (side == SIDE_RECEIVER && dusting_is_dust(observation, risk->rules->detectors[DETECTOR_DUSTING]))
        return 0;
    if (!behaviour_advance(risk, wallet, observation->ms, &seen.silence_ms)) return 0;
    /* An asset's own thresholds are in its own units. */
    const asset_rules_t *asset = rules_asset(risk->rules, observation->asset);
    observation_t in_units = seen;
    in_units.value = observation->amount;
    in_units.unpriced = false;
    bool service = wallet->label && risk->rules->categories[wallet->label - 1].service;
    int count = 0;
    for (int id = 0; id < DETECTOR_COUNT; id++) {
        const detector_t *detector = &detectors[id];
        bool either = detector->side == SIDE_EITHER && side != SIDE_ANSWER;
        if (detector->side != side && !either) continue;
        bool own = asset && asset->given[id];
        const observation_t *measured = own ? &in_units : &seen;
        const double *parameters = own ? asset->detectors[id] : risk->rules->detectors[id];
        /* Many counterparties and bursts are a service's business. */
        if (service || parameters[PARAMETER_WEIGHT] == 0) continue;
        event_finding_t found = {.detector = (uint8_t)id};
        found.strength = detector->observe(measured, parameters, &found.value);
        if (found.strength == 0) continue;
        found.unpriced = detectors_by_value[id] && measured->unpriced;
        finding_t *finding = findings_edit(risk->store, wallet, (detector_id_t)id);
        if (finding_update(risk->rules, finding, observation->ms, found.strength, found.value))
            finding->unpriced = found.unpriced;
        if (take_alert(risk->rules, finding, parameters, &found, observation->ms))
            alert_behaviour(risk, measured, parameters, name, (detector_id_t)id, &found);
        findings[count++] = found;
    }
    return count;
}
