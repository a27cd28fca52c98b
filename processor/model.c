#include "processor/model.h"

#include "common/buf.h"
#include "common/hash.h"
#include "processor/lightgbm.h"
#include "processor/limits.h"
#include "processor/model_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FEATURE_NAME_SIZE_MAX = 256 };

struct model {
    lightgbm_t lightgbm;
    char *path; /* for messages */
    buf_t text;
    char version[13];
    int columns;                /* that the model wants */
    feature_t *column_features; /* of each */
};

struct model_scorer {
    const model_t *model;
    risk_scorer_t interface;
    void *booster, *probability, *contributions;
    float *row;
    double *results; /* one a column and one more */
};

static err_t *model_error(const model_t *model, const char *what) {
    return err_new_code(EXIT_USAGE, "model file \"%s\": %s: %s", model->path, what,
                        model->lightgbm.last_error());
}

static err_t *read_file(model_t *model) {
    FILE *file = fopen(model->path, "rbe");
    if (!file)
        return err_new_code(EXIT_USAGE, "cannot open model file \"%s\": %s; set AMLSTREAM_MODEL", model->path,
                            strerror(errno));
    size_t size = fread(buf_reserve(&model->text, MODEL_SIZE_MAX + 1), 1, MODEL_SIZE_MAX, file);
    bool whole = !ferror(file) && fgetc(file) == EOF;
    fclose(file);
    if (!whole)
        return err_new_code(EXIT_USAGE, "model file \"%s\" cannot be read, or is larger than %d MiB",
                            model->path, MODEL_SIZE_MAX >> 20);
    model->text.size = size;
    const char *wrong = model_text_error(buf_cstr(&model->text), size);
    if (wrong) return err_new_code(EXIT_USAGE, "model file \"%s\" cannot be used: %s", model->path, wrong);
    uint64_t hash = hash128(model->text.data, size).high >> 16;
    snprintf(model->version, sizeof model->version, "%012llx", (unsigned long long)hash);
    return NULL;
}

static err_t *find_feature(const model_t *model, const char *name, feature_t *feature) {
    for (int id = 0; id < FEATURE_COUNT; id++) {
        *feature = (feature_t)id;
        if (strcmp(feature_names[id], name) == 0) return NULL;
    }
    return err_new_code(
        EXIT_USAGE,
        "model file \"%s\" wants the feature \"%.80s\", which this version does not have; train it "
        "again with features of this version (amlstream features)",
        model->path, name);
}

static err_t *match_names(model_t *model, char **names) {
    for (int i = 0; i < model->columns; i++) TRY(find_feature(model, names[i], &model->column_features[i]));
    return NULL;
}

static err_t *read_features(model_t *model, void *booster) {
    const lightgbm_t *lightgbm = &model->lightgbm;
    int classes, count;
    size_t size;
    if (lightgbm->booster_classes(booster, &classes) || lightgbm->booster_features(booster, &model->columns))
        return model_error(model, "cannot be asked");
    if (classes != 1)
        return err_new_code(EXIT_USAGE, "model file \"%s\" knows %d classes; it must know one", model->path,
                            classes);
    size_t columns = (size_t)model->columns;
    char **names = calloc(columns + 1, sizeof *names), *room = calloc(columns + 1, FEATURE_NAME_SIZE_MAX);
    model->column_features = calloc(columns + 1, sizeof *model->column_features);
    if (!names || !room || !model->column_features) abort();
    for (size_t i = 0; i < columns; i++) names[i] = room + i * FEATURE_NAME_SIZE_MAX;
    int failed =
        lightgbm->booster_feature_names(booster, model->columns, &count, FEATURE_NAME_SIZE_MAX, &size, names);
    err_t *err = failed || count != model->columns ? model_error(model, "has no names of features")
                                                   : match_names(model, names);
    free(names);
    free(room);
    return err;
}

static err_t *booster_new(const model_t *model, void **booster) {
    int iterations;
    if (model->lightgbm.booster_of_text(model->text.data, &iterations, booster))
        return model_error(model, "is no model of LightGBM");
    return NULL;
}

