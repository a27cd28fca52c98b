/* The vector that a transfer is judged by: what the detectors see of it, as numbers for the model.
 *
 * Taken when the transfer reaches its receiver, from what was known just before it; what comes later does not
 * count. Only relations and amounts: no ids, no absolute times, no positions. */
#pragma once

#include "risk/edge.h"
#include "risk/past.h"

typedef struct {
    double value; /* in the reference currency */
    edge_hit_t hit;
    int64_t ms;
    past_t sender;
    past_t receiver;
    float sender_bits; /* novelty.h */
    float receiver_bits;
} features_of_t;

/* One side's features; PREFIX is sender or receiver. */
#define FEATURES_OF_SIDE(X, PREFIX, SIDE)                                                                    \
    X(PREFIX##_SENT_COUNT, SIDE "_sent_count")                                                               \
    X(PREFIX##_RECEIVED_COUNT, SIDE "_received_count")                                                       \
    X(PREFIX##_OUT_DEGREE, SIDE "_out_degree")                                                               \
    X(PREFIX##_IN_DEGREE, SIDE "_in_degree")                                                                 \
    X(PREFIX##_SENT_NEW_SHARE, SIDE "_sent_new_share")         /* receivers a transfer sent */               \
    X(PREFIX##_RECEIVED_NEW_SHARE, SIDE "_received_new_share") /* senders a transfer received */             \
    X(PREFIX##_FIRST_SENT_DAYS, SIDE "_first_sent_days")       /* ago; -1: never */                          \
    X(PREFIX##_FIRST_RECEIVED_DAYS, SIDE "_first_received_days")                                             \
    X(PREFIX##_LAST_SENT_DAYS, SIDE "_last_sent_days")                                                       \
    X(PREFIX##_LAST_RECEIVED_DAYS, SIDE "_last_received_days")                                               \
    X(PREFIX##_FRESH_SENT_DAYS, SIDE "_fresh_sent_days")                                                     \
    X(PREFIX##_FRESH_RECEIVED_DAYS, SIDE "_fresh_received_days")                                             \
    X(PREFIX##_FRESH_SENT, SIDE "_fresh_sent") /* faded counts */                                            \
    X(PREFIX##_FRESH_RECEIVED, SIDE "_fresh_received")                                                       \
    X(PREFIX##_BITS_SENT, SIDE "_bits_sent")                                                                 \
    X(PREFIX##_BITS_RECEIVED, SIDE "_bits_received")                                                         \
    X(PREFIX##_VALUE_OF_SENT, SIDE "_value_of_sent") /* the value as a part of the mean; -1: no mean */      \
    X(PREFIX##_VALUE_OF_RECEIVED, SIDE "_value_of_received")

#define FEATURES(X)                                                                                          \
    X(EDGE_IS_NEW, "edge_is_new")                                                                            \
    X(EDGE_LAST_DAYS, "edge_last_days") /* since the last transfer on this edge; -1: it is new */            \
    X(VALUE_LOG, "value_log")           /* of 1 + value */                                                   \
    X(SENDER_BITS, "sender_bits")                                                                            \
    X(RECEIVER_BITS, "receiver_bits")                                                                        \
    FEATURES_OF_SIDE(X, SENDER, "sender")                                                                    \
    FEATURES_OF_SIDE(X, RECEIVER, "receiver")

typedef enum {
#define X(id_, name_) FEATURE_##id_,
    FEATURES(X)
#undef X
        FEATURE_COUNT
} feature_t;

typedef struct {
    float values[FEATURE_COUNT];
} features_t;

extern const char *const feature_names[FEATURE_COUNT];

void features_fill(features_t *features, const features_of_t *of);
