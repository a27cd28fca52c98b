#include "risk/past.h"

#include "risk/novelty.h"

#include <math.h>

/* Who pays once a day need not do so at the same hour. */
#define RHYTHM_SLACK_DAYS 0.5

static const double day_ms = 24 * 3600e3;

static float days_since(bool ever, int64_t then_ms, int64_t ms) {
    if (!ever) return PAST_NEVER;
    return then_ms < ms ? (float)((double)(ms - then_ms) / day_ms) : 0;
}

static float faded(const fresh_t *fresh, float what, int64_t ms) {
    if (what == 0 || ms <= fresh->last_ms) return what;
    return (float)(what * exp2(-(double)(ms - fresh->last_ms) / (NOVELTY_HALF_LIFE_DAYS * day_ms)));
}

past_t past_of(const wallet_t *wallet, int64_t ms) {
    const fresh_t *sent = &wallet->fresh_sent, *received = &wallet->fresh_received;
    return (past_t){
        .sent_count = (uint32_t)wallet->sent_count,
        .received_count = (uint32_t)wallet->received_count,
        .out_degree = wallet->out_degree,
        .in_degree = wallet->in_degree,
        .first_sent_days = days_since(wallet->sent_count, wallet->first_sent_ms, ms),
        .first_received_days = days_since(wallet->received_count, wallet->first_received_ms, ms),
        .last_sent_days = days_since(wallet->sent_count, wallet->last_sent_ms, ms),
        .last_received_days = days_since(wallet->received_count, wallet->last_received_ms, ms),
        .fresh_sent_days = days_since(wallet->out_degree, sent->last_ms, ms),
        .fresh_received_days = days_since(wallet->in_degree, received->last_ms, ms),
        .fresh_sent = faded(sent, sent->count, ms),
        .fresh_received = faded(received, received->count, ms),
        .bits_sent = faded(sent, sent->bits, ms),
        .bits_received = faded(received, received->bits, ms),
        .sent_mean = wallet->sent_count ? (float)(wallet->sent_value / (double)wallet->sent_count) : 0,
        .received_mean =
            wallet->received_count ? (float)(wallet->received_value / (double)wallet->received_count) : 0,
    };
}

static void fresh_add(fresh_t *fresh, bool is_first, float count, float bits, float more_bits, int64_t ms) {
    fresh->count = count + 1;
    fresh->bits = bits + more_bits;
    if (is_first || ms > fresh->last_ms) fresh->last_ms = ms;
}

void past_add_sent(wallet_t *wallet, const past_t *before, bool is_new, float bits, int64_t ms) {
    if (before->sent_count == 0 || ms < wallet->first_sent_ms) wallet->first_sent_ms = ms;
    if (before->sent_count == 0 || ms > wallet->last_sent_ms) wallet->last_sent_ms = ms;
    if (is_new)
        fresh_add(&wallet->fresh_sent, before->out_degree == 0, before->fresh_sent, before->bits_sent, bits,
                  ms);
}

void past_add_received(wallet_t *wallet, const past_t *before, bool is_new, float bits, int64_t ms) {
    if (before->received_count == 0 || ms < wallet->first_received_ms) wallet->first_received_ms = ms;
    if (before->received_count == 0 || ms > wallet->last_received_ms) wallet->last_received_ms = ms;
    if (is_new)
        fresh_add(&wallet->fresh_received, before->in_degree == 0, before->fresh_received,
                  before->bits_received, bits, ms);
}

/* A count that fades with half-life H, of events g apart, is 1 / (1 − 2^(−g/H)) after each: so it tells g. */
bool past_is_off_rhythm(const past_t *past) {
    if (!past->sent_count || past->first_sent_days < (float)NOVELTY_YOUNG_DAYS) return false;
    double since = (double)past->fresh_sent_days;
    double count = (double)past->fresh_sent * exp2(since / NOVELTY_HALF_LIFE_DAYS);
    if (!(count > 1)) return true;
    double usual = -NOVELTY_HALF_LIFE_DAYS * log2(1 - 1 / count);
    return fabs(since - usual) > fmax(usual / 2, RHYTHM_SLACK_DAYS);
}
