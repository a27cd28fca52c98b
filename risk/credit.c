#include "risk/detectors/newcomers.h"
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

static bool is_service(const risk_t *risk, const wallet_t *wallet) {
    return wallet->label && risk->rules->categories[wallet->label - 1].service;
}

static double tainted_value(const credit_t *credit) {
    double most = 0;
    for (category_t category = 0; category < CATEGORY_COUNT; category++)
        most = fmax(most, credit->tainted[category]);
    return credit->value * (most / credit->transfer.amount);
}

/* By the credit's sender or receiver. */
static observation_t observation_of(risk_t *risk, wallet_t *wallet, text_t counterparty,
                                    const credit_t *credit) {
    const transfer_t *transfer = &credit->transfer;
    return (observation_t){.store = risk->store,
                           .wallet = wallet,
                           .counterparty = counterparty,
                           .tx_id = transfer->tx_id,
                           .asset = transfer->asset,
                           .amount = transfer->amount,
                           .value = credit->value,
                           .unpriced = credit->unpriced,
                           .ms = transfer->timestamp_ms,
                           .hit = credit->hit};
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
    if (hit.is_new) {
        risk->counters.new_edges++;
        novelty_count_first(risk->store, NEWCOMERS_OUT, transfer->timestamp_ms);
    }
    wallet_see(wallet, transfer->timestamp_ms);
    wallet->sent_count++;
    total_add(&wallet->sent, transfer->amount);
    wallet->sent_value = fmin(wallet->sent_value + value, DBL_MAX);
    risk_mark_changed(risk, wallet, name, transfer->tx_id);

    credit_t credit = {.transfer = *transfer,
                       .value = value,
                       .unpriced = unpriced,
                       .hit = hit,
                       .sender = past,
                       .sender_bits = novelty_of_sender(risk->store, &past, &hit, transfer->timestamp_ms)};
    past_add_sent(wallet, &past, hit.is_new, credit.sender_bits, transfer->timestamp_ms);
    observation_t observation = observation_of(risk, wallet, transfer->dst, &credit);
    credit.finding_count = behaviour_observe(risk, &observation, name, SIDE_SENDER, credit.findings);
    assess_sender(risk, wallet, name, &credit);
    credit.sender_is_service = is_service(risk, wallet);
    if (hit.is_new) credit.sender_root = case_root(risk, wallet, transfer->timestamp_ms);
    credit.is_tainted = taint_debit(risk, wallet, transfer, credit.tainted);
    if (credit.is_tainted) edge_add_tainted(risk->store, wallet, transfer->dst, tainted_value(&credit));

    buf_reset(&risk->event);
    event_add_credit(&risk->event, &credit);
    risk->out.send(risk->out.context, transfer->dst.data, transfer->dst.size, risk->event.data,
                   risk->event.size, false);
    if (hit.is_new) exposures_neighbour_added(risk, wallet, name, transfer->dst, RING_RECEIVERS);
}

static void newcomer_observe(risk_t *risk, observation_t *observation, const features_of_t *of) {
    novelty_count_first(risk->store, NEWCOMERS_IN, of->ms);
    if (of->sender.sent_count && !past_is_off_rhythm(&of->sender)) return;
    observation->newcomer_share = novelty_count_newcomer(risk->store, NEWCOMERS_IN, of->ms);
    observation->counterparty_is_newcomer = !is_service(risk, observation->wallet);
}

/* What a transfer means to other wallets: to its sender, that the receiver was in none before, or that it is
 * a mixer; to the case that it joins. The credit's texts may go with the first that is sent. */
static void tell_others(risk_t *risk, const wallet_t *wallet, const credit_t *credit,
                        const features_of_t *of) {
    char sender[WALLET_SIZE_MAX];
    const transfer_t *transfer = &credit->transfer;
    size_t size = transfer->src.size;
    bool is_newcomer = of->hit.is_new && ((!of->receiver.sent_count && !of->receiver.received_count) ||
                                          past_is_off_rhythm(&of->sender));
    bool is_mixer = wallet->label == CATEGORY_MIXER + 1, is_answered = !credit->sender_is_service;
    buf_t *answers = &risk->answer;
    memcpy(sender, transfer->src.data, size);
    buf_reset(answers);
    if (is_newcomer) event_add_newcomer(answers, transfer->src, transfer->dst, transfer->tx_id, of->ms);
    size_t first_size = answers->size;
    if (is_mixer)
        event_add_mixer(answers, transfer->src, transfer->dst, transfer->tx_id, of->ms, transfer->amount);
    if (of->hit.is_new) case_begin(risk, wallet, credit, novelty_bits(of->sender_bits, of->receiver_bits));
    if (is_newcomer && is_answered)
        risk->out.send(risk->out.context, sender, size, answers->data, first_size, false);
    if (is_mixer && is_answered)
        risk->out.send(risk->out.context, sender, size, answers->data + first_size,
                       answers->size - first_size, false);
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

    observation_t observation = observation_of(risk, wallet, transfer->src, credit);
    if (of.hit.is_new) newcomer_observe(risk, &observation, &of);
    event_finding_t findings[DETECTOR_COUNT];
    int count = behaviour_observe(risk, &observation, name, SIDE_RECEIVER, findings);

    assess_transfer(risk, credit, wallet, findings, count, bits);
    buf_reset(&risk->json);
    record_add_transfer(risk, transfer, credit->value, 0, &risk->json);
    risk->out.emit(risk->out.context, TOPIC_TRANSACTION_RISK, transfer->src.data, transfer->src.size,
                   risk->json.data, risk->json.size);
    if (of.hit.is_new || wallet->label == CATEGORY_MIXER + 1) tell_others(risk, wallet, credit, &of);
}

void transfer_answer(risk_t *risk, const event_t *event) {
    wallet_t *wallet = risk_wallet(risk, event->wallet);
    observation_t observation = {.store = risk->store,
                                 .wallet = wallet,
                                 .counterparty = event->via,
                                 .tx_id = event->tx_id,
                                 .amount = event->amount,
                                 .ms = event->ms};
    if (event->kind == EVENT_MIXER) {
        observation.counterparty_is_mixer = true;
    } else {
        observation.hit.is_new = observation.counterparty_is_newcomer = true;
        observation.newcomer_share = novelty_count_newcomer(risk->store, NEWCOMERS_OUT, event->ms);
    }
    event_finding_t findings[DETECTOR_COUNT];
    if (behaviour_observe(risk, &observation, event->wallet, SIDE_ANSWER, findings))
        risk_mark_changed(risk, wallet, event->wallet, (text_t){"", 0});
}
