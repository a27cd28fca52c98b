/* What changes a wallet's lists: what neighbours tell, and its own label. */
#include "risk/model.h"

#include "risk/text.h"

#include <string.h>

enum { HEARD_VERSION = 1 };

/* 'k' + number + neighbour: the newest that it told of each direction. */
typedef struct {
    uint8_t version;
    uint8_t unused[3];
    uint32_t passed_versions[DIRECTION_COUNT];
} heard_t;

static uint32_t heard_version(store_t *store, const wallet_key_t *key, direction_t direction) {
    size_t size;
    const heard_t *heard = store_get(store, key->data, key->size, &size);
    return heard ? heard->passed_versions[direction] : 0;
}

bool exposures_heard_of(risk_t *risk, const wallet_t *wallet, direction_t direction, text_t neighbour) {
    wallet_key_t key;
    key_of_edge(&key, KEY_HEARD, wallet->number, neighbour);
    return heard_version(risk->store, &key, direction) != 0;
}

/* False where something later was heard before. */
static bool take_version(store_t *store, const wallet_t *wallet, direction_t direction, text_t teller,
                         uint32_t passed_version) {
    wallet_key_t key;
    key_of_edge(&key, KEY_HEARD, wallet->number, teller);
    uint32_t before = heard_version(store, &key, direction);
    if (passed_version < before) return false;
    if (passed_version > before) {
        heard_t *heard = store_edit(store, key.data, key.size, sizeof *heard);
        heard->version = HEARD_VERSION;
        heard->passed_versions[direction] = passed_version;
    }
    return true;
}

static void sweep_restart(risk_t *risk, wallet_t *wallet, text_t name, sweep_t *sweep, ring_t ring,
                          unsigned bit) {
    sweep->left = ring_size(ring, wallet->out_degree, wallet->in_degree);
    if (!sweep->left) return;
    if (!wallet->sweeping) names_add(&risk->to_push, name, (text_t){"", 0}, NULL);
    wallet->sweeping |= (uint8_t)(1u << bit);
}

static void summarise(wallet_t *wallet, direction_t direction, const exposures_t *list) {
    uint8_t *hops = wallet->hops[direction];
    memset(hops, 0, sizeof wallet->hops[direction]);
    for (int i = list->count - 1; i >= 0; i--)
        hops[list->items[i].category] = (uint8_t)(list->items[i].hops + 1);
}

/* Then there is nobody else to ask: what it passes on was just heard. */
static bool is_only_neighbour(store_t *store, const wallet_t *wallet, ring_t ring, text_t teller) {
    return teller.size && ring_size(ring, wallet->out_degree, wallet->in_degree) == 1 &&
           text_equal(ring_neighbour(store, wallet, ring, 0).name, teller);
}

/* The list was risk->before, with label `label_before`, and is another now: its summary in the wallet, what
 * neighbours must hear of or be asked for, the record. `teller`: who changed it, size 0 for the own label. */
static void list_changed(risk_t *risk, direction_t direction, wallet_t *wallet, text_t name,
                         exposure_header_t header, uint8_t label_before, text_t teller) {
    const exposures_t *list = &risk->lists[direction];
    summarise(wallet, direction, list);
    wallet->listed |= (uint8_t)(1u << direction);
    exposures_select_passing(risk->rules, label_before, &risk->before, &risk->passed);
    exposures_select_passing(risk->rules, wallet->label, list, &risk->passing);
    if (!exposures_equal(&risk->passed, &risk->passing)) {
        header.passed_version++;
        sweep_restart(risk, wallet, name, &header.tell, exposures_told(direction), SWEEP_TELL + direction);
    }
    if (exposures_lack(&risk->before, list, risk->rules->nearest) &&
        !is_only_neighbour(risk->store, wallet, exposures_asked(direction), teller))
        sweep_restart(risk, wallet, name, &header.ask, exposures_asked(direction), SWEEP_ASK + direction);
    exposures_store(risk, direction, name, header);
}

static void list_take_in(const rules_t *rules, exposures_t *list, text_t name, const event_t *event) {
    exposures_remove_via(list, event->teller);
    for (int i = 0; i < event->exposures.count; i++) {
        exposure_t exposure = event->exposures.items[i];
        if (exposure.hops >= rules->max_hops || !rules_is_risk(rules, exposure.category)) continue;
        /* Of its own label a wallet knows by itself. */
        if (text_equal(exposure.label, name)) continue;
        exposure.hops++;
        exposure.via = event->teller;
        exposure.tx_id = event->tx_id;
        exposures_insert(list, rules->nearest, &exposure);
    }
}

/* The direction is not followed, or not any more. */
static void direction_leave(risk_t *risk, direction_t direction, wallet_t *wallet, text_t name,
                            exposure_header_t header) {
    risk->lists[direction].count = 0;
    header.tell.left = header.ask.left = 0;
    wallet->sweeping &= (uint8_t) ~((1u << SWEEP_TELL | 1u << SWEEP_ASK) << direction);
    summarise(wallet, direction, &risk->lists[direction]);
    if (header.passed_version || header.count) exposures_store(risk, direction, name, header);
}

