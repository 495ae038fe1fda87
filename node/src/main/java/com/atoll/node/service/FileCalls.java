package com.atoll.node.service;

import com.atoll.node.faults.Check;
import com.atoll.node.guest.DirectoryListing;
import com.atoll.node.guest.FileContent;
import com.atoll.node.guest.GuestFiles;
import com.atoll.node.guest.Owner;
import com.atoll.node.guest.SearchMatch;
import com.atoll.node.guest.SearchResult;
import com.atoll.node.guest.SearchWish;
import com.atoll.node.v1.ChangeModeRequest;
import com.atoll.node.v1.DirectoryReply;
import com.atoll.node.v1.Empty;
import com.atoll.node.v1.FileInfo;
import com.atoll.node.v1.FileType;
import com.atoll.node.v1.ListDirectoryRequest;
import com.atoll.node.v1.MakeDirectoryRequest;
import com.atoll.node.v1.MoveRequest;
import com.atoll.node.v1.NodeGrpc;
import com.atoll.node.v1.PathRequest;
import com.atoll.node.v1.ReadSmallReply;
import com.atoll.node.v1.ReadSmallRequest;
import com.atoll.node.v1.RemoveRequest;
import com.atoll.node.v1.SearchReply;
import com.atoll.node.v1.SearchRequest;
import com.atoll.node.v1.WriteSmallRequest;
import com.atoll.node.workloads.Use;
import com.atoll.node.workloads.Workloads;
import com.google.protobuf.UnsafeByteOperations;
import java.util.function.Function;

/** Files, by way of the agent inside: it sees them as the workload's root does. */
final class FileCalls {
  private static final int MOST_BYTES = 1 << 20;
  private static final int MOST_MODE = 07777;
  private static final int MOST_MATCHES = 1_000;
  private static final int LONGEST_PLACE = 5_464;
  private static final int LONGEST_NAME = 255;
  private static final int LONGEST_TEXT = 1_024;

  /** Longest paths times entries must fit into one message. */
  private static final int REPLY_BYTES = 3 << 20;

  private final Workloads workloads;

  FileCalls(Workloads workloads) {
    this.workloads = workloads;
  }

  /** Answers its calls. */
  void bind(Methods methods) {
    methods.answer(NodeGrpc.getStatMethod(), this::stat);
    methods.answer(NodeGrpc.getListDirectoryMethod(), this::list);
    methods.answer(NodeGrpc.getSearchMethod(), this::search);
    methods.answer(NodeGrpc.getMakeDirectoryMethod(), this::makeDirectory);
    methods.answer(NodeGrpc.getRemoveMethod(), this::remove);
    methods.answer(NodeGrpc.getMoveMethod(), this::move);
    methods.answer(NodeGrpc.getCopyMethod(), this::copy);
    methods.answer(NodeGrpc.getChangeModeMethod(), this::changeMode);
    methods.answer(NodeGrpc.getWriteSmallMethod(), this::writeSmall);
    methods.answer(NodeGrpc.getReadSmallMethod(), this::readSmall);
  }

  FileInfo stat(PathRequest request) {
    String path = Check.path("path", request.getPath());
    return info(
        request.getWorkloadId(),
        files -> files.stat(path, request.getFollow(), request.getAttributes()));
  }

  DirectoryReply list(ListDirectoryRequest request) {
    String path = Check.path("path", request.getPath());
    int depth = Check.within("depth", request.getDepth(), 0, 32);
    int limit = Check.within("limit", request.getLimit(), 0, 10_000);
    String after = request.getAfter();
    Check.within("after", after.length(), 0, LONGEST_PLACE);
    DirectoryListing listing =
        with(
            request.getWorkloadId(),
            files -> files.list(path, Math.max(1, depth), limit, after, request.getAttributes()));
    return reply(listing);
  }

  SearchReply search(SearchRequest request) {
    SearchWish wish =
        new SearchWish(
            Check.path("path", request.getPath()),
            request.getName(),
            request.getText(),
            request.getIgnoreCase(),
            Check.within("limit", request.getLimit(), 1, MOST_MATCHES));
    Check.within("name", wish.name().length(), 0, LONGEST_NAME);
    Check.within("text", wish.text().length(), 0, LONGEST_TEXT);
    SearchResult result = with(request.getWorkloadId(), files -> files.search(wish));
    SearchReply.Builder reply = SearchReply.newBuilder().setCut(result.cut());
    int bytes = 0;
    for (SearchMatch found : result.matches()) {
      com.atoll.node.v1.SearchMatch match =
          com.atoll.node.v1.SearchMatch.newBuilder()
              .setInfo(info(found.info()))
              .setLine(found.line())
              .setText(found.text())
              .build();
      bytes += match.getSerializedSize() + 8;
      if (bytes > REPLY_BYTES) {
        return reply.setCut(true).build();
      }
      reply.addMatches(match);
    }
    return reply.build();
  }

