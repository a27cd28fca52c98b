/* What the files of this folder that look at cases give to the table of detectors. */
#pragma once

#include "risk/case_graph.h"
#include "risk/detectors.h"

#define CASE_DETECTOR(name_) case_pattern_t name_##_find(const case_graph_t *graph, const double *parameters)

void case_collect(const observation_t *observation, const double *parameters, evidence_t *evidence);

CASE_DETECTOR(cycle);
CASE_DETECTOR(scatter_gather);
CASE_DETECTOR(gather_scatter);
CASE_DETECTOR(bipartite);
CASE_DETECTOR(stack);
CASE_DETECTOR(peel_chain);
CASE_DETECTOR(chain);
CASE_DETECTOR(network);
