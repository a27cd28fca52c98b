/* What an explanation is made of; for its own files alone. */
#pragma once

#include "common/address.h"
#include "risk/edge.h"
#include "risk/explain/explain.h"
#include "risk/model.h"

/* A text in explanation_t.text, which moves as it grows. */
typedef struct {
    size_t at, size;
} piece_t;

typedef enum { PART_OPEN, PART_DONE, PART_MISSING } part_state_t;

/* All transfers from one wallet to another, as far as the edge names them. */
typedef struct {
    piece_t from, to;
    part_state_t state;
    uint64_t count;
    double value, tainted;
    int64_t first_ms, last_ms;
    bool has_times;
    piece_t tx_ids[EDGE_RECENT_MAX + 1]; /* the earliest first */
    int tx_id_count;
} explain_edge_t;

/* One exposure, walked from the wallet towards the labelled one. */
typedef struct {
    direction_t direction;
    int category;
    int hops;
    piece_t label, via;
    bool via_pays;               /* the wallet; else it is paid by it */
    int contribution_hundredths; /* to the score; 0: another one of the category counts */
    int edges[HOPS_MAX];         /* indexes, nearest to the wallet first */
    int edge_count;
    part_state_t state; /* missing: the next wallet does not have it now, as an update is on its way */
    piece_t at;         /* how far it was walked */
    piece_t labelled;   /* JSON of the label, once done */
} explain_path_t;

/* What a detector found. Of a pattern over several wallets the transfers are kept at the root of its case. */
typedef struct {
    int id;
    int64_t at_ms;
    piece_t said; /* JSON of what was counted */
    part_state_t state;
    piece_t tx_ids[EVIDENCE_TRANSFERS_MAX], wallets[EVIDENCE_TRANSFERS_MAX];
    int tx_id_count, wallet_count;
    bool names_transfer;
} explain_finding_t;

typedef struct {
    piece_t name;
    int received, sent; /* edges to and from the wallet; -1: none */
    int exposures;      /* that came through it */
    int contribution_hundredths;
} contributor_t;

typedef struct {
    void *items;
    int count, capacity;
} list_t;

struct explanation {
    explain_limits_t limits;
    piece_t wallet;
    piece_t asked_as; /* size 0: as the wallet's name is */
    piece_t tx_id, counterparty;
    bool is_sender;
    bool known;
    buf_t text;
    buf_t record; /* JSON of the risk-scores record */
    list_t edges, paths, findings, contributors;
    piece_t case_at; /* where the case of the findings was followed to */
    int case_steps;
    int paths_left_out;
    uint32_t in_degree, out_degree;
    int edge_to_counterparty; /* -1: none */
};

void *list_add(list_t *list, size_t item_size); /* zeroed; valid until the next */
static inline explain_edge_t *edge_at(const explanation_t *explanation, int index) {
    return (explain_edge_t *)explanation->edges.items + index;
}
static inline explain_path_t *path_at(const explanation_t *explanation, int index) {
    return (explain_path_t *)explanation->paths.items + index;
}
static inline explain_finding_t *finding_at(const explanation_t *explanation, int index) {
    return (explain_finding_t *)explanation->findings.items + index;
}
static inline contributor_t *contributor_at(const explanation_t *explanation, int index) {
    return (contributor_t *)explanation->contributors.items + index;
}

/* `text` must not be one of the explanation's own. */
piece_t piece_keep(explanation_t *explanation, text_t text);
static inline text_t piece_text(const explanation_t *explanation, piece_t piece) {
    return (text_t){piece.size ? explanation->text.data + piece.at : "", piece.size};
}
/* Whether the exposure goes along the edge from its neighbour; else the edge goes there. */
static inline bool exposure_came_from(direction_t direction, const exposure_t *exposure) {
    return direction == DIRECTION_SOURCE || (direction == DIRECTION_EITHER && exposure->tx_id.size > 0);
}
int edge_want(explanation_t *explanation, piece_t from, piece_t to); /* its index */

/* own.c: what the wallet's own task knows. False where it does not know the wallet. */
bool explanation_read_own(explanation_t *explanation, risk_t *risk);
/* contributors.c */
void contributors_find(explanation_t *explanation, risk_t *risk, const wallet_t *wallet);
void contributors_rank(const explanation_t *explanation, int *order);
/* walk.c: each returns whether it got further. */
bool path_walk(explanation_t *explanation, explain_path_t *path, const explain_state_t *state);
bool edge_read(explanation_t *explanation, int index, const explain_state_t *state);
/* findings.c */
void finding_add(explanation_t *explanation, risk_t *risk, wallet_t *wallet, const reason_t *reason);
bool case_follow(explanation_t *explanation, const explain_state_t *state); /* as path_walk */
