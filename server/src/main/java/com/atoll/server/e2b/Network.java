package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import tools.jackson.databind.JsonNode;

/** What an SDK says of a sandbox's network. Everything that would change it is refused. */
final class Network {
  private Network() {}

  static void refuse(JsonNode asked) {
    if (!asked.path("allow_internet_access").asBoolean(true)) {
      throw AtollException.of(ErrorCode.NOT_IMPLEMENTED, "allow_internet_access=false");
    }
    JsonNode network = asked.path("network");
    if (!network.path("allowPublicTraffic").asBoolean(true)) {
      throw AtollException.of(ErrorCode.NOT_IMPLEMENTED, "allowPublicTraffic=false");
    }
    for (var rule : network.properties()) {
      JsonNode value = rule.getValue();
      boolean empty = value.isNull() || (value.isContainer() && value.isEmpty());
      if (!rule.getKey().equals("allowPublicTraffic") && !empty) {
        throw AtollException.of(ErrorCode.NOT_IMPLEMENTED, "network." + rule.getKey());
      }
    }
  }
}
