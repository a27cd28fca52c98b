/* Exposure: for each wallet and category the k nearest labelled wallets whose value came to it, with the hops
 * and the neighbour it came through.
 *
 * Entries have one fixed order, (hops, label, via), and a label stands once in a category. A neighbour's k
 * nearest, one hop further away, hold all that can be among a wallet's own k nearest through that neighbour
 * (what k labels precede there, the same k precede here), and a list only ever gets better. So the lists do
 * not depend on the order of transfers, labels and updates, nor on repetition, and equal those of a
 * breadth-first search. (Bellman-Ford relaxation, with the k best in place of the best.)
 *
 * Layout of 'x' + wallet: exposure_header_t, then the entries by category and order. Also in events, where an
 * entry has no via and no transfer. */
#pragma once

#include "common/buf.h"
#include "risk/category.h"
#include "risk/limits.h"
#include "risk/rules.h"
#include "risk/transfer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EXPOSURE_VERSION = 1, EXPOSURES_MAX = CATEGORY_COUNT * NEAREST_MAX };

typedef struct {
    uint8_t version;
    uint8_t unused;
    uint16_t count;
    /* The sweep that tells neighbours of fresh entries: it goes round the neighbours' indexes, and each
     * change while it is under way makes it go all the way round again. */
    uint32_t sweep_next; /* index of the next neighbour to tell */
    uint32_t sweep_left; /* neighbours still to be told; 0: no sweep is under way */
    uint32_t unused_too;
} exposure_header_t;

typedef struct {
    uint8_t category;
    uint8_t hops;  /* 0: the wallet itself is labelled; then label is its own name and via is empty */
    uint8_t fresh; /* neighbours have not all heard of it */
    text_t label;
    text_t via;
    text_t tx_id; /* a transfer from via, its earliest when the entry came, for alerts; empty where via is */
} exposure_t;

typedef struct {
    int count;
    exposure_t items[EXPOSURES_MAX + 1]; /* one more, while an insertion pushes another out */
} exposures_t;

/* Reads `count` entries; texts point into `data`. False where the bytes are no entries or are more than
 * them. */
bool exposures_read(const void *data, size_t size, size_t count, exposures_t *out);
void exposure_write(buf_t *out, const exposure_t *exposure);

typedef enum {
    EXPOSURE_SAME,
    EXPOSURE_OTHER_VIA, /* as near as before, through a neighbour that comes first in the order */
    EXPOSURE_NEARER,    /* of interest to neighbours */
} exposure_change_t;

/* Takes an entry in where it belongs among the `nearest` of its category. */
exposure_change_t exposures_insert(exposures_t *list, int nearest, const exposure_t *exposure);
/* Takes out the entry of hops 0 of this category. False where there is none. */
bool exposures_remove_own(exposures_t *list, category_t category);
/* The nearest of the category, NULL where there is none. */
const exposure_t *exposures_nearest(const exposures_t *list, category_t category);
