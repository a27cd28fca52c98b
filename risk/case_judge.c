/* What a case's root makes of it: patterns, the score of its transfers, alerts, findings of its wallets. */
#include "risk/model.h"

#include "risk/text.h"

#include <string.h>

enum { PARAMETER_MIN_TRANSFERS = 3 }; /* of network */

/* A transfer's record is sent again where its risk has grown by so much since. */
#define CASE_TELL_STEP 0.05

typedef struct {
    text_t names[CASE_WALLETS_MAX];
    case_graph_t graph;
} graph_t;

static uint8_t node_of(graph_t *graph, text_t name) {
    int node = 0;
    while (node < graph->graph.node_count && !text_equal(graph->names[node], name)) node++;
    if (node == graph->graph.node_count) graph->names[graph->graph.node_count++] = name;
    return (uint8_t)node;
}

static void graph_make(graph_t *graph, const case_t *the_case) {
    graph->graph = (case_graph_t){0};
    for (int i = 0; i < the_case->count; i++) {
        const transfer_t *transfer = &the_case->transfers[i].transfer;
        uint8_t from = node_of(graph, transfer->src), to = node_of(graph, transfer->dst);
        case_graph_add(&graph->graph, &(case_edge_t){.from = from,
                                                     .to = to,
                                                     .bits = the_case->transfers[i].bits,
                                                     .amount = transfer->amount,
                                                     .ms = transfer->timestamp_ms});
    }
}

/* In the detector's own window, which ends with the newest transfer. */
static case_pattern_t find(const case_graph_t *graph, const detector_t *detector, const double *parameters) {
    case_graph_t recent = {.node_count = graph->node_count};
    int64_t window_ms = (int64_t)(parameters[PARAMETER_WINDOW_HOURS] * 3600e3);
    int old = 0;
    while (graph->edges[graph->edge_count - 1].ms - graph->edges[old].ms > window_ms) old++;
    if (old == 0) return detector->find(graph, parameters);
    for (int i = old; i < graph->edge_count; i++) case_graph_add(&recent, &graph->edges[i]);
    case_pattern_t found = detector->find(&recent, parameters);
    found.edges <<= old;
    return found;
}

typedef struct {
    case_pattern_t patterns[DETECTOR_COUNT];
    double risks[DETECTOR_COUNT];
} verdict_t;

static void judge(const risk_t *risk, const case_graph_t *graph, verdict_t *verdict) {
    for (int id = 0; id < DETECTOR_COUNT; id++) {
        const double *parameters = risk->rules->detectors[id];
        verdict->patterns[id] = (case_pattern_t){0};
        if (detectors[id].side == SIDE_CASE && parameters[PARAMETER_WEIGHT] > 0)
            verdict->patterns[id] = find(graph, &detectors[id], parameters);
        verdict->risks[id] = parameters[PARAMETER_WEIGHT] * verdict->patterns[id].strength;
    }
}

/* The strongest pattern of those that have one of the edges. */
static int strongest(const verdict_t *verdict, case_edges_t edges) {
    int best = DETECTOR_NETWORK;
    for (int id = 0; id < DETECTOR_COUNT; id++)
        if (verdict->patterns[id].edges & edges && verdict->risks[id] > verdict->risks[best]) best = id;
    return best;
}

static void transfer_tell(risk_t *risk, text_t root, case_transfer_t *told, const case_pattern_t *pattern,
                          int id, double pattern_risk) {
    const transfer_t *transfer = &told->transfer;
    score_clear(&risk->score);
    for (const case_reason_t *kept = told->reasons; kept < told->reasons + told->reason_count; kept++)
        score_add(&risk->score,
                  &(reason_t){.kind = kept->kind,
                              .id = kept->id,
                              .risk = (double)kept->risk,
                              .wallet = kept->of_nobody     ? (text_t){"", 0}
                                        : kept->of_receiver ? transfer->dst
                                                            : transfer->src,
                              .hops = kept->hops,
                              .value = kept->value,
                              .part = kept->part,
                              .whole = kept->whole,
                              .unpriced = kept->unpriced != 0,
                              .causes = told->causes,
                              .cause_count = kept->kind == REASON_MODEL ? told->cause_count : 0});
    score_add(&risk->score, &(reason_t){.kind = REASON_DETECTOR,
                                        .id = id,
                                        .risk = pattern_risk,
                                        .wallet = root,
                                        .value = pattern->value});
    score_finish(&risk->score);
    told->revision++;
    told->told = (float)pattern_risk;
    buf_reset(&risk->json);
    record_add_transfer(risk, transfer, told->value, told->revision, &risk->json);
    risk->out.emit(risk->out.context, TOPIC_TRANSACTION_RISK, transfer->src.data, transfer->src.size,
                   risk->json.data, risk->json.size);
}

static void transfers_tell(risk_t *risk, text_t root, case_t *the_case, const verdict_t *verdict) {
    for (int i = 0; i < the_case->count; i++) {
        case_transfer_t *transfer = &the_case->transfers[i];
        int id = strongest(verdict, case_edge_bit(i));
        if (verdict->risks[id] < (double)transfer->told + CASE_TELL_STEP) continue;
        transfer_tell(risk, root, transfer, &verdict->patterns[id], id, verdict->risks[id]);
    }
}

