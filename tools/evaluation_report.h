/* The measures of an evaluation for programs and for people. */
#pragma once

#include "common/buf.h"
#include "tools/evaluation.h"

#include <jansson.h>

/* What is NAN is null. */
json_t *evaluation_json(const evaluation_measures_t *measures);
/* Tables of 80 columns; what is NAN is a dash. */
void evaluation_tables(const evaluation_measures_t *measures, buf_t *out);
