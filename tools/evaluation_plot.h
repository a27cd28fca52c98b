/* Precision over recall as a picture. */
#pragma once

#include "common/buf.h"
#include "tools/evaluation.h"

/* SVG: the last 20 % (a curve for all and one for each typology) and, dashed, the whole stream. */
void evaluation_plot(const evaluation_t *evaluation, const evaluation_measures_t *measures, buf_t *out);
