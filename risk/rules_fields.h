/* The rules' values, for the files of the model. Documented in README.md. */
#pragma once

#include "risk/detectors.h"
#include "risk/rules.h"
#include "risk/taint.h"

#include <stdbool.h>

typedef enum { LEVEL_LOW, LEVEL_MEDIUM, LEVEL_HIGH, LEVEL_CRITICAL, LEVEL_COUNT } level_t;

extern const char *const level_names[LEVEL_COUNT];
extern const char *const taint_method_names[TAINT_METHOD_COUNT + 1]; /* ends with NULL */

typedef struct {
    double weight;  /* 0: carries no risk and is no exposure */
    int alert_hops; /* a wallet that comes so near is an alert; 0: never */
    bool service;   /* wallets of this category pass on only their own label */
} category_rule_t;

typedef struct {
    taint_method_t method;
    double weight;      /* of a wholly tainted wallet or transfer, times the category's */
    double min_share;   /* smaller ones are no reason */
    double least_share; /* of a transfer; a smaller part counts as left and does not go on */
} taint_rule_t;

typedef struct {
    double weight; /* of the learned model; when a transfer arrives, detectors count 1 − weight beside it */
    double case_from;    /* from this probability on a transfer joins a case, whatever its bits */
    double explain_from; /* from this probability on, the features that led to it are named */
} model_rule_t;

/* Of the transfers of one asset, whose amounts are then in its own units. */
typedef struct {
    char name[RULES_ASSET_SIZE_MAX + 1];
    double own[DETECTOR_COUNT][DETECTOR_PARAMETERS_MAX]; /* as given; NaN: none of its own */
    double detectors[DETECTOR_COUNT][DETECTOR_PARAMETERS_MAX];
    bool given[DETECTOR_COUNT]; /* some parameter of this detector is the asset's own */
} asset_rules_t;

struct rules {
    int nearest; /* labelled wallets kept per wallet and category */
    int max_hops;
    bool by_root_degree; /* a wallet's label and exposures weigh less by the root of its degree */
    double directions[DIRECTION_COUNT]; /* of the categories' weights; 0: not followed */
    double hop_weights[HOPS_MAX + 1];   /* [0] is the labelled wallet itself */
    int hop_weight_count;               /* that were given; at least max_hops + 1 */
    category_rule_t categories[CATEGORY_COUNT];
    double detectors[DETECTOR_COUNT][DETECTOR_PARAMETERS_MAX];
    taint_rule_t taint;
    model_rule_t model;
    asset_rules_t *assets;
    int asset_count;
    double half_life_days;
    double grace_hours;         /* a transfer later than this after its wallet's newest is not judged */
    double levels[LEVEL_COUNT]; /* least score of each; [LEVEL_LOW] is 0 */
    char version[RULES_VERSION_SIZE + 1];
};

static inline bool rules_is_risk(const rules_t *rules, category_t category) {
    return rules->categories[category].weight > 0;
}

static inline bool rules_follow(const rules_t *rules, direction_t direction) {
    return rules->directions[direction] > 0;
}

level_t rules_level(const rules_t *rules, double score);
/* The asset's own rules, NULL where it has none. */
const asset_rules_t *rules_asset(const rules_t *rules, text_t asset);
