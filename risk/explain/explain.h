/* Why a wallet has its score, with the transfers that prove it: its exposures hop by hop, what its detectors
 * found, and its counterparties ranked by what they brought.
 *
 * A path leads through wallets of other tasks, and an edge's value stands at its sender. So an explanation is
 * gathered: wherever some of the state is at hand, it goes on from where it came to. Pure, as all of the
 * model: who asks brings the state. */
#pragma once

#include "risk/risk.h"

typedef struct {
    int max_hops;      /* paths of up to so many hops */
    int per_hop_limit; /* paths of the same number of hops */
    int total_limit;   /* paths in all, and counterparties */
} explain_limits_t;

extern const explain_limits_t explain_limits_standard, explain_limits_most; /* the least of each is 1 */

/* Some of the state, for the time of a call. */
typedef struct {
    void *context;
    /* The model of the task that owns the wallet; NULL where it cannot be asked here. The name is in its
     * normal form. */
    risk_t *(*risk_of)(void *context, const char *wallet, size_t size);
} explain_state_t;

typedef struct explanation explanation_t;

/* `wallet` has 1 to WALLET_SIZE_MAX bytes, in any case of letters. */
explanation_t *explanation_new(const char *wallet, size_t size, const explain_limits_t *limits);
void explanation_free(explanation_t *explanation); /* NULL is allowed */
/* What is asked for is one transfer with this counterparty: findings say whether they name it, and the edge
 * to the counterparty is read where the wallet is its `sender`. Before the first gathering. */
void explanation_set_transfer(explanation_t *explanation, const char *tx_id, size_t tx_id_size,
                              const char *counterparty, size_t counterparty_size, bool is_sender);

/* Takes in what this state has. False where that was nothing new. */
bool explanation_gather(explanation_t *explanation, const explain_state_t *state);
bool explanation_is_known(const explanation_t *explanation);    /* the wallet itself has been read */
bool explanation_is_complete(const explanation_t *explanation); /* nothing is left to be gathered */
/* There is an edge to the counterparty of explanation_set_transfer. */
bool explanation_has_transfer(const explanation_t *explanation);

/* Appends what is known as a JSON object; README.md has its fields. */
void explanation_json(const explanation_t *explanation, buf_t *out);
/* The same of a transfer: both sides, and the edge between them. */
void explanation_transfer_json(const explanation_t *sender, const explanation_t *receiver, buf_t *out);
