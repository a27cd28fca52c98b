/* What a wallet had done just before a transfer, as the detectors and the model see it. Goes with each credit
 * for the sender. */
#pragma once

#include "risk/wallet.h"

/* Days are those from then to the transfer, 0 for a transfer that comes late, PAST_NEVER for never. */
#define PAST_NEVER (-1.0f)

typedef struct {
    uint32_t sent_count;
    uint32_t received_count;
    uint32_t out_degree;
    uint32_t in_degree;
    float first_sent_days;
    float first_received_days;
    float last_sent_days;
    float last_received_days;
    float fresh_sent_days; /* since it last paid a wallet that it never paid before */
    float fresh_received_days;
    float fresh_sent; /* how often lately: faded to the time of the transfer */
    float fresh_received;
    float bits_sent; /* their novelty, faded likewise; of what was sent the sender's part alone */
    float bits_received;
    float sent_mean; /* value of a transfer; 0: none */
    float received_mean;
} past_t;

/* True where the wallet's next payment to a new receiver would be out of its own rhythm: it has sent for
 * long, and the time since the last such payment is not, by half, what it usually is. */
bool past_is_off_rhythm(const past_t *past);

past_t past_of(const wallet_t *wallet, int64_t ms);

/* After the transfer has been counted. `bits`: novelty, where the edge is new. */
void past_add_sent(wallet_t *wallet, const past_t *before, bool is_new, float bits, int64_t ms);
void past_add_received(wallet_t *wallet, const past_t *before, bool is_new, float bits, int64_t ms);
