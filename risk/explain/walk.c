/* What may stand with another task: the next wallet of a path, and an edge, which its sender keeps. */
#include "risk/explain/parts.h"

#include "risk/json_add.h"
#include "risk/label.h"
#include "risk/text.h"

static risk_t *risk_at(const explain_state_t *state, text_t wallet) {
    return state->risk_of(state->context, wallet.data, wallet.size);
}

bool edge_read(explanation_t *explanation, int index, const explain_state_t *state) {
    explain_edge_t *edge = edge_at(explanation, index);
    if (edge->state != PART_OPEN) return false;
    text_t from = piece_text(explanation, edge->from);
    risk_t *risk = risk_at(state, from);
    if (!risk) return false;
    wallet_t sender;
    const edge_t *record = NULL;
    if (wallet_read(risk->store, from, &sender))
        record = edge_find(risk->store, sender.number, piece_text(explanation, edge->to));
    edge->state = record ? PART_DONE : PART_MISSING;
    if (!record) return true;
    text_t tx_ids[EDGE_RECENT_MAX + 1];
    edge->tx_id_count = edge_transfers(record, tx_ids);
    for (int i = 0; i < edge->tx_id_count; i++) edge->tx_ids[i] = piece_keep(explanation, tx_ids[i]);
    edge->count = record->count;
    edge->value = record->value;
    edge->tainted = record->tainted;
    edge->first_ms = record->earliest_ms;
    edge->last_ms = record->last_ms;
    edge->has_times = true;
    return true;
}

/* The exposure that the path follows, as the wallet has it now; NULL where it has it not, or only further
 * away. */
static const exposure_t *entry_at(risk_t *risk, text_t wallet, const explanation_t *explanation,
                                  const explain_path_t *path) {
    exposures_load(risk, path->direction, wallet);
    const exposures_t *list = &risk->lists[path->direction];
    text_t label = piece_text(explanation, path->label);
    for (int i = 0; i < list->count; i++) {
        const exposure_t *entry = &list->items[i];
        if (entry->category == path->category && text_equal(entry->label, label))
            return entry->hops + path->edge_count <= path->hops ? entry : NULL;
    }
    return NULL;
}

static void path_end(explanation_t *explanation, explain_path_t *path, risk_t *risk, text_t wallet) {
    wallet_key_t key;
    size_t size;
    path->state = PART_DONE;
    key_of_name(&key, KEY_LABEL, wallet);
    const label_t *label = store_get(risk->store, key.data, key.size, &size);
    if (!label) return;
    size_t begin = explanation->text.size;
    json_add_label(&explanation->text, label);
    path->labelled = (piece_t){begin, explanation->text.size - begin};
}

bool path_walk(explanation_t *explanation, explain_path_t *path, const explain_state_t *state) {
    bool further = false;
    while (path->state == PART_OPEN) {
        text_t wallet = piece_text(explanation, path->at);
        risk_t *risk = risk_at(state, wallet);
        if (!risk) break;
        further = true;
        const exposure_t *entry = entry_at(risk, wallet, explanation, path);
        if (!entry || (entry->hops && path->edge_count == HOPS_MAX)) {
            path->state = PART_MISSING;
        } else if (entry->hops == 0) {
            path_end(explanation, path, risk, wallet);
        } else {
            piece_t via = piece_keep(explanation, entry->via);
            int index = exposure_came_from(path->direction, entry) ? edge_want(explanation, via, path->at)
                                                                   : edge_want(explanation, path->at, via);
            edge_at(explanation, index)->tx_ids[0] = piece_keep(explanation, entry->tx_id);
            edge_at(explanation, index)->tx_id_count = entry->tx_id.size > 0;
            path->edges[path->edge_count++] = index;
            path->at = via;
        }
    }
    return further;
}
