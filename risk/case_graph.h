/* A case as a small graph: what the detectors that span wallets look at. */
#pragma once

#include "risk/limits.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint8_t from, to; /* nodes */
    float bits;       /* of novelty */
    double amount;
    int64_t ms;
} case_edge_t;

typedef uint64_t case_edges_t; /* a bit for each edge */
_Static_assert(CASE_TRANSFERS_MAX <= 64, "a bit for each edge of a case");

/* Edges stand in order of time, those of equal time in order of arrival. No two have the same ends. Those
 * that leave and enter each node are kept as bits, so that detectors need not look for them. */
typedef struct {
    int node_count;
    int edge_count;
    case_edge_t edges[CASE_TRANSFERS_MAX];
    case_edges_t out[CASE_WALLETS_MAX];
    case_edges_t in[CASE_WALLETS_MAX];
} case_graph_t;

/* A pattern that was found. */
typedef struct {
    case_edges_t edges;
    float strength; /* 0: none; up to 1 */
    float value;    /* in the detector's own terms */
} case_pattern_t;

static inline case_edges_t case_edge_bit(int edge) { return (case_edges_t)1 << edge; }

/* Behind those that are there. */
static inline void case_graph_add(case_graph_t *graph, const case_edge_t *edge) {
    graph->out[edge->from] |= case_edge_bit(graph->edge_count);
    graph->in[edge->to] |= case_edge_bit(graph->edge_count);
    graph->edges[graph->edge_count++] = *edge;
}

/* The edge between two nodes, -1 where there is none. */
static inline int case_graph_edge(const case_graph_t *graph, int from, int to) {
    case_edges_t edge = graph->out[from] & graph->in[to];
    return edge ? __builtin_ctzll(edge) : -1;
}

static inline int case_edges_count(case_edges_t edges) { return __builtin_popcountll(edges); }

/* True where `amount` may be what is left of `before`: at most the part `loss` has gone, and hardly anything
 * was added. */
static inline bool case_amount_fits(double amount, double before, double loss) {
    return amount <= before * 1.001 && amount >= before * (1 - loss);
}
