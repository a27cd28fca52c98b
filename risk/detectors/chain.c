/* Value handed on from wallet to wallet that did not know each other, each hop soon after the one before. */
#include "risk/detectors/case_list.h"
#include "risk/detectors/chains.h"

enum { PARAMETER_MIN_LENGTH = 2, PARAMETER_MAX_STAY_HOURS };

static bool hurries(const case_edge_t *edge, const case_edge_t *before, const double *parameters) {
    return (double)edge->ms - (double)before->ms <= parameters[PARAMETER_MAX_STAY_HOURS] * 3600e3;
}

case_pattern_t chain_find(const case_graph_t *graph, const double *parameters) {
    case_pattern_t found = chain_longest(graph, parameters, hurries);
    if (found.value < parameters[PARAMETER_MIN_LENGTH]) return (case_pattern_t){0};
    found.strength = strength_above((double)found.value, parameters[PARAMETER_MIN_LENGTH]);
    return found;
}
