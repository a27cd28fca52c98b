#include "tools/ranking.h"

#include <math.h>
#include <stdlib.h>

static int by_score_falling(const void *a, const void *b) {
    double x = ((const ranked_t *)a)->score, y = ((const ranked_t *)b)->score;
    return (x < y) - (x > y);
}

void ranking_sort(ranked_t *items, size_t count) {
    if (count) qsort(items, count, sizeof *items, by_score_falling);
}

/* Items of one score, and how many there were up to their end. */
typedef struct {
    size_t begin, end;
    size_t wanted_before, wanted;
} group_t;

static bool group_next(const ranked_t *items, size_t count, group_t *group) {
    size_t at = group->end;
    if (at == count) return false;
    group->begin = at;
    group->wanted_before = group->wanted;
    while (group->end < count && items[group->end].score == items[at].score)
        group->wanted += items[group->end++].is_wanted;
    return true;
}

static size_t wanted_count(const ranked_t *items, size_t count) {
    size_t wanted = 0;
    for (size_t i = 0; i < count; i++) wanted += items[i].is_wanted;
    return wanted;
}

static ranking_rates_t rates(double hits, double picked, size_t wanted) {
    return (ranking_rates_t){picked > 0 ? hits / picked : NAN, wanted ? hits / (double)wanted : NAN};
}

double ranking_average_precision(const ranked_t *items, size_t count) {
    size_t wanted = wanted_count(items, count);
    if (!wanted) return NAN;
    double sum = 0;
    for (group_t group = {0}; group_next(items, count, &group);)
        sum += (double)(group.wanted - group.wanted_before) * (double)group.wanted / (double)group.end;
    return sum / (double)wanted;
}

ranking_rates_t ranking_at_share(const ranked_t *items, size_t count, double share) {
    if (!count) return rates(0, 0, 0);
    double picked = fmax(1, round(share * (double)count)), hits = 0;
    for (group_t group = {0}; group_next(items, count, &group) && (double)group.begin < picked;) {
        double part = fmin(1, (picked - (double)group.begin) / (double)(group.end - group.begin));
        hits += part * (double)(group.wanted - group.wanted_before);
    }
    return rates(hits, picked, wanted_count(items, count));
}

ranking_rates_t ranking_at_score(const ranked_t *items, size_t count, double score) {
    size_t picked = 0;
    while (picked < count && items[picked].score >= score) picked++;
    return rates((double)wanted_count(items, picked), (double)picked, wanted_count(items, count));
}

double ranking_best_score(const ranked_t *items, size_t count) {
    size_t wanted = wanted_count(items, count);
    double best = 0, score = NAN;
    for (group_t group = {0}; wanted && group_next(items, count, &group);) {
        double f1 = 2 * (double)group.wanted / (double)(group.end + wanted);
        if (f1 <= best) continue;
        best = f1;
        score = items[group.begin].score;
    }
    return score;
}

double ranking_f1(ranking_rates_t of) {
    if (isnan(of.recall)) return NAN;
    if (isnan(of.precision) || of.precision + of.recall == 0) return 0;
    return 2 * of.precision * of.recall / (of.precision + of.recall);
}

size_t ranking_curve(const ranked_t *items, size_t count, ranking_rates_t *points) {
    size_t wanted = wanted_count(items, count), made = 0;
    for (group_t group = {0}; group_next(items, count, &group);)
        points[made++] = rates((double)group.wanted, (double)group.end, wanted);
    return made;
}
