#include "risk/burst.h"
#include "tests/support/suite.h"

#include <math.h>

/* The chance of `count` or more, added up. */
static double chance(int count, double past_count, double past_windows) {
    double seen = past_count + BURST_PRIOR_COUNT, mean = seen / (past_windows + BURST_PRIOR_WINDOWS);
    double shape = fmin(seen, BURST_SHAPE_MAX), more = mean / (shape + mean), sum = 0;
    for (int i = count; i < count + 4000; i++)
        sum += exp(lgamma(i + shape) - lgamma(i + 1) - lgamma(shape) + shape * log(shape / (shape + mean)) +
                   i * log(more));
    return sum;
}

START_TEST(digits_are_those_of_the_chance_or_fewer) {
    static const double pasts[][2] = {{0, 0}, {0, 60}, {5, 60}, {300, 60}, {20, 3}};
    for (int i = 0; i < 5; i++)
        for (int count = 1; count < 60; count += 3) {
            double exact = -log10(chance(count, pasts[i][0], pasts[i][1]));
            double digits = burst_digits(count, pasts[i][0], pasts[i][1]);
            ck_assert_msg(digits <= exact + 1e-9, "%d: %g, not %g", count, digits, exact);
            if (exact > 3) ck_assert_msg(digits > exact - 0.4, "%d: %g, not %g", count, digits, exact);
        }
}
END_TEST

START_TEST(what_is_usual_has_no_digits) {
    ck_assert(burst_digits(5, 300, 60) < 1);
    ck_assert(burst_digits(0, 0, 0) == 0);
    ck_assert(burst_digits(1e5, 1e9, 10) == 0);
    ck_assert(burst_digits(4, 3, 60) > 4);
}
END_TEST

START_TEST(a_bucket_that_was_as_full_before_makes_it_usual) {
    window_t window = {0};
    for (int i = 0; i < 10; i++) ck_assert(window_add(&window, 0, 1000));
    for (int k = 0; k < 15; k++) ck_assert(window_add(&window, 100000, 1000));
    ck_assert(burst_at(&window, 100000, 1000, 0, 25, 4, 1).count == 0);
    for (int k = 0; k < 5; k++) ck_assert(window_add(&window, 101000, 1000));
    ck_assert_uint_eq(burst_at(&window, 101000, 1000, 0, 30, 4, 1).count, 20);
}
END_TEST

int main(void) {
    return suite_run("burst",
                     (const TTest *const[]){digits_are_those_of_the_chance_or_fewer,
                                            what_is_usual_has_no_digits,
                                            a_bucket_that_was_as_full_before_makes_it_usual, NULL},
                     30);
}
