/* One wallet is paid by several that it did not know, then pays several that it did not know. */
#include "risk/detectors/case_list.h"

enum { PARAMETER_MIN_SIDE = 2 };

static case_pattern_t at_node(const case_graph_t *graph, int node) {
    case_pattern_t found = {0};
    case_edges_t in = graph->in[node], out = graph->out[node];
    if (!in || !out) return found;
    int64_t first_in_ms = graph->edges[__builtin_ctzll(in)].ms;
    int64_t last_out_ms = graph->edges[63 - __builtin_clzll(out)].ms;
    int ins = 0, outs = 0;
    for (int i = 0; i < graph->edge_count; i++) {
        bool gathers = in & case_edge_bit(i) && graph->edges[i].ms <= last_out_ms;
        bool scatters = out & case_edge_bit(i) && graph->edges[i].ms >= first_in_ms;
        ins += gathers;
        outs += scatters;
        if (gathers || scatters) found.edges |= case_edge_bit(i);
    }
    found.value = (float)(ins < outs ? ins : outs);
    return found;
}

case_pattern_t gather_scatter_find(const case_graph_t *graph, const double *parameters) {
    case_pattern_t best = {0};
    double least = parameters[PARAMETER_MIN_SIDE];
    for (int node = 0; node < graph->node_count; node++) {
        case_pattern_t found = at_node(graph, node);
        if (found.value >= least && found.value > best.value) best = found;
    }
    if (best.value > 0) best.strength = strength_above((double)best.value, least);
    return best;
}
