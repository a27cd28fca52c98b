/* Value that comes back to where it started: a ring of first transfers between three wallets or more.
 *
 * A ring alone is half the strength: who hides it sends the parts in any order, and from different funds. It
 * is stronger where its transfers follow each other in time, and where the amounts fit too. */
#include "risk/detectors/case_list.h"

enum { PARAMETER_MIN_LENGTH = 2, PARAMETER_MAX_LENGTH, PARAMETER_MAX_LOSS };
enum { CYCLE_STEPS_MAX = 20000 }; /* of the search, in one look at a case */

typedef struct {
    const case_graph_t *graph;
    const double *parameters;
    bool on_path[CASE_WALLETS_MAX];
    int path[CASE_TRANSFERS_MAX]; /* edges */
    int steps;
    case_pattern_t best;
} search_t;

/* In time order from one of its edges on; then `*first` is where it begins. */
static bool follows_time(const search_t *search, int length, int *first) {
    int falls = 0;
    *first = 0;
    for (int i = 0; i < length; i++) {
        int next = (i + 1) % length;
        if (search->path[next] > search->path[i]) continue;
        falls++;
        *first = next;
    }
    return falls == 1;
}

static bool amounts_fit(const search_t *search, int length, int first) {
    const case_edge_t *edges = search->graph->edges;
    for (int i = 1; i < length; i++) {
        const case_edge_t *before = &edges[search->path[(first + i - 1) % length]];
        const case_edge_t *edge = &edges[search->path[(first + i) % length]];
        if (!case_amount_fits(edge->amount, before->amount, search->parameters[PARAMETER_MAX_LOSS]))
            return false;
    }
    return true;
}

static void take(search_t *search, int length) {
    int first;
    float strength = 0.5f;
    if (follows_time(search, length, &first)) strength = amounts_fit(search, length, first) ? 1 : 0.75f;
    bool better = strength > search->best.strength ||
                  (strength == search->best.strength && (float)length > search->best.value);
    if (!better) return;
    search->best = (case_pattern_t){.strength = strength, .value = (float)length};
    for (int i = 0; i < length; i++) search->best.edges |= case_edge_bit(search->path[i]);
}

/* Rings whose least node is `start`: each is seen once. */
static void walk(search_t *search, int start, int node, int length) {
    for (case_edges_t left = search->graph->out[node]; left; left &= left - 1) {
        int edge = __builtin_ctzll(left), next = search->graph->edges[edge].to;
        if (search->steps++ >= CYCLE_STEPS_MAX) return;
        search->path[length] = edge;
        if (next == start && length + 1 >= search->parameters[PARAMETER_MIN_LENGTH]) take(search, length + 1);
        if (next <= start || search->on_path[next] || length + 1 >= search->parameters[PARAMETER_MAX_LENGTH])
            continue;
        search->on_path[next] = true;
        walk(search, start, next, length + 1);
        search->on_path[next] = false;
    }
}

case_pattern_t cycle_find(const case_graph_t *graph, const double *parameters) {
    search_t search = {.graph = graph, .parameters = parameters};
    for (int node = 0; node < graph->node_count; node++) walk(&search, node, node, 0);
    return search.best;
}
