/* Layers in a case: wallets that pay the same wallets. */
#pragma once

#include "risk/case_graph.h"

/* Edges of two senders that share two receivers or more, to those receivers. */
static inline case_edges_t layer_edges(const case_graph_t *graph) {
    case_edges_t layer = 0;
    for (int a = 0; a < graph->node_count; a++) {
        case_edges_t of_a = graph->out[a];
        if (case_edges_count(of_a) < 2) continue;
        for (int b = a + 1; b < graph->node_count; b++) {
            if (case_edges_count(graph->out[b]) < 2) continue;
            case_edges_t shared = 0;
            for (case_edges_t left = of_a; left; left &= left - 1) {
                int edge = __builtin_ctzll(left), other = case_graph_edge(graph, b, graph->edges[edge].to);
                if (other >= 0) shared |= case_edge_bit(edge) | case_edge_bit(other);
            }
            if (case_edges_count(shared) >= 4) layer |= shared;
        }
    }
    return layer;
}
