#include "risk/rules_table.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

typedef struct {
    const char *section; /* NULL: none */
    const char *key;
    rule_type_t type;
    double least, most;
    size_t offset;
    const char *const *choices;
} row_t;

#define RULES(field_)    offsetof(rules_t, field_)
#define CATEGORY(field_) offsetof(category_rule_t, field_)

static const row_t exposure_rows[] = {
    {"exposure", "nearest", RULE_WHOLE, 1, NEAREST_MAX, RULES(nearest), NULL},
    {"exposure", "max_hops", RULE_WHOLE, 1, HOPS_MAX, RULES(max_hops), NULL},
    {"exposure", "source", RULE_NUMBER, 0, 1, RULES(directions[DIRECTION_SOURCE]), NULL},
    {"exposure", "destination", RULE_NUMBER, 0, 1, RULES(directions[DIRECTION_DESTINATION]), NULL},
    {"exposure", "either", RULE_NUMBER, 0, 1, RULES(directions[DIRECTION_EITHER]), NULL},
    {"exposure", "by_root_degree", RULE_SWITCH, 0, 1, RULES(by_root_degree), NULL},
    {"exposure", "hop_weights", RULE_LIST, 0, 1, RULES(hop_weights), NULL},
};

static const row_t category_rows[] = {
    {NULL, "weight", RULE_NUMBER, 0, 1, CATEGORY(weight), NULL},
    {NULL, "service", RULE_SWITCH, 0, 1, CATEGORY(service), NULL},
    {NULL, "alert_hops", RULE_WHOLE, 0, HOPS_MAX, CATEGORY(alert_hops), NULL},
};

static const row_t taint_rows[] = {
    {"taint", "method", RULE_CHOICE, 0, 0, RULES(taint.method), taint_method_names},
    {"taint", "weight", RULE_NUMBER, 0, 1, RULES(taint.weight), NULL},
    {"taint", "min_share", RULE_NUMBER, 0, 1, RULES(taint.min_share), NULL},
    {"taint", "least_share", RULE_NUMBER, 0, 1, RULES(taint.least_share), NULL},
};

static const row_t model_rows[] = {
    {"model", "weight", RULE_NUMBER, 0, 1, RULES(model.weight), NULL},
    {"model", "case_from", RULE_NUMBER, 0, 1, RULES(model.case_from), NULL},
    {"model", "explain_from", RULE_NUMBER, 0, 1, RULES(model.explain_from), NULL},
};

static const row_t score_rows[] = {
    {NULL, "grace_hours", RULE_NUMBER, 0, 1e6, RULES(grace_hours), NULL},
    {NULL, "half_life_days", RULE_NUMBER, 0.01, 36600, RULES(half_life_days), NULL},
    {"levels", "medium", RULE_NUMBER, 0, 100, RULES(levels[LEVEL_MEDIUM]), NULL},
    {"levels", "high", RULE_NUMBER, 0, 100, RULES(levels[LEVEL_HIGH]), NULL},
    {"levels", "critical", RULE_NUMBER, 0, 100, RULES(levels[LEVEL_CRITICAL]), NULL},
};

_Static_assert(sizeof(taint_method_t) == sizeof(int), "a choice is kept as an int");

#define COUNT(array_) ((int)(sizeof(array_) / sizeof *(array_)))

static rule_t *table_add(rule_table_t *table, const char *const *path, int depth) {
    assert(depth <= RULE_DEPTH_MAX);
    rule_t *rule = &table->items[table->count++];
    *rule = (rule_t){.depth = depth};
    for (int i = 0; i < depth; i++) rule->path[i] = path[i];
    return rule;
}

static void add_row(rule_table_t *table, const row_t *row, const char *const *path, int depth, void *base,
                    rules_t *rules) {
    rule_t *rule = table_add(table, path, depth);
    rule->type = row->type;
    rule->least = row->least;
    rule->most = row->most;
    rule->choices = row->choices;
    rule->value = (char *)base + row->offset;
    if (row->type != RULE_LIST) return;
    rule->count = &rules->hop_weight_count;
    rule->count_max = HOPS_MAX + 1;
}

static void add_rows(rule_table_t *table, const row_t *rows, int count, rules_t *rules) {
    for (int i = 0; i < count; i++) {
        const char *path[] = {rows[i].section, rows[i].key};
        bool inside = rows[i].section != NULL;
        add_row(table, &rows[i], inside ? path : path + 1, inside ? 2 : 1, rules, rules);
    }
}

static void add_parameters(rule_table_t *table, const char **path, int depth, int id, double *values) {
    const detector_parameter_t *parameters = detectors[id].parameters;
    for (int p = 0; p < DETECTOR_PARAMETERS_MAX && parameters[p].key; p++) {
        if (isnan(values[p])) continue;
        path[depth] = parameters[p].key;
        rule_t *rule = table_add(table, path, depth + 1);
        rule->type = RULE_NUMBER;
        rule->least = parameters[p].least;
        rule->most = parameters[p].most;
        rule->value = &values[p];
    }
}

void rule_table_init(rule_table_t *table, rules_t *rules) {
    int most = COUNT(exposure_rows) + COUNT(taint_rows) + COUNT(model_rows) + COUNT(score_rows) +
               CATEGORY_COUNT * COUNT(category_rows) +
               DETECTOR_COUNT * DETECTOR_PARAMETERS_MAX * (1 + rules->asset_count);
    *table = (rule_table_t){.items = calloc((size_t)most, sizeof *table->items)};
    if (!table->items) abort();
    add_rows(table, exposure_rows, COUNT(exposure_rows), rules);
    for (int i = 0; i < CATEGORY_COUNT; i++)
        for (int row = 0; row < COUNT(category_rows); row++) {
            const char *path[] = {"categories", category_infos[i].name, category_rows[row].key};
            add_row(table, &category_rows[row], path, COUNT(path), &rules->categories[i], rules);
        }
    add_rows(table, taint_rows, COUNT(taint_rows), rules);
    add_rows(table, model_rows, COUNT(model_rows), rules);
    for (int id = 0; id < DETECTOR_COUNT; id++) {
        const char *path[RULE_DEPTH_MAX] = {"detectors", detectors[id].name};
        add_parameters(table, path, 2, id, rules->detectors[id]);
        for (int i = 0; i < rules->asset_count; i++) {
            path[2] = "per_asset";
            path[3] = rules->assets[i].name;
            add_parameters(table, path, 4, id, rules->assets[i].own[id]);
        }
    }
    add_rows(table, score_rows, COUNT(score_rows), rules);
    assert(table->count <= most);
}

void rule_table_clear(rule_table_t *table) {
    free(table->items);
    *table = (rule_table_t){0};
}
