/* LightGBM's own C library, loaded while the program runs: who uses no learned model needs none.
 *
 * Only what scoring needs, as LightGBM's c_api.h has it. Functions return 0, or -1 and leave the reason in
 * last_error. */
#pragma once

#include "common/err.h"

#include <stddef.h>
#include <stdint.h>

enum { LIGHTGBM_FLOAT32 = 0 };
enum { LIGHTGBM_PROBABILITY = 0, LIGHTGBM_CONTRIBUTIONS = 3 };

typedef struct {
    const char *(*last_error)(void);
    int (*register_log)(void (*write)(const char *text));
    int (*booster_of_text)(const char *model, int *iterations, void **booster);
    int (*booster_free)(void *booster);
    int (*booster_features)(void *booster, int *count);
    int (*booster_feature_names)(void *booster, int capacity, int *count, size_t name_capacity,
                                 size_t *name_size, char **names);
    int (*booster_classes)(void *booster, int *count);
    int (*row_init)(void *booster, int what, int first_iteration, int iterations, int data_type,
                    int32_t columns, const char *parameters, void **row);
    int (*row_predict)(void *row, const void *values, int64_t *result_count, double *results);
    int (*row_free)(void *row);
} lightgbm_t;

/* Loads it from `path`, or, where that is empty, from the directory of the model file, else from where the
 * system keeps its libraries. Once loaded it stays. */
err_t *lightgbm_load(const char *path, const char *model_path, lightgbm_t *out);
