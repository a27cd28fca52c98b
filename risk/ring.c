#include "risk/ring.h"

uint32_t ring_size(ring_t ring, uint32_t out_degree, uint32_t in_degree) {
    if (ring == RING_RECEIVERS) return out_degree;
    if (ring == RING_SENDERS) return in_degree;
    return 2 * (out_degree > in_degree ? out_degree : in_degree);
}

static neighbour_t receiver_at(store_t *store, const wallet_t *wallet, uint32_t index) {
    text_t none = {"", 0};
    return (neighbour_t){index < wallet->out_degree ? edge_receiver(store, wallet->number, index) : none,
                         true};
}

static neighbour_t sender_at(store_t *store, const wallet_t *wallet, uint32_t index) {
    const sender_t *sender = index < wallet->in_degree ? edge_sender(store, wallet->number, index) : NULL;
    return (neighbour_t){sender ? sender_name(sender) : (text_t){"", 0}, false};
}

/* Of both sides in turn, so that the ring grows at its end whichever side does. */
neighbour_t ring_neighbour(store_t *store, const wallet_t *wallet, ring_t ring, uint32_t index) {
    if (ring == RING_RECEIVERS) return receiver_at(store, wallet, index);
    if (ring == RING_SENDERS) return sender_at(store, wallet, index);
    return index % 2 ? sender_at(store, wallet, index / 2) : receiver_at(store, wallet, index / 2);
}

neighbour_t sweep_step(sweep_t *sweep, store_t *store, const wallet_t *wallet, ring_t ring) {
    uint32_t size = ring_size(ring, wallet->out_degree, wallet->in_degree), index = sweep->next % size;
    sweep->next = (index + 1) % size;
    sweep->left--;
    return ring_neighbour(store, wallet, ring, index);
}
