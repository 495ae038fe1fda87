package com.atoll.node.streams;

import com.atoll.node.faults.NodeFault;
import com.atoll.node.guest.GuestArchive;
import com.atoll.node.guest.GuestException;
import com.atoll.node.guest.GuestFiles;
import com.atoll.node.guest.GuestProcesses;
import com.atoll.node.guest.GuestReader;
import com.atoll.node.guest.GuestStream;
import com.atoll.node.guest.GuestWatch;
import com.atoll.node.guest.GuestWriter;
import com.atoll.node.guest.NewFile;
import com.atoll.node.guest.SshSettings;
import com.atoll.node.guest.WriteFailure;
import com.atoll.node.runtime.GuestFaults;
import com.atoll.node.workloads.Use;
import com.atoll.node.workloads.Workloads;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What each kind of ticket does. The workload counts as used for as long as the stream lasts. */
public final class Streams {
  private static final Logger LOG = Logger.getLogger(Streams.class.getName());
  private static final int BUFFER = 256 * 1024;
  private static final int KILL = 9;

  private final Workloads workloads;

  /** Streams into these workloads. */
  public Streams(Workloads workloads) {
    this.workloads = workloads;
  }

  /** Bytes of a file. */
  public StreamTask read(String workload, String path, long offset, long length) {
    return client -> {
      try (Use use = workloads.use(workload);
          GuestReader reader = use.machine().guest().files().read(path, offset, length)) {
        use.stream(() -> close(reader));
        client.ok(reader.size(), reader.info().version());
        Pipe.send(reader, client);
      }
    };
  }

  /** An archive of several paths, of a format that guests know. */
  public StreamTask archive(String workload, List<String> paths, String format) {
    return client -> {
      try (Use use = workloads.use(workload);
          GuestArchive archive = use.machine().guest().files().archive(paths, format)) {
        use.stream(() -> close(archive));
        client.ok();
        Pipe.send(archive, client);
      }
    };
  }

  /** One file from the client; in place only when all of it came. */
  public StreamTask write(String workload, NewFile file, long size) {
    return receiving(
        workload,
        files -> files.write(file),
        (client, writer) ->
            client.ok(
                (size < 0 ? receivePieces(client, writer) : receive(client, writer, size))
                    .commit()
                    .size()));
  }

  /** Several files from the client; in place only when all of them came. */
  public StreamTask writeMany(String workload, boolean atomic) {
    return receiving(
        workload,
        files -> files.writeMany(atomic),
        (client, writer) -> {
          byte[] failed = failed(receive(client, writer, -1).commitMany());
          client.ok(failed.length);
          client.write(ByteBuffer.wrap(failed));
        });
  }

  /** The entries of an archive from the client; what came before a refusal stays. */
  public StreamTask unpack(String workload, String path) {
    return receiving(
        workload,
        files -> files.unpack(path),
        (client, writer) -> client.ok(receive(client, writer, -1).commit().size()));
  }

  private interface Receiver {
    void run(Client client, GuestWriter writer) throws IOException;
  }

  private StreamTask receiving(
      String workload, Function<GuestFiles, GuestWriter> begin, Receiver work) {
    return client -> {
      try (Use use = workloads.use(workload);
          GuestWriter writer = begin.apply(use.machine().guest().files())) {
        use.stream(() -> close(writer));
        client.ok();
        work.run(client, writer);
      } catch (GuestException refusal) {
        throw refused(client, GuestFaults.of(refusal));
      } catch (NodeFault fault) {
        throw refused(client, fault);
      }
    };
  }

  /**
   * What commands of callers do from now on. It is no use of the workload: one that does not run is
   * not woken for it, and one that is idle is paused all the same.
   */
  public StreamTask activity(String workload) {
    return client -> {
      GuestStream notes = workloads.glance(workload).guest().processes().activity();
      client.ok();
      Pipe.sendWhileWanted(notes, client);
    };
  }

  /** Changes below a directory from now on, for one who only looks as {@link #activity} does. */
  public StreamTask glance(String workload, String path, boolean recursive) {
    return client -> {
      GuestFiles files = workloads.glance(workload).guest().files();
      send(client, files.watch(path, recursive, false, ""));
    };
  }

  /** Changes below a directory; the first line says where they begin. */
  public StreamTask watch(
      String workload, String path, boolean recursive, boolean attributes, String after) {
    return client -> {
      try (Use use = workloads.use(workload)) {
        send(client, use.machine().guest().files().watch(path, recursive, attributes, after));
      }
    };
  }

  private static void send(Client client, GuestWatch watch) throws IOException {
    client.ok();
    client.write(ByteBuffer.wrap(firstLine(watch)));
    Pipe.sendWhileWanted(watch.changes(), client);
  }

