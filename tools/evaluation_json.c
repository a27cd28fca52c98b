#include "tools/evaluation_report.h"

#include <math.h>

static const char *const part_names[PART_COUNT] = {"all", "last"};

static json_t *number(double value) { return isnan(value) ? json_null() : json_real(value); }
static json_t *count(uint64_t value) { return json_integer((json_int_t)value); }
static json_t *share(uint64_t part, uint64_t of) {
    return of ? json_real((double)part / (double)of) : json_null();
}

static json_t *ranking_json(const ranking_measures_t *measures) {
    json_t *at = json_array();
    for (int i = 0; i < EVALUATION_CUTS; i++)
        json_array_append_new(at, json_pack("{s:f, s:o, s:o}", "share", evaluation_cut_shares[i], "precision",
                                            number(measures->at_share[i].precision), "recall",
                                            number(measures->at_share[i].recall)));
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "transfers", count(measures->transfers),
                     "planted", count(measures->planted), "average_precision",
                     number(measures->average_precision), "f1", number(measures->f1), "precision",
                     number(measures->at_threshold.precision), "recall",
                     number(measures->at_threshold.recall), "at", at);
}

static json_t *delay_json(const delay_measures_t *delay) {
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "patterns", count(delay->count), "median_ms",
                     number(delay->ms_median), "p90_ms", number(delay->ms_p90), "median_transfers",
                     number(delay->transfers_median), "p90_transfers", number(delay->transfers_p90));
}

static json_t *patterns_json(const pattern_measures_t *patterns) {
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "planted", count(patterns->planted), "found",
                     count(patterns->found), "found_share", share(patterns->found, patterns->planted),
                     "delay_to_found", delay_json(&patterns->to_found), "delay_to_noticed",
                     delay_json(&patterns->to_noticed));
}

static json_t *typology_json(const typology_measures_t *typology) {
    json_t *ranking = json_object(), *patterns = json_object();
    for (part_t part = 0; part < PART_COUNT; part++) {
        json_object_set_new(ranking, part_names[part], ranking_json(&typology->ranking[part]));
        json_object_set_new(patterns, part_names[part], patterns_json(&typology->patterns[part]));
    }
    return json_pack("{s:o, s:o, s:o}", "threshold", number(typology->threshold), "ranking", ranking,
                     "patterns", patterns);
}

static json_t *alerts_json(const alert_measures_t *alerts) {
    json_t *json = json_object();
    for (part_t part = 0; part < PART_COUNT; part++)
        json_object_set_new(json, part_names[part],
                            json_pack("{s:o, s:o, s:o}", "alerts", count(alerts[part].alerts), "right",
                                      count(alerts[part].right), "right_share",
                                      share(alerts[part].right, alerts[part].alerts)));
    return json;
}

json_t *evaluation_json(const evaluation_measures_t *measures) {
    json_t *json = typology_json(&measures->all), *typologies = json_object(), *alerts = json_object();
    for (int i = 0; i < measures->typology_count; i++)
        json_object_set_new(typologies, measures->typologies[i].name,
                            typology_json(&measures->typologies[i]));
    for (int i = 0; i < measures->alert_typology_count; i++)
        json_object_set_new(alerts, measures->alert_typologies[i].name,
                            alerts_json(measures->alert_typologies[i].alerts));
    json_object_set_new(json, "typologies", typologies);
    json_object_set_new(json, "alerts", alerts_json(measures->alerts));
    json_object_set_new(json, "alert_typologies", alerts);
    json_object_set_new(json, "truths_unknown", count(measures->truths_unknown));
    return json;
}