static err_t *open_model(model_t *model, const char *library) {
    void *booster;
    TRY(read_file(model));
    TRY(lightgbm_load(library, model->path, &model->lightgbm));
    TRY(booster_new(model, &booster));
    err_t *err = read_features(model, booster);
    model->lightgbm.booster_free(booster);
    return err;
}

err_t *model_load(const char *path, const char *library, model_t **out) {
    model_t *model = calloc(1, sizeof *model);
    if (!model || !(model->path = strdup(path))) abort();
    err_t *err = open_model(model, library);
    if (err)
        model_free(model);
    else
        *out = model;
    return err;
}

err_t *model_of_settings(const settings_t *settings, model_t **out) {
    const char *path = settings_get(settings, "MODEL");
    *out = NULL;
    return *path ? model_load(path, settings_get(settings, "LIGHTGBM"), out) : NULL;
}

void model_free(model_t *model) {
    if (!model) return;
    free(model->path);
    free(model->column_features);
    buf_clear(&model->text);
    free(model);
}

const char *model_version(const model_t *model) { return model->version; }

static void ask(model_scorer_t *scorer, void *what, const features_t *features) {
    const model_t *model = scorer->model;
    int64_t count;
    for (int i = 0; i < model->columns; i++) scorer->row[i] = features->values[model->column_features[i]];
    /* It cannot fail for a row of the size that was agreed on; if it does, nothing is known. */
    if (model->lightgbm.row_predict(what, scorer->row, &count, scorer->results))
        memset(scorer->results, 0, ((size_t)model->columns + 1) * sizeof *scorer->results);
}

static double scorer_score(void *context, const features_t *features) {
    model_scorer_t *scorer = context;
    ask(scorer, scorer->probability, features);
    return scorer->results[0];
}

static void scorer_explain(void *context, const features_t *features, double contributions[FEATURE_COUNT]) {
    model_scorer_t *scorer = context;
    ask(scorer, scorer->contributions, features);
    for (int i = 0; i < scorer->model->columns; i++)
        contributions[scorer->model->column_features[i]] = scorer->results[i];
}

static err_t *row_new(const model_scorer_t *scorer, int what, void **row) {
    const model_t *model = scorer->model;
    if (model->lightgbm.row_init(scorer->booster, what, 0, -1, LIGHTGBM_FLOAT32, model->columns,
                                 "num_threads=1", row))
        return model_error(model, "cannot score");
    return NULL;
}

static err_t *scorer_open(model_scorer_t *scorer) {
    TRY(booster_new(scorer->model, &scorer->booster));
    TRY(row_new(scorer, LIGHTGBM_PROBABILITY, &scorer->probability));
    return row_new(scorer, LIGHTGBM_CONTRIBUTIONS, &scorer->contributions);
}

err_t *model_scorer_new(const model_t *model, model_scorer_t **out) {
    model_scorer_t *scorer = calloc(1, sizeof *scorer);
    if (!scorer) abort();
    scorer->model = model;
    scorer->interface = (risk_scorer_t){
        .context = scorer, .version = model->version, .score = scorer_score, .explain = scorer_explain};
    scorer->row = calloc((size_t)model->columns + 1, sizeof *scorer->row);
    scorer->results = calloc((size_t)model->columns + 1, sizeof *scorer->results);
    if (!scorer->row || !scorer->results) abort();
    err_t *err = scorer_open(scorer);
    if (err)
        model_scorer_free(scorer);
    else
        *out = scorer;
    return err;
}

void model_scorer_free(model_scorer_t *scorer) {
    if (!scorer) return;
    const lightgbm_t *lightgbm = &scorer->model->lightgbm;
    if (scorer->probability) lightgbm->row_free(scorer->probability);
    if (scorer->contributions) lightgbm->row_free(scorer->contributions);
    if (scorer->booster) lightgbm->booster_free(scorer->booster);
    free(scorer->row);
    free(scorer->results);
    free(scorer);
}

const risk_scorer_t *model_scorer_interface(model_scorer_t *scorer) { return &scorer->interface; }
