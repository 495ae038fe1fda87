package com.atoll.node.guest;

import java.util.List;

/**
 * The entries below a directory, each directory before its own, by name.
 *
 * @param cut whether there are more
 */
public record DirectoryListing(List<FileInfo> entries, boolean cut) {}
