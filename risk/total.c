#include "risk/total.h"

#include <float.h>
#include <math.h>

/* a + b = *sum + *rest exactly; needs |a| >= |b| (Dekker's fast two-sum). */
static void two_sum(double a, double b, double *sum, double *rest) {
    *sum = a + b;
    *rest = b - (*sum - a);
}

/* Shewchuk's compress: as few parts as possible, each below the last digit of the next. Returns their
 * count. */
static int compress(double *parts, int count) {
    double upper[TOTAL_PARTS + 1];
    int bottom = count - 1;
    double sum = parts[count - 1], rest;
    for (int i = count - 2; i >= 0; i--) {
        two_sum(sum, parts[i], &sum, &rest);
        if (rest == 0) continue;
        upper[bottom--] = sum;
        sum = rest;
    }
    upper[bottom] = sum;
    int top = 0;
    for (int i = bottom + 1; i < count; i++) {
        two_sum(upper[i], sum, &sum, &rest);
        if (rest != 0) parts[top++] = rest;
    }
    parts[top++] = sum;
    return top;
}

void total_add(total_t *total, double amount) {
    double parts[TOTAL_PARTS + 1], sum = amount;
    int count = 0;
    for (int i = 0; i < TOTAL_PARTS && total->parts[i] != 0; i++) {
        double part = total->parts[i], rest;
        if (fabs(sum) < fabs(part))
            two_sum(part, sum, &sum, &rest);
        else
            two_sum(sum, part, &sum, &rest);
        if (rest != 0) parts[count++] = rest;
    }
    if (!isfinite(sum)) {
        *total = (total_t){{DBL_MAX}};
        return;
    }
    if (sum != 0) parts[count++] = sum;
    if (count > TOTAL_PARTS) count = compress(parts, count);
    int first = 0;
    if (count > TOTAL_PARTS) {
        parts[1] += parts[0];
        first = 1;
    }
    for (int i = 0; i < TOTAL_PARTS; i++) total->parts[i] = first + i < count ? parts[first + i] : 0;
}

double total_value(const total_t *total) {
    int i = TOTAL_PARTS - 1;
    while (i > 0 && total->parts[i] == 0) i--;
    double sum = total->parts[i], rest = 0;
    while (i > 0 && rest == 0) two_sum(sum, total->parts[--i], &sum, &rest);
    /* Halfway between two doubles, what lies below decides (as math.fsum does). */
    if (i > 0 && rest != 0 && (rest < 0) == (total->parts[i - 1] < 0)) {
        double twice = rest * 2, up = sum + twice;
        if (up - sum == twice) sum = up;
    }
    return isfinite(sum) ? sum : DBL_MAX;
}