  private static byte[] firstLine(GuestWatch watch) {
    ObjectNode line = Client.JSON.createObjectNode();
    line.put("event", watch.lost() ? "overflow" : "ready").put("is_dir", false);
    if (!watch.cursor().isEmpty()) {
      line.put("id", watch.cursor());
    }
    return (line + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** Output records of a process. They stand still with a machine that does. */
  public StreamTask records(String workload, long pid, long after, boolean follow) {
    return records(workload, pid, after, follow, (_, _) -> {});
  }

  /** The same; they break off in a pause because the time of the workload is over. */
  public StreamTask recordsInTime(String workload, long pid, long after, boolean follow) {
    return records(
        workload, pid, after, follow, (use, records) -> use.stream(() -> close(records)));
  }

  /** The same of a process that is not to outlast that time: it is killed, and its exit told. */
  public StreamTask recordsOfAwaited(String workload, long pid, long after, boolean follow) {
    return records(
        workload,
        pid,
        after,
        follow,
        (use, records) ->
            use.awaited(() -> kill(use.machine().guest().processes(), pid), () -> close(records)));
  }

  private static void kill(GuestProcesses processes, long pid) {
    try {
      processes.signal(pid, KILL, true, null);
    } catch (GuestException ended) {
      LOG.log(Level.FINE, ended, () -> "process " + pid + " is not killed");
    }
  }

  private StreamTask records(
      String workload, long pid, long after, boolean follow, BiConsumer<Use, GuestStream> begun) {
    return client -> {
      try (Use use = workloads.use(workload)) {
        GuestStream records = use.machine().guest().processes().records(pid, after, follow);
        begun.accept(use, records);
        client.ok();
        Pipe.sendWhileWanted(records, client);
      }
    };
  }

  /** Output records that are there, for one who only looks as {@link #activity} does. */
  public StreamTask recordsSoFar(String workload, long pid, long after) {
    return client -> {
      GuestStream records =
          workloads.glance(workload).guest().processes().records(pid, after, false);
      client.ok();
      Pipe.sendWhileWanted(records, client);
    };
  }

  private static void close(Closeable stream) {
    try {
      stream.close();
    } catch (IOException | GuestException broken) {
      LOG.log(Level.FINE, broken, () -> "a stream breaks off as it is closed");
    }
  }

  /** Bytes both ways to a port inside. */
  public StreamTask forward(String workload, int port) {
    return client -> {
      try (Use use = workloads.use(workload)) {
        GuestStream inner = use.machine().guest().forward(port);
        client.ok();
        Pipe.join(client, inner);
      }
    };
  }

  /** Bytes both ways of one SSH connection. */
  public StreamTask ssh(String workload, SshSettings settings) {
    return client -> {
      try (Use use = workloads.use(workload)) {
        GuestStream inner = use.machine().guest().ssh(settings);
        client.ok();
        Pipe.join(client, inner);
      }
    };
  }

  private static byte[] failed(List<WriteFailure> failures) {
    ObjectNode answer = Client.JSON.createObjectNode();
    ArrayNode failed = answer.putArray("failed");
    for (WriteFailure each : failures) {
      failed
          .addObject()
          .put("at", each.at())
          .put("code", each.code())
          .put("message", each.message());
    }
    return answer.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static GuestWriter receive(Client client, GuestWriter writer, long size)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    long total = 0;
    while (client.read(buffer) >= 0) {
      buffer.flip();
      total += buffer.remaining();
      if (size >= 0 && total > size) {
        throw NodeFault.invalid("more bytes came than were announced");
      }
      writer.write(buffer);
      buffer.clear();
    }
    if (size >= 0 && total < size) {
      throw NodeFault.invalid("fewer bytes came than were announced");
    }
    return writer;
  }

  /** Each piece comes after its length, and 0 is the end. */
  private static GuestWriter receivePieces(Client client, GuestWriter writer) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(Integer.BYTES);
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    while (true) {
      fill(client, head.clear());
      int left = head.flip().getInt();
      if (left == 0) {
        return writer;
      }
      if (left < 0) {
        throw NodeFault.invalid("a piece has a length");
      }
      while (left > 0) {
        buffer.clear().limit(Math.min(left, BUFFER));
        fill(client, buffer);
        writer.write(buffer.flip());
        left -= buffer.limit();
      }
    }
  }

  private static void fill(Client client, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (client.read(buffer) < 0) {
        throw NodeFault.invalid("the bytes broke off before their end");
      }
    }
  }

  /** Tells the client after the first answer went out: it expects one more line. */
  private static NodeFault refused(Client client, NodeFault fault) throws IOException {
    client.refuse(fault.code(), fault.sentence());
    return fault;
  }
}
