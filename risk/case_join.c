/* How transfers come together in cases (case.h). */
#include "risk/model.h"

#include "risk/text.h"

#include <string.h>

enum { PARAMETER_MIN_BITS = 2 };

static const double *network_rules(const risk_t *risk) { return risk->rules->detectors[DETECTOR_NETWORK]; }

static int64_t window_ms(const risk_t *risk) {
    return (int64_t)(network_rules(risk)[PARAMETER_WINDOW_HOURS] * 3600e3);
}

static const text_t no_text = {"", 0};

/* The root that the record names, while it holds. */
static text_t root_at(const risk_t *risk, const case_header_t *header, int64_t ms) {
    if (!header->root_size || ms - header->root_ms > window_ms(risk)) return no_text;
    return (text_t){(const char *)(header + 1), header->root_size};
}

static const case_header_t *record_find(risk_t *risk, const wallet_t *wallet, size_t *size) {
    wallet_key_t key;
    if (!wallet->has_case) return NULL;
    key_of_number(&key, KEY_CASE, wallet->number);
    return store_get(risk->store, key.data, key.size, size);
}

text_t case_root(risk_t *risk, const wallet_t *wallet, int64_t ms) {
    size_t size;
    const case_header_t *header = record_find(risk, wallet, &size);
    return header ? root_at(risk, header, ms) : no_text;
}

void case_load(risk_t *risk, const wallet_t *wallet, int64_t ms, case_t *out) {
    size_t size;
    const case_header_t *header = record_find(risk, wallet, &size);
    out->header = (case_header_t){.version = CASE_VERSION};
    out->root = no_text;
    out->count = 0;
    if (!header) return;
    out->header = *header;
    out->root = root_at(risk, header, ms);
    size_t begins = sizeof *header + header->root_size;
    if (case_transfers_read((const char *)header + begins, size - begins, header->transfer_count,
                            out->transfers))
        out->count = header->transfer_count;
}

static void case_store(risk_t *risk, wallet_t *wallet, case_t *the_case) {
    wallet_key_t key;
    the_case->header.root_size = (uint16_t)the_case->root.size;
    the_case->header.transfer_count = (uint8_t)the_case->count;
    buf_reset(&risk->value);
    buf_add(&risk->value, &the_case->header, sizeof the_case->header);
    buf_add(&risk->value, the_case->root.data, the_case->root.size);
    case_transfers_write(&risk->value, the_case->transfers, the_case->count);
    key_of_number(&key, KEY_CASE, wallet->number);
    memcpy(store_edit(risk->store, key.data, key.size, risk->value.size), risk->value.data, risk->value.size);
    wallet->has_case = true;
}

/* `transfers`: bytes, so that what is only handed on need not be read. */
static void send(risk_t *risk, text_t wallet, text_t other, int64_t ms, int count, const void *transfers,
                 size_t size) {
    buf_reset(&risk->event);
    event_add_case(&risk->event, wallet, other, ms, count, transfers, size);
    risk->out.send(risk->out.context, wallet.data, wallet.size, risk->event.data, risk->event.size, false);
}

/* The wallet's root is another from now on, and gets what was gathered here. */
static void hand_over(risk_t *risk, case_t *the_case, text_t root, int64_t ms) {
    buf_reset(&risk->value);
    case_transfers_write(&risk->value, the_case->transfers, the_case->count);
    send(risk, root, no_text, ms, the_case->count, risk->value.data, risk->value.size);
    the_case->count = 0;
    the_case->root = root;
    the_case->header.root_ms = ms;
}

static case_reason_t reason_of(const reason_t *reason, text_t receiver) {
    return (case_reason_t){.kind = (uint8_t)reason->kind,
                           .id = (uint8_t)reason->id,
                           .hops = (uint8_t)reason->hops,
                           .of_nobody = reason->wallet.size == 0,
                           .of_receiver = text_equal(reason->wallet, receiver),
                           .unpriced = reason->unpriced,
                           .risk = (float)reason->risk,
                           .value = reason->value,
                           .part = reason->part,
                           .whole = reason->whole};
}

/* At least a medium risk by what its wallets do as mules do: pass on what has just come, or appear with much.
 * Not by what may befall anybody: dust, a collector's or a labelled wallet's attention. */
static bool is_of_mules(const risk_t *risk) {
    double clean = 1;
    for (int i = 0; i < risk->score.count; i++) {
        const reason_t *reason = &risk->score.reasons[i];
        bool of_mules = reason->id == DETECTOR_RAPID_PASS_THROUGH || reason->id == DETECTOR_FIRST_SEEN_LARGE;
        if (reason->kind == REASON_DETECTOR && of_mules) clean *= 1 - reason->risk;
    }
    return rules_level(risk->rules, 100 * (1 - clean)) >= LEVEL_MEDIUM;
}

