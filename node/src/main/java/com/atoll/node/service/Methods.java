package com.atoll.node.service;

import com.atoll.node.v1.NodeGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/** The calls of {@code node.proto}, each bound to whoever answers it. */
final class Methods {
  private final ServerServiceDefinition.Builder service =
      ServerServiceDefinition.builder(NodeGrpc.getServiceDescriptor());
  private final Map<String, ShortCall<?, ?>> shortCalls = new HashMap<>();

  /** One request, one reply: what {@code call} returns, or the status of what it throws. */
  <Q, A> void answer(MethodDescriptor<Q, A> method, Function<Q, A> call) {
    shortCalls.put(String.valueOf(method.getBareMethodName()), new ShortCall<>(method, call));
    service.addMethod(
        method, ServerCalls.asyncUnaryCall((request, caller) -> Answer.to(caller, request, call)));
  }

  /** One that says nothing in its request. */
  <Q, A> void answer(MethodDescriptor<Q, A> method, Supplier<A> call) {
    answer(method, request -> call.get());
  }

  /** One request, many replies. */
  <Q, A> void stream(MethodDescriptor<Q, A> method, ServerCalls.ServerStreamingMethod<Q, A> call) {
    service.addMethod(method, ServerCalls.asyncServerStreamingCall(call));
  }

  /** Requests and replies as either side likes. */
  <Q, A> void talk(MethodDescriptor<Q, A> method, ServerCalls.BidiStreamingMethod<Q, A> call) {
    service.addMethod(method, ServerCalls.asyncBidiStreamingCall(call));
  }

  /** Those with one reply, by the name that {@code node.proto} gives them. */
  Map<String, ShortCall<?, ?>> shortCalls() {
    return Map.copyOf(shortCalls);
  }

  /**
   * All of them.
   *
   * @throws IllegalStateException when nobody answers one of the calls
   */
  ServerServiceDefinition all() {
    return service.build();
  }
}
