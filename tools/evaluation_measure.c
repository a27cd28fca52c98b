#include "tools/evaluation_data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const double evaluation_cut_shares[EVALUATION_CUTS] = {0.005, 0.01, 0.02, 0.05};

/* Tenths of the stream. */
enum { VALIDATION_BEGIN = 6, LAST_BEGIN = 8, TENTHS = 10 };

static uint32_t tenths(const evaluation_t *evaluation, uint32_t count) {
    return (uint32_t)((uint64_t)evaluation->transfer_count * count / TENTHS);
}

uint32_t evaluation_part_begin(const evaluation_t *evaluation, part_t part) {
    return part == PART_LAST ? tenths(evaluation, LAST_BEGIN) : 0;
}

static ranked_t *ranked_between(const evaluation_t *evaluation, uint32_t begin, uint32_t end,
                                uint64_t typologies, size_t *count) {
    ranked_t *items = calloc(end - begin + 1u, sizeof *items);
    if (!items) abort();
    *count = 0;
    for (uint32_t at = begin; at < end; at++) {
        const scored_transfer_t *transfer = evaluation->ordered[at];
        bool is_wanted = transfer->typologies & typologies;
        if (is_wanted || !transfer->typologies) items[(*count)++] = (ranked_t){transfer->score, is_wanted};
    }
    ranking_sort(items, *count);
    return items;
}

ranked_t *evaluation_ranked(const evaluation_t *evaluation, part_t part, const char *typology,
                            size_t *count) {
    uint64_t typologies = UINT64_MAX;
    for (int i = 0; typology && i < evaluation->typologies.count; i++)
        if (strcmp(evaluation->typologies.names[i], typology) == 0) typologies = UINT64_C(1) << i;
    return ranked_between(evaluation, evaluation_part_begin(evaluation, part), evaluation->transfer_count,
                          typologies, count);
}

static double best_threshold(const evaluation_t *evaluation, uint64_t typologies) {
    size_t count;
    ranked_t *items = ranked_between(evaluation, tenths(evaluation, VALIDATION_BEGIN),
                                     tenths(evaluation, LAST_BEGIN), typologies, &count);
    double score = ranking_best_score(items, count);
    free(items);
    return score;
}

static void measure_ranking(const evaluation_t *evaluation, part_t part, uint64_t typologies,
                            double threshold, ranking_measures_t *out) {
    size_t count;
    ranked_t *items = ranked_between(evaluation, evaluation_part_begin(evaluation, part),
                                     evaluation->transfer_count, typologies, &count);
    out->transfers = count;
    for (size_t i = 0; i < count; i++) out->planted += items[i].is_wanted;
    out->average_precision = ranking_average_precision(items, count);
    for (int i = 0; i < EVALUATION_CUTS; i++)
        out->at_share[i] = ranking_at_share(items, count, evaluation_cut_shares[i]);
    out->at_threshold =
        isnan(threshold) ? (ranking_rates_t){NAN, NAN} : ranking_at_score(items, count, threshold);
    out->f1 = ranking_f1(out->at_threshold);
    free(items);
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The least value that at least this share of all do not exceed. */
static double quantile(double *values, size_t count, double share) {
    if (!count) return NAN;
    qsort(values, count, sizeof *values, by_value);
    size_t rank = (size_t)ceil(share * (double)count);
    return values[rank ? rank - 1 : 0];
}

static bool is_of(const evaluation_t *evaluation, size_t pattern, part_t part, uint64_t typologies) {
    const planted_pattern_t *planted = evaluation->patterns[pattern];
    return (UINT64_C(1) << planted->typology & typologies) &&
           planted->end >= evaluation_part_begin(evaluation, part);
}

static void measure_delays(const evaluation_t *evaluation, part_t part, uint64_t typologies, bool to_found,
                           delay_measures_t *out) {
    double *ms = calloc(evaluation->pattern_count, sizeof *ms),
           *transfers = calloc(evaluation->pattern_count, sizeof *transfers);
    if (!ms || !transfers) abort();
    for (size_t i = 0; i < evaluation->pattern_count; i++) {
        const planted_pattern_t *pattern = evaluation->patterns[i];
        const delay_t *delay = to_found ? &pattern->to_found : &pattern->to_noticed;
        if (!delay->is_known || !is_of(evaluation, i, part, typologies)) continue;
        ms[out->count] = (double)delay->ms;
        transfers[out->count++] = delay->transfers;
    }
    out->ms_median = quantile(ms, out->count, 0.5);
    out->ms_p90 = quantile(ms, out->count, 0.9);
    out->transfers_median = quantile(transfers, out->count, 0.5);
    out->transfers_p90 = quantile(transfers, out->count, 0.9);
    free(ms);
    free(transfers);
}

static void measure_typology(const evaluation_t *evaluation, const char *name, uint64_t typologies,
                             typology_measures_t *out) {
    out->name = name;
    out->threshold = best_threshold(evaluation, typologies);
    for (part_t part = 0; part < PART_COUNT; part++) {
        pattern_measures_t *patterns = &out->patterns[part];
        measure_ranking(evaluation, part, typologies, out->threshold, &out->ranking[part]);
        for (size_t i = 0; i < evaluation->pattern_count; i++) {
            if (!is_of(evaluation, i, part, typologies)) continue;
            patterns->planted++;
            patterns->found += evaluation->patterns[i]->to_found.is_known;
        }
        measure_delays(evaluation, part, typologies, true, &patterns->to_found);
        measure_delays(evaluation, part, typologies, false, &patterns->to_noticed);
    }
}

static void measure_alerts(const evaluation_t *evaluation, evaluation_measures_t *out) {
    for (int i = 0; i < evaluation->alert_typologies.count; i++)
        out->alert_typologies[i].name = evaluation->alert_typologies.names[i];
    out->alert_typology_count = evaluation->alert_typologies.count;
    for (size_t i = 0; i < evaluation->alert_count; i++) {
        const judged_alert_t *alert = &evaluation->alerts[i];
        for (part_t part = 0; part < PART_COUNT; part++) {
            if (alert->position < evaluation_part_begin(evaluation, part)) continue;
            alert_measures_t *of_typology = &out->alert_typologies[alert->typology].alerts[part];
            of_typology->alerts++;
            of_typology->right += alert->is_right;
            out->alerts[part].alerts++;
            out->alerts[part].right += alert->is_right;
        }
    }
}

/* Both kinds of rows begin with their name. */
static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void evaluation_measure(const evaluation_t *evaluation, evaluation_measures_t *out) {
    *out = (evaluation_measures_t){.truths_unknown = evaluation->truths_unknown,
                                   .typology_count = evaluation->typologies.count};
    measure_typology(evaluation, "all", UINT64_MAX, &out->all);
    for (int i = 0; i < evaluation->typologies.count; i++)
        measure_typology(evaluation, evaluation->typologies.names[i], UINT64_C(1) << i, &out->typologies[i]);
    measure_alerts(evaluation, out);
    qsort(out->typologies, (size_t)out->typology_count, sizeof *out->typologies, by_name);
    qsort(out->alert_typologies, (size_t)out->alert_typology_count, sizeof *out->alert_typologies, by_name);
}
