#include "support_scene.h"

#include "risk/detectors.h"

#include "tests/support/suite.h"

#include <stdio.h>
#include <string.h>

enum { MIDNIGHT = 1699920000 };

static fixture_t *fixture;
static int tx_number;

void scene_begin(const char *rules) {
    tx_number = 0;
    fixture = fixture_new_with(rules, 3, 0);
}

void scene_begin_detector(const char *detector) {
    double weight = 0;
    for (int id = 0; id < DETECTOR_COUNT; id++)
        if (!strcmp(detectors[id].name, detector)) weight = detectors[id].parameters[0].standard;
    ck_assert(weight > 0);
    char rules[512];
    snprintf(rules, sizeof rules,
             "{\"taint\": {\"method\": \"off\"}, \"detectors\": {\"*\": {\"weight\": 0}, \"%s\": "
             "{\"weight\": %.17g}}}",
             detector, weight);
    scene_begin(rules);
}

void scene_end(void) { fixture_free(fixture); }

fixture_t *scene_fixture(void) { return fixture; }

void pay_asset(const char *src, const char *dst, const char *asset, double amount, int64_t second) {
    char tx_id[16];
    snprintf(tx_id, sizeof tx_id, "t%d", tx_number++);
    fixture_transfer_asset(fixture, tx_id, src, dst, amount, asset, (MIDNIGHT + second) * 1000);
    fixture_deliver(fixture, SIZE_MAX);
}

void pay(const char *src, const char *dst, double amount, int64_t second) {
    pay_asset(src, dst, "", amount, second);
}

const char *numbered(const char *name, int number) {
    static char text[2][32];
    static int turn;
    turn = !turn;
    snprintf(text[turn], sizeof text[turn], "%s%d", name, number);
    return text[turn];
}

int alerts(const char *typology, const char *wallet, const json_t **alert) {
    int count = 0;
    size_t index;
    const json_t *each;
    json_array_foreach(fixture_emitted(fixture, TOPIC_ALERTS), index, each) {
        if (strcmp(json_string_value(json_object_get(each, "typology")), typology)) continue;
        if (strcmp(json_string_value(json_object_get(each, "wallet")), wallet)) continue;
        count++;
        if (alert) *alert = each;
    }
    return count;
}

bool alert_names(const json_t *alert, const char *tx_id) {
    size_t index;
    const json_t *each;
    json_array_foreach(json_object_get(alert, "tx_ids"), index, each) {
        if (!strcmp(json_string_value(each), tx_id)) return true;
    }
    return false;
}

double alert_value(const json_t *alert, const char *name) {
    return json_number_value(json_object_get(json_object_get(alert, "evidence"), name));
}

const json_t *reason(const json_t *record, const char *code) {
    size_t index;
    const json_t *each;
    json_array_foreach(json_object_get(record, "reasons"), index, each) {
        if (!strcmp(json_string_value(json_object_get(each, "code")), code)) return each;
    }
    return NULL;
}

double contribution(const char *wallet, const char *code) {
    json_t *record = fixture_wallet(fixture, wallet);
    double value = json_number_value(json_object_get(reason(record, code), "contribution"));
    json_decref(record);
    return value;
}

double score_of(const char *wallet) {
    json_t *record = fixture_wallet(fixture, wallet);
    double value = json_number_value(json_object_get(record, "score"));
    json_decref(record);
    return value;
}

const json_t *last_risk(void) { return fixture_last(fixture, TOPIC_TRANSACTION_RISK); }
