#include "risk/model.h"

#include "common/timestamp.h"
#include "risk/json_add.h"

#include <math.h>

static const char *reason_code(const reason_t *reason) {
    switch (reason->kind) {
    case REASON_LABEL: return category_infos[reason->id].label_code;
    case REASON_EXPOSURE: return category_infos[reason->id].exposure_codes[reason->direction];
    case REASON_TAINT: return category_infos[reason->id].taint_code;
    case REASON_MODEL: return "model";
    default: return detectors[reason->id].name;
    }
}

/* Of a wallet in values, of a transfer in its own amounts. */
static void add_taint_evidence(const reason_t *reason, buf_t *out) {
    bool of_transfer = reason->wallet.size > 0;
    ADD(out, "\"category\":\"");
    buf_add_str(out, category_infos[reason->id].name);
    ADD(out, "\",\"share\":");
    buf_add_double(out, round(fmin(reason->part / reason->whole, 1) * 1e6) / 1e6);
    buf_add_str(out, of_transfer ? ",\"tainted_amount\":" : ",\"tainted_value\":");
    buf_add_double(out, reason->part);
    buf_add_str(out, of_transfer ? ",\"amount\":" : ",\"received_value\":");
    buf_add_double(out, reason->whole);
    if (reason->unpriced) ADD(out, ",\"unpriced\":true");
}

/* Four digits are more than a reader compares. */
static void add_model_evidence(const reason_t *reason, buf_t *out) {
    buf_printf(out, "\"probability\":%.4g", (double)reason->value);
    if (reason->cause_count) ADD(out, ",\"features\":[");
    for (int i = 0; i < reason->cause_count; i++) {
        const model_cause_t *cause = &reason->causes[i];
        buf_printf(out, "%s{\"name\":\"%s\",\"value\":%.4g,\"log_odds\":%.4g}", i ? "," : "",
                   feature_names[cause->feature], (double)cause->value, (double)cause->contribution);
    }
    if (reason->cause_count) json_add_char(out, ']');
}

static void add_evidence(risk_t *risk, const reason_t *reason, buf_t *out) {
    json_add_char(out, '{');
    if (reason->wallet.size) {
        ADD(out, "\"wallet\":");
        json_add_text(out, reason->wallet);
        json_add_char(out, ',');
    }
    exposure_t exposure = {.category = (uint8_t)reason->id,
                           .hops = (uint8_t)reason->hops,
                           .confidence = reason->confidence,
                           .label = reason->label,
                           .via = reason->via};
    if (reason->kind == REASON_LABEL) {
        json_add_exposure(out, &exposure);
    } else if (reason->kind == REASON_TAINT) {
        add_taint_evidence(reason, out);
    } else if (reason->kind == REASON_MODEL) {
        add_model_evidence(reason, out);
    } else if (reason->kind == REASON_EXPOSURE) {
        json_add_directed(out, reason->direction, &exposure);
    } else {
        json_add_detector(out, (detector_id_t)reason->id, reason->value, risk->rules->detectors[reason->id]);
        if (reason->unpriced) ADD(out, ",\"unpriced\":true");
        if (reason->has_time) {
            ADD(out, ",\"at\":");
            buf_add_timestamp(out, reason->at_ms);
        }
    }
    json_add_char(out, '}');
}

static void add_reasons(risk_t *risk, buf_t *out) {
    ADD(out, "\"reasons\":[");
    for (int i = 0; i < risk->score.count; i++) {
        const reason_t *reason = &risk->score.reasons[i];
        if (i) json_add_char(out, ',');
        ADD(out, "{\"code\":\"");
        buf_add_str(out, reason_code(reason));
        ADD(out, "\",\"contribution\":");
        json_add_hundredths(out, reason->contribution_hundredths);
        ADD(out, ",\"evidence\":");
        add_evidence(risk, reason, out);
        json_add_char(out, '}');
    }
    json_add_char(out, ']');
}

static void add_score(risk_t *risk, buf_t *out) {
    ADD(out, ",\"score\":");
    json_add_hundredths(out, risk->score.hundredths);
    ADD(out, ",\"level\":\"");
    buf_add_str(out, level_names[rules_level(risk->rules, score_value(&risk->score))]);
    json_add_char(out, '"');
}

/* Most records hold the same time more than once. */
static void add_times(buf_t *out, const wallet_t *wallet, int64_t judged_ms) {
    if (!wallet_is_active(wallet)) {
        ADD(out, ",\"first_seen\":null,\"last_seen\":null,\"updated_at\":null");
        return;
    }
    char first[TIMESTAMP_SIZE_MAX], last[TIMESTAMP_SIZE_MAX];
    enum { SIZE = sizeof "2026-01-02T03:04:05.678Z" - 1 };
    timestamp_format(wallet->last_seen_ms, last);
    if (wallet->first_seen_ms == wallet->last_seen_ms)
        memcpy(first, last, sizeof first);
    else
        timestamp_format(wallet->first_seen_ms, first);
    ADD(out, ",\"first_seen\":\"");
    json_add_piece(out, first, SIZE);
    ADD(out, "\",\"last_seen\":\"");
    json_add_piece(out, last, SIZE);
    ADD(out, "\",\"updated_at\":\"");
    if (judged_ms > wallet->newest_ms) timestamp_format(judged_ms, last);
    json_add_piece(out, last, SIZE);
    json_add_char(out, '"');
}

static void add_rules_version(risk_t *risk, buf_t *out) {
    ADD(out, ",\"rules_version\":\"");
    json_add_piece(out, risk->rules->version, sizeof risk->rules->version - 1);
    json_add_char(out, '"');
}

