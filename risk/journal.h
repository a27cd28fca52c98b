/* The few transfers of a wallet that a detector has to remember, and to name in an alert.
 *
 * 'j' + number + detector → journal_head_t, then for each transfer, in order of
 * arrival, an int64 time, a double, a uint16 size and its id, a uint16 size and the counterparty. At most
 * JOURNAL_MAX of them, the oldest go first; so such a memory has at most JOURNAL_MAX · (20 + 2 ·
 * WALLET_SIZE_MAX) bytes, and about 60 a transfer as wallets are named in practice. */
#pragma once

#include "risk/detectors.h"

enum { JOURNAL_VERSION = 1 };

typedef struct {
    int64_t ms;
    double value; /* in the detector's own terms */
    text_t tx_id;
    text_t counterparty;
} journal_entry_t;

typedef struct {
    int count;
    double mark; /* for the detector */
    int64_t mark_ms;
    journal_entry_t entries[JOURNAL_MAX + 1];
} journal_t;

/* Empty where there is none. Texts are borrowed until it is written. */
void journal_read(store_t *store, detector_id_t detector, const wallet_t *wallet, journal_t *out);
/* Only what lies less than `window_ms` from the time, before or after: what a stray date left behind goes. */
void journal_keep(journal_t *journal, int64_t ms, int64_t window_ms);
void journal_add(journal_t *journal, const observation_t *observation, double value);
void journal_write(store_t *store, detector_id_t detector, const wallet_t *wallet, const journal_t *journal);
void journal_remove(store_t *store, detector_id_t detector, const wallet_t *wallet);

/* Names what lies less than a window before the observation's time, or after it. */
void journal_collect(detector_id_t detector, const observation_t *observation, const double *parameters,
                     evidence_t *evidence);