  /**
   * As much of a listing as fits into one message; an honest guest's fits, and goes on where it
   * says.
   */
  static DirectoryReply reply(DirectoryListing listing) {
    DirectoryReply.Builder reply =
        DirectoryReply.newBuilder().setCut(listing.cut()).setNext(listing.next());
    int bytes = 0;
    for (com.atoll.node.guest.FileInfo entry : listing.entries()) {
      FileInfo info = info(entry);
      bytes += info.getSerializedSize() + 8;
      if (bytes > REPLY_BYTES) {
        return reply.setCut(true).clearNext().build();
      }
      reply.addEntries(info);
    }
    return reply.build();
  }

  FileInfo makeDirectory(MakeDirectoryRequest request) {
    String path = Check.path("path", request.getPath());
    int mode = mode(request.getMode());
    Owner owner = request.hasOwner() ? owner(request.getOwner()) : null;
    return info(
        request.getWorkloadId(),
        files -> files.makeDirectory(path, request.getParents(), mode, owner));
  }

  Empty remove(RemoveRequest request) {
    String path = Check.path("path", request.getPath());
    return with(
        request.getWorkloadId(),
        files -> {
          files.remove(path, request.getRecursive());
          return Empty.getDefaultInstance();
        });
  }

  FileInfo move(MoveRequest request) {
    String from = Check.path("from", request.getFrom());
    String to = Check.path("to", request.getTo());
    Owner owner = request.hasOwner() ? owner(request.getOwner()) : null;
    return info(
        request.getWorkloadId(), files -> files.move(from, to, request.getOverwrite(), owner));
  }

  FileInfo copy(MoveRequest request) {
    String from = Check.path("from", request.getFrom());
    String to = Check.path("to", request.getTo());
    return info(request.getWorkloadId(), files -> files.copy(from, to, request.getOverwrite()));
  }

  FileInfo changeMode(ChangeModeRequest request) {
    String path = Check.path("path", request.getPath());
    int mode = mode(request.getMode());
    return info(request.getWorkloadId(), files -> files.changeMode(path, mode));
  }

  FileInfo writeSmall(WriteSmallRequest request) {
    String path = Check.path("path", request.getPath());
    int mode = mode(request.getMode());
    byte[] content = ProcessCalls.bytes("content", request.getContent());
    return info(request.getWorkloadId(), files -> files.writeSmall(path, content, mode));
  }

  ReadSmallReply readSmall(ReadSmallRequest request) {
    String path = Check.path("path", request.getPath());
    long asked = Check.within("limit", request.getLimit(), 0, MOST_BYTES);
    int limit = asked == 0 ? MOST_BYTES : (int) asked;
    FileContent content =
        request.getOnlyLooks()
            ? workloads.glance(
                Check.id("workload_id", request.getWorkloadId()),
                machine -> machine.guest().files().readSmall(path, limit))
            : with(request.getWorkloadId(), files -> files.readSmall(path, limit));
    return ReadSmallReply.newBuilder()
        .setContent(UnsafeByteOperations.unsafeWrap(content.bytes()))
        .setInfo(info(content.info()))
        .build();
  }

  static int mode(int mode) {
    return Check.within("mode", mode, 0, MOST_MODE);
  }

  static Owner owner(com.atoll.node.v1.Owner owner) {
    return new Owner(
        Check.within("owner", owner.getUid(), 0, Integer.MAX_VALUE),
        Check.within("owner", owner.getGid(), 0, Integer.MAX_VALUE));
  }

  static FileInfo info(com.atoll.node.guest.FileInfo info) {
    return FileInfo.newBuilder()
        .setPath(info.path())
        .setType(type(info.type()))
        .setSize(info.size())
        .setMode(info.mode())
        .setModifiedUnixMs(info.modifiedUnixMs())
        .setUid(info.uid())
        .setGid(info.gid())
        .setLinkTarget(info.linkTarget())
        .putAllAttributes(info.attributes())
        .setVersion(info.version())
        .build();
  }

  private FileInfo info(String workload, Function<GuestFiles, com.atoll.node.guest.FileInfo> work) {
    return info(with(workload, work));
  }

  private <T> T with(String workload, Function<GuestFiles, T> work) {
    String id = Check.id("workload_id", workload);
    try (Use use = workloads.use(id)) {
      return work.apply(use.machine().guest().files());
    }
  }

  private static FileType type(com.atoll.node.guest.FileInfo.Type type) {
    return switch (type) {
      case FILE -> FileType.FILE;
      case DIRECTORY -> FileType.DIRECTORY;
      case SYMLINK -> FileType.SYMLINK;
      case SPECIAL -> FileType.SPECIAL;
    };
  }
}
