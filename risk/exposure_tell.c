/* What a wallet tells its neighbours of its lists and asks of theirs. */
#include "risk/model.h"

#include "risk/text.h"

#include <string.h>

/* Wallets that still have neighbours to tell or ask, in an event for when there is time: each a uint16 size
 * and a name. All of them are this task's. */
static void page_send(risk_t *risk) {
    uint16_t size;
    if (!risk->page.size) return;
    memcpy(&size, risk->page.data, sizeof size);
    text_t first = {risk->page.data + sizeof size, size};
    buf_reset(&risk->event);
    event_add_page(&risk->event, first, risk->page.data, risk->page.size);
    risk->out.send(risk->out.context, first.data, first.size, risk->event.data, risk->event.size, true);
    buf_reset(&risk->page);
    risk->page_count = 0;
}

static void page_add(risk_t *risk, text_t name) {
    uint16_t size = (uint16_t)name.size;
    buf_add(&risk->page, &size, sizeof size);
    buf_add(&risk->page, name.data, name.size);
    if (++risk->page_count == PUSH_PAGE_WALLETS) page_send(risk);
}

static void send_ask(risk_t *risk, direction_t direction, text_t name, text_t neighbour) {
    buf_reset(&risk->event);
    event_add_ask(&risk->event, direction, name, neighbour);
    risk->out.send(risk->out.context, neighbour.data, neighbour.size, risk->event.data, risk->event.size,
                   false);
}

/* What the wallet passes on, up to whom it is for, into risk->event. */
static void begin_telling(risk_t *risk, direction_t direction, const wallet_t *wallet, text_t name,
                          uint32_t passed_version) {
    exposures_select_passing(risk->rules, wallet->label, &risk->lists[direction], &risk->passing);
    buf_reset(&risk->event);
    event_add_exposure_head(&risk->event, direction, name, passed_version, &risk->passing);
}

/* An entry that comes along an edge names its earliest transfer; of one against it the hearer has the edge.
 */
static void tell_one(risk_t *risk, const wallet_t *wallet, text_t neighbour, bool along_edge) {
    size_t head_size = risk->event.size;
    const edge_t *edge = along_edge ? edge_find(risk->store, wallet->number, neighbour) : NULL;
    event_add_exposure_wallet(&risk->event, neighbour, edge ? edge_earliest(edge) : (text_t){"", 0});
    risk->out.send(risk->out.context, neighbour.data, neighbour.size, risk->event.data, risk->event.size,
                   false);
    risk->event.size = head_size;
}

static uint32_t tell_some(risk_t *risk, direction_t direction, const wallet_t *wallet, text_t name,
                          exposure_header_t *header, uint32_t most) {
    uint32_t steps = 0;
    begin_telling(risk, direction, wallet, name, header->passed_version);
    for (; steps < most && header->tell.left; steps++) {
        neighbour_t neighbour = sweep_step(&header->tell, risk->store, wallet, exposures_told(direction));
        if (neighbour.name.size && !text_equal(neighbour.name, name))
            tell_one(risk, wallet, neighbour.name, neighbour.is_receiver);
    }
    return steps;
}

static uint32_t ask_some(risk_t *risk, direction_t direction, const wallet_t *wallet, text_t name,
                         exposure_header_t *header, uint32_t most) {
    uint32_t steps = 0;
    for (; steps < most && header->ask.left; steps++) {
        neighbour_t neighbour = sweep_step(&header->ask, risk->store, wallet, exposures_asked(direction));
        if (neighbour.name.size && !text_equal(neighbour.name, name))
            send_ask(risk, direction, name, neighbour.name);
    }
    return steps;
}

/* What is gone is told before more is asked for, so that fewer tell it back. */
static uint32_t sweep_some(risk_t *risk, wallet_t *wallet, text_t name, uint32_t most) {
    uint32_t left = most;
    for (direction_t direction = 0; direction < DIRECTION_COUNT && left; direction++) {
        if (!(wallet->sweeping & (1u << SWEEP_TELL | 1u << SWEEP_ASK) << direction)) continue;
        exposure_header_t header = exposures_load(risk, direction, name);
        if (header.tell.left) left -= tell_some(risk, direction, wallet, name, &header, left);
        if (header.ask.left) left -= ask_some(risk, direction, wallet, name, &header, left);
        if (!header.tell.left) wallet->sweeping &= (uint8_t) ~(1u << (SWEEP_TELL + direction));
        if (!header.ask.left) wallet->sweeping &= (uint8_t) ~(1u << (SWEEP_ASK + direction));
        *exposures_edit_header(risk, direction, name) = header;
    }
    return most - left;
}

