/* An edge of the wallet graph: all transfers from one wallet to another. Kept twice: at the sender and at the
 * receiver.
 *
 * Layout: edge_t, then the earliest transfer's id, then the recent ones, oldest first, each a uint16 size and
 * its bytes. */
#pragma once

#include "common/store.h"
#include "risk/transfer.h"
#include "risk/wallet.h"

#include <stdbool.h>
#include <stdint.h>

enum { EDGE_VERSION = 1 };

typedef struct {
    uint8_t version;
    uint8_t recent_count; /* at most EDGE_RECENT_MAX */
    uint16_t earliest_size;
    uint32_t index; /* among the wallet's neighbours on this side, in order of first transfer */
    uint64_t count;
    int64_t last_ms;
    int64_t earliest_ms; /* by event time, then by id, so that the order of arrival does not matter */
} edge_t;

/* What a transfer did to its edge. */
typedef struct {
    bool is_new;
    int64_t last_ms; /* before the transfer; means nothing where the edge is new */
} edge_hit_t;

/* Applies a transfer to the record at the sender, or at the receiver. A new edge takes the wallet's degree on
 * that side as its index and raises it. */
edge_hit_t edge_apply_out(store_t *store, wallet_t *wallet, text_t receiver, text_t tx_id, int64_t ms);
edge_hit_t edge_apply_in(store_t *store, wallet_t *wallet, text_t sender, text_t tx_id, int64_t ms);

/* NULL where there is none. `kind` is KEY_EDGE_OUT or KEY_EDGE_IN. */
const edge_t *edge_find(store_t *store, char kind, uint32_t number, text_t name);
/* The neighbour's name, in the store's memory; size 0 where there is none. `kind` is KEY_NEIGHBOUR_OUT or
 * _IN. */
text_t edge_neighbour(store_t *store, char kind, uint32_t number, uint32_t index);

text_t edge_earliest(const edge_t *edge);
text_t edge_latest(const edge_t *edge); /* of those it names, the last that arrived */
