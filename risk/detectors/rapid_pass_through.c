/* What came in goes out again within the window, most of it.
 *
 * Only what is news is watched: value from a new sender, or well above what is usual. From then on what goes
 * out is kept beside it (as a negative value) until the window is over. That amounts fit may be chance, so
 * what counts is how small the chance is: as many transfers as the wallet sends anyway in the time that
 * passed, each with an amount that happens to fit, and, where the value is above the usual, that it is so
 * (Markov's bound). So minutes count for more than hours, and times without hours (whole days) for little. */
#include "risk/detectors/detectors_list.h"
#include "risk/journal.h"

#include <math.h>

enum { PARAMETER_MIN_SHARE = 2, PARAMETER_MIN_DIGITS };

#define NEWS_FACTOR 3.0 /* of the usual value */
/* More than came may go, for rounding and small rests. */
#define SHARE_MAX 1.005
/* How exactly amounts can fit at best: fees are usual. */
#define FIT_LEAST 0.02
/* A wallet without a past is taken to send once in five days. */
#define PRIOR_SENT 0.2

static const double day_ms = 24 * 3600e3;

/* The unit in which the stream gives its times is not known; what ends in zeros is not exact. */
static double resolution_ms(int64_t ms) {
    return ms % (24 * 3600 * 1000) == 0 ? day_ms : ms % (3600 * 1000) == 0 ? 3600e3 : 60e3;
}

static void watch(const observation_t *observation, const double *parameters) {
    wallet_t *wallet = observation->wallet;
    /* Whom many new senders pay is not one whose sends one can match with what came. */
    if (window_sum(&wallet->senders) > JOURNAL_MAX / 2) return;
    bool large = observation->usual_value > 0 && observation->value >= NEWS_FACTOR * observation->usual_value;
    if ((!observation->hit.is_new && !large) || observation->value == 0) return;
    journal_t journal;
    journal.count = 0;
    if (wallet->watches & WATCH_PASS_THROUGH)
        journal_read(observation->store, DETECTOR_RAPID_PASS_THROUGH, wallet, &journal);
    journal_keep(&journal, observation->ms, observation_window_ms(parameters));
    journal_add(&journal, observation, observation->value);
    journal_write(observation->store, DETECTOR_RAPID_PASS_THROUGH, wallet, &journal);
    wallet->watches |= WATCH_PASS_THROUGH;
}

static double fit_digits(const observation_t *observation, const journal_t *journal, double in, double share,
                         int64_t first_ms) {
    const wallet_t *wallet = observation->wallet;
    int sent_since = 0;
    for (int i = 0; i < journal->count; i++) sent_since += journal->entries[i].value < 0;
    double gap_ms = fmax((double)(observation->ms - first_ms), resolution_ms(observation->ms));
    double age_ms = fmax(0, (double)(first_ms - wallet->first_seen_ms)) + day_ms;
    double past_sent = fmax(0, (double)wallet->sent_count - sent_since) + PRIOR_SENT;
    double chance = past_sent / age_ms * gap_ms * (fmax(0, 1 - share) + FIT_LEAST);
    /* Nor is it known which came first. */
    if (observation->ms == first_ms) chance *= 2;
    if (observation->usual_value > 0) chance *= fmin(1, observation->usual_value / in);
    return chance < 1 ? -log10(chance) : 0;
}

float rapid_pass_through_observe(const observation_t *observation, const double *parameters, float *value) {
    wallet_t *wallet = observation->wallet;
    if (observation->side == SIDE_RECEIVER) {
        watch(observation, parameters);
        return 0;
    }
    if (!(wallet->watches & WATCH_PASS_THROUGH) || observation->value == 0) return 0;
    journal_t journal;
    journal_read(observation->store, DETECTOR_RAPID_PASS_THROUGH, wallet, &journal);
    journal_keep(&journal, observation->ms, observation_window_ms(parameters));
    double in = 0, out = observation->value;
    int64_t first_ms = INT64_MAX;
    for (int i = 0; i < journal.count; i++) {
        const journal_entry_t *entry = &journal.entries[i];
        if (entry->value < 0) {
            out -= entry->value;
            continue;
        }
        in += entry->value;
        if (entry->ms < first_ms) first_ms = entry->ms;
    }
    if (in == 0) {
        journal_remove(observation->store, DETECTOR_RAPID_PASS_THROUGH, wallet);
        wallet->watches &= (uint8_t)~WATCH_PASS_THROUGH;
        return 0;
    }
    if (first_ms > observation->ms) return 0;
    journal_add(&journal, observation, -observation->value);
    journal_write(observation->store, DETECTOR_RAPID_PASS_THROUGH, wallet, &journal);
    double share = out / in;
    if (share < parameters[PARAMETER_MIN_SHARE] || share > SHARE_MAX) return 0;
    double digits = fit_digits(observation, &journal, in, share, first_ms);
    if (digits < parameters[PARAMETER_MIN_DIGITS]) return 0;
    *value = (float)share;
    return strength_of_digits(digits, parameters[PARAMETER_MIN_DIGITS]);
}

void rapid_pass_through_collect(const observation_t *observation, const double *parameters,
                                evidence_t *evidence) {
    journal_collect(DETECTOR_RAPID_PASS_THROUGH, observation, parameters, evidence);
}
