package com.atoll.server.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Keeps the answer to an {@link InnerRequest}; nothing of it reaches the connection. */
final class InnerResponse extends Response.Wrapper {
  private final HttpFields.Mutable headers = HttpFields.build();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private int status = 200;
  private boolean committed;

  InnerResponse(Request request, Response outer) {
    super(request, outer);
  }

  ByteArrayOutputStream body() {
    return body;
  }

  @Override
  public int getStatus() {
    return status;
  }

  @Override
  public void setStatus(int value) {
    status = value;
  }

  @Override
  public HttpFields.Mutable getHeaders() {
    return headers;
  }

  @Override
  public boolean isCommitted() {
    return committed;
  }

  @Override
  public void write(boolean last, ByteBuffer content, Callback callback) {
    committed = true;
    byte[] bytes = new byte[content == null ? 0 : content.remaining()];
    if (content != null) {
      content.get(bytes);
    }
    body.writeBytes(bytes);
    callback.succeeded();
  }
}
