/* Newcomers among a wallet's new counterparties: wallets that had no past of their own (never sent, for who
 * pays; never in any transfer, for who is paid), as accounts have that were made for the purpose.
 *
 * A payment out of its sender's rhythm (past.h) counts as one too: nobody's usual customer either.
 *
 * Some come to everybody. So each new counterparty moves a sum of bits, by how much more likely it is where a
 * good part (min_share, or twice the usual part) are newcomers than by the part that is usual in the task: up
 * for a newcomer, down for any other, never below 0 (E. S. Page's cumulative sum, on A. Wald's likelihood
 * ratio). It needs no window, so it finds what comes one by one over months. Only a newcomer costs anything:
 * the others since the last one are known from the degree.
 *
 * 'q' + number + 0 for senders, 1 for receivers → newcomers_t, then the newest NEWCOMERS_MAX of their
 * transfers, oldest first: newcomer_entry_t, the id, the counterparty. */
#pragma once

#include "risk/detectors.h"

typedef enum { NEWCOMERS_IN, NEWCOMERS_OUT } newcomers_side_t;

float newcomers_observe(const observation_t *observation, const double *parameters, newcomers_side_t side,
                        float *value);
void newcomers_collect(const observation_t *observation, const double *parameters, newcomers_side_t side,
                       evidence_t *evidence);
