#include "risk/rules_fields.h"

#include "common/buf.h"
#include "common/hash.h"
#include "common/settings.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLACE_SIZE_MAX = 256 };

const char *const level_names[LEVEL_COUNT] = {"low", "medium", "high", "critical"};
const char *const taint_method_names[TAINT_METHOD_COUNT + 1] = {"haircut", "poison", "off", NULL};

static const rules_t standard = {
    .nearest = 4,
    .max_hops = 4,
    .hop_weights = {1, 0.6, 0.35, 0.2, 0.12, 0.07, 0.04, 0.02},
    .categories =
        {
            [CATEGORY_SANCTIONED] = {1, 1, false},
            [CATEGORY_MIXER] = {0.6, 0, true},
            [CATEGORY_DARKNET] = {0.8, 1, false},
            [CATEGORY_SCAM] = {0.7, 0, false},
            [CATEGORY_THEFT] = {0.9, 1, false},
            [CATEGORY_RANSOMWARE] = {0.95, 1, false},
            [CATEGORY_EXCHANGE] = {0, 0, true},
            [CATEGORY_SERVICE] = {0, 0, true},
        },
    .taint = {.method = TAINT_HAIRCUT, .weight = 0.5, .min_share = 0.01, .least_share = 1e-9},
    .half_life_days = 30,
    .levels = {0, 25, 50, 75},
};

/* Where we are in the file, for messages. */
typedef struct {
    const char *file;
    char text[PLACE_SIZE_MAX]; /* "detectors.fan_in", "" at the root */
} place_t;

static place_t place_inside(const place_t *outer, const char *key) {
    place_t place = {.file = outer->file};
    snprintf(place.text, sizeof place.text, "%.120s%s%.120s", outer->text, outer->text[0] ? "." : "", key);
    return place;
}

static err_t *place_error(const place_t *outer, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static err_t *place_error(const place_t *outer, const char *key, const char *format, ...) {
    char message[512];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    place_t place = place_inside(outer, key);
    return err_new_code(EXIT_USAGE, "rules file \"%s\": %s: %s", place.file, place.text, message);
}

/* An object whose keys are all among `known` (ends with NULL). */
static err_t *check_object(const place_t *outer, const char *key, const json_t *json,
                           const char *const *known) {
    if (!json_is_object(json)) return place_error(outer, key, "must be an object");
    place_t place = key[0] ? place_inside(outer, key) : *outer;
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)json, name, value) {
        size_t i = 0;
        while (known[i] && strcmp(known[i], name)) i++;
        if (known[i]) continue;
        const char *nearest = settings_nearest(name, known);
        if (nearest) return place_error(&place, name, "unknown key; did you mean \"%s\"?", nearest);
        return place_error(&place, name, "unknown key; the first known one here is \"%s\"", known[0]);
    }
    return NULL;
}

/* Leaves `*out` where the key is absent. */
static err_t *read_number(const place_t *place, const json_t *object, const char *key, double least,
                          double most, double *out) {
    const json_t *json = json_object_get(object, key);
    if (!json) return NULL;
    if (!json_is_number(json)) return place_error(place, key, "must be a number from %g to %g", least, most);
    double value = json_number_value(json);
    if (!(value >= least && value <= most))
        return place_error(place, key, "%g is not from %g to %g", value, least, most);
    *out = value == 0 ? 0 : value; /* not -0 */
    return NULL;
}

static err_t *read_whole(const place_t *place, const json_t *object, const char *key, int least, int most,
                         int *out) {
    const json_t *json = json_object_get(object, key);
    if (!json) return NULL;
    if (!json_is_integer(json) || json_integer_value(json) < least || json_integer_value(json) > most)
        return place_error(place, key, "must be a whole number from %d to %d", least, most);
    *out = (int)json_integer_value(json);
    return NULL;
}

static err_t *read_switch(const place_t *place, const json_t *object, const char *key, bool *out) {
    const json_t *json = json_object_get(object, key);
    if (!json) return NULL;
    if (!json_is_boolean(json)) return place_error(place, key, "must be true or false");
    *out = json_is_true(json);
    return NULL;
}

static err_t *read_method(const place_t *place, const json_t *object, const char *key, taint_method_t *out) {
    const json_t *json = json_object_get(object, key);
    if (!json) return NULL;
    for (int i = 0; json_is_string(json) && i < TAINT_METHOD_COUNT; i++) {
        if (strcmp(json_string_value(json), taint_method_names[i]) != 0) continue;
        *out = (taint_method_t)i;
        return NULL;
    }
    return place_error(place, key, "must be \"haircut\", \"poison\" or \"off\"");
}

