/* How unexpected a first transfer between two wallets is, in bits, measured against what the task's own
 * stream brings.
 *
 * Money is laundered over relations without a past, but a first transfer says little by itself: a shop has
 * new customers every day. So each side's past puts the transfer into one of a few classes, and the rarer a
 * class is among the recent transfers of the task, the more bits the transfer has: −log₂ of the class's
 * share. What is rare is learnt as it comes, without labels: at the start of a stream, when all relations are
 * new, none has many bits, and a stream of newcomers makes newcomers usual.
 *
 * The counts fade with a half-life of event time. A transfer that is dated far ahead fades them once, by
 * half; until that time they then do not fade. */
#pragma once

#include "risk/edge.h"
#include "risk/past.h"

#include <stdbool.h>
#include <stdint.h>

/* Half-life of the counts here and of those in past.h; how long a wallet that began to send (or to receive)
 * is young at it. */
#define NOVELTY_HALF_LIFE_DAYS 10.0
#define NOVELTY_YOUNG_DAYS     14.0

/* Of a side's past before the transfer: it never sent (received); began to less than NOVELTY_YOUNG_DAYS ago;
 * else by the part of what it sent (received) that was the first with its counterparty. A sender that often
 * has new receivers has a rhythm, and is of a class of its own when it is out of that. */
enum { NOVELTY_CLASSES = 9, NOVELTY_VERSION = 1 };

typedef struct {
    double senders[NOVELTY_CLASSES];   /* of all transfers; [0]: the edge is not new */
    double receivers[NOVELTY_CLASSES]; /* of first transfers */
    double firsts[2];                  /* first transfers, in and out */
    double newcomers[2]; /* of these, with a counterparty that is a newcomer (detectors/newcomers.h) */
} novelty_counts_t;

enum { NOVELTY_COUNTS = sizeof(novelty_counts_t) / sizeof(double) };

/* 'r': one record in a task. What is rare must not depend on how many tasks there are, and a task of many
 * sees too little by itself; so each tells its counts to all, itself too, from time to time. */
typedef struct {
    uint8_t version;
    uint8_t unused[3];
    uint32_t untold_count; /* how often something was counted in `untold` */
    int64_t newest_ms;
    int64_t told_ms;         /* event time when it last told */
    novelty_counts_t told;   /* by all tasks */
    novelty_counts_t untold; /* of this task, since it last told */
} novelty_rates_t;

/* Counts the transfer, and returns the bits of the sender's class; 0 where the edge is not new. */
float novelty_of_sender(store_t *store, const past_t *sender, const edge_hit_t *hit, int64_t ms);
/* Where the edge is new; at the receiver. */
float novelty_of_receiver(store_t *store, const past_t *receiver, int64_t ms);
/* A first transfer from (0) or to (1) others, and that its counterparty was a newcomer. The share is that
 * before; near 1 while little is known. */
void novelty_count_first(store_t *store, int side, int64_t ms);
float novelty_count_newcomer(store_t *store, int side, int64_t ms);
/* True where the task is to tell its counts: about once in an event day, more often where they are a good
 * part of all that is known, and each time more seldom the more that is. Takes them into `out`. */
bool novelty_take_untold(store_t *store, novelty_counts_t *out, int64_t *ms);
/* What a task has told. */
void novelty_hear(store_t *store, const novelty_counts_t *told, int64_t ms);
/* Of the whole transfer. Most of what makes a receiver unusual the sender's class already says, so the
 * receiver's bits count half. */
static inline float novelty_bits(float sender_bits, float receiver_bits) {
    return sender_bits + receiver_bits / 2;
}
