/* The wallets that this one had to do with, and what each of them brought. */
#include "risk/explain/parts.h"

#include "risk/text.h"

#include <stdlib.h>

/* One mention of a counterparty; sorted by name, those of one wallet stand together. */
typedef struct {
    piece_t name;
    enum { MENTION_PATH, MENTION_SENDER, MENTION_RECEIVER } kind;
    int index;     /* of the path; or the place of the sender */
    piece_t tx_id; /* of a sender: the first transfer */
    int64_t first_ms;
} mention_t;

static mention_t *mention_add(list_t *mentions, piece_t name) {
    mention_t *mention = list_add(mentions, sizeof *mention);
    mention->name = name;
    return mention;
}

static void mention_paths(list_t *mentions, const explanation_t *explanation) {
    for (int i = 0; i < explanation->paths.count; i++) {
        const explain_path_t *path = path_at(explanation, i);
        if (!path->via.size) continue;
        mention_t *mention = mention_add(mentions, path->via);
        mention->kind = MENTION_PATH;
        mention->index = i;
    }
}

static void mention_senders(list_t *mentions, explanation_t *explanation, risk_t *risk,
                            const wallet_t *wallet) {
    for (uint32_t i = 1; i <= wallet->in_degree && i <= EXPLAIN_EDGES_MAX; i++) {
        const sender_t *sender = edge_sender(risk->store, wallet->number, wallet->in_degree - i);
        if (!sender) continue;
        mention_t *mention = mention_add(mentions, piece_keep(explanation, sender_name(sender)));
        mention->kind = MENTION_SENDER;
        mention->first_ms = sender->first_ms;
        mention->tx_id = piece_keep(explanation, sender_tx_id(sender));
    }
}

static void mention_receivers(list_t *mentions, explanation_t *explanation, risk_t *risk,
                              const wallet_t *wallet) {
    for (uint32_t i = 1; i <= wallet->out_degree && i <= EXPLAIN_EDGES_MAX; i++) {
        text_t name = edge_receiver(risk->store, wallet->number, wallet->out_degree - i);
        if (name.size) mention_add(mentions, piece_keep(explanation, name))->kind = MENTION_RECEIVER;
    }
}

static int by_name(const void *a, const void *b, void *context) {
    const mention_t *one = a, *other = b;
    int order = text_compare(piece_text(context, one->name), piece_text(context, other->name));
    return order ? order : (int)one->kind - (int)other->kind;
}

/* An edge that is wanted once, whichever mention wants it. */
static void want(explanation_t *explanation, piece_t name, bool to_us, int *edge) {
    if (*edge < 0)
        *edge = to_us ? edge_want(explanation, name, explanation->wallet)
                      : edge_want(explanation, explanation->wallet, name);
}

static void contributor_take(explanation_t *explanation, contributor_t *contributor,
                             const mention_t *mention) {
    switch (mention->kind) {
    case MENTION_PATH: {
        const explain_path_t *path = path_at(explanation, mention->index);
        want(explanation, mention->name, path->via_pays,
             path->via_pays ? &contributor->received : &contributor->sent);
        contributor->exposures++;
        contributor->contribution_hundredths += path->contribution_hundredths;
        break;
    }
    case MENTION_SENDER: {
        want(explanation, mention->name, true, &contributor->received);
        explain_edge_t *edge = edge_at(explanation, contributor->received);
        edge->first_ms = edge->last_ms = mention->first_ms;
        edge->tx_ids[0] = mention->tx_id;
        edge->tx_id_count = 1;
        break;
    }
    case MENTION_RECEIVER: want(explanation, mention->name, false, &contributor->sent); break;
    }
}

void contributors_find(explanation_t *explanation, risk_t *risk, const wallet_t *wallet) {
    list_t mentions = {0};
    mention_paths(&mentions, explanation);
    mention_senders(&mentions, explanation, risk, wallet);
    mention_receivers(&mentions, explanation, risk, wallet);
    const mention_t *items = mentions.items;
    if (mentions.count) qsort_r(mentions.items, (size_t)mentions.count, sizeof *items, by_name, explanation);
    contributor_t *contributor = NULL;
    for (int i = 0; i < mentions.count; i++) {
        if (!i ||
            !text_equal(piece_text(explanation, items[i].name), piece_text(explanation, items[i - 1].name))) {
            contributor = list_add(&explanation->contributors, sizeof *contributor);
            *contributor = (contributor_t){.name = items[i].name, .received = -1, .sent = -1};
        }
        contributor_take(explanation, contributor, &items[i]);
    }
    free(mentions.items);
}

typedef struct {
    double value, tainted;
} weight_t;

static weight_t weight_of(const explanation_t *explanation, const contributor_t *contributor) {
    int indexes[] = {contributor->received, contributor->sent};
    weight_t weight = {0};
    for (int i = 0; i < 2; i++) {
        if (indexes[i] < 0) continue;
        weight.value += edge_at(explanation, indexes[i])->value;
        weight.tainted += edge_at(explanation, indexes[i])->tainted;
    }
    return weight;
}

static int by_weight(const void *a, const void *b, void *context) {
    const contributor_t *one = contributor_at(context, *(const int *)a),
                        *other = contributor_at(context, *(const int *)b);
    if (one->contribution_hundredths != other->contribution_hundredths)
        return one->contribution_hundredths > other->contribution_hundredths ? -1 : 1;
    if (one->exposures != other->exposures) return one->exposures > other->exposures ? -1 : 1;
    weight_t weight = weight_of(context, one), other_weight = weight_of(context, other);
    if (weight.tainted != other_weight.tainted) return weight.tainted > other_weight.tainted ? -1 : 1;
    if (weight.value != other_weight.value) return weight.value > other_weight.value ? -1 : 1;
    return text_compare(piece_text(context, one->name), piece_text(context, other->name));
}

void contributors_rank(const explanation_t *explanation, int *order) {
    int count = explanation->contributors.count;
    for (int i = 0; i < count; i++) order[i] = i;
    if (count) qsort_r(order, (size_t)count, sizeof *order, by_weight, (void *)(uintptr_t)explanation);
}
