package com.atoll.server.webhooks;

import com.atoll.server.outbound.Answer;
import com.atoll.server.outbound.Outbound;
import com.atoll.server.outbound.Signature;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A webhook with what it keeps sealed opened: enough to send to it. */
record Outgoing(Webhook webhook, Map<String, String> headers, List<String> secrets) {

  /** Sends one delivery now. */
  Answer send(Outbound sender, Delivery delivery) {
    byte[] body = delivery.body().getBytes(StandardCharsets.UTF_8);
    return sender.post(webhook.url(), headers(delivery, body), body);
  }

  private Map<String, String> headers(Delivery delivery, byte[] body) {
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.putAll(
        Signature.headers(delivery.eventId(), Instant.now().getEpochSecond(), body, secrets));
    all.put("X-MIOSA-Event", delivery.eventType());
    all.put("X-MIOSA-Delivery", delivery.id());
    all.put("X-MIOSA-Attempt", Integer.toString(delivery.attempt()));
    return all;
  }
}
