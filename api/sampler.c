#include "api/sampler.h"

#include "api/lag.h"
#include "api/rates.h"
#include "api/stored.h"
#include "common/kafka.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/timestamp.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Since when a consumer has not moved. */
typedef struct {
    int64_t position; /* sum over its partitions */
    int64_t since_us;
} still_t;

/* Kafka has a thread of its own: while it is away its time-outs must not keep the other from its second. */
struct sampler {
    pool_t *pool;
    prober_t *prober;
    char *transfers_topic;
    pthread_t stored_thread, kafka_thread;
    bool stored_runs, kafka_runs;
    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t stopped;
    bool stopping;
    rates_t rates;
    position_t *positions;
    int position_count;
    int64_t kafka_answered_us; /* or the start */
    char kafka_error[STATUS_TEXT_SIZE_MAX];
    still_t processor, sink;
};

/* It moves, or has nothing to do. */
static void still_update(still_t *still, int64_t position, int64_t lag) {
    if (position != still->position || lag <= 0) still->since_us = clock_monotonic_us();
    still->position = position;
}

static double still_s(const still_t *still) { return (double)(clock_monotonic_us() - still->since_us) / 1e6; }

/* Sleeps until then; false when the sampler is to stop. */
static bool sleep_until(sampler_t *sampler, int64_t until_us) {
    struct timespec until = {.tv_sec = until_us / 1000000, .tv_nsec = until_us % 1000000 * 1000};
    pthread_mutex_lock(&sampler->mutex);
    while (!sampler->stopping && clock_monotonic_us() < until_us) {
        pthread_cond_timedwait(&sampler->stopped, &sampler->mutex, &until);
    }
    bool go_on = !sampler->stopping;
    pthread_mutex_unlock(&sampler->mutex);
    return go_on;
}

static void stored_sample(sampler_t *sampler) {
    stored_t stored;
    err_t *err = stored_read(sampler->pool, &stored);
    if (err) {
        /* The pool has logged that Postgres is away; a table that is missing is /ready's to say. */
        err_free(err);
        return;
    }
    int64_t position = 0;
    for (int i = 0; i < stored.count; i++) position += stored.rows[i].next_offset;
    pthread_mutex_lock(&sampler->mutex);
    rates_add(&sampler->rates, clock_monotonic_us(), stored_inserted(&stored, sampler->transfers_topic));
    still_update(
        &sampler->sink, position,
        lag_sink(&stored, sampler->positions, sampler->position_count, sampler_input_topic(sampler)));
    pthread_mutex_unlock(&sampler->mutex);
    stored_clear(&stored);
}

/* Sum of what the processors' group has committed. */
static int64_t committed_sum(const sampler_t *sampler, const position_t *positions, int count) {
    int64_t sum = 0;
    for (int i = 0; i < count; i++) {
        if (strcmp(positions[i].topic, sampler_input_topic(sampler)) == 0) sum += positions[i].committed;
    }
    return sum;
}

static void lag_publish(const sampler_t *sampler, const position_t *positions, int count) {
    for (int i = 0; i < count; i++) {
        if (strcmp(positions[i].topic, sampler_input_topic(sampler)) != 0) continue;
        char labels[32];
        snprintf(labels, sizeof labels, "partition=\"%d\"", positions[i].partition);
        metric_set(metric_gauge("amlstream_api_processor_lag_records",
                                "Records of `transactions` that the processors' group has not committed",
                                labels),
                   (double)lag_at(&positions[i], positions[i].committed));
    }
}

static void positions_take(sampler_t *sampler, position_t *positions, int count) {
    lag_publish(sampler, positions, count);
    pthread_mutex_lock(&sampler->mutex);
    bool was_away = sampler->kafka_error[0] != '\0';
    free(sampler->positions);
    sampler->positions = positions;
    sampler->position_count = count;
    sampler->kafka_answered_us = clock_monotonic_us();
    sampler->kafka_error[0] = '\0';
    still_update(&sampler->processor, committed_sum(sampler, positions, count),
                 lag_processor(positions, count, sampler_input_topic(sampler)));
    pthread_mutex_unlock(&sampler->mutex);
    if (was_away) log_info("Kafka answers");
}

