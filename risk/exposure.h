/* Exposure: for each wallet, direction and category the k nearest labelled wallets, with the hops and the
 * neighbour that leads there.
 *
 * Entries have one fixed order, (hops, label, via), and a label stands once in a category. A neighbour's k
 * nearest, one hop further away, hold all that can be among a wallet's own k nearest through that neighbour:
 * what k labels precede there, the same k precede here. So lists that satisfy
 *
 *     list of v = the k first of v's own label and, one hop further away, what its neighbours pass on
 *
 * equal those of a breadth-first search, whatever the order in which they came about. A wallet passes on the
 * entries of less than max_hops; a service only its own label.
 *
 * How lists come to satisfy it (a distance-vector protocol; exposure_hear.c, exposure_tell.c):
 *
 * - Tell: what a wallet passes on has a version, which each change raises, and each neighbour is told the
 * whole of it. Who hears it replaces all that it had through the teller, unless it heard a later version
 * before. So repetition and overtaking do no harm, and what a neighbour has withdrawn goes away as surely as
 * what is new comes.
 * - Ask: an entry that leaves a list may have kept out others: of the same label on another way, or of labels
 *   beyond the k-th. Unless k entries that precede it stand in its place, the wallet asks its neighbours to
 * tell it again.
 * - A neighbour that is new is told at once; and asked, where it was heard of before its edge.
 *
 * Why that is enough, once graph and labels rest: entries of hops 0 are right. Where all entries up to h hops
 * are right and stay so, each neighbour's newest version is told, so an entry of h + 1 hops without a cause
 * goes. One with a cause was told: if it was turned away, then by entries that precede it; if these are
 * right, so was that, and if they go, it is asked for. And it comes to rest: an entry without a cause can
 * only cause ones of more hops, of which there are max_hops.
 *
 * Layout of 'x', 'y', 'e' (by direction) + wallet: exposure_header_t, then the entries by category and order.
 * Also in events, where an entry has no via and no transfer. */
#pragma once

#include "common/buf.h"
#include "risk/category.h"
#include "risk/direction.h"
#include "risk/limits.h"
#include "risk/ring.h"
#include "risk/rules.h"
#include "risk/transfer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EXPOSURE_VERSION = 1, EXPOSURES_MAX = CATEGORY_COUNT * NEAREST_MAX, CONFIDENCE_FULL = 10000 };

typedef struct {
    uint8_t version;
    uint8_t unused;
    uint16_t count;
    uint32_t passed_version; /* of what neighbours get; 0: never anything */
    sweep_t tell;
    sweep_t ask;
} exposure_header_t;

typedef struct {
    uint8_t category;
    uint8_t hops;        /* 0: the wallet itself is labelled; then label is its own name and via is empty */
    uint16_t confidence; /* of the label, of CONFIDENCE_FULL */
    text_t label;
    text_t via;
    text_t tx_id; /* a transfer from via, its earliest when the entry came; empty where via is the receiver */
} exposure_t;

typedef struct {
    int count;
    exposure_t items[EXPOSURES_MAX + 1]; /* one more, while an insertion pushes another out */
} exposures_t;

/* Reads `count` entries; texts point into `data`. False where the bytes are no entries or are more than
 * them. */
bool exposures_read(const void *data, size_t size, size_t count, exposures_t *out);
void exposure_write(buf_t *out, const exposure_t *exposure);
void exposures_copy(exposures_t *to, const exposures_t *from);

/* Takes an entry in where it belongs among the `nearest` of its category, if it does. */
void exposures_insert(exposures_t *list, int nearest, const exposure_t *exposure);
/* Takes out what came through a neighbour; of an empty `via` the wallet's own label. */
void exposures_remove_via(exposures_t *list, text_t via);
/* Same entries; what differs in `tx_id` alone is the same. */
bool exposures_equal(const exposures_t *a, const exposures_t *b);
/* An entry has left that may have kept out others, which are not in the list now. */
bool exposures_lack(const exposures_t *before, const exposures_t *list, int nearest);
/* The nearest of the category, NULL where there is none. */
const exposure_t *exposures_nearest(const exposures_t *list, category_t category);
