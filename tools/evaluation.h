/* What a run of the model is measured against, and the measures: the transfers with their scores, the planted
 * patterns, the alerts.
 *
 * The order of transfers is that of their times, then that in which they were added. The first 60 % of them
 * are for training, the next 20 % for choosing a threshold, the last 20 % for the test. */
#pragma once

#include "common/err.h"
#include "risk/transfer.h"
#include "tools/limits.h"
#include "tools/ranking.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct evaluation evaluation_t;

evaluation_t *evaluation_new(void);
void evaluation_free(evaluation_t *evaluation); /* NULL is allowed */

/* The four steps, in this order; each any number of times but for the third. */

/* A transfer's risk. Of several for one transfer the highest revision counts, of equal ones the last. */
void evaluation_add_transfer(evaluation_t *evaluation, text_t tx_id, int64_t ms, double score,
                             int64_t revision);
/* A row of the truth: the transfer belongs to the pattern. A transfer may belong to several patterns. */
err_t *evaluation_add_truth(evaluation_t *evaluation, text_t tx_id, text_t pattern, text_t typology);
/* All transfers and truths are there. */
err_t *evaluation_order(evaluation_t *evaluation);
err_t *evaluation_add_alert(evaluation_t *evaluation, text_t typology, int64_t created_ms,
                            const text_t *tx_ids, size_t count);

typedef enum {
    PART_ALL,  /* the whole stream */
    PART_LAST, /* its last 20 % */
    PART_COUNT,
} part_t;

enum { EVALUATION_CUTS = 4 };
extern const double evaluation_cut_shares[EVALUATION_CUTS]; /* 0.005, 0.01, 0.02, 0.05 of the transfers */

/* What is NAN does not exist there: nothing was planted, or no threshold could be chosen. */
typedef struct {
    uint64_t transfers, planted;
    double average_precision;
    ranking_rates_t at_threshold;
    double f1; /* at the threshold */
    ranking_rates_t at_share[EVALUATION_CUTS];
} ranking_measures_t;

/* A delay is from a pattern's first transfer to an alert; in transfers, up to the last one that the alert
 * names or the first that is not older than it, whichever is later. */
typedef struct {
    uint64_t count;
    double ms_median, ms_p90; /* event time */
    double transfers_median, transfers_p90;
} delay_measures_t;

typedef struct {
    uint64_t planted;
    uint64_t found;              /* an alert names at least half of the pattern's transfers */
    delay_measures_t to_found;   /* to the first alert that does */
    delay_measures_t to_noticed; /* to the first right alert that names any of its transfers */
} pattern_measures_t;

typedef struct {
    uint64_t alerts;
    uint64_t right; /* at least half of the transfers that it names belong to planted patterns */
} alert_measures_t;

/* Of one typology: its patterns' transfers against the ordinary ones; those of other typologies are left out.
 */
typedef struct {
    const char *name;
    double threshold; /* from the validation part; NAN: none */
    ranking_measures_t ranking[PART_COUNT];
    pattern_measures_t patterns[PART_COUNT]; /* of a part: those that end in it */
} typology_measures_t;

typedef struct {
    const char *name;
    alert_measures_t alerts[PART_COUNT];
} alert_typology_measures_t;

typedef struct {
    typology_measures_t all; /* every typology together; the name is "all" */
    alert_measures_t alerts[PART_COUNT];
    int typology_count, alert_typology_count;
    typology_measures_t typologies[EVALUATION_TYPOLOGIES_MAX];             /* of the truth, by name */
    alert_typology_measures_t alert_typologies[EVALUATION_TYPOLOGIES_MAX]; /* of the alerts, by name */
    uint64_t truths_unknown; /* rows of the truth whose transfer is not there; they count nowhere */
} evaluation_measures_t;

/* Names are borrowed from the evaluation. */
void evaluation_measure(const evaluation_t *evaluation, evaluation_measures_t *out);
/* The scores of a part, highest first, of one typology's and ordinary transfers; NULL: of all transfers. The
 * caller frees. */
ranked_t *evaluation_ranked(const evaluation_t *evaluation, part_t part, const char *typology, size_t *count);
