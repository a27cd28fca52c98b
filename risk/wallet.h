/* A wallet as the store keeps it, and the keys of everything that is kept about it.
 *
 * What is touched by every transfer is in the wallet record, which has a fixed size; what grows has keys of
 * its own.
 *
 * Numbers, hours and indexes in keys are four bytes, big-endian; values are little-endian structs whose first
 * byte is a version. */
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

/* Each key's name and letter; then what follows the letter (numbers are wallets'), and what it holds. */
#define KEYS(ROW)                                                                                            \
    ROW(WALLET, 'w')               /* + name: wallet_t */                                                    \
    ROW(NUMBERS, 'c')              /* numbers_t: the next wallet number */                                   \
    ROW(EDGE, 'o')                 /* + number + receiver: edge_t (edge.h) */                                \
    ROW(RECEIVER, 'n')             /* + number + index, in order of first transfer: a receiver's name */     \
    ROW(SENDER, 'p')               /* + number + index, likewise: sender_t and first transfer (edge.h) */    \
    ROW(EXPOSURE_SOURCE, 'x')      /* + name: exposures of this direction (exposure.h) */                    \
    ROW(EXPOSURE_DESTINATION, 'y') /* likewise */                                                            \
    ROW(EXPOSURE_EITHER, 'e')      /* likewise */                                                            \
    ROW(HEARD, 'k')                /* + number + neighbour: its exposures heard (exposure_hear.c) */         \
    ROW(FOLLOWED, 'E')             /* which rules the exposures follow (exposure_rules.c) */                 \
    ROW(LABEL, 'l')                /* + name: the wallet's own label (label.h) */                            \
    ROW(FINDINGS, 'f')             /* + number: what its detectors found (findings.h) */                     \
    ROW(JOURNAL, 'j')              /* + number + detector, a byte: transfers it remembers (journal.h) */     \
    ROW(CASE, 'g')                 /* + number: its case, or that which it is the root of (case.h) */        \
    ROW(NEWCOMERS, 'q')            /* + number + side: newcomers it met (detectors/newcomers.h) */           \
    ROW(NOVELTY, 'r')              /* what kinds of transfers are usual in this task (novelty.h) */          \
    ROW(BALANCE, 'b')              /* + number + asset: balance of one that is not its first (taint.h) */    \
    ROW(TAINT, 'h')                /* + number: tainted amounts (taint.h) */                                 \
    ROW(PRICE, 'a')                /* + asset: its price (price.h) */                                        \
    ROW(RULES, 'R')                /* the last reload of the rules (control.c) */                            \
    ROW(NAME, 'N')                 /* + number: the wallet's name */                                         \
    ROW(FADE, 'S')                 /* stream time, and where the queue of fading wallets is (fade.h) */      \
    ROW(DUE, 'D')                  /* + hour + index: a wallet whose score falls in that hour (fade.h) */    \
    ROW(DUE_COUNT, 'Q')            /* + hour: how many they are */                                           \
    ROW(RUN, 'U')                  /* + run id: a scoring run in this task (runs.c) */                       \
    ROW(RUN_SUM, 'A')              /* + run id: a scoring run in all tasks */                                \
    ROW(RUN_PART, 'B')             /* + partition + run id: what a partition told of it */

#define KEY_LETTER(name_, letter_) KEY_##name_ = letter_,
enum { KEYS(KEY_LETTER) };
#undef KEY_LETTER

/* A bit for each letter: added up they are the same as put together only where none comes twice. */
#define KEY_ADDED(name_, letter_) +(UINT64_C(1) << (letter_ - 'A'))
#define KEY_PUT(name_, letter_)   | (UINT64_C(1) << (letter_ - 'A'))
_Static_assert((0 KEYS(KEY_ADDED)) == (0 KEYS(KEY_PUT)), "two keys have the same letter");
#undef KEY_ADDED
#undef KEY_PUT

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
