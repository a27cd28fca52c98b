#include "risk/novelty.h"

#include <math.h>

/* A class that was seen once among few transfers is not rare yet. */
#define NOVELTY_FEW_SENDERS   10.0
#define NOVELTY_FEW_RECEIVERS 3.0

/* When a task tells its counts: so many, or this part of all that is known; after an event day already a
 * smaller part of it. */
#define NOVELTY_TELL_LEAST     8
#define NOVELTY_TELL_PART      64
#define NOVELTY_TELL_LATE_PART 4096
#define NOVELTY_TELL_MS        INT64_C(86400000)

static const double hour_ms = 3600e3;

/* Classes from 3 on: by the share of first transfers. */
static const float shares[] = {0.05f, 0.15f, 0.4f, 0.75f};

enum { CLASS_KNOWN_EDGE, CLASS_NEVER, CLASS_YOUNG, CLASS_SHARES, CLASS_OFTEN = 6, CLASS_OFF_RHYTHM = 8 };
_Static_assert(CLASS_SHARES + sizeof shares / sizeof *shares + 1 == CLASS_OFF_RHYTHM, "one above each share");
_Static_assert((int)CLASS_OFF_RHYTHM + 1 == (int)NOVELTY_CLASSES, "the last");

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
    double *counts[] = {(double *)&rates->told, (double *)&rates->untold};
    for (int i = 0; i < NOVELTY_COUNTS; i++) {
        counts[0][i] *= left;
        counts[1][i] *= left;
    }
    rates->newest_ms = ms;
}

static novelty_rates_t *rates_at(store_t *store, int64_t ms) {
    static const char key[] = {KEY_NOVELTY};
    novelty_rates_t *rates = store_edit(store, key, sizeof key, sizeof *rates);
    if (!rates->version)
        *rates = (novelty_rates_t){.version = NOVELTY_VERSION, .newest_ms = ms, .told_ms = ms};
    fade(rates, ms);
    return rates;
}

static float count(novelty_rates_t *rates, const double *told, double *untold, int class, double few) {
    double sum = 0;
    for (int i = 0; i < NOVELTY_CLASSES; i++) sum += told[i] + untold[i];
    double bits = -log2((told[class] + untold[class] + few) / (sum + few));
    untold[class]++;
    rates->untold_count++;
    return (float)bits;
}

void novelty_count_first(store_t *store, int side, int64_t ms) { rates_at(store, ms)->untold.firsts[side]++; }

float novelty_count_newcomer(store_t *store, int side, int64_t ms) {
    novelty_rates_t *rates = rates_at(store, ms);
    double newcomers = rates->told.newcomers[side] + rates->untold.newcomers[side],
           firsts = rates->told.firsts[side] + rates->untold.firsts[side];
    rates->untold.newcomers[side]++;
    return (float)fmin((newcomers + NOVELTY_FEW_SENDERS) / (firsts + NOVELTY_FEW_SENDERS), 1);
}

float novelty_of_sender(store_t *store, const past_t *sender, const edge_hit_t *hit, int64_t ms) {
    novelty_rates_t *rates = rates_at(store, ms);
    if (!hit->is_new) {
        rates->untold.senders[CLASS_KNOWN_EDGE]++;
        rates->untold_count++;
        return 0;
    }
    int class = class_of(sender->sent_count, sender->out_degree, sender->first_sent_days);
    if (class >= CLASS_OFTEN && past_is_off_rhythm(sender)) class = CLASS_OFF_RHYTHM;
    return count(rates, rates->told.senders, rates->untold.senders, class, NOVELTY_FEW_SENDERS);
}

float novelty_of_receiver(store_t *store, const past_t *receiver, int64_t ms) {
    novelty_rates_t *rates = rates_at(store, ms);
    int class = class_of(receiver->received_count, receiver->in_degree, receiver->first_received_days);
    return count(rates, rates->told.receivers, rates->untold.receivers, class, NOVELTY_FEW_RECEIVERS);
}

bool novelty_take_untold(store_t *store, novelty_counts_t *out, int64_t *ms) {
    static const char key[] = {KEY_NOVELTY};
    size_t size;
    const novelty_rates_t *before = store_get(store, key, sizeof key, &size);
    if (!before || !before->untold_count) return false;
    double known = 0;
    for (int i = 0; i < NOVELTY_CLASSES; i++) known += before->told.senders[i];
    bool is_late = before->newest_ms - before->told_ms >= NOVELTY_TELL_MS &&
                   before->untold_count >= known / NOVELTY_TELL_LATE_PART;
    bool are_many = before->untold_count >= fmax(NOVELTY_TELL_LEAST, known / NOVELTY_TELL_PART);
    if (!is_late && !are_many) return false;
    novelty_rates_t *rates = store_edit(store, key, sizeof key, sizeof *rates);
    *out = rates->untold;
    *ms = rates->newest_ms;
    rates->untold = (novelty_counts_t){0};
    rates->untold_count = 0;
    rates->told_ms = rates->newest_ms;
    return true;
}

void novelty_hear(store_t *store, const novelty_counts_t *told, int64_t ms) {
    double *sums = (double *)&rates_at(store, ms)->told;
    const double *more = (const double *)told;
    for (int i = 0; i < NOVELTY_COUNTS; i++) sums[i] += more[i];
}
