#include "risk/model.h"

#include "risk/text.h"

#include <string.h>

const exposure_header_t *exposures_load(risk_t *risk, text_t name) {
    wallet_key_t key;
    size_t size;
    key_of_name(&key, KEY_EXPOSURE, name);
    const exposure_header_t *header = store_get(risk->store, key.data, key.size, &size);
    risk->list.count = 0;
    if (header) exposures_read(header + 1, size - sizeof *header, header->count, &risk->list);
    return header;
}

void exposures_load_of(risk_t *risk, const wallet_t *wallet, text_t name) {
    risk->list.count = 0;
    if (wallet_is_exposed(wallet)) exposures_load(risk, name);
}

static bool passes(const risk_t *risk, const wallet_t *wallet, const exposure_t *exposure) {
    bool service = wallet->label && risk->rules->categories[wallet->label - 1].service;
    return exposure->hops < risk->rules->max_hops && (exposure->hops == 0 || !service);
}

void exposures_select_passing(risk_t *risk, const wallet_t *wallet, bool only_fresh) {
    risk->passing.count = 0;
    for (int i = 0; i < risk->list.count; i++) {
        exposure_t exposure = risk->list.items[i];
        if (!passes(risk, wallet, &exposure) || (only_fresh && !exposure.fresh)) continue;
        exposure.fresh = 0;
        exposure.via = exposure.tx_id = (text_t){"", 0};
        risk->passing.items[risk->passing.count++] = exposure;
    }
}

/* Texts of risk->list may point into the record that this replaces. */
static void list_write(risk_t *risk, text_t name, exposure_header_t header) {
    wallet_key_t key;
    header.version = EXPOSURE_VERSION;
    header.count = (uint16_t)risk->list.count;
    buf_reset(&risk->value);
    buf_add(&risk->value, &header, sizeof header);
    for (int i = 0; i < risk->list.count; i++) exposure_write(&risk->value, &risk->list.items[i]);
    key_of_name(&key, KEY_EXPOSURE, name);
    memcpy(store_edit(risk->store, key.data, key.size, risk->value.size), risk->value.data, risk->value.size);
}

/* The list has changed: its summary in the wallet, what neighbours must hear of, the record. */
static void list_changed(risk_t *risk, wallet_t *wallet, text_t name, exposure_header_t header, bool nearer) {
    bool fresh = false;
    memset(wallet->hops, 0, sizeof wallet->hops);
    for (int i = 0; i < risk->list.count; i++) {
        exposure_t *exposure = &risk->list.items[i];
        if (!wallet->out_degree || !passes(risk, wallet, exposure)) exposure->fresh = 0;
        if (exposure->fresh) fresh = true;
        uint8_t *hops = &wallet->hops[exposure->category];
        if (*hops == 0) *hops = (uint8_t)(exposure->hops + 1);
    }
    if (fresh && nearer) {
        if (header.sweep_left == 0) names_add(&risk->to_push, name, (text_t){"", 0}, NULL);
        header.sweep_left = wallet->out_degree;
    }
    list_write(risk, name, header);
    risk_mark_changed(risk, wallet, name, (text_t){"", 0});
}

static exposure_header_t header_copy(const exposure_header_t *header) {
    return header ? *header : (exposure_header_t){.version = EXPOSURE_VERSION};
}

void exposures_relax(risk_t *risk, text_t name, text_t via, text_t tx_id, const exposures_t *offered) {
    exposure_header_t header = header_copy(exposures_load(risk, name));
    bool nearer = false, changed = false;
    for (int i = 0; i < offered->count; i++) {
        exposure_t exposure = offered->items[i];
        if (exposure.hops >= risk->rules->max_hops || !rules_is_risk(risk->rules, exposure.category))
            continue;
        exposure.hops++;
        exposure.via = via;
        exposure.tx_id = tx_id;
        exposure.fresh = 1;
        exposure_change_t change = exposures_insert(&risk->list, risk->rules->nearest, &exposure);
        nearer |= change == EXPOSURE_NEARER;
        changed |= change != EXPOSURE_SAME;
    }
    if (changed) list_changed(risk, risk_wallet(risk, name), name, header, nearer);
}

void exposures_set_own(risk_t *risk, wallet_t *wallet, text_t name, category_t before) {
    exposure_header_t header = header_copy(exposures_load(risk, name));
    if (before != CATEGORY_COUNT) {
        exposures_remove_own(&risk->list, before);
        /* What came to a service goes on from here once it is none any more. */
        if (risk->rules->categories[before].service)
            for (int i = 0; i < risk->list.count; i++) risk->list.items[i].fresh = 1;
    }
    if (wallet->label && rules_is_risk(risk->rules, wallet->label - 1u)) {
        exposure_t own = {.category = (uint8_t)(wallet->label - 1), .fresh = 1, .label = name};
        exposures_insert(&risk->list, risk->rules->nearest, &own);
    }
    list_changed(risk, wallet, name, header, true);
}

void exposures_neighbour_added(risk_t *risk, text_t name) {
    wallet_key_t key;
    key_of_name(&key, KEY_EXPOSURE, name);
    size_t size = sizeof(exposure_header_t);
    store_get(risk->store, key.data, key.size, &size);
    exposure_header_t *header = store_edit(risk->store, key.data, key.size, size);
    header->sweep_left++;
}

static void send_page(risk_t *risk, text_t name) {
    buf_reset(&risk->event);
    event_add_page(&risk->event, name);
    risk->out.send(risk->out.context, name.data, name.size, risk->event.data, risk->event.size, true);
}

/* Sends what is fresh to the neighbours from `sweep_next` on. */
static void send_to_neighbours(risk_t *risk, const wallet_t *wallet, text_t name, exposure_header_t *header) {
    uint32_t number = wallet->number, degree = wallet->out_degree;
    buf_reset(&risk->event);
    event_add_exposure_head(&risk->event, name, &risk->passing);
    size_t head_size = risk->event.size;
    for (int i = 0; i < PUSH_PAGE_EDGES && header->sweep_left > 0; i++, header->sweep_left--) {
        text_t neighbour = edge_receiver(risk->store, number, header->sweep_next % degree);
        header->sweep_next = (header->sweep_next + 1) % degree;
        if (neighbour.size == 0) continue; /* a failed read, which the store reports */
        risk->event.size = head_size;
        const edge_t *edge = edge_find(risk->store, number, neighbour);
        event_add_exposure_wallet(&risk->event, neighbour, edge ? edge_earliest(edge) : (text_t){"", 0});
        risk->out.send(risk->out.context, neighbour.data, neighbour.size, risk->event.data, risk->event.size,
                       false);
    }
}

void exposures_push(risk_t *risk, text_t name, bool is_page) {
    const exposure_header_t *record = exposures_load(risk, name);
    wallet_t wallet;
    if (!record || record->sweep_left == 0 || !wallet_read(risk->store, name, &wallet)) return;
    /* Neighbours that are told later are told less often: by then more may have come together. */
    if (!is_page && wallet.out_degree > PUSH_DIRECT_EDGES) {
        send_page(risk, name);
        return;
    }
    exposure_header_t header = *record;
    exposures_select_passing(risk, &wallet, true);
    if (risk->passing.count)
        send_to_neighbours(risk, &wallet, name, &header);
    else
        header.sweep_left = 0;
    if (header.sweep_left == 0)
        for (int i = 0; i < risk->list.count; i++) risk->list.items[i].fresh = 0;
    list_write(risk, name, header);
    if (header.sweep_left > 0) send_page(risk, name);
}
