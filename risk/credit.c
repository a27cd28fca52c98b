#include "risk/model.h"
#include "risk/novelty.h"

#include <float.h>
#include <math.h>
#include <string.h>

static void wallet_see(wallet_t *wallet, int64_t ms) {
    bool first = !wallet_is_active(wallet);
    if (first || ms < wallet->first_seen_ms) wallet->first_seen_ms = ms;
    if (first || ms > wallet->last_seen_ms) wallet->last_seen_ms = ms;
}

static double tainted_value(const credit_t *credit) {
    double most = 0;
    for (category_t category = 0; category < CATEGORY_COUNT; category++)
        most = fmax(most, credit->tainted[category]);
    return credit->value * (most / credit->transfer.amount);
}

void transfer_debit(risk_t *risk, const transfer_t *transfer) {
    if (!store_first_sight(risk->store, hash128(transfer->tx_id.data, transfer->tx_id.size),
                           transfer->record_ms)) {
        risk->counters.duplicates++;
        return;
    }
    risk->counters.transfers++;
    text_t name = transfer->src;
    bool unpriced;
    double value =
        fmin(transfer->amount * price_of(risk->store, &risk->prices, transfer->asset, &unpriced), DBL_MAX);
    wallet_t *wallet = risk_wallet(risk, name);
    past_t past = past_of(wallet, transfer->timestamp_ms);
    edge_hit_t hit =
        edge_apply(risk->store, wallet, transfer->dst, transfer->tx_id, value, transfer->timestamp_ms);
    if (hit.is_new) risk->counters.new_edges++;
    wallet_see(wallet, transfer->timestamp_ms);
    wallet->sent_count++;
    total_add(&wallet->sent, transfer->amount);
    wallet->sent_value = fmin(wallet->sent_value + value, DBL_MAX);
    risk_mark_changed(risk, wallet, name, transfer->tx_id);

    observation_t observation = {.store = risk->store,
                                 .wallet = wallet,
                                 .counterparty = transfer->dst,
                                 .tx_id = transfer->tx_id,
                                 .asset = transfer->asset,
                                 .amount = transfer->amount,
                                 .value = value,
                                 .unpriced = unpriced,
                                 .ms = transfer->timestamp_ms,
                                 .hit = hit};
    credit_t credit = {.transfer = *transfer,
                       .value = value,
                       .unpriced = unpriced,
                       .hit = hit,
                       .sender = past,
                       .sender_bits = novelty_of_sender(risk->store, &past, &hit, transfer->timestamp_ms)};
    past_add_sent(wallet, &past, hit.is_new, credit.sender_bits, transfer->timestamp_ms);
    credit.finding_count = behaviour_observe(risk, &observation, name, SIDE_SENDER, credit.findings);
    assess_sender(risk, wallet, name, &credit);
    credit.sender_is_service = wallet->label && risk->rules->categories[wallet->label - 1].service;
    if (hit.is_new) credit.sender_root = case_root(risk, wallet, transfer->timestamp_ms);
    credit.is_tainted = taint_debit(risk, wallet, transfer, credit.tainted);
    if (credit.is_tainted) edge_add_tainted(risk->store, wallet, transfer->dst, tainted_value(&credit));

    buf_reset(&risk->event);
    event_add_credit(&risk->event, &credit);
    risk->out.send(risk->out.context, transfer->dst.data, transfer->dst.size, risk->event.data,
                   risk->event.size, false);
    if (hit.is_new) exposures_neighbour_added(risk, wallet, name, transfer->dst, RING_RECEIVERS);
}

void transfer_credit(risk_t *risk, const event_t *event) {
    const credit_t *credit = &event->credit;
    const transfer_t *transfer = &credit->transfer;
    text_t name = transfer->dst;
    risk->counters.credits++;
    wallet_t *wallet = risk_wallet(risk, name);
    features_of_t of = {.value = credit->value,
                        .hit = credit->hit,
                        .ms = transfer->timestamp_ms,
                        .sender = credit->sender,
                        .sender_bits = credit->sender_bits,
                        .receiver = past_of(wallet, transfer->timestamp_ms)};
    if (of.hit.is_new) of.receiver_bits = novelty_of_receiver(risk->store, &of.receiver, of.ms);
    float bits = novelty_bits(of.sender_bits, of.receiver_bits);
    past_add_received(wallet, &of.receiver, of.hit.is_new, bits, of.ms);
    features_fill(&risk->features, &of);
    if (risk->out.features) risk->out.features(risk->out.context, transfer->tx_id, &risk->features);
    if (credit->hit.is_new) {
        edge_add_sender(risk->store, wallet, transfer->src, transfer->tx_id, transfer->timestamp_ms);
        exposures_neighbour_added(risk, wallet, name, transfer->src, RING_SENDERS);
    }
    wallet_see(wallet, transfer->timestamp_ms);
    wallet->received_count++;
    total_add(&wallet->received, transfer->amount);
    wallet->received_value = fmin(wallet->received_value + credit->value, DBL_MAX);
    taint_credit(risk, wallet, credit);
    risk_mark_changed(risk, wallet, name, transfer->tx_id);

    observation_t observation = {.store = risk->store,
                                 .wallet = wallet,
                                 .counterparty = transfer->src,
                                 .tx_id = transfer->tx_id,
                                 .asset = transfer->asset,
                                 .amount = transfer->amount,
                                 .value = credit->value,
                                 .unpriced = credit->unpriced,
                                 .ms = transfer->timestamp_ms,
                                 .hit = credit->hit};
    event_finding_t findings[DETECTOR_COUNT];
    int count = behaviour_observe(risk, &observation, name, SIDE_RECEIVER, findings);

    assess_transfer(risk, credit, wallet, findings, count, bits);
    buf_reset(&risk->json);
    record_add_transfer(risk, transfer, credit->value, 0, &risk->json);
    risk->out.emit(risk->out.context, TOPIC_TRANSACTION_RISK, transfer->src.data, transfer->src.size,
                   risk->json.data, risk->json.size);
    if (of.hit.is_new) case_begin(risk, wallet, credit, bits);
}
