#include "tests/support/suite.h"
#include "tools/ranking.h"

#include <math.h>

enum { ITEMS_MAX = 40, ROUNDS = 3000 };

static void assert_near(double value, double expected) {
    ck_assert_msg(fabs(value - expected) < 1e-12 || (isnan(value) && isnan(expected)), "%.17g is not %.17g",
                  value, expected);
}

/* Ranks 1 1 0 1 0 without ties. */
static ranked_t *small(void) {
    static ranked_t items[] = {{0.2, true}, {0.9, true}, {0.4, false}, {0.8, true}, {0.1, false}};
    ranking_sort(items, 5);
    return items;
}

START_TEST(average_precision_is_the_mean_precision_at_each_wanted_item) {
    assert_near(ranking_average_precision(small(), 5), (1.0 + 1.0 + 3.0 / 4) / 3);
    ranked_t tied[] = {{1, true}, {1, false}, {1, false}, {0, true}};
    assert_near(ranking_average_precision(tied, 4), (1.0 / 3 + 2.0 / 4) / 2);
    ranked_t unwanted[] = {{1, false}};
    assert_near(ranking_average_precision(unwanted, 1), NAN);
    assert_near(ranking_average_precision(unwanted, 0), NAN);
}
END_TEST

START_TEST(the_top_share_takes_of_equal_scores_what_a_random_choice_would) {
    ranking_rates_t rates = ranking_at_share(small(), 5, 0.4);
    assert_near(rates.precision, 1);
    assert_near(rates.recall, 2.0 / 3);
    ranked_t tied[] = {{3, false}, {2, true}, {2, false}, {2, false}, {1, true}};
    rates = ranking_at_share(tied, 5, 0.4);
    assert_near(rates.precision, (1.0 / 3) / 2);
    assert_near(rates.recall, (1.0 / 3) / 2);
    assert_near(ranking_at_share(tied, 5, 0.001).precision, 0); /* one at least */
    assert_near(ranking_at_share(tied, 5, 1).recall, 1);
}
END_TEST

START_TEST(the_best_score_is_the_highest_of_those_with_the_greatest_f1) {
    assert_near(ranking_best_score(small(), 5), 0.2); /* 3 of 4 picked: 2 · 3 / (4 + 3) = 6/7 */
    ranking_rates_t rates = ranking_at_score(small(), 5, 0.2);
    assert_near(rates.precision, 0.75);
    assert_near(rates.recall, 1);
    assert_near(ranking_f1(rates), 6.0 / 7);
    ranked_t equal[] = {{3, true}, {2, false}, {1, true}, {0, false}}; /* F1 2/3, 1/2, 4/5, … */
    assert_near(ranking_best_score(equal, 4), 1);
    ranked_t twice[] = {{3, true}, {2, false}, {2, false}, {1, true}}; /* F1 2/3, 2/5, 2/3 */
    assert_near(ranking_best_score(twice, 4), 3);
    ranked_t unwanted[] = {{1, false}};
    assert_near(ranking_best_score(unwanted, 1), NAN);
    assert_near(ranking_f1(ranking_at_score(small(), 5, 2)), 0);
}
END_TEST

START_TEST(the_curve_has_a_point_for_each_distinct_score) {
    ranked_t items[] = {{3, true}, {2, true}, {2, false}, {1, false}};
    ranking_rates_t points[4];
    ck_assert_uint_eq(ranking_curve(items, 4, points), 3);
    assert_near(points[0].recall, 0.5);
    assert_near(points[0].precision, 1);
    assert_near(points[1].recall, 1);
    assert_near(points[1].precision, 2.0 / 3);
    assert_near(points[2].precision, 0.5);
}
END_TEST

/* The oracle counts from scratch for each threshold, in the order that items have in the file. */

static void count_at(const ranked_t *items, size_t count, double score, double *hits, double *picked) {
    *hits = *picked = 0;
    for (size_t i = 0; i < count; i++) {
        *picked += items[i].score >= score;
        *hits += items[i].score >= score && items[i].is_wanted;
    }
}

static double oracle_average_precision(const ranked_t *items, size_t count) {
    double sum = 0, wanted = 0, hits, picked;
    for (size_t i = 0; i < count; i++) {
        if (!items[i].is_wanted) continue;
        count_at(items, count, items[i].score, &hits, &picked);
        sum += hits / picked;
        wanted++;
    }
    return wanted > 0 ? sum / wanted : NAN;
}

static double oracle_best_f1(const ranked_t *items, size_t count) {
    double best = 0, hits, picked, wanted, all;
    count_at(items, count, -INFINITY, &wanted, &all);
    for (size_t i = 0; i < count; i++) {
        count_at(items, count, items[i].score, &hits, &picked);
        best = fmax(best, 2 * hits / (picked + wanted));
    }
    return best;
}

/* The mean over all items of a tie, each as likely to be taken. */
static double oracle_hits_of_first(const ranked_t *items, size_t count, double take) {
    double expected = 0;
    for (size_t i = 0; i < count; i++) {
        double above, same, hits;
        count_at(items, count, nextafter(items[i].score, INFINITY), &hits, &above);
        count_at(items, count, items[i].score, &hits, &same);
        double chance = (take - above) / (same - above);
        if (items[i].is_wanted) expected += fmin(1, fmax(0, chance));
    }
    return expected;
}

START_TEST(figures_equal_those_counted_from_scratch_in_any_order_of_equal_scores) {
    uint64_t state = random_seed(0x51a7);
    for (int turn = 0; turn < ROUNDS; turn++) {
        ranked_t items[ITEMS_MAX], sorted[ITEMS_MAX];
        size_t count = 1 + random_below(&state, ITEMS_MAX);
        uint32_t distinct = 1 + random_below(&state, 12), rare = 1 + random_below(&state, 6);
        double wanted = 0;
        for (size_t i = 0; i < count; i++) {
            items[i] = (ranked_t){random_below(&state, distinct) / 7.0, random_below(&state, rare) == 0};
            sorted[i] = items[i];
            wanted += items[i].is_wanted;
        }
        ranking_sort(sorted, count);
        assert_near(ranking_average_precision(sorted, count), oracle_average_precision(items, count));
        double share = (1 + random_below(&state, 100)) / 100.0, take = fmax(1, round(share * (double)count));
        ranking_rates_t rates = ranking_at_share(sorted, count, share);
        double hits = oracle_hits_of_first(items, count, take);
        assert_near(rates.precision, hits / take);
        assert_near(rates.recall, wanted > 0 ? hits / wanted : NAN);
        double best = ranking_best_score(sorted, count);
        if (wanted > 0)
            assert_near(ranking_f1(ranking_at_score(sorted, count, best)), oracle_best_f1(items, count));
        else
            ck_assert(isnan(best));
    }
}
END_TEST

int main(void) {
    const TTest *tests[] = {
        average_precision_is_the_mean_precision_at_each_wanted_item,
        the_top_share_takes_of_equal_scores_what_a_random_choice_would,
        the_best_score_is_the_highest_of_those_with_the_greatest_f1,
        the_curve_has_a_point_for_each_distinct_score,
        figures_equal_those_counted_from_scratch_in_any_order_of_equal_scores,
        NULL,
    };
    return suite_run("ranking", tests, 60);
}
