/* What the detectors found of a wallet, each at its strongest, less what has faded since.
 *
 * Few wallets have findings, so they have a key of their own: 'f' + number → findings_t, then one finding_t
 * for each detector that ever found something, in the order in which they first did. The wallet's `found` has
 * a bit for each, so that wallets without findings cost no look at the store. */
#pragma once

#include "risk/wallet.h"

enum { FINDINGS_VERSION = 1 };

typedef struct {
    int64_t at_ms;      /* event time of `strength` and `value` */
    int64_t alerted_ms; /* event time of the last alert, where it `has_alerted` */
    float strength;     /* 0..1 at `at_ms` */
    float value;        /* what was counted, in the detector's own terms */
    float alerted_value;
    uint8_t detector;
    uint8_t has_alerted;
    uint8_t unpriced; /* it counts an asset without a price at 1 */
    uint8_t unused;
} finding_t;

typedef struct {
    uint8_t version;
    uint8_t count;
    uint8_t unused[2];
    uint32_t due_hour; /* in which the wallet is judged again (fade.h); 0: none */
    int64_t judged_ms; /* event time that it was judged at last without a transfer; 0: never */
    finding_t items[];
} findings_t;

/* NULL where there are none. */
const findings_t *findings_read(store_t *store, const wallet_t *wallet);
/* Where there are some: to change what is not of a detector. */
findings_t *findings_head_edit(store_t *store, const wallet_t *wallet);
/* The event time that the wallet's findings have faded to. */
int64_t findings_at_ms(const findings_t *findings, const wallet_t *wallet);
/* The detector's finding, made where there is none. Valid until the next one is made. */
finding_t *findings_edit(store_t *store, wallet_t *wallet, detector_id_t detector);