static void positions_miss(sampler_t *sampler, err_t *err) {
    pthread_mutex_lock(&sampler->mutex);
    bool was_away = sampler->kafka_error[0] != '\0';
    bool is_away = clock_monotonic_us() - sampler->kafka_answered_us > KAFKA_SILENCE_S_MAX * INT64_C(1000000);
    if (is_away) {
        snprintf(sampler->kafka_error, sizeof sampler->kafka_error, "%s", err_message(err));
        free(sampler->positions);
        sampler->positions = NULL;
        sampler->position_count = 0;
    }
    pthread_mutex_unlock(&sampler->mutex);
    if (is_away && !was_away)
        log_warn("no lag to be had from Kafka; trying again", LOG_STR("error", err_message(err)));
    err_free(err);
}

static void kafka_sample(sampler_t *sampler) {
    position_t *positions;
    int count;
    err_t *err = prober_read(sampler->prober, &positions, &count);
    if (err)
        positions_miss(sampler, err);
    else
        positions_take(sampler, positions, count);
}

static void sample_loop(sampler_t *sampler, void (*sample)(sampler_t *)) {
    int64_t next_us = clock_monotonic_us();
    while (sleep_until(sampler, next_us)) {
        sample(sampler);
        int64_t now_us = clock_monotonic_us();
        next_us += SAMPLE_INTERVAL_MS * 1000;
        if (next_us < now_us) next_us = now_us + SAMPLE_INTERVAL_MS * 1000;
    }
}

static void *stored_main(void *context) {
    sample_loop(context, stored_sample);
    return NULL;
}

static void *kafka_main(void *context) {
    sample_loop(context, kafka_sample);
    return NULL;
}

err_t *sampler_new(pool_t *pool, const settings_t *settings, sampler_t **out) {
    prober_t *prober;
    TRY(prober_new(settings, &prober));
    sampler_t *sampler = calloc(1, sizeof *sampler);
    if (!sampler) abort();
    sampler->pool = pool;
    sampler->prober = prober;
    sampler->transfers_topic = kafka_topic_name(settings, TOPIC_TRANSACTION_RISK);
    sampler->kafka_answered_us = sampler->processor.since_us = sampler->sink.since_us = clock_monotonic_us();
    pthread_mutex_init(&sampler->mutex, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&sampler->stopped, &attributes);
    pthread_condattr_destroy(&attributes);
    sampler->stored_runs = pthread_create(&sampler->stored_thread, NULL, stored_main, sampler) == 0;
    sampler->kafka_runs = pthread_create(&sampler->kafka_thread, NULL, kafka_main, sampler) == 0;
    if (sampler->stored_runs && sampler->kafka_runs) {
        *out = sampler;
        return NULL;
    }
    sampler_free(sampler);
    return err_new("cannot start a thread; the limit on processes (ulimit -u) may be too low");
}

void sampler_free(sampler_t *sampler) {
    if (!sampler) return;
    pthread_mutex_lock(&sampler->mutex);
    sampler->stopping = true;
    pthread_cond_broadcast(&sampler->stopped);
    pthread_mutex_unlock(&sampler->mutex);
    if (sampler->stored_runs) pthread_join(sampler->stored_thread, NULL);
    if (sampler->kafka_runs) pthread_join(sampler->kafka_thread, NULL);
    pthread_cond_destroy(&sampler->stopped);
    pthread_mutex_destroy(&sampler->mutex);
    prober_free(sampler->prober);
    free(sampler->positions);
    free(sampler->transfers_topic);
    free(sampler);
}

void sampler_view(sampler_t *sampler, sampler_view_t *view) {
    *view = (sampler_view_t){0};
    pthread_mutex_lock(&sampler->mutex);
    view->rate_per_s = rates_recent(&sampler->rates);
    view->history_count = rates_history(&sampler->rates, view->history);
    memcpy(view->kafka_error, sampler->kafka_error, sizeof view->kafka_error);
    view->processor_still_s = still_s(&sampler->processor);
    view->sink_still_s = still_s(&sampler->sink);
    view->position_count = sampler->position_count;
    if (sampler->position_count > 0) {
        size_t size = (size_t)sampler->position_count * sizeof *view->positions;
        view->positions = malloc(size);
        if (!view->positions) abort();
        memcpy(view->positions, sampler->positions, size);
    }
    pthread_mutex_unlock(&sampler->mutex);
}

void sampler_view_clear(sampler_view_t *view) {
    free(view->positions);
    view->positions = NULL;
    view->position_count = 0;
}

const char *sampler_input_topic(const sampler_t *sampler) { return prober_transactions(sampler->prober); }

const char *sampler_transfers_topic(const sampler_t *sampler) { return sampler->transfers_topic; }
