#include "api/rates.h"

static int place(const rates_t *rates, int index) { return (rates->first + index) % SAMPLE_COUNT; }

void rates_add(rates_t *rates, int64_t at_us, int64_t total) {
    if (rates->count > 0) {
        int newest = place(rates, rates->count - 1);
        if (at_us <= rates->samples[newest].at_us) return;
        if (total < rates->samples[newest].total) rates->count = 0;
    }
    if (rates->count == SAMPLE_COUNT) {
        rates->first = place(rates, 1);
        rates->count--;
    }
    int next = place(rates, rates->count++);
    rates->samples[next].at_us = at_us;
    rates->samples[next].total = total;
}

static double rate_between(const rates_t *rates, int from, int to) {
    int a = place(rates, from), b = place(rates, to);
    double seconds = (double)(rates->samples[b].at_us - rates->samples[a].at_us) / 1e6;
    return (double)(rates->samples[b].total - rates->samples[a].total) / seconds;
}

double rates_recent(const rates_t *rates) {
    int newest = rates->count - 1;
    if (newest < 1) return 0;
    return rate_between(rates, newest > RECENT_SAMPLES ? newest - RECENT_SAMPLES : 0, newest);
}

int rates_history(const rates_t *rates, double out[SAMPLE_COUNT - 1]) {
    for (int i = 1; i < rates->count; i++) out[i - 1] = rate_between(rates, i - 1, i);
    return rates->count > 0 ? rates->count - 1 : 0;
}