/* What mules do counts as so unexpected as is just enough. A learned model, where there is one, decides in
 * place of both. */
static bool is_unexpected(const risk_t *risk, float *bits) {
    float least = (float)network_rules(risk)[PARAMETER_MIN_BITS];
    if (!risk->scorer && *bits < least && !is_of_mules(risk)) return false;
    if (*bits < least) *bits = least;
    return !risk->scorer || risk->probability >= risk->rules->model.case_from;
}

void case_begin(risk_t *risk, const wallet_t *wallet, const credit_t *credit, float bits) {
    const transfer_t *transfer = &credit->transfer;
    bool service = wallet->label && risk->rules->categories[wallet->label - 1].service;
    if (network_rules(risk)[PARAMETER_WEIGHT] == 0 || !is_unexpected(risk, &bits)) return;
    if (service || credit->sender_is_service || text_equal(transfer->src, transfer->dst)) return;
    case_transfer_t joins = {.transfer = *transfer, .value = credit->value, .bits = bits};
    for (int i = 0; i < risk->score.count && i < CASE_REASONS_MAX; i++)
        joins.reasons[joins.reason_count++] = reason_of(&risk->score.reasons[i], transfer->dst);
    joins.cause_count = risk->cause_count;
    memcpy(joins.causes, risk->causes, (size_t)risk->cause_count * sizeof *risk->causes);
    text_t root = case_root(risk, wallet, transfer->timestamp_ms);
    buf_reset(&risk->value);
    case_transfers_write(&risk->value, &joins, 1);
    send(risk, root.size ? root : transfer->dst,
         credit->sender_root.size ? credit->sender_root : transfer->src, transfer->timestamp_ms, 1,
         risk->value.data, risk->value.size);
}

static bool gather(risk_t *risk, case_t *the_case, const event_t *event) {
    bool added = false;
    int64_t newest_ms = event->ms;
    case_t *more = &risk->case_in;
    if (the_case->count && the_case->transfers[the_case->count - 1].transfer.timestamp_ms > newest_ms)
        newest_ms = the_case->transfers[the_case->count - 1].transfer.timestamp_ms;
    case_prune(the_case, newest_ms - window_ms(risk));
    for (int i = 0; i < more->count; i++)
        if (more->transfers[i].transfer.timestamp_ms >= newest_ms - window_ms(risk))
            added |= case_add(the_case, &more->transfers[i]);
    return added;
}

/* `event` is this call's own: its texts stay what they are whatever is sent. */
static void case_take(risk_t *risk, const event_t *event) {
    case_t *the_case = &risk->the_case;
    wallet_t *wallet = risk_wallet(risk, event->wallet);
    case_load(risk, wallet, event->ms, the_case);
    if (the_case->root.size) {
        if (event->ms > the_case->header.root_ms) the_case->header.root_ms = event->ms;
        send(risk, the_case->root, event->via, event->ms, event->transfer_count, event->value,
             event->value_size);
        case_store(risk, wallet, the_case);
        return;
    }
    bool added = gather(risk, the_case, event);
    bool unites =
        event->via.size && !text_equal(event->via, event->wallet) && the_case->count < CASE_TRANSFERS_MAX;
    if (unites && case_comes_before(event->via, event->wallet)) {
        hand_over(risk, the_case, event->via, event->ms);
    } else {
        if (unites) send(risk, event->via, event->wallet, event->ms, 0, "", 0);
        if (added) case_judge(risk, wallet, event->wallet, the_case);
    }
    case_store(risk, wallet, the_case);
}

const char *case_apply(risk_t *risk, const event_t *event) {
    event_t copy = *event;
    text_t *texts[] = {&copy.wallet, &copy.via};
    buf_reset(&risk->case_bytes);
    buf_add(&risk->case_bytes, event->value, event->value_size);
    buf_add(&risk->case_bytes, event->wallet.data, event->wallet.size);
    buf_add(&risk->case_bytes, event->via.data, event->via.size);
    copy.value = risk->case_bytes.data;
    const char *at = risk->case_bytes.data + event->value_size;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; at += texts[i++]->size) texts[i]->data = at;
    risk->case_in.count = event->transfer_count;
    if (!case_transfers_read(copy.value, copy.value_size, copy.transfer_count, risk->case_in.transfers))
        return "damaged event: a case's transfers do not add up";
    case_take(risk, &copy);
    return NULL;
}
