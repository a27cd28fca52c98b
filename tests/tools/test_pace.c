#include "tests/support/suite.h"
#include "tools/pace.h"

/* Rounds done from `from_us` to `to_us` by a loop that looks each `step_us`. */
static int rounds(pace_t *pace, int64_t from_us, int64_t to_us, int64_t step_us) {
    int count = 0;
    for (int64_t now_us = from_us; now_us < to_us; now_us += step_us) {
        while (pace_wait_us(pace, now_us) == 0) count++;
    }
    return count;
}

START_TEST(a_rate_is_kept_however_coarse_the_clock) {
    static const int64_t steps_us[] = {1, 137, 1000, 50000};
    for (int i = 0; i < 4; i++) {
        pace_t pace;
        pace_init(&pace, 1234.5);
        int count = rounds(&pace, 1000000, 11000000, steps_us[i]);
        ck_assert_int_ge(count, 12345 - 65);
        ck_assert_int_le(count, 12345 + 1);
    }
}
END_TEST

START_TEST(the_wait_ends_when_the_next_round_is_due) {
    pace_t pace;
    pace_init(&pace, 10);
    ck_assert_int_eq(pace_wait_us(&pace, 5000000), 0);
    ck_assert_int_eq(pace_wait_us(&pace, 5000000), 100000);
    ck_assert_int_eq(pace_wait_us(&pace, 5030000), 70000);
    ck_assert_int_eq(pace_wait_us(&pace, 5100000), 0);
}
END_TEST

START_TEST(after_a_pause_there_is_no_flood) {
    pace_t pace;
    pace_init(&pace, 1000);
    rounds(&pace, 0, 1000000, 1000);
    ck_assert_int_le(rounds(&pace, 60000000, 60000001, 1), 201);
}
END_TEST

START_TEST(no_rate_means_no_wait) {
    pace_t pace;
    pace_init(&pace, 0);
    for (int i = 0; i < 1000; i++) ck_assert_int_eq(pace_wait_us(&pace, 7), 0);
}
END_TEST

int main(void) {
    return suite_run("pace",
                     (const TTest *const[]){a_rate_is_kept_however_coarse_the_clock,
                                            the_wait_ends_when_the_next_round_is_due,
                                            after_a_pause_there_is_no_flood, no_rate_means_no_wait, NULL},
                     60);
}
