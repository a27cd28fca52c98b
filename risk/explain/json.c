#include "risk/explain/parts.h"

#include "common/timestamp.h"
#include "risk/json_add.h"

#include <stdlib.h>

static void add_piece(const explanation_t *explanation, const char *name, piece_t piece, buf_t *out) {
    buf_printf(out, ",\"%s\":", name);
    json_add_text(out, piece_text(explanation, piece));
}

static void add_pieces(const explanation_t *explanation, const char *name, const piece_t *pieces, int count,
                       buf_t *out) {
    buf_printf(out, ",\"%s\":[", name);
    for (int i = 0; i < count; i++) {
        if (i) json_add_char(out, ',');
        json_add_text(out, piece_text(explanation, pieces[i]));
    }
    json_add_char(out, ']');
}

static const char elsewhere[] = "this wallet is with another instance, or did not answer in time",
                  changing[] = "this wallet's exposure is changing; ask again";

static void add_continuation(const explanation_t *explanation, piece_t at, const char *why, buf_t *out) {
    add_piece(explanation, "continues_at", at, out);
    buf_printf(out, ",\"why\":\"%s\"", why);
}

/* What is known of an edge: of one that stands elsewhere perhaps a transfer alone. */
static void add_edge(const explanation_t *explanation, const explain_edge_t *edge, buf_t *out) {
    if (edge->state == PART_DONE) {
        ADD(out, ",\"transfers\":");
        buf_add_int(out, (int64_t)edge->count);
        ADD(out, ",\"value\":");
        buf_add_double(out, edge->value);
        ADD(out, ",\"tainted\":");
        buf_add_double(out, edge->tainted);
    }
    if (edge->has_times) {
        ADD(out, ",\"first\":");
        buf_add_timestamp(out, edge->first_ms);
    }
    if (edge->state == PART_DONE) {
        ADD(out, ",\"last\":");
        buf_add_timestamp(out, edge->last_ms);
    }
    add_pieces(explanation, "tx_ids", edge->tx_ids, edge->tx_id_count, out);
}

static void add_hop(const explanation_t *explanation, const explain_path_t *path, int place, buf_t *out) {
    const explain_edge_t *edge = edge_at(explanation, path->edges[place]);
    ADD(out, "{\"hop\":");
    buf_add_int(out, place + 1);
    add_piece(explanation, "from", edge->from, out);
    add_piece(explanation, "to", edge->to, out);
    add_edge(explanation, edge, out);
    json_add_char(out, '}');
}

static void add_path(const explanation_t *explanation, const explain_path_t *path, buf_t *out) {
    ADD(out, "{\"direction\":\"");
    buf_add_str(out, direction_names[path->direction]);
    ADD(out, "\",\"category\":\"");
    buf_add_str(out, category_infos[path->category].name);
    ADD(out, "\",\"hops\":");
    buf_add_int(out, path->hops);
    add_piece(explanation, "label", path->label, out);
    ADD(out, ",\"contribution\":");
    json_add_hundredths(out, path->contribution_hundredths);
    if (path->labelled.size) {
        ADD(out, ",\"labelled\":");
        text_t label = piece_text(explanation, path->labelled);
        buf_add(out, label.data, label.size);
    }
    ADD(out, ",\"path\":[");
    for (int i = 0; i < path->edge_count; i++) {
        if (i) json_add_char(out, ',');
        add_hop(explanation, path, i, out);
    }
    json_add_char(out, ']');
    if (path->state == PART_DONE) {
        ADD(out, ",\"complete\":true}");
        return;
    }
    ADD(out, ",\"complete\":false");
    add_continuation(explanation, path->at, path->state == PART_OPEN ? elsewhere : changing, out);
    json_add_char(out, '}');
}

static void add_finding(const explanation_t *explanation, const explain_finding_t *finding, buf_t *out) {
    text_t said = piece_text(explanation, finding->said);
    ADD(out, "{\"typology\":\"");
    buf_add_str(out, detectors[finding->id].name);
    ADD(out, "\",");
    buf_add(out, said.data, said.size);
    if (explanation->tx_id.size)
        buf_printf(out, ",\"names_transfer\":%s", finding->names_transfer ? "true" : "false");
    add_pieces(explanation, "tx_ids", finding->tx_ids, finding->tx_id_count, out);
    add_pieces(explanation, "wallets", finding->wallets, finding->wallet_count, out);
    if (finding->state == PART_OPEN) {
        ADD(out, ",\"complete\":false");
        add_continuation(explanation, explanation->case_at, elsewhere, out);
    }
    json_add_char(out, '}');
}

