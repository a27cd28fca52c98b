#include "risk/risk.h"

#include "risk/label.h"
#include "risk/model.h"
#include "risk/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

risk_t *risk_new(const rules_t *rules, store_t *store, risk_out_t out) {
    risk_t *risk = calloc(1, sizeof *risk);
    if (!risk) abort();
    risk->rules = risk->start_rules = rules;
    risk->store = store;
    risk->out = out;
    return risk;
}

void risk_free(risk_t *risk) {
    if (!risk) return;
    names_clear(&risk->changed);
    names_clear(&risk->to_push);
    buf_clear(&risk->page);
    buf_clear(&risk->page_read);
    buf_clear(&risk->event);
    buf_clear(&risk->json);
    buf_clear(&risk->value);
    buf_clear(&risk->reason);
    rules_free(risk->reloaded);
    buf_clear(&risk->answer);
    buf_clear(&risk->case_bytes);
    rules_free(risk->run_rules);
    free(risk);
}

const char *risk_rules_version(const risk_t *risk) { return rules_version(risk->rules); }

void risk_use_scorer(risk_t *risk, const risk_scorer_t *scorer) { risk->scorer = scorer; }

const risk_counters_t *risk_counters(const risk_t *risk) { return &risk->counters; }

wallet_t *risk_wallet(risk_t *risk, text_t name) {
    bool is_new;
    wallet_t *wallet = wallet_edit(risk->store, name, &is_new);
    risk->counters.new_wallets += is_new;
    if (wallet->changed && names_holds(&risk->changed, wallet->changed - 1, name))
        risk->changed.items[wallet->changed - 1].record = wallet;
    return wallet;
}

void risk_mark_changed(risk_t *risk, wallet_t *wallet, text_t name, text_t tx_id) {
    if (wallet->changed && names_holds(&risk->changed, wallet->changed - 1, name)) {
        if (tx_id.size) names_set_note(&risk->changed, wallet->changed - 1, tx_id);
        return;
    }
    wallet->changed = (uint32_t)names_add(&risk->changed, name, tx_id, wallet) + 1;
}

static void rates_tell(risk_t *risk) {
    novelty_counts_t untold;
    int64_t ms;
    if (!novelty_take_untold(risk->store, &untold, &ms)) return;
    buf_reset(&risk->event);
    event_add_rates(&risk->event, &untold, ms);
    risk->out.broadcast(risk->out.context, risk->event.data, risk->event.size);
}

/* Both halves of a transfer tell the time. */
static void transfer_half(risk_t *risk, const transfer_t *transfer, const event_t *credit) {
    fade_time(risk, transfer->timestamp_ms, transfer->record_ms);
    if (credit)
        transfer_credit(risk, credit);
    else
        transfer_debit(risk, transfer);
    rates_tell(risk);
    fade_some(risk);
}

void risk_transfer(risk_t *risk, const transfer_t *transfer) { transfer_half(risk, transfer, NULL); }

/* Stores the label, or removes it where it is empty. False where nothing changed by it. */
static bool label_store(risk_t *risk, text_t name, const buf_t *label) {
    wallet_key_t key;
    size_t size = 0;
    key_of_name(&key, KEY_LABEL, name);
    const void *before = store_get(risk->store, key.data, key.size, &size);
    if (!before && !label->size) return false;
    if (before && size == label->size && !memcmp(before, label->data, size)) return false;
    if (label->size)
        memcpy(store_edit(risk->store, key.data, key.size, label->size), label->data, label->size);
    else
        store_remove(risk->store, key.data, key.size);
    return true;
}

const char *risk_label(risk_t *risk, const char *wallet, size_t wallet_size, const char *value, size_t size) {
    char room[ADDRESS_SIZE];
    text_t key = {wallet, wallet_size};
    if (!wallet || !text_is_id(key)) return "label: the key must be a wallet of 1 to 256 bytes of UTF-8";
    text_t name = text_normal_wallet(key, room);
    buf_reset(&risk->value);
    const char *reason = value ? label_parse(key, value, size, &risk->value) : NULL;
    if (reason) return reason;
    risk->counters.labels++;
    label_t label = {0};
    if (value) memcpy(&label, risk->value.data, sizeof label);
    if (!label_store(risk, name, &risk->value)) return NULL;
    wallet_t *record = risk_wallet(risk, name);
    uint8_t before = record->label;
    record->label = value ? (uint8_t)(label.category + 1) : 0;
    taint_end_at_service(risk, record);
    exposures_set_own(risk, record, name, before, (uint16_t)lround(label.confidence * CONFIDENCE_FULL));
    risk_mark_changed(risk, record, name, (text_t){"", 0});
    return NULL;
}

