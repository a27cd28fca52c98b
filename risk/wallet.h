/* A wallet as the store keeps it, and the keys of everything that is kept about it.
 *
 * What is touched by every transfer is in the wallet record, which has a fixed size; what grows has keys of
 * its own.
 *
 *     'w' + name                     wallet_t
 *     'c'                            numbers_t: the next wallet number
 *     'o' + number + receiver        edge_t (edge.h)
 *     'n' + number + index           name of the receiver with this index, index in order of first transfer
 *     'p' + number + index           sender_t: the sender with this index, and its first transfer (edge.h)
 *     'x', 'y', 'e' + name           exposures by direction (exposure.h)
 *     'k' + number + neighbour       which of its exposures were heard (exposure_hear.c)
 *     'E'                            which rules the exposures follow (exposure_rules.c)
 *     'l' + name                     the wallet's own label (label.h)
 *     'f' + number                   what its detectors found (findings.h)
 *     'j' + number + detector        transfers that a detector remembers (journal.h); the detector as a byte
 *     'g' + number                   the case it belongs to, or that it is the root of (case.h)
 *     'q' + number + side            newcomers among its counterparties (detectors/newcomers.h)
 *     'r'                            what kinds of transfers are usual in this task (novelty.h)
 *     'b' + number + asset           balance of an asset that is not the wallet's first (taint.h)
 *     'h' + number                   tainted amounts (taint.h)
 *     'a' + asset                    price of the asset (price.h)
 *     'R'                            the last reload of the rules (control.c)
 *     'N' + number                   the wallet's name
 *     'S'                            stream time, and where the queue of fading wallets is (fade.h)
 *     'D' + hour + index             a wallet whose score falls in that hour
 *     'Q' + hour                     how many they are
 *     'U' + run id                   a scoring run in this task (runs.c)
 *     'A' + run id                   a scoring run in all tasks
 *     'B' + partition + run id       what a partition told of it
 *
 * Numbers and indexes in keys are four bytes, big-endian; values are little-endian structs whose first byte
 * is a version. */
#pragma once

#include "common/store.h"
#include "risk/category.h"
#include "risk/direction.h"
#include "risk/limits.h"
#include "risk/total.h"
#include "risk/transfer.h"
#include "risk/window.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { WALLET_VERSION = 1, NUMBERS_VERSION = 1 };

enum {
    KEY_WALLET = 'w',
    KEY_NUMBERS = 'c',
    KEY_EDGE = 'o',
    KEY_RECEIVER = 'n',
    KEY_SENDER = 'p',
    KEY_EXPOSURE_SOURCE = 'x',
    KEY_EXPOSURE_DESTINATION = 'y',
    KEY_EXPOSURE_EITHER = 'e',
    KEY_HEARD = 'k',
    KEY_FOLLOWED = 'E',
    KEY_LABEL = 'l',
    KEY_FINDINGS = 'f',
    KEY_JOURNAL = 'j',
    KEY_NOVELTY = 'r',
    KEY_CASE = 'g',
    KEY_NEWCOMERS = 'q',
    KEY_BALANCE = 'b',
    KEY_TAINT = 'h',
    KEY_PRICE = 'a',
    KEY_RULES = 'R',
    KEY_NAME = 'N',
    KEY_RUN = 'U',
    KEY_FADE = 'S',
    KEY_DUE = 'D',
    KEY_DUE_COUNT = 'Q',
    KEY_RUN_SUM = 'A',
    KEY_RUN_PART = 'B',
};

/* Bits of a wallet's `watches`. */
enum { WATCH_PASS_THROUGH = 1, WATCH_DORMANT = 2 };

/* The rows of the table of detectors (detectors.h). The numbers are stored: only ever append. */
typedef enum {
    DETECTOR_FAN_IN,
    DETECTOR_FAN_OUT,
    DETECTOR_STRUCTURING,
    DETECTOR_VELOCITY,
    DETECTOR_NEW_RELATION,
    DETECTOR_NETWORK,
    DETECTOR_CHAIN,
    DETECTOR_PEEL_CHAIN,
    DETECTOR_CYCLE,
    DETECTOR_SCATTER_GATHER,
    DETECTOR_GATHER_SCATTER,
    DETECTOR_BIPARTITE,
    DETECTOR_STACK,
    DETECTOR_RAPID_PASS_THROUGH,
    DETECTOR_DORMANT_REACTIVATION,
    DETECTOR_DUSTING,
    DETECTOR_ROUND_AMOUNTS,
    DETECTOR_FIRST_SEEN_LARGE,
    DETECTOR_NEWCOMERS_IN,
    DETECTOR_NEWCOMERS_OUT,
    DETECTOR_MIXER_USE,
    DETECTOR_COUNT
} detector_id_t;

