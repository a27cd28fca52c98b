/* Sums of amounts that do not depend on the order of addition.
 *
 * A total is a floating-point expansion (J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic and
 * Fast Robust Geometric Predicates", 1997): a few doubles whose exact sum is the total. There is room for
 * TOTAL_PARTS of them. A sum that needs more has its two smallest parts rounded into one, an error below
 * 2^-200 of the total; that takes amounts whose digits reach over more than 60 decimal places. So total_value
 * is the correctly rounded sum, the same as Python's math.fsum. A total never passes DBL_MAX: it stays
 * there. */
#pragma once

enum { TOTAL_PARTS = 4 };

/* Smallest first, zeros behind the last; all zero is 0. */
typedef struct {
    double parts[TOTAL_PARTS];
} total_t;

/* `amount` must be finite and not negative. */
void total_add(total_t *total, double amount);
double total_value(const total_t *total);
