package com.atoll.node.service;

import com.atoll.node.faults.Check;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.guest.GuestFiles;
import com.atoll.node.guest.GuestWatch;
import com.atoll.node.guest.ListeningPort;
import com.atoll.node.guest.NewFile;
import com.atoll.node.guest.SshSettings;
import com.atoll.node.streams.StreamTask;
import com.atoll.node.streams.Streams;
import com.atoll.node.streams.Tickets;
import com.atoll.node.v1.ForwardRequest;
import com.atoll.node.v1.NodeGrpc;
import com.atoll.node.v1.OpenArchiveRequest;
import com.atoll.node.v1.OpenReadReply;
import com.atoll.node.v1.OpenReadRequest;
import com.atoll.node.v1.OpenUnpackRequest;
import com.atoll.node.v1.OpenWatchRequest;
import com.atoll.node.v1.OpenWriteManyRequest;
import com.atoll.node.v1.OpenWriteRequest;
import com.atoll.node.v1.Port;
import com.atoll.node.v1.PortList;
import com.atoll.node.v1.RecordsRequest;
import com.atoll.node.v1.SshRequest;
import com.atoll.node.v1.Ticket;
import com.atoll.node.v1.WorkloadRef;
import com.atoll.node.workloads.Use;
import com.atoll.node.workloads.Workloads;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** Calls that answer a ticket, and what listens inside. */
final class StreamCalls {
  private static final int MOST_PATHS = 1_000;
  private static final int MOST_ATTRIBUTES = 64;
  private static final int SEED = 32;
  private static final int MOST_KEYS = 64;
  private static final int LONGEST_LINE = 8 << 10;

  private final Workloads workloads;
  private final Streams streams;
  private final Tickets tickets;

  StreamCalls(Workloads workloads, Tickets tickets) {
    this.workloads = workloads;
    this.streams = new Streams(workloads);
    this.tickets = tickets;
  }

  /** Answers its calls. */
  void bind(Methods methods) {
    methods.answer(NodeGrpc.getOpenRecordsMethod(), this::records);
    methods.answer(NodeGrpc.getOpenReadMethod(), this::read);
    methods.answer(NodeGrpc.getOpenWriteMethod(), this::write);
    methods.answer(NodeGrpc.getOpenWriteManyMethod(), this::writeMany);
    methods.answer(NodeGrpc.getOpenArchiveMethod(), this::archive);
    methods.answer(NodeGrpc.getOpenUnpackMethod(), this::unpack);
    methods.answer(NodeGrpc.getOpenWatchMethod(), this::watch);
    methods.answer(NodeGrpc.getOpenActivityMethod(), this::activity);
    methods.answer(NodeGrpc.getOpenForwardMethod(), this::forward);
    methods.answer(NodeGrpc.getOpenSshMethod(), this::ssh);
    methods.answer(NodeGrpc.getListeningPortsMethod(), this::ports);
  }

  OpenReadReply read(OpenReadRequest request) {
    String id = known(request.getWorkloadId());
    String path = Check.path("path", request.getPath());
    long offset = Check.within("offset", request.getOffset(), 0, Long.MAX_VALUE);
    long length = Check.within("length", request.getLength(), 0, Long.MAX_VALUE);
    try (Use use = workloads.use(id)) {
      com.atoll.node.guest.FileInfo info = use.machine().guest().files().stat(path, true);
      refuseOther(info);
      return OpenReadReply.newBuilder()
          .setTicket(ticket(streams.read(id, path, offset, length)))
          .setInfo(FileCalls.info(info))
          .build();
    }
  }

  Ticket write(OpenWriteRequest request) {
    Map<String, String> attributes = request.getAttributesMap();
    Check.within("attributes", attributes.size(), 0, MOST_ATTRIBUTES);
    NewFile file =
        new NewFile(
            Check.path("path", request.getPath()),
            FileCalls.mode(request.getMode()),
            Check.within("size_limit", request.getSizeLimit(), 0, Long.MAX_VALUE),
            attributes,
            request.hasOwner() ? FileCalls.owner(request.getOwner()) : null);
    return ticket(
        streams.write(
            known(request.getWorkloadId()),
            file,
            Check.within("size", request.getSize(), -1, Long.MAX_VALUE)));
  }

  Ticket writeMany(OpenWriteManyRequest request) {
    return ticket(streams.writeMany(known(request.getWorkloadId()), request.getAtomic()));
  }

  Ticket unpack(OpenUnpackRequest request) {
    return ticket(
        streams.unpack(known(request.getWorkloadId()), Check.path("path", request.getPath())));
  }

