/* Taint: the part of a wallet's balance that came from labelled wallets, by category and asset.
 *
 * A wallet with the label of a risk category sends wholly tainted value, or as much of it as the label is
 * sure: there taint has its source. From then on a transfer carries the tainted share of its sender's balance (haircut). A service ends it: what
 * arrives there has left the books. The sender's balance is what we saw arrive, less what we saw leave; what
 * is sent beyond that was there before we watched, and counts as clean. Each category is an account of its
 * own: value that passed two sources is tainted by both.
 *
 * So over all wallets, by asset and category,
 *
 *     sourced = held + left + on its way,     0 <= held <= balance,
 *
 * to rounding, whatever the order of transfers and labels. By poison, the other method, a wallet that holds
 * any taint sends wholly tainted value and holds nothing clean; taint then grows as it spreads.
 *
 * Layout of 'h' + number: taint_header_t, then the entries by category and asset. Of 'b' + number + asset:
 * balance_t; the balance of the asset that the wallet saw first stands in its record. */
#pragma once

#include "common/buf.h"
#include "risk/category.h"
#include "risk/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TAINT_VERSION = 1, BALANCE_VERSION = 1 };

typedef enum { TAINT_HAIRCUT, TAINT_POISON, TAINT_OFF, TAINT_METHOD_COUNT } taint_method_t;

/* Bits of wallet_t.taint. */
enum {
    TAINT_KNOWN = 1, /* there is a record of taints */
    TAINT_HELD = 2,  /* and some of them hold something */
};

/* One category of one asset at one wallet; amounts in units of the asset. */
typedef struct {
    uint8_t category;
    bool others;   /* of all assets for which the list has no room: nothing is held */
    bool unpriced; /* some of `received_value` counted at 1 */
    text_t asset;  /* size 0: transfers that named none */
    double held;   /* part of the present balance */
    double received;
    double received_value; /* in the reference currency, as it was worth then */
    double sourced;        /* what the wallet's own label tainted as it was sent */
    double left;           /* what arrived while the wallet was a service, or was too small a part to go on */
} taint_t;

typedef struct {
    int count;
    taint_t items[TAINTS_MAX];
} taints_t;

typedef struct {
    uint8_t version;
    uint8_t count;
    uint8_t unused[6];
} taint_header_t;

typedef struct {
    uint8_t version;
    uint8_t unused[7];
    double amount;
} balance_t;

/* False where the bytes are no such record; then the list is empty. Texts point into them. */
bool taints_read(const void *data, size_t size, taints_t *out);
void taints_write(const taints_t *taints, buf_t *out);
/* The entry, made where there is none. Past TAINTS_MAX assets share one entry of the category. */
taint_t *taints_entry(taints_t *taints, category_t category, text_t asset);
/* What of the category came in, of all assets, in the reference currency. */
double taints_received_value(const taints_t *taints, category_t category, bool *unpriced);

/* Takes out of `held` what goes with `amount`, sent out of `balance`, and returns it: by haircut the held
 * share. 0 <= result <= amount, and what is left held is not above what is left of the balance. */
double taint_move(taint_t *from, taint_method_t method, double balance, double amount);
