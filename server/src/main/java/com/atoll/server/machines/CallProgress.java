package com.atoll.server.machines;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;

/**
 * How far one call came. gRPC says UNAVAILABLE for a connection that broke before, while or after a
 * request was written to it, and for a node that refuses.
 */
final class CallProgress extends ClientStreamTracer.Factory implements ClientInterceptor {
  private volatile boolean sent;
  private volatile boolean answered;

  /** Whether the node may have seen the request; what it has not seen may be sent again. */
  boolean sent() {
    return sent;
  }

  /** Whether the outcome is the node's own word. */
  boolean answered() {
    return answered;
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    return next.newCall(method, options.withStreamTracerFactory(this));
  }

  @Override
  public ClientStreamTracer newClientStreamTracer(
      ClientStreamTracer.StreamInfo info, Metadata headers) {
    // gRPC itself sends a request again when the node said that it had not looked at it.
    sent = false;
    return new ClientStreamTracer() {
      @Override
      public void outboundHeaders() {
        sent = true;
      }

      @Override
      public void inboundTrailers(Metadata trailers) {
        answered = true;
      }
    };
  }
}
