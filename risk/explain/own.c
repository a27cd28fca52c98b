/* What the wallet's own task knows of it. */
#include "risk/explain/parts.h"

#include "risk/text.h"

#include <stdlib.h>

/* What the exposure adds to the score; 0 where another one of its category counts. Needs risk->score. */
static int contribution_of(const risk_t *risk, direction_t direction, const exposure_t *exposure) {
    for (int i = 0; i < risk->score.count; i++) {
        const reason_t *reason = &risk->score.reasons[i];
        bool same = reason->kind <= REASON_EXPOSURE && reason->id == exposure->category &&
                    (reason->kind == REASON_LABEL || reason->direction == direction) &&
                    reason->hops == exposure->hops && text_equal(reason->label, exposure->label);
        if (same) return reason->contribution_hundredths;
    }
    return 0;
}

typedef struct {
    direction_t direction;
    const exposure_t *exposure;
    int contribution_hundredths;
} choice_t;

static void path_add(explanation_t *explanation, const choice_t *choice) {
    const exposure_t *exposure = choice->exposure;
    piece_t label = piece_keep(explanation, exposure->label), via = piece_keep(explanation, exposure->via);
    explain_path_t *path = list_add(&explanation->paths, sizeof *path);
    path->direction = choice->direction;
    path->category = exposure->category;
    path->hops = exposure->hops;
    path->label = label;
    path->via = via;
    path->via_pays = exposure_came_from(choice->direction, exposure);
    path->contribution_hundredths = choice->contribution_hundredths;
    path->at = explanation->wallet;
}

/* What weighs most in the score, then what is nearest, then in the list's order. */
static int by_weight(const void *a, const void *b) {
    const choice_t *one = a, *other = b;
    if (one->contribution_hundredths != other->contribution_hundredths)
        return one->contribution_hundredths > other->contribution_hundredths ? -1 : 1;
    if (one->exposure->hops != other->exposure->hops)
        return one->exposure->hops < other->exposure->hops ? -1 : 1;
    return one->exposure < other->exposure ? -1 : one->exposure > other->exposure;
}

static void paths_choose(explanation_t *explanation, const risk_t *risk) {
    const explain_limits_t *limits = &explanation->limits;
    choice_t choices[DIRECTION_COUNT * EXPOSURES_MAX];
    int count = 0, of_hops[HOPS_MAX + 1] = {0};
    bool has_own = false; /* the wallet's own label stands in the list of each direction */
    for (direction_t direction = 0; direction < DIRECTION_COUNT; direction++)
        for (int i = 0; i < risk->lists[direction].count; i++) {
            const exposure_t *exposure = &risk->lists[direction].items[i];
            if (exposure->hops == 0 && has_own) continue;
            has_own |= exposure->hops == 0;
            choices[count++] = (choice_t){direction, exposure, contribution_of(risk, direction, exposure)};
        }
    qsort(choices, (size_t)count, sizeof *choices, by_weight);
    for (int i = 0; i < count; i++) {
        int hops = choices[i].exposure->hops;
        bool fits = hops <= limits->max_hops && of_hops[hops] < limits->per_hop_limit &&
                    explanation->paths.count < limits->total_limit;
        if (fits) path_add(explanation, &choices[i]);
        of_hops[hops] += fits;
        explanation->paths_left_out += !fits;
    }
}

bool explanation_read_own(explanation_t *explanation, risk_t *risk) {
    text_t name = piece_text(explanation, explanation->wallet);
    wallet_t wallet;
    if (!wallet_read(risk->store, name, &wallet)) return false;
    /* Leaves the wallet's score and exposures in `risk`. */
    risk_wallet_json(risk, name.data, name.size, &explanation->record);
    paths_choose(explanation, risk);
    for (int i = 0; i < risk->score.count; i++)
        if (risk->score.reasons[i].kind == REASON_DETECTOR)
            finding_add(explanation, risk, &wallet, &risk->score.reasons[i]);
    explanation->in_degree = wallet.in_degree;
    explanation->out_degree = wallet.out_degree;
    contributors_find(explanation, risk, &wallet);
    if (explanation->is_sender)
        explanation->edge_to_counterparty =
            edge_want(explanation, explanation->wallet, explanation->counterparty);
    return true;
}
