/* The neighbours of a wallet as a ring of indexes, which a sweep can go round in pieces. A ring only ever
 * grows, at its end; a place of it may be empty. */
#pragma once

#include "risk/edge.h"

typedef enum { RING_RECEIVERS, RING_SENDERS, RING_BOTH } ring_t;

/* A sweep under way: each change makes it go all the way round again, from where it is. */
typedef struct {
    uint32_t next; /* index of the next neighbour */
    uint32_t left; /* places still to be visited; 0: none is under way */
} sweep_t;

typedef struct {
    text_t name;      /* in the store's memory; size 0 where the place is empty */
    bool is_receiver; /* the edge goes to it, and stands at this wallet */
} neighbour_t;

uint32_t ring_size(ring_t ring, uint32_t out_degree, uint32_t in_degree);
neighbour_t ring_neighbour(store_t *store, const wallet_t *wallet, ring_t ring, uint32_t index);
/* The next place of the sweep, which has some left; takes it off. */
neighbour_t sweep_step(sweep_t *sweep, store_t *store, const wallet_t *wallet, ring_t ring);
