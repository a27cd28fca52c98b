/* Parameters of requests. Each function returns false after it made the response a problem that names the
 * parameter, the value and what is allowed. */
#pragma once

#include "common/address.h"
#include "common/http.h"

#include <stdbool.h>
#include <stdint.h>

/* That every query parameter is one of `known` (ends with NULL) and stands once. */
bool params_check(const http_request_t *request, http_response_t *response, const char *const *known);
/* An integer; `absent` where it was not given. */
bool param_int(const http_request_t *request, http_response_t *response, const char *name, int64_t least,
               int64_t most, int64_t absent, int64_t *out);
/* A finite number; `*given` is false where there is none. */
bool param_number(const http_request_t *request, http_response_t *response, const char *name, double least,
                  double most, bool *given, double *out);
/* One of `allowed` (ends with NULL), or NULL where it was not given. */
bool param_choice(const http_request_t *request, http_response_t *response, const char *name,
                  const char *const *allowed, const char **out);
/* 1 to TEXT_SIZE_MAX bytes, or NULL where it was not given. */
bool param_text(const http_request_t *request, http_response_t *response, const char *name, const char **out);
/* The same for a value in the path, where it is always given. */
bool param_path(const http_request_t *request, http_response_t *response, const char *name, const char **out);
/* A wallet in its normal form (address.h), in the room where it needs one; NULL stays NULL. */
const char *wallet_normal(const char *wallet, char room[ADDRESS_SIZE + 1]);
