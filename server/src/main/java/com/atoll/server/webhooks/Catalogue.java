package com.atoll.server.webhooks;

import com.atoll.server.events.EventTypes;
import com.atoll.server.http.Doc;
import java.util.List;
import java.util.Map;

/** What can be delivered, and how a receiver knows that it is from here. */
record Catalogue(
    @Doc("Types of events by their family.") Map<String, List<String>> data,
    @Doc("All types.") List<String> events,
    @Doc("Families whose events name a workspace.") List<String> workspaceScopedCategories,
    @Doc("The schemes that sign a delivery.") Map<String, Object> signing,
    @Doc("The headers of a delivery.") List<String> deliveryHeaders,
    @Doc("The versions of the deliveries' form.") List<String> versions) {

  static Catalogue now() {
    return new Catalogue(
        EventTypes.families(),
        EventTypes.families().values().stream().flatMap(List::stream).toList(),
        List.of("sandbox", "deployment", "volume", "preview", "workspace"),
        Map.of(
            "algorithm",
            "HMAC-SHA256",
            "miosa",
            "Miosa-Signature: t=<seconds>,v1=<hex of the HMAC of \"<seconds>.<body>\">",
            "older",
            "X-MIOSA-Signature: sha256=<hex of the HMAC of the body>",
            "standard_webhooks",
            "webhook-signature: v1,<base64 of the HMAC of \"<webhook-id>.<webhook-timestamp>.<body>\">",
            "tolerance_seconds",
            300),
        List.of(
            "Miosa-Signature",
            "X-MIOSA-Signature",
            "X-MIOSA-Event",
            "X-MIOSA-Delivery",
            "X-MIOSA-Attempt",
            "webhook-id",
            "webhook-timestamp",
            "webhook-signature"),
        List.of(Bodies.V1));
  }
}
