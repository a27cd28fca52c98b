/* Transfers among a few wallets, and what the model says of them: for the tests of detectors.
 *
 * One scene at a time, over three tasks, from scene_begin to scene_end. Times are seconds after an arbitrary
 * midnight. */
#pragma once

#include "support_fixture.h"

enum { HOUR = 3600, DAY = 24 * HOUR };

/* `rules`: JSON. */
void scene_begin(const char *rules);
/* With only this detector, and without taint. */
void scene_begin_detector(const char *detector);
void scene_end(void);
fixture_t *scene_fixture(void);

/* The transfers are t0, t1, …; each is credited at once. */
void pay(const char *src, const char *dst, double amount, int64_t second);
void pay_asset(const char *src, const char *dst, const char *asset, double amount, int64_t second);
/* One of two texts, in turn. */
const char *numbered(const char *name, int number);

/* Alerts of the wallet and typology so far; the last one in `*alert` where that is not NULL. */
int alerts(const char *typology, const char *wallet, const json_t **alert);
bool alert_names(const json_t *alert, const char *tx_id);
double alert_value(const json_t *alert, const char *name);
const json_t *reason(const json_t *record, const char *code);
/* Of a reason to the wallet's score; 0 where it is none. */
double contribution(const char *wallet, const char *code);
double score_of(const char *wallet);
/* The last transaction-risk record. */
const json_t *last_risk(void);
