/* First transfers that are all unexpected and touch each other, in whatever shape: the case as such. It grows
 * with what is unexpected about it all together. */
#include "risk/detectors/case_list.h"

enum { PARAMETER_MIN_BITS = 2, PARAMETER_MIN_TRANSFERS, PARAMETER_HALF_BITS };

case_pattern_t network_find(const case_graph_t *graph, const double *parameters) {
    case_pattern_t found = {.value = (float)graph->edge_count};
    if (found.value < parameters[PARAMETER_MIN_TRANSFERS]) return (case_pattern_t){0};
    double bits = 0;
    for (int i = 0; i < graph->edge_count; i++) {
        found.edges |= case_edge_bit(i);
        bits += (double)graph->edges[i].bits;
    }
    found.strength = (float)(bits / (bits + parameters[PARAMETER_HALF_BITS]));
    return found;
}
