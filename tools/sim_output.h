/* Where the simulator's stream goes: Kafka, or a file of CSV or JSON lines; the labels, the prices, and the
 * truth about the patterns. */
#pragma once

#include "common/settings.h"
#include "tools/sim.h"

typedef struct sim_output sim_output_t;

/* By the settings OUTPUT, OUT, TRUTH, LABELS_OUT and PRICES_OUT. */
err_t *sim_output_open(const settings_t *settings, sim_output_t **out);
/* Everything is written out, or the error says what is not. Frees in any case; NULL is allowed. */
err_t *sim_output_close(sim_output_t *output);
/* For an output that is given up after an error. */
void sim_output_drop(sim_output_t *output);

err_t *sim_output_labels(sim_output_t *output, const sim_t *sim);
/* What the amounts were made by, one US dollar being worth 1. */
err_t *sim_output_prices(sim_output_t *output);
/* *sent false: the process was asked to stop before there was room for it. */
err_t *sim_output_transfer(sim_output_t *output, const sim_transfer_t *transfer, bool *sent);
/* Sleeps until something is to be sent. */
void sim_output_wait(sim_output_t *output, int64_t wait_us);