static void add_side(const explanation_t *explanation, const char *name, int index, buf_t *out) {
    if (index < 0 || edge_at(explanation, index)->state == PART_MISSING) return;
    const explain_edge_t *edge = edge_at(explanation, index);
    buf_printf(out, ",\"%s\":{\"complete\":%s", name, edge->state == PART_DONE ? "true" : "false");
    add_edge(explanation, edge, out);
    json_add_char(out, '}');
}

static void add_contributors(const explanation_t *explanation, buf_t *out) {
    int count = explanation->contributors.count, shown = count;
    int *order = calloc((size_t)count + 1, sizeof *order);
    if (!order) abort();
    contributors_rank(explanation, order);
    if (shown > explanation->limits.total_limit) shown = explanation->limits.total_limit;
    ADD(out, ",\"counterparties\":{\"senders\":");
    buf_add_int(out, explanation->in_degree);
    ADD(out, ",\"receivers\":");
    buf_add_int(out, explanation->out_degree);
    ADD(out, ",\"ranked\":");
    buf_add_int(out, count);
    ADD(out, "},\"contributors\":[");
    for (int i = 0; i < shown; i++) {
        const contributor_t *contributor = contributor_at(explanation, order[i]);
        if (i) json_add_char(out, ',');
        ADD(out, "{\"wallet\":");
        json_add_text(out, piece_text(explanation, contributor->name));
        ADD(out, ",\"contribution\":");
        json_add_hundredths(out, contributor->contribution_hundredths);
        ADD(out, ",\"exposures\":");
        buf_add_int(out, contributor->exposures);
        add_side(explanation, "received", contributor->received, out);
        add_side(explanation, "sent", contributor->sent, out);
        json_add_char(out, '}');
    }
    json_add_char(out, ']');
    free(order);
}

void explanation_json(const explanation_t *explanation, buf_t *out) {
    ADD(out, "{\"wallet\":");
    json_add_text(out, piece_text(explanation, explanation->wallet));
    if (explanation->asked_as.size) add_piece(explanation, "asked_as", explanation->asked_as, out);
    ADD(out, ",\"complete\":");
    buf_add_str(out, explanation_is_complete(explanation) ? "true" : "false");
    if (!explanation->known) {
        add_continuation(explanation, explanation->wallet, elsewhere, out);
        json_add_char(out, '}');
        return;
    }
    buf_printf(out, ",\"limits\":{\"max_hops\":%d,\"per_hop_limit\":%d,\"total_limit\":%d},\"state\":",
               explanation->limits.max_hops, explanation->limits.per_hop_limit,
               explanation->limits.total_limit);
    buf_add(out, explanation->record.data, explanation->record.size);
    ADD(out, ",\"paths\":[");
    for (int i = 0; i < explanation->paths.count; i++) {
        if (i) json_add_char(out, ',');
        add_path(explanation, path_at(explanation, i), out);
    }
    ADD(out, "],\"paths_left_out\":");
    buf_add_int(out, explanation->paths_left_out);
    ADD(out, ",\"findings\":[");
    for (int i = 0; i < explanation->findings.count; i++) {
        if (i) json_add_char(out, ',');
        add_finding(explanation, finding_at(explanation, i), out);
    }
    json_add_char(out, ']');
    add_contributors(explanation, out);
    json_add_char(out, '}');
}

void explanation_transfer_json(const explanation_t *sender, const explanation_t *receiver, buf_t *out) {
    ADD(out, "{\"tx_id\":");
    json_add_text(out, piece_text(sender, sender->tx_id));
    bool complete = explanation_is_complete(sender) && explanation_is_complete(receiver);
    buf_printf(out, ",\"complete\":%s,\"edge\":{\"from\":", complete ? "true" : "false");
    json_add_text(out, piece_text(sender, sender->wallet));
    add_piece(receiver, "to", receiver->wallet, out);
    if (sender->edge_to_counterparty >= 0)
        add_edge(sender, edge_at(sender, sender->edge_to_counterparty), out);
    ADD(out, "},\"sender\":");
    explanation_json(sender, out);
    ADD(out, ",\"receiver\":");
    explanation_json(receiver, out);
    json_add_char(out, '}');
}
