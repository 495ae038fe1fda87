package com.atoll.server.drains;

import com.atoll.server.outbound.Answer;
import com.atoll.server.outbound.Outbound;
import com.atoll.server.outbound.Signature;
import com.atoll.server.store.Tx;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A drain with what it keeps sealed opened: enough to send to it. */
record Outlet(Drain drain, Map<String, String> headers, List<String> secrets) {

  static Outlet of(Tx tx, Keys keys, Drain drain) {
    return new Outlet(drain, keys.headers(tx, drain), keys.secrets(tx, drain));
  }

  /**
   * Sends lines now.
   *
   * @param batch the id of the batch, the same at each attempt
   * @param kept its lines as they are kept
   */
  Answer send(Outbound outbound, String batch, String kept) {
    byte[] body = Formats.body(drain.format(), kept);
    if (drain.kind() == Drain.Kind.SYSLOG) {
      return outbound.syslog(drain.url(), body);
    }
    Map<String, String> all = new LinkedHashMap<>();
    all.put("User-Agent", "Atoll-Log-Drain/1");
    all.put("Content-Type", Formats.contentType(drain.format()));
    all.putAll(headers);
    all.putAll(Signature.headers(batch, Instant.now().getEpochSecond(), body, secrets));
    return outbound.post(drain.url(), all, body);
  }
}