static void add_label(risk_t *risk, const wallet_t *wallet, text_t name, buf_t *out) {
    wallet_key_t key;
    size_t size;
    if (!wallet->label) return;
    key_of_name(&key, KEY_LABEL, name);
    const label_t *label = store_get(risk->store, key.data, key.size, &size);
    if (!label) return;
    ADD(out, ",\"label\":");
    json_add_label(out, label);
}

static void add_taints(risk_t *risk, buf_t *out) {
    for (int i = 0; i < risk->taints.count; i++) {
        const taint_t *taint = &risk->taints.items[i];
        if (i) json_add_char(out, ',');
        ADD(out, "{\"category\":\"");
        buf_add_str(out, category_infos[taint->category].name);
        ADD(out, "\",\"asset\":");
        if (taint->asset.size)
            json_add_text(out, taint->asset);
        else
            ADD(out, "null");
        if (taint->others) ADD(out, ",\"others\":true");
        ADD(out, ",\"held\":");
        buf_add_double(out, taint->held);
        ADD(out, ",\"received\":");
        buf_add_double(out, taint->received);
        ADD(out, ",\"sourced\":");
        buf_add_double(out, taint->sourced);
        ADD(out, ",\"left\":");
        buf_add_double(out, taint->left);
        json_add_char(out, '}');
    }
}

static void add_exposures(risk_t *risk, buf_t *out) {
    ADD(out, ",\"exposures\":[");
    bool first = true;
    for (direction_t direction = 0; direction < DIRECTION_COUNT; direction++) {
        for (int i = 0; i < risk->lists[direction].count; i++) {
            if (!first) json_add_char(out, ',');
            first = false;
            json_add_char(out, '{');
            json_add_directed(out, direction, &risk->lists[direction].items[i]);
            json_add_char(out, '}');
        }
    }
    json_add_char(out, ']');
}

void record_add_wallet(risk_t *risk, const wallet_t *wallet, text_t name, text_t tx_id, buf_t *out) {
    ADD(out, "{\"wallet\":");
    json_add_text(out, name);
    add_score(risk, out);
    ADD(out, ",\"version\":");
    buf_add_int(out, (int64_t)wallet->score_version);
    ADD(out, ",\"in_degree\":");
    buf_add_int(out, wallet->in_degree);
    ADD(out, ",\"out_degree\":");
    buf_add_int(out, wallet->out_degree);
    ADD(out, ",\"received_count\":");
    buf_add_int(out, (int64_t)wallet->received_count);
    ADD(out, ",\"sent_count\":");
    buf_add_int(out, (int64_t)wallet->sent_count);
    ADD(out, ",\"received_total\":");
    buf_add_double(out, total_value(&wallet->received));
    ADD(out, ",\"sent_total\":");
    buf_add_double(out, total_value(&wallet->sent));
    ADD(out, ",\"received_value\":");
    buf_add_double(out, wallet->received_value);
    ADD(out, ",\"sent_value\":");
    buf_add_double(out, wallet->sent_value);
    json_add_char(out, ',');
    add_reasons(risk, out);
    add_exposures(risk, out);
    ADD(out, ",\"taint\":[");
    add_taints(risk, out);
    ADD(out, "],\"tx_id\":");
    if (tx_id.size)
        json_add_text(out, tx_id);
    else
        ADD(out, "null");
    add_label(risk, wallet, name, out);
    add_rules_version(risk, out);
    add_times(out, wallet, risk->score.at_ms);
    json_add_char(out, '}');
}

void record_add_run_head(text_t run_id, buf_t *out) {
    ADD(out, "{\"run_id\":");
    json_add_text(out, run_id);
}

void record_add_run_times(int64_t started_ms, buf_t *out) {
    ADD(out, ",\"started_at\":");
    buf_add_timestamp(out, started_ms);
}

void record_add_run_score(risk_t *risk, text_t run_id, text_t name, buf_t *out) {
    record_add_run_head(run_id, out);
    ADD(out, ",\"wallet\":");
    json_add_text(out, name);
    add_score(risk, out);
    json_add_char(out, ',');
    add_reasons(risk, out);
    add_rules_version(risk, out);
    json_add_char(out, '}');
}

void record_add_transfer(risk_t *risk, const transfer_t *transfer, double value, uint32_t revision,
                         buf_t *out) {
    ADD(out, "{\"tx_id\":");
    json_add_text(out, transfer->tx_id);
    ADD(out, ",\"src\":");
    json_add_text(out, transfer->src);
    ADD(out, ",\"dst\":");
    json_add_text(out, transfer->dst);
    ADD(out, ",\"amount\":");
    buf_add_double(out, transfer->amount);
    ADD(out, ",\"asset\":");
    if (transfer->asset.size)
        json_add_text(out, transfer->asset);
    else
        ADD(out, "null");
    ADD(out, ",\"value\":");
    buf_add_double(out, value);
    ADD(out, ",\"timestamp\":");
    buf_add_timestamp(out, transfer->timestamp_ms);
    if (revision) {
        ADD(out, ",\"revision\":");
        buf_add_int(out, revision);
    }
    add_score(risk, out);
    json_add_char(out, ',');
    add_reasons(risk, out);
    add_rules_version(risk, out);
    if (risk->scorer) {
        ADD(out, ",\"model_version\":\"");
        buf_add_str(out, risk->scorer->version);
        json_add_char(out, '"');
    }
    json_add_char(out, '}');
}
