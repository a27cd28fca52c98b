/* The longest chain of transfers in a case, each from the receiver of the one before it and not earlier. */
#pragma once

#include "risk/case_graph.h"

/* `follows` says whether an edge may come after another that ends where it begins, and is not later. Edges
 * stand in order of time, so one pass finds it; of equal times the first to arrive comes first. */
static inline case_pattern_t chain_longest(const case_graph_t *graph, const double *parameters,
                                           bool (*follows)(const case_edge_t *edge, const case_edge_t *before,
                                                           const double *parameters)) {
    int length[CASE_TRANSFERS_MAX], before[CASE_TRANSFERS_MAX], last = -1;
    for (int i = 0; i < graph->edge_count; i++) {
        const case_edge_t *edge = &graph->edges[i];
        length[i] = 1;
        before[i] = -1;
        for (int k = 0; k < i; k++) {
            const case_edge_t *earlier = &graph->edges[k];
            if (earlier->to != edge->from || earlier->from == edge->to || length[k] < length[i]) continue;
            if (!follows(edge, earlier, parameters)) continue;
            length[i] = length[k] + 1;
            before[i] = k;
        }
        if (last < 0 || length[i] > length[last]) last = i;
    }
    case_pattern_t found = {.value = last < 0 ? 0 : (float)length[last]};
    for (; last >= 0; last = before[last]) found.edges |= case_edge_bit(last);
    return found;
}
