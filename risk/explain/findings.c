/* What the detectors found, and the transfers that show it. */
#include "risk/explain/parts.h"

#include "common/timestamp.h"
#include "risk/json_add.h"
#include "risk/text.h"

/* Roots lead to roots, each before the last in one order; a case that is being united may be longer on its
 * way. */
enum { CASE_STEPS_MAX = 64 };

static void evidence_keep(explanation_t *explanation, int index, const evidence_t *evidence) {
    explain_finding_t *finding = finding_at(explanation, index);
    text_t wanted = piece_text(explanation, explanation->tx_id);
    for (int i = 0; i < evidence->tx_id_count; i++)
        if (wanted.size && text_equal(evidence->tx_ids[i], wanted)) finding->names_transfer = true;
    for (int i = 0; i < evidence->tx_id_count; i++)
        finding->tx_ids[i] = piece_keep(explanation, evidence->tx_ids[i]);
    for (int i = 0; i < evidence->wallet_count; i++)
        finding->wallets[i] = piece_keep(explanation, evidence->wallets[i]);
    finding->tx_id_count = evidence->tx_id_count;
    finding->wallet_count = evidence->wallet_count;
    finding->state = PART_DONE;
}

static piece_t said(explanation_t *explanation, const risk_t *risk, const reason_t *reason) {
    buf_t *out = &explanation->text;
    size_t begin = out->size;
    ADD(out, "\"contribution\":");
    json_add_hundredths(out, reason->contribution_hundredths);
    ADD(out, ",\"at\":");
    buf_add_timestamp(out, reason->at_ms);
    json_add_char(out, ',');
    json_add_detector(out, (detector_id_t)reason->id, reason->value, risk->rules->detectors[reason->id]);
    if (reason->unpriced) ADD(out, ",\"unpriced\":true");
    return (piece_t){begin, out->size - begin};
}

void finding_add(explanation_t *explanation, risk_t *risk, wallet_t *wallet, const reason_t *reason) {
    const detector_t *detector = &detectors[reason->id];
    explain_finding_t *finding = list_add(&explanation->findings, sizeof *finding);
    finding->id = reason->id;
    finding->at_ms = reason->at_ms;
    finding->said = said(explanation, risk, reason);
    if (detector->side == SIDE_CASE) return;
    observation_t observation = {.store = risk->store, .wallet = wallet, .ms = reason->at_ms};
    evidence_t evidence = {0};
    if (detector->collect) detector->collect(&observation, risk->rules->detectors[reason->id], &evidence);
    evidence_keep(explanation, explanation->findings.count - 1, &evidence);
}

/* The oldest of the findings whose transfers are still wanted; false where there is none. A root is one for a
 * window only, and those findings may be older than that. */
static bool oldest_open(const explanation_t *explanation, int64_t *ms) {
    *ms = INT64_MAX;
    for (int i = 0; i < explanation->findings.count; i++) {
        const explain_finding_t *finding = finding_at(explanation, i);
        if (finding->state == PART_OPEN && finding->at_ms < *ms) *ms = finding->at_ms;
    }
    return *ms != INT64_MAX;
}

static void case_take(explanation_t *explanation, const risk_t *risk) {
    for (int i = 0; i < explanation->findings.count; i++) {
        const explain_finding_t *finding = finding_at(explanation, i);
        evidence_t evidence = {0};
        if (finding->state != PART_OPEN) continue;
        case_evidence(risk, &risk->the_case,
                      &(finding_t){.detector = (uint8_t)finding->id, .at_ms = finding->at_ms},
                      piece_text(explanation, explanation->wallet), &evidence);
        evidence_keep(explanation, i, &evidence);
    }
}

bool case_follow(explanation_t *explanation, const explain_state_t *state) {
    bool further = false;
    int64_t ms;
    while (oldest_open(explanation, &ms)) {
        text_t name = piece_text(explanation, explanation->case_at);
        risk_t *risk = state->risk_of(state->context, name.data, name.size);
        if (!risk) break;
        further = true;
        wallet_t wallet = {0};
        wallet_read(risk->store, name, &wallet);
        case_load(risk, &wallet, ms, &risk->the_case);
        if (risk->the_case.root.size && explanation->case_steps++ < CASE_STEPS_MAX)
            explanation->case_at = piece_keep(explanation, risk->the_case.root);
        else
            case_take(explanation, risk);
    }
    return further;
}
