package com.atoll.node.service;

import com.atoll.node.faults.Check;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.instances.Health;
import com.atoll.node.instances.InstanceRecord;
import com.atoll.node.instances.InstanceView;
import com.atoll.node.instances.Instances;
import com.atoll.node.v1.Empty;
import com.atoll.node.v1.Instance;
import com.atoll.node.v1.InstanceList;
import com.atoll.node.v1.InstanceLogPage;
import com.atoll.node.v1.InstanceLogRecord;
import com.atoll.node.v1.InstanceLogRequest;
import com.atoll.node.v1.InstanceRef;
import com.atoll.node.v1.InstanceSpec;
import com.atoll.node.v1.InstanceState;
import com.atoll.node.v1.NodeGrpc;
import com.atoll.node.v1.TailInstanceRequest;
import com.atoll.node.v1.TailReply;
import com.google.protobuf.ByteString;
import java.util.regex.Pattern;

/** Instances. */
final class InstanceCalls {
  private static final int MOST_READ = 512 << 10;

  private static final int MOST_COMMAND = 64 * 1024;
  private static final long USUAL_HEALTH_MS = 60_000;
  private static final Pattern HEALTH_PATH = Pattern.compile("/[!-~]{0,1023}");

  private final Instances instances;

  InstanceCalls(Instances instances) {
    this.instances = instances;
  }

  /** Answers its calls. */
  void bind(Methods methods) {
    methods.answer(NodeGrpc.getStartInstanceMethod(), this::start);
    methods.answer(NodeGrpc.getStopInstanceMethod(), this::stop);
    methods.answer(NodeGrpc.getGetInstanceMethod(), this::get);
    methods.answer(NodeGrpc.getListInstancesMethod(), this::list);
    methods.answer(NodeGrpc.getInstanceLogsMethod(), this::logs);
    methods.answer(NodeGrpc.getReadInstanceLogMethod(), this::read);
  }

  Instance start(InstanceSpec request) {
    String id = Check.id("id", request.getId());
    return reply(instances.start(id, spec(request)));
  }

  Empty stop(InstanceRef request) {
    instances.stop(Check.id("id", request.getId()));
    return Empty.getDefaultInstance();
  }

  Instance get(InstanceRef request) {
    return reply(instances.get(Check.id("id", request.getId())));
  }

  InstanceList list() {
    InstanceList.Builder reply = InstanceList.newBuilder();
    instances.list().forEach(instance -> reply.addInstances(reply(instance)));
    return reply.build();
  }

  TailReply logs(TailInstanceRequest request) {
    String id = Check.id("id", request.getId());
    int lines = Check.within("lines", request.getLines(), 0, 100_000);
    Instances.Output output = instances.logs(id, lines);
    return TailReply.newBuilder()
        .setOutput(ByteString.copyFrom(output.output()))
        .setStdout(ByteString.copyFrom(output.stdout()))
        .setStderr(ByteString.copyFrom(output.stderr()))
        .build();
  }

  InstanceLogPage read(InstanceLogRequest request) {
    String id = Check.id("id", request.getId());
    Instances.Page page = instances.read(id, request.getCursor(), MOST_READ);
    InstanceLogPage.Builder reply =
        InstanceLogPage.newBuilder().setCursor(page.cursor()).setGap(page.gap());
    page.records()
        .forEach(written ->
            reply.addRecords(
                InstanceLogRecord.newBuilder()
                    .setStream(written.stream())
                    .setUnixMicros(written.unixMicros())
                    .setData(ByteString.copyFrom(written.bytes()))));
    return reply.build();
  }

  static Instance reply(InstanceView view) {
    InstanceRecord record = view.record();
    return Instance.newBuilder()
        .setId(record.id())
        .setReleaseId(record.spec().releaseId())
        .setState(state(view.health()))
        .setAddress(view.address())
        .setPort(record.spec().port())
        .setIncarnation(view.incarnation())
        .setRestarts(record.restarts())
        .setStartedUnixMs(record.startedMs())
        .setReason(view.reason())
        .setLastExitCode(record.lastExitCode())
        .setLoopbackOnly(view.loopbackOnly())
        .build();
  }

  private static InstanceRecord.Spec spec(InstanceSpec request) {
    String command = Check.text("command", request.getCommand(), MOST_COMMAND);
    if (command.isBlank()) {
      throw NodeFault.invalid("command: must not be empty");
    }
    String template = request.getTemplateId();
    String healthPath = request.getHealthPath();
    if (!healthPath.isEmpty() && !HEALTH_PATH.matcher(healthPath).matches()) {
      throw NodeFault.invalid("health_path: must start with / and hold no space");
    }
    long health = Check.within("health_timeout_ms", request.getHealthTimeoutMs(), 0, 3_600_000);
    return new InstanceRecord.Spec(
        Check.id("release_id", request.getReleaseId()),
        template.isEmpty() ? "" : Check.id("template_id", template),
        command,
        Check.port("port", request.getPort()),
        healthPath,
        health == 0 ? USUAL_HEALTH_MS : health,
        Check.env("env", request.getEnvMap()),
        Requests.shape(request.getLimits()),
        Check.hostname("hostname", request.getHostname(), "app"));
  }

  private static InstanceState state(Health health) {
    return switch (health) {
      case STARTING -> InstanceState.STARTING;
      case HEALTHY -> InstanceState.HEALTHY;
      case UNHEALTHY -> InstanceState.UNHEALTHY;
      case STOPPED -> InstanceState.STOPPED;
    };
  }
}
