package com.atoll.node.service;

import com.atoll.node.cgroups.NotFrozenException;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.guest.GuestException;
import com.atoll.node.runtime.GuestFaults;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Turns the outcome of a call into a reply or a status with its {@code atoll-code}. */
final class Answer {
  static final Metadata.Key<String> CODE =
      Metadata.Key.of("atoll-code", Metadata.ASCII_STRING_MARSHALLER);
  private static final Logger LOG = Logger.getLogger(Answer.class.getName());

  private Answer() {}

  /** Runs the call and sends what comes of it. */
  static <Q, A> void to(StreamObserver<A> caller, Q request, Function<Q, A> call) {
    A reply;
    try {
      reply = call.apply(request);
    } catch (RuntimeException e) {
      caller.onError(status(e));
      return;
    }
    caller.onNext(reply);
    caller.onCompleted();
  }

  /** The status of a failure; an unexpected one is logged and says nothing about the inside. */
  static StatusRuntimeException status(RuntimeException failure) {
    @Nullable NodeFault fault =
        switch (failure) {
          case NodeFault known -> known;
          case GuestException refusal -> GuestFaults.of(refusal);
          case NotFrozenException _ ->
              NodeFault.precondition(
                  "BUSY",
                  "the processes of the workload do not stand still: one of them waits in the kernel"
                      + " for what does not come; end it, or try again");
          default -> null;
        };
    if (fault == null) {
      LOG.log(Level.SEVERE, "a call failed", failure);
      return coded(Status.INTERNAL.withDescription("internal error of the node"), "INTERNAL");
    }
    return coded(code(fault.kind()).withDescription(fault.sentence()), fault.code());
  }

  private static StatusRuntimeException coded(Status status, String code) {
    Metadata trailers = new Metadata();
    trailers.put(CODE, code);
    return status.asRuntimeException(trailers);
  }

  private static Status code(NodeFault.Kind kind) {
    return switch (kind) {
      case INVALID -> Status.INVALID_ARGUMENT;
      case NOT_FOUND -> Status.NOT_FOUND;
      case EXISTS -> Status.ALREADY_EXISTS;
      case PRECONDITION -> Status.FAILED_PRECONDITION;
      case EXHAUSTED -> Status.RESOURCE_EXHAUSTED;
      case UNAVAILABLE -> Status.UNAVAILABLE;
    };
  }
}