static err_t *read_hop_weights(const place_t *place, const json_t *object, rules_t *rules) {
    const json_t *list = json_object_get(object, "hop_weights");
    if (!list) return NULL;
    size_t count = json_array_size(list);
    if (!json_is_array(list) || count <= (size_t)rules->max_hops || count > HOPS_MAX + 1)
        return place_error(place, "hop_weights",
                           "must be a list of %d to %d numbers: one for the labelled wallet itself, "
                           "one for each hop up to max_hops",
                           rules->max_hops + 1, HOPS_MAX + 1);
    memset(rules->hop_weights, 0, sizeof rules->hop_weights);
    for (size_t i = 0; i < count; i++) {
        const json_t *weight = json_array_get(list, i);
        double value = json_number_value(weight);
        if (!json_is_number(weight) || !(value >= 0 && value <= 1))
            return place_error(place, "hop_weights", "number %zu must be from 0 to 1", i + 1);
        if (i && value > rules->hop_weights[i - 1])
            return place_error(place, "hop_weights", "number %zu must not be greater than the one before it",
                               i + 1);
        rules->hop_weights[i] = value == 0 ? 0 : value;
    }
    return NULL;
}

static err_t *read_exposure(const place_t *root, const json_t *json, rules_t *rules) {
    static const char *const known[] = {"nearest", "max_hops", "hop_weights", NULL};
    if (!json) return NULL;
    TRY(check_object(root, "exposure", json, known));
    place_t place = place_inside(root, "exposure");
    TRY(read_whole(&place, json, "nearest", 1, NEAREST_MAX, &rules->nearest));
    TRY(read_whole(&place, json, "max_hops", 1, HOPS_MAX, &rules->max_hops));
    return read_hop_weights(&place, json, rules);
}

static err_t *read_categories(const place_t *root, const json_t *json, rules_t *rules) {
    static const char *const fields[] = {"weight", "service", "alert_hops", NULL};
    const char *known[CATEGORY_COUNT + 1] = {NULL};
    if (!json) return NULL;
    for (int i = 0; i < CATEGORY_COUNT; i++) known[i] = category_infos[i].name;
    TRY(check_object(root, "categories", json, known));
    place_t place = place_inside(root, "categories");
    for (int i = 0; i < CATEGORY_COUNT; i++) {
        const json_t *object = json_object_get(json, known[i]);
        category_rule_t *rule = &rules->categories[i];
        if (!object) continue;
        TRY(check_object(&place, known[i], object, fields));
        place_t inside = place_inside(&place, known[i]);
        TRY(read_number(&inside, object, "weight", 0, 1, &rule->weight));
        TRY(read_switch(&inside, object, "service", &rule->service));
        TRY(read_whole(&inside, object, "alert_hops", 0, HOPS_MAX, &rule->alert_hops));
    }
    return NULL;
}

static err_t *read_detectors(const place_t *root, const json_t *json, rules_t *rules) {
    const char *known[DETECTOR_COUNT + 1] = {NULL};
    if (!json) return NULL;
    for (int i = 0; i < DETECTOR_COUNT; i++) known[i] = detectors[i].name;
    TRY(check_object(root, "detectors", json, known));
    place_t place = place_inside(root, "detectors");
    for (int i = 0; i < DETECTOR_COUNT; i++) {
        const json_t *object = json_object_get(json, known[i]);
        const detector_parameter_t *parameters = detectors[i].parameters;
        const char *keys[DETECTOR_PARAMETERS_MAX + 1] = {NULL};
        if (!object) continue;
        for (int p = 0; p < DETECTOR_PARAMETERS_MAX && parameters[p].key; p++) keys[p] = parameters[p].key;
        TRY(check_object(&place, known[i], object, keys));
        place_t inside = place_inside(&place, known[i]);
        for (int p = 0; keys[p]; p++)
            TRY(read_number(&inside, object, keys[p], parameters[p].least, parameters[p].most,
                            &rules->detectors[i][p]));
    }
    return NULL;
}

static err_t *read_taint(const place_t *root, const json_t *json, rules_t *rules) {
    static const char *const known[] = {"method", "weight", "min_share", "least_share", NULL};
    if (!json) return NULL;
    TRY(check_object(root, "taint", json, known));
    place_t place = place_inside(root, "taint");
    TRY(read_method(&place, json, "method", &rules->taint.method));
    TRY(read_number(&place, json, "weight", 0, 1, &rules->taint.weight));
    TRY(read_number(&place, json, "min_share", 0, 1, &rules->taint.min_share));
    return read_number(&place, json, "least_share", 0, 1, &rules->taint.least_share);
}

static err_t *read_levels(const place_t *root, const json_t *json, rules_t *rules) {
    const char *const known[] = {level_names[LEVEL_MEDIUM], level_names[LEVEL_HIGH],
                                 level_names[LEVEL_CRITICAL], NULL};
    if (!json) return NULL;
    TRY(check_object(root, "levels", json, known));
    place_t place = place_inside(root, "levels");
    for (int i = LEVEL_MEDIUM; i < LEVEL_COUNT; i++)
        TRY(read_number(&place, json, level_names[i], 0, 100, &rules->levels[i]));
    for (int i = LEVEL_HIGH; i < LEVEL_COUNT; i++)
        if (rules->levels[i] < rules->levels[i - 1])
            return place_error(&place, level_names[i], "%g is below %s, which begins at %g", rules->levels[i],
                               level_names[i - 1], rules->levels[i - 1]);
    return NULL;
}

