#include "api/api.h"

#include <string.h>

const http_route_t api_routes[] = {
    {"GET", "/", api_handle_index},
    {"GET", "/health", http_handle_health},
    {"GET", "/ready", api_handle_ready},
    {"GET", "/version", http_handle_version},
    {"GET", "/metrics", http_handle_metrics},
    {"GET", "/scores/top", api_handle_scores_top},
    {"GET", "/scores/{wallet}", api_handle_score},
    {"GET", "/alerts", api_handle_alerts},
    {"GET", "/alerts/{alert_id}", api_handle_alert},
    {"GET", "/transactions", api_handle_transactions},
    {"GET", "/transactions/{tx_id}", api_handle_transaction},
    {"GET", "/ingestion/status", api_handle_ingestion_status},
    {NULL, NULL, NULL},
};

void api_handle_index(const http_request_t *request, http_response_t *response, void *context) {
    (void)request, (void)context;
    buf_add_str(&response->body,
                "{\"name\":\"amlstream\",\"version\":\"" AMLSTREAM_VERSION "\",\"endpoints\":[");
    for (const http_route_t *route = api_routes; route->method; route++) {
        buf_printf(&response->body, "%s\"%s %s\"", route == api_routes ? "" : ",", route->method,
                   route->path);
    }
    buf_add_str(&response->body, "]}");
}
