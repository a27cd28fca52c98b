/* Layer upon layer: the receivers of one mixing layer are the senders of the next. */
#include "risk/detectors/case_list.h"
#include "risk/detectors/layers.h"

enum { PARAMETER_MIN_MIDDLES = 2 };

case_pattern_t stack_find(const case_graph_t *graph, const double *parameters) {
    case_edges_t layers = layer_edges(graph);
    case_pattern_t found = {0};
    for (int node = 0; node < graph->node_count; node++) {
        case_edges_t in = graph->in[node] & layers, out = graph->out[node] & layers;
        if (!in || !out) continue;
        found.edges |= in | out;
        found.value++;
    }
    if (found.value < parameters[PARAMETER_MIN_MIDDLES]) return (case_pattern_t){0};
    found.strength = strength_above((double)found.value, parameters[PARAMETER_MIN_MIDDLES]);
    return found;
}
