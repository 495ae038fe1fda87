package com.atoll.edge.egress;

import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;

/** Knows whether it answers HEAD, whose answers have no body whatever their headers say. */
final class HeadAwareEncoder extends HttpResponseEncoder {
  private boolean head;

  void answers(boolean headRequest) {
    head = headRequest;
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpResponse response) {
    return (head && response.status().code() >= 200) || super.isContentAlwaysEmpty(response);
  }
}