const char *risk_price(risk_t *risk, const char *asset, size_t asset_size, const char *value, size_t size,
                       int64_t record_ms) {
    text_t name = {asset, asset_size};
    price_t price = {.as_of_ms = record_ms};
    if (!asset || !text_is_id(name)) return "price: the key must be an asset of 1 to 256 bytes of UTF-8";
    const char *reason = value ? price_parse(name, value, size, &price) : NULL;
    if (reason) return reason;
    if (!price_decide(risk->store, name, &price)) return NULL;
    price_cache_reset(&risk->prices);
    buf_reset(&risk->event);
    event_add_price(&risk->event, name, &price);
    risk->out.broadcast(risk->out.context, risk->event.data, risk->event.size);
    return NULL;
}

static void finding_apply(risk_t *risk, const event_t *event) {
    wallet_t *wallet = risk_wallet(risk, event->wallet);
    case_finding_take(risk, wallet, event->wallet, event->ms, &event->finding);
}

const char *risk_event(risk_t *risk, const void *bytes, size_t size) {
    event_t *event = &risk->in;
    const char *reason = event_read(bytes, size, event);
    if (reason) return reason;
    switch (event->kind) {
    case EVENT_CREDIT: transfer_half(risk, &event->credit.transfer, event); break;
    case EVENT_EXPOSURE:
        risk->counters.exposure_updates++;
        exposures_hear(risk, event);
        break;
    case EVENT_ASK: exposures_answer(risk, event); break;
    case EVENT_RULES_PAGE: exposures_rules_page(risk, event); break;
    case EVENT_PAGE: exposures_go_on(risk, event); break;
    case EVENT_CASE: return case_apply(risk, event);
    case EVENT_FINDING: finding_apply(risk, event); break;
    case EVENT_RATES: novelty_hear(risk->store, &event->rates, event->ms); break;
    case EVENT_NEWCOMER:
    case EVENT_MIXER: transfer_answer(risk, event); break;
    case EVENT_TRANSFER: transfer_half(risk, &event->credit.transfer, NULL); break;
    case EVENT_LABEL:
        return risk_label(risk, event->wallet.data, event->wallet.size, event->value, event->value_size);
    case EVENT_QUOTE:
        return risk_price(risk, event->wallet.data, event->wallet.size, event->value, event->value_size,
                          event->price.as_of_ms);
    case EVENT_PRICE:
        price_hear(risk->store, event->wallet, &event->price);
        price_cache_reset(&risk->prices);
        break;
    case EVENT_RELOAD: return reload_apply(risk, &event->command);
    case EVENT_RESCORE: return run_start(risk, &event->command);
    case EVENT_RUN_PAGE: run_page(risk, event); break;
    case EVENT_RUN_TOLD: run_told(risk, event); break;
    }
    return NULL;
}

void risk_event_of_transfer(buf_t *out, const transfer_t *transfer) { event_add_transfer(out, transfer); }

void risk_event_of_label(buf_t *out, const char *wallet, size_t wallet_size, const char *value, size_t size) {
    event_add_label(out, (text_t){wallet, wallet_size}, value, size);
}

void risk_event_of_price(buf_t *out, const char *asset, size_t asset_size, const char *value, size_t size,
                         int64_t record_ms) {
    event_add_quote(out, (text_t){asset, asset_size}, value, size, record_ms);
}

static void emit_score(risk_t *risk, wallet_t *wallet, text_t name, text_t tx_id) {
    wallet->changed = 0;
    wallet->score_version++;
    exposures_load_of(risk, wallet, name);
    assess_wallet(risk, wallet, name);
    alert_exposures(risk, wallet, name);
    buf_reset(&risk->json);
    record_add_wallet(risk, wallet, name, tx_id, &risk->json);
    risk->counters.scores++;
    risk->out.emit(risk->out.context, TOPIC_SCORES, name.data, name.size, risk->json.data, risk->json.size);
    fade_schedule(risk, wallet, name);
}

void risk_commit(risk_t *risk) {
    if (!risk->to_push.count && !risk->changed.count) risk->pushed = 0;
    exposures_follow_rules(risk);
    exposures_push(risk);
    for (size_t i = 0; i < risk->changed.count; i++)
        emit_score(risk, risk->changed.items[i].record, names_name(&risk->changed, i),
                   names_note(&risk->changed, i));
    names_reset(&risk->changed);
    fade_store(risk);
}

void risk_abort(risk_t *risk) {
    price_cache_reset(&risk->prices);
    names_reset(&risk->to_push);
    names_reset(&risk->changed);
    rules_aborted(risk);
    fade_load(risk);
    risk->pushed = 0;
    risk->followed_rules = 0;
}

bool risk_wallet_json(risk_t *risk, const char *wallet, size_t wallet_size, buf_t *out) {
    char room[ADDRESS_SIZE];
    text_t name = text_normal_wallet((text_t){wallet, wallet_size}, room);
    if (wallet_size > WALLET_SIZE_MAX) return false;
    wallet_t record;
    if (!wallet_read(risk->store, name, &record)) return false;
    text_t tx_id = {"", 0};
    if (record.changed && names_holds(&risk->changed, record.changed - 1, name))
        tx_id = names_note(&risk->changed, record.changed - 1);
    exposures_load_of(risk, &record, name);
    assess_wallet(risk, &record, name);
    record_add_wallet(risk, &record, name, tx_id, out);
    return true;
}
