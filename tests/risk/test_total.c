#include "risk/total.h"
#include "tests/support/suite.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static uint64_t random_state;

/* The oracle: every bit from 2^-1074 up, in words of 32 bits. */
enum { WORDS = 68 };
typedef struct {
    uint64_t words[WORDS];
} exact_t;

static void exact_add(exact_t *sum, double value) {
    int exponent;
    double fraction = frexp(value, &exponent);
    uint64_t mantissa = (uint64_t)ldexp(fraction, 53);
    int shift = exponent - 53 + 1074;
    if (shift < 0) {
        mantissa >>= -shift; /* a subnormal: those bits are 0 */
        shift = 0;
    }
    int word = shift / 32;
    unsigned __int128 wide = (unsigned __int128)mantissa << (shift % 32);
    for (uint64_t carry = 0; word < WORDS; word++) {
        uint64_t digit = sum->words[word] + (uint32_t)wide + carry;
        sum->words[word] = (uint32_t)digit;
        carry = digit >> 32;
        wide >>= 32;
        if (!wide && !carry) break;
    }
}

static int exact_bit(const exact_t *sum, int bit) { return (int)(sum->words[bit / 32] >> (bit % 32) & 1); }

/* Rounded to nearest, ties to even. */
static double exact_value(const exact_t *sum) {
    int top = WORDS * 32 - 1;
    while (top >= 0 && !exact_bit(sum, top)) top--;
    if (top < 0) return 0;
    int lowest = top > 52 ? top - 52 : 0;
    uint64_t mantissa = 0;
    for (int bit = top; bit >= lowest; bit--) mantissa = mantissa << 1 | (uint64_t)exact_bit(sum, bit);
    if (lowest > 0 && exact_bit(sum, lowest - 1)) {
        bool more = mantissa & 1;
        for (int bit = lowest - 2; bit >= 0 && !more; bit--) more = exact_bit(sum, bit);
        if (more) mantissa++;
    }
    return ldexp((double)mantissa, lowest - 1074);
}

static double random_amount(int kind) {
    double unit = (double)(random_next(&random_state) >> 11) * 0x1p-53;
    switch (kind) {
    case 0: return (double)(random_next(&random_state) % 100000000) / 100;
    case 1: return exp(3 + 3 * (unit * 2 - 1));
    case 2: return ldexp(unit, (int)(random_next(&random_state) % 100) - 60);
    case 3: return random_next(&random_state) % 4 ? 0.1 : 1e16;
    default: return ldexp(1 + unit, (int)(random_next(&random_state) % 60) - 30);
    }
}

static void shuffle(double *amounts, int count) {
    for (int i = count - 1; i > 0; i--) {
        int other = (int)(random_next(&random_state) % (uint64_t)(i + 1));
        double amount = amounts[i];
        amounts[i] = amounts[other];
        amounts[other] = amount;
    }
}

static double total_of(const double *amounts, int count) {
    total_t total = {0};
    for (int i = 0; i < count; i++) total_add(&total, amounts[i]);
    return total_value(&total);
}

START_TEST(a_total_is_the_rounded_exact_sum_in_any_order) {
    random_state = 20260104;
    for (int round = 0; round < 5000; round++) {
        double amounts[60];
        int count = 1 + (int)(random_next(&random_state) % 60), kind = round % 5;
        exact_t exact = {0};
        for (int i = 0; i < count; i++) {
            amounts[i] = random_amount(kind);
            exact_add(&exact, amounts[i]);
        }
        double expected = exact_value(&exact);
        for (int order = 0; order < 4; order++) {
            double actual = total_of(amounts, count);
            ck_assert_msg(actual == expected, "round %d: %a is not %a", round, actual, expected);
            shuffle(amounts, count);
        }
    }
}
END_TEST

START_TEST(halfway_what_lies_below_decides) {
    static const double up[] = {1, 0x1p-53, 0x1p-200}, down[] = {1, 0x1p-53};
    ck_assert(total_of(up, 3) == 1 + 0x1p-52);
    ck_assert(total_of(down, 2) == 1);
    ck_assert(total_of((const double[]){0, 0, 0}, 3) == 0);
}
END_TEST

START_TEST(more_digits_than_there_is_room_for_are_rounded_at_the_far_end) {
    double amounts[] = {1e300, 1e200, 1e100, 1, 1e-100, 1e-200, 1e-300};
    for (int order = 0; order < 50; order++) {
        ck_assert(total_of(amounts, 7) == 1e300);
        shuffle(amounts, 7);
    }
}
END_TEST

START_TEST(a_total_never_passes_the_greatest_double) {
    double amounts[] = {DBL_MAX, DBL_MAX, 1, DBL_MAX / 2};
    ck_assert(total_of(amounts, 4) == DBL_MAX);
    ck_assert(total_of((const double[]){DBL_MAX, 0x1p969, 0x1p969}, 3) == DBL_MAX);
}
END_TEST

START_TEST(the_sum_is_that_of_pythons_fsum) {
    ck_assert(total_of((const double[]){0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}, 10) == 1.0);
    ck_assert(total_of((const double[]){0x1p53, 0.5, 0x1p-100, 0.5}, 4) == 0x1p53 + 2);
    ck_assert(total_of((const double[]){1e308, 1e-308, 3.14, 2.71e-5}, 4) == 1e308);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        a_total_is_the_rounded_exact_sum_in_any_order,
        halfway_what_lies_below_decides,
        more_digits_than_there_is_room_for_are_rounded_at_the_far_end,
        a_total_never_passes_the_greatest_double,
        the_sum_is_that_of_pythons_fsum,
        NULL,
    };
    return suite_run("total", tests, 60);
}
