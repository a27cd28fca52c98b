/* A learned model: a file that LightGBM wrote (scripts/train), and what scores transfers with it.
 *
 * It may use any of the features of this build, by name, in any order; others are an error. */
#pragma once

#include "common/settings.h"
#include "risk/scorer.h"

/* Rows for the tables of the commands. */
#define SETTINGS_MODEL                                                                                       \
    {"MODEL", "", "file of a learned model (scripts/train makes one); empty: rules alone"}, {                \
        "LIGHTGBM", "",                                                                                      \
            "LightGBM's library for it; empty: lib_lightgbm.so beside the model, or the system's"            \
    }

typedef struct model model_t;
typedef struct model_scorer model_scorer_t;

/* `library`: the path of LightGBM's library; empty: beside the model, or the system's. */
err_t *model_load(const char *path, const char *library, model_t **out);
/* That of the settings; NULL where they name none. */
err_t *model_of_settings(const settings_t *settings, model_t **out);
void model_free(model_t *model);                 /* NULL is allowed; its scorers are freed already */
const char *model_version(const model_t *model); /* 12 hex digits of a hash of the file */

/* Shares nothing with others: for one thread at a time. */
err_t *model_scorer_new(const model_t *model, model_scorer_t **out);
void model_scorer_free(model_scorer_t *scorer); /* NULL is allowed */
const risk_scorer_t *model_scorer_interface(model_scorer_t *scorer);
