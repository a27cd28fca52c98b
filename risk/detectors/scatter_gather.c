/* One wallet pays several, and they all pay on to one other: what was split is put together again. */
#include "risk/detectors/case_list.h"

enum { PARAMETER_MIN_MIDDLES = 2 };

/* Paths of two edges from `source` to `sink`, the second not before the first. */
static case_pattern_t between(const case_graph_t *graph, int source, int sink) {
    case_pattern_t found = {0};
    for (int i = 0; i < graph->edge_count; i++) {
        if (graph->edges[i].from != source || graph->edges[i].to == sink) continue;
        int onward = case_graph_edge(graph, graph->edges[i].to, sink);
        if (onward < 0 || graph->edges[onward].ms < graph->edges[i].ms) continue;
        found.edges |= case_edge_bit(i) | case_edge_bit(onward);
        found.value++;
    }
    return found;
}

case_pattern_t scatter_gather_find(const case_graph_t *graph, const double *parameters) {
    case_pattern_t best = {0};
    double least = parameters[PARAMETER_MIN_MIDDLES];
    for (int source = 0; source < graph->node_count; source++) {
        if (case_edges_count(graph->out[source]) < least) continue;
        for (int sink = 0; sink < graph->node_count; sink++) {
            if (sink == source || case_edges_count(graph->in[sink]) < least) continue;
            case_pattern_t found = between(graph, source, sink);
            if (found.value >= least && found.value > best.value) best = found;
        }
    }
    if (best.value > 0) best.strength = strength_above((double)best.value, least);
    return best;
}
