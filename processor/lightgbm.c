#include "processor/lightgbm.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LIBRARY "lib_lightgbm.so"

/* It would write to standard output, also when all is well; what fails is in last_error. */
static void on_log(const char *text) { (void)text; }

static void *open_beside(const char *model_path) {
    const char *slash = strrchr(model_path, '/');
    char path[PATH_MAX];
    int size = snprintf(path, sizeof path, "%.*s" LIBRARY, slash ? (int)(slash - model_path + 1) : 2,
                        slash ? model_path : "./");
    if (size < 0 || (size_t)size >= sizeof path || access(path, R_OK) != 0) return NULL;
    return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

static err_t *open_library(const char *path, const char *model_path, void **library) {
    *library = *path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : open_beside(model_path);
    if (!*library && !*path) *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (*library) return NULL;
    return err_new_code(EXIT_USAGE,
                        "cannot load LightGBM's library, which the model needs: %s; put " LIBRARY
                        " beside the model, or set AMLSTREAM_LIGHTGBM; scripts/train brings one",
                        dlerror());
}

err_t *lightgbm_load(const char *path, const char *model_path, lightgbm_t *out) {
    void *library;
    TRY(open_library(path, model_path, &library));
    const struct {
        const char *name;
        void *function;
    } wanted[] = {
        {"LGBM_GetLastError", &out->last_error},
        {"LGBM_RegisterLogCallback", &out->register_log},
        {"LGBM_BoosterLoadModelFromString", &out->booster_of_text},
        {"LGBM_BoosterFree", &out->booster_free},
        {"LGBM_BoosterGetNumFeature", &out->booster_features},
        {"LGBM_BoosterGetFeatureNames", &out->booster_feature_names},
        {"LGBM_BoosterGetNumClasses", &out->booster_classes},
        {"LGBM_BoosterPredictForMatSingleRowFastInit", &out->row_init},
        {"LGBM_BoosterPredictForMatSingleRowFast", &out->row_predict},
        {"LGBM_FastConfigFree", &out->row_free},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        void *function = dlsym(library, wanted[i].name);
        if (!function)
            return err_new_code(EXIT_USAGE,
                                "the LightGBM library has no %s; it must be of version 3.3 or later",
                                wanted[i].name);
        memcpy(wanted[i].function, &function, sizeof function);
    }
    out->register_log(on_log);
    return NULL;
}
