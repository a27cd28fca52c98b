#include "risk/explain/parts.h"

#include "risk/text.h"

#include <assert.h>
#include <stdlib.h>

const explain_limits_t explain_limits_standard = {HOPS_MAX, 10, 50},
                       explain_limits_most = {HOPS_MAX, EXPLAIN_LIMIT_MAX, EXPLAIN_LIMIT_MAX};

void *list_add(list_t *list, size_t item_size) {
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 32;
        list->items = realloc(list->items, (size_t)list->capacity * item_size);
        if (!list->items) abort();
    }
    return memset((char *)list->items + (size_t)list->count++ * item_size, 0, item_size);
}

piece_t piece_keep(explanation_t *explanation, text_t text) {
    piece_t piece = {explanation->text.size, text.size};
    buf_add(&explanation->text, text.data, text.size);
    return piece;
}

int edge_want(explanation_t *explanation, piece_t from, piece_t to) {
    explain_edge_t *edge = list_add(&explanation->edges, sizeof *edge);
    edge->from = from;
    edge->to = to;
    return explanation->edges.count - 1;
}

explanation_t *explanation_new(const char *wallet, size_t size, const explain_limits_t *limits) {
    assert(size >= 1 && size <= WALLET_SIZE_MAX);
    explanation_t *explanation = calloc(1, sizeof *explanation);
    if (!explanation) abort();
    char room[ADDRESS_SIZE];
    text_t asked = {wallet, size}, name = text_normal_wallet(asked, room);
    explanation->wallet = explanation->case_at = piece_keep(explanation, name);
    if (!text_equal(asked, name)) explanation->asked_as = piece_keep(explanation, asked);
    explanation->limits = *limits;
    explanation->edge_to_counterparty = -1;
    return explanation;
}

void explanation_free(explanation_t *explanation) {
    if (!explanation) return;
    buf_clear(&explanation->text);
    buf_clear(&explanation->record);
    free(explanation->edges.items);
    free(explanation->paths.items);
    free(explanation->findings.items);
    free(explanation->contributors.items);
    free(explanation);
}

void explanation_set_transfer(explanation_t *explanation, const char *tx_id, size_t tx_id_size,
                              const char *counterparty, size_t counterparty_size, bool is_sender) {
    char room[ADDRESS_SIZE];
    explanation->tx_id = piece_keep(explanation, (text_t){tx_id, tx_id_size});
    explanation->counterparty =
        piece_keep(explanation, text_normal_wallet((text_t){counterparty, counterparty_size}, room));
    explanation->is_sender = is_sender;
}

bool explanation_gather(explanation_t *explanation, const explain_state_t *state) {
    bool learnt = false;
    if (!explanation->known) {
        text_t wallet = piece_text(explanation, explanation->wallet);
        risk_t *risk = state->risk_of(state->context, wallet.data, wallet.size);
        if (!risk || !explanation_read_own(explanation, risk)) return false;
        explanation->known = learnt = true;
    }
    /* Paths first: their hops are edges. */
    for (int i = 0; i < explanation->paths.count; i++)
        learnt |= path_walk(explanation, path_at(explanation, i), state);
    for (int i = 0; i < explanation->edges.count; i++) learnt |= edge_read(explanation, i, state);
    return case_follow(explanation, state) || learnt;
}

bool explanation_is_known(const explanation_t *explanation) { return explanation->known; }

bool explanation_is_complete(const explanation_t *explanation) {
    if (!explanation->known) return false;
    for (int i = 0; i < explanation->paths.count; i++)
        if (path_at(explanation, i)->state != PART_DONE) return false;
    for (int i = 0; i < explanation->edges.count; i++)
        if (edge_at(explanation, i)->state == PART_OPEN) return false;
    for (int i = 0; i < explanation->findings.count; i++)
        if (finding_at(explanation, i)->state == PART_OPEN) return false;
    return true;
}

bool explanation_has_transfer(const explanation_t *explanation) {
    return explanation->edge_to_counterparty >= 0 &&
           edge_at(explanation, explanation->edge_to_counterparty)->state == PART_DONE;
}
