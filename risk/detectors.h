/* The detectors: what a wallet's behaviour over a window of event time looks like.
 *
 * One file each in detectors/, one row in the table of detectors.c. A detector sees each transfer from its
 * side, at the wallet it judges, after the wallet and the edge have been updated, and says how strongly its
 * pattern shows now. */
#pragma once

#include "common/buf.h"
#include "risk/case_graph.h"
#include "risk/edge.h"
#include "risk/wallet.h"

typedef struct {
    const char *key; /* in the rules */
    double standard;
    double least, most;
} detector_parameter_t;

/* The first two parameters of each detector. */
enum { PARAMETER_WEIGHT, PARAMETER_WINDOW_HOURS };

/* SIDE_ANSWER: at the sender, when a new receiver has told that it is a newcomer. SIDE_TRANSFER: a reason of
 * a transfer, which no function of the table looks for. */
typedef enum { SIDE_SENDER, SIDE_RECEIVER, SIDE_EITHER, SIDE_ANSWER, SIDE_CASE, SIDE_TRANSFER } side_t;

typedef struct {
    store_t *store;
    wallet_t *wallet;
    text_t counterparty;
    text_t tx_id;
    text_t asset; /* size 0: none */
    double amount;
    double value;  /* of the amount in the reference currency; thresholds are in it */
    bool unpriced; /* the transfer's asset has no price: it counts at 1 */
    int64_t ms;
    edge_hit_t hit;
    side_t side;        /* the wallet's in this transfer, not SIDE_EITHER */
    int64_t silence_ms; /* since the wallet's newest transfer before; 0: none before, or none in between */
    double usual_value; /* mean of the wallet's transfers before; 0: too few */
    bool counterparty_is_mixer;    /* in its answer alone */
    bool counterparty_is_newcomer; /* detectors/newcomers.h; of a receiver, in its answer alone */
    float newcomer_share;          /* the usual part of newcomers among new counterparties */
} observation_t;

/* What an alert names. Texts are borrowed until the next write to the store. */
typedef struct {
    text_t tx_ids[EVIDENCE_TRANSFERS_MAX];
    text_t wallets[EVIDENCE_TRANSFERS_MAX];
    int tx_id_count;
    int wallet_count;
} evidence_t;

typedef struct {
    const char *name;                                         /* the alerts' typology and the reasons' code */
    side_t side;                                              /* whose wallet it judges */
    const char *value_name;                                   /* of what was counted, in evidence */
    detector_parameter_t parameters[DETECTOR_PARAMETERS_MAX]; /* ends with a NULL key */
    /* 0: the pattern does not show; up to 1. `value` is set where it shows. May change the wallet. */
    float (*observe)(const observation_t *observation, const double *parameters, float *value);
    void (*collect)(const observation_t *observation, const double *parameters, evidence_t *evidence);
    /* SIDE_CASE, in place of `observe`: the strongest such pattern. */
    case_pattern_t (*find)(const case_graph_t *graph, const double *parameters);
} detector_t;

extern const detector_t detectors[DETECTOR_COUNT];
/* Those whose finding depends on values: where the asset has no price, it says so. */
extern const bool detectors_by_value[DETECTOR_COUNT];

/* Adds what is not there yet while there is room. */
void evidence_add_transfer(evidence_t *evidence, text_t tx_id);
void evidence_add_wallet(evidence_t *evidence, text_t wallet);
/* The wallet's newest receivers whose first transfer is not before `since_ms`, and that transfer. */
void evidence_add_receivers(evidence_t *evidence, store_t *store, const wallet_t *wallet, int64_t since_ms);
/* The wallet's newest senders whose first transfer is not before `since_ms`, and that transfer. */
void evidence_add_senders(evidence_t *evidence, store_t *store, const wallet_t *wallet, int64_t since_ms);

/* A pattern shows from `least` on with strength 1/2, with 1 from twice as much. */
static inline float strength_above(double value, double least) {
    double strength = value / (2 * least);
    return (float)(strength < 1 ? strength : 1);
}

/* Likewise for digits (burst.h), which have no end: 2/3 from twice as many, 3/4 from three times. */
static inline float strength_of_digits(double digits, double least) {
    return (float)(digits / (digits + least));
}

static inline int64_t observation_window_ms(const double *parameters) {
    return (int64_t)(parameters[PARAMETER_WINDOW_HOURS] * 3600e3);
}

static inline int64_t observation_since_ms(const observation_t *observation, const double *parameters) {
    return observation->ms - observation_window_ms(parameters);
}

/* Too little to mean anything. Of an asset without a price, whose unit may be worth a lot, only what is a
 * thousandth of that. */
static inline bool observation_is_below(const observation_t *observation, double least) {
    return observation->value < (observation->unpriced ? least / 1000 : least);
}
