package com.atoll.server.machines;

import com.atoll.node.v1.NodeGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * One call over gRPC. That says UNAVAILABLE for a connection that broke before, while or after a
 * request was written to it, and for a node that refuses.
 */
final class CallProgress extends ClientStreamTracer.Factory implements ClientInterceptor, NodeWay {
  private final NodeGrpc.NodeBlockingStub stub;
  private volatile boolean sent;
  private volatile boolean answered;

  CallProgress(NodeGrpc.NodeBlockingStub stub, Duration deadline) {
    this.stub =
        stub.withInterceptors(this).withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public NodeGrpc.NodeBlockingStub stub() {
    return stub;
  }

  @Override
  public void close() {}

  @Override
  public boolean sent() {
    return sent;
  }

  @Override
  public boolean answered() {
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
