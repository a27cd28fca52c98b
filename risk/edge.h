/* The wallet graph: an edge is all transfers from one wallet to another.
 *
 * It is kept at its sender, in whose task all its transfers pass; the receiver hears of what it must know
 * (whether the edge is new, when it was last hit) with each credit, and itself only lists its senders, each
 * with one record that never changes. So a transfer costs its receiver no read of an edge, and a write only
 * where the edge is new.
 *
 * Layout of 'o' + sender + receiver: edge_t, then the earliest transfer's id, then the recent ones, oldest
 * first, each a uint16 size and its bytes. Of 'n': the bare name. Of 'p': sender_t, then the transfer's id,
 * then the sender's name. */
#pragma once

#include "common/store.h"
#include "risk/transfer.h"
#include "risk/wallet.h"

#include <stdbool.h>
#include <stdint.h>

enum { EDGE_VERSION = 3, SENDER_VERSION = 1 };

typedef struct {
    uint8_t version;
    uint8_t recent_count; /* at most EDGE_RECENT_MAX */
    uint16_t earliest_size;
    uint32_t index; /* among the sender's receivers, in order of first transfer */
    uint64_t count;
    double value;   /* of all, in the reference currency; the last bits depend on the order of arrival */
    double tainted; /* of it, what was tainted when sent, by the category that tainted most */
    int64_t last_ms;
    int64_t earliest_ms; /* by event time, then by id, so that the order of arrival does not matter */
} edge_t;

typedef struct {
    uint8_t version;
    uint8_t unused;
    uint16_t tx_id_size;
    uint16_t name_size;
    uint16_t unused_too;
    int64_t first_ms;
} sender_t;

/* What a transfer did to its edge. */
typedef struct {
    bool is_new;
    int64_t last_ms; /* before the transfer; means nothing where the edge is new */
} edge_hit_t;

/* At the sender. A new edge takes the wallet's out-degree as its index and raises it. */
edge_hit_t edge_apply(store_t *store, wallet_t *wallet, text_t receiver, text_t tx_id, double value,
                      int64_t ms);
/* At the sender, after edge_apply. */
void edge_add_tainted(store_t *store, const wallet_t *wallet, text_t receiver, double value);
/* At the receiver, where the edge is new. The wallet's in-degree is the sender's index, and is raised. */
void edge_add_sender(store_t *store, wallet_t *wallet, text_t sender, text_t tx_id, int64_t ms);

/* NULL where there is none. */
const edge_t *edge_find(store_t *store, uint32_t number, text_t receiver);
/* The name, in the store's memory; size 0 where there is none. */
text_t edge_receiver(store_t *store, uint32_t number, uint32_t index);
/* NULL where there is none. */
const sender_t *edge_sender(store_t *store, uint32_t number, uint32_t index);

text_t edge_earliest(const edge_t *edge);
text_t edge_latest(const edge_t *edge); /* of those it names, the last that arrived */
/* All that it names, the earliest first, then the recent ones as they arrived; returns their count. */
int edge_transfers(const edge_t *edge, text_t out[EDGE_RECENT_MAX + 1]);
text_t sender_tx_id(const sender_t *sender);
text_t sender_name(const sender_t *sender);