  Ticket archive(OpenArchiveRequest request) {
    List<String> paths = List.copyOf(request.getPathsList());
    Check.within("paths", paths.size(), 1, MOST_PATHS);
    paths.forEach(path -> Check.path("paths", path));
    String format = request.getFormat().isEmpty() ? GuestFiles.TAR_GZ : request.getFormat();
    if (!GuestFiles.ARCHIVES.contains(format)) {
      throw NodeFault.invalid("format: an archive is a tar.gz, tar or zip");
    }
    return ticket(streams.archive(known(request.getWorkloadId()), paths, format));
  }

  Ticket watch(OpenWatchRequest request) {
    String id = known(request.getWorkloadId());
    String path = Check.path("path", request.getPath());
    boolean recursive = request.getRecursive();
    String after = cursor(request.getAfter());
    if (request.getOnlyLooks() && !after.isEmpty()) {
      throw NodeFault.invalid("after: who only looks begins now");
    }
    return ticket(
        request.getOnlyLooks()
            ? streams.glance(id, path, recursive)
            : streams.watch(id, path, recursive, request.getAttributes(), after));
  }

  Ticket activity(WorkloadRef request) {
    return ticket(streams.activity(known(request.getId())));
  }

  private static String cursor(String after) {
    if (!after.isEmpty() && !GuestWatch.isCursor(after)) {
      throw NodeFault.invalid("after: not the id of a change");
    }
    return after;
  }

  Ticket records(RecordsRequest request) {
    String id = known(request.getWorkloadId());
    long pid = ProcessCalls.pid(request.getPid());
    long after = Check.within("after_sequence", request.getAfterSequence(), 0, Long.MAX_VALUE);
    if (request.getOnlyLooks()) {
      if (request.getFollow()) {
        throw NodeFault.invalid("follow: who only looks does not wait");
      }
      return ticket(streams.recordsSoFar(id, pid, after));
    }
    return ticket(
        switch (request.getWhenTimeIsOver()) {
          case WAITS -> streams.records(id, pid, after, request.getFollow());
          case BREAKS_OFF -> streams.recordsInTime(id, pid, after, request.getFollow());
          case ENDS_PROCESS -> streams.recordsOfAwaited(id, pid, after, request.getFollow());
          case UNRECOGNIZED -> throw NodeFault.invalid("when_time_is_over: not known");
        });
  }

  Ticket forward(ForwardRequest request) {
    return ticket(
        streams.forward(known(request.getWorkloadId()), Check.port("port", request.getPort())));
  }

  Ticket ssh(SshRequest request) {
    Check.within("host_key", request.getHostKey().size(), SEED, SEED);
    Check.within("authorized_keys", request.getAuthorizedKeysCount(), 0, MOST_KEYS);
    SshSettings settings =
        new SshSettings(
            Base64.getEncoder().encodeToString(request.getHostKey().toByteArray()),
            line("host_certificate", request.getHostCertificate()),
            line("authority", request.getAuthority()),
            line("principal", request.getPrincipal()),
            request.getAuthorizedKeysList().stream()
                .map(key -> line("authorized_keys", key))
                .toList());
    return ticket(streams.ssh(known(request.getWorkloadId()), settings));
  }

  private static String line(String field, String text) {
    Check.within(field, text.length(), 0, LONGEST_LINE);
    return text;
  }

  PortList ports(WorkloadRef request) {
    try (Use use = workloads.use(Check.id("id", request.getId()))) {
      PortList.Builder reply = PortList.newBuilder();
      for (ListeningPort port : use.machine().guest().ports()) {
        reply.addPorts(
            Port.newBuilder()
                .setPort(port.port())
                .setLoopbackOnly(port.loopbackOnly())
                .setPid(port.pid()));
      }
      return reply.build();
    }
  }

  private String known(String workload) {
    return workloads.get(Check.id("workload_id", workload)).id();
  }

  private Ticket ticket(StreamTask task) {
    return Ticket.newBuilder().setToken(tickets.issue(task)).build();
  }

  private static void refuseOther(com.atoll.node.guest.FileInfo info) {
    switch (info.type()) {
      case FILE -> {
        return;
      }
      case DIRECTORY, SYMLINK ->
          throw NodeFault.precondition("NOT_A_FILE", info.path() + " is not a file");
      case SPECIAL ->
          throw NodeFault.precondition("SPECIAL_FILE", info.path() + " is a special file");
    }
  }
}
