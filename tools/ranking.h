/* How well scores rank what is to be found before what is not.
 *
 * Equal scores have no order among themselves: every figure is the same however they lie. A figure that does
 * not exist (nothing to be found, no items) is NAN. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    double score;
    bool is_wanted;
} ranked_t;

typedef struct {
    double precision; /* of what is picked, the share that is wanted */
    double recall;    /* of what is wanted, the share that is picked */
} ranking_rates_t;

/* Highest score first; what follows wants this order. */
void ranking_sort(ranked_t *items, size_t count);

/* Σ (Rᵢ − Rᵢ₋₁) · Pᵢ over the distinct scores, highest first, where Pᵢ and Rᵢ are those of all items with at
 * least that score: scikit-learn's average_precision_score. */
double ranking_average_precision(const ranked_t *items, size_t count);
/* Of the first `share` (0..1) of the items, rounded, at least one. Where the cut falls among equal scores:
 * what a random choice among them gives on average. */
ranking_rates_t ranking_at_share(const ranked_t *items, size_t count, double share);
/* Of the items with at least this score. */
ranking_rates_t ranking_at_score(const ranked_t *items, size_t count, double score);
/* The score of the items from which on F1 is greatest; the highest of equals. */
double ranking_best_score(const ranked_t *items, size_t count);
/* The harmonic mean of both; 0 where both are 0. */
double ranking_f1(ranking_rates_t rates);
/* Pᵢ and Rᵢ of each distinct score, highest first; `points` has room for `count`. Returns how many. */
size_t ranking_curve(const ranked_t *items, size_t count, ranking_rates_t *points);
