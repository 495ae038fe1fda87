package com.atoll.node.archive;

/** A snapshot in the archive, and what opens it. */
public final class ArchiveRef {
  private final String folder;
  private final String id;
  private final byte[] key;

  /**
   * One of these.
   *
   * @param folder that of the installation, which it alone can name
   * @param id of the snapshot
   * @param key 32 bytes that only this snapshot is sealed with
   */
  public ArchiveRef(String folder, String id, byte[] key) {
    this.folder = folder;
    this.id = id;
    this.key = key.clone();
  }

  String folder() {
    return folder;
  }

  String id() {
    return id;
  }

  byte[] key() {
    return key.clone();
  }

  String data() {
    return folder + "/" + id + ".data";
  }

  String manifest() {
    return folder + "/" + id + ".manifest";
  }
}
