package com.atoll.edge.files;

/** What a path of a release means. */
public sealed interface Lookup {
  /** A file to be served. */
  record Found(SiteFile file) implements Lookup {}

  /** A folder that was asked for without its final slash. */
  record Folder() implements Lookup {}

  /** Nothing, or nothing that may be served. */
  record Missing() implements Lookup {}
}