/* What it holds through the teller may be gone, so all of it goes; rules may be on their way under which the
 * direction is followed, so there is something to ask for then. */
static void hear_unfollowed(risk_t *risk, direction_t direction, const wallet_t *known, text_t name) {
    bool is_exposed = wallet_is_exposed(known, direction);
    if (known->listed & 1u << direction && !is_exposed) return;
    wallet_t *wallet = risk_wallet(risk, name);
    wallet->listed |= (uint8_t)(1u << direction);
    if (!is_exposed) return;
    direction_leave(risk, direction, wallet, name, exposures_load(risk, direction, name));
    risk_mark_changed(risk, wallet, name, (text_t){"", 0});
}

void exposures_hear(risk_t *risk, const event_t *event) {
    direction_t direction = event->direction;
    text_t name = event->wallet;
    wallet_t known;
    if (!wallet_read(risk->store, name, &known)) known = *risk_wallet(risk, name);
    if (!take_version(risk->store, &known, direction, event->teller, event->passed_version)) return;
    if (!rules_follow(risk->rules, direction)) {
        hear_unfollowed(risk, direction, &known, name);
        return;
    }
    exposure_header_t header = exposures_load(risk, direction, name);
    exposures_copy(&risk->before, &risk->lists[direction]);
    list_take_in(risk->rules, &risk->lists[direction], name, event);
    bool changed = !exposures_equal(&risk->before, &risk->lists[direction]);
    if (!changed && known.listed & 1u << direction) return;
    wallet_t *wallet = risk_wallet(risk, name);
    list_changed(risk, direction, wallet, name, header, wallet->label, event->teller);
    if (changed) risk_mark_changed(risk, wallet, name, (text_t){"", 0});
}

static void list_set_own(const rules_t *rules, exposures_t *list, const wallet_t *wallet, text_t name,
                         uint16_t confidence) {
    exposures_remove_via(list, (text_t){"", 0});
    if (!wallet->label || !rules_is_risk(rules, wallet->label - 1u)) return;
    exposure_t own = {.category = (uint8_t)(wallet->label - 1), .confidence = confidence, .label = name};
    exposures_insert(list, rules->nearest, &own);
}

void exposures_set_own(risk_t *risk, wallet_t *wallet, text_t name, uint8_t label_before,
                       uint16_t confidence) {
    for (direction_t direction = 0; direction < DIRECTION_COUNT; direction++) {
        if (!rules_follow(risk->rules, direction)) continue;
        exposure_header_t header = exposures_load(risk, direction, name);
        exposures_t *list = &risk->lists[direction];
        exposures_copy(&risk->before, list);
        list_set_own(risk->rules, list, wallet, name, confidence);
        if (header.passed_version || list->count)
            list_changed(risk, direction, wallet, name, header, label_before, (text_t){"", 0});
    }
}

/* What is left of the list under the rules in force. */
static void list_renew(const rules_t *rules, exposures_t *list, const exposures_t *before) {
    list->count = 0;
    for (int i = 0; i < before->count; i++) {
        const exposure_t *exposure = &before->items[i];
        if (exposure->hops <= rules->max_hops && rules_is_risk(rules, exposure->category))
            exposures_insert(list, rules->nearest, exposure);
    }
}

void exposures_renew(risk_t *risk, text_t name, uint16_t confidence) {
    wallet_t known;
    if (!wallet_read(risk->store, name, &known) || (!known.listed && !known.label)) return;
    wallet_t *wallet = risk_wallet(risk, name);
    bool changed = false;
    for (direction_t direction = 0; direction < DIRECTION_COUNT; direction++) {
        exposure_header_t header = exposures_load(risk, direction, name);
        exposures_t *list = &risk->lists[direction];
        exposures_copy(&risk->before, list);
        if (rules_follow(risk->rules, direction)) {
            list_renew(risk->rules, list, &risk->before);
            list_set_own(risk->rules, list, wallet, name, confidence);
            changed |= !exposures_equal(&risk->before, list);
            summarise(wallet, direction, list);
            wallet->listed |= (uint8_t)(1u << direction);
            header.passed_version++;
            sweep_restart(risk, wallet, name, &header.tell, exposures_told(direction),
                          SWEEP_TELL + direction);
            sweep_restart(risk, wallet, name, &header.ask, exposures_asked(direction), SWEEP_ASK + direction);
            exposures_store(risk, direction, name, header);
        } else {
            changed |= risk->before.count > 0;
            direction_leave(risk, direction, wallet, name, header);
        }
    }
    if (changed) risk_mark_changed(risk, wallet, name, (text_t){"", 0});
}
