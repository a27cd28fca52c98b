#include "risk/model.h"

#include "risk/json_add.h"

#include "common/hash.h"
#include "common/timestamp.h"

#include <string.h>

/* The same finding has the same id in any replay: 32 hex digits of what it is, whose, and its mark. */
static void add_alert_id(buf_t *out, const char *typology, text_t wallet, text_t mark) {
    static const char hex[] = "0123456789abcdef";
    char bytes[64 + 2 * WALLET_SIZE_MAX + sizeof(uint16_t)];
    uint16_t mark_size = (uint16_t)mark.size;
    size_t size = strlen(typology) + 1;
    memcpy(bytes, typology, size);
    memcpy(bytes + size, &mark_size, sizeof mark_size);
    size += sizeof mark_size;
    memcpy(bytes + size, mark.data, mark.size);
    size += mark.size;
    memcpy(bytes + size, wallet.data, wallet.size);
    hash128_t hash = hash128(bytes, size + wallet.size);
    json_add_char(out, '"');
    for (int i = 60; i >= 0; i -= 4) json_add_char(out, hex[hash.high >> i & 15]);
    for (int i = 60; i >= 0; i -= 4) json_add_char(out, hex[hash.low >> i & 15]);
    json_add_char(out, '"');
}

typedef struct {
    const char *typology;
    text_t mark; /* what tells it from others of its typology and wallet; size 0: there is but one */
    double risk; /* of the finding alone, 0..1 */
    int64_t created_ms;
} alert_t;

/* Up to the evidence, which the caller writes and closes. Needs risk->score of the wallet. */
static void alert_open(risk_t *risk, const alert_t *alert, text_t name, const evidence_t *evidence) {
    buf_t *out = &risk->json;
    buf_reset(out);
    ADD(out, "{\"alert_id\":");
    add_alert_id(out, alert->typology, name, alert->mark);
    ADD(out, ",\"typology\":\"");
    buf_add_str(out, alert->typology);
    ADD(out, "\",\"severity\":\"");
    buf_add_str(out, level_names[rules_level(risk->rules, 100 * alert->risk)]);
    ADD(out, "\",\"wallet\":");
    json_add_text(out, name);
    ADD(out, ",\"score\":");
    json_add_hundredths(out, risk->score.hundredths);
    ADD(out, ",\"tx_ids\":");
    json_add_texts(out, evidence->tx_ids, evidence->tx_id_count);
    ADD(out, ",\"wallets\":");
    json_add_texts(out, evidence->wallets, evidence->wallet_count);
    ADD(out, ",\"rules_version\":\"");
    buf_add_str(out, risk->rules->version);
    ADD(out, "\",\"created_at\":");
    buf_add_timestamp(out, alert->created_ms);
    ADD(out, ",\"evidence\":{");
}

static void alert_send(risk_t *risk, text_t name) {
    ADD(&risk->json, "}}");
    risk->counters.alerts++;
    risk->out.emit(risk->out.context, TOPIC_ALERTS, name.data, name.size, risk->json.data, risk->json.size);
}

void alert_behaviour(risk_t *risk, const observation_t *observation, const double *parameters, text_t name,
                     detector_id_t id, const event_finding_t *finding) {
    const detector_t *detector = &detectors[id];
    alert_t alert = {
        .typology = detector->name,
        .mark = observation->tx_id,
        .risk = parameters[PARAMETER_WEIGHT] * finding->strength,
        .created_ms = observation->ms,
    };
    evidence_t evidence = {0};
    evidence_add_transfer(&evidence, observation->tx_id);
    evidence_add_wallet(&evidence, observation->counterparty);
    detector->collect(observation, parameters, &evidence);
    exposures_load_of(risk, observation->wallet, name);
    assess_wallet(risk, observation->wallet, name);
    alert_open(risk, &alert, name, &evidence);
    json_add_detector(&risk->json, id, finding->value, parameters);
    if (finding->unpriced) ADD(&risk->json, ",\"unpriced\":true");
    alert_send(risk, name);
}

void alert_case(risk_t *risk, const wallet_t *wallet, text_t name, detector_id_t id,
                const case_pattern_t *pattern, int64_t ms, const evidence_t *evidence) {
    const double *parameters = risk->rules->detectors[id];
    uint64_t named = 0; /* a case is told again only with other transfers */
    for (int i = 0; i < evidence->tx_id_count; i++)
        named = named * 31 + hash64(evidence->tx_ids[i].data, evidence->tx_ids[i].size);
    alert_t alert = {
        .typology = detectors[id].name,
        .mark = {(const char *)&named, sizeof named},
        .risk = parameters[PARAMETER_WEIGHT] * pattern->strength,
        .created_ms = ms,
    };
    exposures_load_of(risk, wallet, name);
    assess_wallet(risk, wallet, name);
    alert_open(risk, &alert, name, evidence);
    json_add_detector(&risk->json, id, pattern->value, parameters);
    alert_send(risk, name);
}

static void alert_exposure(risk_t *risk, const wallet_t *wallet, text_t name, direction_t direction,
                           const exposure_t *exposure) {
    alert_t alert = {
        .typology = category_infos[exposure->category].exposure_codes[direction],
        .mark = {"", 0},
        .risk = exposure_risk(risk->rules, direction, exposure),
        .created_ms = wallet->last_seen_ms,
    };
    evidence_t evidence = {0};
    text_t tx_id = exposure->tx_id;
    const edge_t *edge = tx_id.size ? NULL : edge_find(risk->store, wallet->number, exposure->via);
    if (edge) tx_id = edge_earliest(edge);
    if (tx_id.size) evidence_add_transfer(&evidence, tx_id);
    evidence_add_wallet(&evidence, exposure->via);
    evidence_add_wallet(&evidence, exposure->label);
    alert_open(risk, &alert, name, &evidence);
    json_add_directed(&risk->json, direction, exposure);
    alert_send(risk, name);
}

void alert_exposures(risk_t *risk, wallet_t *wallet, text_t name) {
    if (!wallet_is_active(wallet)) return;
    for (direction_t direction = 0; direction < DIRECTION_COUNT; direction++) {
        for (category_t category = 0; category < CATEGORY_COUNT; category++) {
            int hops = wallet->hops[direction][category] - 1;
            if (hops < 1 || hops > risk->rules->categories[category].alert_hops ||
                wallet->exposure_alerted[direction] & 1u << category)
                continue;
            const exposure_t *exposure = exposures_nearest(&risk->lists[direction], category);
            if (!exposure) continue;
            wallet->exposure_alerted[direction] |= (uint8_t)(1u << category);
            alert_exposure(risk, wallet, name, direction, exposure);
        }
    }
}
