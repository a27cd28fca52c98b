#include "risk/rules.h"

#include "common/hash.h"
#include "common/settings.h"
#include "risk/rules_read.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PRESET_PREFIX "preset:"

const char *const level_names[LEVEL_COUNT] = {"low", "medium", "high", "critical"};
const char *const taint_method_names[TAINT_METHOD_COUNT + 1] = {"haircut", "poison", "off", NULL};

static const rules_t standard = {
    .nearest = 8,
    .max_hops = 4,
    .directions = {[DIRECTION_SOURCE] = 1, [DIRECTION_DESTINATION] = 0.5, [DIRECTION_EITHER] = 0},
    .hop_weights = {1, 0.6, 0.35, 0.2, 0.12, 0.07, 0.04, 0.02},
    .hop_weight_count = 8,
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
    .model = {.weight = 0.95, .case_from = 0.2, .explain_from = 0.25},
    .grace_hours = 48,
    .half_life_days = 30,
    .levels = {0, 25, 50, 75},
};

static rules_t *rules_new(void) {
    rules_t *rules = malloc(sizeof *rules);
    if (!rules) abort();
    *rules = standard;
    for (int i = 0; i < DETECTOR_COUNT; i++)
        for (int p = 0; p < DETECTOR_PARAMETERS_MAX && detectors[i].parameters[p].key; p++)
            rules->detectors[i][p] = detectors[i].parameters[p].standard;
    return rules;
}

void rules_free(rules_t *rules) {
    if (!rules) return;
    free(rules->assets);
    free(rules);
}

static err_t *read_preset(const rules_source_t *source, const char *name, rules_t *rules) {
    const char *known[16] = {NULL};
    const rules_preset_t *preset = rules_presets;
    for (int i = 0; preset->name && strcmp(preset->name, name) != 0; preset++) known[i++] = preset->name;
    if (!preset->name) {
        const char *nearest = settings_nearest(name, known);
        return err_new_code(EXIT_USAGE, "%s: there is no preset \"%s\"; %s%s", source->name, name,
                            nearest ? "did you mean " : "see amlstream rules presets",
                            nearest ? nearest : "");
    }
    rules_source_t built_in = {.name = preset->name, .text = preset->json, .size = strlen(preset->json)};
    json_t *json;
    TRY(rules_source_json(&built_in, &json));
    err_t *err = rules_read(&built_in, json, rules);
    json_decref(json);
    return err;
}

/* An asset's values, where it has none of its own, are the others'. */
static void assets_complete(rules_t *rules) {
    for (int i = 0; i < rules->asset_count; i++) {
        asset_rules_t *asset = &rules->assets[i];
        for (int id = 0; id < DETECTOR_COUNT; id++)
            for (int p = 0; p < DETECTOR_PARAMETERS_MAX; p++) {
                bool own = !isnan(asset->own[id][p]);
                asset->given[id] = asset->given[id] || own;
                asset->detectors[id][p] = own ? asset->own[id][p] : rules->detectors[id][p];
            }
    }
}

static void set_version(rules_t *rules) {
    buf_t text = {0};
    rules_add_json(rules, false, &text);
    uint64_t hash = hash128(text.data, text.size).high >> 16;
    snprintf(rules->version, sizeof rules->version, "%012llx", (unsigned long long)hash);
    buf_clear(&text);
}

static err_t *read_source(const rules_source_t *source, const json_t *json, rules_t *rules) {
    const json_t *preset = json_object_get(json, "preset");
    if (preset && !json_is_string(preset))
        return err_new_code(EXIT_USAGE, "%s: preset: must be the name of a preset", source->name);
    if (preset) TRY(read_preset(source, json_string_value(preset), rules));
    TRY(rules_read(source, json, rules));
    /* Beyond max_hops they have no effect, so they make no other version. */
    for (int i = rules->max_hops + 1; i <= HOPS_MAX; i++) rules->hop_weights[i] = 0;
    rules->hop_weight_count = rules->max_hops + 1;
    assets_complete(rules);
    set_version(rules);
    return NULL;
}

static err_t *parse(const rules_source_t *source, rules_t **out) {
    json_t *json;
    *out = NULL;
    TRY(rules_source_json(source, &json));
    const json_t *root = source->member ? json_object_get(json, source->member) : json;
    err_t *err = NULL;
    if (root) {
        rules_t *rules = rules_new();
        err = read_source(source, root, rules);
        if (err)
            rules_free(rules);
        else
            *out = rules;
    }
    json_decref(json);
    return err;
}

err_t *rules_parse(const char *name, const char *text, size_t size, rules_t **out) {
    return parse(&(rules_source_t){.name = name, .text = text, .size = size}, out);
}

err_t *rules_parse_member(const char *name, const char *text, size_t size, rules_t **out) {
    return parse(&(rules_source_t){.name = name, .text = text, .size = size, .member = "rules"}, out);
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
    text->size = got;
    return NULL;
}

static err_t *load_file(const char *path, rules_t **out) {
    char name[512];
    buf_t text = {0};
    snprintf(name, sizeof name, "rules file \"%.400s\"", path);
    err_t *err = read_text(path, &text);
    if (!err) err = rules_parse(name, text.data, text.size, out);
    buf_clear(&text);
    return err;
}

static err_t *load_preset(const char *name, rules_t **out) {
    json_t *json = json_pack("{s:s}", "preset", name);
    if (!json) return err_new_code(EXIT_USAGE, "the name of the preset is not UTF-8");
    char *text = json_dumps(json, JSON_COMPACT);
    err_t *err = rules_parse("AMLSTREAM_RULES", text, strlen(text), out);
    free(text);
    json_decref(json);
    return err;
}

err_t *rules_load(const char *source, rules_t **out) {
    size_t prefix = strlen(PRESET_PREFIX);
    if (!source) return rules_parse("the built-in rules", "{}", 2, out);
    return strncmp(source, PRESET_PREFIX, prefix) ? load_file(source, out)
                                                  : load_preset(source + prefix, out);
}

const char *rules_version(const rules_t *rules) { return rules->version; }

level_t rules_level(const rules_t *rules, double score) {
    level_t level = LEVEL_LOW;
    for (int i = LEVEL_MEDIUM; i < LEVEL_COUNT; i++)
        if (score >= rules->levels[i]) level = (level_t)i;
    return level;
}

const asset_rules_t *rules_asset(const rules_t *rules, text_t asset) {
    for (int i = 0; i < rules->asset_count; i++) {
        const asset_rules_t *own = &rules->assets[i];
        if (strlen(own->name) == asset.size && !memcmp(own->name, asset.data, asset.size)) return own;
    }
    return NULL;
}
