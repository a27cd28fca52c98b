/* A chain in which each wallet passes on most of what it got and keeps a small part back, or pays it to
 * another. */
#include "risk/detectors/case_list.h"
#include "risk/detectors/chains.h"

enum { PARAMETER_MIN_LENGTH = 2, PARAMETER_MAX_PEEL };

static bool peels(const case_edge_t *edge, const case_edge_t *before, const double *parameters) {
    return edge->amount < before->amount &&
           case_amount_fits(edge->amount, before->amount, parameters[PARAMETER_MAX_PEEL]);
}

case_pattern_t peel_chain_find(const case_graph_t *graph, const double *parameters) {
    case_pattern_t found = chain_longest(graph, parameters, peels);
    if (found.value < parameters[PARAMETER_MIN_LENGTH]) return (case_pattern_t){0};
    found.strength = strength_above((double)found.value, parameters[PARAMETER_MIN_LENGTH]);
    return found;
}