static void wallets_tell(risk_t *risk, const graph_t *graph, const verdict_t *verdict, int64_t ms) {
    for (int node = 0; node < graph->graph.node_count; node++) {
        int id = strongest(verdict, graph->graph.out[node] | graph->graph.in[node]);
        event_finding_t finding = {.detector = (uint8_t)id,
                                   .strength = verdict->patterns[id].strength,
                                   .value = verdict->patterns[id].value};
        buf_reset(&risk->event);
        event_add_finding(&risk->event, graph->names[node], ms, &finding);
        risk->out.send(risk->out.context, graph->names[node].data, graph->names[node].size, risk->event.data,
                       risk->event.size, false);
    }
}

/* Those of the pattern first, then what else belongs to the case. */
static void evidence_collect(const case_t *the_case, case_edges_t pattern, evidence_t *evidence) {
    for (int rest = 0; rest < 2; rest++)
        for (int i = the_case->count - 1; i >= 0; i--) {
            const transfer_t *transfer = &the_case->transfers[i].transfer;
            if (((pattern & case_edge_bit(i)) == 0) != (rest == 1)) continue;
            evidence_add_transfer(evidence, transfer->tx_id);
            evidence_add_wallet(evidence, transfer->src);
            evidence_add_wallet(evidence, transfer->dst);
        }
}

/* Half or more of the pattern's edges were named by no alert of that typology. */
static bool is_new_pattern(const case_t *the_case, const case_pattern_t *pattern, int id) {
    int named = 0;
    for (int i = 0; i < the_case->count; i++)
        named += pattern->edges & case_edge_bit(i) && the_case->transfers[i].alerted & 1u << id;
    return 2 * named <= case_edges_count(pattern->edges);
}

/* Half or more of the transfers were named by no alert, or by one that named half as many as there are now.
 */
static bool has_doubled(const case_t *the_case) {
    int told = 0;
    for (int i = 0; i < the_case->count; i++)
        told += 2 * the_case->transfers[i].alerted_with > the_case->count;
    return 2 * told <= the_case->count;
}

/* An alert for the strongest pattern that is news, or, as no pattern is, for a case that has doubled. -1:
 * none. */
static int alert_due(const risk_t *risk, const case_t *the_case, const verdict_t *verdict) {
    case_edges_t all = verdict->patterns[DETECTOR_NETWORK].edges;
    int best = DETECTOR_NETWORK;
    if (the_case->count < risk->rules->detectors[DETECTOR_NETWORK][PARAMETER_MIN_TRANSFERS]) return -1;
    for (int id = 0; id < DETECTOR_COUNT; id++)
        if (verdict->risks[id] > verdict->risks[best] && is_new_pattern(the_case, &verdict->patterns[id], id))
            best = id;
    if (best != DETECTOR_NETWORK) return best;
    return has_doubled(the_case) ? strongest(verdict, all) : -1;
}

void case_judge(risk_t *risk, wallet_t *wallet, text_t name, case_t *the_case) {
    graph_t graph;
    verdict_t verdict;
    graph_make(&graph, the_case);
    judge(risk, &graph.graph, &verdict);
    transfers_tell(risk, name, the_case, &verdict);
    int id = alert_due(risk, the_case, &verdict);
    if (id < 0 || verdict.risks[id] == 0) return;
    for (int i = 0; i < the_case->count; i++) {
        bool of_pattern = verdict.patterns[id].edges & case_edge_bit(i);
        the_case->transfers[i].alerted |= 1u << (of_pattern ? id : DETECTOR_NETWORK);
        the_case->transfers[i].alerted_with = (uint8_t)the_case->count;
    }
    int64_t ms = the_case->transfers[the_case->count - 1].transfer.timestamp_ms;
    evidence_t evidence = {0};
    evidence_collect(the_case, verdict.patterns[id].edges, &evidence);
    case_finding_take(risk, wallet, name, ms,
                      &(event_finding_t){.detector = (uint8_t)id,
                                         .strength = verdict.patterns[id].strength,
                                         .value = verdict.patterns[id].value});
    alert_case(risk, wallet, name, (detector_id_t)id, &verdict.patterns[id], ms, &evidence);
    wallets_tell(risk, &graph, &verdict, ms);
}

void case_finding_take(risk_t *risk, wallet_t *wallet, text_t name, int64_t ms,
                       const event_finding_t *finding) {
    finding_update(risk->rules, findings_edit(risk->store, wallet, (detector_id_t)finding->detector), ms,
                   finding->strength, finding->value);
    risk_mark_changed(risk, wallet, name, (text_t){"", 0});
}

/* The wallet's own edges up to a time. */
static case_edges_t edges_of(const graph_t *graph, text_t wallet, int64_t ms) {
    case_edges_t edges = 0;
    for (int i = 0; i < graph->graph.edge_count; i++) {
        const case_edge_t *edge = &graph->graph.edges[i];
        bool own = text_equal(graph->names[edge->from], wallet) || text_equal(graph->names[edge->to], wallet);
        if (own && edge->ms <= ms) edges |= case_edge_bit(i);
    }
    return edges;
}

void case_evidence(const risk_t *risk, const case_t *the_case, const finding_t *finding, text_t wallet,
                   evidence_t *evidence) {
    graph_t graph;
    int id = finding->detector;
    if (!the_case->count) return;
    graph_make(&graph, the_case);
    case_edges_t own = edges_of(&graph, wallet, finding->at_ms),
                 edges = find(&graph.graph, &detectors[id], risk->rules->detectors[id]).edges;
    if (!(edges & own)) edges = own;
    for (int i = 0; i < the_case->count; i++) {
        const transfer_t *transfer = &the_case->transfers[i].transfer;
        if (!(edges & case_edge_bit(i))) continue;
        evidence_add_transfer(evidence, transfer->tx_id);
        evidence_add_wallet(evidence, transfer->src);
        evidence_add_wallet(evidence, transfer->dst);
    }
}