static uint32_t most_neighbours(const wallet_t *wallet) {
    return wallet->out_degree > wallet->in_degree ? wallet->out_degree : wallet->in_degree;
}

static uint32_t push_some(risk_t *risk, text_t name, uint32_t most) {
    wallet_t known;
    if (!wallet_read(risk->store, name, &known) || !known.sweeping) return 0;
    wallet_t *wallet = risk_wallet(risk, name);
    uint32_t steps = sweep_some(risk, wallet, name, most);
    if (wallet->sweeping) page_add(risk, name);
    return steps;
}

/* Neighbours that are told later are told less often: by then more may have come together. */
static bool is_for_page(risk_t *risk, text_t name) {
    wallet_t wallet;
    return risk->pushed >= PUSH_DIRECT_MAX ||
           (wallet_read(risk->store, name, &wallet) && most_neighbours(&wallet) > PUSH_DIRECT_EDGES);
}

void exposures_push(risk_t *risk) {
    for (size_t i = 0; i < risk->to_push.count; i++) {
        text_t name = names_name(&risk->to_push, i);
        if (is_for_page(risk, name))
            page_add(risk, name);
        else
            risk->pushed += push_some(risk, name, PUSH_PAGE_EDGES);
    }
    names_reset(&risk->to_push);
    page_send(risk);
}

void exposures_go_on(risk_t *risk, const event_t *event) {
    uint32_t left = PUSH_PAGE_EDGES;
    /* The event's bytes may go when something is sent. */
    buf_reset(&risk->page_read);
    buf_add(&risk->page_read, event->value, event->value_size);
    uint16_t size;
    for (size_t at = 0; at + sizeof size < risk->page_read.size; at += sizeof size + size) {
        memcpy(&size, risk->page_read.data + at, sizeof size);
        if (size > WALLET_SIZE_MAX || at + sizeof size + size > risk->page_read.size) break;
        text_t name = {risk->page_read.data + at + sizeof size, size};
        if (left)
            left -= push_some(risk, name, left);
        else
            page_add(risk, name);
    }
    page_send(risk);
}

void exposures_answer(risk_t *risk, const event_t *event) {
    direction_t direction = event->direction;
    wallet_t wallet;
    if (!wallet_read(risk->store, event->wallet, &wallet) || !wallet_is_exposed(&wallet, direction)) return;
    exposure_header_t header = exposures_load(risk, direction, event->wallet);
    begin_telling(risk, direction, &wallet, event->wallet, header.passed_version);
    if (risk->passing.count) tell_one(risk, &wallet, event->teller, direction != DIRECTION_DESTINATION);
}

/* The ring that has grown at its end; a sweep has the new places before it too. */
static void sweep_grow(sweep_t *sweep, ring_t ring, const wallet_t *wallet, ring_t grown) {
    uint32_t out_before = wallet->out_degree - (grown == RING_RECEIVERS);
    uint32_t in_before = wallet->in_degree - (grown == RING_SENDERS);
    if (sweep->left)
        sweep->left +=
            ring_size(ring, wallet->out_degree, wallet->in_degree) - ring_size(ring, out_before, in_before);
}

void exposures_neighbour_added(risk_t *risk, const wallet_t *wallet, text_t name, text_t neighbour,
                               ring_t grown) {
    if (!wallet->listed) return;
    for (direction_t direction = 0; direction < DIRECTION_COUNT; direction++) {
        if (!(wallet->listed & 1u << direction)) continue;
        exposure_header_t header = exposures_load(risk, direction, name);
        ring_t told = exposures_told(direction), asked = exposures_asked(direction);
        if (header.tell.left || header.ask.left) {
            sweep_grow(&header.tell, told, wallet, grown);
            sweep_grow(&header.ask, asked, wallet, grown);
            *exposures_edit_header(risk, direction, name) = header;
            exposures_load(risk, direction, name);
        }
        if (text_equal(name, neighbour)) continue;
        if ((told == grown || told == RING_BOTH) && header.passed_version) {
            begin_telling(risk, direction, wallet, name, header.passed_version);
            tell_one(risk, wallet, neighbour, grown == RING_RECEIVERS);
        }
        /* Only what a sender tells can come before its credit; asks that went round until then left it out.
         */
        if (grown == RING_SENDERS && asked != RING_RECEIVERS &&
            exposures_heard_of(risk, wallet, direction, neighbour))
            send_ask(risk, direction, name, neighbour);
    }
}