static err_t *read_root(const place_t *root, const json_t *json, rules_t *rules) {
    static const char *const known[] = {"exposure",       "categories", "taint", "detectors",
                                        "half_life_days", "levels",     NULL};
    if (!json_is_object(json))
        return err_new_code(EXIT_USAGE, "rules file \"%s\": must be a JSON object", root->file);
    TRY(check_object(root, "", json, known));
    TRY(read_exposure(root, json_object_get(json, "exposure"), rules));
    TRY(read_categories(root, json_object_get(json, "categories"), rules));
    TRY(read_taint(root, json_object_get(json, "taint"), rules));
    TRY(read_detectors(root, json_object_get(json, "detectors"), rules));
    TRY(read_number(root, json, "half_life_days", 0.01, 36600, &rules->half_life_days));
    return read_levels(root, json_object_get(json, "levels"), rules);
}

static err_t *read_text(const char *path, buf_t *text) {
    FILE *file = fopen(path, "rb");
    if (!file)
        return err_new_code(EXIT_USAGE, "cannot open rules file \"%s\": %s; set AMLSTREAM_RULES", path,
                            strerror(errno));
    size_t got = fread(buf_reserve(text, RULES_SIZE_MAX + 1), 1, RULES_SIZE_MAX + 1, file);
    int failed = ferror(file) ? errno : 0;
    fclose(file);
    if (failed) return err_new_code(EXIT_USAGE, "cannot read rules file \"%s\": %s", path, strerror(failed));
    if (got > RULES_SIZE_MAX)
        return err_new_code(EXIT_USAGE, "rules file \"%s\" has more than %d bytes", path, RULES_SIZE_MAX);
    text->size = got;
    return NULL;
}

static err_t *rules_read(const char *path, rules_t *rules) {
    buf_t text = {0};
    json_error_t error;
    place_t root = {.file = path};
    err_t *err = read_text(path, &text);
    json_t *json = err ? NULL : json_loadb(text.data, text.size, JSON_REJECT_DUPLICATES, &error);
    if (!err && !json)
        err = err_new_code(EXIT_USAGE, "rules file \"%s\": line %d, column %d: %s", path, error.line,
                           error.column, error.text);
    if (!err) err = read_root(&root, json, rules);
    json_decref(json);
    buf_clear(&text);
    return err;
}

static void add_value(buf_t *out, const char *section, const char *key, double value) {
    buf_printf(out, "%s.%s=", section, key);
    buf_add_double(out, value);
    buf_add_char(out, '\n');
}

/* Every value that is in effect, in one fixed form. */
static void rules_set_version(rules_t *rules) {
    buf_t text = {0};
    add_value(&text, "exposure", "nearest", rules->nearest);
    add_value(&text, "exposure", "max_hops", rules->max_hops);
    for (int i = 0; i <= rules->max_hops; i++)
        add_value(&text, "exposure", "hop_weights", rules->hop_weights[i]);
    for (int i = 0; i < CATEGORY_COUNT; i++) {
        const category_rule_t *rule = &rules->categories[i];
        add_value(&text, category_infos[i].name, "weight", rule->weight);
        add_value(&text, category_infos[i].name, "service", rule->service);
        add_value(&text, category_infos[i].name, "alert_hops", rule->alert_hops);
    }
    add_value(&text, "taint", "method", rules->taint.method);
    add_value(&text, "taint", "weight", rules->taint.weight);
    add_value(&text, "taint", "min_share", rules->taint.min_share);
    add_value(&text, "taint", "least_share", rules->taint.least_share);
    for (int i = 0; i < DETECTOR_COUNT; i++)
        for (int p = 0; p < DETECTOR_PARAMETERS_MAX && detectors[i].parameters[p].key; p++)
            add_value(&text, detectors[i].name, detectors[i].parameters[p].key, rules->detectors[i][p]);
    add_value(&text, "", "half_life_days", rules->half_life_days);
    for (int i = LEVEL_MEDIUM; i < LEVEL_COUNT; i++)
        add_value(&text, "levels", level_names[i], rules->levels[i]);
    uint64_t hash = hash128(text.data, text.size).high >> 16;
    snprintf(rules->version, sizeof rules->version, "%012llx", (unsigned long long)hash);
    buf_clear(&text);
}

err_t *rules_load(const char *path, rules_t **out) {
    rules_t *rules = malloc(sizeof *rules);
    if (!rules) abort();
    *rules = standard;
    for (int i = 0; i < DETECTOR_COUNT; i++)
        for (int p = 0; p < DETECTOR_PARAMETERS_MAX && detectors[i].parameters[p].key; p++)
            rules->detectors[i][p] = detectors[i].parameters[p].standard;
    err_t *err = path ? rules_read(path, rules) : NULL;
    if (err) {
        free(rules);
        return err;
    }
    rules_set_version(rules);
    *out = rules;
    return NULL;
}

void rules_free(rules_t *rules) { free(rules); }

const char *rules_version(const rules_t *rules) { return rules->version; }

level_t rules_level(const rules_t *rules, double score) {
    level_t level = LEVEL_LOW;
    for (int i = LEVEL_MEDIUM; i < LEVEL_COUNT; i++)
        if (score >= rules->levels[i]) level = (level_t)i;
    return level;
}
