package com.atoll.server.machines;

import com.atoll.node.v1.ChangeModeRequest;
import com.atoll.node.v1.DirectoryReply;
import com.atoll.node.v1.Empty;
import com.atoll.node.v1.FileInfo;
import com.atoll.node.v1.ListDirectoryRequest;
import com.atoll.node.v1.MakeDirectoryRequest;
import com.atoll.node.v1.MoveRequest;
import com.atoll.node.v1.OpenArchiveRequest;
import com.atoll.node.v1.OpenReadReply;
import com.atoll.node.v1.OpenReadRequest;
import com.atoll.node.v1.OpenUnpackRequest;
import com.atoll.node.v1.OpenWatchRequest;
import com.atoll.node.v1.OpenWriteManyRequest;
import com.atoll.node.v1.OpenWriteRequest;
import com.atoll.node.v1.PathRequest;
import com.atoll.node.v1.ReadSmallReply;
import com.atoll.node.v1.ReadSmallRequest;
import com.atoll.node.v1.RemoveRequest;
import com.atoll.node.v1.SearchReply;
import com.atoll.node.v1.SearchRequest;
import com.atoll.node.v1.Ticket;
import com.atoll.node.v1.WriteSmallRequest;

/** Files inside a machine. */
public final class NodeFiles {
  private final NodeCalls calls;

  NodeFiles(NodeCalls calls) {
    this.calls = calls;
  }

  /** One entry of the file system. */
  public FileInfo stat(PathRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.stat(request));
  }

  /** The entries below a directory. */
  public DirectoryReply listDirectory(ListDirectoryRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.listDirectory(request));
  }

  /** Makes a directory. */
  public FileInfo makeDirectory(MakeDirectoryRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.makeDirectory(request));
  }

  /** Removes a file or a directory. */
  public Empty remove(RemoveRequest request) {
    return calls.call(NodeCalls.SLOW, node -> node.remove(request));
  }

  /** Moves a file or a directory. */
  public FileInfo move(MoveRequest request) {
    return calls.call(NodeCalls.SLOW, node -> node.move(request));
  }

  /** Copies a file or a directory. */
  public FileInfo copy(MoveRequest request) {
    return calls.call(NodeCalls.SLOW, node -> node.copy(request));
  }

  /** Changes permission bits. */
  public FileInfo changeMode(ChangeModeRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.changeMode(request));
  }

  /** Writes at most 1 MiB in the message itself. */
  public FileInfo writeSmall(WriteSmallRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.writeSmall(request));
  }

  /** Reads a small file in the message itself. */
  public ReadSmallReply readSmall(ReadSmallRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.readSmall(request));
  }

  /** Ticket for the bytes of a file. */
  public OpenReadReply openRead(OpenReadRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.openRead(request));
  }

  /** Ticket that takes the bytes of a file. */
  public Ticket openWrite(OpenWriteRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.openWrite(request));
  }

  /** Ticket that takes several files. */
  public Ticket openWriteMany(OpenWriteManyRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.openWriteMany(request));
  }

  /** Ticket for a tar.gz of several paths. */
  public Ticket openArchive(OpenArchiveRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.openArchive(request));
  }

  /** Ticket that takes the bytes of an archive. */
  public Ticket openUnpack(OpenUnpackRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.openUnpack(request));
  }

  /** Names and lines below a directory. */
  public SearchReply search(SearchRequest request) {
    return calls.call(NodeCalls.SLOW, node -> node.search(request));
  }

  /** Ticket for change records. */
  public Ticket openWatch(OpenWatchRequest request) {
    return calls.call(NodeCalls.QUICK, node -> node.openWatch(request));
  }
}
