/* Explanations over HTTP: of a wallet, and of a transfer, from the live state of all this instance's threads.
 */
#pragma once

#include "common/http.h"

void query_explain_wallet(const http_request_t *request, http_response_t *response, void *context);
void query_explain_transfer(const http_request_t *request, http_response_t *response, void *context);
