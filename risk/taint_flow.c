/* What a transfer does to balances and taints: the sender's half, the receiver's half, and labels. */
#include "risk/model.h"

#include "common/hash.h"
#include "risk/label.h"
#include "risk/text.h"

#include <float.h>
#include <math.h>
#include <string.h>

static bool is_service(const risk_t *risk, const wallet_t *wallet) {
    return wallet->label && risk->rules->categories[wallet->label - 1].service;
}

/* CATEGORY_COUNT where the wallet's label taints nothing. */
static category_t source_of(const risk_t *risk, const wallet_t *wallet) {
    if (!wallet->label || !rules_is_risk(risk->rules, wallet->label - 1u)) return CATEGORY_COUNT;
    return (category_t)(wallet->label - 1);
}

static void add(double *sum, double amount) { *sum = fmin(*sum + amount, DBL_MAX); }

/* The balance of the asset at the wallet, NULL where there is none and `make` is false. The first asset's
 * stands in the wallet, so that a wallet of one asset costs no look at the store. */
static double *balance_of(risk_t *risk, wallet_t *wallet, text_t asset, bool make) {
    if (!wallet->asset && !make) return NULL; /* it never received anything */
    uint64_t hash = hash64(asset.data, asset.size);
    if (!wallet->asset) wallet->asset = hash;
    if (wallet->asset == hash) return &wallet->balance;
    wallet_key_t key;
    size_t size;
    key_of_edge(&key, KEY_BALANCE, wallet->number, asset);
    if (!make && !store_get(risk->store, key.data, key.size, &size)) return NULL;
    balance_t *record = store_edit(risk->store, key.data, key.size, sizeof *record);
    record->version = BALANCE_VERSION;
    return &record->amount;
}

void taints_load(risk_t *risk, const wallet_t *wallet) {
    risk->taints.count = 0;
    if (!(wallet->taint & TAINT_KNOWN)) return;
    wallet_key_t key;
    size_t size;
    key_of_number(&key, KEY_TAINT, wallet->number);
    const void *record = store_get(risk->store, key.data, key.size, &size);
    if (record) taints_read(record, size, &risk->taints);
}

/* Texts of risk->taints may point into the record that this replaces. */
static void taints_store(risk_t *risk, wallet_t *wallet) {
    wallet_key_t key;
    wallet->taint = 0;
    if (risk->taints.count) wallet->taint |= TAINT_KNOWN;
    for (int i = 0; i < risk->taints.count; i++)
        if (risk->taints.items[i].held > 0) wallet->taint |= TAINT_HELD;
    buf_reset(&risk->value);
    taints_write(&risk->taints, &risk->value);
    key_of_number(&key, KEY_TAINT, wallet->number);
    memcpy(store_edit(risk->store, key.data, key.size, risk->value.size), risk->value.data, risk->value.size);
}

void taint_end_at_service(risk_t *risk, wallet_t *wallet) {
    if (!(wallet->taint & TAINT_HELD) || !is_service(risk, wallet)) return;
    taints_load(risk, wallet);
    for (int i = 0; i < risk->taints.count; i++) {
        taint_t *taint = &risk->taints.items[i];
        add(&taint->left, taint->held);
        taint->held = 0;
    }
    taints_store(risk, wallet);
}

static bool is_of(const taint_t *taint, text_t asset) {
    return !taint->others && text_equal(taint->asset, asset);
}

/* The held part of each category that goes with the transfer. True where there is any. */
static bool move_held(risk_t *risk, const transfer_t *transfer, double balance,
                      double tainted[CATEGORY_COUNT]) {
    const taint_rule_t *rule = &risk->rules->taint;
    bool any = false;
    for (int i = 0; i < risk->taints.count; i++) {
        taint_t *taint = &risk->taints.items[i];
        if (!is_of(taint, transfer->asset)) continue;
        double moved = taint_move(taint, rule->method, balance, transfer->amount);
        if (moved < rule->least_share * transfer->amount)
            add(&taint->left, moved);
        else
            tainted[taint->category] = moved;
        any |= tainted[taint->category] > 0;
    }
    return any;
}

/* What the sender's own label makes of the transfer: as much of it is tainted as the label is sure. */
static bool taint_anew(risk_t *risk, const transfer_t *transfer, category_t source, double *tainted) {
    wallet_key_t key;
    size_t size;
    key_of_name(&key, KEY_LABEL, transfer->src);
    const label_t *label = store_get(risk->store, key.data, key.size, &size);
    double amount = label ? transfer->amount * label->confidence : 0;
    if (amount <= *tainted) return false;
    add(&taints_entry(&risk->taints, source, transfer->asset)->sourced, amount - *tainted);
    *tainted = amount;
    return true;
}

bool taint_debit(risk_t *risk, wallet_t *wallet, const transfer_t *transfer, double tainted[CATEGORY_COUNT]) {
    if (risk->rules->taint.method == TAINT_OFF || transfer->amount == 0) return false;
    /* It may have become one by other rules. */
    taint_end_at_service(risk, wallet);
    double *balance = balance_of(risk, wallet, transfer->asset, false), before = balance ? *balance : 0;
    if (balance) *balance = fmax(before - transfer->amount, 0);
    category_t source = source_of(risk, wallet);
    if (source == CATEGORY_COUNT && !(wallet->taint & TAINT_HELD)) return false;
    taints_load(risk, wallet);
    bool any = move_held(risk, transfer, before, tainted);
    if (source != CATEGORY_COUNT) any |= taint_anew(risk, transfer, source, &tainted[source]);
    taints_store(risk, wallet);
    return any;
}

static void take_in(risk_t *risk, const wallet_t *wallet, const credit_t *credit, double balance) {
    const transfer_t *transfer = &credit->transfer;
    for (category_t category = 0; category < CATEGORY_COUNT; category++) {
        double amount = credit->tainted[category];
        if (amount == 0) continue;
        taint_t *taint = taints_entry(&risk->taints, category, transfer->asset);
        add(&taint->received, amount);
        add(&taint->received_value, credit->value * (amount / transfer->amount));
        taint->unpriced |= credit->unpriced;
        if (taint->others || is_service(risk, wallet))
            add(&taint->left, amount);
        else
            taint->held = fmin(taint->held + amount, balance);
    }
}

static void poison_all(risk_t *risk, text_t asset, double balance) {
    for (int i = 0; i < risk->taints.count; i++) {
        taint_t *taint = &risk->taints.items[i];
        if (is_of(taint, asset) && taint->held > 0) taint->held = balance;
    }
}

void taint_credit(risk_t *risk, wallet_t *wallet, const credit_t *credit) {
    taint_method_t method = risk->rules->taint.method;
    const transfer_t *transfer = &credit->transfer;
    if (method == TAINT_OFF || transfer->amount == 0) return;
    double *balance = balance_of(risk, wallet, transfer->asset, true);
    add(balance, transfer->amount);
    bool poisons = method == TAINT_POISON && wallet->taint & TAINT_HELD;
    if (!credit->is_tainted && !poisons) return;
    double amount = *balance;
    taints_load(risk, wallet);
    take_in(risk, wallet, credit, amount);
    if (method == TAINT_POISON) poison_all(risk, transfer->asset, amount);
    taints_store(risk, wallet);
}
