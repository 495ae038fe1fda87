package com.atoll.server.deployments;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a plan is made from: the files of a sandbox and what listens in it. */
interface Source {
  /** Whether a directory is at this absolute path. */
  boolean isDirectory(String path);

  /** Whether a regular file is at this absolute path. */
  boolean isFile(String path);

  /** A small text file, or null when there is none. */
  @Nullable String read(String path);

  /** Names of the directories in a directory. */
  List<String> directories(String path);

  /** What listens on a port, by port. */
  List<Listener> listeners();

  /**
   * A process that listens.
   *
   * @param words its command line
   * @param folder where it runs
   */
  record Listener(int port, List<String> words, String folder) {}
}