/* Bits of wallet_t.sweeping, each for the first direction. */
enum { SWEEP_TELL = 0, SWEEP_ASK = 4 };

/* Transfers that were the first with their counterparty, lately: faded as of the last of them (past.h). */
typedef struct {
    int64_t last_ms; /* event time; means nothing before the first */
    float count;
    float bits; /* of novelty */
} fresh_t;

typedef struct {
    uint8_t version;
    uint8_t label;   /* own category + 1; 0: none */
    uint8_t taint;   /* bits of taint.h */
    uint8_t listed;  /* bit per direction: exposures have been heard of or told */
    uint32_t number; /* in order of first sight in this task */
    /* Of the nearest labelled wallet + 1; 0: none within reach. */
    uint8_t hops[DIRECTION_COUNT][CATEGORY_COUNT];
    uint8_t exposure_alerted[DIRECTION_COUNT]; /* bit per category */
    uint8_t
        sweeping; /* SWEEP_… + direction: neighbours are still to be told or asked, which a page sees to */
    uint32_t changed; /* while a transaction is open: 1 + place in the list of changed wallets */
    uint32_t found;   /* bit per detector with a finding (findings.h) */
    bool has_case;    /* case.h */
    bool has_newest;
    uint8_t late_in_a_row;  /* transfers that came later than the grace period allows */
    uint8_t watches;        /* which detectors' memories are to be looked at */
    uint64_t score_version; /* of the last risk-scores record */
    uint64_t received_count;
    uint64_t sent_count;
    uint32_t in_degree;
    uint32_t out_degree;
    int64_t first_seen_ms; /* event times of transfers; both mean nothing before the first */
    int64_t last_seen_ms;
    total_t received;
    total_t sent;
    int64_t newest_ms;     /* event time as behaviour sees it (behaviour.c), where it `has_newest` */
    window_t senders;      /* by their first transfer; fan_in */
    window_t receivers;    /* likewise; fan_out */
    window_t sends;        /* transfers; velocity */
    int64_t first_sent_ms; /* event times; mean nothing before the first */
    int64_t first_received_ms;
    int64_t last_sent_ms;
    int64_t last_received_ms;
    fresh_t fresh_sent;
    fresh_t fresh_received;
    double received_value; /* in the reference currency, as it was worth then; in the order of arrival */
    double sent_value;
    uint64_t asset; /* hash of the asset that was received first, 0 before that */
    double balance; /* of it: what was seen to come, less what was seen to go, never below 0 */
} wallet_t;

_Static_assert(sizeof(wallet_t) <= 400, "each commit writes this for each wallet it touches");
_Static_assert(CATEGORY_COUNT <= 8, "exposure_alerted has a bit for each");
_Static_assert((int)DIRECTION_COUNT <= (int)SWEEP_ASK, "sweeping has a bit for each");
_Static_assert((int)DETECTOR_COUNT <= (int)DETECTORS_MAX, "found has a bit for each");

typedef struct {
    uint8_t version;
    uint8_t unused[3];
    uint32_t next;
} numbers_t;

typedef struct {
    size_t size;
    char data[1 + sizeof(uint32_t) + WALLET_SIZE_MAX];
} wallet_key_t;

void key_of_name(wallet_key_t *key, char kind, text_t name);
void key_of_edge(wallet_key_t *key, char kind, uint32_t number, text_t name);
void key_of_index(wallet_key_t *key, char kind, uint32_t number, uint32_t index);
void key_of_number(wallet_key_t *key, char kind, uint32_t number);

/* A copy, with zeros for what an older record lacks. False where the wallet is not known. */
bool wallet_read(store_t *store, text_t name, wallet_t *out);
/* Wallets of this task: their numbers are below this. */
uint32_t wallet_count(store_t *store);
/* In the store's memory; size 0 where there is none. */
text_t wallet_name(store_t *store, uint32_t number);
/* The wallet to be changed; made with the next number where it is not known, and then `*is_new`. */
wallet_t *wallet_edit(store_t *store, text_t name, bool *is_new);

static inline bool wallet_is_exposed(const wallet_t *wallet, direction_t direction) {
    uint64_t hops;
    _Static_assert(sizeof wallet->hops[direction] == sizeof hops, "all categories at once");
    memcpy(&hops, wallet->hops[direction], sizeof hops);
    return hops != 0;
}

static inline bool wallet_is_active(const wallet_t *wallet) {
    return wallet->received_count || wallet->sent_count;
}
