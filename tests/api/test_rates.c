#include "api/rates.h"
#include "tests/support/suite.h"

enum { SECOND = 1000000 };

START_TEST(there_is_no_rate_before_two_samples) {
    rates_t rates = {0};
    double history[SAMPLE_COUNT - 1];
    ck_assert_double_eq(rates_recent(&rates), 0);
    ck_assert_int_eq(rates_history(&rates, history), 0);
    rates_add(&rates, SECOND, 1000);
    ck_assert_double_eq(rates_recent(&rates), 0);
    ck_assert_int_eq(rates_history(&rates, history), 0);
}
END_TEST

START_TEST(a_rate_is_by_the_time_that_passed) {
    rates_t rates = {0};
    double history[SAMPLE_COUNT - 1];
    rates_add(&rates, 0, 0);
    rates_add(&rates, 2 * SECOND, 300);
    rates_add(&rates, 3 * SECOND, 300);
    ck_assert_double_eq_tol(rates_recent(&rates), 100, 1e-9);
    ck_assert_int_eq(rates_history(&rates, history), 2);
    ck_assert_double_eq_tol(history[0], 150, 1e-9);
    ck_assert_double_eq_tol(history[1], 0, 1e-9);
}
END_TEST

START_TEST(the_recent_rate_forgets_what_is_older) {
    rates_t rates = {0};
    for (int i = 0; i < 100; i++) rates_add(&rates, (int64_t)i * SECOND, (int64_t)i * 1000);
    ck_assert_double_eq_tol(rates_recent(&rates), 1000, 1e-9);
    for (int i = 100; i < 100 + RECENT_SAMPLES; i++) rates_add(&rates, (int64_t)i * SECOND, 99 * 1000);
    ck_assert_double_eq_tol(rates_recent(&rates), 0, 1e-9);
}
END_TEST

START_TEST(the_ring_keeps_the_last_minute_in_order) {
    rates_t rates = {0};
    double history[SAMPLE_COUNT - 1];
    int64_t total = 0;
    for (int i = 0; i < 5 * SAMPLE_COUNT + 7; i++) rates_add(&rates, (int64_t)i * SECOND, total += i);
    ck_assert_int_eq(rates_history(&rates, history), SAMPLE_COUNT - 1);
    for (int i = 0; i < SAMPLE_COUNT - 1; i++) {
        ck_assert_double_eq_tol(history[i], 4 * SAMPLE_COUNT + 8 + i, 1e-9);
    }
}
END_TEST

START_TEST(a_total_that_fell_begins_anew) {
    rates_t rates = {0};
    rates_add(&rates, 0, 1000);
    rates_add(&rates, SECOND, 2000);
    rates_add(&rates, 2 * SECOND, 10);
    ck_assert_double_eq(rates_recent(&rates), 0);
    rates_add(&rates, 3 * SECOND, 30);
    ck_assert_double_eq_tol(rates_recent(&rates), 20, 1e-9);
}
END_TEST

START_TEST(two_samples_of_one_time_are_one) {
    rates_t rates = {0};
    rates_add(&rates, SECOND, 0);
    rates_add(&rates, SECOND, 50);
    ck_assert_double_eq(rates_recent(&rates), 0);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        there_is_no_rate_before_two_samples,
        a_rate_is_by_the_time_that_passed,
        the_recent_rate_forgets_what_is_older,
        the_ring_keeps_the_last_minute_in_order,
        a_total_that_fell_begins_anew,
        two_samples_of_one_time_are_one,
        NULL,
    };
    return suite_run("rates", tests, 60);
}
