#include "risk/novelty.h"

#include <math.h>

/* A class that was seen once among few transfers is not rare yet. */
#define NOVELTY_FEW_SENDERS   10.0
#define NOVELTY_FEW_RECEIVERS 3.0

static const double hour_ms = 3600e3;

/* Classes from 3 on: by the share of first transfers. */
static const float shares[] = {0.05f, 0.15f, 0.4f, 0.75f};

enum { CLASS_KNOWN_EDGE, CLASS_NEVER, CLASS_YOUNG, CLASS_SHARES };
_Static_assert(CLASS_SHARES + sizeof shares / sizeof *shares + 1 == NOVELTY_CLASSES, "one above each share");

static int class_of(uint32_t count, uint32_t first_count, float days) {
    if (count == 0) return CLASS_NEVER;
    if (days < (float)NOVELTY_YOUNG_DAYS) return CLASS_YOUNG;
    int class = CLASS_SHARES;
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++)
        class += (float)first_count >= shares[i] * (float)count;
    return class;
}

static void fade(novelty_rates_t *rates, int64_t ms) {
    double hours = ((double)ms - (double)rates->newest_ms) / hour_ms;
    if (hours < 1) return;
    double half_lives = hours / (24 * NOVELTY_HALF_LIFE_DAYS), left = exp2(-fmin(half_lives, 1));
    for (int i = 0; i < NOVELTY_CLASSES; i++) {
        rates->senders[i] *= left;
        rates->receivers[i] *= left;
    }
    for (int side = 0; side < 2; side++) {
        rates->firsts[side] *= left;
        rates->newcomers[side] *= left;
    }
    rates->newest_ms = ms;
}

static novelty_rates_t *rates_at(store_t *store, int64_t ms) {
    static const char key[] = {KEY_NOVELTY};
    novelty_rates_t *rates = store_edit(store, key, sizeof key, sizeof *rates);
    if (!rates->version) *rates = (novelty_rates_t){.version = NOVELTY_VERSION, .newest_ms = ms};
    fade(rates, ms);
    return rates;
}

static float count(double *counts, int class, double few) {
    double sum = 0;
    for (int i = 0; i < NOVELTY_CLASSES; i++) sum += counts[i];
    double bits = -log2((counts[class] + few) / (sum + few));
    counts[class]++;
    return (float)bits;
}

void novelty_count_first(store_t *store, int side, int64_t ms) { rates_at(store, ms)->firsts[side]++; }

float novelty_count_newcomer(store_t *store, int side, int64_t ms) {
    novelty_rates_t *rates = rates_at(store, ms);
    double share =
        (rates->newcomers[side] + NOVELTY_FEW_SENDERS) / (rates->firsts[side] + NOVELTY_FEW_SENDERS);
    rates->newcomers[side]++;
    return (float)fmin(share, 1);
}

float novelty_of_sender(store_t *store, const past_t *sender, const edge_hit_t *hit, int64_t ms) {
    novelty_rates_t *rates = rates_at(store, ms);
    if (!hit->is_new) {
        rates->senders[CLASS_KNOWN_EDGE]++;
        return 0;
    }
    int class = class_of(sender->sent_count, sender->out_degree, sender->first_sent_days);
    return count(rates->senders, class, NOVELTY_FEW_SENDERS);
}

float novelty_of_receiver(store_t *store, const past_t *receiver, int64_t ms) {
    novelty_rates_t *rates = rates_at(store, ms);
    int class = class_of(receiver->received_count, receiver->in_degree, receiver->first_received_days);
    return count(rates->receivers, class, NOVELTY_FEW_RECEIVERS);
}
