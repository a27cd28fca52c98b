/* Several wallets pay the same several: a layer that mixes its sources. */
#include "risk/detectors/case_list.h"
#include "risk/detectors/layers.h"

enum { PARAMETER_MIN_EDGES = 2 };

case_pattern_t bipartite_find(const case_graph_t *graph, const double *parameters) {
    case_pattern_t found = {.edges = layer_edges(graph)};
    found.value = (float)case_edges_count(found.edges);
    if (found.value < parameters[PARAMETER_MIN_EDGES]) return (case_pattern_t){0};
    found.strength = strength_above((double)found.value, parameters[PARAMETER_MIN_EDGES]);
    return found;
}
